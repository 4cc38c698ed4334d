//! Tests of what is SQLite's own: hostile files, failures, crashes, many programs at once.

mod crash;
mod crowd;
mod failure;
mod hostile;

use std::path::Path;

use process_core::{Process, ProcessId, Timestamp, Uid, model::Defaults};
use process_engine::{Execution, Input, NewStep};

use super::{Sqlite, SqliteOptions};
use crate::{
    error::Error,
    store::{Group, Store},
};

fn open(path: impl AsRef<Path>) -> Sqlite {
    Sqlite::open(path, SqliteOptions::default()).unwrap()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-02-10T10:00:00.000Z").unwrap()
}

/// Returns a new process that is driven by hand.
fn made(id: ProcessId) -> Group {
    let uid = Uid::from_u128(u128::from(id.number()));
    let process = Process::new(Defaults { id, uid, now: now() }, "One", "");
    let input = Input::Create { process: Box::new(process), reason: "Initial".to_owned() };
    group(id, Box::default(), input)
}

/// Returns one more decision of a process, which makes one event.
fn next(id: ProcessId, execution: Box<Execution>, text: &str) -> Group {
    let step = NewStep { name: text.to_owned(), ..NewStep::default() };
    group(id, execution, Input::AddStep(step))
}

fn group(id: ProcessId, mut execution: Box<Execution>, input: Input) -> Group {
    let expected = execution.revision();
    let events = execution.advance(&now(), "ada", input).unwrap();
    Group { id, expected, events, execution, becomes_active: false }
}

fn append(store: &Sqlite, group: &Group) -> Result<(), Error> {
    store.append(std::slice::from_ref(group)).remove(0)
}

/// Makes a process with so many more groups, and returns the last one.
fn filled(store: &Sqlite, groups: usize) -> Group {
    let mut last = made(store.reserve(1).unwrap()[0]);
    append(store, &last).unwrap();
    for turn in 0..groups {
        last = next(last.id, last.execution, &format!("Turn {turn}"));
        append(store, &last).unwrap();
    }
    last
}
