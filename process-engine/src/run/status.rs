//! Where a run and its steps stand, and what they wait for (rule E14).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use process_core::{
    ProcessStatus, StepId, StepStatus, Uid,
    definition::{Definition, StepKind, WaitFor},
    event::{ApprovalRequest, SkipReason},
    money::Cost,
};
use serde_json::{Map, Value};

use super::{
    Compensating, Ending, Feedback, OpenChild, RunEnd, StepState, Visit, VisitState,
    state::{Key, Run},
};

/// What a process waits for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the names say it")]
pub enum WaitingFor {
    Approval,
    Budget,
    Child,
    /// An expression over the process's own data.
    Condition,
    Message,
    Person,
    Retry,
    Timer,
    /// A worker or a person that takes the step.
    Work,
}

/// A step that waits, and what for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Waiting {
    /// The step.
    pub step: StepId,
    /// The visit.
    pub visit: u32,
    /// What it waits for.
    pub waiting_for: WaitingFor,
}

impl WaitingFor {
    /// Returns the canonical name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Budget => "budget",
            Self::Child => "sub_process",
            Self::Condition => "until",
            Self::Message => "message",
            Self::Person => "person",
            Self::Retry => "retry",
            Self::Timer => "timer",
            Self::Work => "work",
        }
    }
}

impl Run {
    /// Returns how many open visits are in this state, without looking at any.
    #[must_use]
    pub fn open_count(&self, state: VisitState) -> u32 {
        self.counts[state.slot()]
    }

