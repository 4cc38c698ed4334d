//! Attempts that are performed here.

use chrono::{DateTime, TimeDelta, Utc};
use process_engine::{
    Cost, Input, Outcome, ProcessId, Program, Run, Timestamp, VisitId, idempotency_key,
};
use serde_json::Value;

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

/// An attempt as the state of its process has it.
struct Begun {
    visit: VisitId,
    attempt: u32,
    token: u64,
    is_compensation: bool,
    task: Value,
    context: Option<Value>,
    silence: Option<TimeDelta>,
}

impl Begun {
    /// Returns the attempt that a visit stands at.
    fn of(run: &Run, visit: VisitId) -> Option<Self> {
        let found = run.visit_at(&visit)?;
        let step = run.definition().step(visit.step.as_str()).map(|(_, step)| step);
        let silence = step.and_then(|step| step.heartbeat);
        Some(Self {
            attempt: found.attempt(),
            token: found.token().unwrap_or_default(),
            is_compensation: false,
            task: found.work().cloned().unwrap_or_default(),
            context: found.context().cloned(),
            silence: silence.and_then(|silence| TimeDelta::from_std(silence).ok()),
            visit,
        })
    }
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
            let begun = Begun::of(run, visit.clone())?;
            if is_compensation {
                let undone = run.compensating().filter(|undone| undone.token == Some(token))?;
                let task = undone.work.clone();
                let (context, silence) = (None, None);
                Some(Begun { attempt, token, is_compensation, task, context, silence, ..begun })
            } else {
                (begun.token == token && found.holder().is_none()).then_some(begun)
            }
        });
        // It may be over already, by what stands in the same group.
        let Some(begun) = found else {
            reserved.iter().for_each(|slot| self.workers.give_back(slot));
            return;
        };
        if begun.task["type"] == COMPENSATE_PROCESS {
            self.undo_child(now, id, &visit, token);
            return;
        }
        if is_compensation && !held.may_execute && begun.task["channel"] != "log" {
            // It waits until somebody trusts the project, and is taken up when it is loaded then.
            return;
        }
        let order = self.note_attempt(now, id, begun, reserved);
        match order {
            Ok(order) => self.act(Action::Perform(Box::new(order))),
            Err((ticket, what)) => self.finished(now, ticket, Err(Failed::new(what))),
        }
    }

    /// Goes on with an attempt that a driver before this one began (rule E6.18).
    pub(super) fn take_up(&mut self, now: &Timestamp, id: ProcessId, visit: VisitId) {
        let found = self.held.get(&id).and_then(|held| {
            let run = held.execution()?.run()?;
            let found = run.visit_at(&visit)?;
            Some((Begun::of(run, visit.clone())?, found.program().cloned()))
        });
        let Some((begun, program)) = found else { return };
        match self.note_attempt(now, id, begun, None) {
            Ok(order) => self.act(Action::TakeUp { order: Box::new(order), program }),
            Err((ticket, _)) => self.not_taken_up(now, ticket, program.is_none()),
        }
    }

    /// An attempt of a driver before this one is over: the same one may be performed again only
    /// when surely nobody performs it any more (rule E6.17).
    pub(super) fn not_taken_up(&mut self, now: &Timestamp, ticket: Ticket, is_certain: bool) {
        let Some(attempt) = self.forget_attempt(ticket) else { return };
        let Attempt { process, visit, token, .. } = attempt;
        let input =
            if is_certain { Input::Lost { visit, token } } else { Input::Doubt { visit, token } };
        self.ask(now, process, Request::own(input));
    }

    /// Notes an attempt that is performed here from here on, and returns what is to be done; or
    /// why nobody here can do it.
    fn note_attempt(
        &mut self,
        now: &Timestamp,
        id: ProcessId,
        begun: Begun,
        reserved: Option<Slot>,
    ) -> Result<Order, (Ticket, String)> {
        let Begun { visit, attempt, token, is_compensation, task, context, silence } = begun;
        self.ticket_last += 1;
        let ticket = self.ticket_last;
        let wanted = self.workers.slot_of_task(&task);
        let slot = reserved.or_else(|| {
            let slot = wanted.clone()?;
            self.workers.take(&slot);
            Some(slot)
        });
        self.hold_attempt(id, &visit, is_compensation, ticket);
        self.attempts.insert(
            ticket,
            Attempt {
                process: id,
                visit: visit.clone(),
                token,
                is_compensation,
                slot,
                silence,
                alive_at: now.instant(),
                is_stopped: false,
            },
        );
        let Some(slot) = wanted else {
            let what = task["agent"].as_str().map_or_else(
                || format!("nothing here performs `{}`", task["type"].as_str().unwrap_or("it")),
                |agent| format!("there is no agent `{agent}`"),
            );
            return Err((ticket, what));
        };
        let process = self.held.get(&id).and_then(|held| held.execution()?.process());
        Ok(Order {
            ticket,
            slot,
            process: id,
            uid: process.map(|process| process.uid).unwrap_or_default(),
            key: idempotency_key(id, &visit, attempt),
            step: visit.step,
            visit: visit.visit,
            attempt,
            token,
            task,
            context,
            is_compensation,
            at: now.clone(),
        })
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
        let Some(attempt) = self.forget_attempt(ticket) else { return };
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

    /// Forgets an attempt that is not performed here any more.
    fn forget_attempt(&mut self, ticket: Ticket) -> Option<Attempt> {
        let attempt = self.attempts.remove(&ticket)?;
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
        Some(attempt)
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
