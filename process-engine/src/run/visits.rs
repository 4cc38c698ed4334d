//! The visits of a step: their numbers count from 1 without gaps, and none is ever taken away.

use serde::{Deserialize, Serialize};

use super::state::Visit;

/// The visits of a step, by their numbers.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
#[expect(clippy::vec_box, reason = "most steps have one visit, and a list makes room for four")]
pub(crate) struct Visits(Vec<Box<Visit>>);

impl Visits {
    pub(crate) fn get(&self, number: u32) -> Option<&Visit> {
        self.0.get(place(number)?).map(Box::as_ref)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Visit> {
        self.0.get_mut(place(number)?).map(Box::as_mut)
    }

    /// Returns the highest number, 0 when there is none.
    pub(crate) fn last_number(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Puts the next visit behind the others.
    pub(crate) fn push(&mut self, visit: Visit) {
        self.0.push(Box::new(visit));
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Visit> {
        self.0.iter().map(Box::as_ref)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Visit> {
        self.0.iter_mut().map(Box::as_mut)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}
