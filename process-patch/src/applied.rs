//! What came of patches.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Value, json};

use crate::document::Edited;
use crate::error::PatchError;
use crate::inverse::Inverse;
use crate::limits::MATCHES_MAX;
use crate::lines;
use crate::splice::Splice;

/// What came of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// What was done to the text, in order; each on the text that the one before left.
    pub splices: Vec<Splice>,
    /// The SHA-256 before, if it was asked for.
    pub hash_before: Option<String>,
    /// The SHA-256 after, if it was asked for.
    pub hash_after: Option<String>,
    /// Whether an id was seen before, that of the batch or of a patch, so that it was passed over.
    pub already_applied: bool,
    /// What came of each patch.
    pub outcomes: Vec<Outcome>,
}

/// What came of one patch.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Whether it was applied.
    pub status: Status,
    /// Its splices, by their places in [`Applied::splices`].
    pub splices: Range<usize>,
    /// What was found, when the text to find had to be relaxed.
    pub matched_with: Option<MatchedWith>,
    /// What whoever wrote the patch should know.
    pub warnings: Vec<String>,
}

/// Whether a patch was applied.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// It changed the document.
    Applied,
    /// It was applied earlier, as its id says.
    AlreadyApplied,
    /// It was refused, and changed nothing.
    Refused(Box<PatchError>),
    /// The document was already as it asks for.
    Unchanged,
}

/// The text that a relaxed search found.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct MatchedWith {
    /// The level of relaxation that found it, from 1 to 3.
    pub level: u8,
    /// The text as it stood in the document.
    pub text: String,
}

/// Lines of the document after, from 1, both included.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct LineRange {
    /// The first line.
    pub start: usize,
    /// The last line; the one behind a removal when nothing came in its place.
    pub end: usize,
}

impl Applied {
    pub(crate) fn new(hash_before: Option<String>) -> Self {
        Self { hash_before, ..Self::default() }
    }

    /// Returns what whoever wrote the patches should know, of all of them.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.outcomes.iter().flat_map(|outcome| outcome.warnings.iter().cloned()).collect()
    }

    pub(crate) fn already(hash: Option<String>, patches: usize) -> Self {
        let outcome = Outcome::new(Status::AlreadyApplied, 0..0);
        Self {
            hash_before: hash.clone(),
            hash_after: hash,
            already_applied: true,
            outcomes: vec![outcome; patches],
            ..Self::default()
        }
    }

    /// Takes in what one patch did.
    pub(crate) fn take(&mut self, edited: Edited) {
        let from = self.splices.len();
        let status = if edited.splice.is_some() { Status::Applied } else { Status::Unchanged };
        self.splices.extend(edited.splice);
        let mut outcome = Outcome::new(status, from..self.splices.len());
        outcome.matched_with = edited.matched_with;
        outcome.warnings = edited.warnings;
        self.outcomes.push(outcome);
    }

    /// Takes note of a patch that was refused.
    pub(crate) fn refuse(&mut self, mut error: PatchError) {
        let is_refused = |outcome: &&Outcome| matches!(outcome.status, Status::Refused(_));
        if self.outcomes.iter().filter(is_refused).count() >= MATCHES_MAX
            && let Some(details) = error.details.as_object_mut()
        {
            // The sections of thousands of refusals would be more than the document.
            details.remove("text");
        }
        let count = self.splices.len();
        self.outcomes.push(Outcome::new(Status::Refused(Box::new(error)), count..count));
    }

    /// Returns the way back, if the hashes were asked for.
    pub fn inverse(&self) -> Option<Inverse> {
        let base_hash = self.hash_after.clone()?;
        Some(Inverse {
            base_hash,
            splices: self.splices.iter().rev().map(Splice::inverse).collect(),
        })
    }

    /// Returns the lines that were changed; `text` is the document right after.
    pub fn changed(&self, text: &str) -> Vec<LineRange> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for splice in &self.splices {
            let end = splice.offset + splice.removed.len();
            let moved = |place: usize| {
                if place <= splice.offset {
                    place
                } else if place >= end {
                    place - splice.removed.len() + splice.inserted.len()
                } else {
                    splice.offset
                }
            };
            for range in &mut ranges {
                *range = moved(range.start)..moved(range.end).max(moved(range.start));
            }
            ranges.push(splice.offset..splice.offset + splice.inserted.len());
        }
        ranges.sort_by_key(|range| (range.start, range.end));
        line_ranges(text, &ranges)
    }

    /// Returns the outcome as the data that `procside patch --json` prints, without the document.
    pub fn to_json(&self, text: &str) -> Value {
        let matched: Vec<Value> = self
            .outcomes
            .iter()
            .enumerate()
            .filter_map(|(index, outcome)| {
                let found = outcome.matched_with.as_ref()?;
                Some(json!({ "index": index, "level": found.level, "text": found.text }))
            })
            .collect();
        let warnings: Vec<Value> = self
            .outcomes
            .iter()
            .enumerate()
            .flat_map(|(index, outcome)| {
                let told = outcome.warnings.iter();
                told.map(move |message| json!({ "index": index, "message": message }))
            })
            .collect();
        json!({
            "splices": self.splices,
            "hash_before": self.hash_before,
            "hash_after": self.hash_after,
            "already_applied": self.already_applied,
            "changed": self.changed(text),
            "patches": self.outcomes.iter().map(Outcome::to_json).collect::<Vec<_>>(),
            "matched_with": matched,
            "warnings": warnings,
        })
    }
}

impl Outcome {
    pub(crate) fn new(status: Status, splices: Range<usize>) -> Self {
        Self { status, splices, matched_with: None, warnings: Vec::new() }
    }

    fn to_json(&self) -> Value {
        match &self.status {
            Status::Refused(error) => json!({ "status": "refused", "error": error.to_json() }),
            status => json!({ "status": status.as_str() }),
        }
    }
}

impl Status {
    /// Returns the word of the format; that of a refusal is its kind.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::AlreadyApplied => "already_applied",
            Self::Refused(error) => error.kind.as_str(),
            Self::Unchanged => "unchanged",
        }
    }
}

/// Turns ranges of bytes, in order, into ranges of lines; those that meet become one.
fn line_ranges(text: &str, ranges: &[Range<usize>]) -> Vec<LineRange> {
    let mut found: Vec<LineRange> = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for range in ranges {
        let from = lines::start(text, range.start.min(text.len()));
        if from > counted {
            line += lines::count(&text[counted..from]);
            counted = from;
        }
        // What was removed at the end of the text is told of its last line.
        let behind_all = counted == text.len() && counted > 0;
        let start = if behind_all { line - 1 } else { line };
        let inside = text.get(counted..range.end.max(counted)).unwrap_or_default();
        let ended = usize::from(inside.ends_with(['\n', '\r']));
        let end = start.max(line + lines::count(inside) - ended - usize::from(behind_all));
        match found.last_mut() {
            Some(last) if last.end + 1 >= start => last.end = last.end.max(end),
            _ => found.push(LineRange { start, end }),
        }
    }
    found
}
