//! Atomic replacement of whole files, and setting aside what must not be lost.
//!
//! A reader sees the old content or the new one, never a part of either.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::{Disk, DiskFile, FileKind, Stat};
use crate::error::{Error, ErrorKind};

#[cfg(test)]
mod tests;

/// Highest number of a file set aside: a folder that holds so many wants a person.
const ASIDE_NUMBER_MAX: u32 = 9_999;

/// How often a taken name is passed over: left-overs of a program with our number are few.
const NAME_TRIES_MAX: u32 = 1_000;

/// How far a replacement has to get before it counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// Nothing is synced: the content can be rebuilt from other files, also when a power cut
    /// leaves it empty.
    Derived,
    /// The content is synced before the rename: after a power cut the file is the old one or
    /// the new one.
    Synced,
    /// As `Synced`, and the name is durable as well: after the return it is the new one.
    SyncedWithFolder,
}

/// Why a file is set aside; it becomes a part of the name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Aside {
    /// It breaks its format: `<name>.corrupt-N`.
    Corrupt,
    /// It is an edit that was not taken: `<name>.rejected-N`.
    Rejected,
}

impl Aside {
    fn suffix(self) -> &'static str {
        match self {
            Aside::Corrupt => "corrupt",
            Aside::Rejected => "rejected",
        }
    }
}

/// Replaces a file, or creates it, and returns what it looks like on the disk.
///
/// The content is written beside it as `.<name>.tmp-<pid>-<n>` and renamed.
/// A link or pipe that has the name is replaced itself, never followed.
///
/// # Errors
/// `NotRegular` if the name is a folder's. On any error the old file stays and the file beside
/// it is removed, with one exception: if the sync of the folder fails, the new content is there
/// and may be gone after a power cut.
pub fn replace(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
    durability: Durability,
) -> Result<Stat, Error> {
    if disk.stat(path)?.is_some_and(|stat| stat.kind == FileKind::Folder) {
        return Err(Error::not_regular("replace", path, "a folder"));
    }
    let is_synced = durability != Durability::Derived;
    let (temporary, stat) = write_beside(disk, path, bytes, is_synced)?;
    if let Err(error) = disk.rename(&temporary, path) {
        remove_quietly(disk, &temporary);
        return Err(error);
    }
    if durability == Durability::SyncedWithFolder {
        disk.sync_folder(folder_of(path))?;
    }
    Ok(stat)
}

/// Gives the content of a file a second name, atomically, in place of what has that name.
///
/// Where the file system has no hard links, the content is copied. Neither is synced: until the
/// folder is, the name may be that of the older content after a power cut.
///
/// # Errors
/// `NotRegular` if the second name is a folder's, and whatever keeps the file from being read.
pub(crate) fn name_also(
    disk: &dyn Disk,
    path: &Path,
    second: &Path,
    limit_bytes: u64,
) -> Result<(), Error> {
    let temporary = match link_beside(disk, path, second) {
        Ok(temporary) => temporary,
        Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::Io) => {
            let bytes = disk.read(path, limit_bytes)?;
            return replace(disk, second, &bytes, Durability::Derived).map(|_| ());
        }
        Err(error) => return Err(error),
    };
    let renamed = disk.rename(&temporary, second);
    // Where both are names of one file already, a rename does nothing.
    if renamed.is_err() || disk.stat(&temporary)?.is_some() {
        remove_quietly(disk, &temporary);
    }
    renamed
}

/// Tells whether a file of this name is an unfinished replacement.
pub fn is_temporary(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = name.strip_prefix('.').and_then(|name| name.rsplit_once(".tmp-"));
    parts.is_some_and(|(name, numbers)| {
        let numbers = numbers.split_once('-');
        !name.is_empty() && numbers.is_some_and(|(one, two)| is_number(one) && is_number(two))
    })
}

