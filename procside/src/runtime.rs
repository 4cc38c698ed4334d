//! What drives processes: for programs that bring a store and handlers of their own.
//!
//! [`Driver::start`] takes [`Parts`]: a [store](crate::store), a [`Team`] of handlers, and what tells
//! the time and the news.
//! Whoever has a project in a folder needs none of it: see [`Procside::drive`](crate::Procside::drive).

pub use process_engine::{
    ChildEnd, ChildLink, ChildWish, Compensating, Decision, Ending, EntryReason, Execution,
    Feedback, Import, Input, LegacyEntry, OpenChild, Outcome, Program, Rejected, RejectedKind, Run,
    RunEnd, SnapshotError, StartRun, StepState, Visit, VisitState, Waiting, WaitingFor,
};
#[cfg(unix)]
pub use process_runtime::children::Runs;
pub use process_runtime::{
    CONCURRENCY, Done, Driver, Failed, Handler, NewRun, NotStarted, Observer, Parts, Performing,
    Quiet, Sign, Signs, Stop, TakenUp, TakingUp, Team, Templates, Work, drive, handlers,
};
