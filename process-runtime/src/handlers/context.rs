//! The file in which a program finds what the last attempt kept, and leaves what the next one is
//! to know.

use std::{
    fs::{File, symlink_metadata},
    io::{self, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use process_store::scratch::make_scratch;
use rustix::fs::{CWD, Mode, OFlags, openat};
use serde_json::Value;

use super::{reading::parse_json, secrets::Masker};

/// The most bytes of a context (rule E15.1).
pub(super) const CONTEXT_BYTES_MAX: usize = 1024 * 1024;

/// The name of the file, in the folder of a run.
const NAME: &str = "context.json";

/// A file that nobody else may read, in the folder of a run.
#[derive(Debug)]
pub(super) struct ContextFile {
    path: PathBuf,
    given: Vec<u8>,
    seen: Option<Seen>,
}

/// What tells one content of a file from another without reading it.
type Seen = (u64, u64, i64, i64);

/// What a program left.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Left {
    /// Nothing else than it was given.
    Nothing,
    /// Something that is not kept.
    Refused(String),
    /// What the next attempt is to know.
    Something(Value),
}

impl ContextFile {
    /// Makes the file, with what the last attempt kept.
    pub(super) fn new(folder: &Path, context: Option<&Value>) -> io::Result<Self> {
        let found = Self::left_in(folder, context);
        let mut file = make_scratch(&found.path)?;
        file.write_all(&found.given)?;
        Ok(Self { seen: seen(&found.path), ..found })
    }

    /// Finds the file of a program that somebody else started with what the last attempt kept.
    pub(super) fn left_in(folder: &Path, context: Option<&Value>) -> Self {
        let path = folder.join(NAME);
        let given = context.map(|context| context.to_string().into_bytes()).unwrap_or_default();
        Self { seen: seen(&path), path, given }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether somebody wrote to it since the last time.
    pub(super) fn has_changed(&mut self) -> bool {
        let seen = seen(&self.path);
        let has_changed = seen.is_some() && seen != self.seen;
        self.seen = seen;
        has_changed
    }

    /// Returns what stands in it; JSON, or else text.
    pub(super) fn left(&self, masker: &Masker) -> Left {
        let bytes = match read(&self.path) {
            Ok(bytes) => bytes,
            // Whoever removes it keeps nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Left::Nothing,
            Err(error) => return Left::Refused(format!("its context cannot be read: {error}")),
        };
        if bytes == self.given {
            return Left::Nothing;
        }
        if bytes.len() > CONTEXT_BYTES_MAX {
            return Left::Refused("its context has more than 1 MiB and is not kept".to_owned());
        }
        let text = String::from_utf8_lossy(&bytes);
        if text.trim().is_empty() {
            let was_empty = self.given.is_empty();
            return if was_empty { Left::Nothing } else { Left::Something(Value::Null) };
        }
        let mut value = parse_json(&text).unwrap_or_else(|| Value::String(text.into_owned()));
        masker.mask_value(&mut value);
        Left::Something(value)
    }
}

fn seen(path: &Path) -> Option<Seen> {
    let found = symlink_metadata(path).ok()?;
    Some((found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
}

/// Reads a file of a program, which may have put anything in its place.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::from(openat(CWD, path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(CONTEXT_BYTES_MAX + 1).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
