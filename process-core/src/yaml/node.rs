//! A value that knows where it was written.

use serde_json::{Map, Number, Value};

use crate::diagnostic::{Diagnostic, Place};

/// A value and the place where it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value starts; [`Place::UNKNOWN`] if it was not read from text.
    pub place: Place,
    /// The value.
    pub data: Data,
}

/// The kinds of value, those of JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing: `null`, `~` or an empty place.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map with unique text keys, in the order in which they were written.
    Map(Vec<Entry>),
}

/// One key of a map with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key starts.
    pub key_place: Place,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Converts a value, leaving every place unknown.
    pub fn from_json(value: &Value) -> Node {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Number(value) => Data::Number(value.clone()),
            Value::String(value) => Data::Text(value.clone()),
            Value::Array(items) => Data::List(items.iter().map(Node::from_json).collect()),
            Value::Object(map) => Data::Map(map.iter().map(Entry::from_json).collect()),
        };
        Node { place: Place::UNKNOWN, data }
    }

    /// Converts to a value, keeping the order of the keys and forgetting the places.
    pub fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(value) => Value::Number(value.clone()),
            Data::Text(value) => Value::String(value.clone()),
            Data::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Data::Map(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect(),
            ),
        }
    }

    /// Returns the value of a key, or `None` if this is no map or has no such key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Data::Map(entries) = &self.data else {
            return None;
        };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Returns the name of the kind of value for a message, such as "text" or "a list".
    pub fn kind_name(&self) -> &'static str {
        match &self.data {
            Data::Null => "nothing",
            Data::Bool(true) => "true",
            Data::Bool(false) => "false",
            Data::Number(_) => "a number",
            Data::Text(_) => "text",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }

    /// Returns whether the content equals a value, whatever the order of keys in maps.
    pub(super) fn equals(&self, value: &Value) -> bool {
        match (&self.data, value) {
            (Data::Null, Value::Null) => true,
            (Data::Bool(old), Value::Bool(new)) => old == new,
            (Data::Number(old), Value::Number(new)) => old == new,
            (Data::Text(old), Value::String(new)) => old == new,
            (Data::List(old), Value::Array(new)) => {
                old.len() == new.len() && old.iter().zip(new).all(|(old, new)| old.equals(new))
            }
            (Data::Map(old), Value::Object(new)) => maps_equal(old, new),
            _ => false,
        }
    }
}

fn maps_equal(old: &[Entry], new: &Map<String, Value>) -> bool {
    old.len() == new.len()
        && old
            .iter()
            .all(|entry| new.get(&entry.key).is_some_and(|value| entry.value.equals(value)))
}

impl Entry {
    fn from_json((key, value): (&String, &Value)) -> Entry {
        Entry { key: key.clone(), key_place: Place::UNKNOWN, value: Node::from_json(value) }
    }
}

/// Refuses a map in which two keys are the same.
pub(super) fn check_unique(entries: &[Entry]) -> Result<(), Diagnostic> {
    const COMPARED_DIRECTLY_MAX: usize = 12;
    let mut pair = None;
    if entries.len() <= COMPARED_DIRECTLY_MAX {
        for (index, entry) in entries.iter().enumerate() {
            if let Some(first) = entries[..index].iter().find(|first| first.key == entry.key) {
                pair = Some((first, entry));
                break;
            }
        }
    } else {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        // Stable, so that the earlier of two equal keys comes first.
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        pair = sorted.windows(2).find(|pair| pair[0].key == pair[1].key).map(|p| (p[0], p[1]));
    }
    let Some((first, again)) = pair else {
        return Ok(());
    };
    let line = first.key_place.line;
    let message = format!("the key `{}` is given twice, first on line {line}", short(&again.key));
    Err(Diagnostic::error("duplicate_key", again.key_place, message))
}

/// Returns the bytes, the number of values and the levels of lists and maps of a value.
pub(super) fn size(node: &Node) -> (usize, usize, usize) {
    const VALUE_BYTES: usize = 64;
    let mut total = (VALUE_BYTES, 1, 0);
    let mut add = |key_bytes: usize, child: &Node| {
        let (bytes, values, height) = size(child);
        total = (total.0 + key_bytes + bytes, total.1 + values, total.2.max(height));
    };
    match &node.data {
        Data::Text(text) => total.0 += text.len(),
        Data::List(items) => {
            items.iter().for_each(|item| add(0, item));
            total.2 += 1;
        }
        Data::Map(entries) => {
            entries.iter().for_each(|entry| add(VALUE_BYTES + entry.key.len(), &entry.value));
            total.2 += 1;
        }
        Data::Null | Data::Bool(_) | Data::Number(_) => {}
    }
    total
}

/// Cuts a text that is quoted in a message.
pub(super) fn short(text: &str) -> String {
    const QUOTED_CHARS_MAX: usize = 80;
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
