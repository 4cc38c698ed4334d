//! What may be spent: nothing with a cost to come begins beyond it (rule E13).

use process_core::{definition::OnExceed, event::RunFact, money::Cost};

use super::{Deciding, failure::Attempt};
use crate::run::{Key, Run};

/// The share of a limit, in hundredths, behind which attempts that reserve nothing go alone.
const ALONE_PERCENT: u32 = 80;

impl Run {
    /// Returns what a step reserves for an attempt.
    pub(crate) fn reserve_of(&self, step: usize) -> Option<Cost> {
        let definition = self.step_definition(step);
        definition.budget.as_ref().and_then(|budget| budget.cost).filter(|_| definition.is_costed())
    }

    /// Returns whether an attempt of a visit can be paid with what is left.
    pub(crate) fn can_pay(&self, key: Key) -> bool {
        let Some(limit) = self.limit else { return true };
        if !self.step_definition(key.0).is_costed() {
            return true;
        }
        let reserve = self.reserve_of(key.0);
        let taken = self.spent.plus(self.reserved);
        let fits = taken.and_then(|taken| taken.plus(reserve.unwrap_or_default()));
        if self.spent >= limit || fits.is_none_or(|sum| sum > limit) {
            return false;
        }
        let is_alone = reserve.is_none() && self.spent >= limit.percent(ALONE_PERCENT);
        !is_alone || self.costed_running == 0
    }

    /// Returns what is left for a process of its own.
    pub(super) fn rest(&self) -> Option<Cost> {
        self.limit.map(|limit| limit.minus(self.spent).minus(self.reserved))
    }

    /// Returns whether what is spent alone leaves too little for a step.
    fn is_beyond(&self, step: usize, limit: Cost) -> bool {
        let reserve = self.reserve_of(step).unwrap_or_default();
        self.spent >= limit || self.spent.plus(reserve).is_none_or(|sum| sum > limit)
    }
}

impl Deciding<'_> {
    /// Notes the first visit that cannot be paid any more.
    pub(super) fn note_budget(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        let Some(limit) = run.limit else { return false };
        if run.spent < limit && run.spent.plus(run.reserve_max).is_some_and(|sum| sum <= limit) {
            return false;
        }
        let turns = run.ready.iter().chain(&run.opening);
        let beyond = turns.map(|turn| (turn.1, turn.2)).find(|key| {
            run.step_definition(key.0).is_costed()
                && run.visit(*key).is_some_and(|visit| !visit.over_budget)
                && run.is_beyond(key.0, limit)
        });
        let Some(key) = beyond else { return false };
        let definition = run.definition_handle();
        let own = definition.steps[key.0].budget.as_ref().and_then(|budget| budget.on_exceed);
        let whole = definition.budget.as_ref().map(|budget| budget.on_exceed).unwrap_or_default();
        let (spent, at) = (run.spent, run.at(key));
        let error = format!("budget: {spent} of {limit} is spent");
        match (own, whole) {
            (Some(OnExceed::Fail), _) => self.fail_visit(key, Attempt::unstarted(error)),
            (None, OnExceed::Fail) => {
                // The budget of the process is no matter of the step's `on_error`.
                let (attempt, cost, goto, output) = (0, None, None, None);
                self.emit(RunFact::StepFailed { at, attempt, error, cost, goto, output });
            }
            (Some(OnExceed::Pause), _) | (None, OnExceed::Pause) => {
                self.emit(RunFact::BudgetExceeded { at, spent, limit });
            }
        }
        true
    }
}
