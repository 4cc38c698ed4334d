//! What drivers ask for is done.

use std::sync::Arc;

use process_engine::{Event, ProcessId, definition::Definition};
use process_store::Group;

use super::{
    disk::Handle,
    drivers::Errand,
    world::{Todo, World},
};
use crate::{
    Templates,
    drive::{Action, Happening, Refused},
    driver::{Finder, load},
};

/// One of so many groups of a driver that ends reaches the disk, and nobody is told.
const LANDS_IN: usize = 2;

/// The templates of a world.
struct Found(Vec<(&'static str, Arc<Definition>)>);

impl Templates for Found {
    fn find(&self, _: ProcessId, name: &str, _: Option<&str>) -> Result<Arc<Definition>, String> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, it)| it.clone()).ok_or_else(|| format!("there is no template `{name}`"))
    }
}

impl World {
    pub(super) fn perform(&mut self, program: usize, action: Action) {
        let life = self.programs[program].life;
        match action {
            Action::Answer { answer, outcome } => self.answered(answer, outcome),
            Action::Append(group) => {
                let delay = self.delay();
                self.later(delay, Todo::Write { program, life, group: Box::new(group) });
            }
            Action::FindChild { parent, parent_uid, link, level } => {
                let link = Box::new(link);
                self.errand(program, Errand::FindChild { parent, parent_uid, link, level });
            }
            Action::Leave(id) => self.errand(program, Errand::Leave(id)),
            Action::Load(id) => self.errand(program, Errand::Load(id)),
            Action::Perform(order) => self.begin_attempt(program, *order),
            Action::Stop(ticket) => self.stop_attempt(program, ticket),
            Action::Stored { process, events } => self.is_there(process, &events),
            Action::TakeUp { order, program: child } => {
                self.take_up(program, *order, child.map(|child| child.pid));
            }
            Action::Tell { process, effect, .. } => {
                self.note(|| format!("{program} tells {process} {effect}"));
                let is_done = !self.random.is_one_in(6);
                let delay = self.random.ms(2_000);
                let happening = Happening::Told { process, effect, is_done };
                self.later(delay, Todo::Happens { program, life, happening });
            }
            Action::Trouble { process, error } => {
                self.note(|| format!("{program} trouble {process} {:?}", error.kind()));
            }
        }
    }

    /// A group reaches the disk; of a driver that is gone it does, or does not.
    pub(super) fn write(&mut self, program: usize, life: u64, group: Group) {
        if self.programs[program].life != life {
            if self.random.is_one_in(LANDS_IN) {
                let outcome = self.handle.disk().append(&group);
                self.note(|| format!("{program} left {} behind {}", group.id, outcome.is_ok()));
            }
            return;
        }
        let outcome = self.handle.disk().append(&group);
        let delay = self.delay();
        let happening = Happening::Appended { group, outcome };
        self.later(delay, Todo::Happens { program, life, happening });
    }

    pub(super) fn do_errand(&mut self, program: usize, errand: Errand) -> Option<Happening> {
        let store = Handle { disk: self.handle.disk.clone(), program };
        match errand {
            Errand::FindChild { parent, parent_uid, link, level } => {
                let templates = self.templates.iter().map(|(name, it)| (*name, it.clone()));
                let templates = Found(templates.collect());
                let by = self.programs[program].name.clone();
                let (store, templates) = (&store, &templates);
                let finder = Finder { store, templates, by: &by, now: self.now() };
                let visit = link.visit.clone();
                let found = finder.find_child(parent, parent_uid, *link, level);
                Some(Happening::ChildFound { parent, visit, found })
            }
            Errand::Leave(id) => {
                process_store::Store::leave(&store, id);
                None
            }
            Errand::Load(id) => {
                let is_trusted = self.is_trusted;
                let outcome = load(&store, &|_| is_trusted, id);
                Some(Happening::Loaded { process: id, outcome })
            }
        }
    }

    /// What was acknowledged is there, as it was acknowledged.
    fn is_there(&mut self, process: ProcessId, events: &[Event]) {
        let missing = {
            let disk = self.handle.disk();
            let journal = disk.journals.get(&process).map(|journal| journal.events.as_slice());
            let journal = journal.unwrap_or_default();
            let is_there = |event: &&Event| {
                let place = usize::try_from(event.seq).ok().and_then(|seq| seq.checked_sub(1));
                place.and_then(|place| journal.get(place)) == Some(*event)
            };
            events.iter().find(|event| !is_there(event)).map(|event| event.seq)
        };
        if let Some(seq) = missing {
            self.wrong(format!("I1 event {seq} of {process} was acknowledged and is not there"));
        }
    }

    fn answered(&mut self, answer: u64, outcome: Result<Vec<Event>, Refused>) {
        let Some((_, process, input, by)) = self.answers.remove(&answer) else {
            self.wrong(format!("I1 answer {answer} comes twice"));
            return;
        };
        self.note(|| {
            let outcome = outcome.as_ref().map(Vec::len).map_err(|refused| match refused {
                Refused::Rejected(rejected) => rejected.to_string(),
                Refused::Store(error) => error.to_string(),
            });
            format!("answer {answer} {outcome:?}")
        });
        match outcome {
            Ok(events) => {
                self.is_there(process, &events);
                self.is_answer_to(process, &by, &input, &events);
            }
            Err(Refused::Rejected(rejected)) => self.is_refusal(&input, &rejected),
            Err(Refused::Store(_)) => {}
        }
    }
}
