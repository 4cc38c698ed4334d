//! Where a project keeps its processes: in its files, or in one SQLite file.
//!
//! Whatever is done to a process is written once, for a [`Place`]: load, decide, append. Templates
//! and the configuration lie in the project's files in either case.

mod address;
mod catalog;
mod change;
mod database;
mod doctor;
mod opened;
mod tail;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use catalog::{Catalog, TemplateUse, Waiting};
pub use change::Change;
pub use opened::Place;
pub use tail::Tail;
