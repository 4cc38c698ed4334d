//! Chance that is the same every time.

/// Numbers that follow from one number (splitmix64).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Returns the numbers that follow from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns the next number.
    pub fn next_number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below a limit; 0 when the limit is.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next_number() % limit).unwrap_or(0)
    }

    /// Returns a number of milliseconds below a limit.
    pub fn ms(&mut self, limit: i64) -> i64 {
        let limit = u64::try_from(limit.max(1)).unwrap_or(1);
        i64::try_from(self.next_number() % limit).unwrap_or(0)
    }

    /// Returns whether one of so many chances comes true.
    pub fn is_one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    /// Returns one of several, or `None` when there is none.
    pub fn any<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }

    /// Returns one of several texts.
    pub fn text(&mut self, of: &[&'static str]) -> &'static str {
        self.any(of).copied().unwrap_or_default()
    }

    /// Returns another source of numbers that follow from this one.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self::new(self.next_number())
    }
}
