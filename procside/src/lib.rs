//! The SQLite of process engines: multi-step processes in files that people and agents can read,
//! diff and trust.
//!
//! ```text
//! Procside::open(folder) ─► an operation, such as add_step
//!     lock ─► hand edits absorbed ─► decided ─► appended to the journal and synced
//!     ─► the process's file and the registry replaced ─► released ─► Changed
//! ```
//!
//! ```
//! use procside::{NewProcess, NewStep, Procside, Surroundings};
//!
//! let folder = std::env::temp_dir().join(format!("procside-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
//! let process = project.init(NewProcess {
//!     name: Some("Move the wiki".to_owned()),
//!     ..NewProcess::default()
//! })?;
//! project.add_step(None, NewStep { name: "Copy the pages".to_owned(), ..NewStep::default() })?;
//! assert_eq!(project.status(None)?.process.steps.len(), 1);
//! assert_eq!(process.process.id.to_string(), "proc-001");
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whatever an operation returned is durable. What it does not do: run steps by itself, or speak to
//! anything but the files of the project.

mod answer;
pub mod answers;
mod approvals;
mod archive;
mod config;
mod config_team;
mod cost;
mod definitions;
mod desk;
mod doctor;
mod document;
mod document_difference;
mod driving;
mod error;
mod events;
mod gates;
mod init;
mod list;
mod log;
mod message;
mod named;
pub mod operations;
mod outcome;
pub mod parse;
mod patching;
mod project;
mod rewriting;
mod run;
mod running;
pub mod runtime;
mod scenario_files;
mod schedule;
mod show;
mod simulate;
mod source;
mod start;
mod steps;
pub mod store;
mod templates;
mod transfer;
mod trust;
mod undo;
mod user;
mod versions;

pub use process_core::event::{Decided, RunFact, VisitId};
pub use process_core::{
    Diagnostic, Event, Fact, InvalidId, Process, ProcessId, ProcessStatus, Severity, Step, StepId,
    StepStatus, TemplateId, Timestamp, definition, difference, gates as gate, model, progress,
    registry, schema, template, time, yaml,
};
pub use process_engine::{NewMessage, NewStep, VisitRef, simulate::Simulation};
pub use process_patch as patch;
pub use process_store::{disk, files::Problem, lock};

pub use crate::{
    answer::{Answered, FOUND_INVALID, FOUND_WRONG, INTERRUPTED, SCHEMA_VERSION, WAITING},
    approvals::{APPROVALS_MAX, Approvals, OpenApproval},
    config::Config,
    config_team::Agent,
    cost::{ChildCost, CostReport},
    definitions::{Definitions, Validation},
    desk::{Attempt, AttemptLine, Desk, Turn, attempt_result},
    doctor::Diagnosis,
    document::{PatchRequest, Patched, PatchedText, ProcessPatched, ShownDocument, patch_text},
    document_difference::{DocumentDifference, SectionChange},
    driving::{CONCURRENCY_MAX, DriveOptions, Driving, Progress, TeamOf},
    error::{Error, ErrorKind},
    events::{EventFilter, Events, HappenedEvent},
    gates::Check,
    init::NewProcess,
    list::{Filter, Listing, PAGE_MAX},
    log::Log,
    operations::{Called, call, call_text},
    outcome::{Changed, Shown, Status, process_value},
    patching::{PatchTarget, TEXT_FILE_BYTES_MAX, read_text_file, read_text_from},
    project::{Procside, Surroundings},
    rewriting::Rewriting,
    run::{Attendant, PATIENCE, Said},
    scenario_files::{FOLDER_DEPTH_MAX, FOLDERS_MAX, SCENARIOS_MAX},
    schedule::Schedules,
    show::Drawing,
    simulate::{TestReport, Tested, Trial},
    start::StartRequest,
    steps::{LEASE_DEFAULT, LEASE_MAX, Ready},
    templates::{FoundTemplate, Templates},
    transfer::ExportFormat,
    trust::TrustedProject,
    undo::{EntryLine, Patches, Turned},
    user::UserConfig,
    versions::{Comparison, History, REASON_DEFAULT, VersionLine},
};

/// Runs the README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
