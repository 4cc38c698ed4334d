//! Handlers of chance, and the programs that they start.

use std::collections::{BTreeMap, BTreeSet};

use process_engine::{Cost, Fact, ProcessId, RunFact};
use serde_json::json;

use super::{
    random::Random,
    world::{Todo, World},
};
use crate::{
    drive::{Happening, Order, Slot, Ticket},
    handler::{Done, Failed, Sign},
};

/// The slots that a driver may have.
pub(super) const SLOTS: [fn() -> Slot; 5] = [
    || Slot::Agent("writer".to_owned()),
    || Slot::AnyAgent,
    || Slot::Command,
    || Slot::Manual,
    || Slot::Notification,
];

/// How long an attempt hangs at most once the world is calm, in milliseconds.
const HANG_MS: i64 = 100_000;

/// What is performed.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    running: BTreeMap<(usize, Ticket), Running>,
    /// Programs that run, whoever started them, with the key of their attempt.
    programs: BTreeMap<u32, String>,
    pid_last: u32,
    /// What was begun, by whom: the same attempt is begun once by each driver.
    begun: BTreeSet<(ProcessId, u64, usize, u64)>,
}

#[derive(Debug)]
struct Running {
    pid: Option<u32>,
    /// Whether its end is on its way.
    ends: bool,
}

impl Attempts {
    /// Ends a program, if that can be; returns whether it surely does not run any more.
    fn end(&mut self, pid: u32, random: &mut Random, is_calm: bool) -> bool {
        if !is_calm && random.is_one_in(8) {
            return false;
        }
        self.programs.remove(&pid);
        true
    }
}

impl World {
    /// A handler begins.
    pub(super) fn begin_attempt(&mut self, program: usize, order: Order) {
        let life = self.programs[program].life;
        self.note(|| format!("{program} performs {} {} {}", order.ticket, order.key, order.token));
        self.may_begin(program, life, &order);
        let mut pid = None;
        if order.slot == Slot::Command && !self.random.is_one_in(3) {
            self.attempts.pid_last += 1;
            let number = self.attempts.pid_last;
            self.attempts.programs.insert(number, order.key.clone());
            pid = Some(number);
            let sign = Sign::Child { pid: number, start_time: Some(1), boot_id: None };
            let happening = Happening::Signed { ticket: order.ticket, sign };
            self.later(0, Todo::Happens { program, life, happening });
        }
        self.go_on(program, &order, pid);
    }

    /// A handler looks for what one before it left, goes on with it, or sees to its end.
    pub(super) fn take_up(&mut self, program: usize, order: Order, pid: Option<u32>) {
        let life = self.programs[program].life;
        let running = pid.filter(|pid| self.attempts.programs.contains_key(pid));
        self.note(|| format!("{program} takes up {} {} {running:?}", order.ticket, order.key));
        // What has ended meanwhile may have left its result.
        let is_going = match running {
            Some(_) => !self.random.is_one_in(3),
            None => order.slot == Slot::Command && self.random.is_one_in(4),
        };
        if is_going {
            return self.go_on(program, &order, running);
        }
        let is_certain =
            pid.is_none_or(|pid| self.attempts.end(pid, &mut self.random, self.is_calm));
        let happening = Happening::NotTakenUp { ticket: order.ticket, is_certain };
        let delay = self.random.ms(6_000);
        self.later(delay, Todo::Happens { program, life, happening });
    }

    /// An attempt is performed until it ends, if it does.
    fn go_on(&mut self, program: usize, order: &Order, pid: Option<u32>) {
        let (life, ticket) = (self.programs[program].life, order.ticket);
        let mut at = 0;
        let is_hanging = self.random.is_one_in(12);
        let length = match self.random.below(8) {
            0..=3 => 0,
            4 | 5 => self.random.ms(200),
            6 => self.random.ms(20_000),
            _ => self.random.ms(4_000_000),
        };
        for _ in 0..self.random.below(3) {
            at += self.random.ms(length.max(1));
            let sign = if self.random.is_one_in(3) {
                Sign::Context(json!({"at": at}))
            } else {
                Sign::Alive
            };
            let happening = Happening::Signed { ticket, sign };
            self.later(at, Todo::Happens { program, life, happening });
        }
        let ends = !is_hanging || self.is_calm;
        self.attempts.running.insert((program, ticket), Running { pid, ends });
        if ends {
            let outcome = self.outcome(order);
            let length = if self.is_calm { length.min(HANG_MS) } else { length };
            let happening = Happening::Finished { ticket, outcome };
            self.later(length, Todo::Happens { program, life, happening });
        }
    }

