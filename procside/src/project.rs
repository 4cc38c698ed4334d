//! A project that is open.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use process_core::{Process, ProcessId, Timestamp, Uid};
use process_engine::{Execution, Input};
use process_store::{
    Store,
    disk::{Disk, OsDisk},
    files::{self, Files, Options, Record, find_root},
    lock::{StdWaiter, Waiter},
    place::{Address, Change, Place},
};
use uuid::Uuid;

use crate::{
    config::Config,
    error::{Error, ErrorKind},
    outcome::{Changed, Shown},
    trust::Consents,
    user::UserConfig,
};

/// How long an operation is repeated because others are faster: longer than any crowd takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A project: a folder with `.ai` in it, and the processes that are tracked there.
///
/// Opening reads nothing but where the project is. Every operation takes the project's lock for
/// itself, and has made durable what it says when it returns.
#[derive(Clone)]
pub struct Procside {
    /// Where processes are kept.
    pub(crate) place: Place,
    pub(crate) surroundings: Surroundings,
    chosen: Option<ProcessId>,
    dry: bool,
    notices: Arc<Mutex<Vec<String>>>,
    /// Definitions that may start programs, whatever the project.
    pub(crate) consents: Arc<Consents>,
    /// What is alive as long as something drives processes in the name of this project.
    #[cfg(feature = "runtime")]
    pub(crate) drives: Arc<Mutex<std::sync::Weak<()>>>,
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
    pub uids: fn() -> Uid,
    /// Who acts, when nobody else is named.
    pub by: String,
    /// The folder of the user's own configuration; without one nothing is kept for the user.
    pub user_folder: Option<PathBuf>,
}

impl Surroundings {
    /// Returns the operating system's: its files, its clock, `user@host`.
    #[must_use]
    pub fn of_the_system() -> Self {
        Self {
            disk: Arc::new(OsDisk),
            waiter: Arc::new(StdWaiter),
            clock: Arc::new(|| Timestamp::from_instant(chrono::Utc::now())),
            uids: fresh_uid,
            by: user_at_host(),
            user_folder: UserConfig::folder(),
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

    /// Makes a project without processes in this folder, whatever lies above it; one that is there
    /// stays as it is. Whoever makes a project trusts it.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder; whatever keeps the files from being written.
    pub fn create(path: impl AsRef<Path>, surroundings: Surroundings) -> Result<Self, Error> {
        let root = absolute(path.as_ref())?;
        if !root.is_dir() {
            let message = format!("there is no folder `{}`", root.display());
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        let project = Self::at(root, surroundings)?;
        if !project.place.exists()? {
            project.found_project()?;
        }
        Ok(project)
    }

    fn at(root: PathBuf, surroundings: Surroundings) -> Result<Self, Error> {
        let (disk, waiter) = (surroundings.disk.clone(), surroundings.waiter.clone());
        let mut files = Files::new(disk, waiter, root, Options::default(), surroundings.uids);
        // A configuration that cannot be read is told by what needs it; until then it allows nothing.
        let allow_network = Config::of(&files).is_ok_and(|config| config.network_file_system);
        files.set_options(Options { allow_network });
        let place = match Config::address_of(&files) {
            Ok(address) => Place::new(files, address),
            Err(error) => Place::unknown(files, error),
        };
        Ok(Self {
            place,
            surroundings,
            chosen: None,
            dry: false,
            notices: Arc::default(),
            consents: Arc::default(),
            #[cfg(feature = "runtime")]
            drives: Arc::default(),
        })
    }

    /// Keeps processes at this address, `files` or `sqlite:FILE`, whatever the configuration says; a
    /// path is relative to `folder`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn with_store(mut self, address: &str, folder: &Path) -> Result<Self, Error> {
        let address = Address::parse(address, &absolute(folder)?)?;
        self.place = Place::new(self.files().clone(), address);
        Ok(self)
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

    /// Returns this project with notices of its own.
    pub(crate) fn apart(&self) -> Self {
        Self { notices: Arc::default(), ..self.clone() }
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

    /// Ends a change of what lies in files wherever processes are kept.
    pub(crate) fn finish_files(&self, change: files::Change<'_>) {
        self.tell(change.finish().into_iter().map(|notice| notice.0));
    }

    /// Returns the project's files: templates, configuration, and processes that are kept there.
    pub(crate) fn files(&self) -> &Files {
        self.place.files()
    }

    /// Returns the folder of the project.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.files().layout().root()
    }

    /// Returns the SQLite file in which processes are kept; `None` when they are in files.
    #[must_use]
    pub fn database(&self) -> Option<PathBuf> {
        self.place.database()
    }

    /// Returns where processes are kept, for one who drives them, and what that one holds meanwhile.
    ///
    /// Of two who drive in one program, each drives what the other does not; one who stops while the
    /// program goes on lets go of all that it drove.
    #[cfg(feature = "runtime")]
    pub(crate) fn store_to_drive(
        &self,
        is_to_be_left: bool,
    ) -> Result<(Arc<dyn Store>, Arc<()>), Error> {
        let mut drives = self.drives.lock().unwrap_or_else(PoisonError::into_inner);
        if is_to_be_left || drives.upgrade().is_some() {
            return Ok((self.place.apart().store()?, Arc::default()));
        }
        let held = Arc::default();
        *drives = Arc::downgrade(&held);
        Ok((self.store()?, held))
    }

    /// Returns where processes are kept.
    pub(crate) fn store(&self) -> Result<Arc<dyn Store>, Error> {
        Ok(self.place.store()?)
    }

    /// Returns who acts.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.surroundings.by
    }

    /// Returns whether operations write nothing.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.dry
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
        Ok(self.place.active()?)
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
        Ok(if self.dry { self.place.dry_run(&now, by)? } else { self.place.change(&now, by)? })
    }

    /// Begins an operation on what lies in files wherever processes are kept.
    pub(crate) fn begin_files(&self) -> Result<files::Change<'_>, Error> {
        let (now, by, files) = (self.now(), self.identity(), self.files());
        Ok(if self.dry { files.dry_run(&now, by)? } else { files.change(&now, by)? })
    }

