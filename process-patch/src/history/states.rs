//! Which text each entry led to: states as a tree, in which an exact undo leads back up.
//!
//! An entry that takes another one back to the byte leads to the state that was there before, and
//! not to one more. So the way from any state to the present one is as short as can be, and an
//! undo of the newest entry never meets anything.

use crate::splice::Splice;

/// The state before the first entry.
const ROOT: usize = 0;

#[derive(Clone, Debug)]
struct State {
    /// The state that it was first made from.
    parent: usize,
    /// The index of the entry that first made it; meaningless for the root.
    made_by: usize,
    depth: usize,
}

/// One step of a way between two states.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// What the entry of this index did.
    Along(usize),
    /// The inverse of what it did, because it was taken back.
    Back(usize),
}

#[derive(Clone, Debug)]
pub(super) struct States {
    states: Vec<State>,
    /// The state after each entry.
    after: Vec<usize>,
}

impl States {
    pub(super) fn new() -> Self {
        Self { states: vec![State { parent: ROOT, made_by: 0, depth: 0 }], after: Vec::new() }
    }

    /// Takes in the next entry; `reverses` is the one that it takes back to the byte, if any.
    pub(super) fn push(&mut self, reverses: Option<usize>) {
        let head = self.head();
        if let Some(index) = reverses.filter(|index| self.after.get(*index) == Some(&head)) {
            self.after.push(self.before(index));
            return;
        }
        let depth = self.states[head].depth + 1;
        self.states.push(State { parent: head, made_by: self.after.len(), depth });
        self.after.push(self.states.len() - 1);
    }

    /// Answers whether the present state is the one that an entry led to.
    pub(super) fn is_head(&self, index: usize) -> bool {
        self.after.get(index) == Some(&self.head())
    }

    /// Returns the way from the state after an entry to the present one.
    pub(super) fn way_from(&self, index: usize) -> Vec<Way> {
        let mut from = self.after[index];
        let mut to = self.head();
        let mut up = Vec::new();
        let mut down = Vec::new();
        while from != to {
            if self.states[from].depth >= self.states[to].depth {
                up.push(Way::Back(self.states[from].made_by));
                from = self.states[from].parent;
            } else {
                down.push(Way::Along(self.states[to].made_by));
                to = self.states[to].parent;
            }
        }
        up.extend(down.into_iter().rev());
        up
    }

    /// Returns the index of the last entry that went a step of a way.
    pub(super) fn last_to_go(&self, way: Way) -> usize {
        let (Way::Along(made_by) | Way::Back(made_by)) = way;
        let child = self.after[made_by];
        let parent = self.states[child].parent;
        let (from, to) = match way {
            Way::Along(_) => (parent, child),
            Way::Back(_) => (child, parent),
        };
        let mut indexes = (made_by..self.after.len()).rev();
        indexes
            .find(|index| self.before(*index) == from && self.after[*index] == to)
            .unwrap_or(made_by)
    }

    fn head(&self) -> usize {
        self.after.last().copied().unwrap_or(ROOT)
    }

    fn before(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(ROOT, |index| self.after[index])
    }
}

/// Answers whether the one list is the exact inverse of the other.
pub(super) fn is_inverse(splices: &[Splice], of: &[Splice]) -> bool {
    splices.len() == of.len()
        && splices.iter().zip(of.iter().rev()).all(|(splice, of)| {
            splice.offset == of.offset
                && splice.removed == of.inserted
                && splice.inserted == of.removed
        })
}
