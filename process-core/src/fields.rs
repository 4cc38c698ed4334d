//! Reading a map field by field, every problem noted, every unknown key kept.

use serde_json::{Map, Value};

use crate::{
    diagnostic::{Diagnostic, Place},
    time::Timestamp,
    yaml::{Data, Node},
};

/// A map that is being read: hands out its known keys, notes problems, and keeps the rest.
pub(crate) struct Fields<'a> {
    node: &'a Node,
    /// What the map is, for messages: ``step `s1` ``.
    what: String,
    known: Vec<&'static str>,
    /// Known keys that hold `null`: absent for us, but there in the file.
    nulls: Vec<&'static str>,
    problems: &'a mut Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    /// Starts reading a map, or notes that the node is none and returns `None`.
    pub(crate) fn new(
        node: &'a Node,
        what: impl Into<String>,
        problems: &'a mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = what.into();
        if !matches!(node.data, Data::Map(_)) {
            problems.push(Diagnostic::error(
                "wrong_type",
                node.place,
                format!("{what} must be a map, not {}", node.kind_name()),
            ));
            return None;
        }
        Some(Self { node, what, known: Vec::new(), nulls: Vec::new(), problems })
    }

    /// Renames what the messages speak of, once its id is known.
    pub(crate) fn call(&mut self, what: impl Into<String>) {
        self.what = what.into();
    }

    /// Returns the place of a key's value, or of the map when the key is absent.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.node.get(key).map_or(self.node.place, |node| node.place)
    }

    /// Notes a problem at a key's value.
    pub(crate) fn problem(&mut self, code: &'static str, key: &str, message: impl Into<String>) {
        let place = self.place_of(key);
        self.problems.push(Diagnostic::error(code, place, message.into()));
    }

    /// Lends the list of problems, for reading what lies below.
    pub(crate) fn problems(&mut self) -> &mut Vec<Diagnostic> {
        self.problems
    }

    /// Returns the value of a known key; `null` counts as absent.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        let node = self.node.get(key)?;
        if matches!(node.data, Data::Null) {
            self.nulls.push(key);
            return None;
        }
        Some(node)
    }

    /// Returns a text, or notes that the value is none.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        if let Data::Text(text) = &node.data {
            return Some(text.clone());
        }
        self.expected(node, key, "text");
        None
    }

    /// Returns a text that must be there; notes its absence and returns an empty one.
    pub(crate) fn required_text(&mut self, key: &'static str) -> String {
        self.required(key, Self::text).unwrap_or_default()
    }

    /// Reads a key that must be there; notes its absence, unless the reading noted why there is none.
    pub(crate) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        let noted = self.problems.len();
        let value = read(self, key);
        if value.is_none() && self.problems.len() == noted {
            let message = format!("{} has no `{key}`", self.what);
            self.problems.push(Diagnostic::error("missing_key", self.node.place, message));
        }
        value
    }

    /// Returns an instant, or notes that the value is none.
    pub(crate) fn timestamp(&mut self, key: &'static str) -> Option<Timestamp> {
        let text = self.text(key)?;
        let instant = Timestamp::parse(&text);
        if instant.is_none() {
            let message =
                format!("`{key}` of {} is no instant such as 2026-02-10T10:00:00Z", self.what);
            self.problem("bad_instant", key, message);
        }
        instant
    }

    /// Returns a number of zero or more, or notes that the value is none.
    pub(crate) fn count(&mut self, key: &'static str) -> Option<u64> {
        let node = self.node(key)?;
        let count = match &node.data {
            Data::Number(number) => number.as_u64(),
            Data::Null | Data::Bool(_) | Data::Text(_) | Data::List(_) | Data::Map(_) => None,
        };
        if count.is_none() {
            self.expected(node, key, "a whole number of zero or more");
        }
        count
    }

    /// Returns a truth value, or notes that the value is none.
    pub(crate) fn truth(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        if let Data::Bool(truth) = node.data {
            return Some(truth);
        }
        self.expected(node, key, "true or false");
        None
    }

    /// Returns the items of a list, none when the key is absent; notes that the value is no list.
    pub(crate) fn list(&mut self, key: &'static str) -> &'a [Node] {
        let Some(node) = self.node(key) else { return &[] };
        if let Data::List(items) = &node.data {
            return items;
        }
        self.expected(node, key, "a list");
        &[]
    }

    /// Returns a list of texts; notes every item that is none.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.list(key) {
            if let Data::Text(text) = &item.data {
                texts.push(text.clone());
            } else {
                self.expected(item, key, "a list of texts");
            }
        }
        texts
    }

    /// Ends the reading: returns every key that nobody asked for, and the known ones that hold `null`.
    pub(crate) fn rest(self) -> Map<String, Value> {
        let Data::Map(entries) = &self.node.data else { return Map::new() };
        entries
            .iter()
            .filter(|entry| {
                let key = entry.key.as_str();
                !self.known.contains(&key) || self.nulls.contains(&key)
            })
            .map(|entry| (entry.key.clone(), entry.value.to_json()))
            .collect()
    }

    fn expected(&mut self, node: &Node, key: &str, expected: &str) {
        let message =
            format!("`{key}` of {} must be {expected}, not {}", self.what, node.kind_name());
        let mut problem = Diagnostic::error("wrong_type", node.place, message);
        if expected.contains("text") && matches!(node.data, Data::Number(_) | Data::Bool(_)) {
            problem = problem.with_hint("put quotes around it");
        }
        self.problems.push(problem);
    }
}

/// Returns the text of a node that is one.
pub(crate) fn text_of(node: &Node) -> Option<&str> {
    match &node.data {
        Data::Text(text) => Some(text),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::List(_) | Data::Map(_) => None,
    }
}

/// Writes a map in a fixed order: known keys as they are put, unknown ones behind them.
#[derive(Default)]
pub(crate) struct MapWriter(Map<String, Value>);

impl MapWriter {
    /// Puts a key.
    pub(crate) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Puts a key when there is a value for it.
    pub(crate) fn put_some<T: ToString>(&mut self, key: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.put(key, value.to_string());
        }
    }

    /// Puts a list of texts.
    pub(crate) fn put_texts(&mut self, key: &str, texts: &[String]) {
        self.put(key, Value::from(texts.to_vec()));
    }

    /// Returns the map with the unknown keys behind the known ones.
    pub(crate) fn finish(mut self, rest: &Map<String, Value>) -> Value {
        for (key, value) in rest {
            if !self.0.contains_key(key) {
                self.0.insert(key.clone(), value.clone());
            }
        }
        Value::Object(self.0)
    }
}
