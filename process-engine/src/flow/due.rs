//! What happens by itself, in the order in which it is due (rules E6, E9, E10 and E0).

use chrono::DateTime;
use chrono::Utc;
use process_core::{
    definition::{OnTimeout, StepKind},
    event::{Decided, RunFact, SkipReason},
};
use serde_json::{Map, Value};

use super::{Deciding, failure::Attempt};
use crate::run::{Alarm, AlarmKind, Key, Run, VisitState};

/// Who decided an approval whose time was over.
const BY_TIMEOUT: &str = "timeout";

/// Whether attempts whose time is over at this very instant are over.
///
/// A result that comes at that instant is in time, so it is looked at first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AtLimit {
    InTime,
    Over,
}

impl Deciding<'_> {
    /// Draws every conclusion, and lets everything happen that is due, until nothing follows.
    pub(crate) fn catch_up(&mut self, at_limit: AtLimit) {
        self.settle();
        while self.ring_next(at_limit) {
            self.settle();
        }
    }

    /// Returns whether anything happens by itself at or before this instant.
    pub(crate) fn is_due(&self, at_limit: AtLimit) -> bool {
        self.run().is_some_and(|run| {
            let grace = run.ending.as_ref().is_some_and(|ending| ending.until <= self.now);
            grace || run.next_due(self.now, at_limit).is_some()
        })
    }

    fn ring_next(&mut self, at_limit: AtLimit) -> bool {
        let Some(run) = self.run() else { return false };
        let Some(alarm) = run.next_due(self.now, at_limit) else { return false };
        let key = (alarm.step, alarm.visit);
        match alarm.kind {
            AlarmKind::Approval => self.approval_is_late(key),
            AlarmKind::Attempt => {
                let error = format!("timeout: no result in time for attempt {}", run.attempt(key));
                self.fail_visit(key, Attempt::performed(error, None));
            }
            AlarmKind::Heartbeat => {
                let error = "heartbeat: the attempt showed no sign of life".to_owned();
                self.fail_visit(key, Attempt::performed(error, None));
            }
            AlarmKind::Compensation => {
                self.fail_compensation("timeout: no result in time".to_owned(), None);
            }
            AlarmKind::CompensationRetry => self.start_compensation(key),
            AlarmKind::Lease => {
                self.take_back(key);
            }
            AlarmKind::Retry => {
                let at = run.at(key);
                self.emit(RunFact::StepReady { at, after: Vec::new(), group: None, index: None });
            }
            AlarmKind::Repeat => {
                let (at, group) = (run.at(run.next_visit(alarm.step)), Some(alarm.visit));
                self.emit(RunFact::StepReady { at, after: Vec::new(), group, index: None });
            }
            AlarmKind::Timer => {
                let at = run.at(key);
                let output = Value::Object(Map::new());
                self.complete_visit(at, output);
            }
            AlarmKind::Wait => {
                let error = "timeout: what the step waits for did not come in time".to_owned();
                self.fail_visit(key, Attempt::unstarted(error));
            }
            // The end of the grace is looked at whenever the process goes on ending.
            AlarmKind::Grace => return false,
        }
        true
    }

    fn complete_visit(&mut self, at: process_core::event::VisitId, output: Value) {
        self.emit(RunFact::StepCompleted {
            at,
            output: output.into(),
            cost: None,
            routes: None,
            back: Vec::new(),
            message: None,
        });
    }

    fn approval_is_late(&mut self, key: Key) {
        let Some(run) = self.run() else { return };
        let (definition, place) = run.text_of(key);
        let StepKind::Approval(approval) = &definition.steps[place].kind else { return };
        let at = run.at(key);
        let decided = |decision| crate::run::decision(decision, None, BY_TIMEOUT, self.now);
        match approval.on_timeout {
            OnTimeout::Approve => self.complete_visit(at, decided(Decided::Approved)),
            OnTimeout::Reject => {
                let output = decided(Decided::Rejected);
                self.reject(key, output);
            }
            OnTimeout::Skip => self.emit(RunFact::StepSkipped {
                at,
                reason: SkipReason::Timeout,
                detail: None,
                output: None,
                error: None,
                cost: None,
            }),
            OnTimeout::Fail => {
                let error = "timeout: nobody decided in time".to_owned();
                self.fail_visit(key, Attempt::unstarted(error));
            }
            OnTimeout::Notify => {
                self.emit(RunFact::ApprovalOverdue { at });
                self.notify_overdue(key);
            }
        }
    }

    /// Does what a rejection does, as it was fixed when the approval opened.
    pub(crate) fn reject(&mut self, key: Key, output: Value) {
        let Some(run) = self.run() else { return };
        let outcome = run.visit(key).and_then(|visit| visit.approval.as_ref());
        let outcome = outcome.map_or("fail", |approval| approval.request.on_reject.as_str());
        let at = run.at(key);
        match outcome {
            "continue" => self.complete_visit(at, output),
            "skip" => self.emit(RunFact::StepSkipped {
                at,
                reason: SkipReason::Rejected,
                detail: None,
                output: Some(output.into()),
                error: None,
                cost: None,
            }),
            _ => {
                let by = output["decided_by"].as_str().unwrap_or_default();
                let comment = output["comment"].as_str();
                let error = match comment {
                    Some(comment) => format!("rejected by {by}: {comment}"),
                    None => format!("rejected by {by}"),
                };
                let failed = Attempt { output: Some(output), ..Attempt::unstarted(error) };
                self.fail_visit(key, failed);
            }
        }
    }
}

