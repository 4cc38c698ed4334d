//! Driving processes, and trusting what they do.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use procside::{
    Attendant, Decided, DriveOptions, Error, ErrorKind, INTERRUPTED, OpenApproval, PATIENCE,
    ProcessId, Procside, Progress, Said, StartRequest, answers, parse,
};
use serde_json::json;

use crate::{
    answer::{Answer, Answered},
    args_driving::{Driving, Run},
    text,
    ui::Ui,
};

/// How often it is looked whether the program was told to stop.
const LOOK: Duration = Duration::from_millis(100);

/// How often it is looked whether the project is trusted.
const LOOK_FOR_TRUST: Duration = Duration::from_secs(1);

/// Whether the program was told to stop.
static STOP: AtomicBool = AtomicBool::new(false);

pub(crate) fn run(project: &Procside, folder: &Path, command: Driving, ui: &Ui) -> Answered {
    match command {
        Driving::Run(run) => run_one(project, folder, run, ui),
        Driving::Trust { list: true, .. } => trusted(project),
        Driving::Trust { revoke: true, .. } => revoke(project),
        Driving::Trust { .. } => trust(project),
        Driving::Work { concurrency } => work(project, concurrency, ui),
    }
}

fn run_one(project: &Procside, folder: &Path, run: Run, ui: &Ui) -> Answered {
    let input =
        run.inputs.iter().map(|input| parse::named_value(input)).collect::<Result<_, _>>()?;
    let options = DriveOptions { concurrency: run.concurrency, ..DriveOptions::default() };
    if !run.detach {
        project.check_drive(&options)?;
    }
    let started = project.start(StartRequest {
        source: run.source,
        folder: folder.to_owned(),
        input,
        values: serde_json::Map::new(),
        input_file: run.input_file.map(|file| folder.join(file)),
        key: run.key,
        becomes_active: true,
        trigger: None,
    })?;
    started.notices.iter().for_each(|notice| ui.tell(notice));
    let id = started.process.id;
    if run.detach || project.is_dry_run() {
        let lines = format!("{id} {}\n", text::plain(&started.process.name));
        let mut said = answers::changed(&started);
        // They are told already.
        said.notices.clear();
        return Ok(Answer::of(said, lines));
    }
    listen()?;
    let is_over = project.run(id, &options, &mut Terminal { id, yes: run.yes, ui })?;
    let status = project.status(Some(id))?;
    let answer = Answer::of(answers::outcome(&status), text::outcome(&status));
    Ok(if is_over { answer } else { answer.with_exit(INTERRUPTED) })
}

/// Tells whoever sits at the terminal what happens, and asks for decisions.
struct Terminal<'a> {
    id: ProcessId,
    yes: bool,
    ui: &'a Ui,
}

impl Attendant for Terminal<'_> {
    fn told(&mut self, progress: &Progress) {
        text::progress(progress, self.id).iter().for_each(|line| self.ui.say(line));
    }

    fn warned(&mut self, message: &str) {
        self.ui.tell(message);
    }

    fn is_stopped(&self) -> bool {
        is_stopped()
    }

    fn decides(&self) -> bool {
        let is_asked =
            !self.ui.is_json() && io::stdin().is_terminal() && io::stderr().is_terminal();
        self.yes || is_asked
    }

    fn decide(&mut self, approval: &OpenApproval, by: &str) -> Result<Option<Said>, Error> {
        let said = if self.yes { Some((Decided::Approved, None)) } else { ask(approval, by)? };
        let via = if self.yes { "--yes" } else { "terminal" };
        Ok(said.map(|(decision, comment)| Said { decision, comment, via: via.to_owned() }))
    }
}

