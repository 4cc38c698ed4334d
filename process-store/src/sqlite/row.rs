//! What the index says of a process, and its entry as people see it.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use process_core::{
    Process, ProcessId, ProcessStatus, Timestamp, Uid, progress::Progress, registry::ProcessEntry,
};
use process_engine::{Execution, VisitState};
use rusqlite::Row;
use serde_json::Map;

use crate::store::{Standing, key_of};

/// An approval waits for people.
const WAITS_APPROVAL: i64 = 1;

/// Somebody may take a step.
const WAITS_CLAIM: i64 = 2;

/// A step waits for a message.
const WAITS_MESSAGE: i64 = 4;

/// What changes with nearly every event.
#[derive(Debug)]
pub(super) struct Moving<'a> {
    pub(super) runs: bool,
    pub(super) is_busy: bool,
    pub(super) is_over: bool,
    pub(super) next_wake_at: Option<i64>,
    pub(super) waits: i64,
    pub(super) status: &'static str,
    pub(super) progress: i64,
    pub(super) updated: &'a str,
}

/// What rarely changes.
#[derive(Debug)]
pub(super) struct Resting<'a> {
    process: &'a Process,
    pub(super) key: Option<&'a str>,
    /// Tells whether anything of it changed.
    pub(super) about: i64,
}

impl<'a> Moving<'a> {
    pub(super) fn of(id: ProcessId, execution: &'a Execution, process: &'a Process) -> Self {
        let standing = Standing::of(id, execution);
        Self {
            runs: standing.is_some(),
            is_busy: standing.is_some_and(|standing| standing.is_busy),
            is_over: standing.map_or(process.is_archived(), |standing| standing.is_over),
            next_wake_at: standing.and_then(|standing| standing.wakes_at).map(to_nanoseconds),
            waits: waits(execution),
            status: process.status.as_str(),
            progress: Progress::of(process).percent().cast_signed(),
            updated: process.updated_at.as_str(),
        }
    }
}

impl<'a> Resting<'a> {
    pub(super) fn of(execution: &'a Execution, process: &'a Process) -> Self {
        let key = key_of(execution);
        let mut hasher = DefaultHasher::new();
        (process.uid, key, &process.name, &process.goal, &process.template, &process.tags)
            .hash(&mut hasher);
        process.created_at.as_str().hash(&mut hasher);
        process.archived_at.as_ref().map(Timestamp::as_str).hash(&mut hasher);
        Self { process, key, about: hasher.finish().cast_signed() }
    }

    pub(super) fn uid(&self) -> [u8; 16] {
        *self.process.uid.as_bytes()
    }

    pub(super) fn name(&self) -> &str {
        &self.process.name
    }

    pub(super) fn goal(&self) -> &str {
        &self.process.goal
    }

    pub(super) fn template(&self) -> Option<&str> {
        self.process.template.as_deref()
    }

    /// Returns the tags as a JSON list.
    pub(super) fn tags(&self) -> String {
        serde_json::Value::from(self.process.tags.clone()).to_string()
    }

    pub(super) fn created(&self) -> &str {
        self.process.created_at.as_str()
    }

    pub(super) fn archived_at(&self) -> Option<&str> {
        self.process.archived_at.as_ref().map(Timestamp::as_str)
    }

    /// Returns all in which a search looks, a line each.
    pub(super) fn search(&self) -> String {
        let Process { id, name, goal, tags, .. } = self.process;
        format!("{id}\n{name}\n{goal}\n{}", tags.join("\n")).to_lowercase()
    }
}

/// The columns of [`entry`], in its order.
pub(super) const ENTRY: &str = "id, uid, key, revision, journal_bytes, status, progress, updated, \
                                name, goal, template, tags, created, archived_at";

/// Reads an entry from the columns of [`ENTRY`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<ProcessEntry> {
    let text = |index: usize| row.get::<_, String>(index);
    let instant = |text: Option<String>| text.as_deref().and_then(Timestamp::parse);
    let archived_at = row.get::<_, Option<String>>(13)?;
    Ok(ProcessEntry {
        id: id_of(row, 0)?,
        uid: Some(Uid::from_bytes(row.get(1)?)),
        key: row.get(2)?,
        revision: Some(row.get::<_, i64>(3)?.cast_unsigned()),
        journal_bytes: Some(row.get::<_, i64>(4)?.cast_unsigned()),
        view_bytes: None,
        status: ProcessStatus::parse(&text(5)?).ok_or_else(|| unreadable("status"))?,
        progress: row.get::<_, i64>(6)?.cast_unsigned(),
        updated_at: instant(Some(text(7)?)),
        name: text(8)?,
        goal: text(9)?,
        template: row.get(10)?,
        tags: serde_json::from_str(&text(11)?).map_err(|_| unreadable("tags"))?,
        created_at: instant(Some(text(12)?)),
        archived: archived_at.is_some(),
        archived_at: instant(archived_at),
        extra: Map::new(),
    })
}

/// The columns of [`standing`], in its order.
pub(super) const STANDING: &str = "id, revision, next_wake_at, is_busy, is_over";

/// Reads where a process stands from the columns of [`STANDING`].
pub(super) fn standing(row: &Row<'_>) -> rusqlite::Result<Standing> {
    Ok(Standing {
        id: id_of(row, 0)?,
        revision: row.get::<_, i64>(1)?.cast_unsigned(),
        wakes_at: row.get::<_, Option<i64>>(2)?.map(DateTime::from_timestamp_nanos),
        is_busy: row.get(3)?,
        is_over: row.get(4)?,
    })
}

/// Reads the id of a process from a column.
pub(super) fn id_of(row: &Row<'_>, index: usize) -> rusqlite::Result<ProcessId> {
    let number = row.get::<_, u32>(index)?;
    ProcessId::from_number(number).ok_or_else(|| unreadable("process number"))
}

fn waits(execution: &Execution) -> i64 {
    let Some(run) = execution.run().filter(|run| run.end().is_none()) else { return 0 };
    let bit = |state: VisitState, bit: i64| if run.open_count(state) > 0 { bit } else { 0 };
    bit(VisitState::Approval, WAITS_APPROVAL)
        | bit(VisitState::Ready, WAITS_CLAIM)
        | bit(VisitState::Doubt, WAITS_CLAIM)
        | bit(VisitState::Message, WAITS_MESSAGE)
}

/// Returns an instant as nanoseconds since 1970; one beyond the year 2262 comes early, and then
/// nothing happens.
pub(super) fn to_nanoseconds(at: DateTime<Utc>) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(if at < DateTime::UNIX_EPOCH { i64::MIN } else { i64::MAX })
}

fn unreadable(what: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnName(what.to_owned())
}
