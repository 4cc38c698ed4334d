//! The steps of which every rewriting is made: keys renamed, words replaced, each one noted.

use crate::definition::keys::{Level, Shape};
use crate::{
    diagnostic::{Diagnostic, Place},
    fields::text_of,
    time::duration_text,
    yaml::{Data, Entry, Node},
};
use std::time::Duration;

/// A key that is written in another way.
#[derive(Clone, Debug)]
pub(in crate::definition) struct Rename {
    pub(in crate::definition) place: Place,
    pub(in crate::definition) from: String,
    pub(in crate::definition) to: &'static str,
}

/// What a rewriting did.
#[derive(Debug, Default)]
pub(in crate::definition) struct Notes {
    pub(in crate::definition) problems: Vec<Diagnostic>,
    /// Keys that only got another name.
    pub(in crate::definition) renames: Vec<Rename>,
    /// Keys that are gone, their map standing in the place of the one around it.
    pub(in crate::definition) wrappers: Vec<Place>,
}

/// Units behind a key such as `delay_ms`.
const UNITS: [(&str, u64); 10] = [
    ("_milliseconds", 1),
    ("_millis", 1),
    ("_ms", 1),
    ("_seconds", 1_000),
    ("_secs", 1_000),
    ("_sec", 1_000),
    ("_minutes", 60_000),
    ("_mins", 60_000),
    ("_hours", 3_600_000),
    ("_days", 86_400_000),
];

impl Notes {
    /// Notes a spelling and what is written for it.
    pub(super) fn spelling(&mut self, place: Place, message: String, hint: String) {
        self.problems.push(Diagnostic::dialect("spelling", place, message).with_hint(hint));
    }

    /// Notes that a key is read as another one.
    fn renamed(&mut self, place: Place, from: &str, to: &'static str) {
        self.spelling(place, format!("`{from}` is read as `{to}`"), format!("write `{to}`"));
        self.renames.push(Rename { place, from: from.to_owned(), to });
    }

    /// Notes that a value is read as another one.
    pub(super) fn reworded(&mut self, place: Place, key: &str, from: &str, to: &str) {
        let message = format!("`{key}: {from}` is read as `{key}: {to}`");
        self.spelling(place, message, format!("write `{to}`"));
    }

    /// Notes that a spelling cannot be rewritten, for the canonical key is there as well.
    fn twice(&mut self, place: Place, from: &str, to: &str) {
        let message = format!("`{from}` says the same as `{to}`, and both are there");
        let problem = Diagnostic::error("two_spellings", place, message);
        self.problems.push(problem.with_hint(format!("keep `{to}` only")));
    }

    /// Gives a key another name, unless that is there already.
    pub(super) fn rename(&mut self, entries: &mut [Entry], from: &str, to: &'static str) {
        let Some(index) = entries.iter().position(|entry| entry.key == from) else { return };
        let place = entries[index].key_place;
        if entries.iter().any(|entry| entry.key == to) {
            self.twice(place, from, to);
            return;
        }
        self.renamed(place, from, to);
        entries[index].key = to.to_owned();
    }

