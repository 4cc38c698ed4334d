//! Definitions written in canonical form.

use std::path::{Component, Path};

use process_core::{Diagnostic, definition};
use process_store::replace::{Durability, replace};
use serde_json::Value;

use crate::{
    definitions::{Definitions, Validation},
    error::{Error, ErrorKind},
    scenario_files::is_scenario,
    source::problems_value,
};

/// A definition whose spellings were made canonical.
#[derive(Clone, Debug)]
pub struct Rewriting {
    /// The spellings that were rewritten, each with its place in the text as it was.
    pub fixed: Vec<Diagnostic>,
    /// Whether the file was written.
    pub is_written: bool,
    /// What is to be said about the new text.
    pub validation: Validation,
}

impl Definitions {
    /// Writes every other spelling of a definition in canonical form, comments kept, and says what
    /// is left.
    ///
    /// The file is replaced atomically, and only when something changed.
    ///
    /// # Errors
    /// As [`Definitions::validate`]; `Invalid` for what is no file of its author's, `Conflict` when
    /// it was changed meanwhile, and whatever the disk says.
    pub fn fix(&self, path: &Path) -> Result<Rewriting, Error> {
        let source = self.source(path)?;
        let unfixable = |reason: &str| {
            let message = format!("cannot rewrite `{}`: {reason}", source.name);
            Error::new(ErrorKind::Invalid, message)
        };
        let Some((file, stat)) = source.file.clone() else {
            return Err(unfixable("it is builtin or inherits"));
        };
        if is_scenario(&file) {
            return Err(unfixable("it is a scenario, which has one spelling only"));
        }
        let fixed = if source.is_text() { definition::fix(&source.text).ok() } else { None };
        // What is no YAML has no spellings.
        let Some(fixed) = fixed else {
            let validation = source.validate();
            return Ok(Rewriting { fixed: Vec::new(), is_written: false, validation });
        };
        let has_changed = fixed.text != source.text;
        if has_changed && is_kept_by_us(&file) {
            return Err(unfixable("the project keeps it itself"));
        }
        let is_written = has_changed && !self.is_dry();
        if is_written {
            if self.disk.stat(&file)? != Some(stat) {
                let message = format!("`{}` was changed meanwhile", source.name);
                return Err(Error::new(ErrorKind::Conflict, message).with_hint("repeat it"));
            }
            let bytes = fixed.text.as_bytes();
            replace(self.disk.as_ref(), &file, bytes, Durability::SyncedWithFolder)?;
        }
        let mut validation = source.with_text(fixed.text).validate();
        validation.problems = fixed.left;
        Ok(Rewriting { fixed: fixed.fixed, is_written, validation })
    }
}

impl Rewriting {
    /// Returns the data of the answer (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.validation.to_value();
        value["fixed"] = problems_value(&self.fixed);
        value["written"] = self.is_written.into();
        value
    }
}

/// Returns whether a path lies where a project keeps its own files, links followed; templates are
/// written by people.
fn is_kept_by_us(path: &Path) -> bool {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut names = real.components().map(Component::as_os_str);
    names.any(|name| name == ".ai") && names.next().is_some_and(|name| name != "templates")
}
