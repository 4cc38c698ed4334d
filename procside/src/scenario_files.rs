//! Scenarios as files: their names, and where they are found.

use std::path::{Path, PathBuf};

use process_store::disk::{Disk, FileKind};

use crate::error::{Error, ErrorKind};

/// How the names of scenarios end.
const SCENARIO_ENDINGS: [&str; 2] = [".scenario.yaml", ".scenario.yml"];

/// How the names of definitions end, the first one that is there counts.
const DEFINITION_ENDINGS: [&str; 2] = ["yaml", "yml"];

/// The deepest folder below the one that is named: no source tree is as deep.
pub const FOLDER_DEPTH_MAX: usize = 64;

/// The most folders that are looked into: more is no place for tests.
pub const FOLDERS_MAX: usize = 100_000;

/// The most scenarios of one run.
pub const SCENARIOS_MAX: usize = 100_000;

/// The scenarios below some paths, and what could not be looked into.
#[derive(Debug, Default)]
pub(crate) struct FoundScenarios {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) notices: Vec<String>,
    folders: usize,
}

/// Returns whether a path has the name of a scenario.
pub(crate) fn is_scenario(path: &Path) -> bool {
    scenario_stem(path).is_some()
}

/// Returns the name of a scenario without its ending, such as `report.late`.
pub(crate) fn scenario_stem(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    let stem = SCENARIO_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))?;
    (!stem.is_empty()).then_some(stem)
}

/// Finds the definition that a scenario is about: `NAME.yaml` beside `NAME.scenario.yaml` and
/// `NAME.*.scenario.yaml`; the longest name counts.
pub(crate) fn definition_beside(
    disk: &dyn Disk,
    scenario: &Path,
) -> Result<Option<PathBuf>, Error> {
    let mut name = scenario_stem(scenario).unwrap_or_default();
    while !name.is_empty() {
        for ending in DEFINITION_ENDINGS {
            let path = scenario.with_file_name(format!("{name}.{ending}"));
            if !is_scenario(&path) && disk.stat(&path)?.is_some() {
                return Ok(Some(path));
            }
        }
        name = name.rsplit_once('.').map_or("", |(name, _)| name);
    }
    Ok(None)
}

/// Finds the scenarios that paths mean: those below a folder, those of a definition, or one itself.
///
/// # Errors
/// `NotFound` for a path where nothing is; `Invalid` for links, pipes and devices, and when there is
/// too much to look through.
pub(crate) fn find_scenarios(disk: &dyn Disk, paths: &[PathBuf]) -> Result<FoundScenarios, Error> {
    let mut found = FoundScenarios::default();
    for path in paths {
        match disk.stat(path)?.map(|stat| stat.kind) {
            None => {
                let message = format!("there is no file or folder `{}`", path.display());
                return Err(Error::new(ErrorKind::NotFound, message));
            }
            Some(FileKind::Folder) => found.look_into(disk, path, 0)?,
            Some(FileKind::File) if is_scenario(path) => found.add(path.clone())?,
            Some(FileKind::File) => found.add_beside(disk, path)?,
            Some(FileKind::Link) => return Err(unusual(path, "it is a link")),
            Some(FileKind::Other) => return Err(unusual(path, "it is a pipe or device")),
        }
    }
    found.paths.sort();
    found.paths.dedup();
    Ok(found)
}

impl FoundScenarios {
    /// Adds what lies below a folder; links are not followed, and what is hidden is passed over.
    fn look_into(&mut self, disk: &dyn Disk, folder: &Path, depth: usize) -> Result<(), Error> {
        self.folders += 1;
        if self.folders > FOLDERS_MAX {
            let message = format!("`{}` is beyond {FOLDERS_MAX} folders", folder.display());
            return Err(Error::new(ErrorKind::Invalid, message).with_hint("name fewer folders"));
        }
        let entries = match disk.list(folder) {
            Ok(entries) => entries,
            Err(error) if depth > 0 => {
                self.notices.push(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        for entry in entries.into_iter().filter(|entry| !entry.name.starts_with('.')) {
            let path = below(folder, &entry.name);
            match entry.kind {
                FileKind::Folder if depth < FOLDER_DEPTH_MAX => {
                    self.look_into(disk, &path, depth + 1)?;
                }
                FileKind::Folder => {
                    let what = format!("`{}` lies too deep to be looked into", path.display());
                    self.notices.push(what);
                }
                FileKind::File if is_scenario(&path) => self.add(path)?,
                FileKind::File | FileKind::Link | FileKind::Other => {}
            }
        }
        Ok(())
    }

    /// Adds the scenarios of a definition.
    fn add_beside(&mut self, disk: &dyn Disk, definition: &Path) -> Result<(), Error> {
        let folder = folder_of(definition);
        for entry in disk.list(folder)? {
            let path = definition.with_file_name(&entry.name);
            if entry.kind == FileKind::File
                && is_scenario(&path)
                && definition_beside(disk, &path)?.as_deref() == Some(definition)
            {
                self.add(path)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) -> Result<(), Error> {
        if self.paths.len() == SCENARIOS_MAX {
            let message = format!("there are more than {SCENARIOS_MAX} scenarios");
            return Err(Error::new(ErrorKind::Invalid, message).with_hint("name fewer folders"));
        }
        self.paths.push(path);
        Ok(())
    }
}

/// Returns the folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns a path in a folder as people write it: not `./a.yaml`.
fn below(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

fn unusual(path: &Path, reason: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("cannot test `{}`: {reason}", path.display()))
}