    fn outcome(&mut self, order: &Order) -> Result<Done, Failed> {
        let costs = [None, None, Some("0.0123"), Some("0.10"), Some("0.20")];
        let cost = costs[self.random.below(costs.len())].and_then(Cost::parse);
        if self.random.is_one_in(5) {
            return Err(Failed { error: "it broke".to_owned(), cost });
        }
        let n = self.random.below(4);
        Ok(Done { output: json!({"n": n, "token": order.token}), cost })
    }

    /// Checks that an attempt may begin: its token is durable, and nobody performs it.
    fn may_begin(&mut self, program: usize, life: u64, order: &Order) {
        let (token, process) = (order.token, order.process);
        let (is_durable, left, was_archived) = {
            let disk = self.handle.disk();
            let journal = disk.journals.get(&process).map(|journal| journal.events.as_slice());
            let journal = journal.unwrap_or_default();
            let place = usize::try_from(token).ok().and_then(|token| token.checked_sub(1));
            let event = place.and_then(|place| journal.get(place)).map(|event| &event.fact);
            let is_durable = match event {
                Some(Fact::Run(RunFact::StepStarted { token: it, .. })) => {
                    *it == token && !order.is_compensation
                }
                Some(Fact::Run(RunFact::CompensationStarted { token: it, .. })) => {
                    *it == token && order.is_compensation
                }
                _ => false,
            };
            // What is known to run of the same attempt was to be ended before.
            let known = journal.iter().filter_map(|event| match &event.fact {
                Fact::Run(RunFact::ChildStarted { pid, .. }) => Some(*pid),
                _ => None,
            });
            let mut known = known.filter(|pid| {
                self.attempts.programs.get(pid) == Some(&order.key) && !order.is_compensation
            });
            let left = known.next();
            // The results of what is put away reach nobody.
            let was_archived = journal.iter().any(|event| event.fact == Fact::Archived);
            (is_durable, left, was_archived)
        };
        if !is_durable {
            self.wrong(format!("I1 {} begins with token {token}, which nobody stored", order.key));
        }
        if let Some(pid) = left {
            self.wrong(format!("I2 {} begins while program {pid} performs it", order.key));
        }
        let is_first = self.attempts.begun.insert((process, token, program, life));
        if !is_first && !was_archived {
            let what = if order.is_compensation { "I6" } else { "I2" };
            self.wrong(format!("{what} {} begins twice with token {token}", order.key));
        }
    }

    /// A handler is asked to stop; most do so soon.
    pub(super) fn stop_attempt(&mut self, program: usize, ticket: Ticket) {
        let life = self.programs[program].life;
        self.note(|| format!("{program} stops {ticket}"));
        let delay = if self.random.is_one_in(4) { self.random.ms(60_000) } else { self.delay() };
        let Some(running) = self.attempts.running.get_mut(&(program, ticket)) else { return };
        if !std::mem::replace(&mut running.ends, true) {
            let outcome = Err(Failed::new("it was stopped"));
            let happening = Happening::Finished { ticket, outcome };
            self.later(delay, Todo::Happens { program, life, happening });
        }
    }

    /// A handler has ended, and its program with it.
    pub(super) fn attempt_ended(&mut self, program: usize, ticket: Ticket) {
        let ended = self.attempts.running.remove(&(program, ticket));
        if let Some(pid) = ended.and_then(|running| running.pid) {
            self.attempts.programs.remove(&pid);
        }
    }

    /// A driver is gone, and its attempts with it; some of their programs run on.
    pub(super) fn lose_attempts(&mut self, program: usize) {
        let lost: Vec<(usize, Ticket)> =
            self.attempts.running.keys().filter(|key| key.0 == program).copied().collect();
        for key in lost {
            let pid = self.attempts.running.remove(&key).and_then(|running| running.pid);
            if let Some(pid) = pid
                && self.random.is_one_in(2)
            {
                self.attempts.programs.remove(&pid);
            }
        }
    }

    /// What hangs ends after all.
    pub(super) fn end_hanging(&mut self) {
        let hanging = self.attempts.running.iter_mut().filter(|(_, running)| !running.ends);
        let hanging: Vec<(usize, Ticket)> = hanging
            .map(|(key, running)| {
                running.ends = true;
                *key
            })
            .collect();
        for (program, ticket) in hanging {
            let life = self.programs[program].life;
            let outcome = Err(Failed::new("it hung"));
            let happening = Happening::Finished { ticket, outcome };
            let delay = self.random.ms(HANG_MS);
            self.later(delay, Todo::Happens { program, life, happening });
        }
    }
}
