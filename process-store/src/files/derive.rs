//! What follows a journal: the process's file, version files, the registry.

use std::path::Path;

use process_core::{ProcessId, registry::Registry, yaml};

use super::{
    Change, Record,
    change::newer_registry,
    index::RegistryFile,
    view::{Found, View},
};
use crate::{
    disk::FileKind,
    error::{Error, ErrorKind},
    replace::{Aside, Durability, keep_aside, replace},
};

impl Change<'_> {
    /// Writes what is derived from a journal; what fails is a notice.
    pub(super) fn derive(&mut self, record: &mut Record, kept: &[u64]) {
        let id = record.id;
        let mut is_whole = true;
        if let Err(error) = self.write_document(record) {
            is_whole = false;
            self.note(format!("{id}.md could not be written: {error}"));
        } else if let Err(error) = self.write_view(record) {
            is_whole = false;
            self.note(format!("{id}.yaml could not be written: {error}"));
        }
        is_whole &= self.derive_versions(record, kept);
        if let Ok(mut entry) = record.entry() {
            // Without a length the entry is never taken for up to date, and the next change mends.
            entry.view_bytes = entry.view_bytes.filter(|_| is_whole);
            self.touched.insert(id, entry);
        }
    }

    /// Makes up for what a program that died, or a disk that failed, left undone behind a journal.
    ///
    /// Hand edits and broken files wait for the next change of their process.
    fn mend(&mut self, id: ProcessId) {
        let Ok(Some(mut record)) = self.files.read_process(id) else { return };
        if record.fork.is_some() {
            return;
        }
        let is_behind = match record.found.view {
            View::Absent | View::Stale { .. } => true,
            View::Current { .. } => record.found.misplaced || record.is_document_behind(),
            View::Corrupt { .. }
            | View::Edited { .. }
            | View::Invalid { .. }
            | View::Unusual { .. } => {
                self.derive_versions(&record, &[]);
                return;
            }
        };
        if is_behind {
            self.note(format!("{id}.yaml was behind its journal and is written anew"));
        }
        self.derive(&mut record, &[]);
    }

    /// Writes the version files that are missing; returns whether all are there.
    fn derive_versions(&mut self, record: &Record, kept: &[u64]) -> bool {
        let id = record.id;
        match self.files.keep_versions(record, kept) {
            Ok(rebuilt) => {
                for name in rebuilt {
                    self.note(format!("versions/{id}/{name} was missing and is written anew"));
                }
                true
            }
            Err(error) => {
                self.note(format!("the versions of {id} could not be written: {error}"));
                false
            }
        }
    }

    /// Replaces the file of a process where it does not show the journal's end.
    fn write_view(&mut self, record: &mut Record) -> Result<(), Error> {
        let files = self.files;
        let process = record.process()?;
        let home = files.layout().view(record.id, process.is_archived());
        let (value, archived) = (process.to_value(), process.is_archived());
        self.set_aside(record)?;
        let old = match &record.found.view {
            View::Current { text } | View::Edited { text, .. } | View::Stale { text } => {
                Some(text.clone())
            }
            View::Absent | View::Corrupt { .. } | View::Invalid { .. } | View::Unusual { .. } => {
                None
            }
        };
        let text = match &old {
            Some(old) => {
                let edited = yaml::edit(old, &value);
                if !edited.kept {
                    let name = files.layout().shown(&home);
                    self.note(format!("{name} is rewritten in canonical form"));
                }
                edited.text
            }
            None => yaml::write(&value),
        };
        let moves = record.found.path != home;
        if old.as_ref() == Some(&text) && !moves {
            record.found.view = View::Current { text };
            return Ok(());
        }
        files.make_folder(&files.layout().processes())?;
        if archived {
            files.make_folder(&files.layout().archived())?;
        }
        if files.disk().stat(&record.found.path)? != record.found.stat {
            let message = "somebody saved it meanwhile, which the next change takes in";
            return Err(Error::new(ErrorKind::Conflict, message).at(&record.found.path));
        }
        let durability = if moves { Durability::SyncedWithFolder } else { Durability::Synced };
        let stat = replace(files.disk(), &home, text.as_bytes(), durability)?;
        if moves && record.found.stat.is_some() {
            files.disk().remove_file(&record.found.path)?;
        }
        let bytes = stat.len;
        record.found = Found {
            path: home,
            view: View::Current { text },
            bytes,
            stat: Some(stat),
            second: None,
            misplaced: false,
            document: std::mem::take(&mut record.found.document),
        };
        Ok(())
    }

    /// Keeps what stands in the place of the process's file and is not taken as it is.
    fn set_aside(&mut self, record: &mut Record) -> Result<(), Error> {
        let (aside, why) = match &record.found.view {
            View::Corrupt { problem } => (Aside::Corrupt, problem.to_string()),
            View::Invalid { problems } => {
                let reasons: Vec<String> = problems.iter().map(ToString::to_string).collect();
                (Aside::Rejected, reasons.join("; "))
            }
            View::Unusual { what } => (Aside::Corrupt, format!("it is {what}")),
            View::Absent | View::Current { .. } | View::Edited { .. } | View::Stale { .. } => {
                return self.set_second_aside(record);
            }
        };
        let files = self.files;
        let kept = keep_aside(files.disk(), &record.found.path, aside)?;
        let (was, kept) = (files.layout().shown(&record.found.path), files.layout().shown(&kept));
        self.note(format!("{was} was kept as {kept} and rebuilt from the journal: {why}"));
        (record.found.view, record.found.stat) = (View::Absent, None);
        self.set_second_aside(record)
    }

    fn set_second_aside(&mut self, record: &mut Record) -> Result<(), Error> {
        let Some(second) = record.found.second.take() else { return Ok(()) };
        let kept = keep_aside(self.files.disk(), &second, Aside::Rejected)?;
        let layout = self.files.layout();
        let (was, kept) = (layout.shown(&second), layout.shown(&kept));
        self.note(format!("{was} was a second file of {} and is kept as {kept}", record.id));
        Ok(())
    }

    /// Writes the registry from what every process's journal says, whatever it says itself, and
    /// returns how many processes it lists.
    pub(super) fn reindex(&mut self) -> Result<usize, Error> {
        let files = self.files;
        let old = match files.read_registry()? {
            RegistryFile::Read { registry, .. } => *registry,
            RegistryFile::Absent | RegistryFile::Broken(_) | RegistryFile::Newer => {
                Registry::default()
            }
        };
        for id in files.ids()? {
            let imported = self.global.imported.as_ref().and_then(|registry| registry.entry(id));
            match files.entry_of(id, old.entry(id).or(imported), &self.now) {
                Ok(Some((entry, _))) => {
                    self.touched.insert(id, entry);
                }
                Ok(None) => {}
                Err(error) => self.note(error.to_string()),
            }
        }
        self.write_registry()?;
        self.touched.clear();
        Ok(match files.read_registry()? {
            RegistryFile::Read { registry, .. } => registry.processes.len(),
            RegistryFile::Absent | RegistryFile::Broken(_) | RegistryFile::Newer => 0,
        })
    }

    pub(super) fn write_registry(&mut self) -> Result<(), Error> {
        let mut index = self.files.index_with(&self.global, &self.now, &self.touched)?;
        for id in std::mem::take(&mut index.outdated) {
            self.mend(id);
            if let Some(entry) = self.touched.get(&id) {
                index.registry.put(entry.clone());
            }
        }
        for notice in index.notices {
            self.note(notice);
        }
        if !index.is_stale && self.touched.is_empty() {
            return Ok(());
        }
        let path = self.files.layout().registry();
        let value = index.registry.to_value();
        let text = match index.file {
            // What nobody else has touched holds no comment to keep.
            RegistryFile::Read { registry, text, .. }
                if text == yaml::write(&registry.to_value()) =>
            {
                yaml::write(&value)
            }
            RegistryFile::Read { text, .. } => yaml::edit(&text, &value).text,
            RegistryFile::Absent => yaml::write(&value),
            RegistryFile::Newer => return Err(newer_registry(&path)),
            RegistryFile::Broken(_) => {
                self.keep_registry_aside(&path)?;
                yaml::write(&value)
            }
        };
        replace(self.files.disk(), &path, text.as_bytes(), Durability::Derived)?;
        Ok(())
    }

    /// Keeps a registry that cannot be read; an empty file says nothing and is not kept.
    fn keep_registry_aside(&mut self, path: &Path) -> Result<(), Error> {
        let stat = self.files.disk().stat(path)?;
        if stat.is_some_and(|stat| stat.kind == FileKind::File && stat.len == 0) {
            return Ok(());
        }
        let kept = keep_aside(self.files.disk(), path, Aside::Corrupt)?;
        let kept = self.files.layout().shown(&kept);
        self.note(format!("the old registry.yaml is kept as {kept}"));
        Ok(())
    }
}
