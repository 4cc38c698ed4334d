//! Taking entries back and making them anew: of the document, and of the process itself.

use std::collections::{BTreeMap, BTreeSet};

use process_core::{
    Event, Fact, Process, ProcessId,
    difference::{difference, rebase},
    document::{Entry, EntryKind},
};
use process_engine::{EntryReason, Execution, Input};
use process_patch::{
    history::{self, History, Stamp},
    structured,
};
use serde_json::{Value, json};

use crate::{
    document::{core_splice, patch_splice},
    document_difference::unified,
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// The entries of a process, oldest first.
#[derive(Clone, Debug)]
pub struct Patches {
    /// The process.
    pub process: ProcessId,
    /// Its entries.
    pub entries: Vec<EntryLine>,
    /// What could not be taken as it is, for people.
    pub notices: Vec<String>,
}

/// An entry as it is listed.
#[derive(Clone, Debug)]
pub struct EntryLine {
    /// The entry.
    pub entry: Entry,
    /// When it was made.
    pub at: String,
    /// Who made it.
    pub by: String,
    /// Whether it changed the document, or else the process.
    pub is_of_document: bool,
    /// Whether it is taken back at present.
    pub is_undone: bool,
}

/// What taking an entry back, or making it anew, did.
#[derive(Clone, Debug)]
pub struct Turned {
    /// The number of the new entry.
    pub entry: Option<u64>,
    /// The entry that was taken back, or made anew.
    pub of: u64,
    /// The document before and after, when the entry was of it.
    pub text: Option<(String, String)>,
    /// The process behind it.
    pub changed: Changed,
}

/// The entries of a process, and what undo and redo take next.
#[derive(Default)]
struct Ledger<'a> {
    events: Vec<(&'a Event, &'a Entry)>,
    /// The place of each entry in that list.
    places: BTreeMap<u64, usize>,
    /// Entries that are in effect, the one that was made so last at the end.
    in_effect: Vec<u64>,
    /// Entries that were taken back since something else was made, the last one at the end.
    redoable: Vec<u64>,
}

impl Procside {
    /// Lists the entries of a process: what changed its document or itself by patches.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn patches(&self, id: Option<ProcessId>) -> Result<Patches, Error> {
        let log = self.log(id)?;
        let ledger = Ledger::of(&log.events);
        let in_effect: BTreeSet<u64> = ledger.in_effect.iter().copied().collect();
        let entries = ledger.events.iter().map(|(event, entry)| EntryLine {
            entry: (*entry).clone(),
            at: event.at.to_string(),
            by: event.by.clone(),
            is_of_document: matches!(event.fact, Fact::DocumentChanged { .. }),
            is_undone: entry.of.is_none() && !in_effect.contains(&entry.number),
        });
        Ok(Patches { process: log.process, entries: entries.collect(), notices: log.notices })
    }

    /// Takes an entry back: the newest one that is in effect, or this one.
    ///
    /// # Errors
    /// `Conflict` when there is nothing to take back, and with `later` in its details when later
    /// entries changed the same place; `NotFound` for an entry that is not there.
    pub fn undo(&self, id: Option<ProcessId>, number: Option<u64>) -> Result<Turned, Error> {
        self.turn(id, number, EntryKind::Undo)
    }

    /// Makes an entry anew that was taken back: the last one, or this one.
    ///
    /// # Errors
    /// As [`Procside::undo`].
    pub fn redo(&self, id: Option<ProcessId>, number: Option<u64>) -> Result<Turned, Error> {
        self.turn(id, number, EntryKind::Redo)
    }

    fn turn(
        &self,
        id: Option<ProcessId>,
        number: Option<u64>,
        kind: EntryKind,
    ) -> Result<Turned, Error> {
        self.again(|| {
            let (mut change, mut record, known) = self.begin_entry(id)?;
            let events = self.place.events(&record, 0)?;
            // A dry run has taken a hand edit in that nobody stored.
            let events =
                if events.len() < record.events.len() { record.events.clone() } else { events };
            let ledger = Ledger::of(&events);
            let of = ledger.chosen(number, kind)?;
            let reason = EntryReason { kind, of: Some(of), ids: Vec::new(), note: None };
            let before = record.execution.document().unwrap_or_default().to_owned();
            let is_of_document = ledger.events.iter().any(|(event, entry)| {
                entry.number == of && matches!(event.fact, Fact::DocumentChanged { .. })
            });
            let input = if is_of_document {
                let splices = ledger.document_turn(of, kind)?;
                Input::ChangeDocument { reason, splices }
            } else {
                let patch = ledger.process_turn(&events, of, kind, record.process()?)?;
                Input::PatchProcess { reason, patch }
            };
            self.commit(&mut change, &mut record, vec![input])?;
            let after = record.execution.document().unwrap_or_default().to_owned();
            let entry = (record.events.len() > known).then(|| record.execution.entry_last());
            let text = is_of_document.then_some((before, after));
            Ok(Turned { entry, of, text, changed: Changed::end(change, &record, known)? })
        })
    }
}

