//! Programs: what they are given, how they start, and what their end means.

use std::{
    env,
    ffi::OsStr,
    fs, io,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use process_store::lock::Identity;
use rustix::io::Errno;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    child::{Ended, Reason, Started},
    context::{ContextFile, Left},
    group::{Group, read_stat},
    reading::last_lines,
    secrets::{Masker, Secrets},
    stream::OUTPUT_BYTES_MAX,
};
use crate::handler::{Failed, Sign, Signs, Work};

/// How long a program that was asked to end may take before it is ended by force.
const GRACE: Duration = Duration::from_secs(5);

/// How the programs of a project are run.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The root of the project, in which they run, or in a folder below.
    pub root: PathBuf,
    /// Where their secrets come from.
    pub secrets: Secrets,
    /// How long one that was asked to end may take before it is ended by force; 5 s.
    pub grace: Duration,
}

impl Programs {
    /// Returns how the programs of the project in a folder are run: with secrets from the
    /// environment.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), secrets: Secrets::default(), grace: GRACE }
    }
}

/// A program that is to run; its secrets are resolved.
#[derive(Debug)]
pub(super) struct Program {
    /// The program and its arguments.
    pub(super) run: Vec<String>,
    /// Variables beside those of our own environment.
    pub(super) env: Vec<(String, String)>,
    pub(super) cwd: Option<String>,
    pub(super) stdin: Option<String>,
    pub(super) timeout: Option<Duration>,
}

/// What a program gave.
#[derive(Debug)]
pub(super) struct Ran {
    /// With its secrets.
    pub(super) stdout: String,
    /// Why the attempt fails; without secrets.
    pub(super) error: Option<String>,
}

/// Runs a program until it and all that it started in its group are gone.
///
/// When this is dropped, the program is ended all the same, on a thread of its own.
pub(super) async fn run(
    programs: &Programs,
    program: Program,
    work: Work,
    masker: &Masker,
) -> Result<Ran, Failed> {
    let (stopped, stop) = io::pipe().map_err(|error| cannot_start(&program, &error.to_string()))?;
    let (sender, mut receiver) = oneshot::channel();
    let (programs, masker) = (programs.clone(), masker.clone());
    let wanted = work.stop.clone();
    let perform = move || {
        let performed = perform(&programs, program, &work, stopped, &masker);
        // Nobody may be waiting any more.
        let _ = sender.send(performed.map_err(|error| masker.mask(&error).into_owned()));
    };
    thread::Builder::new()
        .name("procside-child".to_owned())
        .spawn(perform)
        .map_err(|error| Failed::new(format!("cannot start a thread for a program: {error}")))?;
    let mut wanted = wanted;
    let performed = tokio::select! {
        performed = &mut receiver => performed,
        () = wanted.requested() => {
            drop(stop);
            receiver.await
        }
    };
    let performed = performed.unwrap_or_else(|_| Err("the thread of a program is gone".to_owned()));
    performed.map_err(Failed::new)
}

fn perform(
    programs: &Programs,
    program: Program,
    work: &Work,
    stop: io::PipeReader,
    masker: &Masker,
) -> Result<Ran, String> {
    let context = ContextFile::new(work.context.as_ref())
        .map_err(|error| format!("cannot make a file for the context: {error}"))?;
    let mut command = command_of(programs, &program, work, &context)?;
    let mut child = command
        .spawn()
        .map_err(|error| cannot_start(&program, &why_not(&program, &error)).error)?;
    let Some(group) = Group::of(child.id()) else {
        // No system gives such a number to a new program.
        let _ = child.kill();
        let _ = child.wait();
        return Err(cannot_start(&program, "it has the number of another one").error);
    };
    say_child(&work.signs, child.id());
    let started = Started {
        child,
        group,
        stdin: program.stdin.clone().unwrap_or_default().into_bytes(),
        context,
        stop,
        grace: programs.grace,
        timeout: program.timeout,
        signs: work.signs.clone(),
    };
    let ended = started.serve().map_err(|error| format!("cannot watch a program: {error}"))?;
    Ok(ran(&program, ended, &work.signs, masker))
}

fn command_of(
    programs: &Programs,
    program: &Program,
    work: &Work,
    context: &ContextFile,
) -> Result<Command, String> {
    let Some((name, arguments)) = program.run.split_first().filter(|(name, _)| !name.is_empty())
    else {
        return Err("`run` names no program".to_owned());
    };
    let mut command = Command::new(name);
    command.args(arguments).current_dir(folder(&programs.root, program.cwd.as_deref())?);
    // They belong to whoever runs us, if we are run as an agent ourselves.
    command.env_remove("PROCSIDE_MODEL").env_remove("PROCSIDE_TEMPERATURE");
    for (name, value) in &program.env {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(format!("`{}` in `env` is no name of a variable", name.escape_debug()));
        }
        if value.contains('\0') {
            return Err(format!("the variable `{name}` holds a NUL character"));
        }
        command.env(name, value);
    }
    command.env("PROCSIDE_IDEMPOTENCY_KEY", &work.key);
    command.env("PROCSIDE_PROCESS", work.process.to_string());
    command.env("PROCSIDE_RUN_ID", run_id(&work.key).to_string());
    command.env("PROCSIDE_CONTEXT_FILE", context.path());
    let stdin = if program.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    Ok(command)
}

