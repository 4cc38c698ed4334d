//! Looking at folders: what they are, and which names in them belong there.

use std::path::Path;

use process_core::{ProcessId, version::number_in_file_name};

use super::{
    code::{
        FOLDER_NOT_REGULAR, GITATTRIBUTES_MISSING, KEPT_ASIDE, LEFTOVER_TEMPORARY, UNKNOWN_FILE,
        VERSION_UNKNOWN,
    },
    examine::Examination,
};
use crate::{
    disk::{Entry, FileKind},
    replace::is_temporary,
};

/// Names that people put into any folder to keep it in Git, or out of it.
const COMMON_NAMES: [&str; 3] = [".gitattributes", ".gitignore", ".gitkeep"];

/// Which folders can be read.
#[derive(Clone, Copy)]
pub(super) struct Usable {
    pub(super) journals: bool,
    pub(super) views: bool,
}

impl Examination<'_> {
    /// Looks at all folders; `None` when there is nothing behind the first.
    pub(super) fn folders(&mut self) -> Option<Usable> {
        let layout = self.files.layout().clone();
        self.walk(layout.folder(), |_| true)?;
        self.beside_the_project();
        let attributes = layout.folder().join(".gitattributes");
        if matches!(self.files.disk().stat(&attributes), Ok(None)) {
            let message = "Git is not told to keep both sides of journals";
            self.findings.add(GITATTRIBUTES_MISSING, &attributes, message);
        }
        let is_process = |entry: &Entry| view_of(entry).is_some() || is_document(entry);
        let processes =
            self.walk(&layout.processes(), |entry| entry.name == "archived" || is_process(entry));
        let archived =
            if processes.is_some() { self.walk(&layout.archived(), is_process) } else { None };
        let journals = self.walk(&layout.history(), |entry| {
            entry.name == "global.yaml" || view_of(entry).is_some()
        });
        for entry in [&processes, &archived, &journals].into_iter().flatten().flatten() {
            self.ids.extend(view_of(entry));
        }
        self.walk(&layout.templates(), |_| true);
        self.walk(&layout.drive(), |entry| {
            let id = entry.name.strip_suffix(".lock");
            entry.name == "reserved" || id.is_some_and(|id| ProcessId::parse(id).is_ok())
        });
        self.version_folders(&layout.all_versions());
        Some(Usable {
            journals: journals.is_some(),
            views: processes.is_some() && archived.is_some(),
        })
    }

    fn version_folders(&mut self, folder: &Path) {
        let entries = self.walk(folder, |entry| ProcessId::parse(&entry.name).is_ok());
        for entry in entries.unwrap_or_default() {
            let Ok(id) = ProcessId::parse(&entry.name) else {
                continue;
            };
            if !self.ids.contains(&id) {
                let message = format!("there is no process {id}");
                self.findings.add(VERSION_UNKNOWN, &folder.join(&entry.name), message);
            }
        }
    }

    /// Looks at the files of ours that lie outside `.ai`, among those of other people.
    fn beside_the_project(&mut self) {
        let root = self.files.layout().root().to_owned();
        // Whoever may not list the folder may still have a project in it.
        for entry in self.files.disk().list(&root).unwrap_or_default() {
            if entry.name.trim_start_matches('.').starts_with("procside.yaml.") {
                self.name(&root, &entry, &|_| true);
            }
        }
    }

    /// Lists the version files of a process.
    pub(super) fn version_files(&mut self, id: ProcessId) -> Option<Vec<Entry>> {
        let folder = self.files.layout().versions(id);
        // The folder above is looked at by itself.
        self.files.list(&self.files.layout().all_versions()).ok()?;
        let entries = self.walk(&folder, |entry| number_in_file_name(&entry.name).is_some())?;
        Some(
            entries
                .into_iter()
                .filter(|entry| number_in_file_name(&entry.name).is_some())
                .collect(),
        )
    }

    /// Lists a folder and notes what does not belong there; `None` when it cannot be listed.
    fn walk(&mut self, folder: &Path, belongs: impl Fn(&Entry) -> bool) -> Option<Vec<Entry>> {
        let listed = match self.files.disk().stat(folder) {
            Ok(None) => return Some(Vec::new()),
            Ok(Some(stat)) if stat.kind != FileKind::Folder => {
                let message = format!("it is {}, not a folder", kind_name(stat.kind));
                if self.is_derived(folder) {
                    self.findings.add(FOLDER_NOT_REGULAR, folder, message);
                } else {
                    self.findings.add_lasting(FOLDER_NOT_REGULAR, folder, message);
                }
                return None;
            }
            Ok(Some(_)) => self.files.disk().list(folder),
            Err(error) => Err(error),
        };
        let entries = listed.map_err(|error| self.unreadable(folder, &error)).ok()?;
        for entry in &entries {
            self.name(folder, entry, &belongs);
        }
        Some(entries)
    }

    /// Tells whether all that a folder should hold can be written anew from the journals.
    fn is_derived(&self, folder: &Path) -> bool {
        let layout = self.files.layout();
        let versions = layout.all_versions();
        [layout.processes(), layout.archived(), versions.clone()].iter().any(|one| one == folder)
            || folder.parent() == Some(&versions)
    }

    fn name(&mut self, folder: &Path, entry: &Entry, belongs: &dyn Fn(&Entry) -> bool) {
        let path = folder.join(&entry.name);
        if entry.kind != FileKind::Folder && is_temporary(&entry.name) {
            let message = "a write that never ended left it, or one that goes on";
            self.findings.add(LEFTOVER_TEMPORARY, &path, message);
        } else if let Some(old) = kept_name(&entry.name) {
            let message =
                format!("it was kept when `{old}` was rebuilt; remove it when nobody needs it");
            self.findings.add(KEPT_ASIDE, &path, message);
        } else if !belongs(entry) && !COMMON_NAMES.contains(&entry.name.as_str()) {
            self.findings.add(UNKNOWN_FILE, &path, "it belongs to no process");
        }
    }
}

/// Returns what stands in place of something else, as messages name it.
pub(super) fn kind_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::File => "a file",
        FileKind::Folder => "a folder",
        FileKind::Link => "a link",
        FileKind::Other => "a pipe or device",
    }
}

/// Returns the process whose file or journal has this name.
fn view_of(entry: &Entry) -> Option<ProcessId> {
    ProcessId::parse(entry.name.strip_suffix(".yaml")?).ok()
}

fn is_document(entry: &Entry) -> bool {
    entry.name.strip_suffix(".md").is_some_and(|stem| ProcessId::parse(stem).is_ok())
}

/// Returns the name of the file that was kept under this name.
fn kept_name(name: &str) -> Option<&str> {
    let (old, suffix) = name.rsplit_once('.')?;
    let number = suffix.strip_prefix("corrupt-").or_else(|| suffix.strip_prefix("rejected-"))?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !old.is_empty()).then_some(old)
}