/// Asks whoever sits at the terminal; `None` leaves the approval to others.
fn ask(approval: &OpenApproval, by: &str) -> Result<Option<(Decided, Option<String>)>, Error> {
    let mut out = anstream::stderr();
    let failed =
        |error: io::Error| Error::new(ErrorKind::Io, format!("cannot ask for a decision: {error}"));
    write!(out, "{}", text::question(approval, by)).map_err(failed)?;
    loop {
        write!(out, "approve, reject or later? [a/r/l] ").map_err(failed)?;
        out.flush().map_err(failed)?;
        let Some(answer) = read_line().map_err(failed)? else { return Ok(None) };
        let decision = match answer.trim().to_ascii_lowercase().as_str() {
            "a" | "approve" | "y" | "yes" => Decided::Approved,
            "r" | "reject" | "n" | "no" => Decided::Rejected,
            "l" | "later" | "" => return Ok(None),
            _ => continue,
        };
        write!(out, "comment (may be empty): ").map_err(failed)?;
        out.flush().map_err(failed)?;
        let comment = read_line().map_err(failed)?.unwrap_or_default().trim().to_owned();
        if comment.is_empty() && approval.needs_reason && decision == Decided::Rejected {
            writeln!(out, "a rejection of `{}` needs a comment", approval.step).map_err(failed)?;
            continue;
        }
        return Ok(Some((decision, (!comment.is_empty()).then_some(comment))));
    }
}

/// Reads a line; `None` at the end of the input, or when the program is told to stop.
fn read_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(line)),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}

fn work(project: &Procside, concurrency: Option<usize>, ui: &Ui) -> Answered {
    listen()?;
    let options = DriveOptions { concurrency, ..DriveOptions::default() };
    let mut driving = project.drive_all(&options)?;
    let mut schedules = project.schedules()?;
    ui.say(&format!("working in {}", project.root().display()));
    let mut is_trusted = project.is_trusted()?;
    if !is_trusted {
        ui.tell(
            "this project is not trusted: what would start programs or send things waits; look at \
             its definitions, then `procside trust`",
        );
    }
    let mut looked = Instant::now();
    while !is_stopped() {
        if looked.elapsed() >= LOOK_FOR_TRUST {
            looked = Instant::now();
            if project.is_trusted()? != is_trusted {
                is_trusted = !is_trusted;
                // What may be performed is asked when a process is taken up.
                let _ = driving.shut_down(PATIENCE);
                driving = project.drive_all(&options)?;
            }
        }
        if let Some(progress) = driving.wait(LOOK) {
            text::progress_of_any(&progress).iter().for_each(|line| ui.say(line));
        }
        for started in schedules.start_due(project) {
            match started {
                Ok(id) => ui.say(&format!("{id} was started by its schedule")),
                Err(error) => ui.tell(&format!("a schedule could not start: {error}")),
            }
        }
    }
    let is_idle = driving.shut_down(PATIENCE);
    if !is_idle {
        ui.tell("what was being performed goes on as the same attempt with the next `work`");
    }
    Ok(Answer::new(json!({"stopped": true}), "Stopped.\n"))
}

fn trust(project: &Procside) -> Answered {
    project.trust()?;
    let path = project.root().display();
    let lines = format!("Definitions in {path} may start programs and send things.\n");
    Ok(Answer::of(answers::trusted(project), lines))
}

fn revoke(project: &Procside) -> Answered {
    let was_trusted = project.revoke_trust()?;
    let path = project.root().display();
    let lines = if was_trusted {
        format!("Definitions in {path} may start nothing any more.\n")
    } else {
        format!("{path} was not trusted.\n")
    };
    Ok(Answer::of(answers::revoked(project, was_trusted), lines))
}

fn trusted(project: &Procside) -> Answered {
    let projects = project.trusted_projects()?;
    let mut lines = String::new();
    for trusted in &projects {
        let note = if trusted.is_same { "" } else { "  (another folder lies there now)" };
        lines.push_str(&format!("{}  since {}{note}\n", text::plain(&trusted.path), trusted.since));
    }
    if projects.is_empty() {
        lines = "No project is trusted.\n".to_owned();
    }
    Ok(Answer::of(answers::trusted_projects(&projects), lines))
}

/// Listens for Ctrl-C and for being told to end.
fn listen() -> Result<(), Error> {
    ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst))
        .map_err(|error| Error::new(ErrorKind::Io, format!("cannot listen for Ctrl-C: {error}")))
}

fn is_stopped() -> bool {
    STOP.load(Ordering::SeqCst)
}
