//! The arguments of one call, checked against its operation.

use std::{collections::BTreeMap, path::PathBuf};

use process_core::{ProcessId, definition::nearest};
use serde_json::{Map, Value};

use super::{
    argument::{Argument, ArgumentKind},
    table::{COMMON, Operation},
};
use crate::{
    error::{Error, ErrorKind},
    parse,
    patching::read_text_file,
    project::Procside,
};

/// A call of an operation: the project, and the arguments that were given.
pub(super) struct Given {
    /// The project, with what the common arguments say.
    pub(super) project: Procside,
    values: BTreeMap<&'static str, Value>,
}

impl Given {
    /// Checks the arguments of a call.
    ///
    /// # Errors
    /// `Usage` that names the argument; `Invalid` for a process or a store that is none.
    pub(super) fn read(
        project: &Procside,
        operation: &Operation,
        args: &Map<String, Value>,
    ) -> Result<Self, Error> {
        let mut values = BTreeMap::new();
        for (name, value) in args {
            // Most languages have a null for what is not given.
            if value.is_null() {
                continue;
            }
            let argument = operation.argument(name).ok_or_else(|| unknown(operation, name))?;
            let value = checked(operation, argument, value)?;
            if values.insert(argument.name, value).is_some() {
                let message = format!("`{}` has `{}` twice", operation.name, argument.name);
                return Err(Error::new(ErrorKind::Usage, message));
            }
        }
        let is_missing = |argument: &&Argument| !values.contains_key(argument.name);
        if let Some(missing) =
            operation.arguments.iter().filter(|argument| argument.is_required).find(is_missing)
        {
            let message = format!("`{}` needs `{}`", operation.name, missing.name);
            return Err(Error::new(ErrorKind::Usage, message).with_hint(takes(operation)));
        }
        let mut given = Self { project: project.apart(), values };
        if let Some(address) = given.text("store") {
            let root = project.root().to_owned();
            given.project = given.project.clone().with_store(address, &root)?;
        }
        if let Some(id) = given.text("process") {
            given.project = given.project.clone().with_process(Some(parse::process(id)?));
        }
        if given.flag("dry-run") {
            given.project = given.project.with_dry_run(true);
        }
        Ok(given)
    }

    /// Returns a text that must be given.
    pub(super) fn need(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// Returns a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    /// Returns a text of its own.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// Returns whether something is asked for.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Returns a whole number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.values.get(name).and_then(Value::as_u64)
    }

    /// Returns how many of something are wanted.
    pub(super) fn count(&self, name: &str) -> Option<usize> {
        self.number(name).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// Returns JSON as it was given.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Returns what may be given several times; what is no text, as JSON.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self.values.get(name) {
            None => Vec::new(),
            Some(Value::Array(values)) => values.iter().map(text).collect(),
            Some(value) => vec![text(value)],
        }
    }

    /// Returns a path; a relative one is below the project's folder.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(|path| self.below(path))
    }

    /// Returns a path as it is meant: below the project's folder.
    pub(super) fn below(&self, path: &str) -> PathBuf {
        self.project.root().join(path)
    }

    /// Returns the process that the call names, as `id`.
    ///
    /// # Errors
    /// `Invalid` for a text that is no id.
    pub(super) fn id(&self) -> Result<Option<ProcessId>, Error> {
        parse::optional_process(self.text("id"))
    }

    /// Returns the project with whoever the call names as the one who acts.
    pub(super) fn acting(&self) -> Procside {
        match self.owned("by") {
            Some(by) => self.project.clone().with_identity(by),
            None => self.project.clone(),
        }
    }

    /// Returns JSON; a text is read as JSON, as on the command line.
    ///
    /// # Errors
    /// `Invalid` for a text that is no JSON.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, Error> {
        match self.values.get(name) {
            Some(Value::String(text)) => parse::json(&format!("`{name}`"), text).map(Some),
            value => Ok(value.cloned()),
        }
    }

    /// Returns the text of a document in JSON: given as JSON, as a text that begins like JSON, or in
    /// the file that a text names.
    ///
    /// # Errors
    /// As [`read_text_file`].
    pub(super) fn json_text(&self, value: &Value) -> Result<String, Error> {
        let Value::String(text) = value else { return Ok(value.to_string()) };
        if text.trim_start().starts_with(['[', '{']) {
            return Ok(text.clone());
        }
        read_text_file(&self.below(text))
    }
}

/// Returns an error about how a call is written.
pub(super) fn usage(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, message)
}

fn checked(operation: &Operation, argument: &Argument, value: &Value) -> Result<Value, Error> {
    let is_one = |value: &Value| match argument.kind {
        ArgumentKind::Flag => value.is_boolean(),
        ArgumentKind::Json => true,
        ArgumentKind::Number => value.as_u64().is_some(),
        ArgumentKind::Text => value.is_string(),
    };
    let is_list = |value: &Value| {
        argument.is_repeated && value.as_array().is_some_and(|list| list.iter().all(is_one))
    };
    if is_one(value) || is_list(value) {
        return Ok(value.clone());
    }
    let (operation, name) = (operation.name, argument.name);
    let (what, many) =
        (argument.kind.as_words(), if argument.is_repeated { ", or a list" } else { "" });
    Err(usage(format!("`{name}` of `{operation}` must be {what}{many}")))
}

fn unknown(operation: &Operation, name: &str) -> Error {
    let names = operation.arguments.iter().chain(COMMON).map(|argument| argument.name);
    let error = usage(format!("`{}` has no argument {name:?}", operation.name));
    match nearest(name, names) {
        Some(nearest) => error.with_hint(format!("did you mean `{nearest}`?")),
        None => error.with_hint(takes(operation)),
    }
}

fn takes(operation: &Operation) -> String {
    let names: Vec<&str> = operation.arguments.iter().map(|argument| argument.name).collect();
    if names.is_empty() {
        return format!("`{}` takes no arguments of its own", operation.name);
    }
    format!("`{}` takes {}", operation.name, names.join(", "))
}
