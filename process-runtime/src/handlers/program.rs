//! Programs: what they are given, and the threads that serve them.

use std::{
    io::{self, PipeReader},
    path::PathBuf,
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use super::{
    secrets::{Masker, Secrets},
    task::{Found, Task, cannot_start},
};
use crate::{
    children::Runs,
    handler::{Done, Failed, TakenUp, Work},
};

/// What a thread that serves a program needs; a hundred of them cost little so.
const STACK_BYTES: usize = 256 * 1024;

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
    /// Where they are recorded, so that the next driver finds those that this one leaves.
    pub runs: Runs,
}

impl Programs {
    /// Returns how the programs of the project in a folder are run: with secrets from the
    /// environment.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let runs = Runs::new(&root);
        Self { root, secrets: Secrets::default(), grace: GRACE, runs }
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

/// What became of a program that a driver before this one started.
#[derive(Debug)]
pub(super) enum Taken {
    Doubt,
    Gone,
    Ran(Result<Ran, Failed>),
    Unknown,
}

impl Taken {
    /// Returns what became of the attempt, by what its program gave.
    pub(super) fn map(self, result: impl FnOnce(Ran) -> Result<Done, Failed>) -> TakenUp {
        match self {
            Self::Doubt => TakenUp::Doubt,
            Self::Gone => TakenUp::Gone,
            Self::Ran(ran) => TakenUp::Finished(ran.and_then(result)),
            Self::Unknown => TakenUp::Unknown,
        }
    }
}

/// Runs a program until it and all that it started in its group are gone; one that a driver before
/// this one started for the same attempt is gone on with.
///
/// When this is dropped, the program is ended all the same, on a thread of its own.
pub(super) async fn run(
    programs: &Programs,
    program: Program,
    work: Work,
    masker: &Masker,
) -> Result<Ran, Failed> {
    on_a_thread(programs, work, masker, move |task, stop| {
        let running = match task.find(&program, stop)? {
            Found::Gone(stop) | Found::Nothing(stop) => task.start(&program, stop)?,
            Found::Running(running) => *running,
            Found::Unknown => {
                return Err(cannot_start(
                    &program,
                    "nobody can tell whether the one before it still runs",
                ));
            }
        };
        task.serve(&program, running)
    })
    .await?
    .map_err(Failed::new)
}

/// Goes on with the program that a driver before this one started for an attempt.
pub(super) async fn take_up(
    programs: &Programs,
    program: Program,
    work: Work,
    masker: &Masker,
) -> Taken {
    let taken = on_a_thread(programs, work, masker, move |task, stop| {
        let found = match task.find(&program, stop) {
            Ok(found) => found,
            // Whether it runs is not known.
            Err(_) => return Taken::Doubt,
        };
        match found {
            Found::Gone(_) => Taken::Gone,
            Found::Nothing(_) => Taken::Unknown,
            Found::Running(running) => {
                Taken::Ran(task.serve(&program, *running).map_err(Failed::new))
            }
            Found::Unknown => Taken::Doubt,
        }
    });
    taken.await.unwrap_or(Taken::Doubt)
}

/// Does something on a thread of its own, with a pipe that ends when nobody wants it any more.
async fn on_a_thread<T: Send + 'static>(
    programs: &Programs,
    work: Work,
    masker: &Masker,
    perform: impl FnOnce(&Task, PipeReader) -> T + Send + 'static,
) -> Result<T, Failed> {
    let (stopped, stop) =
        io::pipe().map_err(|error| Failed::new(format!("cannot make a pipe: {error}")))?;
    let (sender, mut receiver) = oneshot::channel();
    let mut wanted = work.stop.clone();
    let task = Task { programs: programs.clone(), work, masker: masker.clone() };
    thread::Builder::new()
        .name("procside-child".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // Nobody may be waiting any more.
            let _ = sender.send(perform(&task, stopped));
        })
        .map_err(|error| Failed::new(format!("cannot start a thread for a program: {error}")))?;
    let performed = tokio::select! {
        performed = &mut receiver => performed,
        () = wanted.requested() => {
            drop(stop);
            receiver.await
        }
    };
    performed.map_err(|_| Failed::new("the thread of a program is gone"))
}
