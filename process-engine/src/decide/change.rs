//! Changing the document of a process, or the process itself, by patches; and taking that back.

use process_core::{
    Fact, Process, Timestamp,
    document::{
        DOCUMENT_BYTES_MAX, ENTRY_IDS_MAX, Entry, EntryKind, Splice, splice_between, spliced,
    },
};
use serde_json::Value;

use super::{
    edit::{edited, patch_between, patched},
    status_follows,
    text::{bytes_of, text},
};
use crate::{execution::Execution, input::EntryReason, rejected::Rejected};

/// The most bytes that the splices or patches of one entry take as JSON: with what else stands in
/// it they must fit a line of the journal.
const ENTRY_BYTES_MAX: usize = (8 << 20) - (64 << 10);

/// The splices must fit the document as it stands; whoever made them for another one makes them anew.
pub(crate) fn change_document(
    execution: &Execution,
    reason: EntryReason,
    splices: Vec<Splice>,
) -> Result<Vec<Fact>, Rejected> {
    execution.open()?;
    let entry = entry(execution, reason)?;
    let before = execution.document().unwrap_or_default();
    let after = spliced(before, &splices).ok_or(Rejected::OtherDocument)?;
    if after.len() > DOCUMENT_BYTES_MAX {
        let reason =
            format!("a document of {} bytes is more than {DOCUMENT_BYTES_MAX}", after.len());
        return Err(Rejected::BadEdit(vec![reason]));
    }
    // What has no effect leaves no trace, but for the ids that are never to be taken again.
    if after == before && entry.ids.is_empty() && execution.document().is_some() {
        return Ok(Vec::new());
    }
    fits(serde_json::to_value(&splices).as_ref().map_or(usize::MAX, bytes_of))?;
    Ok(vec![Fact::DocumentChanged { entry, splices }])
}

/// A patch follows the rules of a hand edit; what takes one back is exact.
pub(crate) fn patch_process(
    execution: &Execution,
    now: &Timestamp,
    reason: EntryReason,
    patch: &Value,
) -> Result<Vec<Fact>, Rejected> {
    let before = execution.open()?;
    let entry = entry(execution, reason)?;
    let mut after = match entry.kind {
        EntryKind::Patch | EntryKind::Set | EntryKind::Restore => edited(execution, now, patch)?,
        EntryKind::Undo | EntryKind::Redo => taken_back(before, patch)?,
    };
    after.revision = before.revision;
    let statuses = after.steps.iter().map(|step| step.status);
    let moved = !statuses.clone().eq(before.steps.iter().map(|step| step.status));
    let follows = match entry.kind {
        EntryKind::Patch | EntryKind::Set | EntryKind::Restore
            if moved && after.status == before.status =>
        {
            status_follows(after.status, statuses)
        }
        EntryKind::Patch
        | EntryKind::Set
        | EntryKind::Restore
        | EntryKind::Undo
        | EntryKind::Redo => None,
    };
    if let Some(status) = follows.as_ref().and_then(becomes) {
        after.status = status;
    }
    if before.to_value() == after.to_value() && entry.ids.is_empty() {
        return Ok(Vec::new());
    }
    let (patch, inverse) = (patch_between(before, &after), patch_between(&after, before));
    fits(bytes_of(&patch).saturating_add(bytes_of(&inverse)))?;
    Ok(vec![Fact::ProcessPatched { entry, patch, inverse }])
}

/// Returns what makes the document of a process that was made elsewhere.
pub(crate) fn imported_document(text: String) -> Result<Fact, Rejected> {
    let bytes = text.len();
    if bytes > DOCUMENT_BYTES_MAX {
        let reason = format!("a document of {bytes} bytes is more than {DOCUMENT_BYTES_MAX}");
        return Err(Rejected::BadEdit(vec![reason]));
    }
    let kind = EntryKind::Set;
    let entry = Entry { number: 1, kind, of: None, ids: Vec::new(), note: None };
    let splices: Vec<Splice> = splice_between("", &text).into_iter().collect();
    fits(serde_json::to_value(&splices).as_ref().map_or(usize::MAX, bytes_of))?;
    Ok(Fact::DocumentChanged { entry, splices })
}

/// Returns what gives the document of a version back, where it is another one.
pub(crate) fn restore_document(execution: &Execution, document: Option<&str>) -> Option<Fact> {
    let before = execution.document().unwrap_or_default();
    let splice = splice_between(before, document.unwrap_or_default())?;
    let entry = Entry {
        number: execution.entry_last() + 1,
        kind: EntryKind::Restore,
        of: None,
        ids: Vec::new(),
        note: None,
    };
    Some(Fact::DocumentChanged { entry, splices: vec![splice] })
}

fn entry(execution: &Execution, reason: EntryReason) -> Result<Entry, Rejected> {
    let EntryReason { kind, of, ids, note } = reason;
    if ids.len() > ENTRY_IDS_MAX {
        return Err(Rejected::TooMany { what: "ids in one entry", limit: ENTRY_IDS_MAX });
    }
    let ids = ids.into_iter().map(|id| text("the id of a patch", id)).collect::<Result<_, _>>()?;
    let note = note.map(|note| text("a note", note)).transpose()?;
    Ok(Entry { number: execution.entry_last() + 1, kind, of, ids, note })
}

fn fits(bytes: usize) -> Result<(), Rejected> {
    if bytes <= ENTRY_BYTES_MAX {
        return Ok(());
    }
    let reason = format!("a change of {bytes} bytes is more than {ENTRY_BYTES_MAX}");
    Err(Rejected::BadEdit(vec![reason]))
}

fn becomes(fact: &Fact) -> Option<process_core::ProcessStatus> {
    match fact {
        Fact::ProcessCompleted => Some(process_core::ProcessStatus::Completed),
        Fact::ProcessFailed => Some(process_core::ProcessStatus::Failed),
        Fact::ProcessReopened | Fact::ProcessStarted => {
            Some(process_core::ProcessStatus::InProgress)
        }
        // Nothing else follows from the statuses of steps.
        _ => None,
    }
}

fn taken_back(before: &Process, patch: &Value) -> Result<Process, Rejected> {
    let after = patched(before, patch)?;
    let same = after.uid == before.uid && after.key == before.key;
    if !same || after.archived_at != before.archived_at {
        let reason = "`uid`, `key` and `archivedAt` cannot be changed by a patch".to_owned();
        return Err(Rejected::BadEdit(vec![reason]));
    }
    Ok(after)
}
