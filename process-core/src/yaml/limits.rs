//! What a document may cost, and the problems that say it costs too much.

use crate::diagnostic::{Diagnostic, Place};

/// The longest text that is read: a project with thousands of processes stays far below it.
pub const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The deepest nesting of lists and maps: real files have about six levels, and every walk over
/// a document may then recurse without a thought for the stack.
pub const NESTING_MAX: usize = 64;

/// The most values (list items and map values) in one document.
///
/// A value with its key needs up to 140 bytes of memory, so this keeps the worst file below 100 MB;
/// a registry with 45,000 processes stays below it.
pub const VALUES_MAX: usize = 500_000;

/// The most memory that anchored values and their repetitions through aliases may take together.
///
/// Each repeated value counts 64 bytes and its text, so a file that doubles itself thirty times is
/// refused after some ten thousand values.
pub const REPEATED_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(super) fn check_length(text: &str) -> Result<(), Diagnostic> {
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(());
    }
    let message = format!("the text has {} bytes, more than {TEXT_BYTES_MAX}", text.len());
    Err(Diagnostic::error("too_large", Place::UNKNOWN, message))
}

pub(super) fn too_deep(place: Place) -> Diagnostic {
    Diagnostic::error("too_deep", place, format!("nested deeper than {NESTING_MAX} levels"))
}

pub(super) fn too_many_values(place: Place) -> Diagnostic {
    Diagnostic::error("too_many_values", place, format!("more than {VALUES_MAX} values"))
}

pub(super) fn too_much_repeated(place: Place) -> Diagnostic {
    Diagnostic::error("aliases", place, "anchors and aliases repeat too much content")
        .with_hint("write the repeated content out, or repeat less of it")
}
