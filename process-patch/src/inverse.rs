//! The way back of patches.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::PatchError;
use crate::splice::Splice;

/// Splices that take patches back, and the text that they belong to.
///
/// In JSON it is `{"base_hash": …, "splices": […]}` (`docs/formats/patch.md`, P10).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Inverse {
    /// The SHA-256 of the text that they belong to, in hexadecimal digits.
    pub base_hash: String,
    /// The splices, in the order in which they are applied.
    pub splices: Vec<Splice>,
}

impl Inverse {
    /// Reads an inverse from its JSON.
    ///
    /// # Errors
    /// `invalid_patch` when it is none.
    pub fn from_json(value: Value) -> Result<Self, PatchError> {
        serde_json::from_value(value).map_err(|error| {
            PatchError::invalid(format!("the inverse cannot be read: {error}"))
                .hint("it has `base_hash` and `splices`, as `inverse` writes them")
        })
    }
}
