//! How far a document is, as those who build it by talking see it.

use serde::Serialize;

use crate::document::Document;
use crate::location::Location;
use crate::scan::normalized;

/// How far a document is; `process_state` of a message that carries patches.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ProcessState {
    /// The share of sections that have text, from 0 to 100, rounded down.
    pub completion_percentage: u8,
    /// Sections that have text, in the order of the document.
    pub sections_completed: Vec<String>,
    /// Sections without text in the order of the document, then those that are expected and missing.
    pub sections_pending: Vec<String>,
    /// As it was given.
    pub total_patches_applied: u64,
}

impl ProcessState {
    /// Looks at the sections below the title; without a title, at those that nothing stands above.
    ///
    /// `expected` are headings, with or without their level, that the document is to have.
    /// The title is the first heading, if it is higher than all others.
    /// A section has text when a line in it is neither blank nor a heading.
    pub fn of(document: &Document, expected: &[&str], total_patches_applied: u64) -> Self {
        let (mut sections_completed, mut sections_pending) = (Vec::new(), Vec::new());
        for index in sections(document) {
            let text = normalized(document.outline().headings()[index].text(document.text()));
            if has_text(document, index) {
                sections_completed.push(text);
            } else {
                sections_pending.push(text);
            }
        }
        for name in expected {
            let text = plain(name);
            let known = sections_completed.contains(&text) || sections_pending.contains(&text);
            if !known && !text.is_empty() {
                sections_pending.push(text);
            }
        }
        let all = sections_completed.len() + sections_pending.len();
        let share = (sections_completed.len() * 100).checked_div(all).unwrap_or(0);
        Self {
            completion_percentage: u8::try_from(share).unwrap_or(100),
            sections_completed,
            sections_pending,
            total_patches_applied,
        }
    }
}

/// Returns the headings of the sections that are looked at.
fn sections(document: &Document) -> Vec<usize> {
    let headings = document.outline().headings();
    let has_title = headings
        .split_first()
        .is_some_and(|(first, rest)| rest.iter().all(|other| other.level() > first.level()));
    let depth = usize::from(has_title);
    let all = 0..headings.len();
    all.filter(|index| document.outline().ancestors(*index).count() == depth).collect()
}

fn has_text(document: &Document, index: usize) -> bool {
    let headings = document.outline().headings();
    let last = document.outline().after_section(index);
    (index..last).any(|at| {
        let end = document.outline().start_or_end(at + 1, document.text());
        !document.text()[headings[at].end()..end].trim().is_empty()
    })
}

/// Returns the text of a heading that is given with or without its level.
fn plain(name: &str) -> String {
    let parsed = Location::of_segments(&[name]);
    let segment = parsed.ok().and_then(|location| location.segments().first().cloned());
    segment.map(|segment| segment.text).unwrap_or_default()
}
