//! A project that is open.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use process_core::{Process, ProcessId, Timestamp};
use process_engine::{Execution, Input};
use process_store::{
    disk::{Disk, OsDisk},
    files::{Change, Files, Options, Record, find_root},
    lock::{StdWaiter, Waiter},
};
use uuid::Uuid;

use crate::{
    config::Config,
    error::{Error, ErrorKind},
    outcome::{Changed, Shown},
};

/// A project: a folder with `.ai` in it, and the processes that are tracked there.
///
/// Opening reads nothing but where the project is. Every operation takes the project's lock for
/// itself, and has made durable what it says when it returns.
#[derive(Clone)]
pub struct Procside {
    pub(crate) files: Files,
    pub(crate) surroundings: Surroundings,
    chosen: Option<ProcessId>,
    dry: bool,
    notices: Arc<Mutex<Vec<String>>>,
}

/// What a project takes from the outside: disk, clock, identities. Tests give others.
#[derive(Clone)]
pub struct Surroundings {
    /// The file system.
    pub disk: Arc<dyn Disk>,
    /// What waits for a lock.
    pub waiter: Arc<dyn Waiter + Send + Sync>,
    /// What tells the time.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What makes a uid that no process has.
    pub uids: fn() -> Uuid,
    /// Who acts, when nobody else is named.
    pub by: String,
}

impl Surroundings {
    /// Returns the operating system's: its files, its clock, `user@host`.
    #[must_use]
    pub fn of_the_system() -> Self {
        Self {
            disk: Arc::new(OsDisk),
            waiter: Arc::new(StdWaiter),
            clock: Arc::new(|| Timestamp::from_instant(chrono::Utc::now())),
            uids: Uuid::now_v7,
            by: user_at_host(),
        }
    }
}

