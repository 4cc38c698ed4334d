//! The core: what is driven, and what each happening leads to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use process_engine::{Execution, Process, ProcessId, Timestamp};
use process_store::{Error, ErrorKind, Group, Standing};

use super::{
    action::{Action, AnswerId, Happening, Loaded, Refused, Ticket},
    attempts::Attempt,
    held::{Held, Place},
    workers::Workers,
};

/// How long a process stays loaded when nothing of it is to happen sooner, in milliseconds.
const LOADED_MS: i64 = 5_000;

/// The most processes of which it is remembered that they ended: without, they are loaded in vain.
const ENDED_MAX: usize = 4_096;

/// How long another program that drives a process is left alone, in milliseconds.
const ELSEWHERE_MS: i64 = 500;

/// The first and the longest delay before a store that failed is tried again, in milliseconds.
const RETRY_MS: (i64, i64) = (100, 5_000);

/// Which processes are driven.
#[derive(Clone, Debug)]
pub enum Scope {
    /// All that run by a definition.
    All,
    /// These, and those that their steps start.
    Only(BTreeSet<ProcessId>),
}

/// Drives processes: told what happened, it says what is to be done.
///
/// It has no clock, no thread and no disk, so that a simulation can put it through every crash. One
/// core drives a process at a time; whatever it was told and did not yet make durable is lost with
/// it, and [`Core::handle`] of the next one goes on from the store.
#[derive(Debug)]
pub struct Core {
    pub(super) by: String,
    pub(super) scope: Scope,
    pub(super) workers: Workers,
    pub(super) held: BTreeMap<ProcessId, Held>,
    /// When something happens by itself, earliest first.
    pub(super) wakes: BTreeSet<(DateTime<Utc>, ProcessId)>,
    /// The same, by process.
    wake_of: BTreeMap<ProcessId, DateTime<Utc>>,
    pub(super) attempts: BTreeMap<Ticket, Attempt>,
    /// The revision at which a process was let go of that others can go on with: it is looked at
    /// again when it is another one.
    pub(super) left: BTreeMap<ProcessId, u64>,
    /// The revision of those that ended here lately: what the store says of them is often older.
    ended: BTreeMap<ProcessId, u64>,
    /// Processes with work that no worker was free for.
    pub(super) hungry: BTreeSet<ProcessId>,
    pub(super) ticket_last: Ticket,
    /// Whether attempts end because the driver does.
    pub(super) is_ending: bool,
    pub(super) actions: Vec<Action>,
}

impl Core {
    /// Returns a core that drives nothing yet; `by` is who the journal says acts.
    #[must_use]
    pub fn new(by: impl Into<String>, scope: Scope, workers: Workers) -> Self {
        Self {
            by: by.into(),
            scope,
            workers,
            held: BTreeMap::new(),
            wakes: BTreeSet::new(),
            wake_of: BTreeMap::new(),
            attempts: BTreeMap::new(),
            left: BTreeMap::new(),
            ended: BTreeMap::new(),
            hungry: BTreeSet::new(),
            ticket_last: 0,
            is_ending: false,
            actions: Vec::new(),
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: &Timestamp, happening: Happening) {
        match happening {
            Happening::Appended { group, outcome } => self.appended(now, group, outcome),
            Happening::Asked { process, by, input, answer } => {
                let request = super::held::Request { by: Some(by), input, answer };
                self.ask(now, process, request);
            }
            Happening::ChildFound { parent, visit, found } => {
                self.child_found(now, parent, visit, found);
            }
            Happening::Finished { ticket, outcome } => self.finished(now, ticket, outcome),
            Happening::Loaded { process, outcome } => self.loaded(now, process, outcome),
            Happening::NotTakenUp { ticket, is_certain } => {
                self.not_taken_up(now, ticket, is_certain);
            }
            Happening::Signed { ticket, sign } => self.signed(now, ticket, sign),
            Happening::Stands(standing) => self.stands(now, standing),
            Happening::Told { process, effect, is_done } => {
                self.told(now, process, effect, is_done);
            }
            Happening::Woken => self.wake(now),
        }
        self.feed(now);
    }

    /// Returns what is to be done, in order, and forgets it.
    #[must_use]
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Returns when [`Happening::Woken`] is due.
    #[must_use]
    pub fn wakes_at(&self) -> Option<DateTime<Utc>> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Returns whether nothing that is driven moves by itself: it has ended, or waits for people,
    /// messages or work that nobody here performs.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.attempts.is_empty()
            && self.hungry.is_empty()
            && !self
                .held
                .values()
                .any(|held| held.is_busy() || held.moves || matches!(held.place, Place::Elsewhere))
    }

    /// Returns what keeps it from being quiet, for messages of the simulation.
    pub(crate) fn restless(&self) -> Vec<String> {
        let restless =
            |held: &Held| held.is_busy() || held.moves || matches!(held.place, Place::Elsewhere);
        let held = self.held.iter().filter(|(_, held)| restless(held));
        let held = held.map(|(id, held)| held.shown(*id));
        let hungry = self.hungry.iter().map(|id| format!("{id} is hungry"));
        held.chain(hungry).collect()
    }

