//! The limits of expressions, each with its reason.

/// The longest text with expressions in it, in bytes; people write some hundreds.
pub(super) const SOURCE_BYTES_MAX: usize = 64 * 1024;

/// How deep parentheses, lists, statements and the like go into each other; parsing recurses.
pub(super) const DEPTH_MAX: usize = 64;

/// How many operators may hang on one another, as in `a + b + c`; compiling recurses.
pub(super) const HEIGHT_MAX: u16 = 200;

/// How many keys a path has at most; no deeper value can be read from a file.
pub(super) const PATH_KEYS_MAX: usize = 64;

/// The longest text that an expression makes, in bytes.
pub(super) const OUTPUT_BYTES_MAX: usize = 1024 * 1024;

/// How many instructions one evaluation of one expression takes at most.
pub(super) const FUEL: u64 = 100_000;

/// How much one evaluation handles at most, in bytes of text and values; well under a second.
pub(super) const WORK_MAX: u64 = 16 * 1024 * 1024;

/// What an item of a list costs of [`WORK_MAX`]; each takes memory of its own.
pub(super) const ITEM_WORK: usize = 8;

/// What one turn of a `{% for %}` or one evaluation within a text costs of [`WORK_MAX`].
pub(super) const TURN_WORK: usize = 64;

/// How many characters of a value a message shows.
pub(super) const SHOWN_CHARS_MAX: usize = 200;

/// How many bytes of a value [`super::Expression::seen`] gives.
pub(super) const SEEN_BYTES_MAX: usize = 1024;
