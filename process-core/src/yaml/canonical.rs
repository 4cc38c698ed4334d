//! The plain form that [`write`](crate::yaml::write()) gives, read line by line: what is written by
//! this program is read many times as often as what somebody wrote by hand.
//!
//! Whatever is not in this form, down to a blank, is left to the reader of all of YAML, and so is
//! everything that is wrong.

use crate::diagnostic::Place;
use crate::yaml::limits::{NESTING_MAX, VALUES_MAX};
use crate::yaml::node::{Data, Entry, Node, check_unique};
use crate::yaml::plain::{Plain, classify};
use crate::yaml::quote::is_printable;
use crate::yaml::write::INDENT;

/// Longer keys may not be read as such everywhere.
const KEY_BYTES_MAX: usize = 100;

/// Reads a document; `None` when it is not in this form, whatever else it may be.
pub(super) fn parse(text: &str) -> Option<Node> {
    if !text.ends_with('\n') {
        return None;
    }
    let mut reader = Reader { rest: text, line: "", number: 0, column: 0, values: 0, depth: 0 };
    reader.next_line()?;
    let node = reader.block(0)?;
    reader.is_over().then_some(node)
}

struct Reader<'t> {
    /// The lines behind this one.
    rest: &'t str,
    /// What is left of the line that is read, without its break; empty behind the last.
    line: &'t str,
    /// The number of that line, from 1.
    number: usize,
    /// Where what is left begins, from 0: everything before it is ASCII.
    column: usize,
    values: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// Goes on to the next line and passes its indentation; a blank one is not in this form.
    fn next_line(&mut self) -> Option<()> {
        (self.line, self.column) = ("", 0);
        self.number += 1;
        if let Some((line, rest)) = self.rest.split_once('\n') {
            self.rest = rest;
            self.column = spaces(line);
            self.line = &line[self.column..];
            return (!self.line.is_empty()).then_some(());
        }
        Some(())
    }

    fn is_over(&self) -> bool {
        self.line.is_empty() && self.rest.is_empty()
    }

    /// Passes so many bytes of ASCII.
    fn pass(&mut self, bytes: usize) {
        self.line = &self.line[bytes..];
        self.column += bytes;
    }

    fn place(&self) -> Option<Place> {
        let column = u32::try_from(self.column + 1).ok()?;
        Some(Place::new(u32::try_from(self.number).ok()?, column))
    }

    /// Reads the list or map whose first line stands at this column.
    fn block(&mut self, column: usize) -> Option<Node> {
        if self.column != column || self.depth >= NESTING_MAX {
            return None;
        }
        self.depth += 1;
        let place = self.place()?;
        let data = if self.line.starts_with("- ") { self.list(column) } else { self.map(column) }?;
        self.depth -= 1;
        self.count()?;
        Some(Node { place, data })
    }

    fn list(&mut self, column: usize) -> Option<Data> {
        let mut items = Vec::new();
        while self.column == column && self.line.starts_with("- ") {
            self.pass(INDENT);
            let is_block = self.line.starts_with("- ") || key_of(self.line).is_some();
            items.push(if is_block { self.block(column + INDENT)? } else { self.scalar(column)? });
        }
        self.is_left(column).then_some(Data::List(items))
    }

    fn map(&mut self, column: usize) -> Option<Data> {
        let mut entries = Vec::new();
        while self.column == column && !self.line.is_empty() {
            let key = key_of(self.line)?;
            let key_place = self.place()?;
            self.pass(key.len() + 1);
            let value = if self.line.is_empty() {
                self.next_line()?;
                self.block(column + INDENT)?
            } else {
                self.pass(1);
                self.scalar(column)?
            };
            entries.push(Entry { key: key.to_owned(), key_place, value });
        }
        check_unique(&entries).ok()?;
        (!entries.is_empty() && self.is_left(column)).then_some(Data::Map(entries))
    }

    /// Returns whether the line belongs to something that began further left, or there is none.
    fn is_left(&self, column: usize) -> bool {
        self.line.is_empty() || self.column < column
    }

    /// Reads the value that takes the rest of the line, in something at this column.
    fn scalar(&mut self, column: usize) -> Option<Node> {
        let mut place = self.place()?;
        let data = match self.line {
            "[]" => Data::List(Vec::new()),
            "{}" => Data::Map(Vec::new()),
            "|" | "|-" => {
                // A block begins where its first line does.
                place = Place::new(place.line + 1, u32::try_from(column + INDENT + 1).ok()?);
                Data::Text(self.literal(column + INDENT)?)
            }
            quoted if quoted.starts_with('"') => Data::Text(unquoted(quoted)?),
            plain => plain_data(plain)?,
        };
        self.count()?;
        self.next_line()?;
        Some(Node { place, data })
    }

    /// Reads the lines of a literal block at this column, up to its last one.
    fn literal(&mut self, column: usize) -> Option<String> {
        let ends_line = self.line == "|";
        let mut text = String::new();
        while let Some((line, rest)) = self.rest.split_once('\n') {
            let indented = spaces(line);
            if !line.is_empty() && indented < column {
                break;
            }
            let content = line.get(column..).unwrap_or_default();
            // The first line tells the column to every reader.
            let tells = !text.is_empty() || indented == column;
            if !tells || !line.is_empty() && indented == line.len() || !is_readable(content) {
                return None;
            }
            text.push_str(content);
            text.push('\n');
            self.rest = rest;
            self.number += 1;
        }
        let has_one_end = !text.is_empty() && !text.ends_with("\n\n");
        if !ends_line {
            text.pop();
        }
        has_one_end.then_some(text)
    }

    fn count(&mut self) -> Option<()> {
        self.values += 1;
        (self.values <= VALUES_MAX).then_some(())
    }
}