/// Removes the unfinished replacements in a folder and returns their names.
///
/// The caller holds the lock under which this folder is written, so that every one of them was
/// left by a program that is gone.
///
/// # Errors
/// Whatever keeps the folder from being listed or a file from being removed.
pub fn remove_temporaries(disk: &dyn Disk, folder: &Path) -> Result<Vec<String>, Error> {
    let mut removed = Vec::new();
    for entry in disk.list(folder)? {
        if entry.kind == FileKind::Folder || !is_temporary(&entry.name) {
            continue;
        }
        match disk.remove_file(&folder.join(&entry.name)) {
            Ok(()) => removed.push(entry.name),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

/// Renames whatever has this name (file, link, pipe, folder) to `<name>.<suffix>-N` and returns
/// the new path.
///
/// N is one more than the highest in use. Nothing is overwritten: the name is free when it is
/// looked up, and the caller holds the lock under which such names are given.
/// The rename is durable with the next sync of the folder.
///
/// # Errors
/// `NotFound` if nothing is there, `Conflict` if all 9999 numbers are in use.
pub fn keep_aside(disk: &dyn Disk, path: &Path, aside: Aside) -> Result<PathBuf, Error> {
    let kept = free_aside(disk, path, aside)?;
    disk.rename(path, &kept)?;
    Ok(kept)
}

/// Keeps these bytes as `<name>.<suffix>-N`, synced, and returns the path; `path` stays as it is.
///
/// The name is durable with the next sync of the folder.
///
/// # Errors
/// `Conflict` if all 9999 numbers are in use, and whatever keeps the copy from being written.
pub fn copy_aside(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
    aside: Aside,
) -> Result<PathBuf, Error> {
    let kept = free_aside(disk, path, aside)?;
    let mut file = disk.create_new(&kept)?;
    if let Err(error) = fill(file.as_mut(), bytes, true) {
        remove_quietly(disk, &kept);
        return Err(error);
    }
    Ok(kept)
}

/// Writes a file beside `path` and returns its path and what it looks like.
pub(crate) fn write_beside(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
    is_synced: bool,
) -> Result<(PathBuf, Stat), Error> {
    let (temporary, mut file) = create_beside(disk, path)?;
    match fill(file.as_mut(), bytes, is_synced) {
        Ok(stat) => Ok((temporary, stat)),
        Err(error) => {
            drop(file);
            remove_quietly(disk, &temporary);
            Err(error)
        }
    }
}

/// Removes a file of ours; if that fails, the next [`remove_temporaries`] gets it.
pub(crate) fn remove_quietly(disk: &dyn Disk, path: &Path) {
    // The error that led here is the one to report.
    let _ = disk.remove_file(path);
}

/// Returns the folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns the last name of a path.
pub(crate) fn name_of(path: &Path) -> Result<&str, Error> {
    path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
        let message = format!("cannot use `{}`: it names no file", path.display());
        Error::new(ErrorKind::Invalid, message).at(path)
    })
}

fn fill(file: &mut dyn DiskFile, bytes: &[u8], is_synced: bool) -> Result<Stat, Error> {
    file.write_all(bytes)?;
    if is_synced {
        file.sync()?;
    }
    file.stat()
}

fn create_beside(disk: &dyn Disk, path: &Path) -> Result<(PathBuf, Box<dyn DiskFile>), Error> {
    under_free_name(path, |temporary| disk.create_new(temporary))
}

fn link_beside(disk: &dyn Disk, existing: &Path, path: &Path) -> Result<PathBuf, Error> {
    let linked = under_free_name(path, |temporary| disk.hard_link(existing, temporary));
    linked.map(|(temporary, ())| temporary)
}

/// Makes something under a name that marks it as unfinished, passing over names that are taken.
fn under_free_name<T>(
    path: &Path,
    mut make: impl FnMut(&Path) -> Result<T, Error>,
) -> Result<(PathBuf, T), Error> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);

    let name = name_of(path)?;
    let process_id = std::process::id();
    let mut tries = 0;
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_file_name(format!(".{name}.tmp-{process_id}-{number}"));
        match make(&temporary) {
            Ok(made) => return Ok((temporary, made)),
            Err(error) if error.kind() == ErrorKind::Conflict && tries < NAME_TRIES_MAX => {
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

fn free_aside(disk: &dyn Disk, path: &Path, aside: Aside) -> Result<PathBuf, Error> {
    let prefix = format!("{}.{}-", name_of(path)?, aside.suffix());
    let numbers: Vec<u32> = disk
        .list(folder_of(path))?
        .iter()
        .filter_map(|entry| entry.name.strip_prefix(&prefix)?.parse().ok())
        .filter(|number| (1..=ASIDE_NUMBER_MAX).contains(number))
        .collect();
    let next = numbers.iter().max().map_or(1, |highest| highest + 1);
    let number = if next <= ASIDE_NUMBER_MAX {
        Some(next)
    } else {
        (1..=ASIDE_NUMBER_MAX).find(|number| !numbers.contains(number))
    };
    let Some(number) = number else {
        let message = format!(
            "cannot keep `{}` aside: all names up to `{prefix}{ASIDE_NUMBER_MAX}` are in use",
            path.display()
        );
        let error = Error::new(ErrorKind::Conflict, message).at(path);
        return Err(error.with_hint("look at these files and remove those nobody needs"));
    };
    Ok(path.with_file_name(format!("{prefix}{number}")))
}
