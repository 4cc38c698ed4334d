//! The thread that reads: processes on their way in, and those that steps start.

use std::{collections::VecDeque, sync::mpsc::Receiver};

use process_engine::{ChildLink, ChildWish, Execution, Parent, ProcessId, Timestamp, Uid, VisitId};
use process_store::{Error, Store};
use serde_json::{Map, Value};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    parts::{Parts, Templates},
    shell::Message,
    start::{NewRun, NotStarted, Start, fresh_ids, start_all},
};
use crate::drive::{Happening, Loaded, NoChild};

/// The most processes that are taken at once.
const TOGETHER_MAX: usize = 4_096;

/// The most processes that are made and not durable yet: more would only take memory, and what was
/// begun before them is worth more.
const MAKING_MAX: usize = 512;

/// The most levels of processes that start processes: a template that starts itself has no end.
const LEVELS_MAX: u32 = 16;

/// Something that is to be read or made.
pub(super) enum Errand {
    /// See that the process of a visit is there.
    FindChild { parent: ProcessId, parent_uid: Uid, link: Box<ChildLink>, level: u32 },
    /// Let others drive processes.
    Leave(Vec<ProcessId>),
    /// Take and load a process.
    Load(ProcessId),
    /// So many processes that were made are durable, or will not be.
    Made(usize),
    /// Start a process.
    Start(Box<Start>),
}

pub(super) fn read(
    parts: &Parts,
    errands: &Receiver<Errand>,
    happenings: &UnboundedSender<Message>,
) {
    let (loads, starts) = (Vec::new(), VecDeque::new());
    let mut reader = Reader { parts, happenings, loads, starts, room: MAKING_MAX };
    while let Ok(first) = errands.recv() {
        let mut next = Some(first);
        while let Some(errand) = next {
            reader.run(errand);
            next = if reader.is_full() { None } else { errands.try_recv().ok() };
        }
        reader.load_all();
        reader.start_all();
    }
}

struct Reader<'a> {
    parts: &'a Parts,
    happenings: &'a UnboundedSender<Message>,
    /// What is to be taken and loaded next.
    loads: Vec<ProcessId>,
    /// What is to be started, in the order in which it was asked for.
    starts: VecDeque<Start>,
    /// How many processes may be made now.
    room: usize,
}

impl Reader<'_> {
    /// Returns whether as much waits as is done together.
    fn is_full(&self) -> bool {
        let is_enough_to_start = self.room > 0 && self.starts.len() >= self.room;
        is_enough_to_start || self.loads.len() >= TOGETHER_MAX
    }

    fn run(&mut self, errand: Errand) {
        match errand {
            Errand::FindChild { parent, parent_uid, link, level } => {
                let visit = link.visit.clone();
                let found = Finder::of(self.parts).find_child(parent, parent_uid, *link, level);
                self.tell(Happening::ChildFound { parent, visit, found });
            }
            Errand::Leave(ids) => {
                // They may be among those that are to be taken.
                self.load_all();
                ids.into_iter().for_each(|id| self.parts.store.leave(id));
            }
            Errand::Load(id) => self.loads.push(id),
            Errand::Made(count) => self.room += count,
            Errand::Start(start) => self.starts.push_back(*start),
        }
    }

    fn load_all(&mut self) {
        let ids = std::mem::take(&mut self.loads);
        if ids.is_empty() {
            return;
        }
        let (store, may_execute) = (self.parts.store.as_ref(), self.parts.may_execute.as_ref());
        match store.take_all(&ids) {
            Ok(taken) => {
                for (id, is_taken) in ids.into_iter().zip(taken) {
                    let outcome = if is_taken {
                        load_taken(store, may_execute, id)
                    } else {
                        Ok(Loaded::Elsewhere)
                    };
                    self.tell(Happening::Loaded { process: id, outcome });
                }
            }
            Err(error) => {
                // Those that are taken stay so: attempts of them may be performed here.
                for id in ids {
                    let outcome = Err(error.clone());
                    self.tell(Happening::Loaded { process: id, outcome });
                }
            }
        }
    }

    /// Gives ids to processes that are to be started, as far as there is room; the loop makes them.
    fn start_all(&mut self) {
        let count = self.starts.len().min(self.room);
        if count == 0 {
            return;
        }
        let starts: Vec<_> = self.starts.drain(..count).collect();
        let now = (self.parts.clock)();
        let ids = match fresh_ids(self.parts.store.as_ref(), starts.len()) {
            Ok(ids) => ids,
            Err(error) => {
                for start in starts {
                    // Whoever asked may have gone.
                    let _ = start.answer.send(Err(NotStarted::Store(error.clone())));
                }
                return;
            }
        };
        for (start, id) in starts.into_iter().zip(ids) {
            match start.new.begin(&now, &self.parts.by, id) {
                Ok(group) => {
                    let may_execute = (self.parts.may_execute)(&group.execution);
                    self.room -= 1;
                    let (group, start) = (Box::new(group), Box::new(start));
                    let made = Message::Made { group, may_execute, start };
                    let _ = self.happenings.send(made);
                }
                Err(rejected) => {
                    self.parts.store.leave(id);
                    let _ = start.answer.send(Err(NotStarted::Rejected(rejected)));
                }
            }
        }
    }

    fn tell(&self, happening: Happening) {
        let _ = self.happenings.send(Message::Happened(happening));
    }
}