impl<'a> Ledger<'a> {
    fn of(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut ledger = Self::default();
        for event in events {
            let entry = match &event.fact {
                Fact::DocumentChanged { entry, .. } | Fact::ProcessPatched { entry, .. } => entry,
                _ => continue,
            };
            ledger.places.entry(entry.number).or_insert(ledger.events.len());
            ledger.events.push((event, entry));
            let of = entry.of.unwrap_or(entry.number);
            match entry.kind {
                EntryKind::Patch | EntryKind::Restore | EntryKind::Set => {
                    ledger.in_effect.push(entry.number);
                    ledger.redoable.clear();
                }
                EntryKind::Redo => {
                    ledger.redoable.retain(|number| *number != of);
                    ledger.in_effect.push(of);
                }
                EntryKind::Undo => {
                    ledger.in_effect.retain(|number| *number != of);
                    ledger.redoable.push(of);
                }
            }
        }
        ledger
    }

    fn entry(&self, number: u64) -> Option<&'a Entry> {
        self.places.get(&number).map(|place| self.events[*place].1)
    }

    fn is_undone(&self, number: u64) -> bool {
        let is_change = self.entry(number).is_some_and(|entry| entry.of.is_none());
        is_change && !self.in_effect.contains(&number)
    }

    /// Returns the entry that is taken back or made anew.
    fn chosen(&self, number: Option<u64>, kind: EntryKind) -> Result<u64, Error> {
        let is_undo = kind == EntryKind::Undo;
        let verb = if is_undo { "undo" } else { "redo" };
        let Some(number) = number else {
            let next = if is_undo { self.in_effect.last() } else { self.redoable.last() };
            return next.copied().ok_or_else(|| {
                Error::new(ErrorKind::Conflict, format!("there is nothing to {verb}"))
                    .with_hint("`procside patches` lists what was changed")
            });
        };
        let Some(entry) = self.entry(number) else {
            return Err(Error::new(ErrorKind::NotFound, format!("there is no entry {number}"))
                .with_hint("`procside patches` lists what was changed"));
        };
        if let Some(of) = entry.of {
            let message = format!("entry {number} is the {} of entry {of}", entry.kind.as_str());
            return Err(Error::new(ErrorKind::Invalid, message)
                .with_hint(format!("{verb} entry {of} instead")));
        }
        if self.is_undone(number) == is_undo {
            let state = if is_undo { "undone" } else { "in effect" };
            let message = format!("entry {number} is {state} already");
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        Ok(number)
    }

    /// Returns what takes an entry of the document back, or makes it anew, as the document stands.
    fn document_turn(
        &self,
        of: u64,
        kind: EntryKind,
    ) -> Result<Vec<process_core::document::Splice>, Error> {
        let (history, numbers) = self.history()?;
        let inner = |number: u64| -> u64 {
            let place = numbers.iter().position(|other| *other == number);
            place.map_or(0, |place| place as u64 + 1)
        };
        // The entries have names of their own, which no other one has.
        let stamp = Stamp { id: "next".to_owned(), ..Stamp::default() };
        let turned = match kind {
            EntryKind::Undo => history.undo_entry(stamp, inner(of)),
            EntryKind::Redo | EntryKind::Patch | EntryKind::Restore | EntryKind::Set => {
                history.redo_entry(stamp, inner(of))
            }
        };
        let entry = turned.map_err(|mut refused| {
            if let Some(Value::Array(later)) = refused.details.get_mut("later") {
                let outer = later.iter().filter_map(|number| {
                    let place = number.as_u64().and_then(|number| number.checked_sub(1));
                    place.and_then(|place| numbers.get(usize::try_from(place).ok()?)).copied()
                });
                *later = self.changes(outer, of).into_iter().map(Value::from).collect();
                let later = refused.details["later"].to_string();
                refused.message =
                    format!("entry {of} cannot be turned: later entries changed the same place");
                refused.hint = Some(format!("turn the later ones first: {later}"));
            }
            Error::from(refused)
        })?;
        Ok(entry.splices.iter().map(core_splice).collect())
    }

    /// Returns the history of the document alone, and the numbers of its entries.
    fn history(&self) -> Result<(History, Vec<u64>), Error> {
        let (mut history, mut numbers) = (History::new(""), Vec::new());
        let mut inner = BTreeMap::new();
        for (event, entry) in &self.events {
            let Fact::DocumentChanged { splices, .. } = &event.fact else { continue };
            numbers.push(entry.number);
            let number = numbers.len() as u64;
            inner.insert(entry.number, number);
            let kind = match entry.kind {
                EntryKind::Patch => history::EntryKind::Patch,
                EntryKind::Redo => history::EntryKind::Redo,
                EntryKind::Restore | EntryKind::Set => history::EntryKind::Set,
                EntryKind::Undo => history::EntryKind::Undo,
            };
            history.append(history::Entry {
                number,
                id: format!("entry {number}"),
                at: event.at.to_string(),
                by: event.by.clone(),
                note: entry.note.clone(),
                kind,
                of: entry.of.and_then(|of| inner.get(&of).copied()),
                patch_ids: Vec::new(),
                splices: splices.iter().map(patch_splice).collect(),
                hash_before: None,
                hash_after: None,
                more: serde_json::Map::new(),
            })?;
        }
        Ok((history, numbers))
    }

    /// Returns the patch that takes an entry of the process back, or makes it anew, as it stands.
    fn process_turn(
        &self,
        events: &[Event],
        of: u64,
        kind: EntryKind,
        current: &Process,
    ) -> Result<Value, Error> {
        // What made it what it is: itself, or the last time that it was turned.
        let made =
            self.events.iter().rev().find(|(_, entry)| entry.number == of || entry.of == Some(of));
        let Some((event, _)) = made else {
            return Err(Error::new(ErrorKind::NotFound, format!("there is no entry {of}")));
        };
        let Fact::ProcessPatched { inverse, .. } = &event.fact else {
            return Err(Error::new(ErrorKind::Corrupt, format!("entry {of} is of two kinds")));
        };
        let mut execution =
            Execution::replay(events.iter().take_while(|other| other.seq < event.seq));
        let before = execution.process().cloned();
        execution.apply(event);
        let (Some(before), Some(after)) = (before, execution.process()) else {
            return Err(Error::new(ErrorKind::Corrupt, format!("entry {of} has no process")));
        };
        if after.content() == current.content() {
            return Ok(inverse.clone());
        }
        let edited = rebase(&difference(after, &before), after, current).map_err(|reason| {
            let verb = if kind == EntryKind::Undo { "undone" } else { "redone" };
            let later = self.later(event, of, inverse);
            Error::new(ErrorKind::Conflict, format!("entry {of} cannot be {verb}: {reason}"))
                .with_hint("look at the process, and change it by a patch")
                .with_details(json!({"later": later}))
        })?;
        Ok(structured::difference(&current.to_value(), &edited.to_value()))
    }

    /// Returns the changes that entries made, took back or made anew, each once: a change is what
    /// can be turned.
    fn changes(&self, numbers: impl Iterator<Item = u64>, but: u64) -> BTreeSet<u64> {
        let change = |number| self.entry(number).and_then(|entry| entry.of).unwrap_or(number);
        numbers.map(change).filter(|number| *number != but).collect()
    }

    /// Returns the changes of the process that touch what a patch touches, of those that are in
    /// effect and were not when the event came, or the other way round.
    fn later(&self, event: &Event, of: u64, patch: &Value) -> Vec<u64> {
        let touched = paths(patch);
        let overlaps = |patch: &Value| {
            paths(patch).iter().any(|path| {
                touched.iter().any(|other| path.starts_with(other) || other.starts_with(path))
            })
        };
        let later = self.events.iter().filter(|(other, _)| other.seq > event.seq);
        let touching = later.filter(|(other, _)| match &other.fact {
            Fact::ProcessPatched { patch, .. } => overlaps(patch),
            _ => false,
        });
        let then = Ledger::of(
            self.events.iter().map(|(other, _)| *other).filter(|other| other.seq <= event.seq),
        );
        let is_turned =
            |number: &u64| then.in_effect.contains(number) != self.in_effect.contains(number);
        let changes = self.changes(touching.map(|(_, entry)| entry.number), of);
        changes.into_iter().filter(is_turned).collect()
    }
}

