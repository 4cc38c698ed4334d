//! The world: its clock, what is to happen, and what happens next.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use process_engine::{Input, ProcessId, Timestamp, definition::Definition};
use process_store::Group;

use super::{
    attempts::Attempts,
    definitions,
    disk::{Disk, Handle},
    drivers::Program,
    random::Random,
    trace::Trace,
};
use crate::drive::{AnswerId, Happening, Workers};

/// When every world begins.
const BEGIN: &str = "2026-02-10T10:00:00.000Z";

/// The most processes that a world starts by itself.
const PROCESSES_MAX: usize = 6;

/// The templates that steps may start; the last one does not exist.
pub(super) const TEMPLATES: [&str; 3] = ["child", "grandchild", "missing"];

/// Something that is to happen.
#[derive(Debug)]
pub(super) enum Todo {
    /// A driver is told something, if it is still the same.
    Happens { program: usize, life: u64, happening: Happening },
    /// The group of a driver reaches the disk.
    Write { program: usize, life: u64, group: Box<Group> },
    /// The reader of a driver runs its next errand.
    Read { program: usize, life: u64 },
    /// The watcher of a driver looks.
    Look { program: usize, life: u64 },
    /// A driver starts.
    Restart { program: usize },
    /// A driver made a process, and drives it.
    Started { program: usize, life: u64, happening: Happening },
    /// What somebody decided with another program reaches the disk.
    Person { group: Box<Group> },
}

