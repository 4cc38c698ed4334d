//! Changes to an existing YAML text that leave everything else in it as it was.
//!
//! ```text
//! old text ─► nodes and the bytes they lie in ─► walk them beside the new value ─► splices
//! old text + splices ─► new text ─► read again: same content? all comments there? ─► Edited
//! ```
//!
//! The walk may be wrong about odd texts, because the check at the end is not: what does not pass
//! it is written anew in canonical form.

mod apply;
mod editor;
mod flow;
mod list;
mod map;
mod matching;
mod replace;
mod source;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;

pub use self::apply::{Edited, edit};
