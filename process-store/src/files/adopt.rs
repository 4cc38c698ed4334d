//! Taking in processes that another program wrote: files without a journal.

use std::path::PathBuf;

use process_core::{
    Process, ProcessId, RegistryFact, Timestamp, Uid,
    registry::{ProcessEntry, Registry},
};
use process_engine::{Execution, Import};

use super::{
    Change, Files, Record,
    change::newer_registry,
    document,
    index::RegistryFile,
    legacy,
    view::{Found, Text, View, read_alone, read_text},
};
use crate::{
    error::{Error, ErrorKind},
    journal::{self, Head},
};

impl Files {
    /// Reads a process that has a file and no journal, with what the registry knows of it, and the
    /// length of the file.
    ///
    /// # Errors
    /// `Invalid` with every problem of the file, `Corrupt` when it is no YAML.
    pub fn read_unadopted(
        &self,
        id: ProcessId,
        entry: Option<&ProcessEntry>,
        now: &Timestamp,
    ) -> Result<Option<(Process, u64)>, Error> {
        let found = self.unadopted(id, entry, now)?;
        Ok(found.map(|(process, _, text)| (process, text.len() as u64)))
    }

    fn unadopted(
        &self,
        id: ProcessId,
        entry: Option<&ProcessEntry>,
        now: &Timestamp,
    ) -> Result<Option<(Process, PathBuf, String)>, Error> {
        let uid = entry.and_then(|entry| entry.uid).unwrap_or_else(|| derived_uid(id));
        for archived in [false, true] {
            let path = self.layout().view(id, archived);
            let text = match read_text(self.disk(), &path)? {
                Text::Absent => continue,
                Text::Read { text, .. } => text,
                Text::Unusual(what) => {
                    let shown = self.layout().shown(&path);
                    let message = format!("cannot read `{shown}`: it is {what}");
                    return Err(Error::new(ErrorKind::NotRegular, message).at(path));
                }
            };
            let mut process = read_alone(&text, id, uid, now).map_err(|problems| {
                let error = super::index::problems(&self.layout().shown(&path), &text, &problems);
                error.at(&path)
            })?;
            let known = entry.filter(|entry| entry.archived);
            if process.archived_at.is_none() && (archived || known.is_some()) {
                let at = known.and_then(|entry| entry.archived_at.clone());
                process.archived_at = Some(at.unwrap_or_else(|| now.clone()));
            }
            if let Some(entry) = entry
                && process.tags.is_empty()
            {
                process.tags.clone_from(&entry.tags);
            }
            return Ok(Some((process, path, text)));
        }
        Ok(None)
    }
}

impl Change<'_> {
    /// Prepares a process without a journal to be taken in with the first commit.
    pub(super) fn adopt(&mut self, id: ProcessId) -> Result<Option<Record>, Error> {
        let files = self.files;
        let registry = match files.read_registry()? {
            RegistryFile::Read { registry, .. } => *registry,
            RegistryFile::Absent | RegistryFile::Broken(_) | RegistryFile::Newer => {
                Registry::default()
            }
        };
        let imported = self.global.imported.as_ref().and_then(|registry| registry.entry(id));
        let entry = registry.entry(id).or(imported);
        let Some((mut process, path, text)) = files.unadopted(id, entry, &self.now)? else {
            return Ok(None);
        };
        if process.uid == derived_uid(id) && !self.is_dry() {
            process.uid = self.fresh_uid();
        }
        let versions = match files.read_versions(id) {
            Ok(versions) => versions.into_iter().map(|(_, version)| version).collect(),
            // Looking at the process does not depend on them; taking it in does.
            Err(error) if self.is_dry() => {
                self.note(error.to_string());
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        let journal = files.layout().journal(id);
        let is_foreign = files.is_foreign(&journal)?;
        let (entries, head) = if is_foreign {
            match legacy::read_history(files, &journal) {
                Err(error) if self.is_dry() => {
                    self.note(error.to_string());
                    (Vec::new(), Head::default())
                }
                read => (read?.0, Head::default()),
            }
        } else {
            // What is left of a group that was never acknowledged is cut off by the first one.
            (Vec::new(), journal::read(files.disk(), &journal)?.head)
        };
        if head.revision > 0 {
            return files.read_process(id);
        }
        if process.revision > 0 && !self.is_dry() {
            let lost = process.revision;
            self.note(format!(
                "the journal of {id} is gone: it is taken in anew as its file shows revision {lost}"
            ));
        }
        let stat = files.disk().stat(&path)?;
        let bytes = text.len() as u64;
        let view = View::Current { text };
        let nothing = (&Execution::default(), &[] as &[process_core::Event]);
        let document = document::find(files.disk(), files.layout(), id, nothing, &view)?;
        Ok(Some(Record {
            id,
            execution: Execution::default(),
            events: Vec::new(),
            found: Found { path, view, bytes, stat, second: None, misplaced: false, document },
            fork: None,
            has_twin: false,
            head,
            import: Some(Box::new(Import {
                process,
                source: "file".to_owned(),
                document: None,
                versions,
                entries,
                version_reason: None,
            })),
            replaces_journal: is_foreign,
        }))
    }

    /// Takes in the registry of an older program: what it says of active process, archive, tags and
    /// templates stands nowhere else.
    pub(super) fn take_in_registry(&mut self) -> Result<(), Error> {
        if self.global.head.exists {
            return Ok(());
        }
        let registry = match self.files.read_registry()? {
            RegistryFile::Read { registry, .. } => registry,
            RegistryFile::Newer => {
                return Err(newer_registry(&self.files.layout().registry()));
            }
            RegistryFile::Absent | RegistryFile::Broken(_) => return Ok(()),
        };
        if registry.processes.is_empty() && registry.templates.is_empty() {
            return Ok(());
        }
        self.record(vec![RegistryFact::RegistryImported { registry: registry.to_value() }])
    }

    /// Returns a uid that no other process has.
    #[must_use]
    pub fn fresh_uid(&self) -> Uid {
        self.files.fresh_uid()
    }
}

/// Returns the uid under which a process without one is shown until it is taken in.
fn derived_uid(id: ProcessId) -> Uid {
    Uid::from_u128(u128::from(id.number()))
}
