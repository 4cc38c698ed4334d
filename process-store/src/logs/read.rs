//! Reading logs, piece by piece.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use super::keep::kept;
use crate::{disk::platform, error::Error};

/// Where a reader of a log is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LogPosition {
    /// Which file it was, where the system numbers them.
    pub(super) file: Option<(u64, u64)>,
    /// How many bytes of it were read.
    pub offset: u64,
}

/// A piece of a log.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LogText {
    /// What was read.
    pub bytes: Vec<u8>,
    /// How many bytes before it were left out.
    pub left_out: u64,
    /// Where reading goes on.
    pub position: LogPosition,
}

/// Returns the end of a log, at most so many bytes, beginning with a line; nothing of one that is
/// not there.
///
/// # Errors
/// `NotRegular` for anything but a file, and whatever the disk says.
pub fn tail(path: &Path, bytes_max: u64) -> Result<LogText, Error> {
    let Some((mut file, metadata)) = open(path)? else { return Ok(LogText::default()) };
    let skipped = metadata.len().saturating_sub(bytes_max);
    let mut bytes =
        read_at(&mut file, skipped, bytes_max).map_err(|e| Error::io("read", path, e))?;
    let offset = skipped + bytes.len() as u64;
    let mut left_out = skipped;
    if skipped > 0
        && let Some(end) = bytes.iter().position(|byte| *byte == b'\n')
    {
        bytes.drain(..=end);
        left_out += end as u64 + 1;
    }
    Ok(LogText { bytes, left_out, position: LogPosition { file: number(&metadata), offset } })
}

/// Returns what a log has that comes behind a position, at most so many bytes.
///
/// When the log was put away meanwhile, the rest of it is read from `<log>.1` first.
///
/// # Errors
/// As [`tail`].
pub fn follow(path: &Path, from: LogPosition, bytes_max: u64) -> Result<LogText, Error> {
    let failed = |error| Error::io("read", path, error);
    let opened = open(path)?;
    let is_same = opened.as_ref().is_some_and(|(_, metadata)| {
        let is_other = from.file.is_some() && number(metadata) != from.file;
        !is_other && metadata.len() >= from.offset
    });
    if is_same || from.file.is_none() {
        let Some((mut file, metadata)) = opened else {
            return Ok(LogText { position: from, ..LogText::default() });
        };
        let bytes = read_at(&mut file, from.offset, bytes_max).map_err(failed)?;
        let offset = from.offset + bytes.len() as u64;
        let position = LogPosition { file: number(&metadata), offset };
        return Ok(LogText { bytes, left_out: 0, position });
    }
    let away = kept(path, 1);
    let rest = match open(&away)? {
        Some((mut file, metadata)) if metadata.len() > from.offset => {
            read_at(&mut file, from.offset, bytes_max).map_err(failed)?
        }
        _ => Vec::new(),
    };
    let is_rest_read = (rest.len() as u64) < bytes_max;
    let position = if is_rest_read {
        LogPosition::default()
    } else {
        LogPosition { offset: from.offset + rest.len() as u64, ..from }
    };
    Ok(LogText { bytes: rest, left_out: 0, position })
}

fn open(path: &Path) -> Result<Option<(File, Metadata)>, Error> {
    let file = match platform::harden(OpenOptions::new().read(true)).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", path, error)),
    };
    let metadata = file.metadata().map_err(|error| Error::io("read", path, error))?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a folder" } else { "a pipe or a device" };
        return Err(Error::not_regular("read", path, what));
    }
    Ok(Some((file, metadata)))
}

fn read_at(file: &mut File, offset: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;

    Some((metadata.dev(), metadata.ino()))
}

/// Nobody numbers files here; only their length tells that one was cut.
#[cfg(not(unix))]
fn number(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}
