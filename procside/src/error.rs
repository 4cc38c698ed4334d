//! The one error of this crate, and the one table from its kinds to exit codes.

use std::fmt;

use process_core::{Diagnostic, Place};
use process_engine::{Rejected, RejectedKind};
use process_patch::PatchError;
use serde_json::{Value, json};

/// The one question a caller asks of an error: what do I do now?
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ErrorKind {
    /// Nothing to do: somebody decided before.
    AlreadyDecided,
    /// Look again: somebody was there first, or the process stands elsewhere.
    Conflict,
    /// Stop: a file breaks its format.
    Corrupt,
    /// Get the permission: the operating system refuses us.
    Denied,
    /// Ask somebody who may.
    Forbidden,
    /// Ask for something else.
    Invalid,
    /// See what the disk says.
    Io,
    /// Wait: somebody holds the project's lock.
    Locked,
    /// Make room.
    NoSpace,
    /// Name something that exists.
    NotFound,
    /// Send another patch: this one was refused, and this is why.
    Patch(process_patch::ErrorKind),
    /// Write elsewhere: the file system is read-only.
    ReadOnly,
    /// Look again: the document is not the one that the change was made for.
    StaleBase,
    /// Write the request otherwise: it makes no sense as it stands.
    Usage,
}

/// Every kind, its stable name and the exit code that goes with it.
const TABLE: [(ErrorKind, &str, u8); 13] = [
    (ErrorKind::AlreadyDecided, "already_decided", 4),
    (ErrorKind::Conflict, "conflict", 4),
    (ErrorKind::Corrupt, "corrupt", 6),
    (ErrorKind::Denied, "denied", 1),
    (ErrorKind::Forbidden, "forbidden", 4),
    (ErrorKind::Invalid, "invalid", 6),
    (ErrorKind::Io, "io", 1),
    (ErrorKind::Locked, "locked", 5),
    (ErrorKind::NoSpace, "no_space", 1),
    (ErrorKind::NotFound, "not_found", 3),
    (ErrorKind::ReadOnly, "read_only", 1),
    (ErrorKind::StaleBase, "stale", 4),
    (ErrorKind::Usage, "usage", 2),
];

impl ErrorKind {
    /// Returns the stable name, as JSON shows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// Returns the exit code of a command that fails like this.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        self.row().2
    }

    fn row(self) -> (Self, &'static str, u8) {
        if let Self::Patch(kind) = self {
            return (self, kind.as_str(), 6);
        }
        let row = TABLE.into_iter().find(|(kind, ..)| *kind == self);
        row.unwrap_or((self, "io", 1))
    }
}

/// What went wrong, and what to do about it.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    details: Option<Value>,
    source: Option<process_store::Error>,
}

impl Error {
    /// Returns an error of this kind; the message is lower case, without a full stop, and names the
    /// thing and the place.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner { kind, message, hint: None, details: None, source: None }))
    }

    /// Reads an error as [`Error::to_value`] wrote it, from another program of ours.
    #[cfg(all(unix, feature = "runtime"))]
    pub(crate) fn of_value(value: &Value) -> Self {
        let name = value["kind"].as_str().unwrap_or_default();
        let row = TABLE.into_iter().find(|(_, known, _)| *known == name);
        let message = value["message"].as_str().unwrap_or("another program failed");
        let mut error = Self::new(row.map_or(ErrorKind::Io, |(kind, ..)| kind), message);
        error.0.hint = value["hint"].as_str().map(str::to_owned);
        error.0.details = Some(value["details"].clone()).filter(|details| !details.is_null());
        error
    }

    /// Adds facts for programs.
    #[must_use]
    pub(crate) fn with_details(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Says of another kind what stays the same otherwise.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Returns what kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the message, which is also what `Display` prints.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns facts for programs: `holder` of a lock, `problems` of a file.
    #[must_use]
    pub fn details(&self) -> Option<&Value> {
        self.0.details.as_ref()
    }

    /// Returns whether somebody else was faster, so that the operation is to be repeated.
    pub(crate) fn is_overtaken(&self) -> bool {
        self.0.source.as_ref().is_some_and(process_store::Error::is_overtaken)
    }

    /// Returns the error as the envelope of `--json` shows it (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "kind": self.kind().as_str(),
            "message": self.message(),
            "hint": self.hint(),
            "details": self.details().cloned().unwrap_or_else(|| json!({})),
        })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

