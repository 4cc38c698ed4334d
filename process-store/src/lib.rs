//! Keeps processes in files: the disk behind one seam, the lock, journals, views, the registry.
//!
//! ```text
//! Files::change ─► lock ─► Change::load ─► journal ─► Execution, hand edits found
//!               ─► Change::commit ─► decide ─► append + sync (the acknowledgement)
//!                                 ─► replace the process's file ─► version files
//!               ─► Change::finish ─► registry ─► release
//! ```
//!
//! ```
//! use std::sync::Arc;
//! use process_store::{disk::FaultDisk, files::{Files, Options}, lock::StdWaiter};
//!
//! let disk = FaultDisk::new();
//! disk.plant_folder("/project");
//! let uid = || process_core::Uid::nil();
//! let files = Files::new(Arc::new(disk), Arc::new(StdWaiter::default()), "/project", Options::default(), uid);
//! assert!(!files.exists()?);
//! # Ok::<(), process_store::Error>(())
//! ```
//!
//! It does not decide anything about a process: that is `process-engine`. It is the only crate that
//! syncs, renames or locks files.

pub mod children;
pub mod conformance;
pub mod disk;
mod error;
pub mod files;
pub mod journal;
pub mod lock;
pub mod logs;
pub mod memory;
pub mod place;
pub mod replace;
pub mod scratch;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod store;

pub use error::{Error, ErrorKind};
pub use store::{Group, Page, Query, Standing, Store, Watch};