    /// Returns how many attempts are performed.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.attempts.len()
    }

    /// Drives a process from here on.
    pub fn drive(&mut self, now: &Timestamp, id: ProcessId) {
        if let Scope::Only(ids) = &mut self.scope {
            ids.insert(id);
        }
        if matches!(self.held.entry(id).or_default().place, Place::Parked) {
            self.reload(id);
        }
        self.go(now, id);
    }

    /// Makes a process, which this program has taken, and drives it: what makes it, and the work that
    /// it hands out first, become durable together.
    ///
    /// The answer has the events, or why it is not made; then nothing of it is kept here.
    pub fn make(&mut self, now: &Timestamp, group: Group, may_execute: bool, answer: AnswerId) {
        let Group { id, events, execution, .. } = group;
        if let Scope::Only(ids) = &mut self.scope {
            ids.insert(id);
        }
        let held = self.held.entry(id).or_default();
        (held.may_execute, held.maker) = (may_execute, Some(answer));
        self.advance(now, id, execution, events);
    }

    /// Drives a process that was just made elsewhere in this program; [`Happening::Loaded`] gives
    /// its state.
    pub(crate) fn drive_loading(&mut self, id: ProcessId) {
        if let Scope::Only(ids) = &mut self.scope {
            ids.insert(id);
        }
        let held = self.held.entry(id).or_default();
        held.loads += 1;
        if matches!(held.place, Place::Elsewhere | Place::Parked) {
            held.place = Place::Loading;
        }
    }

    /// Hands out nothing any more, and asks every attempt to stop.
    pub fn shut_down(&mut self) {
        (self.workers, self.is_ending) = (Workers::new(0), true);
        for ticket in self.attempts.keys() {
            self.actions.push(Action::Stop(*ticket));
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Lets the processes go on whose time has come.
    fn wake(&mut self, now: &Timestamp) {
        while let Some((at, id)) = self.wakes.first().copied()
            && at <= now.instant()
        {
            self.set_wake(id, None);
            let held = self.held.entry(id).or_default();
            held.retry_at = None;
            if std::mem::take(&mut held.must_recover) && held.execution().is_some() {
                self.recover(now, id);
            }
            self.go(now, id);
            // A process that is on its way here is woken again when it has come.
            match self.held.get(&id).map(|held| &held.place) {
                Some(Place::Parked | Place::Elsewhere) => self.reload(id),
                Some(Place::Appending | Place::Here(_) | Place::Loading) | None => {}
            }
        }
    }

    /// Lets processes go on that waited for a free worker.
    fn feed(&mut self, now: &Timestamp) {
        if self.hungry.is_empty() || self.workers.are_all_taken() {
            return;
        }
        // Each is asked once: what the first one waits for keeps nobody else from its work.
        let mut hungry = std::mem::take(&mut self.hungry);
        while !self.workers.are_all_taken()
            && let Some(id) = hungry.pop_first()
        {
            self.go(now, id);
        }
        self.hungry.append(&mut hungry);
    }

    fn stands(&mut self, now: &Timestamp, standing: Standing) {
        let id = standing.id;
        let is_known = self.held.contains_key(&id);
        let is_covered = match &self.scope {
            Scope::All => true,
            Scope::Only(ids) => ids.contains(&id),
        };
        if !is_known && !is_covered {
            return;
        }
        // What is older was seen before it was let go of.
        let is_seen = |left: &u64| standing.revision <= *left;
        let left = self.left.get(&id).or_else(|| self.ended.get(&id));
        let is_as_left = standing.revision > 0 && left.is_some_and(is_seen);
        if !is_known && (standing.is_over || !standing.is_busy || is_as_left) {
            if standing.is_over {
                self.left.remove(&id);
                self.ended.remove(&id);
            }
            self.set_wake(id, standing.wakes_at.filter(|_| !standing.is_over));
            return;
        }
        let held = self.held.entry(id).or_default();
        match &held.place {
            // What another program appends meanwhile may stand behind what is appended here.
            Place::Appending | Place::Loading => held.note_revision(standing.revision),
            Place::Here(execution) => {
                if standing.revision == 0 || standing.revision > execution.revision() {
                    self.reload(id);
                }
            }
            // It is tried again soon in any case.
            Place::Elsewhere => {}
            Place::Parked => {
                let has_child = held.parent.is_some() || !held.children.is_empty();
                let may_go_on = standing.is_busy && !is_as_left;
                if may_go_on || standing.is_over && has_child || standing.revision == 0 {
                    self.reload(id);
                } else {
                    held.moves &= standing.wakes_at.is_some();
                    let retry_at = held.retry_at;
                    self.set_wake(id, standing.wakes_at.into_iter().chain(retry_at).min());
                }
            }
        }
        self.go(now, id);
    }

    pub(super) fn reload(&mut self, id: ProcessId) {
        if let Some(held) = self.held.get_mut(&id) {
            (held.place, held.is_stale) = (Place::Loading, false);
            held.loads += 1;
            self.act(Action::Load(id));
        }
    }

    fn loaded(&mut self, now: &Timestamp, id: ProcessId, outcome: Result<Loaded, Error>) {
        let Some(held) = self.held.get_mut(&id) else { return };
        held.loads = held.loads.saturating_sub(1);
        if held.loads > 0 || !matches!(held.place, Place::Loading) {
            // A later answer is on its way, or this one is older than what is known.
            return;
        }
        match outcome {
            Ok(Loaded::Absent) => {
                let message = format!("there is no process {id}");
                self.refuse_all(id, &Error::new(ErrorKind::NotFound, message));
                self.forget(id);
            }
            Ok(Loaded::Elsewhere) => {
                held.place = Place::Elsewhere;
                let at = now.instant() + TimeDelta::milliseconds(ELSEWHERE_MS);
                self.set_wake(id, Some(at));
            }
            Ok(Loaded::Here { execution, may_execute }) => {
                if held.is_behind(execution.revision()) {
                    held.revision_min = 0;
                    self.reload(id);
                    return;
                }
                (held.place, held.retry_at) = (Place::Here(execution), None);
                (held.revision_min, held.may_execute) = (0, may_execute);
                self.recover(now, id);
                self.go(now, id);
            }
            Err(error) => self.failed(now, id, error),
        }
    }

    /// Tries a process again later, because the store cannot be read or written.
    pub(super) fn failed(&mut self, now: &Timestamp, id: ProcessId, error: Error) {
        self.refuse_all(id, &error);
        let Some(held) = self.held.get_mut(&id) else { return };
        held.place = Place::Parked;
        held.failures = held.failures.saturating_add(1);
        let doubled = RETRY_MS.0.checked_shl(held.failures.min(16)).unwrap_or(RETRY_MS.1);
        let at = now.instant() + TimeDelta::milliseconds(doubled.min(RETRY_MS.1));
        held.retry_at = Some(at);
        self.set_wake(id, Some(at));
        self.act(Action::Trouble { process: id, error });
    }

    /// Answers everybody who asked something of a process; what nobody waits for is kept.
    pub(super) fn refuse_all(&mut self, id: ProcessId, error: &Error) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let (asked, own): (Vec<_>, Vec<_>) = std::mem::take(&mut held.queue)
            .into_iter()
            .partition(|request| request.answer.is_some());
        held.queue.extend(own);
        for answer in asked.into_iter().filter_map(|request| request.answer) {
            self.act(Action::Answer { answer, outcome: Err(Refused::Store(error.clone())) });
        }
    }

    pub(super) fn set_wake(&mut self, id: ProcessId, at: Option<DateTime<Utc>>) {
        let old = match at {
            Some(at) => self.wake_of.insert(id, at),
            None => self.wake_of.remove(&id),
        };
        if old != at {
            old.map(|old| self.wakes.remove(&(old, id)));
            self.wakes.extend(at.map(|at| (at, id)));
        }
    }

    /// Notes what a process that stands still waits for, and lets go of it where that takes long.
    pub(super) fn rest(&mut self, now: &Timestamp, id: ProcessId) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let Some(execution) = held.execution() else { return };
        // Nothing happens to what is put away, whatever is due.
        let is_archived = execution.process().is_some_and(Process::is_archived);
        let run = execution.run().filter(|_| !is_archived);
        let wakes_at = run.and_then(process_engine::Run::wakes_at);
        let moves_at = run.and_then(process_engine::Run::moves_at);
        held.failures = 0;
        held.moves = moves_at.is_some();
        let is_busy = held.is_busy() || self.hungry.contains(&id);
        let soon = now.instant() + TimeDelta::milliseconds(LOADED_MS);
        let stays = is_busy || wakes_at.is_some_and(|at| at <= soon);
        let wakes_at = wakes_at.into_iter().chain(held.retry_at).min();
        self.set_wake(id, wakes_at);
        if stays {
            return;
        }
        let execution = self.held.get(&id).and_then(Held::execution);
        let is_over = execution.and_then(|it| it.run()).is_none_or(|run| run.end().is_some());
        let revision = execution.map(Execution::revision);
        self.left.remove(&id);
        let left = if is_over { &mut self.ended } else { &mut self.left };
        left.extend(revision.map(|revision| (id, revision)));
        if self.ended.len() > ENDED_MAX {
            self.ended.pop_first();
        }
        let Some(held) = self.held.get(&id) else { return };
        let is_linked = held.parent.is_some() || held.undo.is_some() || self.has_children(held);
        if let Some(held) = self.held.get_mut(&id) {
            held.place = Place::Parked;
        }
        self.act(Action::Leave(id));
        if matches!(self.scope, Scope::All) && !is_linked {
            self.held.remove(&id);
        }
    }

    /// Returns whether a process that its visits started still has something to tell it.
    fn has_children(&self, held: &Held) -> bool {
        let mut children = held.children.values().filter_map(|child| self.held.get(child));
        children.any(|child| child.parent.is_some() || child.undo.is_some())
    }

    pub(super) fn forget(&mut self, id: ProcessId) {
        self.set_wake(id, None);
        self.held.remove(&id);
        self.hungry.remove(&id);
    }
}
