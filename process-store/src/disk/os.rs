//! The real disk.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::platform;
use super::seam::{Disk, DiskFile, Entry, FileKind, Stat};
use crate::error::Error;

/// The file system of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

impl Disk for OsDisk {
    fn read(&self, path: &Path, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let io_error = |error| Error::io("read", path, error);
        let file = platform::harden(OpenOptions::new().read(true)).open(path).map_err(io_error)?;
        let metadata = file.metadata().map_err(io_error)?;
        require_regular("read", path, &metadata)?;
        if metadata.len() > limit_bytes {
            return Err(Error::too_large(path, limit_bytes));
        }
        // One byte of room tells the end of the file without growing the buffer.
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        file.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(io_error)?;
        if bytes.len() as u64 > limit_bytes {
            return Err(Error::too_large(path, limit_bytes));
        }
        Ok(bytes)
    }

    fn stat(&self, path: &Path) -> Result<Option<Stat>, Error> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(stat_of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("look at", path, error)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, Error> {
        let io_error = |error| Error::io("list", folder, error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(io_error)? {
            let entry = entry.map_err(io_error)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            match entry.file_type() {
                Ok(kind) => entries.push(Entry { name, kind: kind_of(kind) }),
                // It was removed after its name was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(io_error(error)),
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn create_new(&self, path: &Path) -> Result<Box<dyn DiskFile>, Error> {
        let mut options = OpenOptions::new();
        platform::publicly_readable(platform::harden(options.append(true).create_new(true)));
        let file = options.open(path).map_err(|error| Error::io("create", path, error))?;
        Ok(Box::new(OsFile { file, path: path.to_owned(), created: true, poison: None }))
    }

    fn open_append(&self, path: &Path) -> Result<Box<dyn DiskFile>, Error> {
        let io_error = |error| Error::io("open", path, error);
        let file = platform::harden(OpenOptions::new().append(true)).open(path);
        let file = file.map_err(io_error)?;
        require_regular("open", path, &file.metadata().map_err(io_error)?)?;
        Ok(Box::new(OsFile { file, path: path.to_owned(), created: false, poison: None }))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), Error> {
        fs::rename(from, to).map_err(|error| Error::io("rename to", to, error))
    }

    fn hard_link(&self, existing: &Path, link: &Path) -> Result<(), Error> {
        fs::hard_link(existing, link).map_err(|error| Error::io("create", link, error))
    }

    fn remove_file(&self, path: &Path) -> Result<(), Error> {
        fs::remove_file(path).map_err(|error| Error::io("remove", path, error))
    }

    fn create_folder(&self, path: &Path) -> Result<(), Error> {
        match fs::create_dir(path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            Err(error) => Err(Error::io("create folder", path, error)),
        }
    }

    fn remove_folder(&self, path: &Path) -> Result<(), Error> {
        fs::remove_dir(path).map_err(|error| Error::io("remove", path, error))
    }

    fn sync_folder(&self, path: &Path) -> Result<(), Error> {
        platform::sync_folder(path)
            .map_err(|error| Error::io("sync folder", path, error).poisoning())
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn Send>>, Error> {
        let io_error = |error| Error::io("lock", path, error);
        let file = open_guard(path).map_err(io_error)?;
        let metadata = file.metadata().map_err(io_error)?;
        require_regular("lock", path, &metadata)?;
        let mut file = fd_lock::RwLock::new(file);
        match file.try_write() {
            // The lock lives as long as the open file, which outlives this borrow of it.
            Ok(held) => std::mem::forget(held),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(io_error(error)),
        }
        let guard = OsLock { file: Some(file), process_id: std::process::id() };
        // Somebody removed the guard between open and lock: ours would exclude nobody.
        let is_current = fs::symlink_metadata(path)
            .is_ok_and(|current| platform::is_same_file(&metadata, &current));
        Ok(is_current.then(|| Box::new(guard) as Box<dyn Send>))
    }

    fn is_network(&self, path: &Path) -> Result<bool, Error> {
        platform::is_network(path).map_err(|error| Error::io("look at", path, error))
    }
}

struct OsFile {
    file: File,
    path: PathBuf,
    /// A created file also syncs its times, by which a later edit by hand is noticed.
    created: bool,
    poison: Option<Error>,
}

impl OsFile {
    fn require_unpoisoned(&self) -> Result<(), Error> {
        match &self.poison {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }
}

impl DiskFile for OsFile {
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.require_unpoisoned()?;
        self.file.write_all(bytes).map_err(|error| Error::io("write", &self.path, error))
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.require_unpoisoned()?;
        let result = if self.created { self.file.sync_all() } else { self.file.sync_data() };
        result.map_err(|error| {
            let error = Error::io("sync", &self.path, error).poisoning();
            self.poison = Some(error.clone());
            error
        })
    }

    fn set_len(&mut self, len_bytes: u64) -> Result<(), Error> {
        self.require_unpoisoned()?;
        self.file.set_len(len_bytes).map_err(|error| Error::io("truncate", &self.path, error))
    }

    fn stat(&self) -> Result<Stat, Error> {
        self.require_unpoisoned()?;
        let metadata = self.file.metadata();
        metadata
            .map(|metadata| stat_of(&metadata))
            .map_err(|error| Error::io("look at", &self.path, error))
    }
}

/// A held guard; dropping it lets go.
struct OsLock {
    file: Option<fd_lock::RwLock<File>>,
    process_id: u32,
}

impl Drop for OsLock {
    fn drop(&mut self) {
        // Unlocking, not just closing, also frees a copy of the descriptor that a child is about
        // to lose; but a forked copy of ourselves must not free the lock of the original.
        if self.process_id == std::process::id()
            && let Some(file) = self.file.take()
        {
            // There is nobody to tell, and closing the file is the second chance.
            let _ = file.into_inner().unlock();
        }
    }
}

fn open_guard(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    platform::publicly_readable(platform::harden(options.read(true).append(true).create(true)));
    match options.open(path) {
        // A guard that another user made is locked just as well through a read-only descriptor.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            platform::harden(OpenOptions::new().read(true)).open(path).map_err(|_| error)
        }
        result => result,
    }
}

fn require_regular(action: &str, path: &Path, metadata: &Metadata) -> Result<(), Error> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() { "a folder" } else { "a pipe or a device" };
    Err(Error::not_regular(action, path, what))
}

fn stat_of(metadata: &Metadata) -> Stat {
    Stat {
        kind: kind_of(metadata.file_type()),
        len: metadata.len(),
        modified: platform::modified(metadata),
    }
}

fn kind_of(file_type: FileType) -> FileKind {
    if file_type.is_file() {
        FileKind::File
    } else if file_type.is_dir() {
        FileKind::Folder
    } else if file_type.is_symlink() {
        FileKind::Link
    } else {
        FileKind::Other
    }
}
