//! The smallest change of a text.

use serde::{Deserialize, Serialize};

/// Replaces `removed` by `inserted` at one place of a text.
///
/// It holds the removed text, so it is its own proof that it fits and its own way back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Splice {
    /// Where, in bytes from the start of the text as it is before this splice.
    pub offset: usize,
    /// The text that stands there and goes.
    pub removed: String,
    /// The text that comes in its place.
    pub inserted: String,
}

impl Splice {
    /// Returns the splice that takes this one back.
    pub fn inverse(&self) -> Self {
        Self { offset: self.offset, removed: self.inserted.clone(), inserted: self.removed.clone() }
    }
}
