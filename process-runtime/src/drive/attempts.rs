//! Attempts that are performed here.

use chrono::{DateTime, TimeDelta, Utc};
use process_engine::{
    Cost, Input, Outcome, ProcessId, Program, Timestamp, VisitId, idempotency_key,
};

use super::{
    action::{Action, Order, Ticket},
    core::Core,
    held::Request,
    workers::Slot,
};
use crate::handler::{Done, Failed, Sign};

/// What undoes a step that started a process: that process undoes itself.
const COMPENSATE_PROCESS: &str = "compensate_process";

/// How many signs of life of an attempt are kept for each time that it may be silent.
const SIGNS_PER_SILENCE: i32 = 4;

/// An attempt that is performed here.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) process: ProcessId,
    pub(super) visit: VisitId,
    pub(super) token: u64,
    is_compensation: bool,
    slot: Option<Slot>,
    /// How long it may be silent.
    silence: Option<TimeDelta>,
    /// When its last sign of life was kept.
    alive_at: DateTime<Utc>,
    /// Whether it was asked to stop.
    is_stopped: bool,
}

impl Core {
    /// Begins an attempt whose token is durable.
    pub(super) fn begin_attempt(
        &mut self,
        now: &Timestamp,
        id: ProcessId,
        visit: VisitId,
        attempt: u32,
        token: u64,
        is_compensation: bool,
    ) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let reserved = held.reserved.remove(&visit);
        let found = held.execution().and_then(|execution| {
            let run = execution.run()?;
            let found = run.visit_at(&visit)?;
            if is_compensation {
                let task = run.compensating().filter(|undone| undone.token == Some(token))?;
                Some((task.work.clone(), None, None))
            } else {
                let is_mine = found.token() == Some(token) && found.holder().is_none();
                let step = run.definition().step(visit.step.as_str()).map(|(_, step)| step);
                let silence = step.and_then(|step| step.heartbeat);
                let silence = silence.and_then(|silence| TimeDelta::from_std(silence).ok());
                let task = found.work().cloned().unwrap_or_default();
                is_mine.then(|| (task, found.context().cloned(), silence))
            }
        });
        // It may be over already, by what stands in the same group.
        let Some((task, context, silence)) = found else {
            reserved.iter().for_each(|slot| self.workers.give_back(slot));
            return;
        };
        if task["type"] == COMPENSATE_PROCESS {
            self.undo_child(now, id, &visit, token);
            return;
        }
        if is_compensation && !held.may_execute && task["channel"] != "log" {
            // It waits until somebody trusts the project, and is taken up when it is loaded then.
            return;
        }
        self.ticket_last += 1;
        let ticket = self.ticket_last;
        let slot = reserved.or_else(|| {
            let slot = self.workers.slot_of_task(&task)?;
            self.workers.take(&slot);
            Some(slot)
        });
        let wanted = self.workers.slot_of_task(&task);
        self.hold_attempt(id, &visit, is_compensation, ticket);
        let alive_at = now.instant();
        self.attempts.insert(
            ticket,
            Attempt {
                process: id,
                visit: visit.clone(),
                token,
                is_compensation,
                slot,
                silence,
                alive_at,
                is_stopped: false,
            },
        );
        let Some(slot) = wanted else {
            let what = task["agent"].as_str().map_or_else(
                || format!("nothing here performs `{}`", task["type"].as_str().unwrap_or("it")),
                |agent| format!("there is no agent `{agent}`"),
            );
            self.finished(now, ticket, Err(Failed::new(what)));
            return;
        };
        self.act(Action::Perform(Box::new(Order {
            ticket,
            slot,
            process: id,
            key: idempotency_key(id, &visit, attempt),
            step: visit.step,
            visit: visit.visit,
            attempt,
            token,
            task,
            context,
            is_compensation,
            at: now.clone(),
        })));
    }

    /// Ends the attempts of which nobody wants the result any more.
    pub(super) fn stop_stale(&mut self, id: ProcessId) {
        let Some(held) = self.held.get(&id) else { return };
        let Some(run) = held.execution().and_then(|execution| execution.run()) else { return };
        let undone = run.compensating().and_then(|undone| undone.token);
        for ((visit, is_compensation), ticket) in &held.attempts {
            let token = if *is_compensation {
                undone
            } else {
                run.visit_at(visit).and_then(process_engine::Visit::token)
            };
            let Some(attempt) = self.attempts.get_mut(ticket) else { continue };
            // Whoever still runs when a process is about to end is asked to stop (rule E7).
            let is_unwanted = !is_compensation && run.ending().is_some();
            let is_stale = is_unwanted || token != Some(attempt.token);
            if is_stale && !std::mem::replace(&mut attempt.is_stopped, true) {
                self.actions.push(Action::Stop(*ticket));
            }
        }
    }

    /// Notes the attempt of a visit; the one before it is over, whether or not it knows.
    fn hold_attempt(&mut self, id: ProcessId, visit: &VisitId, is_undoing: bool, ticket: Ticket) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let Some(before) = held.attempts.insert((visit.clone(), is_undoing), ticket) else {
            return;
        };
        if let Some(attempt) = self.attempts.get_mut(&before)
            && !std::mem::replace(&mut attempt.is_stopped, true)
        {
            self.act(Action::Stop(before));
        }
    }

    pub(super) fn finished(
        &mut self,
        now: &Timestamp,
        ticket: Ticket,
        outcome: Result<Done, Failed>,
    ) {
        let Some(attempt) = self.attempts.remove(&ticket) else { return };
        if let Some(slot) = &attempt.slot {
            self.workers.give_back(slot);
        }
        if let Some(held) = self.held.get_mut(&attempt.process) {
            let key = (attempt.visit.clone(), attempt.is_compensation);
            // Another attempt of the visit may have begun meanwhile.
            if held.attempts.get(&key) == Some(&ticket) {
                held.attempts.remove(&key);
            }
        }
        if self.is_ending && outcome.is_err() {
            // It ended because the driver does: the next one performs the same attempt again.
            return;
        }
        if attempt.is_stopped
            && !attempt.is_compensation
            && let Err(failed) = &outcome
        {
            return self.stopped(now, attempt, failed.cost);
        }
        let (outcome, cost) = match outcome {
            Ok(done) => (Outcome::Completed(done.output), done.cost),
            Err(failed) => (Outcome::Failed(failed.error), failed.cost),
        };
        let (visit, token) = (attempt.visit, attempt.token);
        let input = Input::Result { visit, token, outcome, cost };
        self.ask(now, attempt.process, Request::own(input));
    }

    /// An attempt that was asked to stop and did has not failed: nobody knows how far it came
    /// (rule E7).
    fn stopped(&mut self, now: &Timestamp, attempt: Attempt, cost: Option<Cost>) {
        let Attempt { process, visit, token, .. } = attempt;
        let lost = Input::Lost { visit: visit.clone(), token };
        let cost = cost.map(|cost| Input::LateCost { visit, token, cost });
        for input in [Some(lost), cost].into_iter().flatten() {
            self.ask(now, process, Request::own(input));
        }
    }

    pub(super) fn signed(&mut self, now: &Timestamp, ticket: Ticket, sign: Sign) {
        let Some(attempt) = self.attempts.get_mut(&ticket) else { return };
        let (visit, token) = (attempt.visit.clone(), attempt.token);
        if attempt.is_compensation {
            return;
        }
        let input = match sign {
            Sign::Alive => {
                let Some(silence) = attempt.silence else { return };
                if now.instant() < attempt.alive_at + silence / SIGNS_PER_SILENCE {
                    return;
                }
                attempt.alive_at = now.instant();
                Input::Heartbeat { visit, token }
            }
            Sign::Child { pid, start_time, boot_id } => {
                let program = Program { pid, start_time, boot_id };
                Input::Spawned { visit, token, program }
            }
            Sign::Context(context) => Input::SaveContext { visit, token, context },
        };
        let process = attempt.process;
        self.ask(now, process, Request::own(input));
    }
}
