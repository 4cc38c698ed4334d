//! How much there may be of everything.

/// Bytes of a document: thousands of pages, and still scanned in a moment.
pub const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of each text of a patch: a model writes far less at once.
pub const CONTENT_BYTES_MAX: usize = 1024 * 1024;
/// Patches of a batch: more is a new document.
pub const PATCHES_MAX: usize = 10_000;
/// Bytes of the JSON of a batch: every document that may be, escaped, as an inverse.
pub const JSON_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of one segment of a location: a heading is a line.
pub const SEGMENT_BYTES_MAX: usize = 4096;
/// Segments of a location: there are six levels.
pub const SEGMENTS_MAX: usize = 16;
/// Bytes of the id of a patch or batch.
pub const ID_BYTES_MAX: usize = 256;
/// Suggestions for a location that is not found.
pub const SUGGESTIONS_MAX: usize = 5;
/// Matches that an error lists; it tells how many more there are.
pub const MATCHES_MAX: usize = 20;
/// Bytes of the document that an error quotes.
pub const QUOTED_BYTES_MAX: usize = 64 * 1024;
