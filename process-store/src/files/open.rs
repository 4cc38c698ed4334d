//! A project folder that is open: nothing is read or locked by opening it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use process_core::{Timestamp, Uid};

use super::{drive::Shared, layout::Layout};
use crate::{
    disk::Disk,
    error::{Error, ErrorKind},
    lock::{LockOptions, Waiter},
};

/// How a project is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether a project on a network file system may be written; its locks are not to be relied on.
    pub allow_network: bool,
}

/// A project in files.
#[derive(Clone)]
pub struct Files {
    disk: Arc<dyn Disk>,
    waiter: Arc<dyn Waiter + Send + Sync>,
    layout: Layout,
    options: Options,
    uids: fn() -> Uid,
    /// What a program that drives processes keeps at hand; clones share it.
    pub(super) shared: Arc<Shared>,
}

impl Files {
    /// Opens the project in this folder; whether there is one shows at the first use.
    #[must_use]
    pub fn new(
        disk: Arc<dyn Disk>,
        waiter: Arc<dyn Waiter + Send + Sync>,
        root: impl Into<PathBuf>,
        options: Options,
        uids: fn() -> Uid,
    ) -> Self {
        let layout = Layout::new(root);
        let shared = Arc::new(Shared::new(disk.clone(), layout.clone()));
        Self { disk, waiter, layout, options, uids, shared }
    }

    /// Returns the same project as another program has it: what one of them drives, the other does
    /// not.
    #[must_use]
    pub fn apart(&self) -> Self {
        let shared = Arc::new(Shared::new(self.disk.clone(), self.layout.clone()));
        Self { shared, ..self.clone() }
    }

    /// Returns where everything lies.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the disk.
    #[must_use]
    pub fn disk(&self) -> &dyn Disk {
        self.disk.as_ref()
    }

    /// Changes how the project is opened.
    pub fn set_options(&mut self, options: Options) {
        self.options = options;
    }

    /// Returns whether the folder is a project.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn exists(&self) -> Result<bool, Error> {
        match self.disk.list(self.layout.folder()) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns how the project is opened.
    pub(crate) fn options(&self) -> Options {
        self.options
    }

    /// Returns the present instant, for what happens without anybody who names one.
    pub(super) fn present(&self) -> Timestamp {
        Timestamp::from_instant(self.waiter.now().into())
    }

    pub(crate) fn fresh_uid(&self) -> Uid {
        (self.uids)()
    }

    /// Takes the project's lock; it ends with what is returned.
    pub(crate) fn lock(&self) -> Result<crate::lock::Lock<'_>, Error> {
        self.lock_within(LockOptions::default().wait)
    }

    /// Takes the project's lock, if it can be had in this time.
    pub(crate) fn lock_within(&self, wait: Duration) -> Result<crate::lock::Lock<'_>, Error> {
        let options = LockOptions { allow_network: self.options.allow_network, wait };
        crate::lock::acquire(self.disk(), &self.layout.registry(), &options, self.waiter.as_ref())
    }
}
