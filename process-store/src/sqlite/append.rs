//! Appending groups: one transaction, one sync, each group whole or not at all.

use process_core::ProcessId;
use process_engine::Execution;
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use serde_json::json;

use super::{
    body::{Place, Sum, encode, sum, sum_alone},
    open::Sqlite,
    row::{Moving, Resting},
    write::{Driving, Stop},
};
use crate::{
    error::{Error, ErrorKind},
    journal::{JOURNAL_BYTES_MAX, JOURNAL_LINE_BYTES_MAX},
    store::Group,
};

/// The shortest tail behind the last snapshot for which another one is worth its while, in bytes: a
/// thousand steps or two, which are replayed about as fast as their snapshot is written.
const SNAPSHOT_TAIL_BYTES_MIN: i64 = 1024 * 1024;

/// How many times the last snapshot the tail must be, so that snapshots cost a share of it only.
const SNAPSHOT_TAIL_FACTOR: i64 = 4;

/// Writes what the index says of a new process: the columns of [`MOVE`], then those of [`REST`].
const INSERT: &str = "INSERT INTO process(revision, head, journal_bytes, tail_bytes, \
                      snapshot_bytes, changed, owner, runs, is_busy, is_over, next_wake_at, waits, \
                      status, progress, updated, id, uid, key, about, name, goal, template, tags, \
                      created, archived_at, search) \
                      VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
                      ?, ?, ?)";

/// Writes what changes with nearly every event.
const MOVE: &str = "UPDATE process SET revision = ?, head = ?, journal_bytes = ?, tail_bytes = ?, \
                    snapshot_bytes = ?, changed = ?, owner = ?, runs = ?, is_busy = ?, \
                    is_over = ?, next_wake_at = ?, waits = ?, status = ?, progress = ?, \
                    updated = ? WHERE id = ?";

/// Writes what rarely changes.
const REST: &str = "UPDATE process SET uid = ?, key = ?, about = ?, name = ?, goal = ?, \
                    template = ?, tags = ?, created = ?, archived_at = ?, search = ? WHERE id = ?";

/// A process as the index has it.
pub(super) struct Known {
    pub(super) revision: u64,
    pub(super) head: Sum,
    pub(super) journal_bytes: i64,
    pub(super) tail_bytes: i64,
    pub(super) snapshot_bytes: i64,
    about: i64,
    owner: Option<i64>,
}

/// A group, ready to be written.
struct Ready<'a> {
    group: &'a Group,
    place: Place,
    body: Vec<u8>,
    moving: Moving<'a>,
    resting: Resting<'a>,
}

impl Sqlite {
    pub(super) fn append_groups(&self, groups: &[Group]) -> Vec<Result<(), Error>> {
        let ready: Vec<Result<Ready<'_>, Error>> =
            groups.iter().map(|group| self.ready(group)).collect();
        if ready.iter().all(Result::is_err) {
            return ready.into_iter().map(|ready| ready.map(|_| ())).collect();
        }
        let mut refused = None;
        let written = self.write(|connection, driving| {
            let changed = next_change(connection)?;
            let mut told = Vec::with_capacity(ready.len());
            for ready in &ready {
                told.push(
                    match ready.as_ref().map(|ready| append(connection, driving, ready, changed)) {
                        Ok(Ok(())) => Ok(()),
                        Ok(Err(Stop::Refused(error))) => Err(error),
                        Ok(Err(Stop::Sqlite(error))) => return Err(Stop::Sqlite(error)),
                        Err(error) => Err(error.clone()),
                    },
                );
            }
            if let Some(Err(error)) = told.iter().find(|_| told.iter().all(Result::is_err)) {
                // There is nothing to wait for.
                let stop = Stop::Refused(error.clone());
                refused = Some(told);
                return Err(stop);
            }
            let appended = ready.iter().zip(&told).filter(|(_, told)| told.is_ok());
            let new = appended.filter_map(|(ready, _)| ready.as_ref().ok()).map(|it| it.group);
            if let Some(id) = new.filter(|it| it.expected == 0).map(|it| it.id).max() {
                made(connection, id)?;
            }
            Ok(told)
        });
        match (written, refused) {
            (Ok(told), _) => {
                self.let_go_of_ended(&ready, &told);
                told
            }
            (Err(_), Some(told)) => told,
            (Err(error), None) => {
                let told = |ready: Result<Ready<'_>, Error>| match ready {
                    Ok(_) => Err(error.clone()),
                    Err(refused) => Err(refused),
                };
                ready.into_iter().map(told).collect()
            }
        }
    }

    /// Forgets what is over and needs nobody to drive it: only what was committed is.
    fn let_go_of_ended(&self, ready: &[Result<Ready<'_>, Error>], told: &[Result<(), Error>]) {
        let mut writer = self.inner.writer();
        for (ready, told) in ready.iter().zip(told) {
            if let (Ok(ready), Ok(())) = (ready, told)
                && ready.moving.is_over
            {
                writer.owned.remove(&ready.group.id);
            }
        }
    }

    /// Checks and writes out what can be outside the transaction.
    fn ready<'a>(&self, group: &'a Group) -> Result<Ready<'a>, Error> {
        let process = group.process()?;
        let Group { id, expected, events, execution, .. } = group;
        let last = execution.revision();
        let body = encode(events).map_err(|seq| {
            let message =
                format!("event {seq} of {id} has more than {JOURNAL_LINE_BYTES_MAX} bytes");
            Error::new(ErrorKind::TooLarge, message).at(self.path())
        })?;
        let place = Place { id: *id, seq: expected + 1, last };
        let moving = Moving::of(*id, execution, process);
        Ok(Ready { group, place, body, moving, resting: Resting::of(execution, process) })
    }
}

