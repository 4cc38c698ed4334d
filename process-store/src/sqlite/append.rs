//! Appending groups: one transaction, one sync, each group whole or not at all.

use process_core::ProcessId;
use process_engine::Execution;
use rusqlite::params;

use super::{
    body::{Place, encode, sum, sum_alone},
    index,
    known::Known,
    open::Sqlite,
    row::{Moving, Resting},
    statements::Statements,
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

/// Writes a group.
const INSERT: &str = "INSERT INTO journal(process, seq, last, body, sum) VALUES(?, ?, ?, ?, ?)";

/// Keeps a state.
const SNAPSHOT: &str = "INSERT OR REPLACE INTO snapshot(process, revision, head, body, sum) \
                        VALUES(?, ?, ?, ?, ?)";

/// Makes a process the active one.
const ACTIVE: &str = "UPDATE meta SET active = ?";

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
            let mut statements = Statements::new(connection);
            let mut told = Vec::with_capacity(ready.len());
            for ready in &ready {
                told.push(
                    match ready.as_ref().map(|ready| append(&mut statements, driving, ready)) {
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
                index::made(connection, id)?;
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

fn append(
    statements: &mut Statements<'_>,
    driving: &mut Driving<'_>,
    ready: &Ready<'_>,
) -> Result<(), Stop> {
    let Group { id, expected, becomes_active, .. } = *ready.group;
    let before = driving.memory.known(statements, id)?;
    let found = before.as_ref().map_or(0, |known| known.revision);
    if found != expected {
        return Err(conflict(id, expected, found).into());
    }
    let bytes = ready.body.len() as i64;
    let journal_bytes = before.as_ref().map_or(0, |known| known.journal_bytes) + bytes;
    if journal_bytes > JOURNAL_BYTES_MAX.cast_signed() {
        let message = format!("the journal of {id} would pass {JOURNAL_BYTES_MAX} bytes");
        let hint = "archive the process and go on with a clone of it";
        return Err(Error::new(ErrorKind::TooLarge, message).with_hint(hint).into());
    }
    if before.as_ref().map(|known| known.about) != Some(ready.resting.about) {
        index::require_free(statements, id, &ready.resting)?;
    }
    let previous = before.as_ref().map(|known| known.head).unwrap_or_default();
    let head = sum(&previous, ready.place, &ready.body);
    statements.get(INSERT)?.execute(params![
        id.number(),
        ready.place.seq.cast_signed(),
        ready.place.last.cast_signed(),
        ready.body,
        head
    ])?;
    let held = before.as_ref().and_then(|known| known.owner);
    let mut now = Known {
        revision: ready.place.last,
        head,
        journal_bytes,
        tail_bytes: before.as_ref().map_or(0, |known| known.tail_bytes) + bytes,
        snapshot_bytes: before.as_ref().map_or(0, |known| known.snapshot_bytes),
        about: ready.resting.about,
        owner: owner(driving, id, held, ready.moving.is_over),
        runs: ready.moving.runs,
        is_over: ready.moving.is_over,
    };
    // What is over is hardly ever loaded again.
    let is_worth_it = !now.is_over && now.tail_bytes >= SNAPSHOT_TAIL_BYTES_MIN;
    if is_worth_it && now.tail_bytes >= now.snapshot_bytes * SNAPSHOT_TAIL_FACTOR {
        keep_snapshot(statements, ready, &mut now)?;
    }
    index::write(statements, id, (&ready.moving, &ready.resting), (before.as_ref(), &now))?;
    if becomes_active && before.is_none() {
        statements.get(ACTIVE)?.execute([id.number()])?;
    }
    driving.memory.keep(id, now);
    Ok(())
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

/// Keeps the state as it is behind the group, if it can be written.
fn keep_snapshot(
    statements: &mut Statements<'_>,
    ready: &Ready<'_>,
    now: &mut Known,
) -> rusqlite::Result<()> {
    // Without a snapshot the journal is replayed, which takes longer and is as good.
    let Some(body) = snapshot_of(&ready.group.execution) else { return Ok(()) };
    statements.get(SNAPSHOT)?.execute(params![
        ready.place.id.number(),
        ready.place.last.cast_signed(),
        now.head,
        body,
        sum_alone(&body),
    ])?;
    (now.tail_bytes, now.snapshot_bytes) = (0, body.len() as i64);
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
