//! Bytes taken as choices.

use std::time::Duration;

/// Bytes taken as choices; when they are used up, every choice is the first.
pub(super) struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// Returns a number below a limit.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    /// Returns one of several.
    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Returns whether one of so many chances comes true; never when the bytes are used up.
    pub(super) fn is_one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == chances - 1
    }

    /// Returns one of several, or `None` when there is none.
    pub(super) fn any<'b, T>(&mut self, of: &'b [T]) -> Option<&'b T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }

    pub(super) fn duration(&mut self) -> Duration {
        Duration::from_secs(self.one(&[0, 0, 1, 10, 60, 3_600, 90_000]))
    }
}
