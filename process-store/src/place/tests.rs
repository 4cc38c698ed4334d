//! Tests of what an address names, and of changes that overtake each other.

use std::{path::Path, sync::Arc};

use process_core::{Process, ProcessId, RegistryFact, Timestamp, Uid, model::Defaults};
use process_engine::{Input, NewStep};

use super::{Address, Place};
use crate::{
    disk::{OsDisk, tests::TestFolder},
    error::ErrorKind,
    files::{Files, Options},
    lock::StdWaiter,
    store::Query,
};

fn place(folder: &TestFolder) -> Place {
    std::fs::create_dir_all(folder.path("project")).unwrap();
    let uid = || Uid::from_u128(7 << 76);
    let files = Files::new(
        Arc::new(OsDisk),
        Arc::new(StdWaiter),
        folder.path("project"),
        Options::default(),
        uid,
    );
    Place::new(files, Address::Sqlite(folder.path("kept.db")))
}

fn now() -> Timestamp {
    Timestamp::parse("2026-02-10T10:00:00.000Z").unwrap()
}

fn step(name: &str) -> Vec<Input> {
    vec![Input::AddStep(NewStep { name: name.to_owned(), ..NewStep::default() })]
}

fn first(place: &Place) -> ProcessId {
    let mut change = place.change(&now(), "ada").unwrap();
    let id = change.next_id().unwrap();
    let uid = change.fresh_uid();
    let process = Process::new(Defaults { id, uid, now: now() }, "One", "");
    let input = Input::Create { process: Box::new(process), reason: "Initial".to_owned() };
    change.create(id, vec![input], vec![RegistryFact::Switched { process: id }]).unwrap();
    id
}

#[test]
fn what_was_decided_on_an_older_state_is_overtaken_and_nothing_of_it_stays() {
    let folder = TestFolder::new();
    let place = place(&folder);
    assert!(!place.exists().unwrap());
    let missing = place.active().unwrap_err();
    assert_eq!((missing.kind(), missing.is_overtaken()), (ErrorKind::NotFound, false));
    place.found().unwrap();
    let id = first(&place);
    assert_eq!(place.active().unwrap(), Some(id));
    let mut one = place.change(&now(), "ada").unwrap();
    let mut other = place.change(&now(), "ben").unwrap();
    let mut seen = one.load(id).unwrap();
    let mut older = other.load(id).unwrap();
    one.commit(&mut seen, step("First")).unwrap();
    let error = other.commit(&mut older, step("Second")).unwrap_err();
    assert!(error.is_overtaken(), "{error}");
    let mut newer = other.load(id).unwrap();
    other.commit(&mut newer, step("Second")).unwrap();
    let record = place.read_process(id).unwrap().unwrap();
    assert_eq!(record.process().unwrap().steps.len(), 2);
    let events = place.events(&record, 0).unwrap();
    assert_eq!(events.len() as u64, record.execution.revision());
}

#[test]
fn a_dry_run_decides_and_writes_nothing() {
    let folder = TestFolder::new();
    let place = place(&folder);
    place.found().unwrap();
    let id = first(&place);
    let mut change = place.dry_run(&now(), "ada").unwrap();
    let mut record = change.load(id).unwrap();
    change.commit(&mut record, step("First")).unwrap();
    assert_eq!(record.events.len(), 1);
    let query = Query { all: true, limit: 10, ..Query::default() };
    let entry = place.list(&query, &now()).unwrap().processes.remove(0);
    assert_eq!(
        (entry.id, entry.revision),
        (id, place.read_process(id).unwrap().map(|it| it.execution.revision()))
    );
    assert!(place.events(&record, entry.revision.unwrap()).unwrap().is_empty());
    assert!(place.doctor(&now(), "ada", true).unwrap().is_empty());
}

#[test]
fn an_address_is_files_or_an_sqlite_file_below_a_folder() {
    let read =
        |text| Address::parse(text, Path::new("/p")).map_err(|error| error.message().to_owned());
    assert_eq!(read("files"), Ok(Address::Files));
    assert_eq!(read("sqlite:a/b.db"), Ok(Address::Sqlite("/p/a/b.db".into())));
    assert_eq!(read("sqlite:/a.db"), Ok(Address::Sqlite("/a.db".into())));
    for text in ["", "sqlite", "sqlite:", "postgres:x", "Files"] {
        assert_eq!(read(text), Err(format!("{text:?} names no store")));
    }
}
