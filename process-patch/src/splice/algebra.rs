//! What can be computed with lists of splices: application, inverse, sum, and a way past others.

use serde_json::json;

use crate::error::{ErrorKind, PatchError};
use crate::excerpt::excerpt;
use crate::splice::delta::{Delta, OFFSET_MAX};
use crate::splice::rebase::{self, Overlaps};
use crate::splice::{Misfit, Splice};

/// Up to so many splices are applied one after the other; more are made one change first, because
/// each one moves all of the text behind it.
const ONE_BY_ONE_MAX: usize = 4;

/// Returns the text after a list of splices (P21.1).
///
/// # Errors
/// `stale` when the text that a splice removes does not stand at its offset.
pub fn apply(text: &str, splices: &[Splice]) -> Result<String, PatchError> {
    let mut result = text.to_owned();
    apply_to(&mut result, splices)?;
    Ok(result)
}

/// Applies a list of splices to a text, all of them or none (P21.1).
///
/// # Errors
/// `stale` when the text that a splice removes does not stand at its offset; the text is then as
/// it was.
pub fn apply_to(text: &mut String, splices: &[Splice]) -> Result<(), PatchError> {
    if splices.len() > ONE_BY_ONE_MAX
        && let Ok(delta) = Delta::of(splices)
        && let Some(result) = applied(text, &delta)
    {
        *text = result;
        return Ok(());
    }
    one_by_one(text, splices)
}

/// Answers nothing when a list of splices fits a text, without a copy of the text.
///
/// # Errors
/// `stale` when the text that a splice removes does not stand at its offset.
pub fn check(text: &str, splices: &[Splice]) -> Result<(), PatchError> {
    let fits = |delta: Delta| {
        delta
            .regions
            .iter()
            .all(|region| text.get(region.start..region.end()) == Some(&*region.removed))
    };
    match Delta::of(splices).is_ok_and(fits) {
        true => Ok(()),
        false => apply(text, splices).map(drop),
    }
}

/// Returns the list that takes a list back, byte for byte (P21.2).
pub fn invert(splices: &[Splice]) -> Vec<Splice> {
    splices.iter().rev().map(Splice::inverse).collect()
}

/// Returns the list that does what `first` does and then what `second` does, in normal form
/// (P21.3).
///
/// The normal form goes from the front to the back, with kept text between any two splices, and
/// without splices that change nothing.
///
/// # Errors
/// `stale` when the splices contradict each other: one removes what another did not leave there.
pub fn compose(first: &[Splice], second: &[Splice]) -> Result<Vec<Splice>, PatchError> {
    let sum = Delta::of(first).and_then(|first| first.then(Delta::of(second)?));
    Ok(sum.map_err(contradictory)?.settled().into_splices())
}

/// Returns a list for the text that `over` leaves, where both were made for `text` (P21.4).
///
/// # Errors
/// `conflict` when they overlap, with the places in `details.overlaps`; `stale` when one of them does
/// not fit the text.
pub fn rebase(text: &str, splices: &[Splice], over: &[Splice]) -> Result<Vec<Splice>, PatchError> {
    check(text, splices)?;
    check(text, over)?;
    let change = Delta::of(splices).map_err(contradictory)?.placed(text).settled();
    let over = Delta::of(over).map_err(contradictory)?.placed(text).settled();
    let rebased = rebase::rebase(&change, &over).map_err(conflict)?;
    Ok(rebased.into_splices())
}

impl Delta {
    /// Returns this change for the text that the other one leaves.
    ///
    /// # Errors
    /// When the two overlap: where they do.
    pub(crate) fn rebased(&self, over: &Self) -> Result<Self, Overlaps> {
        rebase::rebase(self, over)
    }
}

/// Returns the text after a change, if it fits.
fn applied(text: &str, delta: &Delta) -> Option<String> {
    let growth: isize = delta.regions.iter().map(|region| region.shift()).sum();
    let mut result = String::with_capacity(text.len().saturating_add_signed(growth));
    let mut done = 0;
    for region in &delta.regions {
        if text.get(region.start..region.end())? != region.removed {
            return None;
        }
        result.push_str(&text[done..region.start]);
        result.push_str(&region.inserted);
        done = region.end();
    }
    result.push_str(&text[done..]);
    Some(result)
}

fn one_by_one(text: &mut String, splices: &[Splice]) -> Result<(), PatchError> {
    for (number, splice) in splices.iter().enumerate() {
        if replace(text, splice).is_some() {
            continue;
        }
        let error = stale(text, number, splice);
        for done in splices[..number].iter().rev() {
            replace(text, &done.inverse()).expect("it was applied a moment ago");
        }
        return Err(error);
    }
    Ok(())
}

fn replace(text: &mut String, splice: &Splice) -> Option<()> {
    if splice.offset > OFFSET_MAX {
        return None;
    }
    let range = splice.offset..splice.offset + splice.removed.len();
    (text.get(range.clone())? == splice.removed)
        .then(|| text.replace_range(range, &splice.inserted))
}

fn stale(text: &str, number: usize, splice: &Splice) -> PatchError {
    let mut start = splice.offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut end = start.saturating_add(splice.removed.len()).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let message = format!(
        "the text at byte {} (line {line}) is not the one that splice {number} removes",
        splice.offset
    );
    let mut error = PatchError::new(ErrorKind::Stale, message)
        .hint("take the document that the change was made for")
        .with_details(json!({
            "splice": number,
            "offset": splice.offset,
            "expected": excerpt(&splice.removed),
            "found": excerpt(&text[start..end]),
        }));
    error.line = Some(line);
    error
}

fn contradictory(_: Misfit) -> PatchError {
    let message = "the splices contradict each other: one removes what another did not leave";
    PatchError::new(ErrorKind::Stale, message)
}

fn conflict(overlaps: Overlaps) -> PatchError {
    let first = overlaps.first.unwrap_or_default();
    let message = format!("another change stands in the way at byte {first}");
    PatchError::new(ErrorKind::Conflict, message)
        .with_details(json!({ "overlaps": overlaps.shown }))
}
