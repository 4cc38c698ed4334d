//! Problems in YAML text, told so that the author knows what to do.

use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::node::short;

const BRACES_HINT: &str = "put quotes around a value that starts with `{{`: \"{{ ... }}\"";
const COLON_HINT: &str = "put quotes around text that contains `: `";
const TAB_HINT: &str = "indent with spaces, not with tabs";

/// Explains what the parser refused, with advice where the line shows a common mistake.
pub(super) fn explain(text: &str, place: Place, message: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("yaml", place, lower_first(message));
    match hint(text, place, message) {
        Some(hint) => diagnostic.with_hint(hint),
        None => diagnostic,
    }
}

/// Refuses a list or map in the place of a key.
pub(super) fn collection_as_key(text: &str, place: Place) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("key_not_text", place, "a key must be text, not a list or a map");
    let braces = lines_before(text, place).0.is_some_and(has_open_braces);
    if braces { diagnostic.with_hint(BRACES_HINT) } else { diagnostic }
}

/// Refuses `<<`, which YAML 1.2 does not have: nobody could tell what a change to it should do.
pub(super) fn merge_key(place: Place) -> Diagnostic {
    Diagnostic::error("merge_key", place, "merge keys (`<<`) are not supported")
        .with_hint("write the merged keys out, or put quotes around the key if it is meant as text")
}

/// Refuses a tag that we do not know or that does not fit its value.
pub(super) fn tag(tag: &str, place: Place) -> Diagnostic {
    let message = format!("the tag `{}` is unknown or does not fit the value", short(tag));
    Diagnostic::error("tag", place, message).with_hint("remove the tag")
}

/// Refuses infinity and not-a-number.
pub(super) fn not_finite(text: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` is not a finite number", short(text));
    Diagnostic::error("number", place, message)
        .with_hint("put quotes around it if it is meant as text")
}

fn hint(text: &str, place: Place, message: &str) -> Option<&'static str> {
    let (line, before) = lines_before(text, place);
    let nearby = [line, before];
    let indentation = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    if nearby.iter().flatten().any(|line| line[..indentation(line)].contains('\t')) {
        return Some(TAB_HINT);
    }
    if nearby.iter().flatten().any(|line| has_open_braces(line)) {
        return Some(BRACES_HINT);
    }
    let values_refused = message.contains("mapping values") || message.contains("simple key");
    let several = |line: &str| line.split(" #").next().unwrap_or(line).matches(": ").count() > 1;
    if values_refused && nearby.iter().flatten().any(|line| several(line)) {
        return Some(COLON_HINT);
    }
    if message.contains("tab") {
        return Some(TAB_HINT);
    }
    if message.contains("unclosed quote") || message.contains("after double-quoted") {
        return Some("close the quote, and write a quote inside it as \\\"");
    }
    None
}

/// Returns whether a value on the line starts with `{{` outside quotes.
fn has_open_braces(line: &str) -> bool {
    line.match_indices("{{").any(|(at, _)| {
        let before = line[..at].trim_end();
        before.is_empty() || before.ends_with([':', '-', '[', ','])
    })
}

/// Returns the line at a place and the line before it.
fn lines_before(text: &str, place: Place) -> (Option<&str>, Option<&str>) {
    let line = (place.line as usize).max(1);
    let mut lines = text.lines().skip(line.saturating_sub(2));
    let before = if line > 1 { lines.next() } else { None };
    (lines.next(), before)
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
