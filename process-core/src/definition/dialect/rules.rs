//! The rules of a step in other spellings: retry, on_error, foreach, repeat, roles.

use super::notes::{Notes, snake};
use super::root::{brace, text_entry};
use crate::definition::keys::{FOREACH, REPEAT, RETRY, ROLES};
use crate::definition::reader::NOTHING;
use crate::{
    fields::text_of,
    time::parse_duration,
    yaml::{Data, Entry, Node},
};

/// Rewrites how often something is tried.
pub(super) fn rewrite_retry(value: &mut Node, notes: &mut Notes) {
    let place = value.place;
    if matches!(value.data, Data::Number(_)) {
        notes.spelling(
            place,
            "`retry` as a number is read as its `max_attempts`".to_owned(),
            "write `retry: {max_attempts: …}`".to_owned(),
        );
        let key = "max_attempts".to_owned();
        value.data = Data::Map(vec![Entry { key, key_place: place, value: value.clone() }]);
    }
    let Data::Map(entries) = &mut value.data else { return };
    rewrite_max_retries(entries, notes);
    let has_delay =
        entries.iter().any(|entry| matches!(entry.key.as_str(), "initial_delay" | "delay"));
    for entry in entries.iter_mut().filter(|entry| entry.key == "backoff") {
        // `backoff: 5s` names the delay and not how it grows.
        let is_delay = text_of(&entry.value).is_some_and(|text| parse_duration(text).is_some());
        if is_delay && !has_delay {
            notes.spelling(
                entry.key_place,
                "`backoff` with a duration is read as `initial_delay`".to_owned(),
                "write `initial_delay`".to_owned(),
            );
            entry.key = "initial_delay".to_owned();
        }
    }
    notes.rename_all(entries, [&RETRY, &NOTHING]);
    notes.reword_all(entries, [&RETRY, &NOTHING]);
}

/// Retries are what comes after the first attempt.
fn rewrite_max_retries(entries: &mut [Entry], notes: &mut Notes) {
    if entries.iter().any(|entry| entry.key == "max_attempts") {
        return;
    }
    let is_retries = |key: &str| matches!(snake(key).as_str(), "max_retries" | "retries" | "count");
    let Some(entry) = entries.iter_mut().find(|entry| is_retries(&entry.key)) else { return };
    let Data::Number(number) = &entry.value.data else { return };
    let Some(retries) = number.as_u64().and_then(|n| u32::try_from(n).ok()) else { return };
    let attempts = retries.saturating_add(1);
    let message = format!("`{}: {retries}` is read as `max_attempts: {attempts}`", entry.key);
    notes.spelling(entry.key_place, message, format!("write `max_attempts: {attempts}`"));
    entry.key = "max_attempts".to_owned();
    entry.value.data = Data::Number(attempts.into());
}

/// Rewrites what happens to a failure; returns what it says about retries instead.
pub(super) fn rewrite_on_error(value: &mut Node, notes: &mut Notes) -> OnErrorSays {
    let place = value.place;
    match &value.data {
        Data::Text(text) => {
            let text = text.clone();
            rewrite_on_error_text(value, &text, notes)
        }
        Data::Map(entries) => {
            let mut entries = entries.clone();
            let find = |entries: &[Entry], keys: &[&str]| {
                let keys_of = |entry: &Entry| keys.contains(&snake(&entry.key).as_str());
                entries.iter().position(keys_of)
            };
            let Some(action) = find(&entries, &["action", "type", "strategy"]) else {
                if let Some(index) = find(&entries, &["target", "next", "step", "go_to"]) {
                    let from = entries[index].key.clone();
                    if let Data::Map(entries) = &mut value.data {
                        notes.rename(entries, &from, "goto");
                    }
                }
                return OnErrorSays::Itself;
            };
            let Some(word) = text_of(&entries[action].value).map(snake) else {
                return OnErrorSays::Itself;
            };
            if word == "retry" {
                entries.remove(action);
                notes.spelling(
                    place,
                    "`on_error` with the action `retry` is read as `retry`".to_owned(),
                    "write `retry: {max_attempts: …}`".to_owned(),
                );
                return OnErrorSays::Retry(Node { place, data: Data::Map(entries) });
            }
            let target = find(&entries, &["target", "goto", "next", "step"]);
            let rest = entries.len() - 1;
            if let Some(target) =
                target.filter(|_| rest == 1 && matches!(word.as_str(), "goto" | "go_to" | "jump"))
            {
                notes.spelling(
                    place,
                    "`on_error` with an action is read as `{goto: STEP}`".to_owned(),
                    format!(
                        "write `on_error: {{goto: {}}}`",
                        text_of(&entries[target].value).unwrap_or("STEP")
                    ),
                );
                let goto = Entry { key: "goto".to_owned(), ..entries[target].clone() };
                value.data = Data::Map(vec![goto]);
            } else if let Some(canonical) = on_error_word(&word).filter(|_| rest == 0) {
                notes.spelling(
                    place,
                    format!("`on_error` with the action `{word}` is read as `{canonical}`"),
                    format!("write `on_error: {canonical}`"),
                );
                value.data = Data::Text(canonical.to_owned());
            }
            OnErrorSays::Itself
        }
        _ => OnErrorSays::Itself,
    }
}