impl From<process_store::Error> for Error {
    fn from(error: process_store::Error) -> Self {
        use process_store::ErrorKind as Kind;

        let kind = match error.kind() {
            Kind::AlreadyDecided => ErrorKind::AlreadyDecided,
            Kind::Conflict => ErrorKind::Conflict,
            Kind::Corrupt | Kind::NotRegular => ErrorKind::Corrupt,
            Kind::Denied => ErrorKind::Denied,
            Kind::Forbidden => ErrorKind::Forbidden,
            Kind::Invalid | Kind::NetworkFileSystem | Kind::TooLarge => ErrorKind::Invalid,
            Kind::Locked => ErrorKind::Locked,
            Kind::NoSpace => ErrorKind::NoSpace,
            Kind::NotFound => ErrorKind::NotFound,
            Kind::ReadOnly => ErrorKind::ReadOnly,
            Kind::Io | Kind::Poisoned | _ => ErrorKind::Io,
        };
        let message = error.message().to_owned();
        let (hint, details) = (error.hint().map(str::to_owned), error.details().cloned());
        Self(Box::new(Inner { kind, message, hint, details, source: Some(error) }))
    }
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        let kind = match rejected.kind() {
            RejectedKind::AlreadyDecided => ErrorKind::AlreadyDecided,
            RejectedKind::Conflict => ErrorKind::Conflict,
            RejectedKind::Forbidden => ErrorKind::Forbidden,
            RejectedKind::Invalid => ErrorKind::Invalid,
            RejectedKind::NotFound => ErrorKind::NotFound,
        };
        let mut error = Self::new(kind, rejected.to_string());
        error.0.hint = rejected.hint().map(str::to_owned);
        error.0.details = details_of(&rejected);
        error
    }
}

/// Returns what a program can read of a refusal.
fn details_of(rejected: &Rejected) -> Option<Value> {
    match rejected {
        Rejected::CannotAdopt(reasons) => Some(json!({"reasons": reasons})),
        Rejected::Forbidden { by, approvers, .. } => {
            Some(json!({"by": by, "approvers": approvers}))
        }
        Rejected::InvalidInput(reasons) => {
            let problem = |reason| Diagnostic::error("input", Place::UNKNOWN, reason).to_json();
            let problems: Vec<Value> = reasons.iter().map(problem).collect();
            Some(json!({"problems": problems}))
        }
        Rejected::SeveralVisits { step, visits } => {
            let visits = visits.iter().map(|visit| Value::from(format!("{step}#{visit}")));
            Some(json!({"visits": visits.collect::<Vec<_>>()}))
        }
        _ => None,
    }
}

impl From<PatchError> for Error {
    fn from(refused: PatchError) -> Self {
        let kind = match refused.kind {
            process_patch::ErrorKind::Conflict => ErrorKind::Conflict,
            kind => ErrorKind::Patch(kind),
        };
        let mut details = Value::clone(&refused.details);
        details["index"] = json!(refused.index);
        details["line"] = json!(refused.line);
        details["for_model"] = refused.for_model().into();
        let mut error = Self::new(kind, refused.message);
        error.0.hint = refused.hint;
        error.0.details = Some(details);
        error
    }
}

impl From<process_core::InvalidId> for Error {
    fn from(error: process_core::InvalidId) -> Self {
        Self::new(ErrorKind::Invalid, error.to_string())
    }
}

impl From<process_core::template::InheritError> for Error {
    fn from(error: process_core::template::InheritError) -> Self {
        Self::new(ErrorKind::Invalid, error.to_string())
    }
}

#[cfg(test)]
mod tests;
