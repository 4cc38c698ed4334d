//! Identifiers, each parsed once: processes, steps, templates.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest step or template id, in bytes; an id is part of file names and log lines.
pub const ID_BYTES_MAX: usize = 64;

/// The highest process number; nine digits keep a file name short and a `u32` wide enough.
pub const PROCESS_NUMBER_MAX: u32 = 999_999_999;

/// The highest number of a step id that new ones are counted on from, far below an overflow.
pub const STEP_NUMBER_MAX: u64 = 999_999_999;

/// Says why a text is no identifier.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text:?} is no {what} id: {rule}")]
pub struct InvalidId {
    /// The text as it was given, cut to [`ID_BYTES_MAX`] characters.
    pub text: String,
    /// What the id was to name: `process`, `step`, `template` or `unique`.
    pub what: &'static str,
    /// The rule that the text breaks.
    pub rule: &'static str,
}

impl InvalidId {
    pub(crate) fn new(text: &str, what: &'static str, rule: &'static str) -> Self {
        Self { text: text.chars().take(ID_BYTES_MAX).collect(), what, rule }
    }
}

/// The id of a process: `proc-` and a number of at least three digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProcessId(u32);

impl ProcessId {
    /// Returns the id with this number, or `None` outside 1 to [`PROCESS_NUMBER_MAX`].
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        (1..=PROCESS_NUMBER_MAX).contains(&number).then_some(Self(number))
    }

    /// Parses `proc-001`; the one spelling of a number is its canonical one.
    ///
    /// # Errors
    /// [`InvalidId`] for every other text, `../x` included.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let rule = "it is `proc-` and a number of at least three digits, such as proc-001";
        text.strip_prefix("proc-")
            .filter(|digits| digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .and_then(Self::from_number)
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| InvalidId::new(text, "process", rule))
    }

    /// Returns the number behind `proc-`.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proc-{:03}", self.0)
    }
}

/// The id of a step within its process; a copy shares its text.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StepId(Arc<str>);

impl StepId {
    /// Parses a step id: `[a-z0-9][a-z0-9._-]{0,63}`.
    ///
    /// # Errors
    /// [`InvalidId`] for every other text.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        check_name(text, "step").map(|text| Self(text.into()))
    }

    /// Returns the id `s<number>` that a step without an id of its own gets.
    #[must_use]
    pub fn numbered(number: u64) -> Self {
        Self(format!("s{number}").into())
    }

    /// Returns the number of an id of the form `s<number>`, else `None`.
    ///
    /// A number above [`STEP_NUMBER_MAX`] counts as a name.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.0.strip_prefix('s')?.parse().ok().filter(|number| *number <= STEP_NUMBER_MAX)
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a template.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TemplateId(Box<str>);

impl TemplateId {
    /// Parses a template id: `[a-z0-9][a-z0-9._-]{0,63}`.
    ///
    /// # Errors
    /// [`InvalidId`] for every other text.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        check_name(text, "template").map(|text| Self(text.into()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_name<'a>(text: &'a str, what: &'static str) -> Result<&'a str, InvalidId> {
    let rule = "it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ -";
    let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let fits = text.len() <= ID_BYTES_MAX
        && text.bytes().next().is_some_and(first)
        && text.bytes().all(|b| first(b) || matches!(b, b'.' | b'_' | b'-'));
    if fits { Ok(text) } else { Err(InvalidId::new(text, what, rule)) }
}

/// Serialises an id as its text, and reads it back by parsing (journal lines, docs/formats/journal.md).
macro_rules! serde_as_text {
    ($($id:ty),+) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    )+};
}

serde_as_text!(ProcessId, StepId, TemplateId);

#[cfg(test)]
mod tests;
