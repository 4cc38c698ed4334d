//! What a change would be as an entry; nothing happens here.

use std::collections::BTreeSet;

use serde_json::{Map, json};

use crate::error::{ErrorKind, PatchError};
use crate::history::entry::{Entry, EntryKind};
use crate::history::journal::History;
use crate::splice::{self, Splice};

/// What the caller says about a change: pure code makes no ids and reads no clock.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stamp {
    /// The id of the batch, or one that was made for this change.
    pub id: String,
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What for.
    pub note: Option<String>,
}

/// What comes of a change that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// It was made before, by the entry of this number; that is a success.
    AlreadyApplied(u64),
    /// It would be this entry, to be stored and given to [`History::append`].
    Append(Box<Entry>),
}

impl History {
    /// Decides a batch of patches that was made for the present text (P20.4, P20.9).
    ///
    /// `patch_ids` are those of the patches that `splices` come from, without those passed over.
    ///
    /// # Errors
    /// `stale` when the splices do not fit the text; `conflict` when some of the ids came before, but
    /// neither that of the batch nor all of the others.
    pub fn patch(
        &self,
        stamp: Stamp,
        patch_ids: Vec<String>,
        splices: Vec<Splice>,
    ) -> Result<Decided, PatchError> {
        if let Some(number) = self.seen(&stamp.id) {
            return Ok(Decided::AlreadyApplied(number));
        }
        let seen: Vec<u64> = patch_ids.iter().filter_map(|id| self.seen(id)).collect();
        match seen.iter().max() {
            Some(number) if seen.len() == patch_ids.len() => {
                return Ok(Decided::AlreadyApplied(*number));
            }
            Some(number) => {
                let message = format!("part of the batch was applied before, by entry {number}");
                let error = PatchError::new(ErrorKind::Conflict, message);
                let details = json!({ "entries": BTreeSet::from_iter(seen) });
                return Err(error.hint("send the other patches alone").with_details(details));
            }
            None => {}
        }
        splice::check(self.text(), &splices)?;
        let mut entry = self.entry_of(stamp, EntryKind::Patch, None, splices);
        entry.patch_ids = patch_ids;
        Ok(Decided::Append(Box::new(entry)))
    }

    /// Decides the whole text anew; what stays at its beginning and end counts as kept (P20.4).
    pub fn set(&self, stamp: Stamp, text: &str) -> Decided {
        if let Some(number) = self.seen(&stamp.id) {
            return Decided::AlreadyApplied(number);
        }
        let splices = Vec::from_iter(difference(self.text(), text));
        Decided::Append(Box::new(self.entry_of(stamp, EntryKind::Set, None, splices)))
    }

    /// Decides the undo of the newest entry that is not undone (P20.5).
    ///
    /// # Errors
    /// `conflict` when there is none, and those of [`History::undo_entry`].
    pub fn undo(&self, stamp: Stamp) -> Result<Entry, PatchError> {
        let nothing = || PatchError::new(ErrorKind::Conflict, "there is nothing to undo");
        self.undo_entry(stamp, self.next_undo().ok_or_else(nothing)?)
    }

    /// Decides the undo of any entry: its inverse, carried over all that came later (P20.5).
    ///
    /// # Errors
    /// `conflict` when later entries overlap, with their numbers in `details.later`, or when it is
    /// undone; `invalid_patch` when there is no such entry, or it is an undo or a redo.
    pub fn undo_entry(&self, stamp: Stamp, number: u64) -> Result<Entry, PatchError> {
        self.turn(stamp, number, EntryKind::Undo)
    }

    /// Decides the redo of the entry that was undone last (P20.6).
    ///
    /// # Errors
    /// `conflict` when there is none, and those of [`History::redo_entry`].
    pub fn redo(&self, stamp: Stamp) -> Result<Entry, PatchError> {
        let nothing = || {
            let error = PatchError::new(ErrorKind::Conflict, "there is nothing to redo");
            let undone = self.entries().iter().rev().find(|entry| self.is_undone(entry.number));
            match undone {
                Some(entry) => error.hint(format!("name the entry, such as {}", entry.number)),
                None => error,
            }
        };
        self.redo_entry(stamp, self.next_redo().ok_or_else(nothing)?)
    }

    /// Decides the redo of any entry that is undone, carried over all that came later (P20.6).
    ///
    /// # Errors
    /// As those of [`History::undo_entry`].
    pub fn redo_entry(&self, stamp: Stamp, number: u64) -> Result<Entry, PatchError> {
        self.turn(stamp, number, EntryKind::Redo)
    }

    /// Undoes or redoes an entry: the inverse of what made it what it is.
    fn turn(&self, stamp: Stamp, number: u64, kind: EntryKind) -> Result<Entry, PatchError> {
        if let Some(first) = self.seen(&stamp.id) {
            let message = format!("the id `{}` is the one of entry {first}", stamp.id);
            return Err(PatchError::invalid(message).hint("give each change an id of its own"));
        }
        let Some(standing) = self.standing(number) else {
            return Err(self.unfit(number));
        };
        let (is_undo, verb) = match kind {
            EntryKind::Undo => (true, "undone"),
            EntryKind::Patch | EntryKind::Redo | EntryKind::Set => (false, "in effect"),
        };
        if standing.is_undone == is_undo {
            let message = format!("entry {number} is {verb}");
            return Err(PatchError::new(ErrorKind::Conflict, message));
        }
        let splices = if self.states.is_head(standing.since) {
            splice::invert(&self.entries()[standing.since].splices)
        } else {
            self.past_later(number, standing.since)?
        };
        Ok(self.entry_of(stamp, kind, Some(number), splices))
    }

    fn unfit(&self, number: u64) -> PatchError {
        match self.entry(number) {
            Some(Entry { of: Some(of), kind, .. }) => {
                let (what, advice) = match kind {
                    EntryKind::Undo => ("an undo", "redo"),
                    EntryKind::Patch | EntryKind::Redo | EntryKind::Set => ("a redo", "undo"),
                };
                let message = format!("entry {number} is {what} of entry {of}");
                PatchError::invalid(message).hint(format!("{advice} entry {of}"))
            }
            _ => {
                let last = self.revision();
                PatchError::invalid(format!("there is no entry {number}: the last one is {last}"))
            }
        }
    }

    fn entry_of(
        &self,
        stamp: Stamp,
        kind: EntryKind,
        of: Option<u64>,
        splices: Vec<Splice>,
    ) -> Entry {
        let Stamp { id, at, by, note } = stamp;
        Entry {
            number: self.revision() + 1,
            id,
            at,
            by,
            note,
            kind,
            of,
            patch_ids: Vec::new(),
            splices,
            hash_before: None,
            hash_after: None,
            more: Map::new(),
        }
    }
}

/// Returns what differs between two texts, by whole lines; nothing where they are equal.
fn difference(before: &str, after: &str) -> Option<Splice> {
    if before == after {
        return None;
    }
    let front: usize = before
        .split_inclusive('\n')
        .zip(after.split_inclusive('\n'))
        .take_while(|(before, after)| before == after)
        .map(|(line, _)| line.len())
        .sum();
    let (before_rest, after_rest) = (&before[front..], &after[front..]);
    let back: usize = before_rest
        .split_inclusive('\n')
        .rev()
        .zip(after_rest.split_inclusive('\n').rev())
        .take_while(|(before, after)| before == after)
        .map(|(line, _)| line.len())
        .sum();
    Some(Splice {
        offset: front,
        removed: before_rest[..before_rest.len() - back].to_owned(),
        inserted: after_rest[..after_rest.len() - back].to_owned(),
    })
}
