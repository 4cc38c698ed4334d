//! The store of a simulated world: what is durable, and every way in which it fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use process_engine::{Event, Execution, Fact, ProcessId, RunFact, Uid};
use process_store::{Error, ErrorKind, Group, Page, Query, Standing, Store, Watch};

use super::{check::Checker, random::Random};

/// What is durable, and who drives what.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) journals: BTreeMap<ProcessId, Journal>,
    /// Which program drives a process.
    pub(super) owners: BTreeMap<ProcessId, usize>,
    /// What each program has not looked at yet.
    pub(super) changed: Vec<BTreeSet<ProcessId>>,
    pub(super) random: Random,
    /// One of so many accesses fails; none when it is 0.
    pub(super) fault_in: usize,
    /// The first thing that is wrong.
    pub(super) violation: Option<String>,
    /// The journal in which it is wrong.
    pub(super) evidence: Vec<String>,
    pub(super) stored: u64,
    pub(super) faults: u64,
    reserved: u32,
}

/// A process on the disk.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) events: Vec<Event>,
    /// What the events make, applied one by one.
    pub(super) execution: Execution,
    pub(super) checker: Checker,
}

/// The store as one program has it open.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    pub(super) disk: Arc<Mutex<Disk>>,
    pub(super) program: usize,
}

impl Disk {
    pub(super) fn new(random: Random, programs: usize, fault_in: usize) -> Self {
        Self {
            journals: BTreeMap::new(),
            owners: BTreeMap::new(),
            changed: vec![BTreeSet::new(); programs],
            random,
            fault_in,
            violation: None,
            evidence: Vec::new(),
            stored: 0,
            faults: 0,
            reserved: 0,
        }
    }

    /// Appends a group, unless the world is against it.
    pub(super) fn append(&mut self, group: &Group) -> Result<(), Error> {
        if self.is_faulty() {
            self.faults += 1;
            return match self.random.below(3) {
                0 => Err(Error::new(ErrorKind::NoSpace, "no space left on the disk")),
                1 => Err(Error::new(ErrorKind::Io, "the disk does not answer")),
                // Nobody knows what a failed sync left; here it left the whole group.
                _ => {
                    let outcome = self.land(group);
                    outcome.and(Err(Error::new(ErrorKind::Poisoned, "the sync failed")))
                }
            };
        }
        self.land(group)
    }

    /// Makes a group durable.
    pub(super) fn land(&mut self, group: &Group) -> Result<(), Error> {
        let conflict = || Error::new(ErrorKind::Conflict, "somebody else was faster");
        let known = self.journals.get(&group.id);
        let revision = known.map_or(0, |journal| journal.execution.revision());
        if revision != group.expected {
            return Err(conflict());
        }
        if known.is_none() {
            self.make(group)?;
        }
        let Some(journal) = self.journals.get_mut(&group.id) else { return Err(conflict()) };
        for event in &group.events {
            let before = matches!(event.fact, Fact::Run(RunFact::Adopted { .. }))
                .then(|| journal.execution.clone());
            journal.execution.apply(event);
            let seen = journal.checker.see(event).and_then(|()| match &before {
                Some(before) => super::adopted::check(before, &journal.execution),
                None => Ok(()),
            });
            if let Err(what) = seen {
                let what = format!("{} event {}: {what}", group.id, event.seq);
                self.violation.get_or_insert(what);
            }
            journal.events.push(event.clone());
            self.stored += 1;
            if self.violation.is_some() && self.evidence.is_empty() {
                let lines = journal.events.iter().map(|event| event.to_value().to_string());
                self.evidence = lines.collect();
            }
        }
        if group.events.is_empty() {
            self.violation.get_or_insert(format!("{}: a group without events", group.id));
        }
        if journal.execution != *group.execution {
            let what = "I3 what its events make is another state than the one they were decided on";
            let place = super::check::difference(&journal.execution, &group.execution);
            self.violation.get_or_insert(format!("{}: {what}: {place}", group.id));
        }
        for changed in &mut self.changed {
            changed.insert(group.id);
        }
        Ok(())
    }

    fn make(&mut self, group: &Group) -> Result<(), Error> {
        let uid = group.execution.process().map(|process| process.uid);
        let uid = uid.unwrap_or_else(Uid::nil);
        if let Some(id) = self.find_uid(uid) {
            let details = serde_json::json!({"process": id.to_string()});
            let error = Error::new(ErrorKind::Conflict, "it exists").with_details(details);
            return Err(error);
        }
        let journal = Journal {
            events: Vec::new(),
            execution: Execution::default(),
            checker: Checker::default(),
        };
        self.journals.insert(group.id, journal);
        Ok(())
    }

