//! What a step type brings, in other spellings.

use super::notes::Notes;
use super::root::text_entry;
use super::step::rewrite_condition;
use crate::definition::keys::ROUTE;
use crate::definition::reader::NOTHING;
use crate::{
    fields::text_of,
    yaml::{Data, Entry, Node},
};

/// Rewrites the keys of a step type that need more than another name.
pub(super) fn rewrite_kind(name: &str, entries: &mut Vec<Entry>, notes: &mut Notes) {
    match name {
        "gateway" => rewrite_gateway(entries, notes),
        "notification" => rewrite_channels(entries, notes),
        "sub_process" => rewrite_sub_process(entries, notes),
        "command" => rewrite_command(entries, notes),
        _ => {}
    }
}

fn has(entries: &[Entry], key: &str) -> bool {
    entries.iter().any(|entry| entry.key == key)
}

fn rewrite_gateway(entries: &mut Vec<Entry>, notes: &mut Notes) {
    for key in ["conditions", "branches"] {
        if !has(entries, "routes") {
            notes.rename(entries, key, "routes");
        }
    }
    for entry in entries.iter_mut().filter(|entry| entry.key == "routes") {
        if let Data::List(routes) = &mut entry.value.data {
            routes.iter_mut().for_each(|route| rewrite_route(route, notes));
        }
    }
    rewrite_default_route(entries, notes);
}

/// `default_route: STEP` beside the routes is one of them.
fn rewrite_default_route(entries: &mut Vec<Entry>, notes: &mut Notes) {
    let is_default = |entry: &Entry| {
        matches!(entry.key.as_str(), "default_route" | "default" | "else" | "defaultRoute")
            && text_of(&entry.value).is_some()
    };
    let Some(index) = entries.iter().position(is_default) else { return };
    let is_no_list =
        |entry: &Entry| entry.key == "routes" && !matches!(entry.value.data, Data::List(_));
    if entries.iter().any(is_no_list) {
        return;
    }
    let place = entries[index].key_place;
    let step = entries[index].value.clone();
    let from = entries[index].key.clone();
    notes.spelling(
        place,
        format!("`{from}` is read as the route that is the default"),
        format!(
            "write `- {{default: true, next: {}}}` below `routes`",
            text_of(&step).unwrap_or("STEP")
        ),
    );
    let truth = Node { place, data: Data::Bool(true) };
    let route = vec![
        Entry { key: "default".to_owned(), key_place: place, value: truth },
        Entry { key: "next".to_owned(), key_place: place, value: step },
    ];
    let route = Node { place, data: Data::Map(route) };
    let routes =
        entries.iter_mut().find(|entry| entry.key == "routes").map(|entry| &mut entry.value.data);
    match routes {
        Some(Data::List(routes)) => {
            routes.push(route);
            entries.remove(index);
        }
        Some(_) => {}
        None => {
            entries[index].key = "routes".to_owned();
            entries[index].value = Node { place, data: Data::List(vec![route]) };
        }
    }
}

fn rewrite_route(route: &mut Node, notes: &mut Notes) {
    let Data::Map(entries) = &mut route.data else { return };
    let target = entries.iter().position(|entry| {
        matches!(entry.key.as_str(), "default" | "else") && text_of(&entry.value).is_some()
    });
    if let Some(index) = target.filter(|_| entries.len() == 1) {
        let place = entries[index].key_place;
        notes.spelling(
            place,
            format!("`{}` with a step is read as the default", entries[index].key),
            "write `{default: true, next: STEP}`".to_owned(),
        );
        let step =
            std::mem::replace(&mut entries[index].value, Node { place, data: Data::Bool(true) });
        entries[index].key = "default".to_owned();
        entries.push(Entry { key: "next".to_owned(), key_place: place, value: step });
    }
    notes.rename_all(entries, [&ROUTE, &NOTHING]);
    let is_word = |entry: &Entry| {
        entry.key == "condition"
            && matches!(text_of(&entry.value), Some("default" | "else" | "otherwise"))
    };
    if !has(entries, "default")
        && let Some(entry) = entries.iter_mut().find(|entry| is_word(entry))
    {
        let word = text_of(&entry.value).unwrap_or_default();
        let message = format!("`condition: {word}` is read as `default: true`");
        notes.spelling(entry.key_place, message, "write `default: true`".to_owned());
        entry.key = "default".to_owned();
        entry.value.data = Data::Bool(true);
    }
    for entry in entries.iter_mut().filter(|entry| entry.key == "condition") {
        rewrite_condition(&mut entry.value, notes);
    }
}

