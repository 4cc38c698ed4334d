//! Other spellings: a definition as it was written becomes the same definition in canonical form.
//!
//! Values keep their places, so that every later problem still names the line of the file.

mod kinds;
mod notes;
mod root;
mod rules;
mod step;

pub(super) use notes::{Notes, Rename};
pub(super) use root::{normalise, normalise_noting};
