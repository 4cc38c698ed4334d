//! What each event makes of the state: total, so that a journal always loads.

use std::sync::Arc;

use process_core::{
    Claim, Event, Fact, Process, ProcessStatus, Step, StepId, StepStatus, Timestamp, Version,
    definition::{Definition, StepDefinition},
    document::{Entry, Splice, spliced},
    event::{RunFact, Start},
    model::Defaults,
};
use serde_json::{Map, Value};

use crate::{execution::Execution, run::Run};

impl Execution {
    /// Applies an event; one that does not fit changes nothing but the revision.
    pub fn apply(&mut self, event: &Event) {
        let about = if let Fact::Run(fact) = &event.fact { fact.step() } else { None };
        let run = self.run.as_ref();
        let place = about.and_then(|id| run?.definition().graph.index(id.as_str()));
        self.apply_at(event, place);
    }

    /// Applies an event of which it is known at what place the step stands that it is about.
    pub(crate) fn apply_at(&mut self, event: &Event, place: Option<usize>) {
        let at = &event.at;
        match &event.fact {
            Fact::Archived => self.on_process(|process| process.archived_at = Some(at.clone())),
            Fact::Created { process, .. } | Fact::Imported { process, .. } => self.begin(process),
            Fact::DecisionRecorded { decision } => {
                self.on_process(|process| process.decisions.push(decision.as_ref().clone()));
            }
            Fact::DocumentChanged { entry, splices } => self.change_document(entry, splices),
            Fact::Edited { patch } => self.apply_patch(patch),
            Fact::EvidenceRecorded { evidence } => {
                self.on_process(|process| process.evidence.push(evidence.as_ref().clone()));
            }
            Fact::LegacyRecorded { .. } | Fact::Superseded { .. } => {}
            Fact::ProcessCompleted => self.become_status(ProcessStatus::Completed),
            Fact::ProcessFailed => self.become_status(ProcessStatus::Failed),
            Fact::ProcessPatched { entry, patch, .. } => {
                self.entry_last = self.entry_last.max(entry.number);
                self.apply_patch(patch);
            }
            Fact::ProcessReopened | Fact::ProcessStarted => {
                self.become_status(ProcessStatus::InProgress);
            }
            Fact::Restored { process, .. } => self.replace(process),
            Fact::Run(fact) => self.apply_run(event.seq, at, fact, place),
            Fact::RiskRecorded { risk } => {
                self.on_process(|process| process.risks.push(risk.as_ref().clone()));
            }
            Fact::StepAdded { index, content, .. } => self.add_step(*index, content),
            Fact::StepCancelled { step } => self.enter(step, StepStatus::Cancelled, at),
            Fact::StepClaimed { step, holder, until } => {
                self.on_step(step, |step| claim(step, holder, until, at));
            }
            Fact::StepCompleted { step, outputs } => {
                self.on_step(step, |step| step.outputs.extend(outputs.iter().cloned()));
                self.enter(step, StepStatus::Completed, at);
            }
            Fact::StepEdited { step, changes } => self.on_step(step, |step| merge(step, changes)),
            Fact::StepFailed { step } => self.enter(step, StepStatus::Failed, at),
            Fact::StepMoved { step, index } => self.move_step(step, *index),
            Fact::StepOutputAdded { step, outputs } => {
                self.on_step(step, |step| step.outputs.extend(outputs.iter().cloned()));
            }
            Fact::StepReleased { step } | Fact::StepReset { step } => {
                self.enter(step, StepStatus::Pending, at);
            }
            Fact::StepRemoved { step } => self.remove_step(step),
            Fact::StepSkipped { step } => self.enter(step, StepStatus::Skipped, at),
            Fact::StepStarted { step } => self.enter(step, StepStatus::InProgress, at),
            Fact::StepWaiting { step } => self.enter(step, StepStatus::Waiting, at),
            Fact::Unarchived => self.on_process(|process| process.archived_at = None),
            Fact::VersionImported { content } => {
                self.note_ids_of(&content.process);
                self.keep_version(content.as_ref().clone());
            }
            Fact::Versioned { .. } => {}
        }
        self.stamp(event);
        if let Fact::Versioned { version, reason } = &event.fact {
            self.take_version(*version, reason, at);
        }
    }

