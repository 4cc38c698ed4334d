//! The entries, the text that they make, and what each of them is at present.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Document;
use crate::error::{ErrorKind, PatchError};
use crate::history::entry::{Entry, EntryKind};
use crate::history::limits::{ENTRIES_MAX, ENTRY_TEXT_BYTES_MAX, TEXT_BYTES_MAX};
use crate::history::states::{self, States};
use crate::splice::{self, Delta, Splice};

/// A document with all that ever happened to it (P20).
#[derive(Clone, Debug)]
pub struct History {
    base: String,
    text: String,
    entries: Vec<Entry>,
    pub(super) states: States,
    /// Of each entry: at which regions of its normal form a line begins.
    line_starts: Vec<Vec<bool>>,
    /// By the number of each `patch` or `set` entry: whether it counts, and who decided so last.
    standing: BTreeMap<u64, Standing>,
    /// The numbers of those that are not undone.
    in_effect: BTreeSet<u64>,
    /// What plain redo takes, from the back.
    pub(super) redoable: Vec<u64>,
    /// The number of the entry that first carried an id.
    seen: BTreeMap<String, u64>,
}

/// What an entry is at present.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Standing {
    pub(super) is_undone: bool,
    /// The index of the entry that made it so: itself, an undo or a redo.
    pub(super) since: usize,
}

