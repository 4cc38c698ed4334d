//! Names that are parsed once: of namespaces and of tasks.

use std::fmt;

use crate::limits::NAME_BYTES_MAX;

#[cfg(test)]
mod tests;

/// The namespace of children that name none.
const DEFAULT: &str = "default";

/// The name that isolates the children of one program or project from those of others.
///
/// 1 to 200 bytes without control characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Namespace(Box<str>);

/// The task that a child works on: any text that its owner tells tasks apart by, such as
/// `FEAT-001` or `proc-001/a/1/1`.
///
/// 1 to 200 bytes without control characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TaskId(Box<str>);

/// Why a text is no name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NameError {
    /// It holds a character that a terminal would not show.
    #[error("{what} {text:?} contains a control character")]
    ControlCharacter {
        /// What the name was to be: `namespace` or `task id`.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// It is empty.
    #[error("{what} is empty")]
    Empty {
        /// What the name was to be.
        what: &'static str,
    },
    /// It is longer than [`NAME_BYTES_MAX`].
    #[error("{what} is {bytes} bytes long; at most {NAME_BYTES_MAX} are allowed")]
    TooLong {
        /// What the name was to be.
        what: &'static str,
        /// How long it is.
        bytes: usize,
    },
}

impl Namespace {
    /// Reads the name of a namespace.
    ///
    /// # Errors
    /// Why the text is none.
    pub fn parse(text: &str) -> Result<Namespace, NameError> {
        parse("namespace", text).map(Namespace)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Namespace {
    /// Returns the namespace of children that name none, `default`.
    fn default() -> Namespace {
        Namespace(DEFAULT.into())
    }
}

impl TaskId {
    /// Reads the id of a task.
    ///
    /// # Errors
    /// Why the text is none.
    pub fn parse(text: &str) -> Result<TaskId, NameError> {
        parse("task id", text).map(TaskId)
    }

    /// Returns the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn parse(what: &'static str, text: &str) -> Result<Box<str>, NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { what });
    }
    if text.len() > NAME_BYTES_MAX {
        return Err(NameError::TooLong { what, bytes: text.len() });
    }
    if text.chars().any(char::is_control) {
        return Err(NameError::ControlCharacter { what, text: text.to_owned() });
    }
    Ok(text.into())
}
