//! Where the steps of a definition stand in its list, by their ids.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::StepDefinition;
use crate::id::StepId;

/// The places of steps by their ids: every event of a run asks for one, so it takes one look.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Places {
    ids: Box<[StepId]>,
    /// A table of twice as many slots as there are steps or more, a power of two, or none at all.
    slots: Box<[Option<Slot>]>,
    latest: Latest,
}

/// The step that was asked for last, which is most often asked for again; no part of what is said.
#[derive(Debug, Default)]
struct Latest(AtomicUsize);

/// The fewest steps for which it is worth while to remember the latest: many processes that run by
/// one small definition would only take it away from each other.
const REMEMBERED_MIN: usize = 128;

/// A step in the table; one whose slot is taken stands in the next one that is free.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Slot {
    hash: u32,
    place: u32,
}

impl Places {
    /// Returns the places of these steps; of several with one id the first counts.
    pub(super) fn of(steps: &[StepDefinition]) -> Self {
        let ids: Box<[StepId]> = steps.iter().map(|step| step.id.clone()).collect();
        let mut places = Self {
            slots: vec![None; (2 * ids.len()).next_power_of_two()].into(),
            ids,
            latest: Latest::default(),
        };
        for place in 0..places.ids.len() {
            let hash = hash_of(places.ids[place].as_str());
            let (slot, known) = places.find(hash, places.ids[place].as_str());
            if let (None, Ok(place)) = (known, u32::try_from(place)) {
                places.slots[slot] = Some(Slot { hash, place });
            }
        }
        places
    }

    /// Returns the place of a step.
    pub(super) fn get(&self, id: &str) -> Option<usize> {
        if self.ids.len() < REMEMBERED_MIN {
            return if self.slots.is_empty() { None } else { self.find(hash_of(id), id).1 };
        }
        let latest = self.latest.0.load(Relaxed);
        // The ids of a run are copies of these, which share their text.
        if self.ids.get(latest).is_some_and(|known| std::ptr::eq(known.as_str(), id)) {
            return Some(latest);
        }
        let place = self.find(hash_of(id), id).1?;
        self.latest.0.store(place, Relaxed);
        Some(place)
    }

    /// Returns the slot of an id, or the free one where it belongs, and the place of the step.
    fn find(&self, hash: u32, id: &str) -> (usize, Option<usize>) {
        let last = self.slots.len() - 1;
        let mut slot = hash as usize & last;
        // At least half of the slots are free, so that this ends.
        while let Some(taken) = self.slots[slot] {
            let place = taken.place as usize;
            if taken.hash == hash && self.ids[place].as_str() == id {
                return (slot, Some(place));
            }
            slot = (slot + 1) & last;
        }
        (slot, None)
    }
}

impl Clone for Latest {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Latest {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Returns the FNV-1a hash of an id: the same everywhere, and fast for a short text.
fn hash_of(id: &str) -> u32 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = id.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step);
    // The upper half is better mixed than the lower one.
    (hash ^ (hash >> 32)) as u32
}