    /// Repeats an operation as long as somebody else is faster: it looks again, and decides again.
    pub(crate) fn again<T>(&self, operation: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let until = Instant::now() + PATIENCE;
        loop {
            match operation() {
                Err(error) if error.is_overtaken() && Instant::now() < until => {}
                Err(error) if error.is_overtaken() => {
                    let message = "others changed the process all the time";
                    return Err(Error::new(ErrorKind::Locked, message).with_hint("repeat it"));
                }
                done => return done,
            }
        }
    }

    /// Changes one process.
    pub(crate) fn change(
        &self,
        id: Option<ProcessId>,
        inputs: Vec<Input>,
    ) -> Result<Changed, Error> {
        self.change_with(id, |_| Ok(inputs.clone()))
    }

    /// Changes one process by inputs that depend on where it stands.
    pub(crate) fn change_with(
        &self,
        id: Option<ProcessId>,
        inputs: impl Fn(&Execution) -> Result<Vec<Input>, Error>,
    ) -> Result<Changed, Error> {
        self.again(|| {
            let mut change = self.begin()?;
            let id = self.target(id)?;
            let mut record = change.load(id)?;
            let known = record.events.len();
            let inputs = inputs(&record.execution)?;
            self.commit(&mut change, &mut record, inputs)?;
            Changed::end(change, &record, known)
        })
    }

    /// Makes durable what inputs make happen; a refusal tells programs what it is about.
    pub(crate) fn commit(
        &self,
        change: &mut Change<'_>,
        record: &mut Record,
        inputs: Vec<Input>,
    ) -> Result<(), Error> {
        let Err(error) = change.commit(record, inputs.clone()) else { return Ok(()) };
        if error.is_overtaken() {
            return Err(error.into());
        }
        let mut execution = record.execution.clone();
        for input in inputs {
            match execution.decide(&change.now, self.identity(), input) {
                Ok(events) => events.iter().for_each(|event| execution.apply(event)),
                Err(rejected) if rejected.to_string() == error.message() => {
                    return Err(rejected.into());
                }
                Err(_) => break,
            }
        }
        Err(error.into())
    }

