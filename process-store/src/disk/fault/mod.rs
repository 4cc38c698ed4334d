//! A disk in memory that fails on purpose, as an instrument for tests.
//!
//! It keeps apart what a program sees (cached) and what is on the platters (durable): per file
//! the content as of its last sync and the changes since; per folder the names as of its last
//! sync and the changes since.

mod file;
mod handle;
mod names;
mod plan;
mod state;
mod survival;

#[cfg(test)]
mod tests;

pub use handle::FaultDisk;
pub use plan::{Counts, Fault};
pub use survival::Survival;
