//! The order of a visit: look, take the lock, repair, look again.

use process_core::Timestamp;

use super::{code::LOCK_UNAVAILABLE, examine::examine, finding::Problem, repair::Repair};
use crate::{
    error::{Error, ErrorKind},
    files::{Files, change::no_project},
};

/// How often repairing goes on with what the repair before has brought to light, such as a fork
/// behind conflict markers, and a stale file behind the fork.
const ROUNDS_MAX: usize = 5;

impl Files {
    /// Finds everything that is wrong with the project's files, and with `fix` repairs what can be.
    ///
    /// Without `fix` it takes no lock and writes nothing. A repair keeps the old file as
    /// `*.corrupt-N` or `*.rejected-N`.
    ///
    /// # Errors
    /// `NotFound` when there is no project, `Locked` when somebody else writes. What is wrong with
    /// a file is a problem in the list, never an error.
    pub fn doctor(&self, now: &Timestamp, by: &str, fix: bool) -> Result<Vec<Problem>, Error> {
        if self.disk().stat(self.layout().folder())?.is_none() {
            return Err(no_project(self.layout().root()));
        }
        let mut seen = examine(self, now);
        if !fix || seen.repairable().is_empty() {
            let left = seen.clone();
            return Ok(seen.into_problems(self.layout(), &left, &[]));
        }
        let lock = match self.lock() {
            Ok(lock) => lock,
            Err(error) if error.kind() == ErrorKind::Locked => return Err(error),
            Err(error) => {
                seen.add(LOCK_UNAVAILABLE, &self.layout().registry(), error.to_string());
                let left = seen.clone();
                return Ok(seen.into_problems(self.layout(), &left, &[]));
            }
        };
        let mut repair = Repair::new(self, lock, now, by);
        let mut left = examine(self, now);
        for _ in 0..ROUNDS_MAX {
            seen.absorb(&left);
            if left.repairable().is_empty() {
                break;
            }
            repair.round(&left);
            let next = examine(self, now);
            let is_stuck = next.repairable() == left.repairable();
            left = next;
            if is_stuck {
                break;
            }
        }
        seen.absorb(&left);
        let failures = repair.finish();
        Ok(seen.into_problems(self.layout(), &left, &failures))
    }

    /// Writes `registry.yaml` anew from the journals, whatever it says, and returns how many
    /// processes it lists. One that does not parse is kept as `*.corrupt-N`.
    ///
    /// # Errors
    /// `Locked`, and whatever the disk says.
    pub fn reindex(&self, now: &Timestamp, by: &str) -> Result<usize, Error> {
        let mut change = self.change(now, by)?;
        let count = change.reindex()?;
        // What finishing has to say was said by the line above.
        let _ = change.finish();
        Ok(count)
    }
}
