//! What happened, in lines: the last ones for people, all of them as a hash.

use std::collections::VecDeque;

/// How many lines are kept for people.
const LINES_MAX: usize = 30;

/// What happened so far.
#[derive(Debug)]
pub(super) struct Trace {
    hasher: blake3::Hasher,
    last: VecDeque<String>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { hasher: blake3::Hasher::new(), last: VecDeque::new() }
    }

    pub(super) fn line(&mut self, line: String) {
        self.hasher.update(line.as_bytes());
        self.hasher.update(b"\n");
        if self.last.len() == LINES_MAX {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    pub(super) fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }
}
