//! What is wrong with a store that is not these files, beside what people write.

use process_core::Timestamp;

use super::{
    code::{STORE_CORRUPT, STORE_INDEX_STALE, STORE_UNREADABLE},
    examine::examine_settings,
    finding::Problem,
};
use crate::{
    error::{Error, ErrorKind},
    files::{Files, change::no_project},
};

impl Files {
    /// Returns the problems of a project whose processes are elsewhere: those of its settings, and
    /// these of its store, each with whether it was repaired.
    ///
    /// # Errors
    /// `NotFound` when there is no project.
    pub fn doctor_beside(
        &self,
        now: &Timestamp,
        store: Vec<(Error, bool)>,
    ) -> Result<Vec<Problem>, Error> {
        if self.disk().stat(self.layout().folder())?.is_none() {
            return Err(no_project(self.layout().root()));
        }
        let settings = examine_settings(self, now);
        let left = settings.clone();
        let mut problems = settings.into_problems(self.layout(), &left, &[]);
        problems.extend(store.into_iter().map(|(error, fixed)| {
            let code = match error.kind() {
                _ if is_of_index(&error) => STORE_INDEX_STALE,
                ErrorKind::Corrupt => STORE_CORRUPT,
                _ => STORE_UNREADABLE,
            };
            let path = error.path().map_or(String::new(), |path| self.layout().shown(path));
            let message = error.message().to_owned();
            Problem { code: code.name, severity: code.severity, path, message, fixed }
        }));
        Ok(problems)
    }
}

/// Returns whether a problem is one of the index alone, which can be written anew.
pub(crate) fn is_of_index(problem: &Error) -> bool {
    problem.details().is_some_and(|details| details["index"] == true)
}
