//! Which program drives which process, and which numbers are reserved.
//!
//! Whoever drives a process holds its file in `.ai/drive` locked. The lock ends with the program,
//! however it ends; the file is but a name, and a file that stays behind excludes nobody.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use process_core::ProcessId;

use super::{
    Files,
    layout::Layout,
    view::{Found, Text, read_text},
};
use crate::{
    disk::{Disk, Stat},
    error::{Error, ErrorKind},
    journal::Head,
    replace::{Durability, replace},
};

/// How often a lock is asked for whose file somebody removes meanwhile.
const TRIES: usize = 3;

/// What keeps Git away from the folder.
const GIT_IGNORE: &str = "*\n";

/// What a program that drives processes keeps at hand.
pub(super) struct Shared {
    disk: Arc<dyn Disk>,
    layout: Layout,
    held: Mutex<BTreeMap<ProcessId, Box<dyn Send>>>,
    ends: Mutex<BTreeMap<ProcessId, End>>,
}

/// The end of a journal and the file beside it, as they were read or written last.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) head: Head,
    pub(super) found: Found,
    /// What the disk said of the journal.
    pub(super) stat: Option<Stat>,
}

impl Shared {
    pub(super) fn new(disk: Arc<dyn Disk>, layout: Layout) -> Self {
        Self { disk, layout, held: Mutex::default(), ends: Mutex::default() }
    }

    pub(super) fn ends(&self) -> MutexGuard<'_, BTreeMap<ProcessId, End>> {
        // A map of what can be read again.
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<ProcessId, Box<dyn Send>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn release(&self, id: ProcessId, lock: Box<dyn Send>) {
        // Removed while it is locked: whoever opened it before finds that it is gone.
        let _ = self.disk.remove_file(&self.layout.drive_lock(id));
        drop(lock);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for (id, lock) in std::mem::take(&mut *self.held()) {
            self.release(id, lock);
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("held", &self.held().keys()).finish_non_exhaustive()
    }
}

impl Files {
    /// Locks a process's file, if nobody else has.
    pub(super) fn take_process(&self, id: ProcessId) -> Result<bool, Error> {
        let mut held = self.shared.held();
        if held.contains_key(&id) {
            return Ok(true);
        }
        if !self.options().allow_network && self.disk().is_network(self.layout().folder())? {
            let message = format!("cannot drive {id}: the project is on a network file system");
            return Err(Error::new(ErrorKind::NetworkFileSystem, message)
                .at(self.layout().folder())
                .with_hint("locks are not reliable there; move the project to a local disk"));
        }
        self.make_drive()?;
        for _ in 0..TRIES {
            if let Some(lock) = self.disk().try_lock(&self.layout().drive_lock(id))? {
                held.insert(id, lock);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Unlocks a process's file.
    pub(super) fn leave_process(&self, id: ProcessId) {
        if let Some(lock) = self.shared.held().remove(&id) {
            self.shared.release(id, lock);
        }
    }

    /// Returns the highest number that was reserved; what cannot be read reserved none.
    pub(super) fn reserved(&self) -> Result<u32, Error> {
        Ok(match read_text(self.disk(), &self.layout().reserved())? {
            Text::Read { text, .. } => text.trim().parse().unwrap_or_default(),
            Text::Absent | Text::Unusual(_) => 0,
        })
    }

    /// Notes the highest number that is reserved; the project's lock is held.
    pub(super) fn set_reserved(&self, number: u32) -> Result<(), Error> {
        self.make_drive()?;
        let text = format!("{number}\n");
        let path = self.layout().reserved();
        replace(self.disk(), &path, text.as_bytes(), Durability::Derived).map(|_| ())
    }

    fn make_drive(&self) -> Result<(), Error> {
        let folder = self.layout().drive();
        if self.make_folder(&folder)? {
            let path = folder.join(".gitignore");
            replace(self.disk(), &path, GIT_IGNORE.as_bytes(), Durability::Derived)?;
        }
        Ok(())
    }
}
