//! Looking at everything, and changing nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use process_core::{ProcessId, Timestamp, Uid, registry::ProcessEntry};

use super::{
    code::{UID_TWICE, UNREADABLE},
    finding::Findings,
    journals::Sight,
};
use crate::{
    error::Error,
    files::{Files, Global, Record, View},
};

/// One look at a project.
pub(super) struct Examination<'a> {
    pub(super) files: &'a Files,
    pub(super) now: &'a Timestamp,
    pub(super) findings: Findings,
    /// Every process that has a journal or a file.
    pub(super) ids: BTreeSet<ProcessId>,
    /// What the registry should say of those that can be read.
    pub(super) entries: BTreeMap<ProcessId, Expected>,
    /// The registry's journal; `None` when it is broken.
    pub(super) global: Option<Global>,
    uids: BTreeMap<Uid, Vec<ProcessId>>,
}

/// What the registry should say of a process.
pub(super) struct Expected {
    pub(super) entry: ProcessEntry,
    /// Whether all of it: of a process that was edited by hand, or is not taken in yet, the
    /// registry may show an earlier state.
    pub(super) in_full: bool,
}

/// Looks at the whole project.
pub(super) fn examine(files: &Files, now: &Timestamp) -> Findings {
    let mut examination = Examination::new(files, now);
    examination.everything();
    examination.findings
}

/// Looks at what people write, wherever processes are kept.
pub(super) fn examine_settings(files: &Files, now: &Timestamp) -> Findings {
    let mut examination = Examination::new(files, now);
    examination.settings();
    examination.findings
}

impl<'a> Examination<'a> {
    fn new(files: &'a Files, now: &'a Timestamp) -> Self {
        Self {
            files,
            now,
            findings: Findings::default(),
            ids: BTreeSet::new(),
            entries: BTreeMap::new(),
            global: None,
            uids: BTreeMap::new(),
        }
    }
}

impl Examination<'_> {
    fn everything(&mut self) {
        let Some(usable) = self.folders() else { return };
        self.locks();
        self.settings();
        self.legacy();
        if !usable.journals {
            return;
        }
        if self.journal(&self.files.layout().global(), None) != Sight::Broken {
            // A journal that is sound can be read; a reader beside a writer looks again.
            self.global = self.files.read_global().ok();
        }
        for id in self.ids.clone() {
            self.process(id, usable.views);
        }
        self.uids();
        if usable.views {
            self.registry();
        }
    }

    fn process(&mut self, id: ProcessId, with_files: bool) {
        let path = self.files.layout().journal(id);
        let sight = self.journal(&path, Some(id));
        if sight == Sight::Broken || !with_files {
            return;
        }
        match self.files.read_process(id) {
            Ok(Some(record)) => self.record(&record),
            Ok(None) => self.without_journal(id),
            Err(error) => self.unreadable(&path, &error),
        }
    }

    fn record(&mut self, record: &Record) {
        // The look at the journal has seen the event that makes it.
        let Ok(process) = record.process() else {
            return;
        };
        self.uids.entry(process.uid).or_default().push(record.id);
        self.view(record);
        self.versions(record);
        if let Ok(entry) = record.entry() {
            let in_full = !matches!(record.found.view, View::Edited { .. });
            self.entries.insert(record.id, Expected { entry, in_full });
        }
    }

    /// Finds processes that cannot be told apart, such as a journal that was copied.
    fn uids(&mut self) {
        for (uid, ids) in std::mem::take(&mut self.uids) {
            let [first, others @ ..] = ids.as_slice() else {
                continue;
            };
            for id in others {
                let message = format!("it has the uid {uid}, as {first} has");
                self.findings.add(UID_TWICE, &self.files.layout().journal(*id), message);
            }
        }
    }

    /// Notes what keeps a file from being looked at.
    pub(super) fn unreadable(&mut self, path: &Path, error: &Error) {
        self.findings.add(UNREADABLE, error.path().unwrap_or(path), error.to_string());
    }
}
