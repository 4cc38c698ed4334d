//! The lock file that can be seen: what it says, and what is made of what others wrote there.
//!
//! The format is stated in `docs/formats/lock.md`.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use crate::disk::{Disk, FileKind};
use crate::error::{Error, ErrorKind};

#[cfg(test)]
mod tests;

/// Version of the second line.
const VERSION: u32 = 1;

/// More than any holder writes; what is larger says nothing.
const CONTENT_BYTES_MAX: u64 = 64 * 1024;

/// The second line: who holds the lock, and since when.
///
/// It belongs to the format `docs/formats/lock.md`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Record {
    pub(super) version: u32,
    pub(super) pid: u32,
    #[serde(default)]
    pub(super) start_time: Option<u64>,
    #[serde(default)]
    pub(super) boot_id: Option<String>,
    #[serde(default)]
    pub(super) pid_namespace: Option<u64>,
    #[serde(default)]
    pub(super) host: Option<String>,
    #[serde(default)]
    pub(super) command: Option<String>,
    pub(super) since: String,
    pub(super) nonce: u64,
}

impl Record {
    pub(super) fn new(holder: Identity, since: SystemTime, nonce: u64) -> Record {
        Record {
            version: VERSION,
            pid: holder.pid,
            start_time: holder.start_time,
            boot_id: holder.boot_id,
            pid_namespace: holder.pid_namespace,
            host: holder.host,
            command: holder.command,
            since: DateTime::<Utc>::from(since).to_rfc3339_opts(SecondsFormat::Millis, true),
            nonce,
        }
    }

    pub(super) fn identity(&self) -> Identity {
        Identity {
            pid: self.pid,
            start_time: self.start_time,
            boot_id: self.boot_id.clone(),
            pid_namespace: self.pid_namespace,
            host: self.host.clone(),
            command: self.command.clone(),
        }
    }

    /// Returns the whole content of the file.
    pub(super) fn render(&self) -> Vec<u8> {
        let json = serde_json::to_string(self).expect("numbers and text always serialise");
        format!("{}\n{json}\n", self.pid).into_bytes()
    }
}

/// What a lock file says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Content {
    /// A program of another kind wrote its number there.
    Foreign { pid: u32 },
    /// Nothing that names a holder: empty, garbage, zero, negative, huge.
    Nobody,
    /// A program of ours wrote it.
    Ours(Record),
}

/// A lock file as it was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Sighting {
    pub(super) content: Content,
    pub(super) modified: (i64, u32),
}

/// Looks at a lock file; `None` if it is not there or changed while it was read.
///
/// # Errors
/// `NotRegular` if something that is no file has its name.
pub(super) fn look(disk: &dyn Disk, path: &Path) -> Result<Option<Sighting>, Error> {
    let Some(before) = disk.stat(path)? else {
        return Ok(None);
    };
    let what = match before.kind {
        FileKind::File => None,
        FileKind::Folder => Some("a folder"),
        FileKind::Link => Some("a link"),
        FileKind::Other => Some("a pipe or a device"),
    };
    if let Some(what) = what {
        return Err(Error::not_regular("lock with", path, what));
    }
    let content = match disk.read(path, CONTENT_BYTES_MAX) {
        Ok(bytes) => parse(&bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::TooLarge => Content::Nobody,
        Err(error) => return Err(error),
    };
    // Content and time have to belong to the same file.
    let is_same = disk.stat(path)? == Some(before);
    Ok(is_same.then_some(Sighting { content, modified: before.modified }))
}

/// Tells whether the lock file has exactly this content.
pub(super) fn contains(disk: &dyn Disk, path: &Path, content: &[u8]) -> Result<bool, Error> {
    match disk.read(path, CONTENT_BYTES_MAX) {
        Ok(bytes) => Ok(bytes == content),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::NotRegular | ErrorKind::TooLarge
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Reads what a lock file says.
pub(super) fn parse(bytes: &[u8]) -> Content {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Content::Nobody;
    };
    let mut lines = text.lines();
    let Some(pid) = lines.next().and_then(parse_pid) else {
        return Content::Nobody;
    };
    let record = lines.next().and_then(|line| serde_json::from_str::<Record>(line).ok());
    match record {
        Some(record) if record.pid == pid => Content::Ours(record),
        Some(_) | None => Content::Foreign { pid },
    }
}

/// Reads a process number: digits only, from 1 to the largest that the type of the system holds.
fn parse_pid(line: &str) -> Option<u32> {
    let line = line.trim();
    let is_number = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    let pid: i32 = line.parse().ok().filter(|_| is_number)?;
    u32::try_from(pid).ok().filter(|pid| *pid > 0)
}
