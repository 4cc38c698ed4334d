//! One step in other spellings.

use super::kinds::rewrite_kind;
use super::notes::{Notes, snake};
use super::root::{rewrite_budget, rewrite_type, text_entry};
use super::rules::{
    OnErrorSays, rewrite_foreach, rewrite_on_error, rewrite_repeat, rewrite_retry, rewrite_roles,
};
use crate::definition::keys::{COMPENSATION, COMPENSATION_TYPES, Level, STEP, STEP_BUDGET};
use crate::definition::reader::NOTHING;
use crate::definition::types::{TYPES, step_type};
use crate::{
    fields::text_of,
    yaml::{Data, Entry, Node},
};

/// Rewrites the list of steps.
pub(super) fn rewrite_steps(value: &mut Node, notes: &mut Notes) {
    if let Data::Map(entries) = &value.data {
        let steps = entries.iter().map(|entry| {
            let mut step = vec![text_entry("id", entry.key_place, &entry.key)];
            if let Data::Map(inner) = &entry.value.data {
                step.extend(inner.iter().cloned());
            }
            Node { place: entry.key_place, data: Data::Map(step) }
        });
        let is_map = |entry: &Entry| matches!(entry.value.data, Data::Map(_));
        if !entries.is_empty()
            && entries.iter().all(|entry| is_map(entry) && entry.value.get("id").is_none())
        {
            let steps = steps.collect();
            notes.spelling(
                value.place,
                "`steps` as a map is read as a list of steps with their ids".to_owned(),
                "write `steps: [{id: …}]`".to_owned(),
            );
            value.data = Data::List(steps);
        }
    }
    let Data::List(steps) = &mut value.data else { return };
    for step in steps {
        if let Data::Map(entries) = &mut step.data {
            rewrite_step(entries, notes);
        }
    }
}

fn rewrite_step(entries: &mut Vec<Entry>, notes: &mut Notes) {
    for key in ["kind", "step_type", "stepType", "Type"] {
        if !entries.iter().any(|entry| entry.key == "type") {
            notes.rename(entries, key, "type");
        }
    }
    let level = rewrite_step_type(entries, notes);
    notes.lift(entries, "config");
    let name = level_name(entries);
    rewrite_retries(entries, notes);
    rewrite_kind(&name, entries, notes);
    notes.rename_all(entries, [&STEP, level]);
    notes.reword_all(entries, [&STEP, level]);
    let wants_agent = name == "agent_task" && entries.iter().all(|entry| entry.key != "agent");
    let mut retry = None;
    let mut agent = None;
    for entry in entries.iter_mut() {
        let value = &mut entry.value;
        match entry.key.as_str() {
            "retry" => rewrite_retry(value, notes),
            "on_error" => match rewrite_on_error(value, notes) {
                OnErrorSays::Itself => {}
                OnErrorSays::Retry(says) => retry = Some(says),
            },
            "foreach" => rewrite_foreach(value, notes),
            "repeat" => rewrite_repeat(value, notes),
            "budget" => rewrite_budget(value, &STEP_BUDGET, notes),
            "roles" => agent = rewrite_roles(value, wants_agent, notes),
            "compensation" => rewrite_compensation(value, notes),
            "condition" => rewrite_condition(value, notes),
            "join" => rewrite_join(value, notes),
            _ => {}
        }
    }
    if let Some(retry) = retry {
        put_retry(entries, retry, notes);
    }
    if let Some(agent) = agent {
        entries.retain(|entry| entry.key != "roles" || entry.value.data != Data::Map(Vec::new()));
        entries.push(agent);
    }
}

