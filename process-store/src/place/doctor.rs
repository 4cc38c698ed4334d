//! Finding what is wrong with a place, and repairing it.

use process_core::Timestamp;

use super::{
    Place, Sqlite,
    opened::{Kept, Open},
};
use crate::{
    error::{Error, ErrorKind},
    files::{Problem, is_of_index},
};

impl Place {
    /// Finds everything that is wrong, and with `fix` repairs what can be: of an SQLite file, what
    /// is derived from the journals.
    ///
    /// # Errors
    /// `NotFound` when there is no project or no SQLite file, `Locked` when somebody else writes.
    /// What is wrong with a file is a problem in the list, never an error.
    pub fn doctor(&self, now: &Timestamp, by: &str, fix: bool) -> Result<Vec<Problem>, Error> {
        if matches!(self.kept, Kept::Files) {
            return self.files().doctor(now, by, fix);
        }
        let found = match self.open() {
            Ok(Open::Files(files)) => return files.doctor(now, by, fix),
            Ok(Open::Sqlite(sqlite)) => look(&sqlite, fix)?,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Locked) => {
                return Err(error);
            }
            Err(error) => vec![(error, false)],
        };
        self.files().doctor_beside(now, found)
    }

    /// Writes the index anew from the journals, and returns how many processes it lists.
    ///
    /// # Errors
    /// `Locked`, `Corrupt` for an SQLite file with a broken journal, and whatever the disk says.
    pub fn reindex(&self, now: &Timestamp, by: &str) -> Result<usize, Error> {
        match self.open()? {
            Open::Files(files) => files.reindex(now, by),
            Open::Sqlite(sqlite) => Ok(usize::try_from(sqlite.reindex()?).unwrap_or(usize::MAX)),
        }
    }
}

/// Returns what is wrong with a file, and whether it was repaired.
fn look(sqlite: &Sqlite, fix: bool) -> Result<Vec<(Error, bool)>, Error> {
    let check = || sqlite.check().unwrap_or_else(|error| vec![error]);
    let seen = check();
    if !fix || !seen.iter().any(is_of_index) {
        return Ok(seen.into_iter().map(|problem| (problem, false)).collect());
    }
    match sqlite.reindex() {
        Err(error) if error.kind() == ErrorKind::Locked => return Err(error),
        // What keeps it from being written anew is among the problems.
        Ok(_) | Err(_) => {}
    }
    let left = check();
    let is_left = |problem: &Error| left.iter().any(|left| left.message() == problem.message());
    let told = seen.into_iter().map(|problem| {
        let fixed = !is_left(&problem);
        (problem, fixed)
    });
    Ok(told.collect())
}
