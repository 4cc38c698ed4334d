//! A process's document: a Markdown file beside its own, and a surface that people edit as well.
//!
//! The file says nothing of the revision that it shows. What it was made from is told by the
//! process's file, which is written behind it: a text that the document had at that revision or
//! later is no edit.

use std::path::PathBuf;

use process_core::{
    Event, Fact, Process, ProcessId,
    document::{DOCUMENT_BYTES_MAX, EntryKind, Splice, rebased, splice_between, spliced},
};
use process_engine::{EntryReason, Execution, Input};

use super::{
    Change, Record,
    layout::Layout,
    view::{EDITOR, Text, View, read_text},
};
use crate::{
    disk::{Disk, Stat},
    error::{Error, ErrorKind},
    replace::{Aside, Durability, keep_aside, replace},
};

/// What stands in the place of a document's file.
#[derive(Clone, Debug, Default)]
pub enum Sheet {
    /// Nothing.
    #[default]
    Absent,
    /// What the journal says, after the entry with this number.
    Current {
        /// The number of the last entry.
        entry: u64,
    },
    /// A hand edit.
    Edited {
        /// The text.
        text: String,
        /// What the edit makes of the document at the journal's end.
        splices: Vec<Splice>,
    },
    /// A hand edit that cannot be taken.
    Invalid {
        /// Why.
        reason: String,
    },
    /// What the document was at an earlier event.
    Stale,
    /// A link, a pipe, a folder, no text, or a file beyond all limits.
    Unusual {
        /// What it is.
        what: String,
    },
}

/// A document's file as it was found.
#[derive(Clone, Debug, Default)]
pub struct FoundDocument {
    /// Where it was found, or where it belongs.
    pub path: PathBuf,
    /// What it is.
    pub sheet: Sheet,
    /// What the disk said of it when it was read; `None` when nothing was there.
    pub(crate) stat: Option<Stat>,
}

/// Finds the document's file of a process and holds it against the journal; `view` is the process's
/// own file.
pub(super) fn find(
    disk: &dyn Disk,
    layout: &Layout,
    id: ProcessId,
    (execution, events): (&Execution, &[Event]),
    view: &View,
) -> Result<FoundDocument, Error> {
    let archived = execution.process().is_some_and(Process::is_archived);
    let home = layout.document(id, archived);
    for path in [home.clone(), layout.document(id, !archived)] {
        let (sheet, stat) = match read_text(disk, &path)? {
            Text::Absent => continue,
            Text::Unusual(what) => (Sheet::Unusual { what }, disk.stat(&path)?),
            Text::Read { text, .. } if text.len() > DOCUMENT_BYTES_MAX => {
                let what = format!("larger than {DOCUMENT_BYTES_MAX} bytes");
                (Sheet::Unusual { what }, disk.stat(&path)?)
            }
            Text::Read { text, stat } => {
                (compare(text, execution, events, shown_revision(view)), Some(stat))
            }
        };
        return Ok(FoundDocument { path, sheet, stat });
    }
    Ok(FoundDocument { path: home, ..FoundDocument::default() })
}

/// Holds a text against the journal; `shown` is the revision of which the file may be.
fn compare(text: String, execution: &Execution, events: &[Event], shown: Option<u64>) -> Sheet {
    let current = execution.document().unwrap_or_default();
    if text == current {
        return match execution.document() {
            Some(_) => Sheet::Current { entry: execution.entry_last() },
            // An empty file where there never was a document says nothing.
            None => Sheet::Absent,
        };
    }
    if has_conflict_markers(&text) && !has_conflict_markers(current) {
        return Sheet::Invalid { reason: "it has the conflict markers of a merge".to_owned() };
    }
    let shown = shown.unwrap_or(0);
    let mut base = String::new();
    let mut later: Vec<(&Event, &[Splice])> = Vec::new();
    for event in events {
        if let Fact::DocumentChanged { splices, .. } = &event.fact {
            if event.seq > shown {
                later.push((event, splices));
            } else {
                base = spliced(&base, splices).unwrap_or(base);
            }
        }
    }
    if text == base && (shown > 0 || !later.is_empty()) && base != current {
        return Sheet::Stale;
    }
    let edit: Vec<Splice> = splice_between(&base, &text).into_iter().collect();
    let mut then = base.clone();
    for (event, splices) in &later {
        // A program that took this edit in died before it wrote the file anew.
        let is_taken = event.by == EDITOR
            && rebased(&edit, &base, &then).is_some_and(|moved| moved == **splices);
        then = spliced(&then, splices).unwrap_or(then);
        if then == text || is_taken {
            return Sheet::Stale;
        }
    }
    match rebased(&edit, &base, current) {
        Some(splices) => Sheet::Edited { text, splices },
        None => {
            let reason = format!(
                "the edit is of revision {shown}, and the same part was changed since by {}",
                later.last().map_or("nobody", |(event, _)| event.by.as_str())
            );
            Sheet::Invalid { reason }
        }
    }
}