impl History {
    /// Returns the history of a document to which nothing has happened.
    pub fn new(base: impl Into<String>) -> Self {
        let base = base.into();
        Self {
            text: base.clone(),
            base,
            entries: Vec::new(),
            states: States::new(),
            line_starts: Vec::new(),
            standing: BTreeMap::new(),
            in_effect: BTreeSet::new(),
            redoable: Vec::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Returns the history that stored entries make of a first text (P20.3).
    ///
    /// # Errors
    /// Those of [`History::append`], for the first entry that does not fit.
    pub fn replay(
        base: impl Into<String>,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, PatchError> {
        let mut history = Self::new(base);
        for entry in entries {
            history.append(entry)?;
        }
        Ok(history)
    }

    /// Takes in what happened: an entry that was decided here, or one that was stored (P20.3).
    ///
    /// # Errors
    /// When it does not follow the last entry, does not fit the text (`stale`), names an entry that
    /// it cannot be of, or passes a limit; nothing has changed then.
    pub fn append(&mut self, entry: Entry) -> Result<(), PatchError> {
        self.check(&entry)?;
        let delta = Delta::of(&entry.splices).unwrap_or_default().placed(&self.text);
        splice::apply_to(&mut self.text, &entry.splices).map_err(|mut error| {
            error.message = format!("entry {}: {}", entry.number, error.message);
            error
        })?;
        if self.text.len() > TEXT_BYTES_MAX {
            let back = splice::invert(&entry.splices);
            splice::apply_to(&mut self.text, &back).expect("it was applied a moment ago");
            return Err(too_large(entry.number));
        }
        self.note(&entry);
        let line_starts = delta.regions.iter().map(|region| region.is_line_start);
        self.line_starts.push(line_starts.collect());
        self.entries.push(entry);
        Ok(())
    }

    /// Returns the document.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the document for patches to be applied to; it knows every id that came before.
    ///
    /// # Errors
    /// `invalid_patch` when the first text was over the limit.
    pub fn document(&self) -> Result<Document, PatchError> {
        let mut document = Document::new(self.text())?;
        self.seen.keys().for_each(|id| document.remember(id));
        Ok(document)
    }

    /// Returns all entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entry of a number.
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.entries.get(index)
    }

    /// Returns the number of the last entry; 0 where there is none.
    pub fn revision(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Answers whether the change of an entry is undone at present; an undo or a redo never is.
    pub fn is_undone(&self, number: u64) -> bool {
        self.standing.get(&number).is_some_and(|standing| standing.is_undone)
    }

    /// Returns the entry that plain undo takes: the newest one that is not undone (P20.5).
    pub fn next_undo(&self) -> Option<u64> {
        self.in_effect.last().copied()
    }

    /// Returns the entry that plain redo takes: the one undone last, unless something else was
    /// changed since (P20.6).
    pub fn next_redo(&self) -> Option<u64> {
        self.redoable.last().copied()
    }

    /// Returns the entry that first carried the id of a batch or of a patch (P20.9).
    pub fn seen(&self, id: &str) -> Option<u64> {
        self.seen.get(id).copied()
    }

    /// Returns the text as an entry left it; revision 0 is the first text (P20.3).
    pub fn text_at(&self, revision: u64) -> Option<String> {
        let revision = usize::try_from(revision).ok().filter(|it| *it <= self.entries.len())?;
        let (done, undone) = self.entries.split_at(revision);
        // From the nearer end.
        let (mut text, splices) = if done.len() < undone.len() {
            let along = done.iter().flat_map(|entry| entry.splices.clone());
            (self.base.clone(), along.collect::<Vec<Splice>>())
        } else {
            let back = undone.iter().rev().flat_map(|entry| splice::invert(&entry.splices));
            (self.text.clone(), back.collect())
        };
        splice::apply_to(&mut text, &splices).expect("each entry was applied when it came");
        Some(text)
    }

    /// Returns the newest revision whose text is what somebody looks for, such as one with a hash.
    ///
    /// It goes back from the present text, one entry after the other.
    pub fn find_revision(&self, mut is_it: impl FnMut(&str) -> bool) -> Option<u64> {
        let mut text = self.text.clone();
        for entry in self.entries.iter().rev() {
            if is_it(&text) {
                return Some(entry.number);
            }
            let back = splice::invert(&entry.splices);
            splice::apply_to(&mut text, &back).expect("each entry was applied when it came");
        }
        is_it(&text).then_some(0)
    }

    /// Returns at which regions of the normal form of an entry a line begins.
    pub(super) fn line_starts(&self, index: usize) -> &[bool] {
        &self.line_starts[index]
    }

    pub(super) fn standing(&self, number: u64) -> Option<Standing> {
        self.standing.get(&number).copied()
    }

    fn check(&self, entry: &Entry) -> Result<(), PatchError> {
        let number = entry.number;
        let next = self.revision() + 1;
        if number != next {
            return Err(PatchError::invalid(format!(
                "entry {number} does not follow: the next one is {next}"
            )));
        }
        if self.entries.len() >= ENTRIES_MAX {
            return Err(PatchError::invalid(format!(
                "the history is full: it holds {ENTRIES_MAX} entries"
            )));
        }
        if entry.id.is_empty() {
            return Err(PatchError::invalid(format!("entry {number} has no id")));
        }
        let texts = [Some(&entry.id), Some(&entry.at), Some(&entry.by), entry.note.as_ref()];
        let texts = texts.into_iter().flatten().chain(&entry.patch_ids);
        if texts.map(String::len).sum::<usize>() > ENTRY_TEXT_BYTES_MAX {
            let message = format!("entry {number}: its id, note and names are too long");
            return Err(PatchError::invalid(format!(
                "{message}: more than {ENTRY_TEXT_BYTES_MAX} bytes"
            )));
        }
        match (entry.kind, entry.of) {
            (EntryKind::Patch | EntryKind::Set, None) => Ok(()),
            (EntryKind::Undo | EntryKind::Redo, Some(of)) => {
                let is_undo = entry.kind == EntryKind::Undo;
                match self.standing(of) {
                    Some(standing) if standing.is_undone != is_undo => Ok(()),
                    _ => {
                        Err(PatchError::invalid(format!("entry {number} cannot be of entry {of}")))
                    }
                }
            }
            (EntryKind::Patch | EntryKind::Set, Some(_)) => Err(PatchError::invalid(format!(
                "entry {number} is of no other one, but names one"
            ))),
            (EntryKind::Undo | EntryKind::Redo, None) => Err(PatchError::invalid(format!(
                "entry {number} does not name the entry that it is of"
            ))),
        }
    }

    fn note(&mut self, entry: &Entry) {
        let index = self.entries.len();
        let since = entry.of.and_then(|of| self.standing(of)).map(|standing| standing.since);
        let reverses =
            since.filter(|since| states::is_inverse(&entry.splices, &self.entries[*since].splices));
        self.states.push(reverses);
        let of = entry.of.unwrap_or(entry.number);
        let is_undone = entry.kind == EntryKind::Undo;
        self.standing.insert(of, Standing { is_undone, since: index });
        match entry.kind {
            EntryKind::Patch | EntryKind::Set => self.redoable.clear(),
            EntryKind::Redo if self.redoable.last() == Some(&of) => {
                self.redoable.pop();
            }
            EntryKind::Redo => self.redoable.retain(|number| *number != of),
            EntryKind::Undo => self.redoable.push(of),
        }
        if is_undone {
            self.in_effect.remove(&of);
        } else {
            self.in_effect.insert(of);
        }
        for id in entry.patch_ids.iter().chain([&entry.id]) {
            self.seen.entry(id.clone()).or_insert(entry.number);
        }
    }
}

fn too_large(number: u64) -> PatchError {
    let message = format!("entry {number}: the document grows over {TEXT_BYTES_MAX} bytes");
    PatchError::new(ErrorKind::InvalidPatch, message)
}
