//! Steps: adding, changing, taking and letting go of them.

use std::{collections::BTreeSet, time::Duration};

use process_core::{
    Process, ProcessId, Step, StepId, StepStatus, definition::StepKind, progress, yaml,
};
use process_engine::{Execution, Input, NewStep, VisitRef};
use serde_json::{Value, json};

use crate::{
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// How long a claim holds when no lease is given.
pub const LEASE_DEFAULT: Duration = Duration::from_secs(600);

/// The longest lease: whoever needs a step longer claims it again.
pub const LEASE_MAX: Duration = Duration::from_secs(30 * 24 * 3600);

/// The steps of a process that somebody can take, the next one first.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The process.
    pub process: ProcessId,
    /// The steps, each with its visit where it has several open ones.
    pub steps: Vec<(VisitRef, Step)>,
}

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
    /// In a process that runs by a definition this settles the step by hand: it completes, fails, is
    /// skipped or cancelled, or goes back to its beginning. An output that is JSON is read so.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for a change that makes no sense where the step stands.
    pub fn set_step_status(
        &self,
        id: Option<ProcessId>,
        step: impl Into<VisitRef>,
        status: StepStatus,
        outputs: Vec<String>,
        note: Option<String>,
    ) -> Result<Changed, Error> {
        let step = step.into();
        self.change_with(id, |execution| {
            let (step, note) = (step.clone(), note.clone());
            if execution.run().is_none() && step.visit.is_none() {
                let (step, outputs) = (step.step, outputs.clone());
                return Ok(vec![Input::SetStepStatus { step, status, outputs, note }]);
            }
            let value = |text: &String| {
                yaml::read_json(text).map_or_else(|_| text.as_str().into(), |node| node.to_json())
            };
            let output = match outputs.as_slice() {
                [] => None,
                [one] => Some(value(one)),
                several => Some(several.iter().map(value).collect()),
            };
            Ok(vec![Input::Settle { step, status, output, note }])
        })
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
        step: impl Into<VisitRef>,
        lease: Duration,
    ) -> Result<Changed, Error> {
        if lease.is_zero() || lease > LEASE_MAX {
            return Err(Error::new(
                ErrorKind::Invalid,
                "a lease lasts more than 0s and at most 30d",
            ));
        }
        self.change(id, vec![Input::Claim { step: step.into(), lease }])
    }

    /// Lets go of a step.
    ///
    /// # Errors
    /// `Conflict` when somebody else holds it, or nobody.
    pub fn release(
        &self,
        id: Option<ProcessId>,
        step: impl Into<VisitRef>,
    ) -> Result<Changed, Error> {
        self.change(id, vec![Input::Release { step: step.into() }])
    }

    /// Returns the steps that somebody can take, the next one first, each with the visit where the
    /// step has several open ones.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn ready(&self, id: Option<ProcessId>) -> Result<Ready, Error> {
        let (shown, record) = self.read(id)?;
        self.tell(shown.notices);
        let process = shown.process;
        if process.is_archived() || process.status.is_terminal() {
            return Ok(Ready { process: process.id, steps: Vec::new() });
        }
        let ready = self.ready_of(&process, &record.execution);
        let steps = ready.into_iter().filter_map(|visit| {
            let step = process.step(&visit.step)?.clone();
            Some((visit, step))
        });
        Ok(Ready { process: process.id, steps: steps.collect() })
    }

    /// Returns what somebody can take of a process: of one that runs by a definition, what neither a
    /// declared agent nor a program does.
    pub(crate) fn ready_of(&self, process: &Process, execution: &Execution) -> Vec<VisitRef> {
        let now = self.now();
        let Some(run) = execution.run() else {
            let steps = progress::ready(process, &now).into_iter();
            return steps.map(|step| VisitRef::step(step.id.clone())).collect();
        };
        let agents = self.declared_agents();
        let is_free = |id: &StepId| match run.definition().step(id.as_str()).map(|it| &it.1.kind) {
            Some(StepKind::Manual { .. }) => true,
            Some(StepKind::AgentTask { agent, .. }) => {
                !agent.as_ref().is_some_and(|agent| agents.contains(agent.source()))
            }
            _ => false,
        };
        let free = run.claimable(now.instant()).into_iter().filter(|(id, _)| is_free(id));
        free.map(|(id, visit)| {
            let step = run.definition().graph.index(id.as_str());
            let has_several = step.is_some_and(|step| run.open_visits(step).len() > 1);
            VisitRef { step: id.clone(), visit: has_several.then_some(visit) }
        })
        .collect()
    }

    /// Returns the agents that a program stands for in this project.
    fn declared_agents(&self) -> BTreeSet<String> {
        let Ok(Some((node, _))) = self.files().read_config() else { return BTreeSet::new() };
        match node.get("agents").map(yaml::Node::to_json) {
            Some(Value::Object(agents)) => agents.into_iter().map(|(name, _)| name).collect(),
            _ => BTreeSet::new(),
        }
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

impl Ready {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "process": self.process.to_string(),
            "next": self.steps.first().map(|(_, step)| step.to_value()),
            "ready": self.steps.iter().map(|(visit, _)| visit.to_string()).collect::<Vec<_>>(),
        })
    }
}
