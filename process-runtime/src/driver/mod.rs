//! The core, put to work: with a clock, threads and a store.

mod handle;
mod parts;
mod perform;
mod programs;
mod quiet;
mod reader;
mod shell;
mod start;
mod watcher;
mod writer;

pub(crate) use reader::{Finder, load};

pub use handle::Driver;
pub use parts::{Observer, Parts, Templates};
pub use quiet::Quiet;
pub use start::{NewRun, NotStarted};