/// Returns the folder in which a program runs.
fn folder(root: &Path, cwd: Option<&str>) -> Result<PathBuf, String> {
    let root = fs::canonicalize(root)
        .map_err(|error| format!("cannot find the project `{}`: {error}", root.display()))?;
    let Some(cwd) = cwd else { return Ok(root) };
    let folder = fs::canonicalize(root.join(cwd))
        .map_err(|error| format!("cannot use `{cwd}` as `cwd`: {error}"))?;
    if !folder.starts_with(&root) {
        return Err(format!("cannot use `{cwd}` as `cwd`: it leads out of the project"));
    }
    if !folder.is_dir() {
        return Err(format!("cannot use `{cwd}` as `cwd`: it is no folder"));
    }
    Ok(folder)
}

/// Returns what tells this run of a program from every other, also of the same attempt.
fn run_id(key: &str) -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(0);

    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let boot = Identity::of_this_process().boot_id.unwrap_or_default();
    let name = format!("{boot} {} {} {count} {key}", std::process::id(), since.as_nanos());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

fn say_child(signs: &Signs, pid: u32) {
    let start_time = read_stat(pid).map(|stat| stat.start_time);
    let boot_id = Identity::of_this_process().boot_id;
    signs.say(Sign::Child { pid, start_time, boot_id });
}

fn cannot_start(program: &Program, why: &str) -> Failed {
    let name = program.run.first().map_or("", String::as_str);
    Failed::new(format!("cannot start `{name}`: {why}"))
}

/// Says what an error of the system means for a program that was to start.
fn why_not(program: &Program, error: &io::Error) -> String {
    let name = program.run.first().map_or("", String::as_str);
    let path = program.env.iter().rev().find(|(name, _)| name == "PATH");
    let has_path = path.is_some() || env::var_os("PATH").is_some();
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT) if name.contains('/') => {
            "there is no such file, or the interpreter in its first line does not exist".to_owned()
        }
        Some(Errno::NOENT) if has_path => "no program in `PATH` has this name".to_owned(),
        Some(Errno::NOENT) => "`PATH` is not set".to_owned(),
        Some(Errno::ACCESS) => "it may not be executed".to_owned(),
        Some(Errno::TXTBSY) => "somebody is writing its file".to_owned(),
        Some(Errno::TOOBIG) => {
            "its arguments and variables are too long; hand long texts to its standard input"
                .to_owned()
        }
        Some(Errno::NOEXEC) => "its file is no program that this machine can run".to_owned(),
        _ if error.kind() == io::ErrorKind::InvalidInput => {
            "an argument holds a NUL character".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Says what the end of a program means for the attempt.
fn ran(program: &Program, ended: Ended, signs: &Signs, masker: &Masker) -> Ran {
    let name = program.run.first().map_or("", String::as_str);
    let name = Path::new(name).file_name().and_then(OsStr::to_str).unwrap_or(name);
    let stderr = String::from_utf8_lossy(&ended.stderr);
    let is_success = ended.status.is_some_and(|status| status.success());
    let mut error = match ended.reason {
        Some(Reason::Overflow(stream)) => {
            let limit = OUTPUT_BYTES_MAX / (1024 * 1024);
            Some(format!("`{name}` wrote more than {limit} MiB to its {stream}, and was ended"))
        }
        Some(Reason::Late(timeout)) => {
            Some(format!("`{name}` took longer than {timeout:?}, and was ended"))
        }
        Some(Reason::Stopped) if is_success => None,
        Some(Reason::Stopped) => Some(format!("`{name}` was stopped")),
        None if is_success => None,
        None => Some(format!("`{name}` {}", how(ended.status))),
    };
    if let Some(error) = &mut error {
        // An output that was cut off may end within a secret.
        let is_whole = !matches!(ended.reason, Some(Reason::Overflow(_)));
        let lines = if is_whole { last_lines(&stderr, masker) } else { String::new() };
        if !lines.is_empty() {
            error.push_str(": ");
            error.push_str(&lines);
        }
        if !ended.is_gone {
            error.push_str("; not all that it started could be ended");
        }
    }
    match ended.context.left(masker) {
        Left::Nothing => {}
        Left::Refused(why) => {
            if let Some(error) = &mut error {
                error.push_str("; ");
                error.push_str(&why);
            }
        }
        Left::Something(context) => signs.say(Sign::Context(context)),
    }
    Ran {
        stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
        error: error.map(|error| masker.mask(&error).into_owned()),
    }
}

fn how(status: Option<ExitStatus>) -> String {
    let Some(status) = status else { return "ended, and nobody saw how".to_owned() };
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}{}", signal_name(signal)),
        (None, None) => format!("ended with {status}"),
    }
}

/// Returns the name of a signal that ends programs, as it is told behind its number.
fn signal_name(signal: i32) -> &'static str {
    match signal {
        1 => " (HUP)",
        2 => " (INT)",
        3 => " (QUIT)",
        4 => " (ILL)",
        6 => " (ABRT)",
        8 => " (FPE)",
        9 => " (KILL)",
        11 => " (SEGV)",
        13 => " (PIPE)",
        14 => " (ALRM)",
        15 => " (TERM)",
        _ => "",
    }
}
