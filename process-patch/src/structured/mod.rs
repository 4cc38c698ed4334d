//! Changes of JSON: RFC 6902 and RFC 7396, all or nothing, with an exact way back.
//!
//! ```text
//! apply(document, patch) ─┐
//! merge(document, patch) ─┴─► Changed { document, edits } ─► revert(document, edits)
//! ```
//!
//! The inverse is made of edits of our own: RFC 6902 cannot say where in a map a key stands.

mod apply;
mod change;
mod edit;
mod equal;
mod limits;
mod merge;
mod operation;
mod place;

pub use apply::apply;
pub use change::{Changed, difference};
pub use edit::{Edit, apply_edits, invert};
pub use limits::{NESTING_MAX, OPERATIONS_MAX, TEXT_BYTES_MAX, VALUES_MAX};
pub use merge::merge;
pub use operation::{Operation, parse};
