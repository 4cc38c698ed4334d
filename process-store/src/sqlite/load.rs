//! Reading a process: the newest snapshot and the tail behind it, every checksum checked.

use std::path::Path;

use process_core::{Event, ProcessId};
use process_engine::Execution;
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use super::{
    body::{Place, Sum, decode, sum, sum_alone},
    failure::{corrupt, failed},
    known::{Known, known},
    open::Sqlite,
    row::id_of,
};
use crate::error::Error;

/// A journal, or the part of one behind an event.
#[derive(Debug, Default)]
pub(super) struct Tail {
    pub(super) events: Vec<Event>,
    /// The checksum of its last row.
    pub(super) head: Sum,
    pub(super) bytes: i64,
}

impl Sqlite {
    pub(super) fn load_execution(&self, id: ProcessId) -> Result<Option<Execution>, Error> {
        let path = self.path();
        self.read(|connection| {
            let Some(known) = known(connection, id).map_err(|error| failed("read", path, error))?
            else {
                return Ok(None);
            };
            load(connection, path, id, &known).map(Some)
        })
    }

    pub(super) fn events_behind(&self, id: ProcessId, after: u64) -> Result<Vec<Event>, Error> {
        self.read(|connection| {
            let mut tail = tail(connection, self.path(), id, after, None)?;
            tail.events.retain(|event| event.seq > after);
            Ok(tail.events)
        })
    }

    pub(super) fn find_by(
        &self,
        text: &str,
        value: &[&dyn rusqlite::ToSql],
    ) -> Result<Option<ProcessId>, Error> {
        let path = self.path();
        self.read(|connection| {
            let find = || -> rusqlite::Result<Option<ProcessId>> {
                connection.prepare_cached(text)?.query_row(value, |row| id_of(row, 0)).optional()
            };
            find().map_err(|error| failed("read", path, error))
        })
    }
}

fn load(
    connection: &Connection,
    path: &Path,
    id: ProcessId,
    known: &Known,
) -> Result<Execution, Error> {
    let kept = snapshot(connection, id).map_err(|error| failed("read", path, error))?;
    let (execution, head) = match kept {
        Some((execution, head)) if execution.revision() <= known.revision => {
            let revision = execution.revision();
            let behind = tail(connection, path, id, revision, Some(head))?;
            let mut execution = execution;
            behind.events.iter().for_each(|event| execution.apply(event));
            (execution, behind.head)
        }
        _ => {
            let whole = tail(connection, path, id, 0, None)?;
            (Execution::replay(&whole.events), whole.head)
        }
    };
    if execution.revision() != known.revision || head != known.head {
        let (found, expected) = (execution.revision(), known.revision);
        let message = format!("the journal of {id} ends at event {found}, not at {expected}");
        return Err(corrupt(path, message));
    }
    Ok(execution)
}

/// Reads the rows that hold events behind this one; `previous` is the checksum of the row before
/// them, when it is known.
pub(super) fn tail(
    connection: &Connection,
    path: &Path,
    id: ProcessId,
    after: u64,
    previous: Option<Sum>,
) -> Result<Tail, Error> {
    let sqlite = |error| failed("read", path, error);
    let text = "SELECT seq, last, body, sum FROM journal \
                WHERE process = ?1 AND seq > ifnull((SELECT max(seq) FROM journal \
                WHERE process = ?1 AND seq <= ?2), 0) - 1 ORDER BY seq";
    let mut statement = connection.prepare_cached(text).map_err(sqlite)?;
    let next = after.saturating_add(1).min(i64::MAX as u64);
    let mut rows = statement.query((id.number(), next.cast_signed())).map_err(sqlite)?;
    let mut tail = Tail::default();
    let mut expected = None;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let seq = row.get::<_, i64>(0).map_err(sqlite)?.cast_unsigned();
        let last = row.get::<_, i64>(1).map_err(sqlite)?.cast_unsigned();
        let body = row.get_ref(2).and_then(|body| Ok(body.as_blob()?)).map_err(sqlite)?;
        let kept: Sum = row.get(3).map_err(sqlite)?;
        let bad =
            |reason: &str| corrupt(path, format!("the journal of {id}, event {seq}: {reason}"));
        let (wanted, before) = match expected {
            Some(wanted) => (wanted, tail.head),
            None => {
                let before = match previous {
                    Some(previous) if seq == next => previous,
                    _ => sum_before(connection, id, seq).map_err(sqlite)?,
                };
                (seq.min(next), before)
            }
        };
        if seq != wanted || last < seq {
            return Err(bad(&format!("it stands in the place of event {wanted}")));
        }
        let place = Place { id, seq, last };
        if sum(&before, place, body) != kept {
            return Err(bad("the checksum does not fit: the row or one before it was changed"));
        }
        tail.events.extend(decode(place, body).map_err(|reason| bad(&reason))?);
        (tail.head, expected) = (kept, Some(last + 1));
        tail.bytes += body.len() as i64;
    }
    if let (None, Some(previous)) = (expected, previous) {
        tail.head = previous;
    }
    // What was acknowledged up to there is no part of the answer.
    tail.events.retain(|event| event.seq > after);
    Ok(tail)
}

fn sum_before(connection: &Connection, id: ProcessId, seq: u64) -> rusqlite::Result<Sum> {
    let text = "SELECT sum FROM journal WHERE process = ? AND seq < ? ORDER BY seq DESC LIMIT 1";
    let found = connection
        .prepare_cached(text)?
        .query_row((id.number(), seq.cast_signed()), |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Reads the newest snapshot and the checksum of the row that it shows; one that cannot be used is
/// none.
fn snapshot(connection: &Connection, id: ProcessId) -> rusqlite::Result<Option<(Execution, Sum)>> {
    let kept = connection
        .prepare_cached("SELECT revision, head, body, sum FROM snapshot WHERE process = ?")?
        .query_row([id.number()], |row| {
            let body: Vec<u8> = row.get(2)?;
            Ok((row.get::<_, i64>(0)?, row.get::<_, Sum>(1)?, body, row.get::<_, Sum>(3)?))
        })
        .optional()?;
    Ok(kept.and_then(|(revision, head, body, sum)| {
        if sum_alone(&body) != sum {
            return None;
        }
        let value: Value = serde_json::from_slice(&body).ok()?;
        let execution = Execution::from_snapshot(&value).ok()?;
        (execution.revision() == revision.cast_unsigned()).then_some((execution, head))
    }))
}
