//! Values to the one canonical YAML text.

use serde_json::{Map, Value};

use crate::yaml::quote::{self, Style, double_quoted, inline};

/// The spaces that a list or map is indented under its key or dash.
pub(super) const INDENT: usize = 2;

/// The longest key that is written as `key:`; YAML readers give up at 1,024 characters.
const KEY_CHARS_MAX: usize = 1_000;

/// Writes a value as YAML in block style.
///
/// [`read`] gives back the same value for everything nested no deeper than [`NESTING_MAX`].
/// Text is plain where every reader takes it for text, a literal block (`|`) where it has several
/// lines that survive there, and in double quotes otherwise; lines are never folded.
///
/// [`read`]: crate::yaml::read()
/// [`NESTING_MAX`]: crate::yaml::NESTING_MAX
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Array(items) if !items.is_empty() => list(&mut out, items, 0, false),
        Value::Object(map) if !map.is_empty() => self::map(&mut out, map, 0, false),
        _ => {
            scalar(&mut out, value, 0);
            out.push('\n');
        }
    }
    out
}

/// Returns the lines of one map entry at a column, with the last line break.
pub(super) fn entry_lines(key: &str, value: &Value, column: usize) -> String {
    let mut out = String::new();
    entry(&mut out, key, value, column, false);
    out
}

/// Returns the lines of one list item at a column, with the last line break.
pub(super) fn item_lines(value: &Value, column: usize) -> String {
    let mut out = String::new();
    item(&mut out, value, column, false);
    out
}

/// Returns the lines of a list or map that is not empty at a column, with the last line break.
pub(super) fn collection_lines(value: &Value, column: usize) -> String {
    let mut out = String::new();
    match value {
        Value::Array(items) => list(&mut out, items, column, false),
        Value::Object(map) => self::map(&mut out, map, column, false),
        _ => {}
    }
    out
}

/// Returns whether a value takes lines of its own below its key or dash.
pub(super) fn is_block(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    }
}

/// Writes the entries of a map; the first one continues a line if `continues`.
fn map(out: &mut String, map: &Map<String, Value>, column: usize, continues: bool) {
    for (index, (key, value)) in map.iter().enumerate() {
        entry(out, key, value, column, continues && index == 0);
    }
}

fn entry(out: &mut String, key: &str, value: &Value, column: usize, continues: bool) {
    if !continues {
        pad(out, column);
    }
    let key = quote::text(key, Style::Block);
    if key.chars().nth(KEY_CHARS_MAX).is_some() {
        out.push_str("? ");
        out.push_str(&key);
        out.push('\n');
        pad(out, column);
    } else {
        out.push_str(&key);
    }
    out.push(':');
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            list(out, items, column + INDENT, false);
        }
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            self::map(out, map, column + INDENT, false);
        }
        _ => {
            out.push(' ');
            scalar(out, value, column);
            out.push('\n');
        }
    }
}

/// Writes the items of a list; the first one continues a line if `continues`.
fn list(out: &mut String, items: &[Value], column: usize, continues: bool) {
    for (index, value) in items.iter().enumerate() {
        item(out, value, column, continues && index == 0);
    }
}

fn item(out: &mut String, value: &Value, column: usize, continues: bool) {
    if !continues {
        pad(out, column);
    }
    out.push_str("- ");
    match value {
        Value::Array(items) if !items.is_empty() => list(out, items, column + INDENT, true),
        Value::Object(map) if !map.is_empty() => self::map(out, map, column + INDENT, true),
        _ => {
            scalar(out, value, column);
            out.push('\n');
        }
    }
}

/// Writes a scalar or an empty list or map, without the last line break.
fn scalar(out: &mut String, value: &Value, column: usize) {
    if let Value::String(text) = value
        && text.contains('\n')
    {
        match literal(text, column + INDENT) {
            Some(lines) => out.push_str(&lines),
            None => out.push_str(&double_quoted(text)),
        }
    } else {
        out.push_str(&inline(value, Style::Block));
    }
}

/// Returns a literal block with its header, its lines at a column, without the last line break.
pub(super) fn literal(text: &str, column: usize) -> Option<String> {
    let (header, lines) = quote::literal(text)?;
    let mut out = header.to_owned();
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            pad(&mut out, column);
            out.push_str(line);
        }
    }
    Some(out)
}

fn pad(out: &mut String, column: usize) {
    out.extend(std::iter::repeat_n(' ', column));
}
