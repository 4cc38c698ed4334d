//! What a command has to say: data for programs, text for people, an exit code.

use procside::Error;
use serde_json::Value;

/// The exit code of a command that did what was asked and found something wrong.
pub(crate) const FOUND_WRONG: u8 = 1;

/// The exit code of a command that read a file and found it unusable.
pub(crate) const FOUND_INVALID: u8 = 6;

/// The exit code of a command that leaves a process waiting for something outside.
pub(crate) const WAITING: u8 = 7;

/// The exit code of a command that was told to stop.
pub(crate) const INTERRUPTED: u8 = 130;

/// The answer of a command that did what was asked.
pub(crate) struct Answer {
    /// What `--json` shows as `data`.
    pub(crate) data: Value,
    /// What people read on stdout.
    pub(crate) text: String,
    /// What people are told on stderr.
    pub(crate) notices: Vec<String>,
    /// The exit code.
    pub(crate) exit: u8,
}

/// What a command returns.
pub(crate) type Answered = Result<Answer, Error>;

impl Answer {
    /// Returns an answer that all is well.
    pub(crate) fn new(data: Value, text: impl Into<String>) -> Self {
        Self { data, text: text.into(), notices: Vec::new(), exit: 0 }
    }

    /// Adds what people are told on stderr.
    pub(crate) fn with_notices(mut self, notices: Vec<String>) -> Self {
        self.notices.extend(notices);
        self
    }

    /// Sets the exit code.
    pub(crate) fn with_exit(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }
}