fn spaces(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// Returns the key that a line begins with: a word in front of a colon.
fn key_of(line: &str) -> Option<&str> {
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let length = line.bytes().take(KEY_BYTES_MAX).take_while(|byte| is_of_key(byte)).count();
    let is_key = line.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_')
        && matches!(line.as_bytes()[length..], [b':'] | [b':', b' ', _, ..]);
    is_key.then(|| &line[..length])
}

/// Returns what a plain text on one line means; `None` when it may go on, or end early.
fn plain_data(text: &str) -> Option<Data> {
    let bytes = text.as_bytes();
    let begins = match bytes {
        [b'-', second, ..] => second.is_ascii_alphanumeric(),
        [first, ..] => first.is_ascii_alphanumeric() || matches!(first, b'_' | b'/' | b'.' | b'('),
        [] => false,
    };
    let is_cut_short = matches!(bytes.last(), Some(b' ' | b':'))
        || bytes.windows(2).any(|pair| matches!(pair, b": " | b" #"));
    if !begins || is_cut_short || !is_readable(text) {
        return None;
    }
    match classify(text) {
        Plain::Null => Some(Data::Null),
        Plain::Bool(value) => Some(Data::Bool(value)),
        Plain::Number(number) => Some(Data::Number(number)),
        Plain::NotFinite => None,
        Plain::Text => Some(Data::Text(text.to_owned())),
    }
}

/// Returns what a text in double quotes says, which must end with the line.
fn unquoted(quoted: &str) -> Option<String> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if !is_readable(inner) {
        return None;
    }
    let mut text = String::with_capacity(inner.len());
    let mut signs = inner.chars();
    while let Some(sign) = signs.next() {
        text.push(match sign {
            '"' => return None,
            '\\' => match signs.next()? {
                sign @ ('"' | '\\') => sign,
                'n' => '\n',
                't' => '\t',
                _ => return None,
            },
            sign => sign,
        });
    }
    Some(text)
}

/// Returns whether every character may stand in a line as it is.
fn is_readable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.chars().all(is_printable)
}

#[cfg(test)]
mod tests;
