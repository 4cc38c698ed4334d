//! A registry of children that is open.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use process_store::{
    children::{Children as Registry, ChildrenNotice, ChildrenOptions as RegistryOptions},
    disk::{Disk, OsDisk},
    files::find_root,
    lock::LockOptions,
    logs,
};
use procreg::ProcessInfo;

use crate::{
    error::{Error, ErrorKind},
    project::{Procside, Surroundings, absolute},
};

/// Where children are recorded, below the folder of the project.
const REGISTRY: &str = ".loopwork/processes.json";

/// The folder of logs, beside the registry.
const LOGS: &str = "logs";

/// The folder of the runs that drivers start, beside the registry.
const RUNS: &str = "runs";

/// How a registry of children is opened.
#[derive(Clone, Debug, Default)]
pub struct ChildrenOptions {
    /// The registry's file; without one, `.loopwork/processes.json` in the root of the project, or in
    /// the folder when it belongs to none.
    pub registry: Option<PathBuf>,
    /// Whether the file gets the keys of the original format only, and all the rest stands beside it.
    pub strict: bool,
    /// A program that supervises: it reads a request from its standard input and calls
    /// [`Children::supervise_request`]. Without one, children with a restart policy are kept running
    /// by [`Children::supervise`] alone.
    pub supervisor: Vec<OsString>,
    /// Whether operations show what they would do, and write, start and signal nothing.
    pub dry_run: bool,
}

/// A registry of children.
///
/// Opening reads nothing. Clones share what they have to tell.
#[derive(Clone, Debug)]
pub struct Children {
    pub(super) registry: Registry,
    pub(super) strict: bool,
    pub(super) supervisor: Vec<OsString>,
    pub(super) dry: bool,
    /// The folder that relative folders of children are below.
    pub(super) folder: PathBuf,
    notices: Arc<Mutex<Vec<String>>>,
}

impl Children {
    /// Opens the registry that belongs to a folder.
    ///
    /// # Errors
    /// `Invalid` when the path of the registry names no file.
    pub fn open(folder: impl AsRef<Path>, options: ChildrenOptions) -> Result<Self, Error> {
        let folder = absolute(folder.as_ref())?;
        let disk: Arc<dyn Disk> = Arc::new(OsDisk);
        let root = find_root(disk.as_ref(), &folder).ok().flatten();
        let path = match &options.registry {
            Some(path) => absolute(&folder.join(path))?,
            None => root.as_deref().unwrap_or(&folder).join(REGISTRY),
        };
        let allow_network = root.is_some_and(|root| {
            Procside::open_or_new(root, Surroundings::of_the_system())
                .and_then(|project| project.config())
                .is_ok_and(|config| config.network_file_system)
        });
        let lock = LockOptions { allow_network, ..LockOptions::default() };
        let registry =
            Registry::open(disk, path, RegistryOptions { strict: options.strict, lock })?;
        Ok(Self {
            registry,
            strict: options.strict,
            supervisor: options.supervisor,
            dry: options.dry_run,
            folder,
            notices: Arc::default(),
        })
    }

    /// Returns the registry's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.registry.path()
    }

    /// Returns whether operations show what they would do, and do nothing.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.dry
    }

    /// Returns what was mended or passed over since this was last asked, for people.
    #[must_use]
    pub fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn tell(&self, notices: &[ChildrenNotice]) {
        let mut told = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        for notice in notices.iter().map(ToString::to_string) {
            if !told.contains(&notice) {
                told.push(notice);
            }
        }
    }

    /// Returns the log of a task.
    pub(super) fn log_of(&self, namespace: &str, task: &str) -> PathBuf {
        logs::log_path(&self.beside(LOGS), namespace, task)
    }

    /// Returns the folder of a run that a driver started.
    pub(super) fn run_of(&self, info: &ProcessInfo) -> Option<PathBuf> {
        let run_id = info.identity.as_ref()?.run_id.as_ref()?;
        let is_name = uuid::Uuid::parse_str(run_id).is_ok();
        is_name.then(|| self.beside(RUNS).join(run_id))
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.path().with_file_name(name)
    }
}

/// Returns the milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Returns the error for a child that nobody knows.
pub(super) fn unknown(what: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no child `{}`", what.escape_debug()))
        .with_hint("`procside ps --all` lists them")
}
