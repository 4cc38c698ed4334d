//! The state of one process: what its events made of it.

use std::{collections::BTreeSet, sync::Arc};

use process_core::{
    Event, Fact, Process, Step, StepId, Timestamp, Version, definition::Definition,
    version::NUMBER_MAX,
};

use crate::{decide, input::Input, rejected::Rejected, run::Run};

/// The most versions of one process; each stands whole in memory while the process is open.
const VERSIONS_MAX: usize = 10_000;

/// The state of one process, a function of its events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Execution {
    pub(crate) process: Option<Process>,
    pub(crate) revision: u64,
    /// The highest number of an id `s<number>` that was ever given: ids are never reused.
    pub(crate) step_number_max: u64,
    /// Steps that were taken out of the list.
    pub(crate) removed: BTreeSet<StepId>,
    /// The document, once there was one.
    pub(crate) document: Option<String>,
    /// The number of the last entry that can be taken back.
    pub(crate) entry_last: u64,
    /// All versions, lowest number first.
    pub(crate) versions: Vec<Version>,
    /// The run by a definition, once it was started.
    pub(crate) run: Option<Box<Run>>,
    pub(crate) aside: Aside,
}

/// What is at hand beside the state, and no part of it: two executions differ in nothing by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aside {
    /// The definition that the next event names, read already.
    pub(crate) prepared: Option<Arc<Definition>>,
    /// Whether decisions were made on this state, so that only what changes is to be looked at.
    pub(crate) is_settled: bool,
}

impl PartialEq for Aside {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Execution {
    /// Returns the state that these events make, from the beginning.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut execution = Self::default();
        for event in events {
            execution.apply(event);
        }
        execution
    }

    /// Returns the state of a process that has no events yet, for looking at it.
    #[must_use]
    pub fn of(process: Process) -> Self {
        Self { process: Some(process), ..Self::default() }
    }

    /// Returns the process, or `None` before it was made.
    #[must_use]
    pub fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Returns the number of the last event that was applied.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns the highest number of an id `s<number>` that a step of the process ever had.
    #[must_use]
    pub fn step_number_max(&self) -> u64 {
        self.step_number_max
    }

    /// Returns the document of the process, once it had one.
    #[must_use]
    pub fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// Returns the number of the last entry that changed the document or the process by a patch.
    #[must_use]
    pub fn entry_last(&self) -> u64 {
        self.entry_last
    }

