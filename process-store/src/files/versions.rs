//! Version files: written for people, rebuilt from the journal when they are gone.
//!
//! They are synced, but their names are not: a file that is gone is seen, a torn one may not be.

use process_core::{ProcessId, Version, version::number_in_file_name, yaml};

use super::{
    Files, Record,
    view::{Text, read_text},
};
use crate::{
    disk::FileKind,
    error::{Error, ErrorKind},
    replace::{Aside, Durability, keep_aside, remove_temporaries, replace},
};

impl Files {
    /// Writes every version file that is not there; returns the names of those that had been.
    ///
    /// `fresh` are the versions that were just taken.
    pub(crate) fn keep_versions(
        &self,
        record: &Record,
        fresh: &[u64],
    ) -> Result<Vec<String>, Error> {
        let versions = record.execution.versions();
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        let folder = self.layout().versions(record.id);
        let there = self.version_numbers(record.id)?;
        let mut rebuilt = Vec::new();
        for version in versions {
            if there.contains(&version.number) {
                continue;
            }
            self.make_folder(&self.layout().all_versions())?;
            self.make_folder(&folder)?;
            remove_temporaries(self.disk(), &folder)?;
            let name = version.file_name();
            let path = folder.join(&name);
            if self.disk().stat(&path)?.is_some_and(|stat| stat.kind != FileKind::File) {
                keep_aside(self.disk(), &path, Aside::Corrupt)?;
            }
            let text = yaml::write(&version.to_value());
            replace(self.disk(), &folder.join(&name), text.as_bytes(), Durability::Synced)?;
            if !fresh.contains(&version.number) {
                rebuilt.push(name);
            }
        }
        Ok(rebuilt)
    }

    /// Returns the numbers of the version files that hold something.
    fn version_numbers(&self, id: ProcessId) -> Result<Vec<u64>, Error> {
        let folder = self.layout().versions(id);
        let mut numbers = Vec::new();
        for entry in self.list(&folder)? {
            let Some(number) = number_in_file_name(&entry.name) else { continue };
            let length = self.disk().stat(&folder.join(&entry.name))?.map_or(0, |stat| stat.len);
            if entry.kind == FileKind::File && length > 0 {
                numbers.push(number);
            }
        }
        Ok(numbers)
    }

    /// Reads the version files of a process, lowest number first, with their names.
    pub(crate) fn read_versions(&self, id: ProcessId) -> Result<Vec<(String, Version)>, Error> {
        let folder = self.layout().versions(id);
        let mut versions = Vec::new();
        for entry in self.list(&folder)? {
            if number_in_file_name(&entry.name).is_none() {
                continue;
            }
            let path = folder.join(&entry.name);
            let version = match read_text(self.disk(), &path)? {
                Text::Absent => continue,
                Text::Unusual(what) => Err(format!("it is {what}")),
                Text::Read { text, .. } => version_in(&text),
            };
            match version {
                Ok(version) => versions.push((entry.name, version)),
                Err(reason) => {
                    let shown = self.layout().shown(&path);
                    let message = format!("cannot read `{shown}`: {reason}");
                    return Err(Error::new(ErrorKind::Corrupt, message)
                        .at(path)
                        .with_hint("mend the file, or move it away"));
                }
            }
        }
        versions.sort_by_key(|(_, version)| version.number);
        versions.dedup_by_key(|(_, version)| version.number);
        Ok(versions)
    }
}

/// Reads the text of a version file.
pub(crate) fn version_in(text: &str) -> Result<Version, String> {
    let node = yaml::read(text).map_err(|problem| problem.to_string())?;
    let mut problems = Vec::new();
    let version = Version::read(&node, &mut problems);
    match (version, problems.first()) {
        (Some(version), None) => Ok(version),
        (_, Some(problem)) => Err(problem.to_string()),
        (None, None) => Err("it is no version".to_owned()),
    }
}
