//! Tests of a program that is killed while it writes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use process_core::ProcessId;

use super::{append, made, next, open};
use crate::{disk::tests::TestFolder, store::Store};

/// Names the database that a copy of this program writes to.
const FILE: &str = "PROCESS_STORE_CRASH_FILE";

/// How often a writer is killed.
const ROUNDS: u64 = 20;

/// Starts one test of this program as a program of its own.
pub(super) fn spawn(test: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("sqlite::tests::{test}"), "--nocapture"])
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Does nothing in the program that tests; in a copy of it, appends until it is killed.
#[test]
fn writer() {
    let Ok(file) = std::env::var(FILE) else { return };
    let store = open(file);
    let id = ProcessId::from_number(1).unwrap();
    assert!(store.take(id).unwrap(), "the writer before was killed, so nobody drives it");
    let mut last = match store.load(id).unwrap() {
        Some(execution) => next(id, Box::new(execution), "Again"),
        None => made(id),
    };
    loop {
        append(&store, &last).unwrap();
        println!("\nacknowledged {}", last.execution.revision());
        last = next(id, last.execution, &"more ".repeat(50));
        if last.execution.revision() > 3000 {
            return;
        }
    }
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_once() {
    let folder = TestFolder::new();
    let file = folder.path("file");
    let mut before = 0;
    for round in 0..ROUNDS {
        let mut child = spawn("crash::writer", &[(FILE, file.to_str().unwrap())]);
        let lines = BufReader::new(child.stdout.take().unwrap());
        let reader = thread::spawn(move || acknowledged(lines));
        // Not random, so that a failure can be repeated; as irregular as the machine is.
        thread::sleep(Duration::from_millis(20 + round * 37 % 90));
        child.kill().unwrap();
        child.wait().unwrap();
        before = check(&file, reader.join().unwrap().max(before));
    }
    assert!(before > 0, "no writer came to write");
}

fn acknowledged(lines: BufReader<impl std::io::Read>) -> u64 {
    let lines = lines.lines().map_while(Result::ok);
    let numbers = lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
    numbers.max().unwrap_or(0)
}

/// Holds what is there against what was acknowledged, and returns the number of the last event.
fn check(file: &Path, acknowledged: u64) -> u64 {
    if !file.exists() {
        assert_eq!(acknowledged, 0);
        return 0;
    }
    let store = open(file);
    assert_eq!(store.check().unwrap().len(), 0);
    let events = store.events(ProcessId::from_number(1).unwrap(), 0).unwrap();
    let found = events.len() as u64;
    assert!(found >= acknowledged, "{acknowledged} were acknowledged, {found} are there");
    found
}
