//! One value in place of another, as a whole.

use serde_json::Value;

use crate::yaml::build::Form;
use crate::yaml::edit::editor::{Editor, Slot};
use crate::yaml::edit::source::Odd;
use crate::yaml::quote::{Style, double_quoted, inline, single_quoted};
use crate::yaml::write::{INDENT, collection_lines, is_block, literal, write};

impl Editor<'_> {
    /// Adds a value to a text that holds none.
    pub(super) fn append(&mut self, value: &Value) {
        let end = self.source.text.len();
        let on_own_line = end == self.source.begin || self.source.text.ends_with('\n');
        let lines = self.source.lines(&write(value));
        let before = if on_own_line { "" } else { self.source.newline };
        self.put(end..end, format!("{before}{lines}{}", self.source.newline));
    }

    /// Writes a value in the place of an old one.
    pub(super) fn replace(&mut self, spot: usize, value: &Value, slot: Slot) -> Result<(), Odd> {
        let form = self.spots[spot].form;
        match slot {
            Slot::Root => self.replace_root(spot, value),
            Slot::Flow => {
                let spot = self.spots[spot];
                self.put(spot.start..spot.end, self.one_line(value, spot.form, Style::Flow));
                Ok(())
            }
            Slot::Block { after, column } => match form {
                Form::BlockCollection => self.replace_collection(spot, value, after, column),
                Form::BlockScalar => self.replace_block_scalar(spot, value, after, column),
                _ => self.replace_inline(spot, value, after, column),
            },
        }
    }

    fn replace_root(&mut self, spot: usize, value: &Value) -> Result<(), Odd> {
        let at = self.spots[spot];
        let lines = self.source.lines(&write(value));
        match at.form {
            Form::BlockScalar => return Err(Odd),
            Form::BlockCollection => {
                let first = self.source.significant(self.source.begin);
                let range = first..self.source.line_end(at.end);
                self.removed.push(range.clone());
                self.put(range, lines);
            }
            Form::Plain if at.start == at.end => self.append(value),
            _ => self.put(at.start..at.end, lines),
        }
        Ok(())
    }

    /// Replaces a block list or map.
    fn replace_collection(
        &mut self,
        spot: usize,
        value: &Value,
        after: usize,
        column: usize,
    ) -> Result<(), Odd> {
        let first = self.source.significant(after);
        let end = self.source.line_end(self.spots[spot].end);
        if first >= end {
            return Err(Odd);
        }
        let lines = self.source.lines(&collection_lines(value, column + INDENT));
        if !self.source.has_newline(after..first) {
            self.removed.push(first..end);
            let text = match is_block(value) {
                true => lines.trim_start().to_owned(),
                false => self.one_line(value, Form::Plain, Style::Block),
            };
            self.put(first..end, text);
            return Ok(());
        }
        let start = self.source.line_start(first);
        self.removed.push(start..end);
        if is_block(value) {
            self.put(start..end, lines);
        } else {
            let text = self.one_line(value, Form::Plain, Style::Block);
            self.put(after..after, format!(" {text}"));
            self.put(self.source.end_of_previous_line(start)..end, "");
        }
        Ok(())
    }

    /// Replaces a literal or folded block, keeping a comment behind its header.
    fn replace_block_scalar(
        &mut self,
        spot: usize,
        value: &Value,
        after: usize,
        column: usize,
    ) -> Result<(), Odd> {
        let header = self.source.significant(after);
        if !self.source.text[header..].starts_with(['|', '>']) {
            return Err(Odd);
        }
        let header = header..self.source.word_end(header);
        let rest = self.source.line_end(header.end);
        let content = rest..self.spots[spot].end.max(rest);
        let newline = self.source.newline;
        if is_block(value) {
            let lines = self.source.lines(&collection_lines(value, column + INDENT));
            self.put(after..header.end, "");
            self.put(content, format!("{newline}{lines}"));
            return Ok(());
        }
        let block = value.as_str().and_then(|text| literal(text, column + INDENT));
        match block.as_deref().and_then(|block| block.split_once('\n')) {
            Some((new_header, lines)) => {
                self.put(header, new_header);
                self.put(content, format!("{newline}{}", self.source.lines(lines)));
            }
            None => {
                self.put(header, self.one_line(value, Form::Plain, Style::Block));
                self.put(content, "");
            }
        }
        Ok(())
    }

    /// Replaces what is written in flow style: a scalar, an empty place, `[]`, `{}` or more.
    fn replace_inline(
        &mut self,
        spot: usize,
        value: &Value,
        after: usize,
        column: usize,
    ) -> Result<(), Odd> {
        let at = self.spots[spot];
        let is_empty = at.start == at.end;
        let range = if is_empty { after..after } else { at.start..at.end };
        let line_end = self.source.line_end(range.end);
        let on_same_line = !self.source.has_newline(after..range.start);
        if is_block(value) {
            let lines = self.source.lines(&collection_lines(value, column + INDENT));
            let behind_dash = self.source.text[..after].ends_with('-');
            if behind_dash && on_same_line && self.source.is_blank(range.end..line_end) {
                self.put(after..line_end, format!(" {}", lines.trim_start()));
                return Ok(());
            }
            let start = if on_same_line { after } else { range.start };
            self.put(start..range.end, "");
            self.put(line_end..line_end, format!("{}{lines}", self.source.newline));
            return Ok(());
        }
        let may_be_literal = on_same_line && self.source.is_blank(range.end..line_end);
        let block = match value.as_str() {
            Some(text) if may_be_literal => literal(text, column + INDENT),
            _ => None,
        };
        let text = match block {
            Some(block) => self.source.lines(&block),
            None => self.one_line(value, at.form, Style::Block),
        };
        self.put(range, if is_empty { format!(" {text}") } else { text });
        Ok(())
    }

    /// Writes a value on one line, in the quotes that the old value had.
    fn one_line(&self, value: &Value, form: Form, style: Style) -> String {
        match (value.as_str(), form) {
            (Some(text), Form::DoubleQuoted) => double_quoted(text),
            (Some(text), Form::SingleQuoted) => {
                single_quoted(text).unwrap_or_else(|| double_quoted(text))
            }
            _ => inline(value, style),
        }
    }
}