/// A world.
pub(super) struct World {
    pub(super) random: Random,
    pub(super) begin: Timestamp,
    /// Milliseconds since the beginning.
    pub(super) now_ms: i64,
    pub(super) todo: BTreeMap<(i64, u64), Todo>,
    number_last: u64,
    pub(super) handle: Handle,
    pub(super) programs: Vec<Program>,
    pub(super) attempts: Attempts,
    pub(super) templates: BTreeMap<&'static str, Arc<Definition>>,
    pub(super) workers: Workers,
    pub(super) is_trusted: bool,
    pub(super) is_calm: bool,
    pub(super) answers: BTreeMap<AnswerId, (usize, ProcessId, Input, String)>,
    pub(super) answer_last: AnswerId,
    pub(super) steps: u64,
    pub(super) crashes: u64,
    /// One of so many actions ends the driver in front of it; none when it is 0.
    pub(super) crash_in: usize,
    pub(super) trace: Trace,
    pub(super) violation: Option<String>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let programs = 1 + random.below(2);
        let fault_in = [0, 60, 25, 10][random.below(4)];
        let crash_in = [0, 400, 120, 40][random.below(4)];
        let disk = Disk::new(random.fork(), programs, fault_in);
        let handle = Handle { disk: Arc::new(Mutex::new(disk)), program: usize::MAX };
        let mut templates = BTreeMap::new();
        templates.extend(definitions::definition(&mut random, &[]).map(|it| ("grandchild", it)));
        let child = definitions::definition(&mut random, &TEMPLATES[1..]);
        templates.extend(child.map(|it| ("child", it)));
        let workers = workers(&mut random);
        let is_trusted = !random.is_one_in(12);
        let mut world = Self {
            begin: Timestamp::parse(BEGIN).unwrap_or_else(|| {
                Timestamp::from_instant(chrono::DateTime::<chrono::Utc>::UNIX_EPOCH)
            }),
            now_ms: 0,
            todo: BTreeMap::new(),
            number_last: 0,
            handle,
            programs: Vec::new(),
            attempts: Attempts::default(),
            templates,
            workers,
            is_trusted,
            is_calm: false,
            answers: BTreeMap::new(),
            answer_last: 0,
            steps: 0,
            crashes: 0,
            crash_in,
            trace: Trace::new(),
            violation: None,
            random,
        };
        for program in 0..programs {
            world.programs.push(Program::new(program));
            world.restart(program);
        }
        for _ in 0..=world.random.below(PROCESSES_MAX) {
            world.start_process();
        }
        world
    }

    pub(super) fn now(&self) -> Timestamp {
        self.begin.after(Duration::from_millis(u64::try_from(self.now_ms).unwrap_or(0)))
    }

    pub(super) fn later(&mut self, delay_ms: i64, todo: Todo) {
        self.number_last += 1;
        self.todo.insert((self.now_ms + delay_ms.max(0), self.number_last), todo);
    }

    pub(super) fn note(&mut self, what: impl FnOnce() -> String) {
        let line = format!("{} {}", self.now_ms, what());
        self.trace.line(line);
    }

    pub(super) fn wrong(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    /// Returns what is wrong, if anything is.
    pub(super) fn check(&mut self) -> Result<(), String> {
        let found = self.violation.take().or_else(|| self.handle.disk().violation.take());
        found.map_or(Ok(()), Err)
    }

    /// Lets something happen, anything that can; `false` when nothing is left to happen.
    pub(super) fn step(&mut self) -> bool {
        self.steps += 1;
        self.look_around();
        let todo = self.todo.first_key_value().map(|((at, _), _)| *at);
        let wake = self.next_wake();
        let next = match (todo, wake) {
            (Some(todo), Some((wake, _))) => todo.min(wake),
            (Some(at), None) | (None, Some((at, _))) => at,
            (None, None) => return !self.is_calm && self.bystander(),
        };
        if !self.is_calm {
            let gap = next - self.now_ms;
            if self.random.is_one_in(7) || gap > 1_000 && self.random.is_one_in(2) {
                // Somebody acts before that.
                let wait = if gap > 0 { self.random.ms(gap) } else { 0 };
                self.now_ms += wait;
                return self.bystander();
            }
        }
        self.now_ms = self.now_ms.max(next);
        match wake {
            Some((at, program)) if at <= next && todo.is_none_or(|todo| at <= todo) => {
                self.tell(program, Happening::Woken);
            }
            _ => {
                if let Some((_, todo)) = self.todo.pop_first() {
                    self.run(todo);
                }
            }
        }
        true
    }

    fn run(&mut self, todo: Todo) {
        match todo {
            Todo::Happens { program, life, happening } => {
                if self.programs[program].life == life {
                    self.tell(program, happening);
                }
            }
            Todo::Started { program, life, happening } => {
                if self.programs[program].life == life
                    && let Happening::Loaded { process, .. } = &happening
                    && let Some(core) = &mut self.programs[program].core
                {
                    core.drive_loading(*process);
                    self.tell(program, happening);
                }
            }
            Todo::Write { program, life, group } => self.write(program, life, *group),
            Todo::Read { program, life } => {
                if self.programs[program].life == life {
                    self.read(program);
                }
            }
            Todo::Look { program, life } => {
                if self.programs[program].life == life {
                    self.look(program);
                }
            }
            Todo::Restart { program } => self.restart(program),
            Todo::Person { group } => {
                let outcome = self.handle.disk().land(&group);
                self.note(|| format!("person appends to {} {outcome:?}", group.id));
            }
        }
    }

    /// Somebody does something, or something breaks.
    fn bystander(&mut self) -> bool {
        if self.crash_in > 0 && self.random.is_one_in(self.crash_in) {
            let program = self.random.below(self.programs.len());
            self.crash(program);
        } else {
            self.person();
        }
        true
    }

    /// Returns which driver wakes first, and when; a wake that is over is due at once.
    fn next_wake(&self) -> Option<(i64, usize)> {
        let begin = self.begin.instant();
        let wakes = self.programs.iter().enumerate().filter_map(|(program, it)| {
            let at = (it.core.as_ref()?.wakes_at()? - begin).num_microseconds()?;
            // A timer is never early: what is left of a millisecond counts as a whole one.
            let at = at.div_euclid(1_000) + i64::from(at.rem_euclid(1_000) > 0);
            Some((at.max(self.now_ms), program))
        });
        wakes.min()
    }
}

fn workers(random: &mut Random) -> Workers {
    let mut workers = Workers::new(1 + random.below(6));
    for slot in super::attempts::SLOTS {
        if !random.is_one_in(8) {
            workers.allow(slot(), 1 + random.below(3));
        }
    }
    workers
}
