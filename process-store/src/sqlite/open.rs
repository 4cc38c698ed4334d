//! A database that is open: one connection that writes, one that reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use process_core::ProcessId;
use rusqlite::Connection;

use super::{
    connection::{Header, open_reader, open_writer},
    drive::Driver,
    failure::failed,
    known::Memory,
    turn::Turn,
};
use crate::{
    disk::platform,
    error::{Error, ErrorKind},
    replace::folder_of,
};

/// How a database is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct SqliteOptions {
    /// Whether one on a network file system may be written; its locks are not to be relied on.
    pub allow_network: bool,
    /// Whether a missing one is an error, and not made.
    pub must_exist: bool,
}

/// Processes in one SQLite file, which several programs may use at once.
///
/// A clone is the same program: it drives what the original drives.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) path: PathBuf,
    pub(super) writer: Mutex<Writer>,
    pub(super) reader: Mutex<Reader>,
}

#[derive(Debug, Default)]
pub(super) struct Writer {
    /// `None` before the first write, and behind a failure.
    pub(super) connection: Option<Connection>,
    pub(super) turn: Option<Arc<Turn>>,
    /// Whether a commit failed, so that it is not known what of it will last.
    pub(super) must_checkpoint: bool,
    /// This program, once it drives anything.
    pub(super) driver: Option<Driver>,
    /// The processes that it drives, also those that are not made yet.
    pub(super) owned: BTreeSet<ProcessId>,
    /// What the last transactions of the connection left.
    pub(super) memory: Memory,
    /// Makes the next commits fail as if the disk did.
    #[cfg(test)]
    pub(super) failing_commits: u32,
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// `None` behind a failure.
    pub(super) connection: Option<Connection>,
    /// How often it was opened: each connection counts the changes of others for itself.
    pub(super) generation: u64,
}

impl Sqlite {
    /// Opens the database in this file, and makes it when there is none.
    ///
    /// # Errors
    /// `NotFound` for a missing folder, or file when it must exist; `NotRegular` for what is no
    /// database; `Invalid` for one of another program or of a newer version, which stays as it is;
    /// `NetworkFileSystem` unless it is allowed; `Locked` when it is to be made and somebody else
    /// writes for five seconds.
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, Error> {
        let path = real_path(path.as_ref())?;
        let exists = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => true,
            Ok(metadata) => {
                let what = if metadata.is_dir() { "a folder" } else { "a pipe or a device" };
                return Err(Error::not_regular("open", &path, what));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !options.must_exist => {
                false
            }
            Err(error) => return Err(Error::io("open", &path, error)),
        };
        let folder = folder_of(&path);
        let is_network =
            platform::is_network(folder).map_err(|error| Error::io("look at", folder, error))?;
        if is_network && !options.allow_network {
            let message =
                format!("cannot open `{}`: it is on a network file system", path.display());
            return Err(Error::new(ErrorKind::NetworkFileSystem, message)
                .at(path)
                .with_hint("locks are not reliable there; move the file to a local disk"));
        }
        let (writer, reader) = (Mutex::default(), Mutex::default());
        let store = Self { inner: Arc::new(Inner { path, writer, reader }) };
        let is_empty =
            !exists || store.inner.reader().connected(&store.inner.path)? == Header::Empty;
        if is_empty {
            // A reader of an empty file does not know that it will have a log.
            *store.inner.reader() = Reader::default();
            store.write_later(|_, _| Ok(()))?;
        }
        if !store.is_indexed()? {
            store.reindex()?;
        }
        Ok(store)
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Reads; everything that is read in one call is of one instant.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.inner.read(read)
    }
}

impl Inner {
    pub(super) fn reader(&self) -> MutexGuard<'_, Reader> {
        // A panic leaves a read that ends with the next one.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.reader().read(&self.path, read)
    }
}

impl Reader {
    pub(super) fn read<T>(
        &mut self,
        path: &Path,
        read: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.connected(path)?;
        let result = self.connection.as_ref().map(|connection| {
            // It ends with the value: nothing is written.
            let _reading =
                connection.unchecked_transaction().map_err(|error| failed("read", path, error))?;
            read(connection)
        });
        let result = result.unwrap_or_else(|| Err(closed(path)));
        if matches!(&result, Err(error) if is_connection_lost(error)) {
            self.connection = None;
        }
        result
    }

    pub(super) fn connected(&mut self, path: &Path) -> Result<Header, Error> {
        if self.connection.is_some() {
            return Ok(Header::Ours);
        }
        let (connection, header) = open_reader(path)?;
        self.connection = Some(connection);
        self.generation += 1;
        Ok(header)
    }
}

impl Writer {
    /// Opens what is not open; the turn is held.
    pub(super) fn connect(&mut self, path: &Path) -> Result<&Connection, Error> {
        if self.connection.is_none() {
            self.connection = Some(open_writer(path, self.must_checkpoint)?);
            self.must_checkpoint = false;
        }
        self.connection.as_ref().ok_or_else(|| closed(path))
    }

    pub(super) fn turn(&mut self, path: &Path) -> Result<Arc<Turn>, Error> {
        if let Some(turn) = &self.turn {
            return Ok(turn.clone());
        }
        let turn = Arc::new(Turn::open(path)?);
        self.turn = Some(turn.clone());
        Ok(turn)
    }
}

/// Tells an error of the disk from one of what was asked.
fn is_connection_lost(error: &Error) -> bool {
    let lost = [ErrorKind::Io, ErrorKind::Poisoned, ErrorKind::Locked, ErrorKind::ReadOnly];
    lost.contains(&error.kind())
}

fn closed(path: &Path) -> Error {
    Error::new(ErrorKind::Io, format!("`{}` is closed", path.display())).at(path)
}

/// Returns the path that every program uses for the file, so that all take turns by the same lock.
fn real_path(path: &Path) -> Result<PathBuf, Error> {
    let io_error = |error| Error::io("open", path, error);
    let Some(name) = path.file_name() else {
        return Err(Error::not_regular("open", path, "a folder"));
    };
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return fs::canonicalize(path).map_err(io_error);
    }
    let folder = fs::canonicalize(folder_of(path)).map_err(io_error)?;
    Ok(folder.join(name))
}
