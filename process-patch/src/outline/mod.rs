//! The headings of a text, kept up to date at the cost of what is touched.

mod lookup;
mod update;
mod whole;

pub use whole::Outline;

pub(crate) use update::Change;
