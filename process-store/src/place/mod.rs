//! Where a project keeps its processes: in its files, or in one SQLite file.
//!
//! Whatever is done to a process is written once, for a [`Place`]: load, decide, append. Templates
//! and the configuration lie in the project's files in either case.

mod address;
mod catalog;
mod change;
#[cfg(feature = "sqlite")]
mod database;
mod doctor;
mod opened;
mod tail;
#[cfg(not(feature = "sqlite"))]
mod unbuilt;

#[cfg(test)]
mod tests;

#[cfg(feature = "sqlite")]
use database::{Database, Sqlite};
#[cfg(not(feature = "sqlite"))]
use unbuilt::{Database, Sqlite};

pub use address::Address;
pub use catalog::{Catalog, TemplateUse, Waiting};
pub use change::Change;
pub use opened::Place;
pub use tail::Tail;
