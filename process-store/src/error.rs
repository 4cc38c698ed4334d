//! What can go wrong between this crate and the disk, and what a caller can do about it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use process_engine::{Rejected, RejectedKind};
use serde_json::Value;

use crate::disk::platform;

/// The one question a caller asks of an error: what do I do now?
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorKind {
    /// Somebody decided before: there is nothing left to do.
    AlreadyDecided,
    /// Something else is there already, or was changed meanwhile: reload and decide again.
    Conflict,
    /// The content breaks its format: stop, or set it aside and rebuild it.
    Corrupt,
    /// The operating system refuses us: a person has to change the permissions.
    Denied,
    /// Somebody else may do that: ask them.
    Forbidden,
    /// What was asked makes no sense: correct the request.
    Invalid,
    /// The device or the system failed in some other way.
    Io,
    /// Somebody else holds the lock: wait, or look at the holder in [`Error::details`].
    Locked,
    /// The folder lies on a network file system: move it, or ask for it expressly.
    NetworkFileSystem,
    /// The disk or the quota is full: make room and repeat.
    NoSpace,
    /// There is nothing at that path: create it.
    NotFound,
    /// A link, pipe or folder stands in place of a file: set it aside or leave it.
    NotRegular,
    /// A sync failed, so what the file holds is unknown: reopen and recover, never sync again.
    Poisoned,
    /// The file system cannot be written to.
    ReadOnly,
    /// The file is larger than its limit.
    TooLarge,
}

/// What went wrong, at which path, and what to do about it.
///
/// The message is one lower-case line that names the thing and the place.
/// Advice stands apart, in [`Error::hint`].
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    path: Option<PathBuf>,
    details: Option<Value>,
    is_overtaken: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Returns an error of this kind with this message, which follows the house rules:
    /// lower case, no full stop, names the thing and the place.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            hint: None,
            path: None,
            details: None,
            is_overtaken: false,
            source: None,
        }))
    }

    /// Returns the error of a failed system call: "cannot `action` `path`: reason".
    ///
    /// The kind and the hint follow from the code that the system gave.
    pub fn io(action: &str, path: &Path, source: io::Error) -> Error {
        let kind = kind_of(&source);
        let message = format!("cannot {action} `{}`: {}", path.display(), reason(kind, &source));
        let error = Error::new(kind, message).at(path);
        let error = match hint_of(kind) {
            Some(hint) => error.with_hint(hint),
            None => error,
        };
        error.with_source(source)
    }

    /// Returns the error for something that is not a file where a file is needed.
    pub(crate) fn not_regular(action: &str, path: &Path, what: &str) -> Error {
        let message = format!("cannot {action} `{}`: it is {what}, not a file", path.display());
        let error = Error::new(ErrorKind::NotRegular, message).at(path);
        error.with_hint("only plain files are read and written here; move it away and repeat")
    }

    /// Returns the error for something that is no folder where a folder is needed.
    pub(crate) fn not_folder(action: &str, path: &Path, what: &str) -> Error {
        let message = format!("cannot {action} `{}`: it is {what}, not a folder", path.display());
        let error = Error::new(ErrorKind::NotRegular, message).at(path);
        error.with_hint("nothing is written through links; move it away and repeat")
    }

    /// Returns the error for a file that is over its limit.
    pub(crate) fn too_large(path: &Path, limit_bytes: u64) -> Error {
        let path_shown = path.display();
        let message = format!("cannot read `{path_shown}`: it is larger than {limit_bytes} bytes");
        Error::new(ErrorKind::TooLarge, message).at(path)
    }

    /// Adds advice for the person who reads the message.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds facts for programs, such as the holder of a lock.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Error {
        self.0.details = Some(details);
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Error {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Names the file or folder that this error is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<PathBuf>) -> Error {
        self.0.path = Some(path.into());
        self
    }

    /// Returns what kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the message, which is also what `Display` prints.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the advice, if there is any.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns the file or folder that this error is about.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Returns facts for programs.
    ///
    /// For [`ErrorKind::Locked`] this is `{"holder": {"pid", "command", "since"}}`; a value that
    /// nobody knows is null.
    pub fn details(&self) -> Option<&Value> {
        self.0.details.as_ref()
    }

    /// Returns whether somebody else was faster: what was decided on an older state is to be decided
    /// again, and nobody needs to be told.
    pub fn is_overtaken(&self) -> bool {
        self.0.is_overtaken
    }

    /// Marks the error of what was decided on an older state.
    pub(crate) fn overtaken(mut self) -> Error {
        self.0.is_overtaken = true;
        self
    }

    /// Turns the error of a failed sync into the one that poisons its handle.
    pub(crate) fn poisoning(mut self) -> Error {
        if self.0.kind == ErrorKind::Io {
            self.0.kind = ErrorKind::Poisoned;
        }
        self.with_hint("what was written since the last sync may be lost; open the file anew")
    }
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Error {
        let kind = match rejected.kind() {
            RejectedKind::AlreadyDecided => ErrorKind::AlreadyDecided,
            RejectedKind::Conflict => ErrorKind::Conflict,
            RejectedKind::Forbidden => ErrorKind::Forbidden,
            RejectedKind::Invalid => ErrorKind::Invalid,
            RejectedKind::NotFound => ErrorKind::NotFound,
        };
        let error = Error::new(kind, rejected.to_string());
        match rejected.hint() {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}

fn kind_of(source: &io::Error) -> ErrorKind {
    if platform::means_not_regular(source) {
        return ErrorKind::NotRegular;
    }
    match source.kind() {
        io::ErrorKind::AlreadyExists => ErrorKind::Conflict,
        io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => ErrorKind::NotRegular,
        io::ErrorKind::NotFound => ErrorKind::NotFound,
        io::ErrorKind::PermissionDenied => ErrorKind::Denied,
        io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull => ErrorKind::NoSpace,
        io::ErrorKind::ReadOnlyFilesystem => ErrorKind::ReadOnly,
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => ErrorKind::Invalid,
        _ => ErrorKind::Io,
    }
}

fn reason(kind: ErrorKind, source: &io::Error) -> String {
    let known = match kind {
        ErrorKind::Conflict => "it exists already",
        ErrorKind::Denied => "permission denied",
        ErrorKind::NoSpace => "no space left on the disk",
        ErrorKind::NotFound => "no such file or folder",
        ErrorKind::ReadOnly => "the file system is read-only",
        ErrorKind::NotRegular if platform::means_not_regular(source) => "is a link or a pipe",
        _ => return lower_first(&source.to_string()),
    };
    known.to_owned()
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

fn hint_of(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Denied => Some("check who owns the file and its folder, and their permissions"),
        ErrorKind::NoSpace => Some("make room on the disk and repeat; nothing was lost"),
        ErrorKind::NotRegular => {
            Some("only plain files are read and written here; move it away and repeat")
        }
        ErrorKind::ReadOnly => Some("the file system was mounted read-only, or became so"),
        _ => None,
    }
}
