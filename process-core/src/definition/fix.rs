//! Writing other spellings in canonical form, in the text as it stands.

use super::dialect::{Notes, Rename, normalise_noting};
use super::{Definition, ReadDefinition, read_text};
use crate::{
    diagnostic::{Diagnostic, Place, Severity},
    yaml,
};

/// A text whose spellings were made canonical.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fixed {
    /// The text; the one that was given when there was nothing to do.
    pub text: String,
    /// The spellings that were rewritten, each with its place in the text that was given.
    pub fixed: Vec<Diagnostic>,
    /// What is still to be said about the text, each with its place in it.
    pub left: Vec<Diagnostic>,
}

/// Rewrites every other spelling in a definition; comments and keys that nobody knows stay.
///
/// The text means the same before and after, else it is returned as it is, with a problem that says
/// so. A comment inside a value that is replaced as a whole moves to the line above it.
///
/// # Errors
/// The problem that keeps the text from being YAML.
pub fn fix(text: &str) -> Result<Fixed, Diagnostic> {
    let before = read_text(text)?;
    let mut notes = Notes::default();
    let wanted = normalise_noting(&yaml::read(text)?, &mut notes).to_json();
    let is_spelling = |problem: &Diagnostic| problem.severity == Severity::Dialect;
    let mut fixed = notes.problems.clone();
    fixed.retain(is_spelling);
    fixed.sort_by_key(|problem| problem.place);
    if fixed.is_empty() {
        return Ok(Fixed { text: text.to_owned(), fixed, left: before.problems });
    }
    let in_place = in_place(text, &notes, &wanted);
    let edited = yaml::edit(&in_place, &wanted).text;
    let edited = with_comments(&in_place, edited);
    match read_text(&edited) {
        Ok(after) if means_the_same(&before, &after) && !after.problems.iter().any(is_spelling) => {
            Ok(Fixed { text: edited, fixed, left: after.problems })
        }
        _ => {
            let message = "the spellings cannot be rewritten without changing what the file means";
            let mut left = before.problems;
            left.push(Diagnostic::warning("not_fixed", Place::UNKNOWN, message));
            Ok(Fixed { text: text.to_owned(), fixed: Vec::new(), left })
        }
    }
}

fn means_the_same(before: &ReadDefinition, after: &ReadDefinition) -> bool {
    placeless(before.definition.clone()) == placeless(after.definition.clone())
}

/// Forgets where the steps stand, for they may have moved.
fn placeless(mut definition: Option<Definition>) -> Option<Definition> {
    let steps = definition.iter_mut().flat_map(|definition| &mut definition.steps);
    steps.for_each(|step| step.place = Place::UNKNOWN);
    definition
}

/// Renames keys and takes wrappers away where they stand, so that all around them stays.
fn in_place(text: &str, notes: &Notes, wanted: &serde_json::Value) -> String {
    let means = |text: &str| {
        let node = yaml::read(text).ok();
        node.is_some_and(|node| normalise_noting(&node, &mut Notes::default()).to_json() == *wanted)
    };
    let renamed = rename(text, &notes.renames);
    let renamed = if means(&renamed) { renamed } else { text.to_owned() };
    let unwrapped = unwrap(&renamed, &notes.wrappers);
    if means(&unwrapped) { unwrapped } else { renamed }
}

fn rename(text: &str, renames: &[Rename]) -> String {
    let starts = line_starts(text);
    let mut splices = Vec::new();
    for rename in renames {
        let Some(start) = offset(text, &starts, rename.place) else { continue };
        let quoted = [("", ""), ("\"", "\""), ("'", "'")].into_iter().find_map(|(open, close)| {
            let written = format!("{open}{}{close}", rename.from);
            text[start..].starts_with(&written).then_some(written.len())
        });
        if let Some(len) = quoted {
            splices.push((start..start + len, rename.to));
        }
    }
    splices.sort_by_key(|(at, _)| at.start);
    let mut renamed = String::with_capacity(text.len());
    let mut done = 0;
    for (at, to) in splices {
        if at.start >= done {
            renamed.push_str(&text[done..at.start]);
            renamed.push_str(to);
            done = at.end;
        }
    }
    renamed.push_str(&text[done..]);
    renamed
}

