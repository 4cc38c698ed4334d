//! Why a patch was refused.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;

/// What kind of refusal it is; the words of the format.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The same text stands more than once in the section.
    AmbiguousContent,
    /// More than one heading fits the location.
    AmbiguousLocation,
    /// A section to create has more than one possible parent.
    AmbiguousParent,
    /// Headings outside the section would change, or a fence or a comment would stay open.
    BreaksStructure,
    /// Another change stands in the way.
    Conflict,
    /// The text to find is not in the section.
    ContentNotFound,
    /// The location can be no heading.
    InvalidLocation,
    /// The patch is malformed, or a limit is passed.
    InvalidPatch,
    /// The content has a heading at or above the level of its section.
    LevelEscape,
    /// No heading fits the location.
    LocationNotFound,
    /// The document is not the one that the patch was made for.
    Stale,
}

impl ErrorKind {
    /// Returns the word of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmbiguousContent => "ambiguous_content",
            Self::AmbiguousLocation => "ambiguous_location",
            Self::AmbiguousParent => "ambiguous_parent",
            Self::BreaksStructure => "breaks_structure",
            Self::Conflict => "conflict",
            Self::ContentNotFound => "content_not_found",
            Self::InvalidLocation => "invalid_location",
            Self::InvalidPatch => "invalid_patch",
            Self::LevelEscape => "level_escape",
            Self::LocationNotFound => "location_not_found",
            Self::Stale => "stale",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A refusal: what, where, and what to do.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{message}")]
pub struct PatchError {
    /// The kind, for programs.
    pub kind: ErrorKind,
    /// Which patch of the batch, from 0; none where the batch itself is at fault.
    pub index: Option<usize>,
    /// The line of the document that it is about, from 1, where there is one.
    pub line: Option<usize>,
    /// One sentence that names the thing and the place.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What the message says, for programs: suggestions, matches, conflicts, the current text.
    pub details: Box<Value>,
}

impl PatchError {
    /// Makes a refusal of which nothing more is known yet.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            index: None,
            line: None,
            message: message.into(),
            hint: None,
            details: Box::new(json!({})),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidPatch, message)
    }

    pub(crate) fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn detail(mut self, name: &str, value: Value) -> Self {
        self.details[name] = value;
        self
    }

    /// Says what the message says once more, for programs.
    pub(crate) fn with_details(mut self, details: Value) -> Self {
        self.details = Box::new(details);
        self
    }

    /// Says which patch it is, if nobody has said so.
    pub(crate) fn of_patch(mut self, index: usize) -> Self {
        self.index.get_or_insert(index);
        self
    }

    /// Returns the refusal as data: kind, index, line, message, hint and details.
    pub fn to_json(&self) -> Value {
        json!({
            "kind": self.kind.as_str(),
            "index": self.index,
            "line": self.line,
            "message": self.message,
            "hint": self.hint,
            "details": *self.details,
        })
    }

    /// Returns the text that a language model needs to try again.
    ///
    /// It has the error, what fits instead, and the text of the section as it is.
    pub fn for_model(&self) -> String {
        let mut text = match self.index {
            Some(index) => format!("Patch {index} was refused ({}): {}.", self.kind, self.message),
            None => format!("The patches were refused ({}): {}.", self.kind, self.message),
        };
        text.push_str(" Nothing was changed.");
        if let Some(hint) = &self.hint {
            let end = if hint.ends_with('?') { "" } else { "." };
            text.push_str(&format!("\nHint: {hint}{end}"));
        }
        for (name, title) in [
            ("suggestions", "Did you mean"),
            ("matches", "It fits"),
            ("parents", "Possible parents"),
            ("closest", "The closest lines"),
        ] {
            let Some(Value::Array(items)) = self.details.get(name) else { continue };
            if !items.is_empty() {
                let lines: Vec<String> = items.iter().map(item_line).collect();
                text.push_str(&format!("\n{title}:\n{}", lines.join("\n")));
            }
        }
        for conflict in self.details["conflicts"].as_array().into_iter().flatten() {
            let section = conflict["section"].as_str().unwrap_or_default();
            let ours = conflict["ours"].as_str().unwrap_or("(the section is gone)\n");
            let sign = fence_around(ours);
            text.push_str(&format!("\n`{section}` is by now:\n{sign}markdown\n{ours}{sign}"));
        }
        if let Some(Value::String(hash)) = self.details.get("hash") {
            text.push_str(&format!("\nIts hash is {hash}."));
        }
        if let Some(Value::String(current)) = self.details.get("text") {
            let sign = fence_around(current);
            let end = if current.ends_with('\n') { "" } else { "\n" };
            text.push_str(&format!("\nThe current text:\n{sign}markdown\n{current}{end}{sign}"));
        }
        text.push('\n');
        text
    }
}

/// Shows one suggestion or match.
fn item_line(item: &Value) -> String {
    let text = ["location", "path", "text"].iter().find_map(|name| item[*name].as_str());
    match (text, item["line"].as_u64()) {
        (Some(text), Some(line)) => format!("- `{text}` (line {line})"),
        (Some(text), None) => format!("- `{text}`"),
        (None, _) => format!("- {item}"),
    }
}

/// Returns a fence that nothing in the text closes.
fn fence_around(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat((longest + 1).max(3))
}
