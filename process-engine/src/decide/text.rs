//! Texts that a command gives: not empty, not endless.

use std::io;

use process_core::model::NAME_BYTES_MAX;
use serde_json::Value;

use crate::rejected::Rejected;

/// Returns the text when it says something and fits.
pub(crate) fn text(what: &'static str, text: String) -> Result<String, Rejected> {
    if text.trim().is_empty() || text.len() > NAME_BYTES_MAX {
        return Err(Rejected::BadText { what, bytes_max: NAME_BYTES_MAX });
    }
    Ok(text)
}

/// Returns a text that may be empty, when it fits.
pub(crate) fn optional(what: &'static str, text: String) -> Result<String, Rejected> {
    if text.len() > NAME_BYTES_MAX {
        return Err(Rejected::BadText { what, bytes_max: NAME_BYTES_MAX });
    }
    Ok(text)
}

/// Returns texts of which each says something and fits.
pub(crate) fn texts(what: &'static str, all: Vec<String>) -> Result<Vec<String>, Rejected> {
    all.into_iter().map(|one| text(what, one)).collect()
}

/// The most that a step can give at once, in bytes: half of a journal line.
pub(crate) const OUTPUT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Returns outputs of which each says something, and which fit together.
pub(crate) fn outputs(all: Vec<String>) -> Result<Vec<String>, Rejected> {
    let bytes: usize = all.iter().map(String::len).sum();
    if bytes > OUTPUT_BYTES_MAX || all.iter().any(|one| one.trim().is_empty()) {
        return Err(Rejected::BadText { what: "an output", bytes_max: OUTPUT_BYTES_MAX });
    }
    Ok(all)
}

/// Returns how many bytes a value takes as JSON, without writing it anywhere.
pub(crate) fn bytes_of(value: &Value) -> usize {
    let mut counted = Counted(0);
    // A value that was parsed or built can always be written, and counting does not fail.
    match serde_json::to_writer(&mut counted, value) {
        Ok(()) => counted.0,
        Err(_) => usize::MAX,
    }
}

/// Takes bytes and keeps their number.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
