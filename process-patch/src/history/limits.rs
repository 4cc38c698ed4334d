//! What one history may hold.

use crate::limits;

/// The most entries of one history: a change every minute for two months of days and nights.
pub const ENTRIES_MAX: usize = 100_000;

/// The largest document, in bytes: that of patches.
pub const TEXT_BYTES_MAX: usize = limits::DOCUMENT_BYTES_MAX;

/// The most bytes of an id, a name, a time or a note of an entry: they stand in every listing.
pub const ENTRY_TEXT_BYTES_MAX: usize = 64 * 1024;
