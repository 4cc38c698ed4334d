//! The document of a process: shown, patched, set; and documents that belong to no process.

use std::path::PathBuf;

use process_core::{
    Event, Fact, ProcessId,
    document::{EntryKind, Splice, rebased, splice_between, spliced},
};
use process_engine::{EntryReason, Input};
use process_patch::{
    Applied, Batch, Document, Input as Patches, Options, Relaxation, hash, structured,
};
use process_store::{files::Record, place::Change};
use serde_json::{Value, json};

use crate::{
    document_difference::unified,
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// What is to be done to a document (docs/formats/patch.md).
#[derive(Clone, Debug, Default)]
pub struct PatchRequest {
    /// The patches as JSON, or the inverse of some.
    pub patches: String,
    /// The SHA-256 of the document that they were made for, in hexadecimal digits; it counts more
    /// than the one that stands with the patches.
    pub base_hash: Option<String>,
    /// How far texts to find may differ, where the patches do not say so.
    pub relaxed: Relaxation,
    /// Why, in the author's words.
    pub note: Option<String>,
    /// The file that is to say what takes the patches back.
    pub inverse: Option<PathBuf>,
}

/// A document as it is shown.
#[derive(Clone, Debug)]
pub struct ShownDocument {
    /// The process that it belongs to.
    pub process: ProcessId,
    /// The text, a hand edit of its file included; `None` when there never was one.
    pub text: Option<String>,
    /// What could not be taken as it is, for people.
    pub notices: Vec<String>,
}

/// A text behind its patches.
#[derive(Clone, Debug)]
pub struct PatchedText {
    /// The text before.
    pub before: String,
    /// The text after.
    pub document: String,
    /// What was done.
    pub applied: Applied,
}

/// A process's document behind a change.
#[derive(Clone, Debug)]
pub struct Patched {
    /// The process.
    pub process: ProcessId,
    /// The number of the entry; `None` when nothing was changed.
    pub entry: Option<u64>,
    /// The text, and what was done to it.
    pub text: PatchedText,
    /// What was repaired on the way, for people.
    pub notices: Vec<String>,
}

/// A process behind a patch of itself.
#[derive(Clone, Debug)]
pub struct ProcessPatched {
    /// The number of the entry; `None` when nothing was changed.
    pub entry: Option<u64>,
    /// The process behind it.
    pub changed: Changed,
}

/// Applies patches, or the inverse of some, to a document that belongs to no process.
///
/// # Errors
/// What refused the patches, with its kind and the index of the patch; `Invalid` for neither.
pub fn patch_text(document: &str, request: &PatchRequest) -> Result<PatchedText, Error> {
    let mut patches = Patches::read(&request.patches)?;
    if let (Some(hash), Patches::Batch(batch)) = (&request.base_hash, &mut patches) {
        batch.base_hash = Some(hash.to_ascii_lowercase());
    }
    let mut after = Document::new(document)?;
    let options = Options { hashes: true, relaxed: request.relaxed };
    let applied = after.apply_input(&patches, options)?;
    Ok(PatchedText { before: document.to_owned(), document: after.into_text(), applied })
}

impl Procside {
    /// Returns the document of a process.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn document(&self, id: Option<ProcessId>) -> Result<ShownDocument, Error> {
        let (shown, record) = self.read(id)?;
        let (text, reasons) = record.shown_document();
        let mut notices = shown.notices;
        notices.extend(reasons);
        Ok(ShownDocument { process: shown.process.id, text: text.map(str::to_owned), notices })
    }

    /// Returns the document of a process that has one.
    ///
    /// # Errors
    /// As [`Procside::document`]; `NotFound` also when there never was one.
    pub fn written_document(&self, id: Option<ProcessId>) -> Result<ShownDocument, Error> {
        let document = self.document(id)?;
        if document.text.is_none() {
            let message = format!("{} has no document", document.process);
            return Err(Error::new(ErrorKind::NotFound, message)
                .with_hint("`procside doc --set FILE` or `procside patch` makes one"));
        }
        Ok(document)
    }

    /// Applies patches to the document of a process, as one entry that can be taken back; the first
    /// ones make the document.
    ///
    /// Patches that were made for an older text of the document are brought to the one of today,
    /// where nothing overlaps.
    ///
    /// # Errors
    /// What refused the patches; `Conflict` with `conflicts` in its details, and `StaleBase` for a
    /// text that the document never had.
    pub fn patch_document(
        &self,
        id: Option<ProcessId>,
        request: &PatchRequest,
    ) -> Result<Patched, Error> {
        let patches = Patches::read(&request.patches)?;
        let write_inverse = |applied: &Applied| self.write_inverse(request, applied);
        self.change_document(id, &write_inverse, |record, events| {
            let before = record.execution.document().unwrap_or_default();
            let mut document = Document::new(before)?;
            let options = Options { hashes: true, relaxed: request.relaxed };
            let (applied, ids) = match &patches {
                Patches::Inverse(inverse) => {
                    (document.apply_inverse(inverse, options).map_err(stale)?, Vec::new())
                }
                Patches::Batch(batch) => {
                    let mut batch = batch.clone();
                    if let Some(hash) = &request.base_hash {
                        batch.base_hash = Some(hash.to_ascii_lowercase());
                    }
                    let events = if is_told_apart(&batch, before) { events()? } else { Vec::new() };
                    apply(&mut document, &batch, &events, options)?
                }
            };
            let reason =
                EntryReason { kind: EntryKind::Patch, of: None, ids, note: request.note.clone() };
            Ok((document.into_text(), applied, reason))
        })
    }

    /// Writes what takes patches back to the file that the request names, if it names one; it is
    /// the same format as the patches.
    ///
    /// # Errors
    /// As [`Procside::write_file`].
    pub fn write_inverse(&self, request: &PatchRequest, applied: &Applied) -> Result<(), Error> {
        let Some(path) = &request.inverse else { return Ok(()) };
        match inverse_json(applied)? {
            Some(text) => self.write_file(path, &text),
            None => Ok(()),
        }
    }

    /// Puts a text in the place of the document of a process, as one entry.
    ///
    /// With the text that it was made of, it keeps what others changed elsewhere meanwhile.
    ///
    /// # Errors
    /// `Invalid` for a text beyond all limits; `Conflict` for an archived process, and when the same
    /// place was changed meanwhile.
    pub fn set_document(
        &self,
        id: Option<ProcessId>,
        text: &str,
        base: Option<&str>,
        note: Option<String>,
    ) -> Result<Patched, Error> {
        self.change_document(id, &|_| Ok(()), |record, _| {
            let before = record.execution.document().unwrap_or_default();
            let base = base.unwrap_or(before);
            let own: Vec<Splice> = splice_between(base, text).into_iter().collect();
            let moved = rebased(&own, base, before).ok_or_else(|| {
                let message = "the same part of the document was changed meanwhile";
                Error::new(ErrorKind::Conflict, message).with_hint("look at it and change it anew")
            })?;
            let splices: Vec<process_patch::Splice> = moved.iter().map(patch_splice).collect();
            let mut document = Document::new(before)?;
            let applied =
                document.apply_splices(&splices, Options { hashes: true, ..Options::default() })?;
            let reason =
                EntryReason { kind: EntryKind::Set, of: None, ids: Vec::new(), note: note.clone() };
            Ok((document.into_text(), applied, reason))
        })
    }

    /// Changes a process by a patch of its JSON, as one entry that can be taken back: a list of
    /// operations (RFC 6902), in whose paths `/steps/by-id/ID` names a step, or a map that is merged
    /// into it (RFC 7396).
    ///
    /// # Errors
    /// What refused the patch; `Invalid` with every reason why the result is no process.
    pub fn patch_process(
        &self,
        id: Option<ProcessId>,
        patch: &str,
        note: Option<String>,
    ) -> Result<ProcessPatched, Error> {
        let patch: Value = serde_json::from_str(patch).map_err(|error| {
            let refused = process_patch::PatchError::new(
                process_patch::ErrorKind::InvalidPatch,
                format!("the patch is no JSON: {error}"),
            );
            Error::from(refused)
        })?;
        self.again(|| {
            let (mut change, mut record, known) = self.begin_entry(id)?;
            let before = record.process()?.to_value();
            let changed = match &patch {
                Value::Object(_) => structured::merge(&before, &patch),
                _ => structured::apply(&before, &patch),
            }
            .map_err(stale)?;
            let patch = structured::difference(&before, &changed.document);
            let reason = EntryReason {
                kind: EntryKind::Patch,
                of: None,
                ids: Vec::new(),
                note: note.clone(),
            };
            self.commit(&mut change, &mut record, vec![Input::PatchProcess { reason, patch }])?;
            let entry = entry_of(&record, known);
            Ok(ProcessPatched { entry, changed: Changed::end(change, &record, known)? })
        })
    }

    /// Returns whether there is such a process.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn exists(&self, id: ProcessId) -> Result<bool, Error> {
        match self.read(Some(id)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Begins a change that becomes an entry: hand edits come first, and are entries of their own.
    pub(crate) fn begin_entry(
        &self,
        id: Option<ProcessId>,
    ) -> Result<(Change<'_>, Record, usize), Error> {
        let mut change = self.begin()?;
        let id = self.target(id)?;
        let mut record = change.load(id)?;
        if record.is_edited_by_hand() || !record.has_journal() {
            self.commit(&mut change, &mut record, Vec::new())?;
        }
        let known = record.events.len();
        Ok((change, record, known))
    }

    /// Changes the document of a process by what is made of it as it stands; what is to be done
    /// before that is durable is done when nothing refuses it.
    pub(crate) fn change_document(
        &self,
        id: Option<ProcessId>,
        prepare: &dyn Fn(&Applied) -> Result<(), Error>,
        make: impl Fn(
            &Record,
            &dyn Fn() -> Result<Vec<Event>, Error>,
        ) -> Result<(String, Applied, EntryReason), Error>,
    ) -> Result<Patched, Error> {
        self.again(|| {
            let (mut change, mut record, known) = self.begin_entry(id)?;
            let before = record.execution.document().unwrap_or_default().to_owned();
            let events = || Ok(self.place.events(&record, 0)?);
            let (document, applied, reason) = make(&record, &events)?;
            let splices = applied.splices.iter().map(core_splice).collect();
            let input = Input::ChangeDocument { reason, splices };
            record.execution.decide(&change.now, &change.by, input.clone())?;
            prepare(&applied)?;
            self.commit(&mut change, &mut record, vec![input])?;
            let entry = entry_of(&record, known);
            let changed = Changed::end(change, &record, known)?;
            Ok(Patched {
                process: changed.process.id,
                entry,
                text: PatchedText { before, document, applied },
                notices: changed.notices,
            })
        })
    }
}

/// Returns what takes patches back, in the format of patches.
fn inverse_json(applied: &Applied) -> Result<Option<String>, Error> {
    let Some(inverse) = applied.inverse() else { return Ok(None) };
    let text = serde_json::to_string_pretty(&inverse)
        .map_err(|error| Error::new(ErrorKind::Io, format!("the inverse is no JSON: {error}")))?;
    Ok(Some(format!("{text}\n")))
}

/// Applies a batch to the document of today, wherever it was made; returns the ids that were new.
fn apply(
    document: &mut Document,
    batch: &Batch,
    events: &[Event],
    options: Options,
) -> Result<(Applied, Vec<String>), Error> {
    for event in events {
        if let Fact::DocumentChanged { entry, .. } = &event.fact {
            entry.ids.iter().for_each(|id| document.remember(id.clone()));
        }
    }
    let patch_ids = batch.patches.iter().flatten().filter_map(|patch| patch.id.as_ref());
    let fresh: Vec<String> =
        batch.id.iter().chain(patch_ids).filter(|id| !document.knows(id)).cloned().collect();
    let is_known = batch.id.as_ref().is_some_and(|id| document.knows(id));
    let base = batch
        .base_hash
        .as_ref()
        .filter(|base| !base.eq_ignore_ascii_case(&document.hash()) && !is_known);
    let Some(base) = base else {
        let applied = document.apply(batch, options).map_err(stale)?;
        let ids = fresh.into_iter().filter(|id| document.knows(id)).collect();
        return Ok((applied, ids));
    };
    let then = text_of_hash(events, document.text(), &base.to_ascii_lowercase());
    let Some(then) = then else {
        return Err(document.apply(batch, options).map(|_| ()).map_or_else(stale, |()| {
            Error::new(ErrorKind::StaleBase, "the document never had the text of this hash")
        }));
    };
    let applied = document.apply_on_base(&then, batch, options)?.into_result()?;
    let ids =
        if applied.already_applied && applied.splices.is_empty() { Vec::new() } else { fresh };
    Ok((applied, ids))
}

/// Tells whether what happened before matters to a batch.
fn is_told_apart(batch: &Batch, before: &str) -> bool {
    batch.id.is_some()
        || batch.patches.iter().flatten().any(|patch| patch.id.is_some())
        || batch.base_hash.as_ref().is_some_and(|base| !base.eq_ignore_ascii_case(&hash(before)))
}

/// Returns the newest text with this hash that the document had; most patches are made for one of
/// the last.
fn text_of_hash(events: &[Event], current: &str, wanted: &str) -> Option<String> {
    let mut text = current.to_owned();
    for event in events.iter().rev() {
        let Fact::DocumentChanged { splices, .. } = &event.fact else { continue };
        if hash(&text) == wanted {
            return Some(text);
        }
        let back: Vec<Splice> = splices.iter().rev().map(Splice::inverse).collect();
        // What does not fit never had an effect.
        text = spliced(&text, &back).unwrap_or(text);
    }
    // Before its first entry the document was empty.
    (hash(&text) == wanted).then_some(text)
}

/// Returns a refusal that is a matter of who was first: the process has moved on.
fn stale(refused: process_patch::PatchError) -> Error {
    if refused.kind == process_patch::ErrorKind::Stale {
        Error::from(refused).with_kind(ErrorKind::StaleBase)
    } else {
        refused.into()
    }
}

fn entry_of(record: &Record, known: usize) -> Option<u64> {
    record.events[known..].iter().rev().find_map(|event| match &event.fact {
        Fact::DocumentChanged { entry, .. } | Fact::ProcessPatched { entry, .. } => {
            Some(entry.number)
        }
        _ => None,
    })
}

pub(crate) fn core_splice(splice: &process_patch::Splice) -> Splice {
    Splice {
        offset: splice.offset,
        removed: splice.removed.clone(),
        inserted: splice.inserted.clone(),
    }
}

pub(crate) fn patch_splice(splice: &Splice) -> process_patch::Splice {
    process_patch::Splice {
        offset: splice.offset,
        removed: splice.removed.clone(),
        inserted: splice.inserted.clone(),
    }
}

impl ShownDocument {
    /// Returns the data of the answer: the text, its hash, and how far it is.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let text = self.text.as_deref();
        json!({
            "process": self.process.to_string(),
            "document": text,
            "hash": hash(text.unwrap_or_default()),
        })
    }
}

impl PatchedText {
    /// Returns the data of the answer (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut data = self.applied.to_json(&self.document);
        data["document"] = self.document.as_str().into();
        data
    }

    /// Returns what takes the patches back, in the format of patches.
    ///
    /// # Errors
    /// `Io` when it cannot be written as JSON.
    pub fn inverse_json(&self) -> Result<String, Error> {
        Ok(inverse_json(&self.applied)?.unwrap_or_default())
    }

    /// Returns what changed, in the unified form.
    #[must_use]
    pub fn unified(&self, name: &str) -> String {
        unified(&self.before, &self.document, name)
    }
}

impl Patched {
    /// Returns the data of the answer (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut data = self.text.to_value();
        data["process"] = self.process.to_string().into();
        data["number"] = json!(self.entry);
        data
    }
}

impl ProcessPatched {
    /// Returns the data of the answer: the whole process and the number of the entry.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut data = self.changed.to_value();
        data["number"] = json!(self.entry);
        data
    }
}
