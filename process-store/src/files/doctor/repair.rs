//! Repairing what was found, under the lock: folders first, then journals, then what is derived.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use process_core::{ProcessId, Timestamp};

use super::{
    code::{
        FOLDER_NOT_REGULAR, GITATTRIBUTES_MISSING, JOURNAL_CONFLICT_MARKERS, JOURNAL_FORKED,
        JOURNAL_TORN_TAIL, JOURNAL_TWO_PROCESSES, LEFTOVER_TEMPORARY, LEGACY_LAYOUT,
        REGISTRY_CORRUPT, REGISTRY_MISSING, REGISTRY_STALE, REGISTRY_UNKNOWN_PROCESS,
        VERSION_CHANGED, VERSION_CORRUPT,
    },
    finding::{Finding, Findings},
};
use crate::{
    error::{Error, ErrorKind},
    files::{Change, Files, Global, setup::GIT_ATTRIBUTES},
    lock::Lock,
    replace::{Aside, Durability, keep_aside, replace},
};

/// What repairs a project; it holds the lock.
pub(super) struct Repair<'a> {
    pub(super) files: &'a Files,
    pub(super) change: Change<'a>,
    /// Whether the registry's journal could be read: no id is given without it.
    has_global: bool,
    /// Whether what an older program's registry says was taken in.
    is_begun: bool,
    failures: Vec<(PathBuf, String)>,
}

impl<'a> Repair<'a> {
    pub(super) fn new(files: &'a Files, lock: Lock<'a>, now: &Timestamp, by: &str) -> Self {
        let change = files.begin_with(Some(lock), Global::default(), now, by);
        Self { files, change, has_global: false, is_begun: false, failures: Vec::new() }
    }

    /// Repairs what can be; what fails is told in the end, and what comes to light is for the
    /// next round.
    pub(super) fn round(&mut self, findings: &Findings) {
        self.failures.clear();
        let all: Vec<&Finding> =
            findings.iter().filter(|finding| finding.can_be_repaired()).collect();
        for finding in &all {
            let result = self.plain(finding);
            self.note(&finding.path, result);
        }
        self.registry_journal(&all);
        if all.iter().any(|finding| finding.code == LEGACY_LAYOUT) {
            let result = self.begin().and_then(|()| self.change.migrate());
            self.note(&self.files.layout().legacy_process(), result);
        }
        let mended = self.journals(&all);
        let derived = self.derived(&all, &mended);
        let is_stale = all.iter().any(|finding| {
            let code = finding.code;
            [REGISTRY_CORRUPT, REGISTRY_MISSING, REGISTRY_STALE, REGISTRY_UNKNOWN_PROCESS]
                .contains(&code)
        });
        if is_stale || derived || !mended.is_empty() {
            let result = self.begin().and_then(|()| self.change.reindex()).map(drop);
            self.note(&self.files.layout().registry(), result);
        }
    }

    /// Lets go of the lock, and returns what could not be repaired, and why.
    pub(super) fn finish(self) -> Vec<(PathBuf, String)> {
        if self.is_begun {
            // What it has to say is found by the last look.
            let _ = self.change.finish();
        }
        self.failures
    }

    /// Makes sure that the registry's journal can be built on.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        if !self.has_global {
            return Err(Error::new(
                ErrorKind::Corrupt,
                "`history/global.yaml` must be mended first",
            ));
        }
        if !self.is_begun {
            self.change.take_in_registry()?;
            self.is_begun = true;
        }
        Ok(())
    }

    fn plain(&self, finding: &Finding) -> Result<(), Error> {
        let (disk, path) = (self.files.disk(), finding.path.as_path());
        match finding.code {
            LEFTOVER_TEMPORARY => match disk.remove_file(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                result => result,
            },
            FOLDER_NOT_REGULAR => keep_aside(disk, path, Aside::Corrupt).map(drop),
            GITATTRIBUTES_MISSING => {
                replace(disk, path, GIT_ATTRIBUTES.as_bytes(), Durability::Derived).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn registry_journal(&mut self, all: &[&Finding]) {
        let path = self.files.layout().global();
        if all.iter().any(|finding| finding.path == path) {
            let result = self.mend_global(&path);
            self.note(&path, result);
        }
        if let Ok(global) = self.files.read_global() {
            self.change.global = global;
            self.has_global = true;
        }
    }

    /// Mends the journals of processes, and returns which.
    fn journals(&mut self, all: &[&Finding]) -> BTreeSet<ProcessId> {
        let codes =
            [JOURNAL_CONFLICT_MARKERS, JOURNAL_FORKED, JOURNAL_TORN_TAIL, JOURNAL_TWO_PROCESSES];
        let found = all.iter().filter(|finding| codes.contains(&finding.code));
        let ids: BTreeSet<ProcessId> = found
            .filter_map(|finding| ProcessId::parse(finding.path.file_stem()?.to_str()?).ok())
            .collect();
        for id in &ids {
            let path = self.files.layout().journal(*id);
            let result = self.mend_process(*id, &path);
            self.note(&path, result);
        }
        ids
    }

    /// Writes what is derived from sound journals, and returns whether there was anything to write.
    fn derived(&mut self, all: &[&Finding], mended: &BTreeSet<ProcessId>) -> bool {
        let mut by_process: BTreeMap<ProcessId, Vec<&Finding>> = BTreeMap::new();
        for finding in all {
            let id = finding.process.filter(|id| !mended.contains(id));
            if let Some(id) = id {
                by_process.entry(id).or_default().push(finding);
            }
        }
        for (id, findings) in &by_process {
            let told = self.change.notices.len();
            if let Err(error) = self.process(*id, findings) {
                findings.iter().for_each(|finding| self.fail(&finding.path, error.to_string()));
            }
            let notices = self.change.notices.split_off(told);
            for (finding, notice) in
                findings.iter().flat_map(|finding| notices.iter().map(move |one| (finding, one)))
            {
                self.fail(&finding.path, notice.0.clone());
            }
        }
        !by_process.is_empty()
    }

    fn process(&mut self, id: ProcessId, findings: &[&Finding]) -> Result<(), Error> {
        for finding in findings {
            let aside = match finding.code {
                VERSION_CORRUPT => Aside::Corrupt,
                VERSION_CHANGED => Aside::Rejected,
                _ => continue,
            };
            keep_aside(self.files.disk(), &finding.path, aside)?;
        }
        match self.files.read_process(id)? {
            // A hand edit is taken in, whatever is not taken is kept, and the rest is written anew.
            Some(mut record) if record.fork.is_none() => {
                self.change.commit(&mut record, Vec::new())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn note(&mut self, path: &Path, result: Result<(), Error>) {
        if let Err(error) = result {
            self.fail(path, error.to_string());
        }
    }

    fn fail(&mut self, path: &Path, reason: String) {
        self.failures.push((path.to_owned(), reason));
    }
}
