//! Where everything of a project lies.

use std::path::{Path, PathBuf};

use process_core::{ProcessId, TemplateId};

/// The folder that makes a folder a project.
pub const FOLDER: &str = ".ai";

/// The paths of a project (docs/formats/README.md).
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
    folder: PathBuf,
}

impl Layout {
    /// Returns the layout of the project in this folder.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self { folder: root.join(FOLDER), root }
    }

    /// Returns the folder that holds `.ai`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns `.ai` itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the project's configuration.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.root.join(".procside.yaml")
    }

    /// Returns the index; the project's lock stands beside it.
    #[must_use]
    pub fn registry(&self) -> PathBuf {
        self.folder.join("registry.yaml")
    }

    /// Returns the folder of the processes as people see and edit them.
    #[must_use]
    pub fn processes(&self) -> PathBuf {
        self.folder.join("processes")
    }

    /// Returns the folder of the processes that were put away.
    #[must_use]
    pub fn archived(&self) -> PathBuf {
        self.processes().join("archived")
    }

    /// Returns the file of a process.
    #[must_use]
    pub fn view(&self, id: ProcessId, archived: bool) -> PathBuf {
        let folder = if archived { self.archived() } else { self.processes() };
        folder.join(format!("{id}.yaml"))
    }

    /// Returns the document's file of a process.
    #[must_use]
    pub fn document(&self, id: ProcessId, archived: bool) -> PathBuf {
        self.view(id, archived).with_extension("md")
    }

    /// Returns the folder of the journals.
    #[must_use]
    pub fn history(&self) -> PathBuf {
        self.folder.join("history")
    }

    /// Returns the journal of a process.
    #[must_use]
    pub fn journal(&self, id: ProcessId) -> PathBuf {
        self.history().join(format!("{id}.yaml"))
    }

    /// Returns the journal of the registry itself.
    #[must_use]
    pub fn global(&self) -> PathBuf {
        self.history().join("global.yaml")
    }

    /// Returns the folder of all version files.
    #[must_use]
    pub fn all_versions(&self) -> PathBuf {
        self.folder.join("versions")
    }

    /// Returns the folder of a process's version files.
    #[must_use]
    pub fn versions(&self, id: ProcessId) -> PathBuf {
        self.all_versions().join(id.to_string())
    }

    /// Returns the folder that says which program drives which process; nothing in it lasts.
    #[must_use]
    pub fn drive(&self) -> PathBuf {
        self.folder.join("drive")
    }

    /// Returns the file that whoever drives a process holds locked.
    #[must_use]
    pub fn drive_lock(&self, id: ProcessId) -> PathBuf {
        self.drive().join(format!("{id}.lock"))
    }

    /// Returns the file with the highest process number that was reserved.
    #[must_use]
    pub fn reserved(&self) -> PathBuf {
        self.drive().join("reserved")
    }

    /// Returns the folder of the local templates.
    #[must_use]
    pub fn templates(&self) -> PathBuf {
        self.folder.join("templates")
    }

    /// Returns the file under which a template of ours is kept.
    #[must_use]
    pub fn template(&self, id: &TemplateId) -> PathBuf {
        self.templates().join(format!("{id}.yaml"))
    }

    /// Returns the process file of the layout for a single process.
    #[must_use]
    pub fn legacy_process(&self) -> PathBuf {
        self.folder.join("process.yaml")
    }

    /// Returns the history file of the layout for a single process.
    #[must_use]
    pub fn legacy_history(&self) -> PathBuf {
        self.folder.join("history.yaml")
    }

    /// Returns a path as people are told it: below the project, with `/`.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}
