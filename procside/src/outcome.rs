//! What operations return, and how `--json` shows it (docs/cli.md).

use process_core::{
    Event, Fact, Process, ProcessId, Step, StepId,
    progress::{Progress, missing},
};
use process_engine::{Run, VisitRef};
use process_store::{files::Record, place::Change};
use serde_json::{Value, json};

use crate::{error::Error, project::show_run};

/// A process after a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The process as it stands.
    pub process: Process,
    /// What happened, a hand edit that was absorbed included.
    pub events: Vec<Event>,
    /// What its run tells of itself, when it runs by a definition (docs/cli.md).
    pub run: Option<Value>,
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
    /// The steps that somebody can take, in order; of one with several open visits, each visit.
    pub ready: Vec<VisitRef>,
    /// What it still lacks.
    pub missing: Vec<String>,
    /// What its run tells of itself, when it runs by a definition (docs/cli.md).
    pub run: Option<Value>,
    /// What could not be taken as it is, for people.
    pub notices: Vec<String>,
}

impl Changed {
    /// Ends a change of a process of which so many events were known before.
    pub(crate) fn end(change: Change<'_>, record: &Record, known: usize) -> Result<Self, Error> {
        let notices = change.finish().into_iter().map(|notice| notice.0).collect();
        let events = record.events[known..].to_vec();
        let mut process = record.process()?.clone();
        show_run(&mut process, &record.execution);
        let run = record.execution.run().map(Run::to_value);
        Ok(Self { process, events, run, notices })
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
        let mut data = json!({"process": process_value(&self.process)});
        put_run(&mut data, self.run.as_ref());
        data
    }

    /// Returns the data of an answer about the step that was changed last.
    #[must_use]
    pub fn to_step_value(&self) -> Value {
        self.value_with(self.step())
    }

    /// Returns the data of an answer about a step, whatever else followed.
    #[must_use]
    pub fn to_value_of(&self, step: &StepId) -> Value {
        self.value_with(self.process.step(step))
    }

    fn value_with(&self, step: Option<&Step>) -> Value {
        let mut data = self.to_value();
        data["step"] = step.map(Step::to_value).into();
        data
    }
}

impl Status {
    pub(crate) fn of(
        (shown, record): (Shown, Record),
        active: Option<ProcessId>,
        ready: Vec<VisitRef>,
        held: &[StepId],
    ) -> Self {
        let process = shown.process;
        let mut run = record.execution.run().map(Run::to_value);
        let waiting = run.as_mut().and_then(|run| run["waiting"].as_array_mut());
        for one in waiting.into_iter().flatten() {
            if one["for"] == "work" && held.iter().any(|step| one["step"] == step.as_str()) {
                one["why"] = "not_trusted".into();
            }
        }
        Self {
            active,
            progress: Progress::of(&process),
            ready,
            missing: missing(&process),
            run,
            notices: shown.notices,
            process,
        }
    }

    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let next = self.ready.first().and_then(|next| self.process.step(&next.step));
        let mut data = json!({
            "process": process_value(&self.process),
            "active": self.active.map(|id| id.to_string()),
            "next": next.map(Step::to_value),
            "ready": self.ready.iter().map(VisitRef::to_string).collect::<Vec<_>>(),
            "missing": self.missing,
        });
        put_run(&mut data, self.run.as_ref());
        data
    }
}

/// Puts what a run tells of itself into an answer; what people ask first stands in `data` as well.
pub(crate) fn put_run(data: &mut Value, run: Option<&Value>) {
    let Some(run) = run else { return };
    for key in ["waiting", "outputs", "compensated", "warnings"] {
        data[key] = run[key].clone();
    }
    data["run"] = run.clone();
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