impl Run {
    fn attempt(&self, key: Key) -> u32 {
        self.visit(key).map_or(0, |visit| visit.attempt)
    }

    /// Returns what happens by itself first, if it is due.
    fn next_due(&self, now: DateTime<Utc>, at_limit: AtLimit) -> Option<Alarm> {
        if self.end.is_some() {
            return None;
        }
        let due = self.alarms.iter().take_while(|alarm| alarm.at <= now);
        due.copied().find(|alarm| match alarm.kind {
            AlarmKind::Attempt | AlarmKind::Compensation => {
                alarm.at < now || at_limit == AtLimit::Over
            }
            AlarmKind::CompensationRetry => true,
            AlarmKind::Grace => false,
            // A paused process takes what came due when it goes on, and nothing of it begins anew
            // on the way to an end.
            AlarmKind::Heartbeat | AlarmKind::Lease => true,
            AlarmKind::Approval
            | AlarmKind::Repeat
            | AlarmKind::Retry
            | AlarmKind::Timer
            | AlarmKind::Wait => !self.paused && self.ending.is_none(),
        })
    }

    /// Returns when something happens by itself the next time.
    pub(crate) fn next_alarm(&self) -> Option<DateTime<Utc>> {
        self.next_alarm_of(|_| true)
    }

    /// Returns when something of some kinds happens by itself the next time.
    pub(crate) fn next_alarm_of(
        &self,
        is_one: impl Fn(AlarmKind) -> bool,
    ) -> Option<DateTime<Utc>> {
        let runs = self.counts[VisitState::Running.slot()] > 0;
        let matters = |alarm: &&Alarm| match alarm.kind {
            AlarmKind::Grace => runs,
            AlarmKind::Attempt
            | AlarmKind::Compensation
            | AlarmKind::CompensationRetry
            | AlarmKind::Heartbeat
            | AlarmKind::Lease => true,
            AlarmKind::Approval
            | AlarmKind::Repeat
            | AlarmKind::Retry
            | AlarmKind::Timer
            | AlarmKind::Wait => !self.paused && self.ending.is_none(),
        };
        let mut alarms = self.alarms.iter().filter(|alarm| is_one(alarm.kind));
        alarms.find(matters).map(|alarm| alarm.at)
    }
}