/// Gives the type its canonical name; a type that says two things at once gives two keys.
fn rewrite_step_type(entries: &mut Vec<Entry>, notes: &mut Notes) -> &'static Level {
    let place = entries.first().map(|entry| entry.key_place);
    let has = |entries: &[Entry], key: &str| entries.iter().any(|entry| entry.key == key);
    if let Some(place) = place.filter(|_| !has(entries, "type")) {
        // Without a type, a map that is called like one says which it is.
        for kind in &TYPES[1..] {
            let is_map =
                |entry: &Entry| entry.key == kind.name && matches!(entry.value.data, Data::Map(_));
            if entries.iter().any(is_map) {
                let message =
                    format!("a step with `{}` is read as `type: {}`", kind.name, kind.name);
                notes.spelling(place, message, format!("write `type: {}`", kind.name));
                let at = entries.iter().position(|entry| entry.key != "id" && entry.key != "name");
                entries.insert(at.unwrap_or(0), text_entry("type", place, kind.name));
                break;
            }
        }
    }
    let written = entries.iter().find(|entry| entry.key == "type").and_then(|e| text_of(&e.value));
    let written = written.map(snake).unwrap_or_default();
    let place = entries.iter().find(|entry| entry.key == "type").map(|entry| entry.value.place);
    let waits = written == "wait"
        && ["message", "event", "signal", "until"].iter().any(|key| has(entries, key));
    if waits {
        for entry in entries.iter_mut().filter(|entry| entry.key == "type") {
            notes.reworded(entry.value.place, "type", "wait", "wait_for");
            entry.value.data = Data::Text("wait_for".to_owned());
        }
    }
    let Some(kind) = rewrite_type(entries, &TYPES, notes) else {
        return if has(entries, "type") { &NOTHING } else { level_of("manual") };
    };
    let index = entries.iter().position(|entry| entry.key == "type").map_or(0, |index| index + 1);
    if let (Some(place), Some(gateway)) = (place, gateway_type(&written))
        && !has(entries, "gateway_type")
        && gateway != "exclusive"
    {
        entries.insert(index, text_entry("gateway_type", place, gateway));
    }
    let is_shell = matches!(written.as_str(), "shell" | "script" | "bash" | "shell_command");
    if let Some(place) = place.filter(|_| is_shell && !has(entries, "shell")) {
        let key = "shell".to_owned();
        let value = Node { place, data: Data::Bool(true) };
        entries.insert(index, Entry { key, key_place: place, value });
    }
    notes.lift(entries, kind.name);
    kind.level
}

fn gateway_type(word: &str) -> Option<&'static str> {
    match word {
        "exclusive_gateway" | "xor" | "xor_gateway" => Some("exclusive"),
        "parallel_gateway" => Some("parallel"),
        "inclusive_gateway" => Some("inclusive"),
        "event_gateway" => Some("event"),
        _ => None,
    }
}

fn level_of(name: &str) -> &'static Level {
    step_type(name).map_or(&NOTHING, |kind| kind.level)
}

fn level_name(entries: &[Entry]) -> String {
    let kind = entries.iter().find(|entry| entry.key == "type").and_then(|e| text_of(&e.value));
    kind.unwrap_or("manual").to_owned()
}

/// `retries: 3` on a step means three more attempts.
fn rewrite_retries(entries: &mut [Entry], notes: &mut Notes) {
    if entries.iter().any(|entry| entry.key == "retry") {
        return;
    }
    let is_retries = |key: &str| matches!(snake(key).as_str(), "retries" | "max_retries");
    for entry in entries.iter_mut().filter(|entry| is_retries(&entry.key)) {
        let Data::Number(number) = &entry.value.data else { continue };
        let Some(retries) = number.as_u64().and_then(|n| u32::try_from(n).ok()) else { continue };
        let attempts = retries.saturating_add(1);
        let message = format!("`{}: {retries}` is read as {attempts} attempts", entry.key);
        let hint = format!("write `retry: {{max_attempts: {attempts}}}`");
        notes.spelling(entry.key_place, message, hint);
        let place = entry.value.place;
        let value = Node { place, data: Data::Number(attempts.into()) };
        let key = "max_attempts".to_owned();
        entry.value.data = Data::Map(vec![Entry { key, key_place: place, value }]);
        entry.key = "retry".to_owned();
        return;
    }
}

