//! Drivers that come and go.

use std::collections::VecDeque;

use process_engine::{ChildLink, ProcessId, Uid};

use super::world::{Todo, World};
use crate::drive::{Core, Happening, Scope};

/// A program that drives processes.
pub(super) struct Program {
    pub(super) core: Option<Core>,
    /// Counts its starts: what was meant for the one before reaches nobody.
    pub(super) life: u64,
    pub(super) errands: VecDeque<Errand>,
    is_reading: bool,
    will_look: bool,
    /// When its reader and its watcher said something last: they never overtake themselves.
    pub(super) read_at: i64,
    pub(super) looked_at: i64,
    pub(super) name: String,
}

/// What the reader of a driver is to do.
#[derive(Debug)]
pub(super) enum Errand {
    FindChild { parent: ProcessId, parent_uid: Uid, link: Box<ChildLink>, level: u32 },
    Leave(ProcessId),
    Load(ProcessId),
}

impl Program {
    pub(super) fn new(number: usize) -> Self {
        Self {
            core: None,
            life: 0,
            errands: VecDeque::new(),
            is_reading: false,
            will_look: false,
            read_at: 0,
            looked_at: 0,
            name: format!("driver-{number}"),
        }
    }
}

impl World {
    /// Tells a driver something, and does what it asks for.
    pub(super) fn tell(&mut self, program: usize, happening: Happening) {
        let now = self.now();
        self.note(|| format!("{program} {}", told(&happening)));
        if let Happening::Finished { ticket, .. } = &happening {
            self.attempt_ended(program, *ticket);
        }
        let Some(core) = &mut self.programs[program].core else { return };
        core.handle(&now, happening);
        self.act(program);
    }

    /// Does what a driver asks for, unless it ends before that.
    pub(super) fn act(&mut self, program: usize) {
        let Some(core) = &mut self.programs[program].core else { return };
        for action in core.take_actions() {
            if self.crash_in > 0 && !self.is_calm && self.random.is_one_in(self.crash_in * 4) {
                self.crash(program);
                return;
            }
            self.perform(program, action);
        }
    }

    /// Starts a driver, which finds what the one before it left behind.
    pub(super) fn restart(&mut self, program: usize) {
        let workers = self.workers.clone();
        let it = &mut self.programs[program];
        if it.core.is_some() {
            return;
        }
        it.core = Some(Core::new(it.name.clone(), Scope::All, workers));
        self.handle.disk().drop_program(program);
        self.note(|| format!("{program} starts"));
    }

    /// Ends a driver; what it had not made durable is lost.
    pub(super) fn crash(&mut self, program: usize) {
        let it = &mut self.programs[program];
        if it.core.take().is_none() {
            return;
        }
        it.life += 1;
        it.errands.clear();
        (it.is_reading, it.will_look) = (false, false);
        self.crashes += 1;
        self.note(|| format!("{program} crashes"));
        self.answers.retain(|_, (asked, ..)| *asked != program);
        self.lose_attempts(program);
        self.handle.disk().drop_program(program);
        let delay = if self.is_calm { 1 } else { self.random.ms(5_000) };
        self.later(delay, Todo::Restart { program });
    }

    /// The reader of a driver has something to do.
    pub(super) fn errand(&mut self, program: usize, errand: Errand) {
        let it = &mut self.programs[program];
        it.errands.push_back(errand);
        if !std::mem::replace(&mut it.is_reading, true) {
            let life = it.life;
            let delay = self.delay();
            self.later(delay, Todo::Read { program, life });
        }
    }

    /// The reader of a driver runs one errand.
    pub(super) fn read(&mut self, program: usize) {
        let Some(errand) = self.programs[program].errands.pop_front() else { return };
        self.note(|| format!("{program} reads {errand:?}").chars().take(60).collect());
        let happening = self.do_errand(program, errand);
        let life = self.programs[program].life;
        if let Some(happening) = happening {
            let delay = self.delay();
            let at = self.programs[program].read_at.max(self.now_ms + delay);
            self.programs[program].read_at = at;
            self.later(at - self.now_ms, Todo::Happens { program, life, happening });
        }
        if self.programs[program].errands.is_empty() {
            self.programs[program].is_reading = false;
        } else {
            let delay = self.delay();
            self.later(delay, Todo::Read { program, life });
        }
    }

    /// Lets every driver look soon at what has changed.
    pub(super) fn look_around(&mut self) {
        for program in 0..self.programs.len() {
            let it = &self.programs[program];
            if it.core.is_none() || it.will_look {
                continue;
            }
            if self.handle.disk().changed[program].is_empty() {
                continue;
            }
            self.programs[program].will_look = true;
            let life = self.programs[program].life;
            let delay = self.random.ms(60);
            self.later(delay, Todo::Look { program, life });
        }
    }

    /// The watcher of a driver tells what has changed.
    pub(super) fn look(&mut self, program: usize) {
        self.programs[program].will_look = false;
        let standings = self.handle.disk().look(program);
        let life = self.programs[program].life;
        let delay = self.delay();
        let at = self.programs[program].looked_at.max(self.now_ms + delay);
        self.programs[program].looked_at = at;
        for standing in standings {
            let happening = Happening::Stands(standing);
            self.later(at - self.now_ms, Todo::Happens { program, life, happening });
        }
    }

    /// Returns how long something takes that takes no time: mostly none, and sometimes a lot.
    pub(super) fn delay(&mut self) -> i64 {
        match self.random.below(16) {
            0..=7 => 0,
            8..=13 => self.random.ms(5),
            14 => self.random.ms(100),
            _ => self.random.ms(1_500),
        }
    }
}

fn told(happening: &Happening) -> String {
    match happening {
        Happening::Appended { group, outcome } => {
            let last = group.expected + u64::try_from(group.events.len()).unwrap_or(0);
            let outcome = outcome.as_ref().map_err(process_store::Error::kind);
            format!("appended {} {}..={last} {outcome:?}", group.id, group.expected + 1)
        }
        Happening::Asked { process, by, input, .. } => {
            format!("asked {process} {by} {}", super::people::shown(input))
        }
        Happening::ChildFound { parent, visit, found } => {
            format!("child {parent} {}#{} {found:?}", visit.step, visit.visit)
        }
        Happening::Finished { ticket, outcome } => format!("finished {ticket} {outcome:?}"),
        Happening::Loaded { process, outcome } => {
            let loaded = match outcome {
                Ok(crate::drive::Loaded::Absent) => "absent".to_owned(),
                Ok(crate::drive::Loaded::Elsewhere) => "elsewhere".to_owned(),
                Ok(crate::drive::Loaded::Here { execution, .. }) => {
                    format!("here {}", execution.revision())
                }
                Err(error) => format!("{:?}", error.kind()),
            };
            format!("loaded {process} {loaded}")
        }
        Happening::NotTakenUp { ticket, is_certain } => {
            format!("not taken up {ticket} {is_certain}")
        }
        Happening::Signed { ticket, sign } => format!("signed {ticket} {sign:?}"),
        Happening::Stands(standing) => format!("{standing:?}"),
        Happening::Told { process, effect, is_done } => {
            format!("told {process} {effect} {is_done}")
        }
        Happening::Woken => "woken".to_owned(),
    }
}
