//! Processes that are driven: by `run` to their end, by `work` in the background.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adopted;
mod agents;
mod children;
mod commands;
mod crash;
mod disk;
mod notices;
mod report;
mod run;
mod secrets;
mod signals;
mod together;
mod trust;

use std::{
    collections::BTreeMap,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::project::{Output, Project, finish, kill, signal};

/// Nothing that a driver does here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that drives processes; it is killed with its test.
struct Driver(Option<Child>);

impl Driver {
    /// Starts `work`.
    fn work(project: &Project) -> Self {
        Self::of(project, &["work"])
    }

    fn of(project: &Project, args: &[&str]) -> Self {
        Self(Some(project.command(args).spawn().expect("the program can be started")))
    }

    fn pid(&self) -> u32 {
        self.0.as_ref().expect("it runs").id()
    }

    fn kill(mut self) {
        if let Some(mut child) = self.0.take() {
            kill(child.id());
            child.wait().expect("it was killed");
        }
    }

    fn signal(&self, wanted: Signal) {
        signal(self.0.as_ref().expect("it runs").id(), wanted);
    }

    /// Tells it to end, and returns what it said.
    fn end(mut self) -> Output {
        self.signal(Signal::TERM);
        finish(self.0.take().expect("it runs"), "work")
    }

    /// Waits until it ends by itself, and returns what it said.
    fn wait(mut self) -> Output {
        finish(self.0.take().expect("it runs"), "run")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            kill(child.id());
            let _ = child.wait();
        }
    }
}

/// Waits until something holds.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "it never came to be that {what}");
        thread::sleep(Duration::from_millis(10));
    }
    since.elapsed()
}

/// Waits until a process has this status.
#[track_caller]
fn until_status(project: &Project, id: &str, status: &str) {
    until(&format!("{id} is {status}"), || status_of(project, id) == status);
}

#[track_caller]
fn status_of(project: &Project, id: &str) -> String {
    let shown = project.data(&["show", id]);
    shown["process"]["status"].as_str().expect("a process has a status").to_owned()
}

/// Waits until a file is there with a whole line in it, and returns the line.
#[track_caller]
fn line_of(project: &Project, path: &str) -> String {
    until(&format!("{path} is there"), || {
        project.exists(path) && project.read(path).ends_with('\n')
    });
    project.read(path).trim().to_owned()
}

/// Returns whether an operating-system process runs.
fn is_alive(pid: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    !matches!(state, Some('Z' | 'X') | None)
}

/// Returns the events of a process.
#[track_caller]
fn events(project: &Project, id: &str) -> Vec<Value> {
    let journal = project.read(&format!(".ai/history/{id}.yaml"));
    let lines = journal.lines().map(|line| line.strip_prefix("- ").expect("each line is an event"));
    lines.map(|line| serde_json::from_str(line).expect("an event is JSON")).collect()
}

/// Returns the children that the project's registry has.
#[track_caller]
fn registry(project: &Project) -> Vec<Value> {
    let text = project.read(".loopwork/processes.json");
    let registry: Value = serde_json::from_str(&text).expect("it is JSON");
    registry["processes"].as_array().expect("it has processes").clone()
}

/// Counts lines of a file by their text.
#[track_caller]
fn counts(project: &Project, path: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in project.read(path).lines() {
        *counts.entry(line.to_owned()).or_default() += 1;
    }
    counts
}