    /// Returns the definition by which it runs.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Returns the state of a step.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&StepState> {
        self.steps.get(self.definition.graph.index(id)?)
    }

    /// Returns how it ended, if it has.
    #[must_use]
    pub fn end(&self) -> Option<&RunEnd> {
        self.end.as_ref()
    }

    /// Returns to what end it is on its way, if it is.
    #[must_use]
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Returns what is being undone, if anything is.
    #[must_use]
    pub fn compensating(&self) -> Option<&Compensating> {
        self.compensating.as_ref()
    }

    /// Returns whether somebody paused it.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Returns what was spent.
    #[must_use]
    pub fn spent(&self) -> Cost {
        self.spent
    }

    /// Returns what it was given.
    #[must_use]
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// Returns what went wrong without stopping it.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the steps that were undone, in the order in which they were.
    #[must_use]
    pub fn compensated(&self) -> Vec<&StepId> {
        self.compensated.iter().map(|key| &self.definition.steps[key.0].id).collect()
    }

    /// Returns what was said about steps, oldest first.
    #[must_use]
    pub fn feedback(&self) -> &[Feedback] {
        &self.feedback
    }

    /// Returns what is to be told, by the number of the event that asks for it.
    #[must_use]
    pub fn notices(&self) -> &std::collections::BTreeMap<u64, Value> {
        &self.notices
    }

    /// Returns when something happens by itself the next time.
    #[must_use]
    pub fn wakes_at(&self) -> Option<DateTime<Utc>> {
        if self.end.is_some() { None } else { self.next_alarm() }
    }

    /// Returns the visits that a worker may take, longest ready first.
    pub fn dispatchable(&self) -> impl Iterator<Item = (&StepId, u32)> + '_ {
        let is_free = !self.paused && self.ending.is_none() && self.end.is_none();
        let turns = self.ready.iter().filter(move |_| is_free);
        turns
            .filter(|turn| self.is_performed(turn.1) && self.can_pay((turn.1, turn.2)))
            .map(|turn| (&self.definition.steps[turn.1].id, turn.2))
    }

    /// Returns whether attempts of the step are performed outside, by a worker or a person.
    pub(crate) fn is_performed(&self, step: usize) -> bool {
        match self.definition.steps[step].kind {
            StepKind::AgentTask { .. }
            | StepKind::Command(_)
            | StepKind::Manual { .. }
            | StepKind::Notification(_) => true,
            StepKind::Approval(_)
            | StepKind::Gateway(_)
            | StepKind::SubProcess(_)
            | StepKind::Timer(_)
            | StepKind::WaitFor(_) => false,
        }
    }

    /// Returns the status of the process (rule E14).
    #[must_use]
    pub fn status(&self) -> ProcessStatus {
        if let Some(end) = &self.end {
            return end.status;
        }
        if self.paused && self.ending.is_none() {
            return ProcessStatus::Paused;
        }
        let count = |state: VisitState| self.counts[state.slot()];
        if self.ending.is_some() || count(VisitState::Running) > 0 || self.compensating.is_some() {
            return ProcessStatus::InProgress;
        }
        let waits = [
            VisitState::Approval,
            VisitState::Child,
            VisitState::Doubt,
            VisitState::Message,
            VisitState::Retrying,
            VisitState::Timer,
        ];
        if self.dispatchable().next().is_some() {
            return ProcessStatus::InProgress;
        }
        let is_timed = !self.alarms.is_empty();
        if waits.into_iter().any(|state| count(state) > 0) || is_timed {
            return ProcessStatus::Waiting;
        }
        // Who waits for a mutex waits for what its holder waits for.
        if !self.ready.is_empty() || !self.opening.is_empty() {
            return ProcessStatus::Waiting;
        }
        if count(VisitState::Until) > 0 {
            return ProcessStatus::Blocked;
        }
        ProcessStatus::InProgress
    }

    /// Returns every open step that waits, in file order.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        self.open.iter().filter_map(|key| self.waiting_of(*key)).collect()
    }

    fn waiting_of(&self, key: Key) -> Option<Waiting> {
        let visit = self.visit(key)?;
        let waiting_for = match visit.state {
            VisitState::Approval => WaitingFor::Approval,
            VisitState::Child => WaitingFor::Child,
            VisitState::Doubt => WaitingFor::Person,
            VisitState::Message => WaitingFor::Message,
            VisitState::Ready if visit.over_budget => WaitingFor::Budget,
            VisitState::Ready => WaitingFor::Work,
            VisitState::Retrying => WaitingFor::Retry,
            VisitState::Timer => WaitingFor::Timer,
            VisitState::Until => WaitingFor::Condition,
            VisitState::Cancelled
            | VisitState::Compensated
            | VisitState::Completed
            | VisitState::Failed
            | VisitState::Running
            | VisitState::Skipped
            | VisitState::Withdrawn => return None,
        };
        let step = self.definition.steps[key.0].id.clone();
        Some(Waiting { step, visit: key.1, waiting_for })
    }

    /// Returns the expression for which a step waits until it holds.
    #[must_use]
    pub fn until_text(&self, id: &str) -> Option<&str> {
        match &self.definition.step(id)?.1.kind {
            StepKind::WaitFor(WaitFor::Until(until)) => Some(until.source()),
            _ => None,
        }
    }

    /// Returns the visits whose attempt is performed, with what a result must name.
    #[must_use]
    pub fn running(&self) -> Vec<(&StepId, u32, &Visit)> {
        let visits = self.open.iter().filter_map(|key| Some((key, self.visit(*key)?)));
        visits
            .filter(|(_, visit)| visit.state == VisitState::Running)
            .map(|(key, visit)| (&self.definition.steps[key.0].id, key.1, visit))
            .collect()
    }

    /// Returns the open visits of a step.
    #[must_use]
    pub fn open_visits(&self, step: usize) -> Vec<u32> {
        let range = self.open.range((step, 0)..=(step, u32::MAX));
        range.map(|key| key.1).collect()
    }

    /// Returns the message that a wait is for, of every visit that waits for one.
    #[must_use]
    pub fn waits(&self) -> Vec<(&StepId, &str, Option<&str>)> {
        let turns: BTreeSet<_> = self.waiters.values().flatten().collect();
        let visits = turns.into_iter().filter_map(|turn| {
            let (name, key) = self.visit((turn.1, turn.2))?.message.as_ref()?;
            Some((&self.definition.steps[turn.1].id, name.as_str(), key.as_deref()))
        });
        visits.collect()
    }
}

impl StepState {
    /// Returns where the step stands.
    #[must_use]
    pub fn status(&self) -> StepStatus {
        if self.running > 0 {
            return StepStatus::InProgress;
        }
        if self.waiting > 0 {
            return StepStatus::Waiting;
        }
        if self.activations_open > 0 && self.started_at.is_some() && self.outcome.is_none() {
            return StepStatus::InProgress;
        }
        self.outcome.unwrap_or(StepStatus::Pending)
    }