impl Procside {
    /// Opens the project that a folder belongs to: the nearest one upwards that holds `.ai`.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_with(path, Surroundings::of_the_system())
    }

    /// Opens the project that a folder belongs to, in other surroundings.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn open_with(path: impl AsRef<Path>, surroundings: Surroundings) -> Result<Self, Error> {
        let start = absolute(path.as_ref())?;
        match find_root(surroundings.disk.as_ref(), &start)? {
            Some(root) => Self::at(root, surroundings),
            None => {
                let message = format!("there is no project in `{}` or above it", start.display());
                Err(Error::new(ErrorKind::NotFound, message).with_hint("`procside init` makes one"))
            }
        }
    }

    /// Opens the project that a folder belongs to, or this folder as one that is to be made.
    ///
    /// # Errors
    /// Whatever keeps the folders from being looked at.
    pub fn open_or_new(path: impl AsRef<Path>, surroundings: Surroundings) -> Result<Self, Error> {
        let start = absolute(path.as_ref())?;
        let root = find_root(surroundings.disk.as_ref(), &start)?.unwrap_or(start);
        Self::at(root, surroundings)
    }

    fn at(root: PathBuf, surroundings: Surroundings) -> Result<Self, Error> {
        let (disk, waiter) = (surroundings.disk.clone(), surroundings.waiter.clone());
        let mut files = Files::new(disk, waiter, root, Options::default(), surroundings.uids);
        // A configuration that cannot be read is told by what needs it; until then it allows nothing.
        let allow_network = Config::of(&files).is_ok_and(|config| config.network_file_system);
        files.set_options(Options { allow_network });
        Ok(Self { files, surroundings, chosen: None, dry: false, notices: Arc::default() })
    }

    /// Chooses the process that operations take when none is named; else it is the active one.
    #[must_use]
    pub fn with_process(mut self, id: Option<ProcessId>) -> Self {
        self.chosen = id;
        self
    }

    /// Makes operations show what they would do, and write nothing.
    #[must_use]
    pub fn with_dry_run(mut self, dry: bool) -> Self {
        self.dry = dry;
        self
    }

    /// Names who acts.
    #[must_use]
    pub fn with_identity(mut self, by: impl Into<String>) -> Self {
        self.surroundings.by = by.into();
        self
    }

    /// Returns what was repaired, or could not be taken as it is, since this was last asked: what
    /// an answer has no place for. For people.
    #[must_use]
    pub fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn tell(&self, notices: impl IntoIterator<Item = String>) {
        let mut told = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        for notice in notices {
            if !told.contains(&notice) {
                told.push(notice);
            }
        }
    }

    /// Ends an operation whose answer has no place for notices.
    pub(crate) fn finish(&self, change: Change<'_>) {
        self.tell(change.finish().into_iter().map(|notice| notice.0));
    }

    /// Returns the folder of the project.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.files.layout().root()
    }

    /// Returns who acts.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.surroundings.by
    }

    pub(crate) fn is_dry(&self) -> bool {
        self.dry
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.surroundings.clock)()
    }

    /// Returns the active process, if there is one.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn active(&self) -> Result<Option<ProcessId>, Error> {
        self.settle();
        if let Some(id) = self.unmigrated()? {
            return Ok(Some(id));
        }
        Ok(self.files.active()?)
    }

    /// Returns the process that is named, by the operation or for all of them.
    pub(crate) fn chosen_or(&self, id: Option<ProcessId>) -> Option<ProcessId> {
        id.or(self.chosen)
    }

    /// Returns the process that an operation is about.
    pub(crate) fn target(&self, id: Option<ProcessId>) -> Result<ProcessId, Error> {
        if let Some(id) = self.chosen_or(id) {
            return Ok(id);
        }
        self.active()?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "there is no active process")
                .with_hint("choose one with `procside switch ID`, or make one with `procside init`")
        })
    }

    /// Begins an operation that writes, or that only shows what it would write.
    pub(crate) fn begin(&self) -> Result<Change<'_>, Error> {
        let (now, by) = (self.now(), self.identity());
        Ok(if self.dry { self.files.dry_run(&now, by)? } else { self.files.change(&now, by)? })
    }

    /// Changes one process.
    pub(crate) fn change(
        &self,
        id: Option<ProcessId>,
        inputs: Vec<Input>,
    ) -> Result<Changed, Error> {
        self.change_with(id, |_| Ok(inputs))
    }

    /// Changes one process by inputs that depend on where it stands.
    pub(crate) fn change_with(
        &self,
        id: Option<ProcessId>,
        inputs: impl FnOnce(&Execution) -> Result<Vec<Input>, Error>,
    ) -> Result<Changed, Error> {
        let mut change = self.begin()?;
        let id = self.target(id)?;
        let mut record = change.load(id)?;
        let known = record.events.len();
        let inputs = inputs(&record.execution)?;
        change.commit(&mut record, inputs)?;
        Changed::end(change, &record, known)
    }

    /// Reads one process, hand edits of its file included, without taking the lock.
    pub(crate) fn read(&self, id: Option<ProcessId>) -> Result<(Shown, Record), Error> {
        let id = self.target(id)?;
        let now = self.now();
        if self.unmigrated()? == Some(id)
            && let Some((process, _)) = self.files.read_legacy(id, &now)?
        {
            let record = Record::of_process(process.clone());
            return Ok((Shown { process, notices: Vec::new() }, record));
        }
        let record = match self.files.read_process(id)? {
            Some(record) => record,
            None => self.read_without_journal(id, &now)?,
        };
        let (process, mut notices) = record.shown(&now)?;
        if record.fork.is_some() {
            notices.push(format!(
                "the history of {id} has two branches; `procside doctor --fix` brings them together"
            ));
        }
        Ok((Shown { process, notices }, record))
    }

    /// Reads a process that another program wrote, as it would be taken in.
    fn read_without_journal(&self, id: ProcessId, now: &Timestamp) -> Result<Record, Error> {
        let mut change = self.files.dry_run(now, self.identity())?;
        let mut record = change.load(id)?;
        if !record.has_journal() {
            change.commit(&mut record, Vec::new())?;
        }
        self.finish(change);
        Ok(record)
    }

    /// Migrates the layout for a single process when it can be done; a reader does not insist.
    fn settle(&self) {
        if !self.dry && self.files.is_legacy().unwrap_or(false) {
            // What keeps it from being migrated comes up again at the first write.
            if let Ok(change) = self.files.try_change(&self.now(), self.identity()) {
                self.finish(change);
            }
        }
    }

    /// Returns the id that the only process of an unmigrated project will get.
    pub(crate) fn unmigrated(&self) -> Result<Option<ProcessId>, Error> {
        if !self.files.is_legacy()? {
            return Ok(None);
        }
        let change = self.files.dry_run(&self.now(), self.identity())?;
        Ok(Some(change.next_id()?))
    }

    /// Returns a copy of the process by its id; the typed way to look at one.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn process(&self, id: Option<ProcessId>) -> Result<Process, Error> {
        self.settle();
        let (shown, _) = self.read(id)?;
        self.tell(shown.notices);
        Ok(shown.process)
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|error| {
        Error::new(ErrorKind::Invalid, format!("cannot use `{}`: {error}", path.display()))
    })
}

/// Returns `user@host`, each `unknown` where the system does not tell.
fn user_at_host() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let known = |text: String| if text.is_empty() { "unknown".to_owned() } else { text };
    format!("{}@{}", known(user.unwrap_or_default()), known(host))
}