    pub(super) fn find_uid(&self, uid: Uid) -> Option<ProcessId> {
        let mut journals = self.journals.iter();
        let is_it = |journal: &Journal| journal.execution.process().is_some_and(|it| it.uid == uid);
        journals.find(|(_, journal)| is_it(journal)).map(|(id, _)| *id)
    }

    pub(super) fn execution(&self, id: ProcessId) -> Option<&Execution> {
        self.journals.get(&id).map(|journal| &journal.execution)
    }

    /// Returns where the changed processes stand, as one program sees it.
    pub(super) fn look(&mut self, program: usize) -> Vec<Standing> {
        let changed = std::mem::take(&mut self.changed[program]);
        let mut standings = Vec::new();
        for id in changed {
            let Some(execution) = self.journals.get(&id).map(|journal| &journal.execution) else {
                continue;
            };
            let Some(mut standing) = Standing::of(id, execution) else { continue };
            // Some stores would have to load it to know.
            if self.fault_in > 0 && self.random.is_one_in(8) {
                (standing.revision, standing.is_busy, standing.is_over) = (0, true, false);
            }
            standings.push(standing);
        }
        standings
    }

    /// Forgets what a program drove that is gone.
    pub(super) fn drop_program(&mut self, program: usize) {
        self.owners.retain(|_, owner| *owner != program);
        let unfinished = self.journals.iter().filter(|(id, journal)| {
            Standing::of(**id, &journal.execution).is_some_and(|standing| !standing.is_over)
        });
        self.changed[program] = unfinished.map(|(id, _)| *id).collect();
    }

    pub(super) fn reserved(&self) -> u32 {
        self.reserved
    }

    pub(super) fn reserve_to(&mut self, number: u32) {
        self.reserved = self.reserved.max(number);
    }

    fn is_faulty(&mut self) -> bool {
        self.fault_in > 0 && self.random.is_one_in(self.fault_in)
    }

    fn fail(&mut self) -> Result<(), Error> {
        if self.is_faulty() {
            self.faults += 1;
            return Err(Error::new(ErrorKind::Io, "the disk does not answer"));
        }
        Ok(())
    }
}

impl Handle {
    pub(super) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Handle {
    fn append(&self, groups: &[Group]) -> Vec<Result<(), Error>> {
        let mut disk = self.disk();
        groups.iter().map(|group| disk.append(group)).collect()
    }

    fn events(&self, id: ProcessId, after: u64) -> Result<Vec<Event>, Error> {
        let mut disk = self.disk();
        disk.fail()?;
        let events = disk.journals.get(&id).map(|journal| journal.events.as_slice());
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(events.and_then(|events| events.get(after..)).unwrap_or_default().to_vec())
    }

    fn find_key(&self, key: &str) -> Result<Option<ProcessId>, Error> {
        let disk = self.disk();
        let has =
            |execution: &Execution| execution.run().and_then(|run| run.start_key()) == Some(key);
        let found = disk.journals.iter().find(|(_, journal)| has(&journal.execution));
        Ok(found.map(|(id, _)| *id))
    }

    fn find_uid(&self, uid: Uid) -> Result<Option<ProcessId>, Error> {
        let mut disk = self.disk();
        disk.fail()?;
        Ok(disk.find_uid(uid))
    }

    fn leave(&self, id: ProcessId) {
        let mut disk = self.disk();
        if disk.owners.get(&id) == Some(&self.program) {
            disk.owners.remove(&id);
        }
    }

    fn list(&self, _: &Query) -> Result<Page, Error> {
        Ok(Page::default())
    }

    fn load(&self, id: ProcessId) -> Result<Option<Execution>, Error> {
        let mut disk = self.disk();
        disk.fail()?;
        Ok(disk.execution(id).cloned())
    }

    fn reserve(&self, count: u32) -> Result<Vec<ProcessId>, Error> {
        let mut disk = self.disk();
        disk.fail()?;
        let from = disk.reserved + 1;
        disk.reserved += count;
        Ok((from..=disk.reserved).filter_map(ProcessId::from_number).collect())
    }

    fn take(&self, id: ProcessId) -> Result<bool, Error> {
        let mut disk = self.disk();
        disk.fail()?;
        let owner = *disk.owners.entry(id).or_insert(self.program);
        Ok(owner == self.program)
    }

    fn watch(&self) -> Box<dyn Watch> {
        Box::new(self.clone())
    }
}

impl Watch for Handle {
    fn poll(&mut self) -> Result<Vec<Standing>, Error> {
        let program = self.program;
        let mut disk = self.disk();
        disk.fail()?;
        Ok(disk.look(program))
    }
}
