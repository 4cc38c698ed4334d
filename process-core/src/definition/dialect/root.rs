//! The root of a definition in other spellings.

use super::notes::{Notes, word_for};
use super::step::rewrite_steps;
use crate::definition::keys::{
    ANNOUNCEMENT, BUDGET, INPUT, INPUT_TYPES, Level, OUTPUT, ROOT, TRIGGER, TRIGGERS, Type,
};
use crate::definition::reader::NOTHING;
use crate::definition::types::NOTIFICATION;
use crate::{
    diagnostic::{Diagnostic, Place},
    fields::text_of,
    yaml::{Data, Entry, Node},
};

/// Returns a definition in canonical form, and notes every spelling that is another one.
pub(in crate::definition) fn normalise(node: &Node, problems: &mut Vec<Diagnostic>) -> Node {
    let mut notes = Notes::default();
    let node = normalise_noting(node, &mut notes);
    problems.append(&mut notes.problems);
    node
}

/// Returns a definition in canonical form, and notes what was rewritten and how.
pub(in crate::definition) fn normalise_noting(node: &Node, notes: &mut Notes) -> Node {
    let mut node = node.clone();
    let Data::Map(entries) = &mut node.data else { return node };
    if entries.iter().all(|entry| !matches!(entry.key.as_str(), "steps" | "tasks" | "nodes")) {
        for wrapper in ["process", "definition", "workflow", "pipeline"] {
            notes.lift(entries, wrapper);
        }
    }
    output_or_ends(entries, notes);
    if entries.iter().any(|entry| {
        entry.key == "inputs" && !matches!(entry.value.data, Data::Map(_) | Data::List(_))
    }) {
        // Whatever it is, it is no description of inputs, and stays the unknown key that it is.
        return node;
    }
    schedule_of(entries, notes);
    notes.rename_all(entries, [&ROOT, &NOTHING]);
    for entry in entries.iter_mut() {
        let (key, value) = (entry.key.as_str(), &mut entry.value);
        match key {
            "version" => rewrite_version(value, notes),
            "input" => rewrite_inputs(value, notes),
            "budget" => rewrite_budget(value, &BUDGET, notes),
            "triggers" => rewrite_triggers(value, notes),
            "steps" => rewrite_steps(value, notes),
            "outputs" => rewrite_outputs(value, notes),
            "on_success" | "on_failure" => rewrite_announcements(key, value, notes),
            _ => {}
        }
    }
    node
}

/// `output` holds what is told at the end, or it is another word for `outputs`.
fn output_or_ends(entries: &mut Vec<Entry>, notes: &mut Notes) {
    let Some(output) = entries.iter().find(|entry| entry.key == "output") else { return };
    let is_end = |key: &str| {
        matches!(key, "on_success" | "on_failure" | "on_complete" | "on_completion" | "on_error")
    };
    match &output.value.data {
        Data::Map(inner) if inner.iter().any(|entry| is_end(&entry.key)) => {
            notes.lift(entries, "output");
        }
        _ => notes.rename(entries, "output", "outputs"),
    }
}

/// A `schedule` at the root is a trigger.
fn schedule_of(entries: &mut [Entry], notes: &mut Notes) {
    if entries.iter().any(|entry| entry.key == "triggers") {
        return;
    }
    let Some(entry) = entries.iter_mut().find(|entry| entry.key == "schedule") else { return };
    let place = entry.value.place;
    let mut trigger = match &entry.value.data {
        Data::Text(_) => {
            vec![Entry { key: "cron".to_owned(), key_place: place, value: entry.value.clone() }]
        }
        Data::Map(inner) => inner.clone(),
        _ => return,
    };
    notes.spelling(
        entry.key_place,
        "`schedule` is read as a trigger".to_owned(),
        "write `triggers: [{type: schedule, cron: …}]`".to_owned(),
    );
    trigger.insert(0, text_entry("type", place, "schedule"));
    entry.key = "triggers".to_owned();
    let trigger = Node { place, data: Data::Map(trigger) };
    entry.value = Node { place, data: Data::List(vec![trigger]) };
}

