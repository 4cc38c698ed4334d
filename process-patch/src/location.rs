//! Where in a document: the path to a heading, or the root.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::error::{ErrorKind, PatchError};
use crate::limits::{SEGMENT_BYTES_MAX, SEGMENTS_MAX};
use crate::scan::{key, normalized, without_closing};

/// A place in a document: the root, or a heading with some of its ancestors.
///
/// In JSON it is a text, or an array of segments (`docs/formats/patch.md`, P3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Location {
    segments: Vec<Segment>,
}

/// One heading of a location.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Segment {
    /// Any, if there is none.
    pub(crate) level: Option<u8>,
    /// In the form in which texts are compared.
    pub(crate) text: String,
    pub(crate) key: u64,
}

impl Location {
    /// Returns the place that is the whole document.
    pub fn root() -> Self {
        Self { segments: Vec::new() }
    }

    /// Reads a text: `""`, `Text`, `## Text`, or a path `# A > ## B`.
    ///
    /// # Errors
    /// `invalid_location` when it can be no heading.
    pub fn parse(text: &str) -> Result<Self, PatchError> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        Self::of_segments(&split_path(text))
    }

    /// Takes segments, each the text of a heading, with or without its level.
    ///
    /// # Errors
    /// `invalid_location` when there is none, or when one can be no heading.
    pub fn of_segments(segments: &[&str]) -> Result<Self, PatchError> {
        if segments.is_empty() {
            return Err(invalid("the location is an empty list".to_owned())
                .hint("write \"\" for the root of the document"));
        }
        if segments.len() > SEGMENTS_MAX {
            let message = format!("the location has more than {SEGMENTS_MAX} segments");
            return Err(invalid(message).hint("ancestors may be left out"));
        }
        let segments: Result<_, _> = segments.iter().map(|text| Segment::parse(text)).collect();
        Ok(Self { segments: segments? })
    }

    /// Reads a location from its JSON.
    ///
    /// # Errors
    /// `invalid_patch` when it is neither text nor a list of texts, else as for its texts.
    pub fn from_json(value: &Value) -> Result<Self, PatchError> {
        let wrong = || {
            PatchError::invalid("`location` is neither a text nor a list of texts")
                .hint("it is a heading such as `## Steps`, or \"\" for the root")
        };
        match value {
            Value::String(text) => Self::parse(text),
            Value::Array(items) => {
                let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                Self::of_segments(&texts.ok_or_else(wrong)?)
            }
            _ => Err(wrong()),
        }
    }

    /// Answers whether this is the whole document.
    pub fn is_root(&self) -> bool {
        self.segments.is_empty()
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts: Vec<String> = self.segments.iter().map(Segment::title).collect();
        formatter.write_str(&texts.join(" > "))
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.segments.as_slice() {
            [] => serializer.serialize_str(""),
            [only] if split_path(&only.title()).len() == 1 => {
                serializer.serialize_str(&only.title())
            }
            segments => serializer.collect_seq(segments.iter().map(Segment::title)),
        }
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Segment {
    fn parse(source: &str) -> Result<Self, PatchError> {
        let trimmed = source.trim_matches([' ', '\t', '\n', '\r']);
        if trimmed.len() > SEGMENT_BYTES_MAX {
            let message = format!("a segment of the location is over {SEGMENT_BYTES_MAX} bytes");
            return Err(invalid(message).hint("it is the text of one heading"));
        }
        if trimmed.contains(['\n', '\r']) {
            return Err(invalid("a segment of the location has more than one line".to_owned())
                .hint("it is the text of one heading; separate those of a path by ` > `"));
        }
        let signs = trimmed.bytes().take_while(|byte| *byte == b'#').count();
        let behind = &trimmed[signs..];
        let is_level = signs > 0 && (behind.is_empty() || behind.starts_with([' ', '\t']));
        if is_level && signs > 6 {
            let message =
                format!("the location `{trimmed}` has {signs} `#`, and headings have six");
            return Err(invalid(message).hint("write one to six `#`, or none for any level"));
        }
        let text = normalized(if is_level { without_closing(behind) } else { trimmed });
        if text.is_empty() {
            return Err(invalid(format!("the location `{trimmed}` names a heading without text"))
                .hint("write \"\" for the root of the document"));
        }
        let level = u8::try_from(signs).ok().filter(|_| is_level);
        Ok(Self { level, key: key(&text), text })
    }

    /// Returns it as a location writes it.
    pub(crate) fn title(&self) -> String {
        match self.level {
            Some(level) => {
                let signs = "#".repeat(usize::from(level));
                // What looks like closing signs needs others behind it to stay.
                let is_cut = without_closing(&self.text) != self.text;
                let closing = if is_cut { " #" } else { "" };
                format!("{signs} {}{closing}", self.text)
            }
            None => self.text.clone(),
        }
    }
}

/// Splits at each ` > ` that is followed by signs and a blank, or by signs alone.
fn split_path(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, joint) in text.match_indices(" > ") {
        let behind = &text[at + joint.len()..];
        let rest = behind.trim_start_matches('#');
        let is_heading =
            rest.len() < behind.len() && (rest.is_empty() || rest.starts_with([' ', '\t']));
        if is_heading && at >= from {
            parts.push(&text[from..at]);
            from = at + joint.len();
        }
    }
    parts.push(&text[from..]);
    parts
}

fn invalid(message: String) -> PatchError {
    PatchError::new(ErrorKind::InvalidLocation, message)
}
