//! What every success and every refusal must be, besides what its case asks.

use std::fmt::Debug;

use process_patch::{Applied, Document, Options, Outline, PatchError, Splice};
use serde_json::Value;

use super::case::Expect;

/// Tells what was expected and what came.
pub(super) fn differ(what: &str, expected: &impl Debug, came: &(impl Debug + ?Sized)) -> String {
    format!("{what}\n    expected {expected:?}\n    came     {came:?}")
}

pub(super) fn check_text(expected: &str, came: &str) -> Result<(), String> {
    if expected == came { Ok(()) } else { Err(differ("text", &expected, came)) }
}

/// Checks that the splices make the text after of the text before, and their inverse the way back.
pub(super) fn check_success(
    before: &str,
    document: &Document,
    applied: &Applied,
) -> Result<(), String> {
    let after = document.text();
    let replayed = replay(before, &applied.splices)?;
    check_text(after, &replayed).map_err(|error| format!("replay: {error}"))?;
    let outline = Outline::new(after);
    if document.outline().headings() != outline.headings() {
        return Err("the outline is not that of the text".to_owned());
    }
    let inverse = applied.inverse().ok_or("there is no inverse")?;
    let mut undone = document.clone();
    undone
        .apply_inverse(&inverse, Options::default())
        .map_err(|error| format!("inverse: {error}"))?;
    check_text(before, undone.text()).map_err(|error| format!("inverse: {error}"))?;
    for range in applied.changed(after) {
        if range.start == 0 || range.start > range.end + 1 {
            return Err(format!("changed lines {range:?}"));
        }
    }
    Ok(())
}

/// Applies splices without any help of the library.
pub(super) fn replay(text: &str, splices: &[Splice]) -> Result<String, String> {
    let mut text = text.to_owned();
    for splice in splices {
        let end = splice.offset + splice.removed.len();
        if text.get(splice.offset..end) != Some(splice.removed.as_str()) {
            return Err(format!("{splice:?} does not fit"));
        }
        text.replace_range(splice.offset..end, &splice.inserted);
    }
    Ok(text)
}

/// Checks a refusal.
pub(super) fn check_error(expect: &Expect, error: &PatchError) -> Result<(), String> {
    let kind = error.kind.as_str();
    let mut kinds = expect.error.iter().chain(&expect.error_in);
    if !kinds.any(|wanted| wanted == kind) {
        return Err(differ("result", expect, &format!("{kind}: {error}")));
    }
    check_words(error)?;
    if let Some(wanted) = &expect.index
        && error.index != *wanted
    {
        return Err(differ("index", wanted, &error.index));
    }
    if let Some(wanted) = &expect.hint_contains {
        let hint = error.hint.as_deref().unwrap_or_default();
        if !hint.to_lowercase().contains(&wanted.to_lowercase()) {
            return Err(differ("hint", wanted, hint));
        }
    }
    let suggested = texts(error, "suggestions", "location");
    check_all("suggestions", &expect.suggests, &suggested)?;
    if let Some(wanted) = expect.suggests_count
        && suggested.len() != wanted
    {
        return Err(differ("number of suggestions", &wanted, &suggested));
    }
    let found = ["matches", "parents"].map(|name| texts(error, name, "path")).concat();
    check_all("paths", &expect.paths, &found)?;
    let lines: Vec<u64> =
        items(error, "matches").iter().filter_map(|item| item["line"].as_u64()).collect();
    if !expect.lines.is_empty() && expect.lines != lines {
        return Err(differ("lines", &expect.lines, &lines));
    }
    check_all("closest lines", &expect.closest, &texts(error, "closest", "text"))
}

/// Checks that a person and a model can act on it.
pub(super) fn check_words(error: &PatchError) -> Result<(), String> {
    let hint = error.hint.as_deref().unwrap_or_default();
    for text in [error.message.as_str(), hint] {
        if text.trim().is_empty() || text.contains(['\n', '\r']) || text.ends_with('.') {
            return Err(format!("{}: `{}`, hint `{hint}`", error.kind, error.message));
        }
    }
    Ok(())
}

fn check_all(what: &str, wanted: &[String], came: &[String]) -> Result<(), String> {
    if wanted.iter().all(|text| came.contains(text)) {
        Ok(())
    } else {
        Err(differ(what, &wanted, came))
    }
}

fn items(error: &PatchError, name: &str) -> Vec<Value> {
    error.details[name].as_array().cloned().unwrap_or_default()
}

fn texts(error: &PatchError, name: &str, key: &str) -> Vec<String> {
    let texts = items(error, name);
    texts.iter().filter_map(|item| item[key].as_str().map(str::to_owned)).collect()
}
