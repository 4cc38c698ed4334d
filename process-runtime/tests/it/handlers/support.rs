//! What these tests share: a project folder, secrets, and attempts of one step.

use std::{fs, path::Path, time::Duration};

use process_runtime::{
    Done, Failed, Handler, Sign, Work,
    handlers::{CommandHandler, Programs, Secrets, Trial},
};
use serde_json::Value;
use tempfile::TempDir;

/// The secret that these tests know: `${TOKEN}`.
pub(crate) const TOKEN: &str = "sesame-open";

/// What an attempt gave, and what it said.
pub(crate) struct Tried {
    pub(crate) result: Result<Done, Failed>,
    pub(crate) signs: Vec<Sign>,
}

impl Tried {
    pub(crate) fn output(self) -> Value {
        self.result.expect("it succeeds").output
    }

    pub(crate) fn error(self) -> String {
        self.result.expect_err("it fails").error
    }

    pub(crate) fn contexts(&self) -> Vec<&Value> {
        let contexts = self.signs.iter().filter_map(|sign| match sign {
            Sign::Context(context) => Some(context),
            Sign::Alive | Sign::Child { .. } => None,
        });
        contexts.collect()
    }

    pub(crate) fn pid(&self) -> u32 {
        let mut pids = self.signs.iter().filter_map(|sign| match sign {
            Sign::Child { pid, .. } => Some(*pid),
            Sign::Alive | Sign::Context(_) => None,
        });
        pids.next_back().expect("a child is told of")
    }
}

pub(crate) fn secrets() -> Secrets {
    Secrets::new(|name| match name {
        "TOKEN" => Some(TOKEN.to_owned()),
        "QUOTED" => Some("say \"please\"".to_owned()),
        _ => None,
    })
}

/// A project with the folder `sub`; programs in it have little time for their end.
pub(crate) fn project() -> (TempDir, Programs) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    let mut programs = Programs::new(folder.path());
    programs.secrets = secrets();
    programs.grace = Duration::from_millis(200);
    (folder, programs)
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().unwrap().block_on(future)
}

/// Performs one attempt to its end.
pub(crate) fn attempt(handler: &dyn Handler, task: Value) -> Tried {
    attempt_with(handler, task, |_| {})
}

pub(crate) fn attempt_with(
    handler: &dyn Handler,
    task: Value,
    change: impl FnOnce(&mut Work),
) -> Tried {
    let (mut work, mut trial) = Trial::new(task);
    change(&mut work);
    let result = block_on(handler.perform(work));
    Tried { result, signs: trial.signs() }
}

/// Performs a `command` step in a project of its own.
pub(crate) fn command(task: Value) -> Tried {
    let (_folder, programs) = project();
    attempt(&CommandHandler::new(programs), task)
}

pub(crate) fn is_there(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// Waits until a child that nobody takes the exit of is gone, or has ended.
pub(crate) fn has_ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, fields)| fields.starts_with(['Z', 'X']))
}
