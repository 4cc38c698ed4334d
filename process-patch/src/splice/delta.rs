//! A change of a text in normal form: what is replaced, in order, with kept text in between.

use std::collections::BTreeSet;

use crate::splice::Splice;
use crate::splice::compose::{self, Misfit};

/// The highest offset of a splice, in bytes: sums of offsets and lengths then stay far from an
/// overflow, on any machine.
pub(super) const OFFSET_MAX: usize = 1 << 30;

/// Replaces `removed` by `inserted` in the text before the change.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Region {
    /// Where, in bytes of the text before the change.
    pub(crate) start: usize,
    pub(crate) removed: String,
    pub(crate) inserted: String,
    /// Whether a line begins there; false where nobody has looked.
    pub(crate) is_line_start: bool,
    /// The entries that had a hand in it, where somebody asked.
    pub(crate) sources: BTreeSet<u64>,
}

impl Region {
    pub(crate) fn end(&self) -> usize {
        self.start + self.removed.len()
    }

    /// Returns by how much it moves the text behind it.
    pub(crate) fn shift(&self) -> isize {
        self.inserted.len().cast_signed() - self.removed.len().cast_signed()
    }
}

/// Regions in ascending order; between any two of them at least one byte is kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Delta {
    pub(crate) regions: Vec<Region>,
}

impl Delta {
    /// Returns the normal form of a list of splices.
    ///
    /// # Errors
    /// When a splice contradicts the text that the ones before it left.
    pub(crate) fn of(splices: &[Splice]) -> Result<Self, Misfit> {
        Self::of_source(splices, None)
    }

    /// Returns the same, with the entry that they are of noted at each region.
    pub(crate) fn of_source(splices: &[Splice], source: Option<u64>) -> Result<Self, Misfit> {
        match splices {
            [] => Ok(Self::default()),
            [splice] if splice.offset > OFFSET_MAX => Err(Misfit),
            [splice] => Ok(Self {
                regions: vec![Region {
                    start: splice.offset,
                    removed: splice.removed.clone(),
                    inserted: splice.inserted.clone(),
                    is_line_start: false,
                    sources: source.into_iter().collect(),
                }],
            }),
            // Halves instead of one after the other: a thousand splices are ten rounds.
            _ => {
                let (first, second) = splices.split_at(splices.len() / 2);
                let first = Self::of_source(first, source)?;
                compose::compose(first, Self::of_source(second, source)?)
            }
        }
    }

    /// Returns the change that makes this one and then the other.
    ///
    /// # Errors
    /// When the other contradicts the text that this one leaves.
    pub(crate) fn then(self, next: Self) -> Result<Self, Misfit> {
        compose::compose(self, next)
    }

    /// Notes where lines begin, in the text that the change is made to.
    pub(crate) fn placed(mut self, text: &str) -> Self {
        for region in &mut self.regions {
            let before = region.start.checked_sub(1).map(|at| text.as_bytes().get(at));
            region.is_line_start = before.is_none_or(|before| before == Some(&b'\n'));
        }
        self
    }

    /// Notes the same from what was noted before.
    pub(crate) fn placed_as(mut self, line_starts: &[bool]) -> Self {
        for (region, is_line_start) in self.regions.iter_mut().zip(line_starts) {
            region.is_line_start = *is_line_start;
        }
        self
    }

    /// Returns the change that takes this one back; lines begin in front of the same regions.
    pub(crate) fn inverse(mut self) -> Self {
        let mut shift = 0;
        for region in &mut self.regions {
            let moved = region.shift();
            region.start = region.start.saturating_add_signed(shift);
            std::mem::swap(&mut region.removed, &mut region.inserted);
            shift += moved;
        }
        self
    }

    /// Leaves out what puts back what it removes.
    pub(crate) fn settled(mut self) -> Self {
        self.regions.retain(|region| region.removed != region.inserted);
        self
    }

    /// Returns the same change as a list of splices, from the front to the back.
    pub(crate) fn into_splices(self) -> Vec<Splice> {
        let mut shift = 0;
        let splices = self.regions.into_iter().map(|region| {
            let offset = region.start.saturating_add_signed(shift);
            shift += region.shift();
            Splice { offset, removed: region.removed, inserted: region.inserted }
        });
        splices.collect()
    }
}
