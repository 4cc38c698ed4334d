//! Children: starting, finding, ending and reading them.

use std::{
    ffi::OsString,
    io::{self, PipeReader, PipeWriter, Read},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use procside::{
    Error, ErrorKind,
    children::{
        ChildFilter, ChildLogs, Children, ChildrenOptions, LogPiece, RestartPolicy, SpawnLimits,
        SpawnRequest, answers,
    },
    parse,
};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Answered},
    args::Common,
    args_children::{Children as Command, ChildrenCommand, Registry, Restart, Spawn},
    text,
    ui::{self, Ui},
};

/// How long it is waited for more of a log before it is looked whether to go on.
const FOLLOW_WAIT: Duration = Duration::from_millis(500);

/// The longest request that the one who supervises reads: a command and an environment, in JSON.
const REQUEST_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What ends the supervision when it is dropped.
static STOP: Mutex<Option<PipeWriter>> = Mutex::new(None);

pub(crate) fn run(common: &Common, folder: &Path, command: Command, ui: &Ui) -> Answered {
    let registry = match &command {
        Command::Whole { command: None } => Registry::default(),
        Command::Spawn(spawn) => spawn.registry.clone(),
        Command::Clean { registry, .. }
        | Command::Kill { registry, .. }
        | Command::Logs { registry, .. }
        | Command::Orphans { registry, .. }
        | Command::Ps { registry, .. }
        | Command::Whole { command: Some(ChildrenCommand::Doctor { registry }) } => {
            registry.clone()
        }
        Command::SuperviseChild => return supervise(ui),
    };
    let children = open(common, folder, registry)?;
    let answered = run_with(&children, command, ui);
    children.take_notices().iter().for_each(|notice| ui.tell(notice));
    answered
}

fn run_with(children: &Children, command: Command, ui: &Ui) -> Answered {
    match command {
        Command::Whole { .. } => doctor(children),
        Command::Clean { yes, namespace, grace, .. } => {
            clean(children, yes, namespace.as_deref(), &grace, ui)
        }
        Command::Kill { which, namespace, grace, .. } => {
            let ended = children.end(&which, namespace.as_deref(), parse::duration(&grace)?)?;
            let lines = text::cleaning(&ended.cleaning);
            Ok(Answer::of(answers::ended(&ended), lines))
        }
        Command::Logs { which, namespace, follow, .. } => {
            logs(children, &which, namespace.as_deref(), follow, ui)
        }
        Command::Orphans { namespace, .. } => {
            let orphans = children.orphans(namespace.as_deref())?;
            let lines = text::children(&orphans, "No orphans.\n");
            Ok(Answer::of(answers::children(&orphans), lines))
        }
        Command::Ps { namespace, all, .. } => {
            let listed = children.list(&ChildFilter { namespace, all })?;
            let lines = text::children(&listed, "No children.\n");
            Ok(Answer::of(answers::children(&listed), lines))
        }
        Command::Spawn(spawn) => {
            let spawned = children.spawn(request(spawn)?)?;
            let lines = text::spawned(&spawned);
            Ok(Answer::of(answers::spawned(&spawned), lines))
        }
        Command::SuperviseChild => Ok(Answer::new(json!({}), "")),
    }
}

fn open(common: &Common, folder: &Path, registry: Registry) -> Result<Children, Error> {
    let supervisor = std::env::current_exe()
        .map(|program| vec![program.into_os_string(), OsString::from("supervise-child")]);
    Children::open(
        folder,
        ChildrenOptions {
            registry: registry.registry,
            strict: registry.strict,
            // Without one, only what is to be kept running cannot be started.
            supervisor: supervisor.unwrap_or_default(),
            dry_run: common.dry_run,
        },
    )
}

