//! Checking the whole file, and writing the index anew from the journals.

use std::collections::BTreeMap;

use process_core::ProcessId;
use process_engine::Execution;
use rusqlite::Connection;
use serde_json::json;

use super::{
    drive::next_leave,
    failure::{corrupt, failed},
    index,
    known::known,
    load::tail,
    open::Sqlite,
    row::id_of,
    write::Stop,
};
use crate::error::Error;

/// The most problems that are told at once.
const PROBLEMS_MAX: usize = 100;

impl Sqlite {
    /// Returns everything that is wrong with the file, a hundred problems at most.
    ///
    /// It reads every journal and every page, and checks that the index says what they say.
    ///
    /// # Errors
    /// Whatever keeps the file from being read at all.
    pub fn check(&self) -> Result<Vec<Error>, Error> {
        let path = self.path();
        self.read(|connection| {
            let mut problems = integrity_check(connection)
                .map_err(|error| failed("check", path, error))?
                .into_iter()
                .map(|text| corrupt(path, text))
                .collect::<Vec<_>>();
            let ids = journals(connection).map_err(|error| failed("check", path, error))?;
            for id in ids {
                if problems.len() >= PROBLEMS_MAX {
                    break;
                }
                problems.extend(self.check_one(connection, id).err());
            }
            Ok(problems)
        })
    }

    fn check_one(&self, connection: &Connection, id: ProcessId) -> Result<(), Error> {
        let path = self.path();
        let whole = tail(connection, path, id, 0, None)?;
        let known = known(connection, id).map_err(|error| failed("check", path, error))?;
        let Some(known) = known else {
            return Err(stale(corrupt(path, format!("{id} is missing in the index"))));
        };
        let last = whole.events.last().map_or(0, |event| event.seq);
        if known.revision != last || known.head != whole.head {
            let message =
                format!("the journal of {id} ends at event {last}, not at {}", known.revision);
            return Err(stale(corrupt(path, message)));
        }
        Ok(())
    }

    pub(super) fn is_indexed(&self) -> Result<bool, Error> {
        self.read(|connection| {
            let read = connection.query_row("SELECT is_indexed FROM meta", [], |row| row.get(0));
            read.map_err(|error| failed("read", self.path(), error))
        })
    }

    /// Writes everything but the journals anew, and returns how many processes there are.
    ///
    /// # Errors
    /// `Corrupt` for the first journal that is broken, and whatever the disk says; the index is as
    /// it was then.
    pub fn reindex(&self) -> Result<u64, Error> {
        self.write(|connection, driving| {
            driving.memory.clear();
            let owners = owners(connection)?;
            connection.execute_batch(
                "DELETE FROM snapshot; DELETE FROM standing; DELETE FROM process;",
            )?;
            let ids = journals(connection)?;
            for id in &ids {
                let whole = tail(connection, self.path(), *id, 0, None).map_err(Stop::Refused)?;
                let execution = Execution::replay(&whole.events);
                let owner = owners.get(id).copied();
                let journal = (whole.head, whole.bytes);
                index::write_again(connection, *id, &execution, journal, owner)?;
            }
            // Those who watch look at all of them again.
            let left = next_leave(connection)?;
            connection.execute("UPDATE standing SET let_go = ?", [left])?;
            connection.execute("UPDATE meta SET is_indexed = 1", [])?;
            Ok(ids.len() as u64)
        })
    }
}

/// Marks what is wrong with the index alone, which can be written anew.
fn stale(error: Error) -> Error {
    error
        .with_hint("`procside doctor --fix` writes the index anew")
        .with_details(json!({"index": true}))
}

fn integrity_check(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({PROBLEMS_MAX})"))?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<String> = lines.collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// Returns all processes that have a journal.
fn journals(connection: &Connection) -> rusqlite::Result<Vec<ProcessId>> {
    let mut statement = connection.prepare("SELECT DISTINCT process FROM journal ORDER BY 1")?;
    statement.query_map([], |row| id_of(row, 0))?.collect()
}

fn owners(connection: &Connection) -> rusqlite::Result<BTreeMap<ProcessId, i64>> {
    let mut statement =
        connection.prepare("SELECT id, owner FROM standing WHERE owner IS NOT NULL")?;
    statement.query_map([], |row| Ok((id_of(row, 0)?, row.get(1)?)))?.collect()
}