/// Returns an entry that was not in the file.
pub(super) fn text_entry(key: &str, place: Place, text: &str) -> Entry {
    let value = Node { place, data: Data::Text(text.to_owned()) };
    Entry { key: key.to_owned(), key_place: place, value }
}

/// `1.0`, as number or text, is version 1.
fn rewrite_version(value: &mut Node, notes: &mut Notes) {
    let text = match &value.data {
        Data::Number(number) => number.to_string(),
        Data::Text(text) => text.clone(),
        _ => return,
    };
    let Some(number) = text.strip_suffix(".0").and_then(|text| text.parse::<u32>().ok()) else {
        return;
    };
    notes.reworded(value.place, "version", &text, &number.to_string());
    value.data = Data::Number(number.into());
}

fn rewrite_inputs(value: &mut Node, notes: &mut Notes) {
    inputs_by_name(value, notes);
    let Data::Map(fields) = &mut value.data else { return };
    for field in fields {
        let place = field.value.place;
        match &mut field.value.data {
            Data::Map(_) => {}
            Data::Text(text) => {
                let kind = word_for("type", text, INPUT_TYPES).unwrap_or(text).to_owned();
                notes.spelling(
                    place,
                    format!("input `{}` as one word is read as its type", field.key),
                    format!("write `{}: {{type: {kind}}}`", field.key),
                );
                field.value.data = Data::Map(vec![text_entry("type", place, &kind)]);
            }
            Data::Null => {
                notes.spelling(
                    place,
                    format!("input `{}` without a value is read as one of any type", field.key),
                    format!("write `{}: {{}}`", field.key),
                );
                field.value.data = Data::Map(Vec::new());
            }
            Data::Number(_) | Data::Bool(_) => {
                notes.spelling(
                    place,
                    format!("input `{}` as a value is read as its default", field.key),
                    format!("write `{}: {{default: …}}`", field.key),
                );
                let default = Node { place, data: field.value.data.clone() };
                let key = "default".to_owned();
                field.value.data = Data::Map(vec![Entry { key, key_place: place, value: default }]);
            }
            Data::List(_) => {}
        }
        if let Data::Map(entries) = &mut field.value.data {
            rewrite_optional(entries, notes);
            notes.rename_all(entries, [&INPUT, &NOTHING]);
            notes.reword_all(entries, [&INPUT, &NOTHING]);
        }
    }
}

/// A list of inputs with their names is a map from the names.
fn inputs_by_name(value: &mut Node, notes: &mut Notes) {
    let Data::List(items) = &value.data else { return };
    let mut fields = Vec::new();
    for item in items {
        match &item.data {
            Data::Text(name) => fields.push(Entry {
                key: name.clone(),
                key_place: item.place,
                value: Node { place: item.place, data: Data::Map(Vec::new()) },
            }),
            Data::Map(entries) => {
                let Some(name) = item.get("name").and_then(text_of) else { return };
                let rest = entries.iter().filter(|entry| entry.key != "name").cloned();
                let data = Data::Map(rest.collect());
                let value = Node { place: item.place, data };
                fields.push(Entry { key: name.to_owned(), key_place: item.place, value });
            }
            _ => return,
        }
    }
    let twice =
        |index: usize| fields[..index].iter().any(|field: &Entry| field.key == fields[index].key);
    if (0..fields.len()).any(twice) {
        return;
    }
    notes.spelling(
        value.place,
        "`input` as a list is read as a map from names".to_owned(),
        "write `input: {NAME: {type: …}}`".to_owned(),
    );
    value.data = Data::Map(fields);
}