/// What an `on_error` is about.
pub(super) enum OnErrorSays {
    /// What happens to a failure.
    Itself,
    /// How often the step is tried; this is what it says beside that.
    Retry(Node),
}

fn rewrite_on_error_text(value: &mut Node, text: &str, notes: &mut Notes) -> OnErrorSays {
    let place = value.place;
    let word = snake(text);
    let goto = ["goto:", "goto "].iter().find_map(|start| text.trim().strip_prefix(start));
    if let Some(step) = goto.map(str::trim).filter(|step| !step.is_empty()) {
        notes.spelling(
            place,
            format!("`on_error: {text}` is read as `{{goto: {step}}}`"),
            format!("write `on_error: {{goto: {step}}}`"),
        );
        value.data = Data::Map(vec![text_entry("goto", place, step)]);
    } else if word == "retry" {
        notes.spelling(
            place,
            "`on_error: retry` is read as `retry`".to_owned(),
            "write `retry: {max_attempts: 3}`".to_owned(),
        );
        return OnErrorSays::Retry(Node { place, data: Data::Map(Vec::new()) });
    } else if let Some(canonical) = on_error_word(&word).filter(|canonical| *canonical != text) {
        notes.reworded(place, "on_error", text, canonical);
        value.data = Data::Text(canonical.to_owned());
    }
    OnErrorSays::Itself
}

/// A failing process compensates, so that compensating needs no word of its own (docs/formats/definition.md).
fn on_error_word(word: &str) -> Option<&'static str> {
    match word {
        "skip_step" | "skip" | "continue" | "ignore" | "continue_on_error" => Some("skip_step"),
        "fail_process" | "fail" | "abort" | "stop" | "terminate" | "raise" | "compensate"
        | "rollback" => Some("fail_process"),
        _ => None,
    }
}

/// Rewrites one visit for each item.
pub(super) fn rewrite_foreach(value: &mut Node, notes: &mut Notes) {
    let place = value.place;
    if matches!(value.data, Data::Text(_) | Data::List(_)) {
        notes.spelling(
            place,
            "`foreach` as a list or text is read as its `in`".to_owned(),
            "write `foreach: {in: …}`".to_owned(),
        );
        let key = "in".to_owned();
        value.data = Data::Map(vec![Entry { key, key_place: place, value: value.clone() }]);
    }
    let Data::Map(entries) = &mut value.data else { return };
    notes.rename_all(entries, [&FOREACH, &NOTHING]);
    if let Some(items) = entries.iter_mut().find(|entry| entry.key == "in") {
        let place = items.value.place;
        if brace(&mut items.value) {
            let text = text_of(&items.value).unwrap_or_default();
            let hint = format!("write \"{text}\"");
            notes.spelling(place, "`in` without braces is read as an expression".to_owned(), hint);
        }
    }
}

/// Rewrites visits until something holds.
pub(super) fn rewrite_repeat(value: &mut Node, notes: &mut Notes) {
    let Data::Map(entries) = &mut value.data else { return };
    notes.rename_all(entries, [&REPEAT, &NOTHING]);
}

/// Rewrites who is told; returns who carries the step out, a role that has no key of its own.
pub(super) fn rewrite_roles(
    value: &mut Node,
    wants_agent: bool,
    notes: &mut Notes,
) -> Option<Entry> {
    let Data::Map(entries) = &mut value.data else { return None };
    notes.rename_all(entries, [&ROLES, &NOTHING]);
    notes.reword_all(entries, [&ROLES, &NOTHING]);
    let index = entries.iter().position(|entry| entry.key == "executor")?;
    let place = entries[index].key_place;
    if !wants_agent || text_of(&entries[index].value).is_none() {
        return None;
    }
    notes.spelling(
        place,
        "`roles.executor` is read as `agent`".to_owned(),
        "write `agent` on the step".to_owned(),
    );
    let executor = entries.remove(index);
    Some(Entry { key: "agent".to_owned(), ..executor })
}
