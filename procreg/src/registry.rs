//! The registry: entries in the order in which they were added.

use crate::delta::{Delta, Outcome, Refused};
use crate::file::Version;
use crate::info::{ProcessInfo, ProcessMetadata};
use crate::items::{Item, Items};
use crate::json::Kept;
use crate::key::EntryKey;
use crate::limits::{COMMAND_BYTES_MAX, ENTRIES_MAX};
use crate::name::Namespace;
use crate::status::ProcessStatus;

#[cfg(test)]
mod tests;

/// The largest number that an operating system gives.
const PID_MAX: u32 = i32::MAX as u32;

/// All children that a file tells of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProcessRegistry {
    pub(crate) version: Version,
    pub(crate) parent_pid: Option<u32>,
    pub(crate) items: Items,
    pub(crate) last_updated: Option<u64>,
    pub(crate) revision: Option<u64>,
    pub(crate) kept: Kept,
}

impl ProcessRegistry {
    /// Returns a registry without entries.
    #[must_use]
    pub fn new() -> ProcessRegistry {
        ProcessRegistry::default()
    }

    /// Adds a child that runs.
    ///
    /// The entry of the same child is replaced; an entry of another child that had this number
    /// becomes stale.
    ///
    /// # Errors
    /// Why it cannot be added.
    pub fn add(&mut self, pid: u32, metadata: ProcessMetadata) -> Result<Outcome, Refused> {
        self.insert(ProcessInfo::new(pid, metadata))
    }

    /// Removes the entry that [`ProcessRegistry::get`] returns, and returns it.
    pub fn remove(&mut self, pid: u32) -> Option<ProcessInfo> {
        let place = self.items.find(&EntryKey::newest(pid))?;
        self.items.take(place)
    }

    /// Returns the entry of a number: that of a child that is not over, and of several the newest.
    #[must_use]
    pub fn get(&self, pid: u32) -> Option<&ProcessInfo> {
        self.entry(&EntryKey::newest(pid))
    }

    /// Returns an entry.
    #[must_use]
    pub fn entry(&self, key: &EntryKey) -> Option<&ProcessInfo> {
        self.items.at(self.items.find(key)?)
    }

    /// Returns all entries in their order.
    pub fn list(&self) -> impl Iterator<Item = &ProcessInfo> {
        self.items.iter().filter_map(Item::entry)
    }

    /// Returns the entries of a namespace in their order.
    pub fn list_by_namespace(&self, namespace: &Namespace) -> impl Iterator<Item = &ProcessInfo> {
        self.list().filter(move |info| info.namespace == *namespace)
    }

    /// Gives the entry that [`ProcessRegistry::get`] returns another status, if it may have it.
    pub fn update_status(&mut self, pid: u32, status: ProcessStatus) -> Outcome {
        self.set_status(&EntryKey::newest(pid), status)
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// Makes changes one after the other, all or none, and tells what became of each.
    ///
    /// # Errors
    /// Why one cannot be made; none was.
    pub fn merge(&mut self, deltas: &[Delta]) -> Result<Vec<Outcome>, Refused> {
        let added = deltas.iter().filter_map(|delta| match delta {
            Delta::Add(info) => Some(info),
            Delta::Clear { .. }
            | Delta::Remove(_)
            | Delta::SeenExit(..)
            | Delta::SetIdentity(..)
            | Delta::UpdateStatus(..) => None,
        });
        let mut count = 0;
        for info in added {
            check(info)?;
            count += 1;
        }
        if self.len() + count <= ENTRIES_MAX {
            return deltas.iter().map(|delta| self.apply(delta)).collect();
        }
        // Only the changes themselves tell whether there is room for all.
        let mut changed = self.clone();
        let outcomes = deltas.iter().map(|delta| changed.apply(delta)).collect::<Result<_, _>>()?;
        *self = changed;
        Ok(outcomes)
    }

    /// Makes one change.
    ///
    /// # Errors
    /// Why it cannot be made; nothing of it was.
    pub fn apply(&mut self, delta: &Delta) -> Result<Outcome, Refused> {
        let outcome = match delta {
            Delta::Add(info) => return self.insert(info.clone()),
            Delta::Clear { namespace } => self.clear_of(namespace.as_ref()),
            Delta::Remove(key) => {
                match self.items.find(key).and_then(|place| self.items.take(place)) {
                    Some(_) => Outcome::Changed,
                    None => Outcome::Missing,
                }
            }
            Delta::SeenExit(key, exit) => self.change(key, |info| {
                if info.exit().is_some() {
                    return;
                }
                info.identity.get_or_insert_default().exit = Some(exit.clone());
                info.status = ProcessStatus::Stopped;
            }),
            Delta::SetIdentity(key, identity) => self.change(key, |info| {
                let mut identity = identity.clone();
                if let Some(old) = &info.identity {
                    identity.kept.inherit(&old.kept);
                    identity.exit = identity.exit.or_else(|| old.exit.clone());
                }
                info.identity = Some(identity);
            }),
            Delta::UpdateStatus(key, status) => self.set_status(key, status.clone()),
        };
        Ok(outcome)
    }

    /// Returns how many entries there are, with those that cannot be read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Tells whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.len() == 0
    }

