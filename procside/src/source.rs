//! The texts of definitions and scenarios: found by path or by the id of a template.

use std::path::{Component, Path, PathBuf};

use process_core::{Diagnostic, Place, TemplateId, definition, diagnostic, yaml};
use process_store::disk::Stat;
use serde_json::{Value, json};

use crate::{
    definitions::{Definitions, Validation},
    error::{Error, ErrorKind},
    named::Folder,
};

/// The largest definition or scenario that is read.
pub(crate) const FILE_BYTES_MAX: u64 = yaml::TEXT_BYTES_MAX as u64;

/// The text of a definition or a scenario, and where it was found.
pub(crate) struct Source {
    /// What it is called in answers.
    pub(crate) name: String,
    /// The text; with signs in the place of what is no text.
    pub(crate) text: String,
    /// What keeps it from being text at all.
    unreadable: Option<Diagnostic>,
    /// The file that holds it, and what the disk said of it before it was read; none when the text
    /// was put together.
    pub(crate) file: Option<(PathBuf, Stat)>,
}

impl Definitions {
    /// Finds the text that a path or the id of a template means.
    pub(crate) fn source(&self, path: &Path) -> Result<Source, Error> {
        if self.disk.stat(path)?.is_none()
            && let Some(source) = self.template_source(path)?
        {
            return Ok(source);
        }
        self.source_of_file(path)
    }

    /// Reads the text of a file.
    pub(crate) fn source_of_file(&self, path: &Path) -> Result<Source, Error> {
        let stat = self.disk.stat(path)?;
        let bytes = self.disk.read(path, FILE_BYTES_MAX)?;
        let name = path.display().to_string();
        let file = stat.map(|stat| (path.to_owned(), stat));
        Ok(match String::from_utf8(bytes) {
            Ok(text) => Source { name, text, unreadable: None, file },
            Err(error) => {
                let unreadable = Some(no_text(error.as_bytes(), error.utf8_error().valid_up_to()));
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Source { name, text, unreadable, file }
            }
        })
    }

    /// Finds the template of the project that a path names, with all that it inherits.
    fn template_source(&self, path: &Path) -> Result<Option<Source>, Error> {
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        match single_name(path) {
            Some(name) => self.named_template(name),
            None => Ok(None),
        }
    }

    /// Finds the template of the project that has this id, or calls itself so, with all that it
    /// inherits.
    pub(crate) fn named_template(&self, name: &str) -> Result<Option<Source>, Error> {
        let Some(project) = &self.project else { return Ok(None) };
        let layout = project.files().layout();
        if let Some(path) = Folder::new(layout.templates()).find(self.disk.as_ref(), name)? {
            let source = self.source_of_file(&path)?;
            if !source.inherits() {
                return Ok(Some(Source { name: layout.shown(&path), ..source }));
            }
        }
        let Ok(id) = TemplateId::parse(name) else { return Ok(None) };
        match project.template(&id) {
            Ok(found) => {
                let text = yaml::write(&found.template.to_value());
                let name = format!("template {id}");
                Ok(Some(Source { name, text, unreadable: None, file: None }))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Source {
    /// Reads the text as a definition.
    pub(crate) fn validate(self) -> Validation {
        let (problems, definition) = match self.unreadable {
            Some(problem) => (vec![problem], None),
            None => match definition::read_text(&self.text) {
                Ok(read) => (read.problems, read.definition.map(Into::into)),
                Err(problem) => (vec![problem], None),
            },
        };
        Validation { file: self.name, source: self.text, problems, definition }
    }

    /// Reads the text as YAML.
    pub(crate) fn node(&self) -> Result<yaml::Node, Diagnostic> {
        match &self.unreadable {
            Some(problem) => Err(problem.clone()),
            None => yaml::read(&self.text),
        }
    }

    /// Returns the same file with another text.
    pub(crate) fn with_text(self, text: String) -> Self {
        Self { text, unreadable: None, ..self }
    }

    /// Returns whether it is text at all.
    pub(crate) fn is_text(&self) -> bool {
        self.unreadable.is_none()
    }

    fn inherits(&self) -> bool {
        self.node().is_ok_and(|node| node.get("extends").is_some())
    }
}

/// Returns the error for a text with these problems: the first one in its message, all of them with
/// their places and lines as details.
pub(crate) fn refused(name: &str, text: &str, problems: &[Diagnostic]) -> Error {
    let first = problems.first();
    let first = first.map_or_else(|| "it defines nothing".to_owned(), Diagnostic::to_string);
    let more = match problems.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let message = format!("cannot use `{name}`: {first}{more}");
    Error::new(ErrorKind::Invalid, message).with_details(json!({
        "problems": problems_value(problems),
        "rendered": diagnostic::render(problems, name, text),
    }))
}

pub(crate) fn problems_value(problems: &[Diagnostic]) -> Value {
    problems.iter().map(Diagnostic::to_json).collect()
}

/// Returns the problem of a text that is not UTF-8 from this byte on.
fn no_text(bytes: &[u8], valid: usize) -> Diagnostic {
    let before = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
    let place = Place::new(number(line), number(column));
    Diagnostic::error("not_utf8", place, "the text is not UTF-8 from here on")
}

/// Returns the path as a name, if it is one name only and not that of a YAML file.
pub(crate) fn single_name(path: &Path) -> Option<&str> {
    if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
        return None;
    }
    let mut components = path.components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) => name.to_str(),
        _ => None,
    }
}
