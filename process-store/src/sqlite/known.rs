//! What the last transactions left of each process, so that the next one need not read it.

use std::collections::BTreeMap;

use process_core::ProcessId;
use rusqlite::{Connection, OptionalExtension};

use super::{body::Sum, statements::Statements};

/// The most processes that are remembered: a few megabytes.
const REMEMBERED_MAX: usize = 16_384;

const READ: &str = "SELECT revision, head, journal_bytes, tail_bytes, snapshot_bytes, about, \
                    owner, runs, is_over FROM standing WHERE id = ?";

/// A process as the index has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) revision: u64,
    pub(super) head: Sum,
    pub(super) journal_bytes: i64,
    pub(super) tail_bytes: i64,
    pub(super) snapshot_bytes: i64,
    pub(super) about: i64,
    pub(super) owner: Option<i64>,
    pub(super) runs: bool,
    pub(super) is_over: bool,
}

/// What this connection wrote last of each process, as long as no other one writes.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: BTreeMap<ProcessId, Known>,
    /// What SQLite says of the file's version: another one means that somebody else wrote.
    version: Option<i64>,
}

impl Memory {
    /// Forgets everything when another connection wrote meanwhile; a transaction has begun, so
    /// that nobody does until its end.
    pub(super) fn look(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let version = connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get::<_, i64>(0))?;
        if self.version != Some(version) {
            self.known.clear();
            self.version = Some(version);
        }
        Ok(())
    }

    /// Forgets everything: a transaction was taken back, or it is not known what became of it.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Forgets one process, of which something else is written.
    pub(super) fn forget(&mut self, id: ProcessId) {
        self.known.remove(&id);
    }

    /// Returns a process, from the index where it is not remembered.
    pub(super) fn known(
        &self,
        statements: &mut Statements<'_>,
        id: ProcessId,
    ) -> rusqlite::Result<Option<Known>> {
        match self.known.get(&id) {
            Some(known) => Ok(Some(*known)),
            None => statements.get(READ)?.query_row([id.number()], read).optional(),
        }
    }

    /// Remembers what was written of a process.
    pub(super) fn keep(&mut self, id: ProcessId, known: Known) {
        if known.is_over {
            self.known.remove(&id);
            return;
        }
        if self.known.len() >= REMEMBERED_MAX {
            self.known.pop_first();
        }
        self.known.insert(id, known);
    }
}

/// Reads a process from the index.
pub(super) fn known(connection: &Connection, id: ProcessId) -> rusqlite::Result<Option<Known>> {
    connection.prepare_cached(READ)?.query_row([id.number()], read).optional()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        revision: row.get::<_, i64>(0)?.cast_unsigned(),
        head: row.get(1)?,
        journal_bytes: row.get(2)?,
        tail_bytes: row.get(3)?,
        snapshot_bytes: row.get(4)?,
        about: row.get(5)?,
        owner: row.get(6)?,
        runs: row.get(7)?,
        is_over: row.get(8)?,
    })
}
