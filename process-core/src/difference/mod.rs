//! The structural difference of two states of a process, and its application.
//!
//! `apply(&difference(a, b), a)` has the content of `b`: nothing that a person wrote is left out.

mod apply;
mod compute;
mod rebase;
mod summary;

#[cfg(test)]
mod tests;

pub use apply::apply;
pub use compute::{Difference, FieldChange, StepChange, difference};
pub use rebase::{first_end_stands, rebase};
