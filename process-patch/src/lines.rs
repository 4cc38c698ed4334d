//! Lines: where they begin and end, and how they end.

use memchr::{memchr_iter, memchr2};

/// Returns the lines of a text, each with its offset and without its ending.
pub(crate) fn of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        if from >= text.len() {
            return None;
        }
        let start = from;
        let end = end(text, start);
        from = next(text, start);
        Some((start, &text[start..end]))
    })
}

/// Returns where the line that holds the offset ends, before its ending.
pub(crate) fn end(text: &str, offset: usize) -> usize {
    let rest = &text.as_bytes()[offset..];
    offset + memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// Returns where the line behind the one that holds the offset begins.
pub(crate) fn next(text: &str, offset: usize) -> usize {
    let end = end(text, offset);
    let rest = &text.as_bytes()[end..];
    end + if rest.starts_with(b"\r\n") { 2 } else { usize::from(!rest.is_empty()) }
}

/// Returns how long the line ending is that a text begins with; 0 if it begins with none.
pub(crate) fn ending_at(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with(['\n', '\r'])) }
}

/// Returns where the line that holds the offset begins.
pub(crate) fn start(text: &str, offset: usize) -> usize {
    let bytes = &text.as_bytes()[..offset];
    memchr::memrchr2(b'\n', b'\r', bytes).map_or(0, |at| at + 1)
}

/// Returns the number of the line that holds the offset, from 1.
pub(crate) fn number(text: &str, offset: usize) -> usize {
    let endings = Endings::count(&text[..offset]);
    // What stands between CR and LF is still on the line that they end.
    let between = text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
    1 + endings.total() - usize::from(between)
}

/// Returns the end of the last line before `to` that is not blank, behind its ending.
///
/// It is `floor` when there is none behind `floor`, which is the beginning of a line.
pub(crate) fn behind_text(text: &str, floor: usize, to: usize) -> usize {
    let kept = text[floor..to].trim_end_matches([' ', '\t', '\n', '\r']).len();
    if kept == 0 { floor } else { next(text, floor + kept).min(to) }
}

/// Returns the beginning of the first line from `from` that is not blank.
///
/// It is `to` when there is none before `to`; `from` is the beginning of a line.
pub(crate) fn before_text(text: &str, from: usize, to: usize) -> usize {
    let part = &text[from..to];
    let blanks = part.len() - part.trim_start_matches([' ', '\t', '\n', '\r']).len();
    if blanks == part.len() { to } else { start(text, from + blanks).max(from) }
}

/// Returns how many line endings a text has.
pub(crate) fn count(text: &str) -> usize {
    Endings::count(text).total()
}

pub(crate) fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Takes blank lines off both ends, and the line ending of the last line.
pub(crate) fn trimmed(text: &str) -> &str {
    let from = before_text(text, 0, text.len());
    let to = from + text[from..].trim_end_matches([' ', '\t', '\n', '\r']).len();
    &text[from..end(text, to)]
}

/// How many lines of a text end in which way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Endings {
    pub(crate) lf: usize,
    pub(crate) cr_lf: usize,
    pub(crate) cr: usize,
}

impl Endings {
    pub(crate) fn count(text: &str) -> Self {
        let bytes = text.as_bytes();
        let lf = memchr_iter(b'\n', bytes).count();
        let mut counted = Self { lf, cr_lf: 0, cr: 0 };
        for at in memchr_iter(b'\r', bytes) {
            if bytes.get(at + 1) == Some(&b'\n') {
                counted.cr_lf += 1;
                counted.lf -= 1;
            } else {
                counted.cr += 1;
            }
        }
        counted
    }

    fn total(self) -> usize {
        self.lf + self.cr_lf + self.cr
    }

    /// Takes note that one part of the text became another.
    pub(crate) fn replace(&mut self, before: Self, after: Self) {
        self.lf = (self.lf + after.lf).saturating_sub(before.lf);
        self.cr_lf = (self.cr_lf + after.cr_lf).saturating_sub(before.cr_lf);
        self.cr = (self.cr + after.cr).saturating_sub(before.cr);
    }

    /// Returns the ending of most lines; LF where no other has more.
    pub(crate) fn majority(self) -> &'static str {
        if self.cr_lf > self.lf && self.cr_lf >= self.cr {
            "\r\n"
        } else if self.cr > self.lf {
            "\r"
        } else {
            "\n"
        }
    }
}

/// Returns the text with every line ending replaced by this one.
pub(crate) fn with_ending(text: &str, ending: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = memchr2(b'\n', b'\r', &text.as_bytes()[from..]) {
        written.push_str(&text[from..from + at]);
        written.push_str(ending);
        from = next(text, from + at);
    }
    written.push_str(&text[from..]);
    written
}
