//! The SQLite of process engines: multi-step processes in files that people and agents can read,
//! diff and trust.
//!
//! It is a library beside your program, as SQLite is: no server, no thread before you ask for one,
//! nothing but the files of a project.
//!
//! ```text
//! Procside::open(folder) ─► an operation, such as add_step, patch_document, start
//!     lock ─► hand edits absorbed ─► decided ─► appended to the journal and synced
//!     ─► the process's file and the registry replaced ─► released ─► Changed
//! Procside::drive ─► loads what is due ─► handlers perform steps ─► events appended ─► Progress
//! Procside::events ─► every event once it is durable, whoever made it
//! ```
//!
//! Whatever an operation returned is durable: it survives `kill -9` and a power cut.
//!
//! # Track by hand
//!
//! ```
//! use procside::{NewProcess, NewStep, Procside, StepId, StepStatus, Surroundings};
//!
//! # let folder = std::env::temp_dir().join(format!("procside-doc-hand-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
//! project.init(NewProcess { name: Some("Move the wiki".to_owned()), ..Default::default() })?;
//! // Without an id, an operation is about the active process: the one that was made last.
//! project.add_step(None, NewStep { name: "Copy the pages".to_owned(), ..Default::default() })?;
//! let step = StepId::parse("s1")?;
//! project.set_step_status(None, step, StepStatus::InProgress, Vec::new(), None)?;
//! assert_eq!(project.status(None)?.process.steps[0].status, StepStatus::InProgress);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Run a definition with a handler of your own
//!
//! A definition says which steps there are and what follows what (docs/formats/definition.md); a
//! handler performs them. An async function is a handler; see [`runtime::Handler`], and [`Desk`] for
//! work that blocks or belongs on certain threads.
//!
#![cfg_attr(feature = "runtime", doc = "```")]
#![cfg_attr(not(feature = "runtime"), doc = "```ignore")]
//! use std::time::Duration;
//!
//! use procside::runtime::{Done, Failed, Team, Work};
//! use procside::{DriveOptions, Procside, ProcessStatus, StartRequest, Surroundings, TeamOf};
//!
//! async fn write(work: Work) -> Result<Done, Failed> {
//!     Ok(Done { output: serde_json::json!({"text": work.task["message"]}), cost: None })
//! }
//!
//! # let folder = std::env::temp_dir().join(format!("procside-doc-run-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let flow = "name: flow\nsteps:\n  - {id: a, type: agent_task, agent: writer, message: Hello}\n";
//! std::fs::write(folder.join("flow.yaml"), flow)?;
//! let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
//! let (source, folder_of_it) = ("flow.yaml".to_owned(), folder.clone());
//! let request = StartRequest { source, folder: folder_of_it, ..Default::default() };
//! let id = project.start(request)?.process.id;
//!
//! let team = TeamOf(Team::new().with_agent("writer", write));
//! let mut driving = project.drive(&[id], &DriveOptions { team: Some(team), ..Default::default() })?;
//! while driving.next(Duration::from_secs(5)).is_some() {}
//! assert!(driving.shut_down(Duration::from_secs(5)));
//! assert_eq!(project.status(Some(id))?.process.status, ProcessStatus::Completed);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Patch a document, and undo
//!
//! ```
//! use procside::{NewProcess, PatchRequest, Procside, Surroundings};
//!
//! # let folder = std::env::temp_dir().join(format!("procside-doc-patch-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
//! project.init(NewProcess { name: Some("Move the wiki".to_owned()), ..Default::default() })?;
//! let patches = r##"[{"operation": "insert", "location": "# Plan", "content": "Move it."}]"##;
//! let request = PatchRequest { patches: patches.to_owned(), ..Default::default() };
//! assert_eq!(project.patch_document(None, &request)?.text.document, "# Plan\n\nMove it.\n");
//! project.undo(None, None)?;
//! assert_eq!(project.document(None)?.text.as_deref(), Some(""));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`patch_text`] does the same to any text, in no project.
//!
//! # Supervise children
//!
#![cfg_attr(all(unix, feature = "runtime"), doc = "```")]
#![cfg_attr(not(all(unix, feature = "runtime")), doc = "```ignore")]
//! use std::time::Duration;
//!
//! use procside::children::{Children, ChildrenOptions, SpawnRequest};
//!
//! # let folder = std::env::temp_dir().join(format!("procside-doc-child-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let children = Children::open(&folder, ChildrenOptions::default())?;
//! let command = ["sleep", "600"].map(str::to_owned).to_vec();
//! let task = Some("server".to_owned());
//! // It is recorded before it runs: whoever comes after a crash finds it.
//! let spawned = children.spawn(SpawnRequest { task, command, ..Default::default() })?;
//! assert!(spawned.child.is_live());
//! assert!(children.end("server", None, Duration::from_secs(5))?.cleaning.is_success());
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Keep processes in SQLite
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use procside::{NewProcess, Procside, Surroundings};
//!
//! # let folder = std::env::temp_dir().join(format!("procside-doc-sql-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
//! let project = project.with_store("sqlite:kept.db", &folder)?;
//! project.init(NewProcess { name: Some("Move the wiki".to_owned()), ..Default::default() })?;
//! assert!(folder.join("kept.db").exists());
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//!
//! It runs no step before [`Procside::drive`], [`Procside::run`] or a program such as `procside work`
//! drives it, and no program of a definition in a folder that nobody trusts ([`Procside::trust`]).
//! It opens no socket by itself: only a step that notifies by a webhook or by mail does.
//! It is no scheduler of threads, and no database for anything but processes.
//!
//! # Features
//!
//! A feature adds functions or a store; what is there does the same with and without it.
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `runtime` | yes | [`Procside::drive`], [`Procside::run`], [`Desk`], [`runtime`], `children` (on Unix); needs tokio |
//! | `sqlite` | yes | `sqlite:FILE` as a store; needs a C compiler |
//!
//! Without `runtime`, processes are read, patched, tracked by hand, simulated, and started for
//! another program to drive. Without `sqlite`, whatever needs processes of an SQLite file fails with
//! one `Invalid` error that says so.
//!
//! # Threads
//!
//! [`Procside`] is `Send`, `Sync` and cheap to clone; a clone is the same project. Operations block
//! for as long as the disk and the lock take: 5 s for a lock that somebody holds, then `Locked`. None
//! of them belongs into an async task without a thread for what blocks, and [`Driving`] panics there,
//! because it waits on a runtime of its own. A driver has threads of its own, and handlers are
//! evaluated on them; they end when [`Driving`] is dropped.
//!
//! # Errors
//!
//! Everything fails with one type, [`Error`]. [`Error::kind`] answers what to do next: repeat after
//! a look (`Conflict`), wait (`Locked`), stop (`Corrupt`), and so on; [`ErrorKind::exit_code`] and
//! [`ErrorKind::as_str`] are those of the command line. [`Error::hint`] is advice for people, and
//! [`Error::details`] holds facts for programs. An operation that failed changed nothing, unless its
//! own documentation says otherwise.
//!
//! # Limits
//!
//! Everything has one: the constants here are named for what they bound, and docs/limits.md lists
//! all of them. Sizes are bytes, and times are [`Duration`](std::time::Duration)s, where a name does
//! not say otherwise.
//!
//! # Types of others
//!
//! Signatures name `serde_json`'s `Value`, `Map` and `Number`, and `chrono`'s `DateTime<Utc>`; no
//! other dependency. What remains are traits that some types have: `Serialize` and `Deserialize` of
//! `serde`, because the journal is written with them, and `Error` of the standard library. The
//! listing `api.txt` beside this crate's manifest has every item in a line.

