//! The edit as a whole: walk, splice, check.

use std::ops::Range;

use serde_json::Value;

use crate::yaml::build::{Parsed, parse_for_edit};
use crate::yaml::edit::editor::{Editor, Slot};
use crate::yaml::edit::source::{Source, splice};
use crate::yaml::read::check;
use crate::yaml::write::write;

/// The text after an edit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edited {
    /// The text, whose content equals the value asked for.
    pub text: String,
    /// Whether the rest of the old text was kept; if not, the text was written anew.
    pub kept: bool,
}

/// Changes a YAML text so that its content equals a value, with as few changes as possible.
///
/// Comments, blank lines, the order of keys, quotes and indentation of everything that stays are
/// kept byte for byte.
/// Items of lists are recognised by their `id`, or else by their content.
/// A removed value takes the comments inside it and behind it on its line along; a comment line
/// above it stays.
///
/// A text that cannot be read, or whose change would lose a comment or come out wrong, is replaced
/// by [`write`]: [`Edited::kept`] says so.
/// The text equals the value in every case (nesting beyond [`NESTING_MAX`] apart).
///
/// [`write`]: crate::yaml::write()
/// [`NESTING_MAX`]: crate::yaml::NESTING_MAX
pub fn edit(text: &str, value: &Value) -> Edited {
    match try_edit(text, value) {
        Some(text) => Edited { text, kept: true },
        None => Edited { text: write(value), kept: false },
    }
}

fn try_edit(text: &str, value: &Value) -> Option<String> {
    check(text).ok()?;
    let old = parse_for_edit(text).ok()?;
    if old.node.equals(value) {
        return Some(text.to_owned());
    }
    let mut editor = Editor::new(Source::new(text), &old.spots, &old.comments);
    if old.spots.is_empty() {
        editor.append(value);
    } else {
        editor.change(&old.node, 0, value, Slot::Root).ok()?;
    }
    let Editor { splices, removed, .. } = editor;
    let edited = splice(text, 0..text.len(), splices).ok()?;
    check(&edited).ok()?;
    let new = parse_for_edit(&edited).ok()?;
    let holds = new.node.equals(value) && keeps_comments(text, &old, &removed, &edited, &new);
    holds.then_some(edited)
}

/// Returns whether every comment outside what was removed is a comment of the new text.
fn keeps_comments(
    text: &str,
    old: &Parsed,
    removed: &[Range<usize>],
    edited: &str,
    new: &Parsed,
) -> bool {
    // The ranges do not overlap, so the last one that starts before a comment decides.
    let mut removed: Vec<&Range<usize>> = removed.iter().collect();
    removed.sort_unstable_by_key(|range| range.start);
    let is_removed = |comment: &Range<usize>| {
        let index = removed.partition_point(|range| range.start <= comment.start);
        index > 0 && comment.end <= removed[index - 1].end
    };
    let mut wanted: Vec<&str> = old
        .comments
        .iter()
        .filter(|comment| !is_removed(comment))
        .map(|comment| &text[comment.clone()])
        .collect();
    let mut found: Vec<&str> =
        new.comments.iter().map(|comment| &edited[comment.clone()]).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    let mut found = found.into_iter();
    wanted.into_iter().all(|comment| found.by_ref().any(|other| other == comment))
}