fn rewrite_optional(entries: &mut [Entry], notes: &mut Notes) {
    if entries.iter().any(|entry| entry.key == "required") {
        return;
    }
    let Some(entry) = entries.iter_mut().find(|entry| entry.key == "optional") else { return };
    let Data::Bool(optional) = entry.value.data else { return };
    let message = format!("`optional: {optional}` is read as `required: {}`", !optional);
    notes.spelling(entry.key_place, message, format!("write `required: {}`", !optional));
    entry.key = "required".to_owned();
    entry.value.data = Data::Bool(!optional);
}

/// A budget that is an amount is its cost.
pub(super) fn rewrite_budget(value: &mut Node, level: &'static Level, notes: &mut Notes) {
    let place = value.place;
    if matches!(value.data, Data::Text(_) | Data::Number(_)) {
        notes.spelling(
            place,
            "`budget` as an amount is read as its `cost`".to_owned(),
            "write `budget: {cost: …}`".to_owned(),
        );
        let key = "cost".to_owned();
        value.data = Data::Map(vec![Entry { key, key_place: place, value: value.clone() }]);
    }
    if let Data::Map(entries) = &mut value.data {
        notes.rename_all(entries, [level, &NOTHING]);
        notes.reword_all(entries, [level, &NOTHING]);
    }
}

/// Puts a single value into a list.
fn list_of_one(key: &str, value: &mut Node, notes: &mut Notes) {
    if matches!(value.data, Data::Map(_) | Data::Text(_)) {
        notes.spelling(
            value.place,
            format!("`{key}` that is no list is read as a list of one"),
            format!("write `{key}: [ … ]`"),
        );
        value.data = Data::List(vec![value.clone()]);
    }
}

fn rewrite_triggers(value: &mut Node, notes: &mut Notes) {
    list_of_one("triggers", value, notes);
    let Data::List(triggers) = &mut value.data else { return };
    for trigger in triggers {
        let place = trigger.place;
        if let Data::Text(text) = &trigger.data {
            let text = text.clone();
            let message = format!("the trigger `{text}` is read as its type");
            notes.spelling(place, message, format!("write `{{type: {text}}}`"));
            trigger.data = Data::Map(vec![text_entry("type", place, &text)]);
        }
        let Data::Map(entries) = &mut trigger.data else { continue };
        notes.rename_all(entries, [&TRIGGER, &NOTHING]);
        if !entries.iter().any(|entry| entry.key == "type") {
            unwrap_map(entries, notes);
            let kind = match entries
                .iter()
                .map(|entry| entry.key.as_str())
                .find(|key| matches!(*key, "cron" | "schedule" | "webhook" | "manual"))
            {
                Some("cron" | "schedule") => "schedule",
                Some("webhook") => "webhook",
                _ => continue,
            };
            let message = format!("a trigger without a type is read as `type: {kind}`");
            notes.spelling(place, message, format!("write `type: {kind}`"));
            entries.insert(0, text_entry("type", place, kind));
        }
        if let Some(level) = rewrite_type(entries, &TRIGGERS, notes) {
            notes.rename_all(entries, [&TRIGGER, level.level]);
        }
    }
}

/// `{schedule: {cron: …}}` and `{webhook: {id: …}}` hold the keys of the trigger.
fn unwrap_map(entries: &mut Vec<Entry>, notes: &mut Notes) {
    for (key, kind) in [("schedule", "schedule"), ("webhook", "webhook")] {
        let is_map = |entry: &Entry| entry.key == key && matches!(entry.value.data, Data::Map(_));
        if let Some(entry) = entries.iter().find(|entry| is_map(entry)) {
            let place = entry.key_place;
            notes.lift(entries, key);
            entries.insert(0, text_entry("type", place, kind));
            return;
        }
    }
}

