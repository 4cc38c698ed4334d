//! The visits of a step: their numbers count from 1 without gaps, and none is ever taken away.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::state::Visit;

/// The visits of a step, by their numbers; in snapshots a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Visits {
    /// Most steps have this one alone, and no list for it.
    first: Option<Box<Visit>>,
    #[expect(clippy::vec_box, reason = "a list makes room for more than there are")]
    others: Vec<Box<Visit>>,
}

impl Visits {
    pub(crate) fn get(&self, number: u32) -> Option<&Visit> {
        match number {
            0 => None,
            1 => self.first.as_deref(),
            _ => self.others.get(place(number)?).map(Box::as_ref),
        }
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Visit> {
        match number {
            0 => None,
            1 => self.first.as_deref_mut(),
            _ => self.others.get_mut(place(number)?).map(Box::as_mut),
        }
    }

    /// Returns the highest number, 0 when there is none.
    pub(crate) fn last_number(&self) -> u32 {
        let count = usize::from(self.first.is_some()) + self.others.len();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Puts the next visit behind the others.
    pub(crate) fn push(&mut self, visit: Visit) {
        let visit = Box::new(visit);
        if self.first.is_none() {
            self.first = Some(visit);
        } else {
            self.others.push(visit);
        }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Visit> {
        self.first.iter().chain(&self.others).map(Box::as_ref)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Visit> {
        self.first.iter_mut().chain(&mut self.others).map(Box::as_mut)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

impl Serialize for Visits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Visits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut visits = Vec::<Box<Visit>>::deserialize(deserializer)?.into_iter();
        Ok(Self { first: visits.next(), others: visits.collect() })
    }
}

/// Returns the place of a visit behind the first one.
fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(2)
}
