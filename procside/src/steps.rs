//! Steps: adding, changing, taking and letting go of them.

use std::time::Duration;

use process_core::{ProcessId, Step, StepId, StepStatus, progress};
use process_engine::{Input, NewStep};
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// How long a claim holds when no lease is given.
pub const LEASE_DEFAULT: Duration = Duration::from_secs(600);

/// The longest lease: whoever needs a step longer claims it again.
pub const LEASE_MAX: Duration = Duration::from_secs(30 * 24 * 3600);

impl Procside {
    /// Adds a step.
    ///
    /// # Errors
    /// `NotFound` for the step that it is to stand behind, `Conflict` for an archived process.
    pub fn add_step(&self, id: Option<ProcessId>, step: NewStep) -> Result<Changed, Error> {
        self.change(id, vec![Input::AddStep(step)])
    }

    /// Gives a step another status, adds outputs, notes something.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for a change that makes no sense where the step stands.
    pub fn set_step_status(
        &self,
        id: Option<ProcessId>,
        step: StepId,
        status: StepStatus,
        outputs: Vec<String>,
        note: Option<String>,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::SetStepStatus { step, status, outputs, note }])
    }

    /// Changes fields of a step (RFC 7396); id, status and claim have operations of their own.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for fields that no step can have so.
    pub fn edit_step(
        &self,
        id: Option<ProcessId>,
        step: StepId,
        changes: Value,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::EditStep { step, changes }])
    }

    /// Puts a step behind another, or to the front.
    ///
    /// # Errors
    /// `NotFound` for either step.
    pub fn move_step(
        &self,
        id: Option<ProcessId>,
        step: StepId,
        after: Option<StepId>,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::MoveStep { step, after }])
    }

    /// Takes a step out of the list; its id is not given again.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` while somebody works on it.
    pub fn remove_step(&self, id: Option<ProcessId>, step: StepId) -> Result<Changed, Error> {
        self.change(id, vec![Input::RemoveStep { step }])
    }

    /// Takes hold of a step: nobody else can claim it until the lease ends.
    ///
    /// # Errors
    /// `Conflict` while somebody else holds it, `Invalid` for a lease beyond [`LEASE_MAX`].
    pub fn claim(
        &self,
        id: Option<ProcessId>,
        step: StepId,
        lease: Duration,
    ) -> Result<Changed, Error> {
        if lease.is_zero() || lease > LEASE_MAX {
            return Err(Error::new(
                ErrorKind::Invalid,
                "a lease lasts more than 0s and at most 30d",
            ));
        }
        self.change(id, vec![Input::Claim { step, lease }])
    }

    /// Lets go of a step.
    ///
    /// # Errors
    /// `Conflict` when somebody else holds it, or nobody.
    pub fn release(&self, id: Option<ProcessId>, step: StepId) -> Result<Changed, Error> {
        self.change(id, vec![Input::Release { step }])
    }

    /// Returns the steps that somebody can take, the next one first.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn ready(&self, id: Option<ProcessId>) -> Result<(ProcessId, Vec<Step>), Error> {
        let process = self.process(id)?;
        let steps = if process.is_archived() || process.status.is_terminal() {
            Vec::new()
        } else {
            progress::ready(&process, &self.now()).into_iter().cloned().collect()
        };
        Ok((process.id, steps))
    }

    /// Records an answered question.
    ///
    /// # Errors
    /// `Invalid` for an empty question or choice.
    pub fn decide(
        &self,
        id: Option<ProcessId>,
        question: String,
        choice: String,
        rationale: String,
        options: Vec<String>,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::RecordDecision { question, choice, rationale, options }])
    }

    /// Records something that may go wrong.
    ///
    /// # Errors
    /// `Invalid` for an impact that is none of low, medium, high, critical.
    pub fn risk(
        &self,
        id: Option<ProcessId>,
        risk: String,
        impact: String,
        mitigation: String,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::RecordRisk { risk, impact, mitigation }])
    }

    /// Records something that shows that work was done.
    ///
    /// # Errors
    /// `NotFound` for the step that it is to belong to.
    pub fn evidence(
        &self,
        id: Option<ProcessId>,
        kind: String,
        value: String,
        step: Option<StepId>,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::RecordEvidence { kind, value, step }])
    }
}