    /// Returns why it was skipped.
    #[must_use]
    pub fn skip_reason(&self) -> Option<SkipReason> {
        self.skip_reason
    }

    /// Returns what is known about why it was skipped.
    #[must_use]
    pub fn skip_detail(&self) -> Option<&Value> {
        self.skip_detail.as_deref()
    }

    /// Returns how many attempts there were, over all visits.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns how many visits there were.
    #[must_use]
    pub fn visits(&self) -> u32 {
        self.visits.last_number()
    }

    /// Returns a visit.
    #[must_use]
    pub fn visit(&self, number: u32) -> Option<&Visit> {
        self.visits.get(number)
    }

    /// Returns the last visit.
    #[must_use]
    pub fn last_visit(&self) -> Option<&Visit> {
        self.visits.iter().next_back()
    }

    /// Returns what it gave.
    #[must_use]
    pub fn output(&self) -> Option<&Value> {
        self.output.as_deref()
    }

    /// Returns why it failed.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns why it could not be undone.
    #[must_use]
    pub fn compensation_error(&self) -> Option<&str> {
        self.compensation_error.as_deref()
    }

    /// Returns what it cost, over all visits.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Returns when it started: its last visit, or the first of a foreach or repeat.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.started_at
    }

    /// Returns when it ended.
    #[must_use]
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.ended_at
            .filter(|_| self.status().has_ended() || self.outcome == Some(StepStatus::Failed))
    }

    /// Returns whether it is over: nothing of it is open, and its followers know.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }
}

impl Visit {
    /// Returns where it stands, as a step stands.
    #[must_use]
    pub fn status(&self) -> StepStatus {
        match self.state {
            VisitState::Cancelled => StepStatus::Cancelled,
            VisitState::Compensated => StepStatus::Compensated,
            VisitState::Completed => StepStatus::Completed,
            VisitState::Failed => StepStatus::Failed,
            VisitState::Ready | VisitState::Withdrawn => StepStatus::Pending,
            VisitState::Running => StepStatus::InProgress,
            VisitState::Skipped => StepStatus::Skipped,
            VisitState::Approval
            | VisitState::Child
            | VisitState::Doubt
            | VisitState::Message
            | VisitState::Retrying
            | VisitState::Timer
            | VisitState::Until => StepStatus::Waiting,
        }
    }

    /// Returns where it stands.
    #[must_use]
    pub fn state(&self) -> VisitState {
        self.state
    }

    /// Returns the attempt, from 1; 0 before the first.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns what a result of the running attempt must name.
    #[must_use]
    pub fn token(&self) -> Option<u64> {
        self.token
    }

    /// Returns what is to be done.
    #[must_use]
    pub fn work(&self) -> Option<&Value> {
        self.work.as_deref()
    }

    /// Returns what it gave.
    pub(crate) fn output(&self) -> Option<&Value> {
        self.output.as_deref()
    }

    /// Returns why its last attempt failed.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns what an attempt saved for the next one.
    #[must_use]
    pub fn context(&self) -> Option<&Value> {
        self.context.as_deref()
    }

    /// Returns the place of its item in the list of a foreach, from 0.
    #[must_use]
    pub fn item(&self) -> Option<u32> {
        self.index
    }

    /// Returns when the running attempt was started.
    #[must_use]
    pub fn attempt_at(&self) -> Option<DateTime<Utc>> {
        self.attempt_at
    }

    /// Returns when it began.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.started_at
    }

    /// Returns what people are asked, and who has said what.
    #[must_use]
    pub fn approval(&self) -> Option<(&ApprovalRequest, Vec<&str>)> {
        let approval = self.approval.as_ref()?;
        Some((&approval.request, approval.votes.iter().map(|vote| vote.by.as_str()).collect()))
    }

    /// Returns the process that it started.
    #[must_use]
    pub fn child(&self) -> Option<&OpenChild> {
        self.child.as_deref()
    }
}

/// Returns `process` as expressions see it.
pub(crate) fn about(id: &str, uid: Uid, name: &str, started_at: &str) -> Value {
    let mut about = Map::new();
    about.insert("id".to_owned(), id.into());
    about.insert("uid".to_owned(), uid.to_string().into());
    about.insert("name".to_owned(), name.into());
    about.insert("started_at".to_owned(), started_at.into());
    Value::Object(about)
}