    /// Notes on the process which event it shows, and when it last changed.
    fn stamp(&mut self, event: &Event) {
        self.revision = event.seq;
        // What was taken in keeps the instant that its file gave; a version changes nothing.
        let changes = !matches!(
            event.fact,
            Fact::Imported { .. }
                | Fact::LegacyRecorded { .. }
                | Fact::Superseded { .. }
                | Fact::VersionImported { .. }
                | Fact::Versioned { .. }
        );
        self.on_process(|process| {
            process.revision = event.seq;
            if changes && process.updated_at != event.at {
                process.updated_at = event.at.clone();
            }
        });
    }

    /// Applies what happened to the run, and shows it on the process.
    fn apply_run(&mut self, seq: u64, at: &Timestamp, fact: &RunFact, place: Option<usize>) {
        if let RunFact::Started(start) = fact {
            self.begin_run(start, at);
            return;
        }
        if let RunFact::Adopted { definition, .. } = fact {
            self.adopt(definition);
        }
        let Some(run) = &mut self.run else { return };
        run.apply(seq, at.instant(), fact);
        let Some(process) = &mut self.process else { return };
        match place {
            Some(step) if !matches!(fact, RunFact::Ending { .. }) => {
                run.show_step(step, process, at)
            }
            _ => run.show(process, at),
        }
        process.status = run.status();
    }

    fn begin_run(&mut self, start: &Start, at: &Timestamp) {
        if let Some(process) = &start.process {
            self.begin(process);
        }
        let Some(process) = &mut self.process else { return };
        let prepared = self.aside.prepared.take().map(Ok);
        let read = || Definition::from_value(&start.definition).map(Arc::new);
        let Ok(definition) = prepared.unwrap_or_else(read) else { return };
        let (id, name) = (process.id.to_string(), process.name.clone());
        process.key.clone_from(&start.key);
        show_steps(process, &definition);
        let about = crate::run::about(&id, process.uid, &name, at.as_str());
        let run = Run::new(definition, start, about, at.instant());
        run.show(process, at);
        self.run = Some(Box::new(run));
    }

    fn adopt(&mut self, definition: &Value) {
        let prepared = self.aside.prepared.take().map(Ok);
        let read = || Definition::from_value(definition).map(Arc::new);
        let Ok(definition) = prepared.unwrap_or_else(read) else { return };
        let Some(run) = &mut self.run else { return };
        let Some(process) = &mut self.process else { return };
        let gone = process.steps.iter().filter(|step| definition.step(step.id.as_str()).is_none());
        self.removed.extend(gone.map(|step| step.id.clone()));
        show_steps(process, &definition);
        run.adopt(definition);
    }

    fn on_process(&mut self, change: impl FnOnce(&mut Process)) {
        if let Some(process) = &mut self.process {
            change(process);
        }
    }

    fn on_step(&mut self, id: &StepId, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.process.as_mut().and_then(|process| process.step_mut(id)) {
            change(step);
        }
    }

    fn enter(&mut self, id: &StepId, status: StepStatus, at: &Timestamp) {
        self.on_step(id, |step| enter(step, status, at));
    }

    fn become_status(&mut self, status: ProcessStatus) {
        self.on_process(|process| process.status = status);
    }

    fn begin(&mut self, process: &Process) {
        self.note_ids(&process.steps);
        self.process = Some(process.clone());
    }

    /// Puts another content in the place of the process's own.
    fn replace(&mut self, content: &Process) {
        let before = self.process.iter().flat_map(|process| &process.steps);
        let gone = before.filter(|step| content.step(&step.id).is_none());
        self.removed.extend(gone.map(|step| step.id.clone()));
        for step in &content.steps {
            self.removed.remove(&step.id);
        }
        self.begin(content);
    }

    fn note_ids(&mut self, steps: &[Step]) {
        let highest = steps.iter().filter_map(|step| step.id.number()).max().unwrap_or(0);
        self.step_number_max = self.step_number_max.max(highest);
    }

    /// Notes the ids of a version's steps: restoring it brings them back, so none is given anew.
    fn note_ids_of(&mut self, process: &Value) {
        let steps = process.get("steps").and_then(Value::as_array).into_iter().flatten();
        let ids = steps.filter_map(|step| StepId::parse(step.get("id")?.as_str()?).ok());
        let highest = ids.filter_map(|id| id.number()).max().unwrap_or(0);
        self.step_number_max = self.step_number_max.max(highest);
    }

    fn keep_version(&mut self, version: Version) {
        let place = self.versions.partition_point(|other| other.number < version.number);
        if self.versions.get(place).is_none_or(|other| other.number != version.number) {
            self.versions.insert(place, version);
        }
    }

