//! JSON text to nodes.
//!
//! JSON is not quite a subset of what a YAML parser accepts (long keys, tabs), and YAML accepts
//! much that is not JSON, so JSON has a small reader of its own.

use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::limits::{NESTING_MAX, VALUES_MAX, check_length, too_deep, too_many_values};
use crate::yaml::node::{Data, Entry, Node, check_unique};
use crate::yaml::plain::{float, whole};
use crate::yaml::read::conflict_marker;

/// Reads one JSON document, with the limits and the treatment of large numbers of [`read`].
///
/// [`read`]: crate::yaml::read()
///
/// # Errors
///
/// Returns the first problem: its code is `json` for text that is no JSON, else one of those of
/// [`read`].
pub fn read_json(text: &str) -> Result<Node, Diagnostic> {
    check_length(text)?;
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { rest, line: 1, column: 1, depth: 0, values: 0 };
    let node = reader.document().map_err(|problem| match conflict_marker(text) {
        Some(place) => Diagnostic::error("conflict_markers", place, "an unresolved merge conflict"),
        None => problem,
    })?;
    Ok(node)
}

struct Reader<'t> {
    rest: &'t str,
    line: u32,
    column: u32,
    depth: usize,
    values: usize,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Result<Node, Diagnostic> {
        self.blanks();
        let node = self.value()?;
        self.blanks();
        if self.rest.is_empty() { Ok(node) } else { Err(self.problem("more follows the value")) }
    }

    fn value(&mut self) -> Result<Node, Diagnostic> {
        let place = self.place();
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(too_many_values(place));
        }
        let data = match self.rest.bytes().next() {
            Some(b'{') => self.map()?,
            Some(b'[') => self.list()?,
            Some(b'"') => Data::Text(self.text()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { place, data })
    }

    fn map(&mut self) -> Result<Data, Diagnostic> {
        let mut entries = Vec::new();
        self.enter()?;
        while !self.ends(b'}', entries.is_empty())? {
            let key_place = self.place();
            if !self.rest.starts_with('"') {
                return Err(self.problem("a key in double quotes is expected"));
            }
            let key = self.text()?;
            self.blanks();
            if !self.rest.starts_with(':') {
                return Err(self.problem("a `:` is expected after a key"));
            }
            self.skip(1);
            self.blanks();
            entries.push(Entry { key, key_place, value: self.value()? });
        }
        self.depth -= 1;
        check_unique(&entries)?;
        entries.shrink_to_fit();
        Ok(Data::Map(entries))
    }

    fn list(&mut self) -> Result<Data, Diagnostic> {
        let mut items = Vec::new();
        self.enter()?;
        while !self.ends(b']', items.is_empty())? {
            items.push(self.value()?);
        }
        self.depth -= 1;
        items.shrink_to_fit();
        Ok(Data::List(items))
    }

    fn enter(&mut self) -> Result<(), Diagnostic> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(too_deep(self.place()));
        }
        self.skip(1);
        Ok(())
    }

    /// Skips to the next item, or over the closing bracket.
    fn ends(&mut self, close: u8, first: bool) -> Result<bool, Diagnostic> {
        self.blanks();
        match self.rest.bytes().next() {
            Some(byte) if byte == close => {
                self.skip(1);
                Ok(true)
            }
            Some(b',') if !first => {
                self.skip(1);
                self.blanks();
                Ok(false)
            }
            None => Err(self.problem("the text ends inside a list or map")),
            _ if first => Ok(false),
            _ => Err(self.problem(&format!("a `,` or `{}` is expected", char::from(close)))),
        }
    }

    fn text(&mut self) -> Result<String, Diagnostic> {
        let bytes = self.rest.as_bytes();
        let mut end = 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(0..=0x1f) => return Err(self.problem("a control character in a text")),
                Some(_) => end += 1,
                None => return Err(self.problem("a text without its closing quote")),
            }
        }
        let source = &self.rest[..=end];
        let text = serde_json::from_str(source)
            .map_err(|_| self.problem("a text with an invalid escape"))?;
        self.skip(source.len());
        Ok(text)
    }

    fn number(&mut self) -> Result<Data, Diagnostic> {
        let end = self
            .rest
            .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
            .unwrap_or(self.rest.len());
        let source = &self.rest[..end];
        if !is_json_number(source) {
            return Err(self.problem("an invalid number"));
        }
        self.skip(end);
        let is_whole = !source.contains(['.', 'e', 'E']);
        let number = if is_whole { whole(source) } else { float(source) };
        Ok(number.map_or_else(|| Data::Text(source.to_owned()), Data::Number))
    }

    fn word(&mut self) -> Result<Data, Diagnostic> {
        let words =
            [("null", Data::Null), ("true", Data::Bool(true)), ("false", Data::Bool(false))];
        for (word, data) in words {
            if self.rest.starts_with(word) {
                self.skip(word.len());
                return Ok(data);
            }
        }
        Err(self.problem("a value is expected"))
    }

    fn blanks(&mut self) {
        loop {
            match self.rest.bytes().next() {
                Some(b'\n') => {
                    self.rest = &self.rest[1..];
                    self.line += 1;
                    self.column = 1;
                }
                Some(b' ' | b'\t' | b'\r') => self.skip(1),
                _ => return,
            }
        }
    }

    /// Skips bytes of the current line.
    fn skip(&mut self, bytes: usize) {
        let chars = self.rest[..bytes].chars().count();
        self.column = self.column.saturating_add(u32::try_from(chars).unwrap_or(u32::MAX));
        self.rest = &self.rest[bytes..];
    }

    fn place(&self) -> Place {
        Place::new(self.line, self.column)
    }

    fn problem(&self, message: &str) -> Diagnostic {
        Diagnostic::error("json", self.place(), message)
    }
}

/// Matches `-? ( 0 | [1-9][0-9]* ) ( \. [0-9]+ )? ( [eE] [-+]? [0-9]+ )?`.
fn is_json_number(source: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = source.strip_prefix('-').unwrap_or(source);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (before, after) = match mantissa.split_once('.') {
        Some((before, after)) => (before, Some(after)),
        None => (mantissa, None),
    };
    digits(before)
        && (before == "0" || !before.starts_with('0'))
        && after.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}