/// An `on_error` that speaks of retries becomes `retry`, or adds nothing to the one that is there.
fn put_retry(entries: &mut Vec<Entry>, says: Node, notes: &mut Notes) {
    let Some(index) = entries.iter().position(|entry| entry.key == "on_error") else { return };
    if entries.iter().any(|entry| entry.key == "retry") {
        entries.remove(index);
        return;
    }
    let mut value = says;
    if let Data::Map(inner) = &mut value.data
        && inner.is_empty()
    {
        const ATTEMPTS: u32 = 3;
        let place = value.place;
        let attempts = Node { place, data: Data::Number(ATTEMPTS.into()) };
        let key = "max_attempts".to_owned();
        inner.push(Entry { key, key_place: place, value: attempts });
    }
    rewrite_retry(&mut value, notes);
    entries[index].key = "retry".to_owned();
    entries[index].value = value;
}

fn rewrite_compensation(value: &mut Node, notes: &mut Notes) {
    let Data::Map(entries) = &mut value.data else { return };
    notes.lift(entries, "config");
    for key in ["kind", "step_type"] {
        if !entries.iter().any(|entry| entry.key == "type") {
            notes.rename(entries, key, "type");
        }
    }
    if let (false, Some(place)) = (
        entries.iter().any(|entry| entry.key == "type"),
        entries.first().map(|entry| entry.key_place),
    ) {
        let has = |key: &str| entries.iter().any(|entry| entry.key == key);
        let kind = if has("agent") {
            "agent_task"
        } else if has("run") || has("command") {
            "command"
        } else {
            "manual"
        };
        let message = format!("a compensation without a type is read as `type: {kind}`");
        notes.spelling(place, message, format!("write `type: {kind}`"));
        entries.insert(0, text_entry("type", place, kind));
    }
    let level = rewrite_step_type(entries, notes);
    let name = level_name(entries);
    if COMPENSATION_TYPES.contains(&name.as_str()) {
        rewrite_kind(&name, entries, notes);
        notes.rename_all(entries, [&COMPENSATION, level]);
        notes.reword_all(entries, [&COMPENSATION, level]);
    }
    for entry in entries.iter_mut().filter(|entry| entry.key == "retry") {
        rewrite_retry(&mut entry.value, notes);
    }
}

/// In conditions a decision is compared with `approved` and `rejected`.
pub(super) fn rewrite_condition(value: &mut Node, notes: &mut Notes) {
    let Data::Text(text) = &mut value.data else { return };
    for (from, to) in [("approve", "approved"), ("reject", "rejected")] {
        for quote in ['\'', '"'] {
            let word = format!("{quote}{from}{quote}");
            while let Some(at) = text.match_indices(&word).map(|(at, _)| at).find(|at| {
                let before = text[..*at].trim_end();
                let before = before.strip_suffix("==").or_else(|| before.strip_suffix("!="));
                before.is_some_and(|left| {
                    left.trim_end().trim_end_matches('}').trim_end().ends_with(".decision")
                })
            }) {
                let message = format!("a decision is `{to}`, and `{from}` is read as that");
                notes.spelling(value.place, message, format!("write `{to}`"));
                text.replace_range(at..at + word.len(), &format!("{quote}{to}{quote}"));
            }
        }
    }
}

fn rewrite_join(value: &mut Node, notes: &mut Notes) {
    let Some(text) = text_of(value) else { return };
    let text = text.to_owned();
    if let Ok(count) = text.parse::<u32>() {
        notes.reworded(value.place, "join", &format!("{text:?}"), &text);
        value.data = Data::Number(count.into());
        return;
    }
    let to = match snake(&text).as_str() {
        "all" | "and" => "all",
        "any" | "first" | "or" | "one" => "any",
        "each" | "multi" | "every" => "each",
        "all_completed" | "all_success" | "all_succeeded" => "all_completed",
        _ => return,
    };
    if to != text {
        notes.reworded(value.place, "join", &text, to);
        value.data = Data::Text(to.to_owned());
    }
}
