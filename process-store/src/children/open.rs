//! A children registry that is open: nothing is read or locked by opening it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder;
use crate::disk::Disk;
use crate::error::Error;
use crate::lock::{LockOptions, StdWaiter, Waiter};
use crate::replace::name_of;

/// How large a registry file may be: that of 100,000 entries with long commands.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What is appended to the name of a strict registry for the file with all the rest.
const SIDE_SUFFIX: &str = "procside";

/// What is appended to the name for the previous good content.
const BACKUP_SUFFIX: &str = "bak";

/// How a children registry is opened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ChildrenOptions {
    /// Whether the file gets the keys of the document only, and all the rest stands beside it.
    pub strict: bool,
    /// How its lock is taken.
    pub lock: LockOptions,
}

/// A children registry in a file.
///
/// It is cheap to clone, and may be used by many threads at once; each commit takes the lock.
#[derive(Clone)]
pub struct Children {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) waiter: Arc<dyn Waiter + Send + Sync>,
    pub(super) path: PathBuf,
    pub(super) options: ChildrenOptions,
}

impl Children {
    /// Opens the registry in this file; whether there is one shows at the first use.
    ///
    /// # Errors
    /// `Invalid` if the path names no file.
    pub fn open(
        disk: Arc<dyn Disk>,
        path: impl Into<PathBuf>,
        options: ChildrenOptions,
    ) -> Result<Children, Error> {
        let path = path.into();
        name_of(&path)?;
        Ok(Children { disk, waiter: Arc::new(StdWaiter), path, options })
    }

    /// Replaces the clock and the sleep of the lock, for tests.
    #[must_use]
    pub fn with_waiter(self, waiter: Arc<dyn Waiter + Send + Sync>) -> Children {
        Children { waiter, ..self }
    }

    /// Makes the folder of the registry if it is missing; the one above it must exist.
    ///
    /// # Errors
    /// `NotRegular` if something that is no folder has its name, a link to one included; `NotFound`
    /// if the folder above it is missing.
    pub fn prepare(&self) -> Result<(), Error> {
        folder::make(self.disk.as_ref(), &self.path)
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how it is opened.
    #[must_use]
    pub fn options(&self) -> ChildrenOptions {
        self.options
    }

    /// Returns the file with the previous good content.
    pub(super) fn backup(&self) -> PathBuf {
        self.beside(BACKUP_SUFFIX)
    }

    /// Returns the file with what a strict registry has no keys for.
    pub(super) fn side(&self) -> PathBuf {
        self.beside(SIDE_SUFFIX)
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(suffix);
        self.path.with_file_name(name)
    }
}

impl std::fmt::Debug for Children {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Children").field("path", &self.path).finish_non_exhaustive()
    }
}
