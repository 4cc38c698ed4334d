//! The history of a document: every change with its way back, and nothing is ever erased.
//!
//! ```text
//! history.patch(stamp, splices) ─► Decided::Append(entry) ─► stored by the caller
//! history.append(entry)         ─► the text, and what undo and redo take next
//! ```
//!
//! The first half decides and changes nothing, the second half happens; a journal of entries that
//! were stored makes the same history again.

mod carry;
mod decide;
mod entry;
mod journal;
mod limits;
mod states;

pub use decide::{Decided, Stamp};
pub use entry::{Entry, EntryKind};
pub use journal::History;
pub use limits::{ENTRIES_MAX, ENTRY_TEXT_BYTES_MAX, TEXT_BYTES_MAX};
