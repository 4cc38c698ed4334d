//! Definitions by name: what a `sub_process` step runs, and templates.

use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use process_core::{
    definition::Definition,
    yaml::{self, Data, Node},
};
use process_store::disk::{Disk, FileKind};

use crate::{
    definitions::Definitions,
    error::Error,
    scenario_files::{folder_of, is_scenario},
    source::FILE_BYTES_MAX,
};

/// The most files of a folder that are opened to see how they call themselves.
const OPENED_MAX: usize = 1_000;

/// The most that is read of them together: as much as one file may have.
const OPENED_BYTES_MAX: u64 = FILE_BYTES_MAX;

/// The definitions that can be named from one place: templates of the project, then what lies
/// beside.
pub(crate) struct Named<'a> {
    definitions: &'a Definitions,
    folders: Vec<Folder>,
    found: RefCell<BTreeMap<String, Option<Arc<Definition>>>>,
    notices: RefCell<Vec<String>>,
}

/// A folder in which definitions are looked for by name.
pub(crate) struct Folder {
    path: PathBuf,
    /// What the files call themselves; looked at only when no file has the name that is asked for.
    names: OnceCell<BTreeMap<String, PathBuf>>,
}

impl<'a> Named<'a> {
    /// Returns what can be named beside a definition.
    pub(crate) fn beside(definitions: &'a Definitions, definition: &Path) -> Self {
        Self::within(definitions, Some(folder_of(definition)))
    }

    /// Returns what can be named where definitions lie in this folder, or in none.
    pub(crate) fn within(definitions: &'a Definitions, folder: Option<&Path>) -> Self {
        let project = definitions.project.as_ref();
        let templates = project.map(|project| project.files().layout().templates());
        let folders = templates.into_iter().chain(folder.map(Path::to_owned));
        Self {
            definitions,
            folders: folders.map(Folder::new).collect(),
            found: RefCell::default(),
            notices: RefCell::default(),
        }
    }

    /// Finds a definition; one that cannot be used is none, and is noted.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Definition>> {
        if let Some(found) = self.found.borrow().get(name) {
            return found.clone();
        }
        let found = self.look_up(name).unwrap_or_else(|error| {
            self.notices.borrow_mut().push(format!("sub-process `{name}`: {error}"));
            None
        });
        self.found.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    /// Takes what is to be said about definitions that were named and cannot be used.
    pub(crate) fn take_notices(&self) -> Vec<String> {
        self.notices.take()
    }

    /// Finds a definition, or tells why the one that is there cannot be used.
    pub(crate) fn look_up(&self, name: &str) -> Result<Option<Arc<Definition>>, Error> {
        for folder in &self.folders {
            if let Some(path) = folder.find(self.definitions.disk.as_ref(), name)? {
                let validation = self.definitions.source_of_file(&path)?.validate();
                return validation.usable().cloned().map(Some);
            }
        }
        Ok(None)
    }
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, names: OnceCell::new() }
    }

    /// Finds the file that has this name, or calls itself so.
    ///
    /// A name is compared with what is there, never made into a path.
    pub(crate) fn find(&self, disk: &dyn Disk, name: &str) -> Result<Option<PathBuf>, Error> {
        let has_name = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == name);
        match self.files(disk)?.into_iter().find(has_name) {
            Some(path) => Ok(Some(path)),
            None => Ok(self.names(disk)?.get(name).cloned()),
        }
    }

    /// Returns how the files call themselves, by `id` and `name`; the first one counts.
    fn names(&self, disk: &dyn Disk) -> Result<&BTreeMap<String, PathBuf>, Error> {
        if let Some(names) = self.names.get() {
            return Ok(names);
        }
        let mut names = BTreeMap::new();
        let mut bytes_left = OPENED_BYTES_MAX;
        for path in self.files(disk)?.into_iter().take(OPENED_MAX) {
            // What cannot be read, or would be too much together, has no name.
            let Ok(bytes) = disk.read(&path, bytes_left) else { continue };
            bytes_left -= bytes.len() as u64;
            let text = std::str::from_utf8(&bytes).ok();
            for name in text.and_then(|text| yaml::read(text).ok()).iter().flat_map(own_names) {
                names.entry(name.to_owned()).or_insert_with(|| path.clone());
            }
        }
        Ok(self.names.get_or_init(|| names))
    }

    /// Lists what may be a definition, `.yaml` before `.yml`; no folder has none.
    fn files(&self, disk: &dyn Disk) -> Result<Vec<PathBuf>, Error> {
        let entries = match disk.list(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == process_store::ErrorKind::NotFound => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let files = entries.into_iter().filter(|entry| entry.kind == FileKind::File);
        let files = files.map(|entry| self.path.join(entry.name));
        let ends = |path: &Path, with: &str| path.extension().is_some_and(|ending| ending == with);
        let (yaml, rest): (Vec<PathBuf>, Vec<PathBuf>) =
            files.filter(|path| !is_scenario(path)).partition(|path| ends(path, "yaml"));
        Ok(yaml.into_iter().chain(rest.into_iter().filter(|path| ends(path, "yml"))).collect())
    }
}

/// Returns the names that a file gives itself, also inside the `process:` that some write around it.
fn own_names(node: &Node) -> impl Iterator<Item = &str> {
    let roots = [Some(node), node.get("process")].into_iter().flatten();
    roots.flat_map(|root| ["id", "name"].into_iter().filter_map(|key| text_of(root.get(key)?)))
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.data {
        Data::Text(text) => Some(text),
        _ => None,
    }
}