/// Gives `type` its canonical name, and returns the type that it names.
pub(super) fn rewrite_type(
    entries: &mut [Entry],
    types: &'static [Type],
    notes: &mut Notes,
) -> Option<&'static Type> {
    let entry = entries.iter_mut().find(|entry| entry.key == "type")?;
    let text = text_of(&entry.value)?.to_owned();
    if let Some(kind) = types.iter().find(|kind| kind.name == text) {
        return Some(kind);
    }
    let snake = super::notes::snake(&text);
    let kind =
        types.iter().find(|kind| kind.name == snake || kind.spellings.contains(&snake.as_str()))?;
    notes.reworded(entry.value.place, "type", &text, kind.name);
    entry.value.data = Data::Text(kind.name.to_owned());
    Some(kind)
}

fn rewrite_outputs(value: &mut Node, notes: &mut Notes) {
    if let Data::Map(entries) = &value.data {
        notes.spelling(
            value.place,
            "`outputs` as a map is read as a list of names and values".to_owned(),
            "write `outputs: [{name: …, value: …}]`".to_owned(),
        );
        let items = entries.iter().map(|entry| {
            let mut item = vec![text_entry("name", entry.key_place, &entry.key)];
            match &entry.value.data {
                Data::Map(inner) => item.extend(inner.iter().cloned()),
                _ => item.push(Entry { key: "value".to_owned(), ..entry.clone() }),
            }
            Node { place: entry.key_place, data: Data::Map(item) }
        });
        value.data = Data::List(items.collect());
    }
    let Data::List(items) = &mut value.data else { return };
    for item in items {
        let Data::Map(entries) = &mut item.data else { continue };
        let is_bare = entries
            .iter()
            .any(|entry| matches!(entry.key.as_str(), "source" | "expression" | "from"));
        notes.rename_all(entries, [&OUTPUT, &NOTHING]);
        if !is_bare {
            continue;
        }
        if let Some(value) = entries.iter_mut().find(|entry| entry.key == "value") {
            brace(&mut value.value);
        }
    }
}

/// Puts braces around a bare expression.
pub(super) fn brace(value: &mut Node) -> bool {
    match &mut value.data {
        Data::Text(text) if !text.contains("{{") && !text.trim().is_empty() => {
            *text = format!("{{{{ {} }}}}", text.trim());
            true
        }
        _ => false,
    }
}

fn rewrite_announcements(key: &str, value: &mut Node, notes: &mut Notes) {
    list_of_one(key, value, notes);
    let Data::List(items) = &mut value.data else { return };
    for item in items {
        let place = item.place;
        if let Data::Text(text) = &item.data {
            let message = text_entry("message", place, text);
            notes.spelling(
                place,
                format!("a text in `{key}` is read as a message to the log"),
                "write `{type: log, message: …}`".to_owned(),
            );
            item.data = Data::Map(vec![text_entry("type", place, "log"), message]);
        }
        let Data::Map(entries) = &mut item.data else { continue };
        let levels = [&ANNOUNCEMENT, &NOTIFICATION];
        notes.rename_all(entries, levels);
        notes.reword_all(entries, levels);
        channel_as_type(entries, notes);
    }
}

/// `{type: slack}` is a notification over Slack.
fn channel_as_type(entries: &mut Vec<Entry>, notes: &mut Notes) {
    let has_channel = entries.iter().any(|entry| entry.key == "channel");
    let Some(index) = entries.iter().position(|entry| entry.key == "type") else {
        if has_channel {
            let place = entries[0].key_place;
            notes.spelling(
                place,
                "an announcement without a type is read as `type: notification`".to_owned(),
                "write `type: notification`".to_owned(),
            );
            entries.insert(0, text_entry("type", place, "notification"));
        }
        return;
    };
    let Some(channel) = text_of(&entries[index].value).map(str::to_owned) else { return };
    if has_channel || crate::definition::Channel::parse(&channel).is_none() || channel == "log" {
        return;
    }
    let place = entries[index].value.place;
    notes.spelling(
        place,
        format!("`type: {channel}` is read as a notification over the channel `{channel}`"),
        format!("write `type: notification` and `channel: {channel}`"),
    );
    entries[index].value.data = Data::Text("notification".to_owned());
    entries.insert(index + 1, text_entry("channel", place, &channel));
}
