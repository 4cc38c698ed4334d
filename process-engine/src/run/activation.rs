//! Beginning and ending: visits, and the foreach or repeat that they belong to.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use process_core::{
    Shared, StepStatus,
    definition::{Join, OnError},
    event::{GroupEnd, SkipReason, VisitId},
    money::Cost,
};

use super::state::{Activation, ArcFate, Group, Key, Run, Visit, VisitState};

/// How a visit, a foreach or a repeat ended, as its followers see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fate {
    pub(crate) status: StepStatus,
    pub(crate) skip_reason: Option<SkipReason>,
    /// Followers that were chosen by a route or goto.
    pub(crate) chosen: BTreeSet<usize>,
    pub(crate) routed: bool,
}

impl Fate {
    pub(crate) fn of(status: StepStatus) -> Self {
        Self { status, skip_reason: None, chosen: BTreeSet::new(), routed: false }
    }

    pub(crate) fn skipped(reason: SkipReason) -> Self {
        Self { skip_reason: Some(reason), ..Self::of(StepStatus::Skipped) }
    }

    /// Returns whether followers go on (rule E1).
    pub(crate) fn is_live(&self) -> bool {
        match self.status {
            StepStatus::Completed | StepStatus::Compensated => true,
            StepStatus::Skipped => self.skip_reason.is_some_and(SkipReason::is_live),
            StepStatus::Pending
            | StepStatus::InProgress
            | StepStatus::Waiting
            | StepStatus::Failed
            | StepStatus::Cancelled => false,
        }
    }
}

impl Run {
    /// Returns the place of a visit that an event names.
    pub(crate) fn key(&self, at: &VisitId) -> Option<Key> {
        Some((self.definition.graph.index(at.step.as_str())?, at.visit))
    }

    pub(crate) fn visit(&self, key: Key) -> Option<&Visit> {
        self.steps.get(key.0)?.visits.get(key.1)
    }

    pub(super) fn visit_mut(&mut self, key: Key) -> Option<&mut Visit> {
        self.steps.get_mut(key.0)?.visits.get_mut(key.1)
    }

    /// Returns whether a visit would be the next one of its step: no other can come.
    pub(super) fn is_next(&self, key: Key) -> bool {
        self.steps.get(key.0).is_some_and(|step| step.visits.last_number() + 1 == key.1)
    }

    /// Takes note that the join of a step was decided.
    pub(super) fn consume_join(&mut self, step: usize) {
        let is_each = self.definition.steps[step].join == Join::Each;
        let state = &mut self.steps[step];
        if state.forced.take().is_none() {
            if is_each {
                state.arrivals.pop_front();
            }
            let definition = self.definition.clone();
            for &arc in definition.graph.incoming(step) {
                if self.arcs[arc].fate == ArcFate::Live {
                    self.arcs[arc].used = true;
                }
            }
        }
        self.steps[step].fired = true;
        self.joins.remove(&step);
        self.check_join(step);
    }

    /// Begins an activation for what the join of the step let through, and returns its number.
    pub(super) fn activate(&mut self, step: usize, after: Vec<Key>, group: Option<Group>) -> u32 {
        self.consume_join(step);
        let state = &mut self.steps[step];
        state.activation_last += 1;
        let number = state.activation_last;
        if group.is_some() {
            self.groups.insert((step, number));
        }
        let state = &mut self.steps[step];
        state.activations.insert(number, Box::new(Activation { after, open: 0, group }));
        state.activations_open += 1;
        state.skip_reason = None;
        state.error = None;
        number
    }

    /// Puts a visit into an activation, ready to begin.
    pub(super) fn open_visit(&mut self, key: Key, activation: u32, index: Option<u32>, seq: u64) {
        let activation_number = activation;
        let (mut item, mut after) = (None, Vec::new());
        let state = &mut self.steps[key.0];
        if let Some(activation) = state.activations.get_mut(&activation) {
            activation.open += 1;
            after.clone_from(&activation.after);
            if let Some(Group::Foreach { items, .. }) = &activation.group {
                item = index.and_then(|index| items.get(index as usize)).cloned().map(Shared::from);
            }
        }
        let visit = Visit { item, after, ..Visit::new(activation_number, index, seq) };
        state.visits.push(visit);
        self.open.insert(key);
        self.enter(key, VisitState::Ready);
    }

