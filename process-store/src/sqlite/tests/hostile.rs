//! Tests of files that are not what they should be.

use std::fs;
use std::process::Command;

use rusqlite::Connection;

use super::{append, filled, next, open};
use crate::{
    disk::tests::TestFolder,
    error::{Error, ErrorKind},
    sqlite::{Sqlite, SqliteOptions, schema::FORMAT},
    store::Store,
};

fn refused(path: impl AsRef<std::path::Path>) -> Error {
    match Sqlite::open(path, SqliteOptions::default()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[test]
fn what_is_no_database_is_one_clear_error() {
    let folder = TestFolder::new();
    let text = folder.path("text");
    fs::write(
        &text,
        "not a database, but a text that is long enough to be taken for one\n".repeat(99),
    )
    .unwrap();
    let error = refused(&text);
    assert_eq!(error.kind(), ErrorKind::NotRegular);
    assert!(error.message().ends_with("text` is no SQLite database"), "{error}");
    assert!(fs::read_to_string(&text).unwrap().starts_with("not a database"));
    let error = refused(folder.path(""));
    assert_eq!(error.kind(), ErrorKind::NotRegular, "{error}");
    let error = refused(folder.path("no folder/file"));
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let must_exist = SqliteOptions { must_exist: true, ..SqliteOptions::default() };
    let error = Sqlite::open(folder.path("missing"), must_exist).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(!folder.path("missing").exists());
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let folder = TestFolder::new();
    let pipe = folder.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let error = refused(&pipe);
    assert_eq!(error.kind(), ErrorKind::NotRegular, "{error}");
}

#[test]
fn a_newer_file_and_that_of_another_program_stay_as_they_are() {
    let folder = TestFolder::new();
    let (newer, foreign) = (folder.path("newer"), folder.path("foreign"));
    drop(open(&newer));
    let connection = Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", FORMAT + 1).unwrap();
    drop(connection);
    let connection = Connection::open(&foreign).unwrap();
    connection.execute_batch("CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1);").unwrap();
    drop(connection);
    for (path, reason) in [(newer, "written by a newer version"), (foreign, "of another program")] {
        let before = fs::read(&path).unwrap();
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.message().contains(reason), "{error}");
        assert!(fs::read(&path).unwrap() == before, "{} was changed", path.display());
    }
}

#[test]
fn a_link_leads_to_one_database_with_one_turn() {
    let folder = TestFolder::new();
    let last = filled(&open(folder.path("file")), 1);
    std::os::unix::fs::symlink(folder.path("file"), folder.path("link")).unwrap();
    let store = open(folder.path("link"));
    assert_eq!(store.load(last.id).unwrap(), Some(*last.execution));
    assert!(store.path().ends_with("file"));
}

#[test]
fn a_changed_byte_is_found_and_named() {
    let folder = TestFolder::new();
    let path = folder.path("file");
    let last = filled(&open(&path), 3);
    let connection = Connection::open(&path).unwrap();
    let text = "UPDATE journal SET body = CAST(replace(body, 'Turn 1', 'Turn 7') AS BLOB)";
    assert_eq!(connection.execute(text, []).unwrap(), 4);
    drop(connection);
    let store = open(&path);
    for error in [store.load(last.id).unwrap_err(), store.events(last.id, 0).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        let place = "file`: the journal of proc-001, event 4: the checksum does not fit";
        assert!(error.message().contains(place), "{error}");
    }
    assert_eq!(store.check().unwrap().len(), 1);
}

#[test]
fn rows_that_are_gone_or_changed_places_are_found() {
    for damage in [
        "DELETE FROM journal WHERE seq = 5",
        "DELETE FROM journal WHERE seq = 4",
        "DELETE FROM journal WHERE seq = 1",
        "DELETE FROM journal",
        "UPDATE journal SET last = 6 WHERE seq = 5",
        "UPDATE journal SET seq = seq + 10",
    ] {
        let folder = TestFolder::new();
        let path = folder.path("file");
        let last = filled(&open(&path), 3);
        Connection::open(&path).unwrap().execute(damage, []).unwrap();
        let error = open(&path).load(last.id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{damage}: {error}");
    }
}

#[test]
fn the_index_is_written_anew_from_the_journals() {
    let folder = TestFolder::new();
    let path = folder.path("file");
    let store = open(&path);
    let groups = [filled(&store, 2), filled(&store, 0)];
    let query = crate::store::Query { limit: 9, ..Default::default() };
    let before = store.list(&query).unwrap().processes;
    drop(store);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("DELETE FROM process; DELETE FROM standing; UPDATE meta SET is_indexed = 0;")
        .unwrap();
    drop(connection);
    let store = open(&path);
    assert_eq!(store.list(&query).unwrap().processes, before);
    for group in groups {
        assert_eq!(store.load(group.id).unwrap().as_ref(), Some(&*group.execution));
        append(&store, &next(group.id, group.execution, "Goes on")).unwrap();
    }
    assert_eq!(store.check().unwrap().len(), 0);
    assert_eq!(store.count().unwrap(), 2);
}

#[test]
fn a_snapshot_that_cannot_be_used_is_ignored() {
    for damage in [
        "UPDATE snapshot SET body = x'7b7d'",
        "UPDATE snapshot SET sum = zeroblob(16)",
        "UPDATE snapshot SET revision = revision + 1",
    ] {
        let folder = TestFolder::new();
        let path = folder.path("file");
        let store = open(&path);
        let mut last = filled(&store, 0);
        for turn in 0..25 {
            last = next(last.id, last.execution, &format!("{turn} {}", "long ".repeat(10_000)));
            append(&store, &last).unwrap();
        }
        drop(store);
        let connection = Connection::open(&path).unwrap();
        assert_eq!(connection.execute(damage, []).unwrap(), 1, "there is a snapshot");
        drop(connection);
        let store = open(&path);
        assert_eq!(store.load(last.id).unwrap().as_ref(), Some(&*last.execution), "{damage}");
        append(&store, &next(last.id, last.execution, "Goes on")).unwrap();
    }
}
