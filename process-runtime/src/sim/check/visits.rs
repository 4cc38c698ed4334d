//! Visits, attempts and joins: begun once, ended once, by their own token (I2, I5, I9).

use std::collections::BTreeSet;

use process_engine::{
    RunFact, StepId, VisitId,
    definition::{Delivery, GatewayKind, Join, StepKind},
};
use serde_json::Value;

use super::checker::{Checker, show};

/// How often one attempt is dispatched at most (rule E6.13).
const DISPATCHES_MAX: u32 = 5;

impl Checker {
    pub(super) fn see_visits(&mut self, seq: u64, fact: &RunFact) -> Result<(), String> {
        match fact {
            RunFact::StepReady { at, group, index, .. } => self.ready(at, *group, *index),
            RunFact::StepStarted { at, attempt, token, holder, .. } => {
                let seen = self.visit(at);
                let before = std::mem::replace(&mut seen.holder, holder.clone());
                if before.is_some() && before == *holder && seen.token.is_some() {
                    // Who holds it holds it longer.
                    (seen.token, seen.is_released) = (None, true);
                    seen.dispatches.clear();
                }
                self.started(seq, at, *attempt, *token)
            }
            RunFact::StepCompleted { at, output, routes, back, message, .. } => {
                self.result_is_current(at, output)?;
                self.chosen(at, routes.as_deref(), back)?;
                if let Some(message) = message
                    && !self.messages_taken.insert(*message)
                {
                    return Err(format!("I5 message {message} is taken twice"));
                }
                self.visit(at).has_completed = true;
                self.ended(at)
            }
            RunFact::StepFailed { at, .. }
            | RunFact::StepCancelled { at, .. }
            | RunFact::StepSkipped { at, .. } => self.ended(at),
            RunFact::AttemptFailed { at, attempt, .. } => {
                let seen = self.visit(at);
                if seen.token.take().is_none() {
                    return Err(format!("I9 {} fails and does not run", show(at)));
                }
                if seen.attempt != *attempt {
                    return Err(format!("I9 attempt {attempt} of {} does not run", show(at)));
                }
                Ok(())
            }
            RunFact::StepReleased { at } => {
                let seen = self.visit(at);
                (seen.token, seen.is_released, seen.is_doubtful) = (None, true, false);
                Ok(())
            }
            RunFact::StepInDoubt { at } => {
                // Its result may still come.
                self.visit(at).is_doubtful = true;
                Ok(())
            }
            RunFact::StepsReset { steps, targets, .. } => {
                for step in steps.iter().chain(targets) {
                    self.activations.remove(step);
                    self.turns.retain(|(turn, _), _| turn != step);
                }
                self.has_ended = false;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn ready(
        &mut self,
        at: &VisitId,
        group: Option<u32>,
        index: Option<u32>,
    ) -> Result<(), String> {
        let now = self.at;
        if let Some(seen) = self.visits.get_mut(at) {
            // Its next attempt may begin.
            let Some(retry_at) = seen.retry_at.take().filter(|_| !seen.has_ended) else {
                return Err(format!("I5 {} becomes ready twice", show(at)));
            };
            if now < retry_at {
                return Err(format!("I7 {} is tried again too early", show(at)));
            }
            return Ok(());
        }
        if self.has_ended || self.is_ending {
            return Err(format!("I5 {} becomes ready behind the end", show(at)));
        }
        self.visit(at);
        if let (Some(group), Some(index)) = (group, index) {
            if !self.items.insert((at.step.clone(), group, index)) {
                return Err(format!("I5 item {index} of {} has two visits", at.step));
            }
            return Ok(());
        }
        if group.is_some() {
            return Ok(());
        }
        let is_each = self.step(&at.step).is_some_and(|step| step.join == Join::Each);
        let count = self.activations.entry(at.step.clone()).or_default();
        *count += 1;
        if *count > 1 && !is_each && !self.was_adopted {
            return Err(format!("I5 the join of {} fires twice", at.step));
        }
        Ok(())
    }

    fn started(&mut self, seq: u64, at: &VisitId, attempt: u32, token: u64) -> Result<(), String> {
        if token != seq || !self.tokens.insert(token) {
            return Err(format!("I9 token {token} of {} is not its own", show(at)));
        }
        if self.is_paused || self.is_ending || self.has_ended {
            return Err(format!("I9 {} is handed out, and nothing may be", show(at)));
        }
        let step = self.step(&at.step);
        let is_once = step.is_some_and(|step| step.delivery == Delivery::AtMostOnce);
        let mutex = step.and_then(|step| step.mutex.clone());
        let holder = mutex.and_then(|mutex| {
            let mut running = self.visits.iter().filter(|(_, seen)| seen.runs());
            let has =
                |id: &StepId| self.step(id).is_some_and(|step| step.mutex.as_ref() == Some(&mutex));
            running
                .find(|(other, _)| *other != at && has(&other.step))
                .map(|(other, _)| show(other))
        });
        if let Some(holder) = holder {
            return Err(format!("I5 {} runs beside {holder}, and shares its mutex", show(at)));
        }
        let seen = self.visit(at);
        if seen.has_ended || seen.token.is_some() || seen.is_doubtful {
            return Err(format!("I2 {} is handed out, and cannot be", show(at)));
        }
        let is_again = seen.is_released && attempt == seen.attempt;
        if !is_again && attempt != seen.attempt + 1 {
            return Err(format!("I9 attempt {attempt} of {} follows {}", show(at), seen.attempt));
        }
        (seen.attempt, seen.token, seen.is_released) = (attempt, Some(token), false);
        let dispatches = seen.dispatches.entry(attempt).or_default();
        *dispatches += 1;
        if *dispatches > DISPATCHES_MAX || is_once && *dispatches > 1 {
            return Err(format!("I2 attempt {attempt} of {} is handed out too often", show(at)));
        }
        Ok(())
    }

    fn ended(&mut self, at: &VisitId) -> Result<(), String> {
        // A step that never had a visit ends without one.
        if at.visit == 0 {
            return Ok(());
        }
        let seen = self.visit(at);
        if seen.has_ended {
            return Err(format!("I2 {} ends twice", show(at)));
        }
        (seen.has_ended, seen.token) = (true, None);
        Ok(())
    }

    /// Every result of a simulated handler names the token that it was performed with.
    fn result_is_current(&mut self, at: &VisitId, output: &Value) -> Result<(), String> {
        let Some(told) = output.get("token").and_then(Value::as_u64) else { return Ok(()) };
        let token = self.visit(at).token;
        if token != Some(told) {
            return Err(format!("I9 {} completes by token {told} and not {token:?}", show(at)));
        }
        Ok(())
    }

    fn chosen(
        &mut self,
        at: &VisitId,
        routes: Option<&[StepId]>,
        back: &[StepId],
    ) -> Result<(), String> {
        let Some(step) = self.step(&at.step) else { return Ok(()) };
        let StepKind::Gateway(gateway) = &step.kind else { return Ok(()) };
        let taken: BTreeSet<&StepId> = routes.unwrap_or_default().iter().chain(back).collect();
        let count = taken.len();
        if gateway.kind == GatewayKind::Exclusive && count > 1 {
            return Err(format!("I5 {} is exclusive and takes {count} routes", show(at)));
        }
        let is_route = |id: &StepId| gateway.routes.iter().any(|it| it.next.as_ref() == Some(id));
        if !routes.unwrap_or_default().iter().chain(back).all(is_route) {
            return Err(format!("I5 {} takes a route that it does not have", show(at)));
        }
        Ok(())
    }
}
