//! Splices: the smallest changes of a text, and what can be computed with lists of them.
//!
//! A list stands in order of application: each offset is one of the text as the splices before
//! it left it.

mod algebra;
mod change;
mod compose;
mod delta;
mod rebase;

pub use algebra::{apply, apply_to, check, compose, invert, rebase};
pub use change::Splice;
pub(crate) use compose::Misfit;
pub(crate) use delta::Delta;
pub(crate) use rebase::{Overlaps, Span, carry};
