//! Which process is active, and which are put away.

use process_core::{ProcessId, RegistryFact};
use process_engine::Input;

use crate::{
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

impl Procside {
    /// Makes a process the active one.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for an archived one.
    pub fn switch(&self, id: ProcessId) -> Result<Changed, Error> {
        self.again(|| self.switch_once(id))
    }

    fn switch_once(&self, id: ProcessId) -> Result<Changed, Error> {
        let mut change = self.begin()?;
        let mut record = change.load(id)?;
        let is_archived = match record.execution.process() {
            Some(process) => process.is_archived(),
            None => record.is_imported_archived(),
        };
        if is_archived {
            return Err(Error::new(ErrorKind::Conflict, format!("{id} is archived"))
                .with_hint(format!("take it back with `procside restore {id}` first")));
        }
        change.commit(&mut record, Vec::new())?;
        change.record(vec![RegistryFact::Switched { process: id }])?;
        let known = record.events.len();
        Changed::end(change, &record, known)
    }

    /// Puts a process away; its file moves to the archive.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it is archived already.
    pub fn archive(&self, id: Option<ProcessId>) -> Result<Changed, Error> {
        self.change(id, vec![Input::Archive])
    }

    /// Takes a process back from the archive.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it is not archived.
    pub fn unarchive(&self, id: ProcessId) -> Result<Changed, Error> {
        self.change(Some(id), vec![Input::Unarchive])
    }
}
