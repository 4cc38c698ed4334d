//! Children: started, found again, kept running, cleaned up.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cleaning;
mod crash;
mod hostile;
mod limits;
mod logs;
mod spawning;
mod supervising;

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::project::{Project, signal};

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where children are recorded in a folder that belongs to no project.
const REGISTRY: &str = ".loopwork/processes.json";

/// A folder whose children end with their test, however it ends.
struct Nursery(Project);

impl Nursery {
    fn new() -> Self {
        Self(Project::nowhere())
    }

    /// Starts a child; returns it as `data.child` tells it.
    #[track_caller]
    fn spawn(&self, options: &[&str], command: &[&str]) -> Value {
        let args = [&["spawn"], options, &["--"], command].concat();
        self.data(&args)["child"].take()
    }

    /// Starts a child that says `ready` in its log and then waits; returns its number.
    #[track_caller]
    fn sleeper(&self, options: &[&str]) -> u32 {
        pid_of(&self.spawn(options, &["sleep", "1000"]))
    }

    /// Returns all children of the registry, as `ps --all` tells them.
    #[track_caller]
    fn children(&self) -> Vec<Value> {
        list(self.data(&["ps", "--all"])["children"].take())
    }

    /// Returns the registry as it is written.
    #[track_caller]
    fn registry(&self) -> Value {
        serde_json::from_str(&self.read(REGISTRY)).expect("the registry is JSON")
    }

    /// Changes the only entry of the registry, as somebody else might.
    #[track_caller]
    fn change_entry(&self, change: impl Fn(&mut Value)) {
        let mut registry = self.registry();
        change(&mut registry["processes"][0]);
        self.write(REGISTRY, registry.to_string());
    }
}

impl std::ops::Deref for Nursery {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.0
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        // Whoever runs in this folder was started by this test, perhaps by somebody who starts him
        // again.
        let root = self.root().to_owned();
        let is_here = |pid: &u32| {
            is_alive(*pid)
                && std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == root)
        };
        for _ in 0..100 {
            let here: Vec<u32> = everybody().into_iter().filter(is_here).collect();
            if here.is_empty() {
                return;
            }
            here.into_iter().for_each(|pid| signal(pid, rustix::process::Signal::KILL));
        }
    }
}

/// Somebody who was not started as a child.
struct Bystander(Child);

impl Bystander {
    fn new() -> Self {
        let child = Command::new("sleep").arg("1000").stdout(Stdio::null()).spawn();
        Self(child.expect("sleep is there"))
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn pid_of(child: &Value) -> u32 {
    let pid = child["pid"].as_u64().expect("a child has a number");
    u32::try_from(pid).expect("it is the number of one")
}

fn list(value: Value) -> Vec<Value> {
    if let Value::Array(list) = value { list } else { panic!("{value} is no list") }
}

/// Returns one key of each member of a list, as text.
fn each(children: &[Value], key: &str) -> Vec<String> {
    crate::project::column(&json!(children), key)
}

fn everybody() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("this is Linux");
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Tells whether somebody has not ended; a zombie has.
fn is_alive(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    !matches!(state, Some('Z' | 'X') | None)
}

/// Returns the numbers of those that live and have a text among their arguments.
fn with_argument(text: &str) -> Vec<u32> {
    let has = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|arg| arg == text.as_bytes()) && is_alive(*pid)
    };
    everybody().into_iter().filter(has).collect()
}

/// Waits until something holds.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "it never came to be that {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
