//! Mending a journal: its lines stay, its chain is made whole, and the old file is kept.

use std::path::Path;

use process_core::{Diagnostic, Event, Place, Process, ProcessId, yaml};
use process_engine::Execution;

use super::{
    chain::{is_document_of_a_side, merged, merged_registry, sides_at, text_of},
    journals::without_markers,
    repair::Repair,
};
use crate::{
    error::{Error, ErrorKind},
    files::{
        Record, View,
        document::Sheet,
        record::tell,
        view::{self, Text, defaults_of},
    },
    journal::{self, JOURNAL_BYTES_MAX, Journal},
    replace::{Aside, Durability, copy_aside, folder_of, replace},
};

impl Repair<'_> {
    /// Mends the journal of the registry.
    pub(super) fn mend_global(&mut self, path: &Path) -> Result<(), Error> {
        let old = self.files.disk().read(path, JOURNAL_BYTES_MAX)?;
        let text = without_markers(&old);
        let journal = journal::parse(path, &text)?;
        let new = if journal.is_forked {
            text_of(path, &merged_registry(&journal))?
        } else {
            whole_groups(&journal, &text)
        };
        self.put(path, &old, &new)
    }

    /// Mends the journal of a process.
    pub(super) fn mend_process(&mut self, id: ProcessId, path: &Path) -> Result<(), Error> {
        let old = self.files.disk().read(path, JOURNAL_BYTES_MAX)?;
        let text = without_markers(&old);
        let journal = journal::parse(path, &text)?;
        let told = tell(path, &journal)?;
        let new = if told.has_twin {
            self.split(id, path, &journal)?
        } else if journal.is_forked {
            let new = text_of(path, &merged(&journal, &told.events))?;
            self.settle_view(id, &journal, told.events)?;
            new
        } else {
            whole_groups(&journal, &text)
        };
        self.put(path, &old, &new)
    }

    fn put(&self, path: &Path, old: &[u8], new: &[u8]) -> Result<(), Error> {
        if old == new {
            return Ok(());
        }
        copy_aside(self.files.disk(), path, old, Aside::Corrupt)?;
        replace(self.files.disk(), path, new, Durability::SyncedWithFolder)?;
        Ok(())
    }

    /// Makes the file of a process show both branches before their journal is chained anew: after
    /// that, what one branch wrote there would pass for an edit that takes the other's work back.
    fn settle_view(
        &mut self,
        id: ProcessId,
        journal: &Journal,
        events: Vec<Event>,
    ) -> Result<(), Error> {
        let execution = Execution::replay(&events);
        let (disk, layout) = (self.files.disk(), self.files.layout());
        let found = view::find(disk, layout, id, &execution, &events)?;
        let mut record = Record::empty(id, found.path.clone());
        (record.execution, record.events, record.found) = (execution, events, found);
        record.head = journal.head.clone();
        if let View::Edited { .. } | View::Invalid { .. } = &record.found.view {
            record.found.view = match view::read_text(disk, &record.found.path)? {
                Text::Read { text, .. } if shows_a_side(&text, journal) => View::Stale { text },
                Text::Absent | Text::Read { .. } | Text::Unusual(_) => {
                    let reason = "it shows neither branch of the journal, nor both";
                    let problem = Diagnostic::error("refused_edit", Place::UNKNOWN, reason);
                    View::Invalid { problems: vec![problem] }
                }
            };
        }
        if let Sheet::Edited { .. } | Sheet::Invalid { .. } = &record.found.document.sheet {
            record.found.document.sheet = match view::read_text(disk, &record.found.document.path)?
            {
                Text::Read { text, .. } if is_document_of_a_side(&text, journal) => Sheet::Stale,
                Text::Absent | Text::Read { .. } | Text::Unusual(_) => {
                    let reason = "it shows neither branch of the journal, nor both".to_owned();
                    Sheet::Invalid { reason }
                }
            };
        }
        let told = self.change.notices.len();
        self.change.derive(&mut record, &[]);
        let notices = self.change.notices.split_off(told);
        if matches!(record.found.view, View::Current { .. }) {
            // The name as well: the journal is chained anew for good by the next line.
            return disk.sync_folder(folder_of(&record.found.path));
        }
        let reasons: Vec<String> = notices.into_iter().map(|notice| notice.0).collect();
        Err(Error::new(ErrorKind::Io, reasons.join("; ")))
    }
}

/// Returns the text of a journal without a torn end.
fn whole_groups(journal: &Journal, text: &[u8]) -> Vec<u8> {
    let good = usize::try_from(journal.head.good_bytes).unwrap_or(text.len());
    text[..good.min(text.len())].to_vec()
}

/// Tells whether a text is what one branch made of the process, and not an edit.
fn shows_a_side(text: &str, journal: &Journal) -> bool {
    let Ok(node) = yaml::read(text) else {
        return false;
    };
    let revision = node.get("revision").and_then(|node| node.to_json().as_u64());
    sides_at(journal, revision).iter().any(|side| {
        Process::read(&node, &defaults_of(side)).is_ok_and(|seen| seen.content() == side.content())
    })
}
