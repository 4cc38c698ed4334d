//! Lines and signs of the old text, and the splices that change it.

use std::ops::Range;

/// Stands for a text that an edit does not understand well enough.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Odd;

/// Bytes of the old text and what takes their place.
#[derive(Clone, Debug)]
pub(super) struct Splice {
    pub(super) at: Range<usize>,
    pub(super) with: String,
}

/// The old text.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    /// The line break that the text uses.
    pub(super) newline: &'static str,
    /// Where the content begins: behind a byte order mark.
    pub(super) begin: usize,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Source<'t> {
        let windows = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
        let newline = if windows { "\r\n" } else { "\n" };
        let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Source { text, newline, begin }
    }

    /// Returns where the line of a byte starts.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(self.begin, |newline| newline + 1)
    }

    /// Returns where the line of a byte ends, before the line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        if end > at && self.text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Returns where the next line starts.
    pub(super) fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// Returns where the line before ends, given the start of a line that is not the first.
    pub(super) fn end_of_previous_line(&self, line_start: usize) -> usize {
        let before = &self.text[..line_start];
        let before = before.strip_suffix('\n').unwrap_or(before);
        before.strip_suffix('\r').unwrap_or(before).len().max(self.begin)
    }

    /// Returns the first byte from here on that is no blank, comment, anchor or tag.
    pub(super) fn significant(&self, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = from;
        loop {
            match bytes.get(at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
                Some(b'#') => at = self.line_end(at),
                Some(b'&' | b'!') => at = self.word_end(at),
                _ => return at,
            }
        }
    }

    /// Returns the position of a sign that is the next significant byte.
    pub(super) fn sign(&self, from: usize, sign: u8) -> Result<usize, Odd> {
        let at = self.significant(from);
        if self.text.as_bytes().get(at) == Some(&sign) { Ok(at) } else { Err(Odd) }
    }

    /// Returns the end of the run of bytes that are not blank.
    pub(super) fn word_end(&self, at: usize) -> usize {
        self.text[at..].find([' ', '\t', '\r', '\n']).map_or(self.text.len(), |end| at + end)
    }

    pub(super) fn is_blank(&self, range: Range<usize>) -> bool {
        self.text[range].bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    }

    /// Returns the number of spaces from here to a sign, or 0 if something else comes first.
    pub(super) fn blanks_before(&self, from: usize, sign: u8) -> usize {
        let bytes = &self.text.as_bytes()[from..];
        let blanks = bytes.iter().take_while(|byte| **byte == b' ').count();
        if bytes.get(blanks) == Some(&sign) { blanks } else { 0 }
    }

    pub(super) fn has_newline(&self, range: Range<usize>) -> bool {
        self.text[range].contains('\n')
    }

    /// Returns the column of a key or dash, in bytes, if only blanks and dashes stand before it.
    pub(super) fn column(&self, at: usize) -> Result<usize, Odd> {
        let start = self.line_start(at);
        let plain = self.text[start..at].bytes().all(|byte| matches!(byte, b' ' | b'-'));
        if plain { Ok(at - start) } else { Err(Odd) }
    }

    /// Returns lines in the manner of the text, without the last line break.
    pub(super) fn lines(&self, lines: &str) -> String {
        let lines = lines.strip_suffix('\n').unwrap_or(lines);
        if self.newline == "\n" { lines.to_owned() } else { lines.replace('\n', self.newline) }
    }
}

/// Returns a part of a text with the splices in it made.
pub(super) fn splice(
    text: &str,
    part: Range<usize>,
    mut splices: Vec<Splice>,
) -> Result<String, Odd> {
    // Stable: what is inserted at one place comes out in the order in which it was asked for.
    splices.sort_by_key(|splice| (splice.at.start, splice.at.end));
    let mut out = String::with_capacity(part.len());
    let mut done = part.start;
    for splice in splices {
        let start =
            if splice.with.is_empty() { splice.at.start.max(done) } else { splice.at.start };
        if start < done || splice.at.end > part.end {
            return Err(Odd);
        }
        out.push_str(text.get(done..start).ok_or(Odd)?);
        out.push_str(&splice.with);
        done = splice.at.end.max(start);
    }
    out.push_str(text.get(done..part.end).ok_or(Odd)?);
    Ok(out)
}
