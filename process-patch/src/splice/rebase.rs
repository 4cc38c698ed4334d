//! Carries a change over another one that was made to the same text.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::excerpt::excerpt;
use crate::splice::delta::{Delta, Region};

/// How many overlaps are shown.
const SHOWN_MAX: usize = 20;

/// Where two changes are in each other's way.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Overlaps {
    /// The first places, for programs: what each side does there.
    pub(crate) shown: Vec<Value>,
    /// The place of the first one, in bytes of the text that both were made for.
    pub(crate) first: Option<usize>,
    /// The entries that stand in the way, where they are known.
    pub(crate) sources: BTreeSet<u64>,
}

/// Returns the change for the text that the other one leaves.
///
/// # Errors
/// When the two overlap: where they do.
pub(crate) fn rebase(change: &Delta, over: &Delta) -> Result<Delta, Overlaps> {
    let mut regions = Vec::with_capacity(change.regions.len());
    let mut overlaps = Overlaps::default();
    let mut noted = None;
    let mut shift = 0;
    let mut behind = 0;
    for region in &change.regions {
        let mut is_line_start = region.is_line_start;
        for (index, theirs) in over.regions.iter().enumerate().skip(behind) {
            match order(theirs.span(), region.span()) {
                Some(Ordering::Less) => {
                    shift += theirs.shift();
                    behind = index + 1;
                    is_line_start |= theirs.end() == region.start;
                }
                Some(_) => break,
                None => {
                    overlaps.note(region, theirs);
                    if noted.replace(index) != Some(index) {
                        overlaps.sources.extend(&theirs.sources);
                    }
                }
            }
        }
        let start = region.start.saturating_add_signed(shift);
        if overlaps.first.is_none() {
            regions.push(Region { start, is_line_start, ..region.clone() });
        }
    }
    if overlaps.first.is_none() { Ok(Delta { regions }) } else { Err(overlaps) }
}

impl Overlaps {
    fn note(&mut self, ours: &Region, theirs: &Region) {
        self.first.get_or_insert(ours.start);
        if self.shown.len() < SHOWN_MAX {
            let side = |region: &Region| {
                json!({
                    "offset": region.start,
                    "removed": excerpt(&region.removed),
                    "inserted": excerpt(&region.inserted),
                })
            };
            self.shown.push(json!({ "ours": side(ours), "theirs": side(theirs) }));
        }
    }
}

/// Carries a change over one splice of the same text, in place; answers whether they are in order.
///
/// When they are not, the change is of no use any more.
pub(crate) fn carry(change: &mut Delta, over: Span<'_>) -> bool {
    if over.removed == over.inserted {
        return true;
    }
    let shift = over.inserted.len().cast_signed() - over.removed.len().cast_signed();
    change.regions.iter_mut().all(|region| match order(over, region.span()) {
        Some(Ordering::Less) => {
            // A clear edge is the end of a line.
            region.is_line_start |= over.end() == region.start;
            region.start = region.start.saturating_add_signed(shift);
            true
        }
        Some(_) => true,
        None => false,
    })
}

/// What is replaced by what, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'a> {
    pub(crate) start: usize,
    pub(crate) removed: &'a str,
    pub(crate) inserted: &'a str,
    pub(crate) is_line_start: bool,
}

impl Span<'_> {
    fn end(&self) -> usize {
        self.start + self.removed.len()
    }
}

impl Region {
    fn span(&self) -> Span<'_> {
        Span {
            start: self.start,
            removed: &self.removed,
            inserted: &self.inserted,
            is_line_start: self.is_line_start,
        }
    }
}

/// Returns which of two places of one text comes first; nothing when they overlap.
///
/// Two that only touch are in order when one ends where the other begins, but for two insertions
/// at one place, and when the edge is one between lines that nothing hangs over.
fn order(left: Span<'_>, right: Span<'_>) -> Option<Ordering> {
    if left.end() < right.start {
        return Some(Ordering::Less);
    }
    if right.end() < left.start {
        return Some(Ordering::Greater);
    }
    let is_before = left.end() <= right.start;
    let is_behind = right.end() <= left.start;
    match (is_before, is_behind) {
        (true, false) if is_clear_edge(left, right) => Some(Ordering::Less),
        (false, true) if is_clear_edge(right, left) => Some(Ordering::Greater),
        _ => None,
    }
}

/// Answers whether what happens in front of an edge says nothing about what stands behind it.
fn is_clear_edge(front: Span<'_>, back: Span<'_>) -> bool {
    let ends_line = |text: &str| match text {
        "" => front.is_line_start,
        text => text.ends_with('\n'),
    };
    let is_indented = |text: &str| text.starts_with([' ', '\t']);
    [front.removed, front.inserted].into_iter().all(|text| ends_line(text) && !governs(text))
        && ![back.removed, back.inserted].into_iter().any(is_indented)
}

/// Answers whether a text may decide what the text behind it belongs to: a heading, a fence, HTML.
///
/// Rather too often than too seldom: then there is a conflict, and nothing goes astray.
fn governs(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        let is_underline = |mark| !line.is_empty() && line.chars().all(|each| each == mark);
        line.starts_with(['#', '<'])
            || line.starts_with("```")
            || line.starts_with("~~~")
            || is_underline('=')
            || is_underline('-')
    })
}
