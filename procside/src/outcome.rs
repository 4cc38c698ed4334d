//! What operations return, and how `--json` shows it (docs/cli.md).

use process_core::{
    Event, Fact, Process, ProcessId, Step, StepId, Timestamp,
    progress::{Progress, missing, ready},
};
use process_store::files::{Change, Record};
use serde_json::{Value, json};

use crate::error::Error;

/// A process after a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The process as it stands.
    pub process: Process,
    /// What happened, a hand edit that was absorbed included.
    pub events: Vec<Event>,
    /// What was repaired on the way, for people.
    pub notices: Vec<String>,
}

/// A process as it is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The process as it stands, a hand edit of its file included.
    pub process: Process,
    /// What could not be taken as it is, for people.
    pub notices: Vec<String>,
}

/// A process with what people ask first: how far it is, and what comes next.
#[derive(Clone, Debug)]
pub struct Status {
    /// The process.
    pub process: Process,
    /// The active process of the project.
    pub active: Option<ProcessId>,
    /// How many steps have ended.
    pub progress: Progress,
    /// The steps that somebody can take, in order.
    pub ready: Vec<StepId>,
    /// What it still lacks.
    pub missing: Vec<String>,
    /// What could not be taken as it is, for people.
    pub notices: Vec<String>,
}

impl Changed {
    /// Ends a change of a process of which so many events were known before.
    pub(crate) fn end(change: Change<'_>, record: &Record, known: usize) -> Result<Self, Error> {
        let notices = change.finish().into_iter().map(|notice| notice.0).collect();
        let events = record.events[known..].to_vec();
        Ok(Self { process: record.process()?.clone(), events, notices })
    }

    /// Returns the step that was changed last.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        let id = self.events.iter().rev().find_map(|event| event.fact.step())?;
        self.process.step(id)
    }

    /// Returns the number of the version that was taken last.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.events.iter().rev().find_map(|event| {
            if let Fact::Versioned { version, .. } = &event.fact { Some(*version) } else { None }
        })
    }

    /// Returns the data of the answer: the whole process.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({"process": process_value(&self.process)})
    }

    /// Returns the data of an answer about a step: the whole process, and the step.
    #[must_use]
    pub fn to_step_value(&self) -> Value {
        json!({
            "process": process_value(&self.process),
            "step": self.step().map(Step::to_value),
        })
    }
}

impl Status {
    pub(crate) fn of(shown: Shown, active: Option<ProcessId>, now: &Timestamp) -> Self {
        let process = shown.process;
        Self {
            active,
            progress: Progress::of(&process),
            ready: ready(&process, now).into_iter().map(|step| step.id.clone()).collect(),
            missing: missing(&process),
            notices: shown.notices,
            process,
        }
    }

    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "process": process_value(&self.process),
            "active": self.active.map(|id| id.to_string()),
            "next": self.ready.first().and_then(|id| self.process.step(id)).map(Step::to_value),
            "ready": self.ready,
            "missing": self.missing,
        })
    }
}

/// Returns a whole process as JSON: its file's keys, whether it is archived, and its progress.
#[must_use]
pub fn process_value(process: &Process) -> Value {
    let mut value = process.to_value();
    if let Value::Object(map) = &mut value {
        let progress = Progress::of(process);
        map.insert("archived".to_owned(), process.is_archived().into());
        map.insert(
            "progress".to_owned(),
            json!({
                "completed": progress.completed,
                "total": progress.total,
                "percent": progress.percent(),
            }),
        );
    }
    value
}
