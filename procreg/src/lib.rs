//! Knows which children exist, whose they are, and what became of them.
//!
//! ```text
//! text of `processes.json` ─► ProcessRegistry::read ─► entries, unknown keys kept
//! Delta                    ─► ProcessRegistry::merge ─► onto whatever others made of it meanwhile
//! entry + Facts            ─► judge ─► running, orphaned, stopped or stale, and how sure that is
//! judgements               ─► cleaning_plan, adoption_plan ─► what to signal, adopt, start
//! ProcessRegistry          ─► render ─► the text that is written
//! ```
//!
//! ```
//! use procreg::{Facts, ProcessMetadata, ProcessRegistry, ProcessStatus, judge};
//!
//! let mut registry = ProcessRegistry::new();
//! let metadata = ProcessMetadata { command: "claude".to_owned(), ..ProcessMetadata::default() };
//! registry.add(12_346, metadata)?;
//! let child = registry.get(12_346).ok_or("it was just added")?;
//! // Nothing is known about it, so nothing is done to it.
//! let judgement = judge(child, Facts::default());
//! assert_eq!(judgement.status(), ProcessStatus::Stale);
//! assert!(!judgement.may_signal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It reads no file, keeps no time, and looks at no operating-system process: `process-store` keeps
//! the file, and `process-runtime` starts, watches and ends children.

mod adoption;
mod cleaning;
mod delta;
mod file;
mod identity;
mod info;
mod items;
mod json;
mod judge;
mod key;
pub mod limits;
mod name;
mod registry;
mod restart;
mod status;

pub use adoption::{Adoption, Doubt, adoption_plan};
pub use cleaning::{CleaningFailure, CleaningPlan, cleaning_plan};
pub use delta::{Delta, Outcome, Refused};
pub use file::Misfit;
pub use identity::{ChildIdentity, ChildLimits, Exit, Owner};
pub use info::{ProcessInfo, ProcessMetadata};
pub use json::Kept;
pub use judge::{
    Alive, Certainty, Facts, IdentityMatch, Judgement, OwnerState, Reason, Sameness, judge,
};
pub use key::{EntryKey, Which};
pub use name::{NameError, Namespace, TaskId};
pub use registry::ProcessRegistry;
pub use restart::{Backoff, Restart, RestartPolicy, RestartState};
pub use status::ProcessStatus;
