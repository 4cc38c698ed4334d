//! Nothing that waits for an instant happens before it (I7).

use process_engine::{RunFact, SkipReason, VisitId, definition::StepKind};

use super::checker::{Checker, show};

impl Checker {
    pub(super) fn see_clock(&mut self, fact: &RunFact) -> Result<(), String> {
        let now = self.at;
        match fact {
            RunFact::TimerStarted { at, until } => {
                let seen = self.visit(at);
                if seen.timer.replace(*until).is_some() {
                    return Err(format!("I7 the timer of {} starts twice", show(at)));
                }
            }
            RunFact::StepCompleted { at, .. } => {
                let is_driver = self.is_driver();
                let timer = self.visit(at).timer;
                if is_driver && timer.is_some_and(|until| now < until) {
                    return Err(format!("I7 the timer of {} is early", show(at)));
                }
            }
            RunFact::AttemptFailed { at, retry_at, error, .. } => {
                self.times_out(at, error)?;
                self.visit(at).retry_at = Some(*retry_at);
            }
            RunFact::StepFailed { at, error, .. } => self.times_out(at, error)?,
            RunFact::StepStarted { at, deadline, alive_until, .. } => {
                let seen = self.visit(at);
                if seen.retry_at.take().is_some_and(|retry_at| now < retry_at) {
                    return Err(format!("I7 {} is tried again too early", show(at)));
                }
                (seen.attempt_deadline, seen.alive_until) = (*deadline, *alive_until);
            }
            RunFact::Heartbeat { at, until } => self.visit(at).alive_until = Some(*until),
            RunFact::ApprovalOpened { at, deadline, .. }
            | RunFact::ChildOpened { at, deadline, .. }
            | RunFact::WaitStarted { at, deadline, .. } => self.visit(at).deadline = *deadline,
            RunFact::ApprovalOverdue { at } => self.is_late(at)?,
            RunFact::StepSkipped { at, reason: SkipReason::Timeout, .. } => self.is_late(at)?,
            RunFact::RepeatScheduled { step, group, at_instant } => {
                self.turns.insert((step.clone(), *group), *at_instant);
            }
            RunFact::StepReady { at, group: Some(group), index: None, .. } => {
                let turn = self.turns.remove(&(at.step.clone(), *group));
                if turn.is_some_and(|turn| now < turn) {
                    return Err(format!("I7 the next turn of {} is early", at.step));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn is_late(&mut self, at: &VisitId) -> Result<(), String> {
        let now = self.at;
        match self.visit(at).deadline {
            Some(deadline) if now >= deadline => Ok(()),
            _ => Err(format!("I7 {} is late before its time is over", show(at))),
        }
    }

    /// An attempt whose time is over had that time, or was silent for as long as it may be.
    fn times_out(&mut self, at: &VisitId, error: &str) -> Result<(), String> {
        let now = self.at;
        if self.step(&at.step).is_some_and(|step| matches!(step.kind, StepKind::SubProcess(_))) {
            // The process that it started may say the same of one of its own steps.
            return Ok(());
        }
        let seen = self.visit(at);
        let (deadline, alive) = (seen.attempt_deadline, seen.alive_until);
        let early = |until: Option<chrono::DateTime<chrono::Utc>>| until.is_none_or(|it| now < it);
        let is_early = match error.split(':').next() {
            Some("timeout") => early(deadline) && early(seen.deadline) && early(alive),
            Some("heartbeat") => early(alive),
            _ => false,
        };
        if is_early {
            Err(format!("I7 {} has no time before it is over", show(at)))
        } else {
            Ok(())
        }
    }

    /// Returns whether a driver wrote the event, and no person.
    pub(super) fn is_driver(&self) -> bool {
        self.by.starts_with("driver")
    }
}
