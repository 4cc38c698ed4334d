//! What a process, a template, a version and an event are.
//!
//! ```text
//! YAML text ─► yaml::read ─► Node (line and column of everything)
//!          ─► Process::read ─► Process, or every problem at once as Diagnostics
//! Process  ─► difference, render, gates, progress
//! Process  ─► to_value ─► yaml::write or yaml::edit ─► YAML text, comments kept
//! ```
//!
//! ```
//! use process_core::{Defaults, Process, ProcessId, Timestamp, Uid, yaml};
//!
//! let text = "id: proc-001\nname: Deploy Grafana\nsteps:\n  - name: Plan\n";
//! let defaults = Defaults {
//!     id: ProcessId::parse("proc-001")?,
//!     uid: Uid::nil(),
//!     now: Timestamp::parse("2026-02-10T10:00:00Z").ok_or("no instant")?,
//! };
//! let process = Process::read(&yaml::read(text)?, &defaults).map_err(|all| all[0].clone())?;
//! assert_eq!(process.steps[0].id.as_str(), "s1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It does not read or write files, know the time, or change a process by rules: that is the work
//! of `process-store` and `process-engine`.

pub mod clock;
pub mod definition;
pub mod diagnostic;
pub mod difference;
pub mod document;
pub mod event;
pub mod expr;
pub mod gates;
pub mod id;
pub mod model;
pub mod money;
pub mod progress;
pub mod registry;
pub mod registry_event;
pub mod render;
pub mod schema;
pub mod status;
pub mod template;
pub mod time;
pub mod version;
pub mod yaml;

mod fields;
#[cfg(test)]
mod samples;
mod shared;
mod uid;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use event::{Event, Fact};
pub use id::{InvalidId, ProcessId, StepId, TemplateId};
pub use model::{Claim, Decision, Defaults, Evidence, Process, Risk, Step};
pub use registry_event::{RegistryEvent, RegistryFact};
pub use shared::Shared;
pub use status::{ProcessStatus, StepStatus};
pub use template::Template;
pub use time::Timestamp;
pub use uid::Uid;
pub use version::Version;