fn paths(patch: &Value) -> Vec<&str> {
    let operations = patch.as_array().into_iter().flatten();
    operations.filter_map(|operation| operation["path"].as_str()).collect()
}

impl EntryLine {
    /// Returns the line as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "number": self.entry.number,
            "id": self.entry.ids.first(),
            "at": self.at,
            "by": self.by,
            "note": self.entry.note,
            "kind": self.entry.kind.as_str(),
            "of": self.entry.of,
            "target": if self.is_of_document { "document" } else { "process" },
            "undone": self.is_undone,
        })
    }
}

impl Patches {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "process": self.process.to_string(),
            "patches": self.entries.iter().map(EntryLine::to_value).collect::<Vec<_>>(),
        })
    }
}

impl Turned {
    /// Returns the data of the answer: the process, the entry, and the document if it was of it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut data = self.changed.to_value();
        data["number"] = json!(self.entry);
        data["of"] = self.of.into();
        if let Some((_, after)) = &self.text {
            data["document"] = after.as_str().into();
        }
        data
    }

    /// Returns what changed in the document, in the unified form; empty when it was of the process.
    #[must_use]
    pub fn unified(&self, name: &str) -> String {
        self.text.as_ref().map_or_else(String::new, |(before, after)| unified(before, after, name))
    }
}