    /// Notes that something of the step began.
    pub(super) fn note_start(&mut self, key: Key, at: DateTime<Utc>) {
        let has_group = self.steps[key.0].visits.get(key.1).is_some_and(|visit| {
            let activation = self.steps[key.0].activations.get(&visit.activation);
            activation.is_some_and(|activation| activation.group.is_some())
        });
        let state = &mut self.steps[key.0];
        let Some(visit) = state.visits.get_mut(key.1) else { return };
        if visit.started_at.is_none() {
            visit.started_at = Some(at);
            // The first start of a foreach or repeat counts, else the last visit's.
            if !has_group || state.started_at.is_none() {
                state.started_at = Some(at);
                state.ended_at = None;
            }
        }
    }

    /// Ends a visit and what follows from that within the step.
    pub(super) fn end_visit(&mut self, key: Key, state: VisitState, fate: Fate, at: DateTime<Utc>) {
        let Some(visit) = self.visit(key) else { return };
        if !visit.state.is_open() {
            return;
        }
        self.leave(key);
        let Some(visit) = self.visit_mut(key) else { return };
        visit.state = state;
        visit.ended_at = Some(at);
        visit.token = None;
        let (number, index) = (visit.activation, visit.index);
        let (output, error) = (visit.output.clone(), visit.error.clone());
        self.open.remove(&key);
        self.settle_mutex(key);
        let step = &mut self.steps[key.0];
        let Some(activation) = step.activations.get_mut(&number) else { return };
        activation.open = activation.open.saturating_sub(1);
        match &mut activation.group {
            None => {
                (step.output, step.error) = (output, error);
                self.end_activation(key, number, fate, at);
            }
            Some(Group::Foreach { outputs, error: first, .. }) => {
                let slot = index.and_then(|index| outputs.get_mut(index as usize));
                if let (Some(slot), StepStatus::Completed) = (slot, fate.status) {
                    *slot = output.unwrap_or_default().into_value();
                } else if first.is_none() && fate.status == StepStatus::Failed {
                    *first = error;
                    self.withdraw_untouched(key.0, number);
                }
                self.end_cancelled_group(key, number, &fate, at);
            }
            Some(Group::Repeat { error: first, .. }) => {
                if fate.status == StepStatus::Completed {
                    step.output = output;
                } else if first.is_none() && fate.status == StepStatus::Failed {
                    *first = error;
                }
                self.end_cancelled_group(key, number, &fate, at);
            }
        }
    }

    /// Takes back the items of a foreach that failed and that nobody has begun.
    fn withdraw_untouched(&mut self, step: usize, group: u32) {
        if self.definition.steps[step].on_error == Some(OnError::SkipStep) {
            return;
        }
        let range = self.open.range((step, 0)..=(step, u32::MAX)).copied();
        let untouched: Vec<Key> = range
            .filter(|key| {
                let visit = self.visit(*key);
                visit.is_some_and(|visit| visit.activation == group && visit.is_untouched())
            })
            .collect();
        for key in untouched {
            self.withdraw(key);
            if let Some(activation) = self.steps[step].activations.get_mut(&group) {
                activation.open = activation.open.saturating_sub(1);
            }
        }
    }

    /// Takes a visit back that nobody has begun.
    pub(super) fn withdraw(&mut self, key: Key) {
        self.leave(key);
        self.open.remove(&key);
        self.settle_mutex(key);
    }

    /// Ends a foreach or repeat of which a visit was cancelled, once none is open.
    fn end_cancelled_group(&mut self, key: Key, number: u32, fate: &Fate, at: DateTime<Utc>) {
        let activation = self.steps[key.0].activations.get(&number);
        let is_last = activation.is_some_and(|activation| activation.open == 0);
        if fate.status == StepStatus::Cancelled && is_last {
            self.end_group(key.0, number, Fate::of(StepStatus::Cancelled), at);
        }
    }

    /// Ends a foreach or repeat.
    pub(super) fn end_group(&mut self, step: usize, number: u32, fate: Fate, at: DateTime<Utc>) {
        self.groups.remove(&(step, number));
        self.remove_alarm(|alarm| {
            alarm.step == step && alarm.visit == number && alarm.kind == super::AlarmKind::Repeat
        });
        let last = self.steps[step].visits.last_number();
        self.end_activation((step, last), number, fate, at);
    }

