//! Journals: append-only lists of events, one a line, chained by checksums (docs/formats/journal.md).

mod append;
mod line;
mod read;

#[cfg(test)]
mod tests;

pub use append::append;
pub(crate) use append::{chained, whole};
pub use line::{JOURNAL_LINE_BYTES_MAX, Sum};
pub use read::{Head, Journal, Line, read};
pub(crate) use read::{JOURNAL_BYTES_MAX, parse};
