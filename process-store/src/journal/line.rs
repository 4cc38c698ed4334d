//! One line of a journal: an event, and the checksum that chains it to the line before.

use std::io;

use serde::Serialize;
use serde_json::{
    Map, Value,
    ser::{CharEscape, Formatter},
};

/// The longest line that is written or read, in bytes: a step's output fits twice.
pub const JOURNAL_LINE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The hexadecimal digits of a checksum: 128 bits of BLAKE3.
const SUM_DIGITS: usize = 32;

/// What stands before the checksum in a line.
const SUM_KEY: &str = ",\"sum\":\"";

/// What marks a line that does not stand for itself: more of its group follows.
const MORE_KEY: &str = "more";

/// The checksum of a line, chained with that of the line before; the empty one starts a journal.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Sum(String);

impl Sum {
    /// Returns the checksum of a line behind this one.
    fn of(&self, body: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.0.as_bytes());
        hasher.update(body.as_bytes());
        let mut hex = hasher.finalize().to_hex().to_string();
        hex.truncate(SUM_DIGITS);
        Self(hex)
    }

    /// Returns whether this is the checksum of a body that stands behind `previous`.
    pub(super) fn follows(&self, previous: &Self, body: &str) -> bool {
        *self == previous.of(body)
    }
}

/// A line taken apart, its checksum not yet held against anything.
#[derive(Debug)]
pub(super) struct Parsed<'a> {
    /// What the checksum covers.
    pub(super) body: &'a str,
    /// The checksum that the line gives.
    pub(super) sum: Sum,
    /// The event, as it was given to [`encode`].
    pub(super) event: Value,
    /// Whether more of the group follows.
    pub(super) more: bool,
}

/// Writes an event as a line with its line end, and returns the checksum for the next one.
///
/// All lines of a group but its last say `more`, so that a group that was cut off in the middle is
/// recognised and taken back whole.
pub(super) fn encode(event: &Value, more: bool, previous: &Sum) -> (String, Sum) {
    let mut map = match event {
        Value::Object(map) => map.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    };
    if more {
        map.insert(MORE_KEY.to_owned(), Value::Bool(true));
    }
    let mut body = to_json(&Value::Object(map));
    body.pop();
    let sum = previous.of(&body);
    (format!("- {body}{SUM_KEY}{}\"}}\n", sum.0), sum)
}

/// Takes a line without its line end apart, or says what is wrong with it.
pub(super) fn parse(line: &str) -> Result<Parsed<'_>, String> {
    if line.len() > JOURNAL_LINE_BYTES_MAX {
        return Err(format!("the line is longer than {JOURNAL_LINE_BYTES_MAX} bytes"));
    }
    let json = line.strip_prefix("- ").ok_or("the line is no `- {…}`")?;
    let (body, sum) = split_sum(json).ok_or("the line ends without a checksum")?;
    let mut event: Value =
        serde_json::from_str(json).map_err(|error| format!("the line is no JSON: {error}"))?;
    let Value::Object(map) = &mut event else { return Err("the line is no map".to_owned()) };
    map.shift_remove("sum");
    let more = map.shift_remove(MORE_KEY) == Some(Value::Bool(true));
    Ok(Parsed { body, sum, event, more })
}

/// Returns whether a text holds a whole line: then it was written to its end.
pub(super) fn was_finished(text: &str) -> bool {
    let length = SUM_KEY.len() + SUM_DIGITS + "\"}".len();
    text.rfind(SUM_KEY).is_some_and(|start| text.len() >= start + length)
}

fn split_sum(json: &str) -> Option<(&str, Sum)> {
    let start = json.rfind(SUM_KEY)?;
    let digits = json[start + SUM_KEY.len()..].strip_suffix("\"}")?;
    let is_sum = digits.len() == SUM_DIGITS
        && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_sum.then(|| (&json[..start], Sum(digits.to_owned())))
}

/// Returns a value as JSON on one line that is also YAML: characters that YAML does not take
/// unescaped are escaped.
fn to_json(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, YamlSafe);
    // A JSON value always serialises into memory, as UTF-8.
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok());
    String::from_utf8(bytes).unwrap_or_default()
}

/// Writes JSON without the few characters that a YAML reader refuses or takes for line ends.
struct YamlSafe;

impl Formatter for YamlSafe {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut start = 0;
        for (index, c) in fragment.char_indices() {
            if is_unsafe(c) {
                writer.write_all(&fragment.as_bytes()[start..index])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                start = index + c.len_utf8();
            }
        }
        writer.write_all(&fragment.as_bytes()[start..])
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        let text = match escape {
            CharEscape::Quote => "\\\"",
            CharEscape::ReverseSolidus => "\\\\",
            CharEscape::Solidus => "/",
            CharEscape::Backspace => "\\b",
            CharEscape::FormFeed => "\\f",
            CharEscape::LineFeed => "\\n",
            CharEscape::CarriageReturn => "\\r",
            CharEscape::Tab => "\\t",
            CharEscape::AsciiControl(byte) => return write!(writer, "\\u{byte:04x}"),
        };
        writer.write_all(text.as_bytes())
    }
}

fn is_unsafe(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}
