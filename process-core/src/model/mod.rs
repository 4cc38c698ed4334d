//! What a process is made of: the process itself, steps, decisions, risks, evidence.
//!
//! Every type reads itself from a [`Node`](crate::yaml::Node) with all problems at once and writes
//! itself as JSON, keys it does not know included (docs/formats/process.md).

mod process;
mod records;
mod step;

#[cfg(test)]
mod tests;

pub(crate) use process::read_steps;
pub use process::{Defaults, NAME_BYTES_MAX, Process, STEPS_MAX};
pub use records::{Decision, Evidence, IMPACTS, Risk};
pub use step::{Claim, Step};