/// Counts one more transaction, by which those who watch see it.
pub(super) fn next_change(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("UPDATE meta SET changes = changes + 1 RETURNING changes")?
        .query_row([], |row| row.get(0))
}

/// Reads a process from the index.
pub(super) fn known(connection: &Connection, id: ProcessId) -> rusqlite::Result<Option<Known>> {
    connection
        .prepare_cached(
            "SELECT revision, head, journal_bytes, tail_bytes, snapshot_bytes, about, owner
             FROM process WHERE id = ?",
        )?
        .query_row([id.number()], |row| {
            Ok(Known {
                revision: row.get::<_, i64>(0)?.cast_unsigned(),
                head: row.get(1)?,
                journal_bytes: row.get(2)?,
                tail_bytes: row.get(3)?,
                snapshot_bytes: row.get(4)?,
                about: row.get(5)?,
                owner: row.get(6)?,
            })
        })
        .optional()
}

fn append(
    connection: &Connection,
    driving: &Driving<'_>,
    ready: &Ready<'_>,
    changed: i64,
) -> Result<(), Stop> {
    let Group { id, expected, becomes_active, .. } = *ready.group;
    let known = known(connection, id)?;
    let found = known.as_ref().map_or(0, |known| known.revision);
    if found != expected {
        return Err(conflict(id, expected, found).into());
    }
    let before = known.as_ref().map_or(0, |known| known.journal_bytes);
    let journal_bytes = before + ready.body.len() as i64;
    if journal_bytes > JOURNAL_BYTES_MAX.cast_signed() {
        let message = format!("the journal of {id} would pass {JOURNAL_BYTES_MAX} bytes");
        let hint = "archive the process and go on with a clone of it";
        return Err(Error::new(ErrorKind::TooLarge, message).with_hint(hint).into());
    }
    let about = known.as_ref().map(|known| known.about);
    if about != Some(ready.resting.about) {
        require_free(connection, id, &ready.resting)?;
    }
    let previous = known.as_ref().map(|known| known.head).unwrap_or_default();
    let head = sum(&previous, ready.place, &ready.body);
    connection
        .prepare_cached("INSERT INTO journal(process, seq, last, body, sum) VALUES(?, ?, ?, ?, ?)")?
        .execute(params![
            id.number(),
            ready.place.seq.cast_signed(),
            ready.place.last.cast_signed(),
            ready.body,
            head
        ])?;
    let (snapshot, tail) = known.as_ref().map_or((0, 0), |k| (k.snapshot_bytes, k.tail_bytes));
    let mut sizes =
        Sizes { journal: journal_bytes, tail: tail + ready.body.len() as i64, snapshot };
    // What is over is hardly ever loaded again.
    let is_worth_it = !ready.moving.is_over && sizes.tail >= SNAPSHOT_TAIL_BYTES_MIN;
    if is_worth_it && sizes.tail >= snapshot * SNAPSHOT_TAIL_FACTOR {
        keep_snapshot(connection, ready, &head, &mut sizes)?;
    }
    let held = known.as_ref().and_then(|known| known.owner);
    let owner = owner(driving, id, held, ready.moving.is_over);
    index(
        connection,
        ready,
        &Written { head, sizes, owner, changed, about, is_new: known.is_none() },
    )?;
    if becomes_active && known.is_none() {
        connection.prepare_cached("UPDATE meta SET active = ?")?.execute([id.number()])?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Sizes {
    journal: i64,
    tail: i64,
    snapshot: i64,
}

struct Written {
    head: Sum,
    sizes: Sizes,
    owner: Option<i64>,
    changed: i64,
    about: Option<i64>,
    is_new: bool,
}

/// Returns who drives the process behind the group.
fn owner(driving: &Driving<'_>, id: ProcessId, held: Option<i64>, is_over: bool) -> Option<i64> {
    let ours = driving.driver.as_ref().map(|driver| driver.number);
    match held {
        _ if is_over => None,
        Some(other) if Some(other) != ours => Some(other),
        _ if driving.owned.contains(&id) => ours,
        held => held,
    }
}

/// Refuses a uid and a key that another process has.
fn require_free(connection: &Connection, id: ProcessId, resting: &Resting<'_>) -> Result<(), Stop> {
    let uid = resting.uid();
    let by_uid = find(connection, "SELECT id FROM process WHERE uid = ?", params![uid])?;
    let by_key = match resting.key {
        Some(key) => find(connection, "SELECT id FROM process WHERE key = ?", params![key])?,
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

/// Finds a process by one column.
pub(super) fn find(
    connection: &Connection,
    text: &str,
    value: &[&dyn ToSql],
) -> rusqlite::Result<Option<ProcessId>> {
    connection.prepare_cached(text)?.query_row(value, |row| super::row::id_of(row, 0)).optional()
}

fn index(connection: &Connection, ready: &Ready<'_>, written: &Written) -> rusqlite::Result<()> {
    let Ready { place, moving, resting, .. } = ready;
    let moving_values = params![
        place.last.cast_signed(),
        written.head,
        written.sizes.journal,
        written.sizes.tail,
        written.sizes.snapshot,
        written.changed,
        written.owner,
        moving.runs,
        moving.is_busy,
        moving.is_over,
        moving.next_wake_at,
        moving.waits,
        moving.status,
        moving.progress,
        moving.updated,
        place.id.number(),
    ];
    if !written.is_new {
        connection.prepare_cached(MOVE)?.execute(moving_values)?;
        if written.about == Some(resting.about) {
            return Ok(());
        }
    }
    let (uid, tags, search) = (resting.uid(), resting.tags(), resting.search());
    let resting_values = params![
        uid,
        resting.key,
        resting.about,
        resting.name(),
        resting.goal(),
        resting.template(),
        tags,
        resting.created(),
        resting.archived_at(),
        search,
    ];
    if written.is_new {
        let values: Vec<_> = moving_values.iter().chain(resting_values).copied().collect();
        connection.prepare_cached(INSERT)?.execute(values.as_slice())?;
    } else {
        let id = place.id.number();
        let id: &[&dyn ToSql] = params![id];
        let values: Vec<_> = resting_values.iter().chain(id).copied().collect();
        connection.prepare_cached(REST)?.execute(values.as_slice())?;
    }
    Ok(())
}

/// Notes that all numbers up to this one are given.
fn made(connection: &Connection, id: ProcessId) -> rusqlite::Result<()> {
    let text = "UPDATE meta SET next_number = ?1 + 1 WHERE next_number <= ?1";
    connection.prepare_cached(text)?.execute([id.number()])?;
    Ok(())
}

/// Keeps the state as it is behind the group, if it can be written.
fn keep_snapshot(
    connection: &Connection,
    ready: &Ready<'_>,
    head: &Sum,
    sizes: &mut Sizes,
) -> rusqlite::Result<()> {
    // Without a snapshot the journal is replayed, which takes longer and is as good.
    let Some(body) = snapshot_of(&ready.group.execution) else { return Ok(()) };
    let text = "INSERT OR REPLACE INTO snapshot(process, revision, head, body, sum) \
                VALUES(?, ?, ?, ?, ?)";
    connection.prepare_cached(text)?.execute(params![
        ready.place.id.number(),
        ready.place.last.cast_signed(),
        head,
        body,
        sum_alone(&body),
    ])?;
    sizes.tail = 0;
    sizes.snapshot = body.len() as i64;
    Ok(())
}

fn snapshot_of(execution: &Execution) -> Option<Vec<u8>> {
    serde_json::to_vec(&execution.to_snapshot().ok()?).ok()
}

fn conflict(id: ProcessId, expected: u64, found: u64) -> Error {
    let message = if expected == 0 {
        format!("cannot make {id}: it exists already")
    } else if found == 0 {
        format!("cannot append to {id}: there is no such process")
    } else {
        format!("cannot append to {id}: it is at event {found}, not at {expected}")
    };
    Error::new(ErrorKind::Conflict, message)
}

/// Writes what the index says of a process whose journal was read whole.
pub(super) fn index_again(
    connection: &Connection,
    id: ProcessId,
    execution: &Execution,
    (head, bytes): (Sum, i64),
    (owner, changed): (Option<i64>, i64),
) -> Result<(), Stop> {
    let Some(process) = execution.process() else { return Ok(()) };
    let group = Group {
        id,
        expected: 0,
        events: Vec::new(),
        execution: execution.clone(),
        becomes_active: false,
    };
    let ready = Ready {
        group: &group,
        place: Place { id, seq: 1, last: execution.revision() },
        body: Vec::new(),
        moving: Moving::of(id, execution, process),
        resting: Resting::of(execution, process),
    };
    let sizes = Sizes { journal: bytes, tail: bytes, snapshot: 0 };
    require_free(connection, id, &ready.resting)?;
    index(connection, &ready, &Written { head, sizes, owner, changed, about: None, is_new: true })?;
    made(connection, id)?;
    Ok(())
}