    /// Reads one process, hand edits of its file included, without taking the lock.
    pub(crate) fn read(&self, id: Option<ProcessId>) -> Result<(Shown, Record), Error> {
        let id = self.target(id)?;
        let now = self.now();
        if self.unmigrated()? == Some(id)
            && let Some((process, _)) = self.files().read_legacy(id, &now)?
        {
            let record = Record::of_process(process.clone());
            return Ok((Shown { process, notices: Vec::new() }, record));
        }
        let record = match self.place.read_process(id)? {
            Some(record) => record,
            None => self.read_without_journal(id, &now)?,
        };
        let (mut process, mut notices) = record.shown(&now)?;
        let record = as_of(record, &now);
        show_run(&mut process, &record.execution);
        if record.fork.is_some() {
            notices.push(format!(
                "the history of {id} has two branches; `procside doctor --fix` brings them together"
            ));
        }
        Ok((Shown { process, notices }, record))
    }

    /// Reads a process that another program wrote, as it would be taken in.
    fn read_without_journal(&self, id: ProcessId, now: &Timestamp) -> Result<Record, Error> {
        let mut change = self.place.dry_run(now, self.identity())?;
        let mut record = change.load(id)?;
        if !record.has_journal() {
            change.commit(&mut record, Vec::new())?;
        }
        self.finish(change);
        Ok(record)
    }

    /// Migrates the layout for a single process when it can be done; a reader does not insist.
    fn settle(&self) {
        if !self.dry && self.place.is_legacy().unwrap_or(false) {
            // What keeps it from being migrated comes up again at the first write.
            if let Ok(change) = self.files().try_change(&self.now(), self.identity()) {
                self.finish_files(change);
            }
        }
    }

    /// Returns the id that the only process of an unmigrated project will get.
    pub(crate) fn unmigrated(&self) -> Result<Option<ProcessId>, Error> {
        if !self.place.is_legacy()? {
            return Ok(None);
        }
        let change = self.files().dry_run(&self.now(), self.identity())?;
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

/// Returns a record as it stands at this instant: what came due since its last event has happened,
/// though nobody was there to store it.
fn as_of(mut record: Record, now: &Timestamp) -> Record {
    let wakes_at = record.execution.run().and_then(process_engine::Run::wakes_at);
    if record.fork.is_none() && wakes_at.is_some_and(|at| at <= now.instant()) {
        let mut ahead = record.execution.clone();
        if ahead.advance(now, "clock", Input::Tick).is_ok() {
            record.execution = ahead;
        }
    }
    record
}

/// Shows on a process where its run stands, and who holds its steps.
pub(crate) fn show_run(process: &mut Process, execution: &Execution) {
    let (Some(run), Some(stands)) = (execution.run(), execution.process()) else { return };
    process.status = stands.status;
    process.steps.clone_from(&stands.steps);
    for (step, _, visit) in run.running() {
        if let Some((by, until)) = visit.held()
            && let Some(step) = process.step_mut(step)
        {
            let (by, until) = (by.to_owned(), Timestamp::from_instant(until));
            step.claim = Some(process_core::Claim { by, until, extra: Default::default() });
        }
    }
}

pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|error| {
        Error::new(ErrorKind::Invalid, format!("cannot use `{}`: {error}", path.display()))
    })
}

/// Returns a uid that no process has: of this instant, with 74 bits of chance.
#[must_use]
pub fn fresh_uid() -> Uid {
    Uid::from_bytes(Uuid::now_v7().into_bytes())
}

/// Returns `user@host`, each `unknown` where the system does not tell.
fn user_at_host() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let known = |text: String| if text.is_empty() { "unknown".to_owned() } else { text };
    format!("{}@{}", known(user.unwrap_or_default()), known(host))
}