mod answer;
pub mod answers;
mod approvals;
mod archive;
#[cfg(all(unix, feature = "runtime"))]
pub mod children;
mod config;
mod config_channels;
mod config_team;
mod cost;
mod definitions;
#[cfg(feature = "runtime")]
mod desk;
mod doctor;
mod document;
mod document_difference;
#[cfg(feature = "runtime")]
mod driving;
mod error;
pub mod event;
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
#[cfg(feature = "runtime")]
mod run;
mod running;
#[cfg(feature = "runtime")]
pub mod runtime;
mod scenario_files;
mod schedule;
mod show;
mod simulate;
mod source;
mod start;
mod steps;
pub mod store;
#[cfg(feature = "runtime")]
mod team;
mod templates;
mod transfer;
mod trust;
mod undo;
mod user;
mod versions;

pub use process_core::event::{Decided, RunFact, VisitId};
pub use process_core::{
    Diagnostic, Event, Fact, InvalidId, Place, Process, ProcessId, ProcessStatus, Severity, Step,
    StepId, StepStatus, TemplateId, Timestamp, Uid, Version, definition, difference, expr,
    gates as gate, model, money::Cost, progress, registry, schema, template, time, yaml,
};
pub use process_engine::{NewMessage, NewStep, VisitRef, simulate::Simulation};
pub use process_patch as patch;
pub use process_store::{disk, files::Problem, lock};

pub use crate::{
    answer::{Answered, FOUND_INVALID, FOUND_WRONG, INTERRUPTED, SCHEMA_VERSION, WAITING},
    approvals::{APPROVALS_MAX, Approvals, OpenApproval},
    config::{CONCURRENCY_MAX, Config},
    config_channels::{Channels, EmailServer, EmailTls, TelegramBot},
    config_team::{Agent, AgentInput},
    cost::{ChildCost, CostReport},
    definitions::{Definitions, Validation},
    doctor::Diagnosis,
    document::{PatchRequest, Patched, PatchedText, ProcessPatched, ShownDocument, patch_text},
    document_difference::{DocumentDifference, SectionChange},
    error::{Error, ErrorKind},
    events::{EventFilter, Events, HappenedEvent},
    gates::Check,
    init::NewProcess,
    list::{Filter, Listing, PAGE_MAX},
    log::Log,
    operations::{Called, call, call_text},
    outcome::{Changed, Shown, Status, process_value},
    patching::{PatchTarget, TEXT_FILE_BYTES_MAX, read_text_file, read_text_from},
    project::{Procside, Surroundings, fresh_uid},
    rewriting::Rewriting,
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

#[cfg(feature = "runtime")]
pub use crate::{
    desk::{Attempt, AttemptLine, Desk, Turn, attempt_result},
    driving::{DriveOptions, Driving, Progress, TeamOf},
    run::{Attendant, PATIENCE, Said},
};

/// Runs the examples about children as tests.
#[cfg(all(doctest, feature = "runtime"))]
#[doc = include_str!("../../docs/guides/children.md")]
mod children_guide {}

/// Runs the README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// Runs the examples of the guides as tests.
#[cfg(all(doctest, feature = "runtime"))]
mod guides {
    #[cfg(unix)]
    #[doc = include_str!("../../docs/guides/children.md")]
    mod children {}
    #[doc = include_str!("../../docs/guides/handlers.md")]
    mod handlers {}
    #[doc = include_str!("../../docs/guides/rust.md")]
    mod rust {}
    #[doc = include_str!("../../docs/guides/store.md")]
    mod store {}
}
