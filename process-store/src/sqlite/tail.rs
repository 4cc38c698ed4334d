//! Which journals grew, by the rows that were appended.

use process_core::ProcessId;
use rusqlite::Connection;

use super::{failure::failed, open::Sqlite, row::id_of};
use crate::error::Error;

impl Sqlite {
    /// Returns the last row of the journals, and the processes that have one behind this row, or
    /// any.
    pub(crate) fn grown_since(&self, row: Option<i64>) -> Result<(i64, Vec<ProcessId>), Error> {
        let path = &self.inner.path;
        let read = |connection: &Connection| -> rusqlite::Result<(i64, Vec<ProcessId>)> {
            let last = connection
                .prepare_cached("SELECT ifnull(max(row), 0) FROM journal")?
                .query_row([], |row| row.get(0))?;
            let ids = match row {
                Some(row) if row == last => Vec::new(),
                Some(row) => connection
                    .prepare_cached("SELECT DISTINCT process FROM journal WHERE row > ?1")?
                    .query_map([row], |row| id_of(row, 0))?
                    .collect::<rusqlite::Result<Vec<_>>>()?,
                None => connection
                    .prepare_cached("SELECT id FROM standing")?
                    .query_map([], |row| id_of(row, 0))?
                    .collect::<rusqlite::Result<Vec<_>>>()?,
            };
            Ok((last, ids))
        };
        self.inner.read(|connection| read(connection).map_err(|error| failed("read", path, error)))
    }
}
