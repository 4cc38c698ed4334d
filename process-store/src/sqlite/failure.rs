//! What SQLite says when it fails, as an error of ours.

use std::path::Path;

use rusqlite::{Error as SqliteError, ErrorCode};

use super::connection::is_sound;
use crate::error::{Error, ErrorKind};

/// Returns the error of a call that SQLite refused: "cannot `action` `path`: reason".
pub(super) fn failed(action: &str, path: &Path, source: SqliteError) -> Error {
    let kind = kind_of(&source);
    let shown = path.display();
    if source.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) && is_sound(path) {
        // SQLite says so also when the disk gives no bytes, or for a moment wrong ones.
        let message = format!("cannot {action} `{shown}`: the disk failed; the file is sound");
        return Error::new(ErrorKind::Io, message)
            .at(path)
            .with_hint("check the disk and repeat; nothing was lost")
            .with_source(source);
    }
    let message = match kind {
        ErrorKind::NotRegular => format!("`{shown}` is no SQLite database"),
        ErrorKind::NoSpace => format!("cannot {action} `{shown}`: no space left on the disk"),
        _ => format!("cannot {action} `{shown}`: {}", reason(&source)),
    };
    let error = Error::new(kind, message).at(path);
    let error = match hint_of(kind) {
        Some(hint) => error.with_hint(hint),
        None => error,
    };
    error.with_source(source)
}

/// Returns the error for content that does not fit together.
pub(super) fn corrupt(path: &Path, message: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Corrupt, format!("`{}`: {message}", path.display()))
        .at(path)
        .with_hint("take the file back from a backup; nothing was changed")
}

fn kind_of(source: &SqliteError) -> ErrorKind {
    match source.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => ErrorKind::Io,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ErrorKind::Locked,
        Some(ErrorCode::DatabaseCorrupt) => ErrorKind::Corrupt,
        Some(ErrorCode::DiskFull) => ErrorKind::NoSpace,
        Some(ErrorCode::NotADatabase) => ErrorKind::NotRegular,
        Some(ErrorCode::PermissionDenied) => ErrorKind::Denied,
        Some(ErrorCode::ReadOnly) => ErrorKind::ReadOnly,
        Some(ErrorCode::SystemIoFailure) => ErrorKind::Poisoned,
        Some(ErrorCode::TooBig) => ErrorKind::TooLarge,
        Some(_) => ErrorKind::Io,
        // What stands in a table is not what we wrote.
        None => ErrorKind::Corrupt,
    }
}

fn reason(source: &SqliteError) -> String {
    match source {
        SqliteError::SqliteFailure(failure, Some(text)) => {
            format!("{} (code {})", text, failure.extended_code)
        }
        other => other.to_string(),
    }
}

fn hint_of(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Corrupt => Some(
            "check that the disk can be read, else take the file back from a backup; nothing was \
             changed",
        ),
        ErrorKind::Denied | ErrorKind::ReadOnly => {
            Some("check who owns the file and its folder, and their permissions")
        }
        ErrorKind::NoSpace => Some("make room on the disk and repeat; nothing was lost"),
        ErrorKind::NotRegular => Some("name another file, or move this one away"),
        ErrorKind::Poisoned => Some("what was not acknowledged may be lost; repeat it"),
        _ => None,
    }
}
