//! The definition of a process: its steps and the rules by which they run (docs/formats/definition.md).

mod graph;
mod model;
mod order;
mod places;
mod reach;
mod step;
mod stored;
mod words;

mod check;
mod context;
mod cron;
mod dialect;
mod keys;
mod nearest;
mod read;
mod read_kind;
mod read_rules;
mod read_step;
mod reader;
mod types;
mod values;

mod fix;
mod schema;
mod write;
mod write_step;

#[cfg(test)]
mod tests;

pub use cron::last_occurrence;
pub use fix::{Fixed, fix};
pub use graph::{Arc, ArcKind, Graph};
pub use model::{
    Announcement, Budget, Channel, Definition, InputField, InputType, MAX_VISITS, OnExceed, Output,
    STOP_GRACE, Trigger,
};
pub use nearest::nearest;
pub use read::{ReadDefinition, STEPS_MAX, read, read_text};
pub use schema::definition_schema;
pub use step::{
    Approval, Backoff, Command, Compensation, Delivery, Foreach, Gateway, GatewayKind, Join,
    Notification, OnError, OnReject, OnTimeout, Repeat, Retry, Route, StepBudget, StepDefinition,
    StepKind, SubProcess, Timer, TimerEnd, WaitFor,
};
pub use values::{DURATION_MAX, TEXT_BYTES_MAX};
