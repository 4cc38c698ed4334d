//! Finds a text in another, byte by byte; both use LF alone.

use std::ops::Range;

use memchr::memmem::Finder;

use crate::limits::MATCHES_MAX;

/// Returns the places where the text stands on whole lines, at most one more than are listed.
///
/// A line ending at the end of `wanted` is part of the match where the line has one.
pub(super) fn whole_lines(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let core = wanted.strip_suffix('\n').unwrap_or(wanted);
    let takes_end = core.len() < wanted.len();
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut take = |start: usize| {
        let end = start + core.len();
        match bytes.get(end) {
            None => found.push(start..end),
            Some(b'\n') => found.push(start..end + usize::from(takes_end)),
            Some(_) => {}
        }
        found.len() > MATCHES_MAX
    };
    if text.starts_with(core) && take(0) {
        return found;
    }
    let line = format!("\n{core}");
    let finder = Finder::new(&line);
    let mut from = 0;
    while let Some(at) = finder.find(&bytes[from..]) {
        if take(from + at + 1) {
            break;
        }
        from += at + 1;
    }
    found
}

/// Returns all places where the text stands, at most one more than are listed.
pub(super) fn anywhere(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let finder = Finder::new(wanted);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = finder.find(&text.as_bytes()[from..]) {
        found.push(from + at..from + at + wanted.len());
        if found.len() > MATCHES_MAX {
            break;
        }
        from += at + 1;
    }
    found
}
