//! Taking a journal's branches apart, and chaining events anew.

use std::path::Path;

use process_core::{Event, Fact, Process, Uid, document::spliced};
use process_engine::Execution;
use serde_json::Value;

use crate::{
    error::Error,
    files::record::{children_of, follow},
    journal::{self, Journal},
};

/// The events from one beginning of a journal on.
pub(super) struct Root {
    /// The lines that come from that beginning.
    lines: Vec<usize>,
    /// Its events, branches brought together.
    events: Vec<Event>,
    pub(super) is_forked: bool,
}

impl Root {
    /// Returns the process that was made there.
    pub(super) fn process(&self) -> Option<&Process> {
        self.events.iter().find_map(|event| making(&event.fact))
    }

    pub(super) fn uid(&self) -> Uid {
        self.process().map_or(Uid::nil(), |process| process.uid)
    }

    /// Returns what people call it.
    pub(super) fn name(&self) -> String {
        let name = self.process().map_or("", |process| process.name.as_str());
        format!("`{name}` (uid {})", self.uid())
    }

    /// Returns its events as they are chained anew, and whether more of its group follows each.
    ///
    /// What has one branch stands as it was written, keys that nobody knows included.
    pub(super) fn values(&self, journal: &Journal) -> Vec<(Value, bool)> {
        if self.is_forked {
            return self.events.iter().map(|event| (event.to_value(), false)).collect();
        }
        let lines = self.lines.iter().map(|index| &journal.lines[*index]);
        lines.map(|line| (line.event.clone(), line.more)).collect()
    }
}

/// Takes apart what begins more than once, in the order in which the processes were made.
///
/// The order depends on the events alone, so that everybody who repairs a copy comes to the same.
pub(super) fn roots_of(journal: &Journal) -> Vec<Root> {
    let events = events_of(journal);
    let children = children_of(&journal.lines);
    let mut roots: Vec<Root> = Vec::new();
    let mut root_of: Vec<usize> = Vec::with_capacity(journal.lines.len());
    for (index, line) in journal.lines.iter().enumerate() {
        let root = line.parent.map_or(roots.len(), |parent| root_of[parent]);
        root_of.push(root);
        if line.parent.is_none() {
            let told = follow(&children, &events, Vec::new(), index, &mut Vec::new());
            roots.push(Root { lines: Vec::new(), events: told, is_forked: false });
        }
        roots[root].lines.push(index);
        roots[root].is_forked |= children[index].len() > 1;
    }
    roots.sort_by_cached_key(|root| {
        let made = root.events.iter().find(|event| making(&event.fact).is_some());
        (made.map(|event| event.at.instant()), root.uid())
    });
    roots
}

/// Returns the states that the single branches of a fork know: each at its end, or at the revision
/// that a file names.
pub(super) fn sides_at(journal: &Journal, revision: Option<u64>) -> Vec<Process> {
    let events = events_of(journal);
    let mut states = Vec::new();
    for side in sides(journal) {
        let known = side.iter().map(|index| &events[*index]);
        let known = known.take_while(|event| revision.is_none_or(|revision| event.seq <= revision));
        states.extend(Execution::replay(known).process().cloned());
    }
    states
}

/// Tells whether the document was this text at any time in a single branch of a fork.
pub(super) fn is_document_of_a_side(text: &str, journal: &Journal) -> bool {
    let events = events_of(journal);
    sides(journal).iter().any(|side| {
        let mut document = String::new();
        side.iter().any(|index| {
            let Fact::DocumentChanged { splices, .. } = &events[*index].fact else { return false };
            document = spliced(&document, splices).unwrap_or_else(|| document.clone());
            document == text
        })
    })
}

/// Returns the lines of each single branch, from its beginning to its end.
fn sides(journal: &Journal) -> Vec<Vec<usize>> {
    let children = children_of(&journal.lines);
    let ends = (0..journal.lines.len()).filter(|index| children[*index].is_empty());
    let side_of = |end: usize| {
        let mut side: Vec<usize> = vec![end];
        while let Some(parent) = side.last().and_then(|index| journal.lines[*index].parent) {
            side.push(parent);
        }
        side.reverse();
        side
    };
    ends.take(SIDES_MAX).map(side_of).collect()
}

/// How many branches a file is held against; who has more looks at the file.
const SIDES_MAX: usize = 16;

/// Returns the events of a fork as they are chained anew: the shared ones stand as they were
/// written, so that a copy that still has them fits on.
pub(super) fn merged(journal: &Journal, events: &[Event]) -> Vec<(Value, bool)> {
    let shared = journal.shared();
    let past = journal.lines[..shared].iter().map(|line| (line.event.clone(), line.more));
    past.chain(events[shared..].iter().map(|event| (event.to_value(), false))).collect()
}

/// Returns the events of the registry's forked journal, ordered by time and numbered anew.
pub(super) fn merged_registry(journal: &Journal) -> Vec<(Value, bool)> {
    let mut order: Vec<usize> = (0..journal.lines.len()).collect();
    order.sort_by_cached_key(|index| instant_of(&journal.lines[*index].event));
    let mut is_shared = true;
    let values = order.into_iter().enumerate().map(|(place, index)| {
        let line = &journal.lines[index];
        is_shared &= place == index && index < journal.shared();
        let mut event = line.event.clone();
        event["seq"] = (place as u64 + 1).into();
        (event, is_shared && line.more)
    });
    values.collect()
}

/// Returns the text of a journal that holds these events.
pub(super) fn text_of(path: &Path, values: &[(Value, bool)]) -> Result<Vec<u8>, Error> {
    journal::chained(path, values).map(String::into_bytes)
}

fn events_of(journal: &Journal) -> Vec<Event> {
    // Whoever comes here has read every event once.
    journal.lines.iter().filter_map(|line| Event::from_value(&line.event).ok()).collect()
}

fn making(fact: &Fact) -> Option<&Process> {
    if let Fact::Created { process, .. } | Fact::Imported { process, .. } = fact {
        Some(process)
    } else {
        None
    }
}

fn instant_of(event: &Value) -> Option<chrono::DateTime<chrono::Utc>> {
    Some(process_core::Timestamp::parse(event["at"].as_str()?)?.instant())
}
