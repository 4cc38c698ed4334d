//! Definitions in files, read with everything that is wrong with them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use process_core::{Diagnostic, Place, definition::Definition, diagnostic};
use process_store::disk::Disk;
use serde_json::{Value, json};

use crate::{
    answers::Checked,
    error::{Error, ErrorKind},
    project::{Procside, Surroundings},
    scenario_files::{definition_beside, is_scenario},
    source::{Source, problems_value, refused},
};

/// Definitions in files, and what can be done with them without running anything.
///
/// No project is needed; where there is one, its templates are known by name.
#[derive(Clone)]
pub struct Definitions {
    pub(crate) disk: Arc<dyn Disk>,
    /// The folder to which names are relative.
    pub(crate) folder: PathBuf,
    pub(crate) project: Option<Procside>,
    dry: bool,
}

/// A file, read as a definition or a scenario, with every problem that it has.
#[derive(Clone, Debug)]
pub struct Validation {
    /// What the file is called in answers.
    pub file: String,
    /// Its text.
    pub source: String,
    /// Every problem, in the order of the file.
    pub problems: Vec<Diagnostic>,
    /// What it defines, as far as it can be read; none for a scenario.
    pub definition: Option<Arc<Definition>>,
}

impl Definitions {
    /// Returns what can be done with definitions from this folder, with the templates of the
    /// project that it belongs to, if there is one.
    ///
    /// # Errors
    /// Whatever keeps the folders above from being looked at.
    pub fn near(folder: impl AsRef<Path>, surroundings: Surroundings) -> Result<Self, Error> {
        let (disk, folder) = (surroundings.disk.clone(), folder.as_ref().to_owned());
        let project = match Procside::open_with(&folder, surroundings) {
            Ok(project) => Some(project),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self { disk, folder, project, dry: false })
    }

    /// Returns what can be done from this folder with the definitions that a project knows.
    #[must_use]
    pub fn of(project: &Procside, folder: PathBuf) -> Self {
        let (disk, dry) = (project.surroundings.disk.clone(), project.is_dry());
        Self { disk, folder, project: Some(project.clone()), dry }
    }

    /// Returns what can be done with definitions where no project is known.
    pub(crate) fn on(disk: Arc<dyn Disk>) -> Self {
        Self { disk, folder: PathBuf::new(), project: None, dry: false }
    }

    /// Makes [`Definitions::fix`] show what it would do, and write nothing.
    #[must_use]
    pub fn with_dry_run(mut self, dry: bool) -> Self {
        self.dry = dry;
        self
    }

    pub(crate) fn is_dry(&self) -> bool {
        self.dry
    }

    /// Reads a definition with every problem at once; a scenario is held against its definition.
    ///
    /// A path where nothing is may be the id of a template.
    ///
    /// # Errors
    /// `NotFound`; `Corrupt` for anything but a file; `Invalid` for one that is over the limit.
    pub fn validate(&self, path: &Path) -> Result<Validation, Error> {
        let source = self.source(path)?;
        if is_scenario(path) { self.validate_scenario(path, source) } else { Ok(source.validate()) }
    }

    /// Reads definitions as [`Definitions::validate`] does, or makes their spellings canonical first.
    ///
    /// # Errors
    /// As [`Definitions::validate`] and [`Definitions::fix`], for the first file that has one.
    pub fn check_files(&self, paths: &[PathBuf], fix: bool) -> Result<Vec<Checked>, Error> {
        let check = |path: &PathBuf| {
            if fix {
                self.fix(path).map(Checked::Rewritten)
            } else {
                self.validate(path).map(Checked::Read)
            }
        };
        paths.iter().map(check).collect()
    }

    fn validate_scenario(&self, path: &Path, source: Source) -> Result<Validation, Error> {
        let problem =
            |code, message: String| vec![Diagnostic::error(code, Place::UNKNOWN, message)];
        let problems = match definition_beside(self.disk.as_ref(), path)? {
            None => problem("no_definition", "there is no definition beside it".to_owned()),
            Some(definition) => {
                let validation = self.source_of_file(&definition)?.validate();
                match validation.usable() {
                    Ok(definition) => source.scenario(definition).err().unwrap_or_default(),
                    Err(error) => problem("bad_definition", error.message().to_owned()),
                }
            }
        };
        Ok(Validation { file: source.name, source: source.text, problems, definition: None })
    }
}

impl Validation {
    /// Returns whether the file cannot be used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Returns the problems for which the file cannot be used.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.problems.iter().filter(|problem| problem.is_error())
    }

    /// Returns the problems for people, each with the line that it is about.
    #[must_use]
    pub fn rendered(&self) -> String {
        diagnostic::render(&self.problems, &self.file, &self.source)
    }

    /// Returns the data of the answer (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({"file": self.file, "problems": problems_value(&self.problems)})
    }

    /// Returns the definition, if it has no error.
    pub(crate) fn usable(&self) -> Result<&Arc<Definition>, Error> {
        let errors: Vec<Diagnostic> = self.errors().cloned().collect();
        match &self.definition {
            Some(definition) if errors.is_empty() => Ok(definition),
            _ => Err(refused(&self.file, &self.source, &errors)),
        }
    }
}