    /// Ends an activation: the step's outcome is that of its last one.
    fn end_activation(&mut self, key: Key, number: u32, fate: Fate, at: DateTime<Utc>) {
        let state = &mut self.steps[key.0];
        if state.activations.remove(&number).is_none() {
            return;
        }
        state.activations_open = state.activations_open.saturating_sub(1);
        self.settle_step(key.0, &fate, at);
        if !self.steps[key.0].released {
            self.announce_visit(key, &fate);
        }
        self.close_if_over(key.0);
    }

    /// Notes how a step ended.
    pub(super) fn settle_step(&mut self, step: usize, fate: &Fate, at: DateTime<Utc>) {
        let state = &mut self.steps[step];
        state.outcome = Some(fate.status);
        state.skip_reason = fate.skip_reason;
        state.any_live |= fate.is_live();
        state.chosen.extend(fate.chosen.iter().copied());
        state.routed |= fate.routed;
        state.ended_at = Some(at);
    }

    /// Ends a step that was never begun.
    pub(super) fn end_unopened(&mut self, step: usize, fate: &Fate, at: DateTime<Utc>) {
        self.consume_join(step);
        let state = &mut self.steps[step];
        // A visit that was left out does not take back what others gave.
        if state.activations_open == 0 && state.outcome.is_none() {
            self.settle_step(step, fate, at);
        } else {
            state.any_live |= fate.is_live();
        }
        self.close_if_over(step);
    }

    /// Adds what an attempt cost, when that is known; what becomes known later still counts.
    pub(super) fn count_cost(&mut self, key: Key, cost: Option<Cost>) {
        let Some(cost) = cost else { return };
        if let Some(visit) = self.visit_mut(key) {
            let token = visit.token;
            visit.uncounted.retain(|other| Some(*other) != token);
        }
        self.add_cost(key, cost);
    }

    /// Adds what an attempt cost.
    pub(super) fn add_cost(&mut self, key: Key, cost: Cost) {
        // Most work costs nothing, and a sum of decimals takes its time.
        if is_nothing(cost) {
            return;
        }
        self.spent = self.spent.plus(cost).unwrap_or(self.spent);
        let state = &mut self.steps[key.0];
        state.cost = state.cost.plus(cost).unwrap_or(state.cost);
        if let Some(visit) = state.visits.get_mut(key.1) {
            visit.cost = visit.cost.plus(cost).unwrap_or(visit.cost);
        }
    }

    /// Returns the fate that the end of a group gives.
    pub(super) fn fate_of_group(&self, end: &GroupEnd) -> Fate {
        match end {
            GroupEnd::Completed => Fate::of(StepStatus::Completed),
            GroupEnd::Failed => Fate::of(StepStatus::Failed),
            GroupEnd::Goto(step) => {
                let chosen = self.definition.graph.index(step.as_str()).into_iter().collect();
                Fate { chosen, ..Fate::of(StepStatus::Failed) }
            }
            GroupEnd::Skipped => Fate::skipped(SkipReason::Error),
            GroupEnd::SkippedByHand => Fate::skipped(SkipReason::Manual),
        }
    }

    /// Puts the outputs of a group where followers read them.
    pub(super) fn set_output(&mut self, step: usize, output: Option<Shared>) {
        self.steps[step].output = output;
    }
}

/// Returns whether a cost is the plain zero, which changes no amount and none of its digits.
pub(super) fn is_nothing(cost: Cost) -> bool {
    cost.is_plain_zero()
}

impl Visit {
    /// Returns whether the visit may begin and nobody ever did.
    pub(super) fn is_untouched(&self) -> bool {
        self.state == VisitState::Ready && self.started_at.is_none()
    }

    fn new(activation: u32, index: Option<u32>, ready_seq: u64) -> Self {
        Self {
            state: VisitState::Withdrawn,
            activation,
            after: Vec::new(),
            text: None,
            index,
            item: None,
            ready_seq,
            attempt: 0,
            dispatch: 0,
            token: None,
            work: None,
            attempt_at: None,
            started_at: None,
            ended_at: None,
            reserved: Cost::ZERO,
            cost: Cost::ZERO,
            over_budget: false,
            output: None,
            error: None,
            skip_reason: None,
            context: None,
            holder: None,
            alarms: Vec::new(),
            approval: None,
            message: None,
            child: None,
            undo_attempts: 0,
            uncounted: Vec::new(),
            is_child_counted: false,
            program: None,
        }
    }
}
