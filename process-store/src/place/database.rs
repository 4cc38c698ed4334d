//! An SQLite file that is opened when it is needed, and once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    error::{Error, ErrorKind},
    sqlite::SqliteOptions,
};

pub(super) use crate::sqlite::Sqlite;

pub(super) struct Database {
    path: PathBuf,
    opened: Mutex<Option<Sqlite>>,
}

impl Database {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, opened: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether there is a file with something in it; whatever else stands there is told by
    /// opening it.
    pub(super) fn exists(&self) -> Result<bool, Error> {
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok(!metadata.is_file() || metadata.len() > 0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io("look at", &self.path, error)),
        }
    }

    /// Returns what was opened before, or opens it.
    pub(super) fn open(&self, allow_network: bool) -> Result<Sqlite, Error> {
        let mut opened = self.opened();
        if let Some(sqlite) = opened.as_ref() {
            return Ok(sqlite.clone());
        }
        if !self.exists()? {
            let message = format!("there is no store `{}`", self.path.display());
            return Err(Error::new(ErrorKind::NotFound, message)
                .at(&self.path)
                .with_hint("`procside init`, `run` and `import` make one"));
        }
        let options = SqliteOptions { allow_network, must_exist: true };
        Ok(opened.insert(Sqlite::open(&self.path, options)?).clone())
    }

    /// Makes the file, unless it is there.
    pub(super) fn make(&self, allow_network: bool) -> Result<(), Error> {
        let mut opened = self.opened();
        if opened.is_none() {
            let options = SqliteOptions { allow_network, must_exist: false };
            *opened = Some(Sqlite::open(&self.path, options)?);
        }
        Ok(())
    }

    fn opened(&self) -> MutexGuard<'_, Option<Sqlite>> {
        // A panic leaves it open or not, and both are right.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