fn line_starts(text: &str) -> Vec<usize> {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    std::iter::once(bom).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

fn offset(text: &str, starts: &[usize], place: Place) -> Option<usize> {
    let start = *starts.get((place.line as usize).checked_sub(1)?)?;
    let column = (place.column as usize).checked_sub(1)?;
    let within = text[start..].char_indices().nth(column);
    within.map(|(at, _)| start + at)
}

/// Takes away keys that stand on lines of their own around other keys, and indents those less.
fn unwrap(text: &str, wrappers: &[Place]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut places = wrappers.to_vec();
    places.sort_unstable();
    // From the last to the first, so that the places of those before stay right.
    for place in places.into_iter().rev() {
        unwrap_one(&mut lines, place);
    }
    lines.concat()
}

fn unwrap_one(lines: &mut Vec<String>, place: Place) {
    let (Some(index), Some(column)) =
        ((place.line as usize).checked_sub(1), (place.column as usize).checked_sub(1))
    else {
        return;
    };
    let Some(line) = lines.get(index).cloned() else { return };
    // Neither behind a dash nor in braces.
    let Some((_, behind)) = line.split_once(':').filter(|_| indent(&line) == column) else {
        return;
    };
    let behind = behind.trim();
    if !(behind.is_empty() || behind.starts_with('#')) {
        return;
    }
    let is_text = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let Some(first) = lines[index + 1..].iter().find(|line| is_text(line)) else { return };
    let less = indent(first).saturating_sub(column);
    let inside = lines[index + 1..]
        .iter()
        .take_while(|line| !is_text(line) || indent(line) > column)
        .count();
    for line in &mut lines[index + 1..=index + inside] {
        let less = less.min(indent(line));
        line.replace_range(..less, "");
    }
    if behind.is_empty() {
        lines.remove(index);
    } else {
        lines[index] = format!("{}{behind}\n", " ".repeat(column));
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Puts comments back that went with the values they stood in, each above its old neighbour.
fn with_comments(old: &str, new: String) -> String {
    let kept: Vec<&str> = new.lines().filter_map(comment).collect();
    let mut missing: Vec<&str> = kept;
    let mut lost = Vec::new();
    for (index, line) in old.lines().enumerate() {
        let Some(comment) = comment(line) else { continue };
        match missing.iter().position(|other| *other == comment) {
            Some(found) => {
                missing.swap_remove(found);
            }
            None => lost.push((index, comment)),
        }
    }
    if lost.is_empty() {
        return new;
    }
    let mut lines: Vec<String> = new.lines().map(str::to_owned).collect();
    for (index, comment) in lost.into_iter().rev() {
        let above = old.lines().take(index).collect::<Vec<_>>();
        let neighbour = above.iter().rev().find_map(|line| {
            let is_text = !line.trim().is_empty();
            lines.iter().position(|other| is_text && other == line)
        });
        let at = neighbour.map_or(0, |neighbour| neighbour + 1);
        let indent = lines.get(at).map_or(0, |line| indent(line));
        lines.insert(at, format!("{}{comment}", " ".repeat(indent)));
    }
    let text = lines.join("\n") + "\n";
    let same = |text: &str| yaml::read(text).ok().map(|node| node.to_json());
    if same(&text) == same(&new) { text } else { new }
}

/// Returns the comment of a line, as far as a line alone tells.
fn comment(line: &str) -> Option<&str> {
    let at =
        if line.trim_start().starts_with('#') { line.find('#')? } else { line.find(" #")? + 1 };
    Some(line[at..].trim_end())
}