    /// Returns the number of the last writer.
    #[must_use]
    pub fn parent_pid(&self) -> Option<u32> {
        self.parent_pid
    }

    /// Returns when it was written last, in milliseconds since 1970.
    #[must_use]
    pub fn last_updated(&self) -> Option<u64> {
        self.last_updated
    }

    /// Returns how often it was written by programs that count.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision.unwrap_or(0)
    }

    /// Returns what stands among the entries and is none, as JSON.
    pub fn unreadable(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(|item| match item {
            Item::Entry(_) => None,
            Item::Unreadable(text) => Some(text.as_ref()),
        })
    }

    /// Marks that this writer writes it, and counts.
    pub fn stamp(&mut self, writer_pid: u32, now_ms: u64) {
        self.parent_pid = Some(writer_pid);
        self.last_updated = Some(now_ms);
        self.revision = Some(self.revision().saturating_add(1));
    }

    fn insert(&mut self, mut info: ProcessInfo) -> Result<Outcome, Refused> {
        check(&info)?;
        let pid = info.pid;
        let places: Vec<u64> = self.items.places(pid).collect();
        let is_same =
            |place: &u64| self.items.at(*place).is_some_and(|old| old.is_same_child(&info));
        let same = places.iter().copied().find(is_same);
        if same.is_none() && self.len() >= ENTRIES_MAX {
            return Err(Refused::Full { pid });
        }
        for place in places.into_iter().filter(|place| Some(*place) != same) {
            if let Some(old) = self.items.at_mut(place).filter(|old| !old.status.is_over()) {
                old.status = ProcessStatus::Stale;
            }
        }
        let Some(old) = same.and_then(|place| self.items.at_mut(place)) else {
            self.items.push(Item::Entry(Box::new(info)));
            return Ok(Outcome::Changed);
        };
        info.kept.inherit(&old.kept);
        if let (Some(identity), Some(old)) = (&mut info.identity, &old.identity) {
            identity.kept.inherit(&old.kept);
        }
        let outcome = if *old == info { Outcome::Unchanged } else { Outcome::Changed };
        *old = info;
        Ok(outcome)
    }

    fn clear_of(&mut self, namespace: Option<&Namespace>) -> Outcome {
        let before = self.items.len();
        match namespace {
            None => self.clear(),
            Some(namespace) => {
                self.items.remove_where(|info| info.namespace == *namespace);
            }
        }
        if self.items.len() == before { Outcome::Unchanged } else { Outcome::Changed }
    }

    fn set_status(&mut self, key: &EntryKey, status: ProcessStatus) -> Outcome {
        match self.entry(key) {
            Some(info) if !info.status.may_become(&status) => Outcome::Superseded,
            Some(_) | None => self.change(key, |info| info.status = status),
        }
    }

    fn change(&mut self, key: &EntryKey, change: impl FnOnce(&mut ProcessInfo)) -> Outcome {
        let place = self.items.find(key);
        let Some(info) = place.and_then(|place| self.items.at_mut(place)) else {
            return Outcome::Missing;
        };
        let before = info.clone();
        change(info);
        if *info == before { Outcome::Unchanged } else { Outcome::Changed }
    }

    /// Returns the entry that a strict file and its second one both mean.
    pub(crate) fn started_at(&mut self, pid: u32, start_time: u64) -> Option<&mut ProcessInfo> {
        let is_meant = |info: &ProcessInfo| info.start_time == start_time;
        let place =
            self.items.places(pid).find(|place| self.items.at(*place).is_some_and(is_meant));
        self.items.at_mut(place?)
    }
}

/// Refuses what no registry takes.
fn check(info: &ProcessInfo) -> Result<(), Refused> {
    let pid = info.pid;
    if pid == 0 || pid > PID_MAX {
        return Err(Refused::NoPid { pid });
    }
    let bytes = info.command_bytes();
    if bytes > COMMAND_BYTES_MAX {
        return Err(Refused::CommandTooLong { pid, bytes });
    }
    Ok(())
}
