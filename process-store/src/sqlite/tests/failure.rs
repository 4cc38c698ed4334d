//! Tests of a disk that fails, and of a turn that nobody gives up.

use super::{append, filled, next, open};
use crate::{
    conformance::samples::{cancelled, started},
    disk::tests::TestFolder,
    error::ErrorKind,
    sqlite::turn::Turn,
    store::Store,
};

#[test]
fn a_failed_commit_is_told_and_the_next_write_begins_anew() {
    let folder = TestFolder::new();
    let store = open(folder.path("file"));
    let last = filled(&store, 2);
    store.inner.writer().failing_commits = 1;
    let lost = next(last.id, last.execution.clone(), "Lost");
    let error = append(&store, &lost).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Poisoned, "{error}");
    assert!(store.inner.writer().connection.is_none(), "the connection is closed");
    let kept = store.load(last.id).unwrap().unwrap();
    assert_eq!(kept, *last.execution);
    append(&store, &next(last.id, Box::new(kept), "Kept")).unwrap();
    assert_eq!(store.check().unwrap().len(), 0);
}

#[test]
fn a_process_whose_end_is_not_stored_is_still_driven_by_the_same_program() {
    let folder = TestFolder::new();
    let (store, other) = (open(folder.path("file")), open(folder.path("file")));
    let id = store.reserve(1).unwrap()[0];
    assert!(store.take(id).unwrap());
    let group = started(id, None);
    append(&store, &group).unwrap();
    store.inner.writer().failing_commits = 1;
    append(&store, &cancelled(&group)).unwrap_err();
    assert!(store.take(id).unwrap(), "it is ours, and not somebody's who lives");
    assert!(!other.take(id).unwrap());
    append(&store, &cancelled(&group)).unwrap();
    assert!(other.take(id).unwrap(), "what is over is nobody's");
}

#[test]
fn whoever_waits_in_vain_is_told_for_whom() {
    let folder = TestFolder::new();
    let store = open(folder.path("file"));
    let last = filled(&store, 0);
    let other = Turn::open(store.path()).unwrap();
    let held = other.take().unwrap();
    let error = append(&store, &next(last.id, last.execution.clone(), "Late")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    let holder = &error.details().unwrap()["holder"]["pid"];
    assert_eq!(holder.as_u64(), Some(std::process::id().into()));
    // Reading waits for nobody.
    assert!(store.load(last.id).unwrap().is_some());
    drop(held);
    append(&store, &next(last.id, last.execution, "In time")).unwrap();
}
