//! What changed in a decision: only that is looked at again.

use std::collections::BTreeSet;

/// What changed in a decision.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) everything: bool,
    pub(super) steps: Places,
    pub(super) groups: BTreeSet<(usize, u32)>,
    pub(super) messages: BTreeSet<String>,
    pub(super) is_process: bool,
}

/// Places of steps, in file order, each once: most often one or two, so a list that keeps its room.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<usize>);

impl Places {
    pub(super) fn insert(&mut self, step: usize) {
        if let Err(place) = self.0.binary_search(&step) {
            self.0.insert(place, step);
        }
    }

    pub(super) fn insert_all(&mut self, steps: impl IntoIterator<Item = usize>) {
        self.0.extend(steps);
        self.0.sort_unstable();
        self.0.dedup();
    }

    pub(super) fn contains(&self, step: usize) -> bool {
        self.0.binary_search(&step).is_ok()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn as_slice(&self) -> &[usize] {
        &self.0
    }
}
