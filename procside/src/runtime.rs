//! What drives processes: for programs that bring a store and handlers of their own.
//!
//! [`Driver::start`] takes [`Parts`]: a [store](crate::store), a [`Team`] of handlers, and what tells
//! the time and the news.
//! Whoever has a project in a folder needs none of it: see [`Procside::drive`](crate::Procside::drive).

pub use process_engine::{Execution, Input, Outcome, Rejected};
pub use process_runtime::{
    CONCURRENCY, Done, Driver, Failed, Handler, NewRun, NotStarted, Observer, Parts, Performing,
    Sign, Signs, Stop, Team, Templates, Work, drive, handlers,
};