    fn take_version(&mut self, number: u64, reason: &str, at: &Timestamp) {
        let Some(process) = &self.process else { return };
        self.keep_version(Version {
            number,
            snapshot_at: at.clone(),
            reason: reason.to_owned(),
            process: process.to_value(),
            document: self.document.clone(),
            extra: Map::new(),
        });
    }

    fn apply_patch(&mut self, patch: &Value) {
        if let Some(edited) = self.process.as_ref().and_then(|process| patched(process, patch)) {
            self.replace(&edited);
        }
    }

    fn change_document(&mut self, entry: &Entry, splices: &[Splice]) {
        self.entry_last = self.entry_last.max(entry.number);
        let before = self.document.take().unwrap_or_default();
        self.document = Some(spliced(&before, splices).unwrap_or(before));
    }

    fn add_step(&mut self, index: usize, content: &Step) {
        let Some(process) = &mut self.process else { return };
        if process.step(&content.id).is_none() {
            process.steps.insert(index.min(process.steps.len()), content.clone());
            self.note_ids(std::slice::from_ref(content));
        }
    }

    fn remove_step(&mut self, id: &StepId) {
        let Some(process) = &mut self.process else { return };
        if let Some(index) = process.position(id) {
            process.steps.remove(index);
            self.removed.insert(id.clone());
        }
    }

    fn move_step(&mut self, id: &StepId, index: usize) {
        let Some(process) = &mut self.process else { return };
        if let Some(from) = process.position(id) {
            let step = process.steps.remove(from);
            process.steps.insert(index.min(process.steps.len()), step);
        }
    }
}

/// Makes the steps of a process those of its definition; what people added to one of them stays.
fn show_steps(process: &mut Process, definition: &Definition) {
    let is_same = process.steps.len() == definition.steps.len()
        && process.steps.iter().zip(&definition.steps).all(|(shown, step)| shown.id == step.id);
    if is_same {
        return;
    }
    let mut before: Vec<Step> = std::mem::take(&mut process.steps);
    process.steps = definition
        .steps
        .iter()
        .map(|step| match before.iter().position(|shown| shown.id == step.id) {
            Some(index) => before.swap_remove(index),
            None => shown_step(step),
        })
        .collect();
}

/// Returns a step of a definition as people see it.
pub(crate) fn shown_step(step: &StepDefinition) -> Step {
    let name = step.name.clone().unwrap_or_else(|| step.id.to_string());
    Step {
        description: step.description.clone(),
        inputs: step.inputs.clone(),
        outputs: step.outputs.clone(),
        checks: step.checks.clone(),
        ..Step::new(step.id.clone(), name)
    }
}

/// Returns the process with an RFC 6902 patch applied, or `None` when that is no process.
pub(crate) fn patched(process: &Process, patch: &Value) -> Option<Process> {
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).ok()?;
    let mut value = process.to_value();
    // Without undoing on failure, which can panic: the value is a copy of our own.
    json_patch::patch_unsafe(&mut value, &patch).ok()?;
    let defaults = Defaults { id: process.id, uid: process.uid, now: process.created_at.clone() };
    Process::from_value(&value, &defaults).ok()
}

fn claim(step: &mut Step, holder: &str, until: &Timestamp, at: &Timestamp) {
    if step.status == StepStatus::Pending {
        enter(step, StepStatus::InProgress, at);
    }
    step.claim = Some(Claim { by: holder.to_owned(), until: until.clone(), extra: Map::new() });
}

fn merge(step: &mut Step, changes: &Value) {
    let mut value = step.to_value();
    json_patch::merge(&mut value, changes);
    if let Ok(edited) = Step::from_value(&value) {
        *step = edited;
    }
}

/// Gives a step a status, with the instants and the claim that go with it.
pub(crate) fn enter(step: &mut Step, status: StepStatus, at: &Timestamp) {
    match status {
        StepStatus::Pending => {
            (step.started_at, step.completed_at, step.claim) = (None, None, None);
        }
        StepStatus::InProgress | StepStatus::Waiting => {
            let goes_on = matches!(step.status, StepStatus::InProgress | StepStatus::Waiting);
            if step.started_at.is_none() || !goes_on {
                step.started_at = Some(at.clone());
            }
            step.completed_at = None;
        }
        StepStatus::Completed
        | StepStatus::Skipped
        | StepStatus::Failed
        | StepStatus::Cancelled
        | StepStatus::Compensated => {
            step.completed_at = Some(at.clone());
            step.claim = None;
        }
    }
    step.status = status;
}
