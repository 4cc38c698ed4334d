//! The state machine of a process: inputs in, events out.
//!
//! ```text
//! input ─► Execution::decide(now, by, input) ─► events, or Rejected and nothing changed
//! events ─► the store makes them durable
//! event  ─► Execution::apply(event)            never fails: a journal always loads
//! event  ─► effects(event)                     what is to be done, derived from stored events
//! ```
//!
//! ```
//! use process_core::{Process, ProcessId, Timestamp, Uid, model::Defaults};
//! use process_engine::{Execution, Input};
//!
//! let now = Timestamp::parse("2026-02-10T10:00:00Z").ok_or("no instant")?;
//! let id = ProcessId::parse("proc-001")?;
//! let process = Process::new(Defaults { id, uid: Uid::nil(), now: now.clone() }, "Move", "");
//! let mut execution = Execution::default();
//! let input = Input::Create { process: Box::new(process), reason: "Initial".to_owned() };
//! for event in execution.decide(&now, "ada", input)? {
//!     execution.apply(&event);
//! }
//! assert_eq!(execution.revision(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It knows no clock, no file and no thread; whoever drives it passes the time in and keeps the
//! events. It does not write journals: that is the work of `process-store`.

mod advance;
mod apply;
mod decide;
mod effect;
mod execution;
mod flow;
mod fork;
mod input;
mod rejected;
mod run;
mod snapshot;

pub mod simulate;

#[cfg(test)]
mod tests;

/// The definitions by which processes run, as `process-core` reads them.
pub use process_core::definition;
/// The types of `process-core` that inputs, events and effects consist of.
pub use process_core::{
    Event, Fact, Process, ProcessId, ProcessStatus, StepId, StepStatus, Timestamp, Uid,
    event::{Decided, Parent, RunFact, SkipReason, Start, VisitId},
    model::Defaults as ProcessDefaults,
    money::Cost,
};

pub use decide::run::checked_input;
pub use effect::{Effect, effects, idempotency_key};
pub use execution::Execution;
pub use fork::{Merged, merge};
pub use input::{
    ChildEnd, Decision, EntryReason, Import, Input, LegacyEntry, NewMessage, NewStep, Outcome,
    StartRun, VisitRef,
};
pub use rejected::{Rejected, RejectedKind};
pub use run::{
    Alarm, AlarmKind, ChildLink, ChildWish, Compensating, Ending, Feedback, OpenChild, Program,
    Run, RunEnd, StepState, Visit, VisitState, Waiting, WaitingFor,
};
pub use snapshot::SnapshotError;
