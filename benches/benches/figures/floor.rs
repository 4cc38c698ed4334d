//! What SQLite does by itself on the same disk: the floor of everything that a driver stores.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::{Result, quantile, tell, us};

/// How often a single row is committed.
const COMMITS: usize = 500;

/// How many rows one transaction has, where they come in groups.
const GROUP: u32 = 100;

/// How many groups are committed for one measurement.
const GROUPS: u32 = 500;

/// How long the body of a row is, in bytes; a step of a process has about as many.
const BODY_BYTES: usize = 200;

/// A database with a write-ahead log, every commit of which waits for the disk.
pub(crate) struct Floor(Connection);

impl Floor {
    /// Makes one in this folder.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let connection = Connection::open(folder.join("floor.db"))?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", 2)?;
        connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
        connection
            .execute_batch("CREATE TABLE line(id INTEGER PRIMARY KEY, body BLOB NOT NULL)")?;
        Ok(Self(connection))
    }

    /// Measures one row alone, and prints it.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub(crate) fn alone(&self) -> Result<Duration> {
        let mut taken = Vec::with_capacity(COMMITS);
        for _ in 0..COMMITS {
            let start = Instant::now();
            self.insert(1)?;
            taken.push(start.elapsed());
        }
        taken.sort_unstable();
        tell("sqlite_commit_us", us(quantile(&taken, 50)), "us")?;
        tell("sqlite_commit_p99_us", us(quantile(&taken, 99)), "us")?;
        Ok(quantile(&taken, 50))
    }

    /// Returns how many rows a second go in, a hundred with each sync.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub(crate) fn grouped(&self) -> Result<f64> {
        let start = Instant::now();
        for _ in 0..GROUPS {
            self.insert(GROUP)?;
        }
        Ok(f64::from(GROUP * GROUPS) / start.elapsed().as_secs_f64())
    }

    fn insert(&self, rows: u32) -> Result<()> {
        let transaction = self.0.unchecked_transaction()?;
        let mut statement = self.0.prepare_cached("INSERT INTO line(body) VALUES(?)")?;
        for _ in 0..rows {
            statement.execute([[b'x'; BODY_BYTES]])?;
        }
        Ok(transaction.commit()?)
    }
}