/// Tells whether a text has what Git writes where a merge is for a person to settle.
fn has_conflict_markers(text: &str) -> bool {
    let mut wanted = ["<<<<<<< ", "=======", ">>>>>>> "].iter().peekable();
    for line in text.lines() {
        wanted.next_if(|marker| line.starts_with(**marker));
    }
    wanted.peek().is_none()
}

/// Returns the revision that a process's file shows, when it can be told.
fn shown_revision(view: &View) -> Option<u64> {
    match view {
        View::Current { text } | View::Edited { text, .. } | View::Stale { text } => {
            let line = text.lines().find_map(|line| line.strip_prefix("revision:"))?;
            line.split('#').next()?.trim().parse().ok()
        }
        View::Absent | View::Corrupt { .. } | View::Invalid { .. } | View::Unusual { .. } => None,
    }
}

impl Record {
    /// Returns the document as people see it: a hand edit counts, though it is not absorbed yet.
    ///
    /// The texts say why an edit does not count.
    #[must_use]
    pub fn shown_document(&self) -> (Option<&str>, Vec<String>) {
        let name = format!("{}.md", self.id);
        let reasons = match &self.found.document.sheet {
            Sheet::Edited { text, .. } if self.fork.is_none() => {
                return (Some(text), Vec::new());
            }
            Sheet::Edited { .. } => {
                vec![format!("`{name}` shows one branch of a history that has several")]
            }
            Sheet::Invalid { reason } => vec![format!("`{name}`: {reason}")],
            Sheet::Unusual { what } => vec![format!("`{name}` is {what}")],
            Sheet::Absent | Sheet::Current { .. } | Sheet::Stale => Vec::new(),
        };
        (self.execution.document(), reasons)
    }

    /// Returns whether somebody edited one of its files, so that the next change takes that in.
    #[must_use]
    pub fn is_edited_by_hand(&self) -> bool {
        matches!(self.found.view, View::Edited { .. })
            || matches!(self.found.document.sheet, Sheet::Edited { .. })
    }

    /// Returns what takes a hand edit of the document in, when there is one.
    pub(super) fn document_edit(&self) -> Option<Input> {
        let Sheet::Edited { splices, .. } = &self.found.document.sheet else { return None };
        let reason = EntryReason { kind: EntryKind::Set, of: None, ids: Vec::new(), note: None };
        Some(Input::ChangeDocument { reason, splices: splices.clone() })
    }

    /// Returns whether the document's file shows less than the journal says, and is no edit.
    pub(super) fn is_document_behind(&self) -> bool {
        match &self.found.document.sheet {
            Sheet::Absent => self.execution.document().is_some(),
            Sheet::Stale => true,
            Sheet::Current { .. }
            | Sheet::Edited { .. }
            | Sheet::Invalid { .. }
            | Sheet::Unusual { .. } => false,
        }
    }
}

impl Change<'_> {
    /// Replaces the document's file where it does not show the journal's end.
    ///
    /// The process's own file may only follow: what it names is what this one shows.
    pub(super) fn write_document(&mut self, record: &mut Record) -> Result<(), Error> {
        let files = self.files;
        let archived = record.process()?.is_archived();
        let home = files.layout().document(record.id, archived);
        let Some(text) = record.execution.document() else {
            if matches!(record.found.document.sheet, Sheet::Absent) {
                record.found.document.path = home;
            }
            return Ok(());
        };
        let entry = record.execution.entry_last();
        let found = &record.found.document;
        let moves = found.path != home;
        let aside = match &found.sheet {
            Sheet::Current { entry: shown } if *shown == entry && !moves => return Ok(()),
            // It comes first with the next change.
            Sheet::Edited { .. } => return Ok(()),
            Sheet::Invalid { reason } => Some((Aside::Rejected, reason.clone())),
            Sheet::Unusual { what } => Some((Aside::Corrupt, format!("it is {what}"))),
            Sheet::Absent | Sheet::Current { .. } | Sheet::Stale => None,
        };
        if let Some((aside, why)) = aside {
            let kept = keep_aside(files.disk(), &found.path, aside)?;
            let (was, kept) = (files.layout().shown(&found.path), files.layout().shown(&kept));
            self.note(format!("{was} was kept as {kept} and rebuilt from the journal: {why}"));
        } else if files.disk().stat(&found.path)? != found.stat && found.stat.is_some() {
            let message = "somebody saved it meanwhile, which the next change takes in";
            return Err(Error::new(ErrorKind::Conflict, message).at(&found.path));
        }
        files.make_folder(&files.layout().processes())?;
        if archived {
            files.make_folder(&files.layout().archived())?;
        }
        // Were the process's file durable and this one not, this one would pass for an edit.
        let durability = Durability::SyncedWithFolder;
        let stat = replace(files.disk(), &home, text.as_bytes(), durability)?;
        if moves && found.stat.is_some() && files.disk().stat(&found.path)?.is_some() {
            files.disk().remove_file(&found.path)?;
        }
        record.found.document =
            FoundDocument { path: home, sheet: Sheet::Current { entry }, stat: Some(stat) };
        Ok(())
    }
}

#[cfg(test)]
mod tests;
