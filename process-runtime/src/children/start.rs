//! Starting a child that outlives us: nothing of it runs before it is recorded.

use std::{
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    process::Child,
};

use procreg::ChildIdentity;
use uuid::Uuid;

use super::{
    Errors, Launch, Limits, RUN_ID, gate::is_name_for_shells, seen::identity_of, why_not_startable,
};

/// Variables of our own environment that belong to whoever runs us, not to what we start.
const NOT_HANDED_ON: [&str; 5] = [
    "PROCSIDE_CONTEXT_FILE",
    "PROCSIDE_IDEMPOTENCY_KEY",
    "PROCSIDE_MODEL",
    "PROCSIDE_PROCESS",
    "PROCSIDE_TEMPERATURE",
];

/// A program that is to be a child.
#[derive(Debug)]
pub struct ChildProgram {
    /// The program and its arguments.
    pub run: Vec<String>,
    /// Variables beside those of our own environment.
    pub env: Vec<(String, String)>,
    /// The folder in which it runs.
    pub cwd: PathBuf,
    /// Where its output goes, standard error included.
    pub log: File,
    /// What it may use.
    pub limits: Limits,
    /// What tells this run from every other.
    pub run_id: Uuid,
}

/// Why a child was not started; nothing of it has run.
#[derive(Debug)]
pub enum NotStarted<E> {
    /// It makes no sense, or there is no such program.
    Invalid(String),
    /// The system refused something.
    System(io::Error),
    /// It was not recorded.
    Unrecorded(E),
}

impl<E: fmt::Display> fmt::Display for NotStarted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => f.write_str(why),
            Self::System(error) => error.fmt(f),
            Self::Unrecorded(error) => error.fmt(f),
        }
    }
}

/// Starts a child as the leader of a group of its own.
///
/// `record` is told its number and who it is, and makes that durable; only then the program runs.
/// When we die before, it never does.
///
/// # Errors
/// Why nothing was started; what `record` refused is `Unrecorded`.
pub fn start<E>(
    program: ChildProgram,
    record: impl FnOnce(u32, ChildIdentity) -> Result<(), E>,
) -> Result<Child, NotStarted<E>> {
    check(&program).map_err(NotStarted::Invalid)?;
    let run_id = program.run_id.to_string();
    let mut env = program.env;
    env.push((RUN_ID.to_owned(), run_id.clone()));
    let launch = Launch {
        run: program.run,
        env,
        env_removed: &NOT_HANDED_ON,
        cwd: program.cwd,
        stdin: None,
        stdout: program.log,
        stderr: Errors::WithOutput,
        exit: None,
        limits: program.limits,
    };
    let gated = launch.start().map_err(NotStarted::System)?;
    let identity = ChildIdentity { run_id: Some(run_id), group: true, ..identity_of(gated.pid()) };
    record(gated.pid(), identity).map_err(NotStarted::Unrecorded)?;
    gated.open().map_err(NotStarted::System)
}

/// Finds out what is wrong with a program while that can still be told from its own end.
fn check(program: &ChildProgram) -> Result<(), String> {
    let Some(name) = program.run.first().filter(|name| !name.is_empty()) else {
        return Err("no program is named".to_owned());
    };
    let shown: &Path = name.as_ref();
    if program.run.iter().any(|part| part.contains('\0')) {
        return Err(format!(
            "cannot start `{}`: an argument holds a NUL character",
            shown.display()
        ));
    }
    for (name, value) in &program.env {
        if !is_name_for_shells(name) {
            return Err(format!("`{}` is no name of a variable", name.escape_debug()));
        }
        if value.contains('\0') {
            return Err(format!("the variable `{name}` holds a NUL character"));
        }
    }
    if !program.cwd.is_dir() {
        return Err(format!("there is no folder `{}`", program.cwd.display()));
    }
    match why_not_startable(name, &program.cwd, &program.env) {
        Some(why) => Err(format!("cannot start `{}`: {why}", name.escape_debug())),
        None => Ok(()),
    }
}