/// Finds the processes that steps start, and makes those that are wanted.
pub(crate) struct Finder<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) templates: &'a dyn Templates,
    pub(crate) by: &'a str,
    pub(crate) now: Timestamp,
}

impl<'a> Finder<'a> {
    fn of(parts: &'a Parts) -> Self {
        Self {
            store: parts.store.as_ref(),
            templates: parts.templates.as_ref(),
            by: &parts.by,
            now: (parts.clock)(),
        }
    }

    pub(crate) fn find_child(
        &self,
        parent: ProcessId,
        parent_uid: Uid,
        link: ChildLink,
        level: u32,
    ) -> Result<Option<ProcessId>, NoChild> {
        let found = self.store.find_uid(link.child.uid).map_err(NoChild::Store)?;
        if found.is_some() || link.wish == ChildWish::End {
            return Ok(found);
        }
        if level > LEVELS_MAX {
            let what = format!("more than {LEVELS_MAX} processes start each other");
            return Err(NoChild::Never(what));
        }
        let new = self.child(parent, parent_uid, link).map_err(NoChild::Never)?;
        let mut started = start_all(self.store, &self.now, self.by, vec![new]);
        match started.pop() {
            Some(Ok((id, _)) | Err(NotStarted::Exists(id))) => Ok(Some(id)),
            Some(Err(NotStarted::Rejected(rejected))) => Err(NoChild::Never(rejected.to_string())),
            Some(Err(NotStarted::Store(error))) => Err(NoChild::Store(error)),
            None => Ok(None),
        }
    }

    fn child(&self, parent: ProcessId, parent_uid: Uid, link: ChildLink) -> Result<NewRun, String> {
        let (name, version) = (link.child.process, link.child.version);
        let found = self.templates.find(parent, &name, version.as_deref());
        let visit: VisitId = link.visit;
        Ok(NewRun {
            definition: found.map_err(|reason| format!("not_found: {reason}"))?,
            uid: link.child.uid,
            input: link.child.input,
            trigger: Value::Object(Map::new()),
            key: None,
            parent: Some(Parent { uid: parent_uid, visit }),
            limit: link.child.limit,
        })
    }
}

pub(crate) fn load(
    store: &dyn Store,
    may_execute: &dyn Fn(&Execution) -> bool,
    id: ProcessId,
) -> Result<Loaded, Error> {
    if store.take(id)? { load_taken(store, may_execute, id) } else { Ok(Loaded::Elsewhere) }
}

/// Loads a process that this program has taken.
fn load_taken(
    store: &dyn Store,
    may_execute: &dyn Fn(&Execution) -> bool,
    id: ProcessId,
) -> Result<Loaded, Error> {
    match store.load(id) {
        Ok(Some(execution)) => {
            let may_execute = may_execute(&execution);
            Ok(Loaded::Here { execution: Box::new(execution), may_execute })
        }
        Ok(None) => {
            store.leave(id);
            Ok(Loaded::Absent)
        }
        // It stays taken until it can be read: attempts of it may be performed here.
        Err(error) => Err(error),
    }
}
