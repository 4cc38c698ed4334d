//! What a command has to say: data for programs, text for people, an exit code.

use procside::{Answered as Said, Error};
use serde_json::Value;

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
    /// Returns what an operation answers, with the text for people.
    pub(crate) fn of(said: Said, text: impl Into<String>) -> Self {
        Self { data: said.data, text: text.into(), notices: said.notices, exit: said.exit }
    }

    /// Returns the answer of a command that only the command line has: all is well.
    pub(crate) fn new(data: Value, text: impl Into<String>) -> Self {
        Self::of(Said::new(data), text)
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
