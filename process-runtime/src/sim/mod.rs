//! A whole world in one thread: drivers, a store that fails, handlers, people and a clock, all made
//! up from one number (docs/simulation.md).
//!
//! ```text
//! seed ─► World: processes by definitions of chance, drivers around [`Core`](crate::drive::Core)
//!      ─► faults: crashes, conflicts, a full disk, late answers, two drivers, people at any time
//!      ─► calm: everything ends, or waits for somebody who can be named
//! every stored event ─► Checker: what must hold, read from the journal alone
//! ```
//!
//! ```
//! use process_runtime::sim::{Options, simulate};
//!
//! let report = simulate(1, &Options { events: 50 })?;
//! assert_eq!(report.trace, simulate(1, &Options { events: 50 })?.trace);
//! # Ok::<(), Box<process_runtime::sim::Violation>>(())
//! ```
//!
//! It has no clock, thread, disk or randomness of its own: the same seed gives the same trace in
//! every program.

mod adopted;
mod attempts;
mod calm;
mod check;
mod definitions;
mod disk;
mod drivers;
mod outside;
mod people;
mod random;
mod run;
mod trace;
mod world;

pub use random::Random;
pub use run::{Options, Report, Violation, simulate};
