//! Tests of a dozen busy programs on one file.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use process_core::ProcessId;

use super::{append, crash::spawn, filled, made, next, open};
use crate::{disk::tests::TestFolder, error::ErrorKind, store::Store};

const FILE: &str = "PROCESS_STORE_CROWD_FILE";

const PROGRAMS: usize = 12;

/// How many groups each program appends to its own process, and to the one of all.
const GROUPS: usize = 25;

/// Does nothing in the program that tests; in a copy of it, appends and tells how long it waited.
#[test]
fn member() {
    let Ok(file) = std::env::var(FILE) else { return };
    let store = open(file);
    let all = ProcessId::from_number(1).unwrap();
    let mut own = made(store.reserve(1).unwrap()[0]);
    assert!(store.take(own.id).unwrap());
    let mut waits = Vec::new();
    for turn in 0..GROUPS {
        let start = Instant::now();
        append(&store, &own).unwrap();
        waits.push(start.elapsed());
        own = next(own.id, own.execution, &format!("Turn {turn}"));
        loop {
            let shared = next(all, Box::new(store.load(all).unwrap().unwrap()), "Everybody's");
            let start = Instant::now();
            match append(&store, &shared) {
                Ok(()) => break waits.push(start.elapsed()),
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    for wait in waits {
        println!("\nwaited {}", wait.as_micros());
    }
}

#[test]
fn a_file_that_many_open_at_once_is_made_once() {
    let folder = TestFolder::new();
    let file = folder.path("file");
    let ids: BTreeSet<ProcessId> = thread::scope(|scope| {
        let openers: Vec<_> =
            (0..8).map(|_| scope.spawn(|| open(&file).reserve(1).unwrap())).collect();
        openers.into_iter().flat_map(|opener| opener.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 8, "every program was given an id of its own");
}

/// Does nothing in the program that tests; in a copy of it, takes a process and waits for its end.
#[test]
fn holder() {
    let Ok(file) = std::env::var(FILE) else { return };
    let store = open(file);
    assert!(store.take(ProcessId::from_number(1).unwrap()).unwrap());
    println!("\ntaken");
    thread::sleep(Duration::from_secs(60));
}

#[cfg(unix)]
#[test]
fn a_stopped_program_keeps_its_processes_and_a_killed_one_does_not() {
    let folder = TestFolder::new();
    let file = folder.path("file");
    let store = open(&file);
    let id = filled(&store, 0).id;
    let mut child = spawn("crowd::holder", &[(FILE, file.to_str().unwrap())]);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "taken"));
    assert!(!store.take(id).unwrap());
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
    assert!(!store.take(id).unwrap(), "a stopped program was robbed");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(store.take(id).unwrap(), "a killed program still drives");
    assert!(!folder.path("file.driver-1").exists(), "what it left is there");
    assert!(!open(&file).take(id).unwrap());
}

#[test]
fn a_dozen_programs_lose_nothing_and_nobody_starves() {
    let folder = TestFolder::new();
    let file = folder.path("file");
    let store = open(&file);
    let shared = filled(&store, 0);
    let before = shared.execution.revision();
    let children: Vec<_> =
        (0..PROGRAMS).map(|_| spawn("crowd::member", &[(FILE, file.to_str().unwrap())])).collect();
    let mut waits: Vec<u64> = Vec::new();
    for mut child in children {
        let (mut told, mut failed) = (String::new(), String::new());
        child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
        child.stderr.take().unwrap().read_to_string(&mut failed).unwrap();
        assert!(child.wait().unwrap().success(), "{told}{failed}");
        waits.extend(
            told.lines().filter_map(|line| line.strip_prefix("waited ")?.parse::<u64>().ok()),
        );
    }
    assert_eq!(waits.len(), PROGRAMS * GROUPS * 2);
    waits.sort_unstable();
    let share = |percent: usize| Duration::from_micros(waits[(waits.len() - 1) * percent / 100]);
    println!("waited: half {:?}, 99 % {:?}, all {:?}", share(50), share(99), share(100));
    assert!(share(100) < Duration::from_secs(5), "somebody starved: {:?}", share(100));
    assert_eq!(store.check().unwrap().len(), 0);
    assert_eq!(store.count().unwrap(), PROGRAMS as u64 + 1);
    let events = store.events(shared.id, before).unwrap();
    assert_eq!(events.len(), PROGRAMS * GROUPS);
}
