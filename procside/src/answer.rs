//! What an operation has to say to programs, and the envelope in which it is said (docs/cli.md).

use serde_json::{Value, json};

use crate::error::Error;

/// The version of the envelope.
pub const SCHEMA_VERSION: u32 = 1;

/// The exit code of an operation that did what was asked and found something wrong.
pub const FOUND_WRONG: u8 = 1;

/// The exit code of an operation that read a file and found it unusable.
pub const FOUND_INVALID: u8 = 6;

/// The exit code of an operation that leaves a process waiting for something outside.
pub const WAITING: u8 = 7;

/// The exit code of an operation that was told to stop.
pub const INTERRUPTED: u8 = 130;

/// The answer of an operation that did what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// What the envelope shows as `data`.
    pub data: Value,
    /// What people are told beside it.
    pub notices: Vec<String>,
    /// The exit code.
    pub exit: u8,
}

impl Answered {
    /// Returns an answer that all is well.
    #[must_use]
    pub fn new(data: Value) -> Self {
        Self { data, notices: Vec::new(), exit: 0 }
    }

    /// Adds what people are told.
    #[must_use]
    pub fn with_notices(mut self, notices: impl IntoIterator<Item = String>) -> Self {
        self.notices.extend(notices);
        self
    }

    /// Sets the exit code.
    #[must_use]
    pub fn with_exit(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }

    /// Returns the envelope of an operation that did what was asked.
    #[must_use]
    pub fn envelope(data: &Value) -> Value {
        json!({"schema_version": SCHEMA_VERSION, "ok": true, "data": data})
    }
}

impl Error {
    /// Returns the envelope of an operation that failed so.
    #[must_use]
    pub fn envelope(&self) -> Value {
        json!({"schema_version": SCHEMA_VERSION, "ok": false, "error": self.to_value()})
    }
}
