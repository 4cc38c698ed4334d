//! Processes in memory, for tests and simulations: nothing of it outlives the last handle.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use process_core::{Event, ProcessId, Uid, id::PROCESS_NUMBER_MAX, registry::ProcessEntry};
use process_engine::Execution;
use serde_json::json;

use crate::{
    error::{Error, ErrorKind},
    store::{Group, Page, Query, Standing, Store, Watch, key_of, page_of},
};

/// A place in memory, as one program sees it; a clone is the same program.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Program>);

/// What is called before each operation with the name of its method; its error is the operation's.
pub type Hook = Box<dyn Fn(&'static str) -> Result<(), Error> + Send + Sync>;

#[derive(Debug)]
struct Program {
    number: u64,
    place: Arc<Mutex<Place>>,
}

#[derive(Default)]
struct Place {
    processes: BTreeMap<ProcessId, Kept>,
    keys: BTreeMap<String, ProcessId>,
    uids: BTreeMap<Uid, ProcessId>,
    /// Which program drives which process, made or not.
    owners: BTreeMap<ProcessId, u64>,
    active: Option<ProcessId>,
    /// The highest number that was given.
    number_max: u32,
    program_max: u64,
    changes: u64,
    hook: Option<Hook>,
}

struct Kept {
    events: Vec<Event>,
    execution: Execution,
    changed: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// Makes an empty place.
    #[must_use]
    pub fn new() -> Self {
        Self::on(Arc::default())
    }

    /// Returns the same place as another program sees it.
    #[must_use]
    pub fn another_program(&self) -> Self {
        Self::on(self.0.place.clone())
    }

    /// Returns the process that was made the active one last.
    #[must_use]
    pub fn active(&self) -> Option<ProcessId> {
        enter(&self.0.place).active
    }

    /// Calls this before each operation of any program, so that a test can make it fail.
    pub fn set_hook(&self, hook: Option<Hook>) {
        enter(&self.0.place).hook = hook;
    }

    fn on(place: Arc<Mutex<Place>>) -> Self {
        let number = {
            let mut place = enter(&place);
            place.program_max += 1;
            place.program_max
        };
        Self(Arc::new(Program { number, place }))
    }

    fn called(&self, method: &'static str) -> Result<MutexGuard<'_, Place>, Error> {
        let place = enter(&self.0.place);
        if let Some(hook) = &place.hook {
            hook(method)?;
        }
        Ok(place)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        enter(&self.place).owners.retain(|_, owner| *owner != self.number);
    }
}

impl Store for Memory {
    fn append(&self, groups: &[Group]) -> Vec<Result<(), Error>> {
        match self.called("append") {
            Ok(mut place) => {
                place.changes += 1;
                groups.iter().map(|group| place.append(group)).collect()
            }
            Err(error) => groups.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    fn events(&self, id: ProcessId, after: u64) -> Result<Vec<Event>, Error> {
        let place = self.called("events")?;
        let events = place.processes.get(&id).map(|kept| kept.events.as_slice());
        let behind = events.unwrap_or_default().iter().filter(|event| event.seq > after);
        Ok(behind.cloned().collect())
    }

    fn find_key(&self, key: &str) -> Result<Option<ProcessId>, Error> {
        Ok(self.called("find_key")?.keys.get(key).copied())
    }

    fn find_uid(&self, uid: Uid) -> Result<Option<ProcessId>, Error> {
        Ok(self.called("find_uid")?.uids.get(&uid).copied())
    }

    fn leave(&self, id: ProcessId) {
        let mut place = enter(&self.0.place);
        if place.owners.get(&id) != Some(&self.0.number) {
            return;
        }
        place.owners.remove(&id);
        let changes = place.changes + 1;
        if let Some(kept) = place.processes.get_mut(&id) {
            kept.changed = changes;
            place.changes = changes;
        }
    }

    fn list(&self, query: &Query) -> Result<Page, Error> {
        let place = self.called("list")?;
        let entries = place.processes.values().filter_map(Kept::entry);
        Ok(page_of(entries, query))
    }

    fn load(&self, id: ProcessId) -> Result<Option<Execution>, Error> {
        Ok(self.called("load")?.processes.get(&id).map(|kept| kept.execution.clone()))
    }

    fn reserve(&self, count: u32) -> Result<Vec<ProcessId>, Error> {
        let mut place = self.called("reserve")?;
        let last = place.number_max.saturating_add(count);
        if last > PROCESS_NUMBER_MAX {
            return Err(Error::new(ErrorKind::Invalid, "there is no process number left"));
        }
        let ids = (place.number_max + 1..=last).filter_map(ProcessId::from_number).collect();
        place.number_max = last;
        Ok(ids)
    }

    fn take(&self, id: ProcessId) -> Result<bool, Error> {
        let mut place = self.called("take")?;
        let owner = *place.owners.entry(id).or_insert(self.0.number);
        Ok(owner == self.0.number)
    }

    fn watch(&self) -> Box<dyn Watch> {
        Box::new(MemoryWatch { place: self.0.place.clone(), told: None })
    }
}

impl Place {
    fn append(&mut self, group: &Group) -> Result<(), Error> {
        let Group { id, expected, events, execution, becomes_active } = group;
        let found = self.processes.get(id).map_or(0, |kept| kept.execution.revision());
        if found != *expected {
            let message = format!("{id} is at event {found}, not at {expected}");
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let process = group.process()?;
        let key = key_of(execution).map(str::to_owned);
        let by_key = key.as_ref().and_then(|key| self.keys.get(key));
        for other in [self.uids.get(&process.uid), by_key].into_iter().flatten() {
            if other != id {
                let message = format!("cannot make {id}: {other} has its uid or key already");
                return Err(Error::new(ErrorKind::Conflict, message)
                    .with_details(json!({"process": other.to_string()})));
            }
        }
        self.uids.insert(process.uid, *id);
        if let Some(key) = key {
            self.keys.insert(key, *id);
        }
        self.number_max = self.number_max.max(id.number());
        if *expected == 0 && *becomes_active {
            self.active = Some(*id);
        }
        let changed = self.changes;
        let kept = self.processes.entry(*id).or_insert_with(|| Kept {
            events: Vec::new(),
            execution: Execution::default(),
            changed,
        });
        kept.events.extend(events.iter().cloned());
        (kept.execution, kept.changed) = (execution.as_ref().clone(), changed);
        if Standing::of(*id, execution).is_some_and(|standing| standing.is_over) {
            self.owners.remove(id);
        }
        Ok(())
    }
}

impl Kept {
    fn entry(&self) -> Option<ProcessEntry> {
        Some(ProcessEntry {
            revision: Some(self.execution.revision()),
            key: key_of(&self.execution).map(str::to_owned),
            ..ProcessEntry::of(self.execution.process()?)
        })
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Place").field("processes", &self.processes.len()).finish()
    }
}

/// Sees what changes in memory.
struct MemoryWatch {
    place: Arc<Mutex<Place>>,
    told: Option<u64>,
}

impl Watch for MemoryWatch {
    fn poll(&mut self) -> Result<Vec<Standing>, Error> {
        let place = enter(&self.place);
        if let Some(hook) = &place.hook {
            hook("poll")?;
        }
        let changed = |kept: &&Kept| self.told.is_none_or(|told| kept.changed > told);
        let standings = place
            .processes
            .iter()
            .filter(|(_, kept)| changed(kept))
            .filter_map(|(id, kept)| Standing::of(*id, &kept.execution))
            .filter(|standing| self.told.is_some() || !standing.is_over)
            .collect();
        self.told = Some(place.changes);
        Ok(standings)
    }
}

fn enter(place: &Mutex<Place>) -> MutexGuard<'_, Place> {
    // A hook that panics has changed nothing.
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
