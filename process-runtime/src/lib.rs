//! Drives processes to their end: timers, workers, handlers.

#[cfg(unix)]
pub mod children;
pub mod drive;
mod driver;
mod handler;
pub mod handlers;
pub mod sim;
mod team;

pub use driver::{Driver, NewRun, NotStarted, Observer, Parts, Quiet, Templates};
pub use handler::{Done, Failed, Handler, Performing, Sign, Signs, Stop, TakenUp, TakingUp, Work};
pub use team::{CONCURRENCY, Team};