fn request(spawn: Spawn) -> Result<SpawnRequest, Error> {
    Ok(SpawnRequest {
        namespace: spawn.namespace,
        task: spawn.task,
        command: spawn.command,
        restart: match spawn.restart {
            Restart::Always => RestartPolicy::Always,
            Restart::Never => RestartPolicy::Never,
            Restart::OnFailure => RestartPolicy::OnFailure,
        },
        limits: SpawnLimits::parse(spawn.limits.iter().map(String::as_str))?,
        env: Vec::new(),
        cwd: None,
        detached: true,
    })
}

fn clean(
    children: &Children,
    yes: bool,
    namespace: Option<&str>,
    grace: &str,
    ui: &Ui,
) -> Answered {
    let grace = parse::duration(grace)?;
    let cleaning =
        if yes { children.clean(namespace, grace)? } else { children.plan_cleaning(namespace)? };
    if cleaning.is_plan && !children.is_dry_run() {
        ui.tell("nothing was done; `procside clean --yes` does it");
    }
    let lines = text::cleaning(&cleaning);
    Ok(Answer::of(answers::cleaning(&cleaning), lines))
}

fn doctor(children: &Children) -> Answered {
    let diagnosis = children.examine()?;
    let lines = text::problems(&diagnosis.problems);
    Ok(Answer::of(procside::answers::diagnosis(&diagnosis), lines))
}

fn logs(
    children: &Children,
    which: &str,
    namespace: Option<&str>,
    follow: bool,
    ui: &Ui,
) -> Answered {
    let mut logs = children.logs(which, namespace)?;
    for piece in logs.pieces.iter().filter(|piece| piece.left_out > 0) {
        let path = piece.path.display();
        ui.tell(&format!("the first {} bytes of `{path}` are left out", piece.left_out));
    }
    if !follow {
        let text = shown(&logs);
        return Ok(Answer::of(answers::logs(&logs), text));
    }
    if !logs.pieces.iter().all(|piece| print(piece, ui)) {
        return Ok(Answer::new(json!({}), ""));
    }
    while !logs.follower.is_over() {
        let pieces = children.follow(&mut logs.follower, FOLLOW_WAIT)?;
        if !pieces.iter().all(|piece| print(piece, ui)) {
            break;
        }
    }
    Ok(Answer::new(json!({"logs": []}), ""))
}

fn shown(logs: &ChildLogs) -> String {
    let text = |piece: &LogPiece| text::plain_document(&String::from_utf8_lossy(&piece.bytes));
    logs.pieces.iter().map(text).collect()
}

/// Prints a piece of a log as it comes; `false` when nobody reads any more.
fn print(piece: &LogPiece, ui: &Ui) -> bool {
    if piece.bytes.is_empty() {
        return true;
    }
    if ui.is_json() {
        return ui.stream(&ui::line(&piece.to_value()));
    }
    ui.stream(&text::plain_document(&String::from_utf8_lossy(&piece.bytes)))
}

/// Keeps a child running; whoever asked reads one line, people read the log.
fn supervise(ui: &Ui) -> Answered {
    let stop = listen()?;
    let mut request = String::new();
    io::stdin()
        .lock()
        .take(REQUEST_BYTES_MAX)
        .read_to_string(&mut request)
        .map_err(|error| Error::new(ErrorKind::Io, format!("cannot read a request: {error}")))?;
    let mut answer = |value: &Value| {
        ui.stream(&ui::line(value));
    };
    let mut tell = |told: &procside::children::Told| ui.tell(&text::told(told));
    // Whoever asked has heard of an error.
    let _ = Children::supervise_request(&request, &stop, &mut answer, &mut tell);
    Ok(Answer::new(json!({}), ""))
}

/// Listens for being told to end, by a signal that ends programs.
fn listen() -> Result<PipeReader, Error> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Io, format!("cannot listen for signals: {error}"))
    };
    let (reader, writer) = io::pipe().map_err(|error| failed(&error))?;
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
    ctrlc::set_handler(|| drop(STOP.lock().unwrap_or_else(PoisonError::into_inner).take()))
        .map_err(|error| failed(&error))?;
    Ok(reader)
}