    /// Returns the versions that were taken, lowest number first.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// Returns the version with this number.
    #[must_use]
    pub fn version(&self, number: u64) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// Returns the run by a definition, once it was started.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        self.run.as_deref()
    }

    /// Decides what an input makes happen; the execution stays as it is.
    ///
    /// For a process that runs by a definition this looks at a copy; whoever applies the events at
    /// once spares it with [`Execution::advance`].
    ///
    /// # Errors
    /// [`Rejected`] when the input makes no sense here; nothing has changed then.
    pub fn decide(&self, now: &Timestamp, by: &str, input: Input) -> Result<Vec<Event>, Rejected> {
        match decide::by_hand(self, input) {
            decide::Sorted::ByHand(input) => self.decide_by_hand(now, by, input),
            decide::Sorted::Run(input) => self.clone().advance_run(now, by, input),
        }
    }

    /// Decides what an input makes happen, and applies it.
    ///
    /// Until the events are durable, nothing of them may be performed or shown; if they cannot be
    /// made durable, the execution is to be made anew from its journal.
    ///
    /// # Errors
    /// [`Rejected`] when the input makes no sense here; nothing has changed then.
    pub fn advance(
        &mut self,
        now: &Timestamp,
        by: &str,
        input: Input,
    ) -> Result<Vec<Event>, Rejected> {
        match decide::by_hand(self, input) {
            decide::Sorted::ByHand(input) => {
                let events = self.decide_by_hand(now, by, input)?;
                events.iter().for_each(|event| self.apply(event));
                Ok(events)
            }
            decide::Sorted::Run(input) => self.advance_run(now, by, input),
        }
    }

    fn decide_by_hand(
        &self,
        now: &Timestamp,
        by: &str,
        input: decide::ByHand,
    ) -> Result<Vec<Event>, Rejected> {
        if self.run.is_some() {
            decide::leaves_steps_alone(self, &input)?;
        }
        let facts = match input {
            decide::ByHand::AddStep(step) => decide::add_step(self, step),
            decide::ByHand::Archive => decide::archive(self),
            decide::ByHand::ChangeDocument { reason, splices } => {
                decide::change_document(self, reason, splices)
            }
            decide::ByHand::Claim { step, lease } => decide::claim(self, now, by, &step, lease),
            decide::ByHand::Create { process, reason } => decide::create(self, *process, reason),
            decide::ByHand::Edit { patch } => decide::edit(self, now, &patch),
            decide::ByHand::EditStep { step, changes } => decide::edit_step(self, &step, changes),
            decide::ByHand::Import(import) => return decide::import(self, now, by, *import),
            decide::ByHand::MoveStep { step, after } => {
                decide::move_step(self, &step, after.as_ref())
            }
            decide::ByHand::PatchProcess { reason, patch } => {
                decide::patch_process(self, now, reason, &patch)
            }
            decide::ByHand::RecordDecision { question, choice, rationale, options } => {
                decide::record_decision(self, now, question, choice, rationale, options)
            }
            decide::ByHand::RecordEvidence { kind, value, step } => {
                decide::record_evidence(self, now, kind, value, step.as_ref())
            }
            decide::ByHand::RecordRisk { risk, impact, mitigation } => {
                decide::record_risk(self, now, risk, impact, mitigation)
            }
            decide::ByHand::Release { step } => decide::release(self, now, by, &step),
            decide::ByHand::RemoveStep { step } => decide::remove_step(self, &step),
            decide::ByHand::RestoreVersion { number } => decide::restore_version(self, number),
            decide::ByHand::SetStepStatus { step, status, outputs, note } => {
                decide::set_step_status(self, now, &step, status, outputs, note)
            }
            decide::ByHand::TakeVersion { reason } => decide::take_version(self, reason),
            decide::ByHand::Unarchive => decide::unarchive(self),
        }?;
        Ok(self.number(now, by, facts))
    }

    pub(crate) fn number(&self, now: &Timestamp, by: &str, facts: Vec<Fact>) -> Vec<Event> {
        (self.revision + 1..)
            .zip(facts)
            .map(|(seq, fact)| Event { seq, at: now.clone(), by: by.to_owned(), fact })
            .collect()
    }

    /// Returns the process, when it can be changed.
    pub(crate) fn open(&self) -> Result<&Process, Rejected> {
        let process = self.process.as_ref().ok_or(Rejected::NotCreated)?;
        if process.is_archived() { Err(Rejected::Archived) } else { Ok(process) }
    }

    /// Returns a step of a process that can be changed.
    pub(crate) fn open_step(&self, id: &StepId) -> Result<(&Process, &Step), Rejected> {
        let process = self.open()?;
        let step = process.step(id).ok_or_else(|| {
            if self.removed.contains(id) {
                Rejected::RemovedStep(id.clone())
            } else {
                Rejected::UnknownStep(id.clone())
            }
        })?;
        Ok((process, step))
    }

    /// Returns the number of the next version.
    pub(crate) fn next_version(&self) -> u64 {
        self.versions.last().map_or(1, |version| version.number.saturating_add(1))
    }

    /// Returns the number of the next version, when there may be one more.
    pub(crate) fn free_version(&self) -> Result<u64, Rejected> {
        let number = self.next_version();
        if self.versions.len() >= VERSIONS_MAX || number > NUMBER_MAX {
            return Err(Rejected::TooMany { what: "versions", limit: VERSIONS_MAX });
        }
        Ok(number)
    }

    /// Returns the next id `s<number>` that no step of the process ever had.
    pub(crate) fn free_step_id(&self) -> StepId {
        let had = |id: &StepId| {
            self.removed.contains(id)
                || self.process.as_ref().is_some_and(|process| process.step(id).is_some())
        };
        let mut number = self.step_number_max + 1;
        while had(&StepId::numbered(number)) {
            number += 1;
        }
        StepId::numbered(number)
    }
}