/// A list of one channel is that channel.
fn rewrite_channels(entries: &mut [Entry], notes: &mut Notes) {
    if has(entries, "channel") {
        return;
    }
    let Some(entry) = entries.iter_mut().find(|entry| entry.key == "channels") else { return };
    let channel = match &entry.value.data {
        Data::List(channels) if channels.len() == 1 => channels[0].clone(),
        Data::Text(_) => entry.value.clone(),
        _ => return,
    };
    let Some(name) = text_of(&channel) else { return };
    let hint = format!("write `channel: {name}`");
    notes.spelling(entry.key_place, "`channels` is read as `channel`".to_owned(), hint);
    entry.key = "channel".to_owned();
    entry.value = channel;
}

fn rewrite_sub_process(entries: &mut Vec<Entry>, notes: &mut Notes) {
    let is_text = |entry: &Entry| text_of(&entry.value).is_some();
    let is_named = |key: &str| matches!(key, "sub_process" | "subprocess" | "sub-process");
    if let Some(index) = entries.iter().position(|entry| is_named(&entry.key)) {
        let key = entries[index].key.clone();
        if is_text(&entries[index]) {
            notes.rename(entries, &key, "process");
        } else {
            notes.lift(entries, &key);
        }
    }
    if matches!(
        entries.iter().find(|entry| entry.key == "process").map(|entry| &entry.value.data),
        Some(Data::Map(_))
    ) {
        notes.lift(entries, "process");
    }
    let is_map = entries
        .iter()
        .any(|entry| entry.key == "inputs" && matches!(entry.value.data, Data::Map(_)));
    if is_map {
        notes.rename(entries, "inputs", "input");
    }
    for entry in
        entries.iter_mut().filter(|entry| entry.key == "process_name" || entry.key == "process")
    {
        if let Data::Map(inner) = &mut entry.value.data {
            notes.rename(inner, "process_name", "process");
        }
    }
}

/// A shell that is named as text is one; a program that is named apart from its arguments comes first.
fn rewrite_command(entries: &mut Vec<Entry>, notes: &mut Notes) {
    if let Some(entry) = entries.iter_mut().find(|entry| entry.key == "shell")
        && let Some(script) = text_of(&entry.value).map(str::to_owned)
    {
        if !entries
            .iter()
            .any(|entry| matches!(entry.key.as_str(), "run" | "command" | "cmd" | "script"))
        {
            let Some(index) = entries.iter().position(|entry| entry.key == "shell") else { return };
            let place = entries[index].key_place;
            notes.spelling(
                place,
                "`shell` with a script is read as `run` and `shell: true`".to_owned(),
                "write `run: …` and `shell: true`".to_owned(),
            );
            entries[index].value.data = Data::Bool(true);
            entries.insert(index, text_entry("run", place, &script));
        }
        return;
    }
    join_arguments(entries, notes);
}

fn join_arguments(entries: &mut Vec<Entry>, notes: &mut Notes) {
    let Some(args) =
        entries.iter().position(|entry| matches!(entry.key.as_str(), "args" | "arguments"))
    else {
        return;
    };
    let Some(run) = entries.iter().position(|entry| {
        matches!(entry.key.as_str(), "run" | "command" | "cmd" | "program")
            && text_of(&entry.value).is_some()
    }) else {
        return;
    };
    let Data::List(arguments) = entries[args].value.data.clone() else { return };
    let place = entries[args].key_place;
    notes.spelling(
        place,
        format!("`{}` and `{}` are read as one list", entries[run].key, entries[args].key),
        "write `run: [PROGRAM, ARGUMENT, …]`".to_owned(),
    );
    let mut list = vec![entries[run].value.clone()];
    list.extend(arguments);
    entries[run].value.data = Data::List(list);
    entries[run].key = "run".to_owned();
    entries.remove(args);
}