    /// Gives every key that is in no table the name that it means.
    pub(super) fn rename_all(&mut self, entries: &mut [Entry], levels: [&'static Level; 2]) {
        for index in 0..entries.len() {
            let key = entries[index].key.clone();
            if levels.iter().any(|level| level.key(&key).is_some()) {
                continue;
            }
            let place = entries[index].key_place;
            let Some(to) = meant(&key, levels) else {
                self.rename_with_unit(entries, index, levels);
                continue;
            };
            if entries.iter().any(|entry| entry.key == to) {
                self.twice(place, &key, to);
            } else {
                self.renamed(place, &key, to);
                entries[index].key = to.to_owned();
            }
        }
    }

    /// Reads `delay_ms: 500` as `delay: 500ms`.
    fn rename_with_unit(
        &mut self,
        entries: &mut [Entry],
        index: usize,
        levels: [&'static Level; 2],
    ) {
        let snake = snake(&entries[index].key);
        let Some((base, unit_ms)) =
            UNITS.iter().find_map(|(unit, unit_ms)| Some((snake.strip_suffix(unit)?, *unit_ms)))
        else {
            return;
        };
        let base = if base == "backoff" { "initial_delay" } else { base };
        let known = |name: &str| levels.iter().find_map(|level| level.key(name));
        let Some(key) = known(base).or_else(|| known(meant(base, levels)?)) else { return };
        let Data::Number(number) = &entries[index].value.data else { return };
        let is_duration = matches!(key.shape, Shape::Duration) || key.name == "delay";
        let ms = number.as_u64().and_then(|number| number.checked_mul(unit_ms));
        let Some(ms) = ms.filter(|_| is_duration) else { return };
        let place = entries[index].key_place;
        let from = entries[index].key.clone();
        if entries.iter().any(|entry| entry.key == key.name) {
            self.twice(place, &from, key.name);
            return;
        }
        let text = duration_text(Duration::from_millis(ms));
        let message = format!("`{from}: {number}` is read as `{}: {text}`", key.name);
        self.spelling(place, message, format!("write `{}: {text}`", key.name));
        entries[index].key = key.name.to_owned();
        entries[index].value.data = Data::Text(text);
    }

    /// Writes the words of the tables, and lists where they stand for a single text.
    pub(super) fn reword_all(&mut self, entries: &mut [Entry], levels: [&'static Level; 2]) {
        for entry in entries {
            let Some(key) = levels.iter().find_map(|level| level.key(&entry.key)) else { continue };
            match key.shape {
                Shape::One(words) => {
                    let Some(text) = text_of(&entry.value) else { continue };
                    if let Some(word) = word_for(key.name, text, words) {
                        let from = text.to_owned();
                        self.reworded(entry.value.place, key.name, &from, word);
                        entry.value.data = Data::Text(word.to_owned());
                    }
                }
                Shape::Ids | Shape::Texts => self.list_of(key.name, key.shape, &mut entry.value),
                _ => {}
            }
        }
    }

    fn list_of(&mut self, key: &str, shape: Shape, value: &mut Node) {
        let Some(text) = text_of(value) else { return };
        // An expression may give the whole list.
        if text.contains("{{") || (matches!(shape, Shape::Texts) && text.trim().is_empty()) {
            return;
        }
        let parts: Vec<&str> = match shape {
            Shape::Ids => text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect(),
            _ => vec![text],
        };
        let list = parts.join(", ");
        let place = value.place;
        let items = parts.iter().map(|part| Node { place, data: Data::Text((*part).to_owned()) });
        let items = items.collect();
        let list = crate::definition::values::short(&list);
        self.spelling(
            place,
            format!("`{key}` as one text is read as a list"),
            format!("write `{key}: [{list}]`"),
        );
        value.data = Data::List(items);
    }

    /// Puts the keys of the map at a key in the place of that key.
    pub(super) fn lift(&mut self, entries: &mut Vec<Entry>, key: &str) {
        let Some(index) = entries.iter().position(|entry| entry.key == key) else { return };
        let Data::Map(inner) = &entries[index].value.data else { return };
        let place = entries[index].key_place;
        if let Some(both) = inner
            .iter()
            .find(|inner| inner.key != key && entries.iter().any(|entry| entry.key == inner.key))
        {
            self.twice(both.key_place, &format!("{key}.{}", both.key), &both.key);
            return;
        }
        self.spelling(
            place,
            format!("the keys in `{key}` are read as if they stood beside it"),
            format!("leave `{key}` out, and write its keys in its place"),
        );
        self.wrappers.push(place);
        let inner = inner.clone();
        entries.splice(index..=index, inner);
    }
}

/// Returns the key of the tables that somebody means who writes this one.
fn meant(key: &str, levels: [&'static Level; 2]) -> Option<&'static str> {
    let snake = snake(key);
    // The own level of a type comes before what every step has.
    let level_of = || levels.iter().rev();
    let spelling = |name: &str| level_of().find_map(|level| level.spelling(name));
    let known = || level_of().find_map(|level| level.key(&snake)).map(|key| key.name);
    spelling(key).or_else(known).or_else(|| spelling(&snake))
}

/// Writes a name in small letters with underscores: `dependsOn`, `depends-on`, `Depends on`.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut before_small = false;
    for c in name.trim().chars() {
        if matches!(c, '-' | ' ' | '_') {
            if !snake.ends_with('_') {
                snake.push('_');
            }
            before_small = false;
            continue;
        }
        if c.is_uppercase() && before_small {
            snake.push('_');
        }
        before_small = c.is_lowercase() || c.is_ascii_digit();
        snake.extend(c.to_lowercase());
    }
    snake
}

/// Words that others write: the key, their word, and the one of the tables.
const WORDS: [(&str, &str, &str); 43] = [
    ("backoff", "constant", "fixed"),
    ("backoff", "none", "fixed"),
    ("backoff", "exp", "exponential"),
    ("delivery", "exactly_once", "at_most_once"),
    ("gateway_type", "xor", "exclusive"),
    ("gateway_type", "and", "parallel"),
    ("gateway_type", "or", "inclusive"),
    ("gateway_type", "event_based", "event"),
    ("on_exceed", "stop", "fail"),
    ("on_exceed", "abort", "fail"),
    ("on_exceed", "wait", "pause"),
    ("on_reject", "proceed", "continue"),
    ("on_reject", "skip_step", "skip"),
    ("on_reject", "fail_process", "fail"),
    ("on_reject", "abort", "fail"),
    ("on_reject", "stop", "fail"),
    ("on_timeout", "approved", "approve"),
    ("on_timeout", "auto_approve", "approve"),
    ("on_timeout", "rejected", "reject"),
    ("on_timeout", "auto_reject", "reject"),
    ("on_timeout", "remind", "notify"),
    ("on_timeout", "escalate", "notify"),
    ("on_timeout", "skip_step", "skip"),
    ("on_timeout", "fail_process", "fail"),
    ("on_timeout", "abort", "fail"),
    ("channel", "mail", "email"),
    ("channel", "http", "webhook"),
    ("channel", "console", "log"),
    ("type", "str", "string"),
    ("type", "text", "string"),
    ("type", "int", "integer"),
    ("type", "long", "integer"),
    ("type", "float", "number"),
    ("type", "double", "number"),
    ("type", "decimal", "number"),
    ("type", "bool", "boolean"),
    ("type", "list", "array"),
    ("type", "tuple", "array"),
    ("type", "map", "object"),
    ("type", "dict", "object"),
    ("type", "json", "object"),
    ("type", "logging", "log"),
    ("type", "notify", "notification"),
];

/// Returns the word of the tables for one that is written in another way.
pub(super) fn word_for(key: &str, text: &str, words: &[&'static str]) -> Option<&'static str> {
    if words.contains(&text) {
        return None;
    }
    let snake = snake(text);
    let same = words.iter().find(|word| **word == snake);
    let other = || {
        WORDS
            .iter()
            .find(|(of, from, to)| *of == key && *from == snake && words.contains(to))
            .map(|(_, _, to)| *to)
    };
    same.copied().or_else(other)
}
