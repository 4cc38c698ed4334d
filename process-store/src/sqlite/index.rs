//! Writing what the index says of a process.

use process_core::ProcessId;
use process_engine::Execution;
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use serde_json::json;

use super::{
    body::Sum,
    known::Known,
    row::{Moving, Resting},
    statements::Statements,
    write::Stop,
};
use crate::error::{Error, ErrorKind};

/// Writes what changes with nearly every event.
const MOVE: &str = "UPDATE standing SET revision = ?, head = ?, journal_bytes = ?, \
                    tail_bytes = ?, snapshot_bytes = ?, is_busy = ?, next_wake_at = ?, waits = ?, \
                    status = ?, progress = ?, updated = ? WHERE id = ?";

/// Writes the same, and what changes only now and then: an index knows of some of it.
const TURN: &str = "UPDATE standing SET revision = ?, head = ?, journal_bytes = ?, \
                    tail_bytes = ?, snapshot_bytes = ?, is_busy = ?, next_wake_at = ?, waits = ?, \
                    status = ?, progress = ?, updated = ?, about = ?, owner = ?, runs = ?, \
                    is_over = ? WHERE id = ?";

/// Writes where a new process stands.
const STAND: &str = "INSERT INTO standing(revision, head, journal_bytes, tail_bytes, \
                     snapshot_bytes, is_busy, next_wake_at, waits, status, progress, updated, \
                     about, owner, runs, is_over, id) \
                     VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Writes what a new process is.
const INSERT: &str = "INSERT INTO process(id, uid, key, name, goal, template, tags, created, \
                      archived_at, search) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Writes what rarely changes.
const REST: &str = "UPDATE process SET uid = ?2, key = ?3, name = ?4, goal = ?5, template = ?6, \
                    tags = ?7, created = ?8, archived_at = ?9, search = ?10 WHERE id = ?1";

const BY_UID: &str = "SELECT id FROM process WHERE uid = ?";

const BY_KEY: &str = "SELECT id FROM process WHERE key = ?";

/// Writes what the index says of a process behind a group; `before` is what it said, if anything.
pub(super) fn write(
    statements: &mut Statements<'_>,
    id: ProcessId,
    (moving, resting): (&Moving<'_>, &Resting<'_>),
    (before, now): (Option<&Known>, &Known),
) -> rusqlite::Result<()> {
    let revision = now.revision.cast_signed();
    let moved: [&dyn ToSql; 11] = [
        &revision,
        &now.head,
        &now.journal_bytes,
        &now.tail_bytes,
        &now.snapshot_bytes,
        &moving.is_busy,
        &moving.next_wake_at,
        &moving.waits,
        &moving.status,
        &moving.progress,
        &moving.updated,
    ];
    let turned: [&dyn ToSql; 4] = [&now.about, &now.owner, &now.runs, &now.is_over];
    let number = id.number();
    let tail: [&dyn ToSql; 1] = [&number];
    let is_as_before = before.is_some_and(|before| {
        (before.about, before.owner, before.runs, before.is_over)
            == (now.about, now.owner, now.runs, now.is_over)
    });
    let mut values: Vec<&dyn ToSql> = Vec::with_capacity(moved.len() + turned.len() + tail.len());
    values.extend(moved);
    if !is_as_before {
        values.extend(turned);
    }
    values.extend(tail);
    let text = match before {
        None => STAND,
        Some(_) if is_as_before => MOVE,
        Some(_) => TURN,
    };
    statements.get(text)?.execute(values.as_slice())?;
    if before.is_some_and(|before| before.about == now.about) {
        return Ok(());
    }
    let text = if before.is_none() { INSERT } else { REST };
    statements.get(text)?.execute(params![
        number,
        resting.uid(),
        resting.key,
        resting.name(),
        resting.goal(),
        resting.template(),
        resting.tags(),
        resting.created(),
        resting.archived_at(),
        resting.search(),
    ])?;
    Ok(())
}

/// Refuses a uid and a key that another process has.
pub(super) fn require_free(
    statements: &mut Statements<'_>,
    id: ProcessId,
    resting: &Resting<'_>,
) -> Result<(), Stop> {
    let mut find = |text, value: &dyn ToSql| {
        let statement = statements.get(text)?;
        statement.query_row([value], |row| super::row::id_of(row, 0)).optional()
    };
    let by_uid = find(BY_UID, &resting.uid())?;
    let by_key = match resting.key {
        Some(key) => find(BY_KEY, &key)?,
        None => None,
    };
    for (what, found) in [("uid", by_uid), ("key", by_key)] {
        if let Some(other) = found.filter(|other| *other != id) {
            let message = format!("cannot make {id}: {other} has its {what} already");
            let error = Error::new(ErrorKind::Conflict, message);
            return Err(error.with_details(json!({"process": other.to_string()})).into());
        }
    }
    Ok(())
}

/// Notes that all numbers up to this one are given.
pub(super) fn made(connection: &Connection, id: ProcessId) -> rusqlite::Result<()> {
    let text = "UPDATE meta SET next_number = ?1 + 1 WHERE next_number <= ?1";
    connection.prepare_cached(text)?.execute([id.number()])?;
    Ok(())
}

/// Writes what the index says of a process whose journal was read whole.
pub(super) fn write_again(
    connection: &Connection,
    id: ProcessId,
    execution: &Execution,
    (head, bytes): (Sum, i64),
    owner: Option<i64>,
) -> Result<(), Stop> {
    let Some(process) = execution.process() else { return Ok(()) };
    let (moving, resting) = (Moving::of(id, execution, process), Resting::of(execution, process));
    let known = Known {
        revision: execution.revision(),
        head,
        journal_bytes: bytes,
        tail_bytes: bytes,
        snapshot_bytes: 0,
        about: resting.about,
        owner,
        runs: moving.runs,
        is_over: moving.is_over,
    };
    let mut statements = Statements::new(connection);
    require_free(&mut statements, id, &resting)?;
    write(&mut statements, id, (&moving, &resting), (None, &known))?;
    made(connection, id)?;
    Ok(())
}
