//! What one stream may hold.

use crate::limits;

/// The longest stream, in bytes: that of a file of text.
pub const STREAM_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The most levels of lists and maps: patches need five, and every walk may then recurse.
pub const NESTING_MAX: usize = 64;

/// The most patches of one batch.
pub const PATCHES_MAX: usize = limits::PATCHES_MAX;
