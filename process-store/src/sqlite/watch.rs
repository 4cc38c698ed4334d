//! Seeing which processes change, by a look that costs next to nothing when none does.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::{
    failure::failed,
    open::{Inner, Sqlite},
    row::{STANDING, standing},
};
use crate::{
    error::Error,
    store::{Standing, Watch},
};

/// Sees what changes in one database, whoever changes it.
pub(super) struct SqliteWatch {
    inner: Arc<Inner>,
    /// The connection that looked last, and what it said of the file's version.
    seen: Option<(u64, i64)>,
    /// Up to where changes were told.
    told: Option<Told>,
}

/// Up to where changes were told.
#[derive(Clone, Copy)]
struct Told {
    /// The last row of the journals.
    row: i64,
    /// The last time that a process was let go of.
    leave: i64,
}

impl SqliteWatch {
    pub(super) fn new(store: &Sqlite) -> Self {
        Self { inner: store.inner.clone(), seen: None, told: None }
    }
}

impl Watch for SqliteWatch {
    fn poll(&mut self) -> Result<Vec<Standing>, Error> {
        let path = &self.inner.path;
        let mut reader = self.inner.reader();
        reader.connected(path)?;
        let generation = reader.generation;
        let look = |connection: &Connection| -> rusqlite::Result<i64> {
            connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
        };
        let version = match reader.connection.as_ref().map(look) {
            Some(Ok(version)) => version,
            Some(Err(error)) => {
                reader.connection = None;
                return Err(failed("read", path, error));
            }
            None => return Ok(Vec::new()),
        };
        if self.told.is_some() && self.seen == Some((generation, version)) {
            return Ok(Vec::new());
        }
        let told = self.told;
        let (changes, standings) = reader.read(path, |connection| read(connection, path, told))?;
        (self.seen, self.told) = (Some((generation, version)), Some(changes));
        Ok(standings)
    }
}

fn read(
    connection: &Connection,
    path: &Path,
    told: Option<Told>,
) -> Result<(Told, Vec<Standing>), Error> {
    let read = || -> rusqlite::Result<_> {
        let text = "SELECT ifnull((SELECT max(row) FROM journal), 0), leaves FROM meta";
        let seen = connection
            .prepare_cached(text)?
            .query_row([], |row| Ok(Told { row: row.get(0)?, leave: row.get(1)? }))?;
        let standings = match told {
            Some(told) => {
                let text = format!(
                    "SELECT {STANDING} FROM standing WHERE runs AND id IN \
                     (SELECT process FROM journal WHERE row > ?1 \
                     UNION SELECT id FROM standing WHERE let_go > ?2)"
                );
                let mut statement = connection.prepare_cached(&text)?;
                let rows = statement.query_map([told.row, told.leave], standing)?;
                rows.collect::<rusqlite::Result<Vec<_>>>()?
            }
            None => {
                let text = format!("SELECT {STANDING} FROM standing WHERE runs AND NOT is_over");
                let mut statement = connection.prepare_cached(&text)?;
                let rows = statement.query_map([], standing)?;
                rows.collect::<rusqlite::Result<Vec<_>>>()?
            }
        };
        Ok((seen, standings))
    };
    read().map_err(|error| failed("read", path, error))
}
