//! Looking at the version files of a process, beside what its journal says of them.

use std::path::Path;

use process_core::{Version, version::number_in_file_name};

use super::{
    code::{Code, VERSION_CHANGED, VERSION_CORRUPT, VERSION_MISSING, VERSION_UNKNOWN},
    examine::Examination,
};
use crate::files::{
    Record,
    versions::version_in,
    view::{Text, read_text},
};

/// What is wrong with a version file.
type Wrong = (Code, String);

impl Examination<'_> {
    /// Looks at the version files of a process that has a journal.
    pub(super) fn versions(&mut self, record: &Record) {
        let id = record.id;
        let folder = self.files.layout().versions(id);
        let Some(entries) = self.version_files(id) else {
            return;
        };
        let mut seen = Vec::new();
        for entry in entries {
            let path = folder.join(&entry.name);
            let Some(number) = number_in_file_name(&entry.name) else {
                continue;
            };
            seen.push(number);
            if let Err(Some((code, message))) = self.version(&path, number, record) {
                self.findings.add_of(id, code, &path, message);
            }
        }
        for version in record.execution.versions() {
            if !seen.contains(&version.number) {
                let path = folder.join(version.file_name());
                let message = format!("version {} has no file that shows it", version.number);
                self.findings.add_of(id, VERSION_MISSING, &path, message);
            }
        }
    }

    /// Tells what is wrong with a version file; `None` for what was noted already.
    fn version(&mut self, path: &Path, number: u64, record: &Record) -> Result<(), Option<Wrong>> {
        let corrupt = |reason: String| Some((VERSION_CORRUPT, reason));
        let version = match read_text(self.files.disk(), path) {
            Ok(Text::Absent) => return Err(None),
            Ok(Text::Unusual(what)) => return Err(corrupt(format!("it is {what}"))),
            Ok(Text::Read { text, .. }) if text.trim().is_empty() => {
                return Err(corrupt("it is empty".to_owned()));
            }
            Ok(Text::Read { text, .. }) => version_in(&text).map_err(corrupt)?,
            Err(error) => {
                self.unreadable(path, &error);
                return Err(None);
            }
        };
        let Some(kept) = record.execution.version(number) else {
            let message = format!("the journal has no version {number}");
            return Err(Some((VERSION_UNKNOWN, message)));
        };
        match changed(&version, kept) {
            Some(what) => {
                let message = format!("{what} is not what the journal says of version {number}");
                Err(Some((VERSION_CHANGED, message)))
            }
            None => Ok(()),
        }
    }
}

/// Names the first thing that a version file says otherwise than the journal.
fn changed(found: &Version, kept: &Version) -> Option<&'static str> {
    let differences = [
        ("`version`", found.number != kept.number),
        ("`snapshotAt`", found.snapshot_at != kept.snapshot_at),
        ("`reason`", found.reason != kept.reason),
        ("`process`", found.process != kept.process),
    ];
    differences.into_iter().find(|(_, differs)| *differs).map(|(what, _)| what)
}
