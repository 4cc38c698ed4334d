//! A project and where its processes are; nothing is opened before it is needed.

use std::{path::PathBuf, sync::Arc};

use process_core::{Event, ProcessId, Timestamp};

use super::{Address, Change, Database, Sqlite};
use crate::{
    error::Error,
    files::{Files, Options, Record},
    store::Store,
};

/// Where the processes of a project are kept, beside its templates and its configuration.
///
/// A clone is the same place: an SQLite file is opened once for all of them.
#[derive(Clone)]
pub struct Place {
    files: Files,
    pub(super) kept: Kept,
}

#[derive(Clone)]
pub(super) enum Kept {
    Files,
    Sqlite(Arc<Database>),
    /// Nobody can tell where, and why.
    Unknown(Error),
}

/// What holds the processes.
pub(super) enum Open<'a> {
    Files(&'a Files),
    Sqlite(Sqlite),
}

impl Place {
    /// Returns the place at this address, for the project with these files.
    #[must_use]
    pub fn new(files: Files, address: Address) -> Self {
        let kept = match address {
            Address::Files => Kept::Files,
            Address::Sqlite(path) => Kept::Sqlite(Arc::new(Database::new(path))),
        };
        Self { files, kept }
    }

    /// Returns a place that cannot be told: whatever needs processes fails with this error.
    #[must_use]
    pub fn unknown(files: Files, error: Error) -> Self {
        Self { files, kept: Kept::Unknown(error) }
    }

    /// Returns the same place as another program has it: what one of them drives, the other does not,
    /// until this one is dropped.
    #[must_use]
    pub fn apart(&self) -> Self {
        let kept = match &self.kept {
            Kept::Files => Kept::Files,
            Kept::Sqlite(database) => {
                Kept::Sqlite(Arc::new(Database::new(database.path().to_owned())))
            }
            Kept::Unknown(error) => Kept::Unknown(error.clone()),
        };
        Self { files: self.files.apart(), kept }
    }

    /// Returns the files of the project: templates, configuration, and processes that are kept there.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Returns the SQLite file in which processes are kept; `None` when they are in files.
    #[must_use]
    pub fn database(&self) -> Option<PathBuf> {
        match &self.kept {
            Kept::Sqlite(database) => Some(database.path().to_owned()),
            Kept::Files | Kept::Unknown(_) => None,
        }
    }

    /// Changes how the project is opened.
    pub fn set_options(&mut self, options: Options) {
        self.files.set_options(options);
    }

    pub(super) fn open(&self) -> Result<Open<'_>, Error> {
        match &self.kept {
            Kept::Files => Ok(Open::Files(&self.files)),
            Kept::Sqlite(database) => {
                database.open(self.files.options().allow_network).map(Open::Sqlite)
            }
            Kept::Unknown(error) => Err(error.clone()),
        }
    }

    /// Returns the store for whoever drives processes.
    ///
    /// # Errors
    /// `NotFound` for a missing SQLite file, and whatever keeps it from being opened.
    pub fn store(&self) -> Result<Arc<dyn Store>, Error> {
        Ok(match self.open()? {
            Open::Files(files) => Arc::new(files.clone()),
            Open::Sqlite(sqlite) => Arc::new(sqlite),
        })
    }

    /// Returns whether there is a project, and what it keeps its processes in.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn exists(&self) -> Result<bool, Error> {
        match &self.kept {
            Kept::Files => self.files.exists(),
            Kept::Sqlite(database) => Ok(self.files.exists()? && database.exists()?),
            Kept::Unknown(error) => Err(error.clone()),
        }
    }

    /// Makes the project and what it keeps its processes in; what is there stays.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn found(&self) -> Result<(), Error> {
        if let Kept::Unknown(error) = &self.kept {
            return Err(error.clone());
        }
        self.files.found()?;
        if let Kept::Sqlite(database) = &self.kept {
            database.make(self.files.options().allow_network)?;
        }
        Ok(())
    }

    /// Returns whether the project has the layout of an older program, with one process.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn is_legacy(&self) -> Result<bool, Error> {
        match &self.kept {
            Kept::Files => self.files.is_legacy(),
            Kept::Sqlite(_) | Kept::Unknown(_) => Ok(false),
        }
    }

    /// Begins an operation that writes.
    ///
    /// # Errors
    /// `Locked` after five seconds, `NotFound` when there is no project or no SQLite file.
    pub fn change(&self, now: &Timestamp, by: &str) -> Result<Change<'_>, Error> {
        match self.open()? {
            Open::Files(files) => Ok(Change::in_files(files.change(now, by)?)),
            Open::Sqlite(sqlite) => Ok(Change::in_sqlite(self, sqlite, (now, by), false)),
        }
    }

    /// Begins an operation that only shows what it would do: it takes no lock and writes nothing.
    ///
    /// # Errors
    /// `NotFound` when there is no project or no SQLite file, and whatever the disk says.
    pub fn dry_run(&self, now: &Timestamp, by: &str) -> Result<Change<'_>, Error> {
        match self.open()? {
            Open::Files(files) => Ok(Change::in_files(files.dry_run(now, by)?)),
            Open::Sqlite(sqlite) => Ok(Change::in_sqlite(self, sqlite, (now, by), true)),
        }
    }

    /// Reads a process; `None` when there is none, or none with a journal.
    ///
    /// In SQLite, its events are not read: [`Place::events`] does that.
    ///
    /// # Errors
    /// `Corrupt` for a broken journal, and whatever the disk says.
    pub fn read_process(&self, id: ProcessId) -> Result<Option<Record>, Error> {
        match self.open()? {
            Open::Files(files) => files.read_process(id),
            Open::Sqlite(sqlite) => {
                Ok(sqlite.load(id)?.map(|execution| Record::of_execution(id, execution)))
            }
        }
    }

    /// Returns the events of a record behind the one with this number, oldest first, as far as the
    /// record knows them.
    ///
    /// # Errors
    /// `Corrupt` for a broken journal, and whatever the disk says.
    pub fn events(&self, record: &Record, after: u64) -> Result<Vec<Event>, Error> {
        let behind = |event: &&Event| event.seq > after;
        match self.open()? {
            Open::Files(_) => Ok(record.events.iter().filter(behind).cloned().collect()),
            Open::Sqlite(sqlite) => {
                let mut events = sqlite.events(record.id, after)?;
                // Somebody may have appended more since the record was read.
                events.retain(|event| event.seq <= record.execution.revision());
                Ok(events)
            }
        }
    }
}
