//! One transaction: the turn, the writes, the commit that everybody waits for.

use std::sync::{MutexGuard, PoisonError};

use process_core::ProcessId;
use rusqlite::Connection;

use super::{
    connection::{sync_every_commit, sync_later},
    drive::Driver,
    failure::failed,
    known::Memory,
    open::{Inner, Sqlite, Writer},
};
use crate::error::{Error, ErrorKind};

/// What a transaction knows of the program that makes it.
pub(super) struct Driving<'a> {
    pub(super) driver: &'a mut Option<Driver>,
    pub(super) owned: &'a mut std::collections::BTreeSet<ProcessId>,
    pub(super) memory: &'a mut Memory,
}

/// Why a transaction ends without a commit.
#[derive(Debug)]
pub(super) enum Stop {
    /// What was asked cannot be done; the connection is as good as before.
    Refused(Error),
    /// SQLite failed.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Sqlite {
    /// Writes, and returns when it is durable.
    pub(super) fn write<T>(
        &self,
        write: impl FnOnce(&Connection, &mut Driving<'_>) -> Result<T, Stop>,
    ) -> Result<T, Error> {
        self.inner.write(true, write)
    }

    /// Writes what need not outlive a power cut: all others see it, and whatever is acknowledged
    /// later makes it durable too.
    pub(super) fn write_later<T>(
        &self,
        write: impl FnOnce(&Connection, &mut Driving<'_>) -> Result<T, Stop>,
    ) -> Result<T, Error> {
        self.inner.write(false, write)
    }
}

impl Inner {
    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic leaves a transaction that was not committed; see `write`.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write<T>(
        &self,
        is_durable: bool,
        write: impl FnOnce(&Connection, &mut Driving<'_>) -> Result<T, Stop>,
    ) -> Result<T, Error> {
        let mut guard = self.writer();
        let writer = &mut *guard;
        let turn = writer.turn(&self.path)?;
        let _turn = turn.take()?;
        self.connect(writer)?;
        let was_driving = writer.driver.is_some();
        let result = self.transact(writer, is_durable, write);
        if result.is_err() {
            // What it wrote is not there.
            writer.memory.clear();
        }
        if result.is_err() && !was_driving {
            // The number that it was given is not stored, and goes to somebody else.
            writer.driver = None;
        }
        if let Err(Stop::Sqlite(_)) = &result {
            // What of the transaction will last is unknown: the next write begins with a checkpoint.
            writer.connection = None;
            writer.memory = Memory::default();
            writer.must_checkpoint = true;
        }
        result.map_err(|stop| match stop {
            Stop::Refused(error) => error,
            Stop::Sqlite(error) => failed("write", &self.path, error),
        })
    }

    /// Opens what is not open; the turn is held.
    ///
    /// All connections of a program share the index of the log as the first one could open it, which
    /// may be for reading only because of a failure that is over: then all are opened anew.
    fn connect(&self, writer: &mut Writer) -> Result<(), Error> {
        match writer.connect(&self.path) {
            Err(error) if error.kind() == ErrorKind::ReadOnly => {
                self.reader().connection = None;
                writer.connect(&self.path).map(|_| ())
            }
            connected => connected.map(|_| ()),
        }
    }

    fn transact<T>(
        &self,
        writer: &mut Writer,
        is_durable: bool,
        write: impl FnOnce(&Connection, &mut Driving<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let mut driving = Driving {
            driver: &mut writer.driver,
            owned: &mut writer.owned,
            memory: &mut writer.memory,
        };
        let Some(connection) = &writer.connection else {
            return Err(Stop::Sqlite(rusqlite::Error::InvalidQuery));
        };
        if !connection.is_autocommit() {
            // A panic left it open.
            driving.memory.clear();
            run(connection, "ROLLBACK")?;
        }
        if !is_durable {
            sync_later(connection, &self.path)?;
        }
        run(connection, "BEGIN IMMEDIATE")?;
        driving.memory.look(connection)?;
        let result = write(connection, &mut driving);
        let result = match result {
            Ok(value) => {
                #[cfg(test)]
                fail(&mut writer.failing_commits)?;
                run(connection, "COMMIT").map(|()| value).map_err(Stop::Sqlite)
            }
            Err(stop) => {
                run(connection, "ROLLBACK")?;
                Err(stop)
            }
        };
        if !is_durable {
            sync_every_commit(connection, &self.path)
                .map_err(|_| Stop::Sqlite(rusqlite::Error::InvalidQuery))?;
        }
        result
    }
}

fn run(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(|_| ())
}

/// Fails like a commit whose sync does.
#[cfg(test)]
fn fail(commits: &mut u32) -> Result<(), Stop> {
    if *commits == 0 {
        return Ok(());
    }
    *commits -= 1;
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    Err(Stop::Sqlite(rusqlite::Error::SqliteFailure(code, None)))
}
