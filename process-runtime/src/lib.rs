//! Drives processes to their end: timers, workers, handlers.

pub mod drive;
mod driver;
mod handler;
pub mod handlers;
pub mod sim;
mod team;

pub use driver::{Driver, NewRun, NotStarted, Observer, Parts, Templates};
pub use handler::{Done, Failed, Handler, Performing, Sign, Signs, Stop, Work};
pub use team::{CONCURRENCY, Team};
