//! What this crate asks of a disk.

use std::path::Path;

use crate::error::Error;

/// The only door to the file system for this crate.
///
/// Every read, write, sync, rename and lock goes through here, so that a test can count them
/// and make each one fail.
/// No method follows a link that stands in place of the last name of a path, and none waits for
/// a pipe.
pub trait Disk: Send + Sync {
    /// Returns the whole content of a regular file.
    ///
    /// # Errors
    /// `TooLarge` if it holds more than `limit_bytes`, found out before it is read; also if it
    /// grows past the limit while it is read. `NotRegular` for anything but a file.
    fn read(&self, path: &Path, limit_bytes: u64) -> Result<Vec<u8>, Error>;

    /// Returns what stands at `path`, without following a link; nothing there is `None`.
    ///
    /// # Errors
    /// Whatever the system says, except that nothing is there.
    fn stat(&self, path: &Path) -> Result<Option<Stat>, Error>;

    /// Returns what is in a folder, sorted by name; names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// `NotFound` if there is no such folder.
    fn list(&self, folder: &Path) -> Result<Vec<Entry>, Error>;

    /// Creates an empty file, readable by all and writable by its owner, and opens it for
    /// appending.
    ///
    /// # Errors
    /// `Conflict` if anything is there already.
    fn create_new(&self, path: &Path) -> Result<Box<dyn DiskFile>, Error>;

    /// Opens a regular file that exists; every write goes to its end.
    ///
    /// # Errors
    /// `NotFound` if nothing is there, `NotRegular` for anything but a file.
    fn open_append(&self, path: &Path) -> Result<Box<dyn DiskFile>, Error>;

    /// Gives a file or folder another name, atomically; a file under that name is replaced.
    ///
    /// # Errors
    /// `NotRegular` if a file would replace a folder.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), Error>;

    /// Gives a file a second name.
    ///
    /// # Errors
    /// `Conflict` if anything has that name; `Denied` or `Io` where the file system has no links.
    fn hard_link(&self, existing: &Path, link: &Path) -> Result<(), Error>;

    /// Removes a name that is not a folder.
    ///
    /// # Errors
    /// `NotFound` if nothing is there.
    fn remove_file(&self, path: &Path) -> Result<(), Error>;

    /// Creates a folder, one level deep; one that exists is fine.
    ///
    /// # Errors
    /// `Conflict` if something that is no folder has that name.
    fn create_folder(&self, path: &Path) -> Result<(), Error>;

    /// Removes an empty folder.
    ///
    /// # Errors
    /// `NotFound` if nothing is there, `Io` if it is not empty.
    fn remove_folder(&self, path: &Path) -> Result<(), Error>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// After a failure the call must not be repeated: a second one may succeed without having
    /// written anything.
    fn sync_folder(&self, path: &Path) -> Result<(), Error>;

    /// Takes the exclusive lock on a guard file, creating it if need be; `None` if somebody has
    /// it, be it another thread of ours.
    ///
    /// The lock ends when the value is dropped, or with the operating-system process.
    ///
    /// # Errors
    /// `NotRegular` if the guard is not a plain file.
    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn Send>>, Error>;

    /// Tells whether `path` lies on a file system that other machines share.
    ///
    /// # Errors
    /// Whatever the system says; `NotFound` if nothing is there.
    fn is_network(&self, path: &Path) -> Result<bool, Error>;
}

/// An open file; whatever is written goes to its end.
///
/// After a failed [`DiskFile::sync`] the handle is poisoned: every later call returns that same
/// error, and the sync is never tried again, because the system may then report a success that
/// never reached the disk.
pub trait DiskFile: Send {
    /// Writes all bytes at the end; on failure some of them may be there.
    ///
    /// # Errors
    /// `NoSpace` and the like; the error of the failed sync if the handle is poisoned.
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Makes the content durable.
    ///
    /// # Errors
    /// Any error poisons the handle.
    fn sync(&mut self) -> Result<(), Error>;

    /// Cuts the file off at `len_bytes`, or extends it with zeros.
    ///
    /// # Errors
    /// Whatever the system says; the error of the failed sync if the handle is poisoned.
    fn set_len(&mut self, len_bytes: u64) -> Result<(), Error>;

    /// Returns how long the file is and when it changed last.
    ///
    /// # Errors
    /// Whatever the system says; the error of the failed sync if the handle is poisoned.
    fn stat(&self) -> Result<Stat, Error>;

    /// Returns the length in bytes.
    ///
    /// # Errors
    /// As [`DiskFile::stat`].
    fn len(&self) -> Result<u64, Error> {
        Ok(self.stat()?.len)
    }

    /// Tells whether the file has no content.
    ///
    /// # Errors
    /// As [`DiskFile::stat`].
    fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.len()? == 0)
    }
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stat {
    /// What it is.
    pub kind: FileKind,
    /// Length in bytes; of no meaning for anything but a file.
    pub len: u64,
    /// When the content changed last: seconds since 1970 and nanoseconds.
    pub modified: (i64, u32),
}

/// One name in a folder.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Entry {
    /// The name, without the folder.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
}

/// What kind of thing has a name; a link is a link, whatever it points to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket, a device.
    Other,
}
