//! Opening a log, and keeping it small.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    disk::{Disk, FileKind, OsDisk, platform},
    error::{Error, ErrorKind},
    replace::{folder_of, name_of},
};

/// How long a log may grow before it is put away: people still open a file of this size.
pub const LOG_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// How many logs are kept beside the one that is written: `.1`, the youngest, to `.5`.
pub const LOGS_KEPT: u32 = 5;

/// What keeps two programs from putting away the logs of one folder at once.
const GUARD: &str = ".rotating.guard";

/// How often what was written while a log was copied is fetched; the last time nearly nothing is.
const CATCH_UP: u32 = 8;

/// Opens a log for appending, for its owner only, with the folders that it needs; one that has grown
/// too long is put away first.
///
/// # Errors
/// `NotRegular` when a link, pipe or folder has the name, and whatever the disk says.
pub fn open(path: &Path) -> Result<File, Error> {
    create_folders(folder_of(path))?;
    // A log that cannot be put away is written all the same.
    let _ = put_away(path);
    let mut options = OpenOptions::new();
    platform::privately_readable(platform::harden(options.append(true).create(true)));
    let file = options.open(path).map_err(|error| Error::io("open", path, error))?;
    require_file("open", path, &file)?;
    Ok(file)
}

/// Creates a log that nobody has; nothing when there is one already.
///
/// So a name that nobody uses is taken by one program only.
///
/// # Errors
/// Whatever the disk says.
pub fn claim(path: &Path) -> Result<Option<File>, Error> {
    create_folders(folder_of(path))?;
    let mut options = OpenOptions::new();
    platform::privately_readable(platform::harden(options.append(true).create_new(true)));
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(Error::io("create", path, error)),
    }
}

/// Removes a log that was claimed and never written.
pub fn give_back(path: &Path) {
    if OsDisk.stat(path).is_ok_and(|stat| stat.is_some_and(|stat| stat.len == 0)) {
        // An empty file that stays only costs a name.
        let _ = OsDisk.remove_file(path);
    }
}

/// Makes a log small that has grown too long while somebody holds it open; returns whether it had.
///
/// Its content is copied to `<log>.1` and the log cut to nothing: who writes goes on at its
/// beginning. What is written between the last look and the cut is lost; that takes microseconds.
/// When somebody else is about it, nothing is done.
///
/// # Errors
/// `NotRegular` when a link, pipe or folder has the name, and whatever the disk says.
pub fn keep_small(path: &Path) -> Result<bool, Error> {
    if !is_long(path)? {
        return Ok(false);
    }
    let folder = folder_of(path);
    let Some(_guard) = OsDisk.try_lock(&folder.join(GUARD))? else { return Ok(false) };
    let mut log = platform::harden(OpenOptions::new().read(true).write(true))
        .open(path)
        .map_err(|error| Error::io("open", path, error))?;
    let len = require_file("open", path, &log)?;
    if len <= LOG_BYTES_MAX {
        return Ok(false);
    }
    shift(path)?;
    let temporary = temporary_of(path)?;
    let copied = copy(&mut log, len, &temporary);
    let placed = copied.and_then(|()| fs::rename(&temporary, kept(path, 1)));
    if let Err(error) = placed {
        let _ = fs::remove_file(&temporary);
        return Err(Error::io("copy", path, error));
    }
    log.set_len(0).map_err(|error| Error::io("truncate", path, error))?;
    Ok(true)
}

/// Returns the name under which a log is kept.
pub(super) fn kept(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// Puts a log away by a rename; nobody is known to write it.
fn put_away(path: &Path) -> Result<(), Error> {
    if !is_long(path)? {
        return Ok(());
    }
    let Some(_guard) = OsDisk.try_lock(&folder_of(path).join(GUARD))? else { return Ok(()) };
    if is_long(path)? {
        shift(path)?;
        OsDisk.rename(path, &kept(path, 1))?;
    }
    Ok(())
}

fn is_long(path: &Path) -> Result<bool, Error> {
    let Some(stat) = OsDisk.stat(path)? else { return Ok(false) };
    match stat.kind {
        FileKind::File => Ok(stat.len > LOG_BYTES_MAX),
        FileKind::Folder => Err(Error::not_regular("open", path, "a folder")),
        FileKind::Link => Err(Error::not_regular("open", path, "a link")),
        FileKind::Other => Err(Error::not_regular("open", path, "a pipe or a device")),
    }
}

/// Makes room for one more kept log; the oldest goes.
fn shift(path: &Path) -> Result<(), Error> {
    for number in (1..LOGS_KEPT).rev() {
        match OsDisk.rename(&kept(path, number), &kept(path, number + 1)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Copies a log that is being written; of one that is far too long only the end.
fn copy(log: &mut File, len: u64, to: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut copy =
        platform::privately_readable(platform::harden(options.write(true).create_new(true)))
            .open(to)?;
    if len > LOG_BYTES_MAX * 2 {
        log.seek(SeekFrom::Start(len - LOG_BYTES_MAX))?;
    }
    for _ in 0..CATCH_UP {
        if io::copy(log, &mut copy)? == 0 {
            break;
        }
    }
    Ok(())
}

fn temporary_of(path: &Path) -> Result<PathBuf, Error> {
    static COUNT: AtomicU64 = AtomicU64::new(0);

    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!(".{}.tmp-{}-{count}", name_of(path)?, std::process::id());
    Ok(path.with_file_name(name))
}

/// Makes the folders of a log, which only their owner enters; a link among ours is not followed.
fn create_folders(folder: &Path) -> Result<(), Error> {
    // The namespace, `logs`, and the folder of the registry, which may be where its owner likes.
    let mut missing: Vec<&Path> = Vec::new();
    let ours = folder.ancestors().take(3).filter(|path| !path.as_os_str().is_empty());
    for (level, folder) in ours.enumerate() {
        match OsDisk.stat(folder)?.map(|stat| stat.kind) {
            None => missing.push(folder),
            Some(FileKind::Folder) => {}
            Some(FileKind::Link) if level == 2 => {}
            Some(_) => return Err(Error::not_regular("create logs in", folder, "no folder")),
        }
    }
    missing.into_iter().rev().try_for_each(|folder| {
        platform::create_private_folder(folder)
            .or_else(|error| if folder.is_dir() { Ok(()) } else { Err(error) })
            .map_err(|error| Error::io("create folder", folder, error))
    })
}

fn require_file(action: &str, path: &Path, file: &File) -> Result<u64, Error> {
    let metadata = file.metadata().map_err(|error| Error::io(action, path, error))?;
    if metadata.is_file() {
        Ok(metadata.len())
    } else {
        Err(Error::not_regular(action, path, "a pipe or a device"))
    }
}
