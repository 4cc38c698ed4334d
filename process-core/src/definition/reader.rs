//! Reading one map of a definition: its keys by the tables, every problem noted, every other key kept.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Map, Value};

use super::context::Context;
use super::keys::{Key, Level, Shape};
use super::nearest::nearest;
use super::values::{TEXT_BYTES_MAX, bad_duration, duration_of, right_id, short};
use crate::{
    diagnostic::{Diagnostic, Place},
    expr::{Expression, Text, TextTree},
    fields::text_of,
    id::StepId,
    money::Cost,
    yaml::{Data, Node},
};

/// A map that is being read.
pub(super) struct MapReader<'n, 'c, 's> {
    pub(super) node: &'n Node,
    levels: [&'static Level; 2],
    what: String,
    asked: Vec<&'static str>,
    /// Other levels of the same kind of map, by the name of their type: whose key is this?
    others: &'static [super::keys::Type],
    pub(super) context: &'c mut Context<'s>,
}

/// Keys that the language does without, and what to write.
const CUT: [(&str, &str); 1] = [("executor", "write `agent` on a step of the type agent_task")];

/// The level without keys.
pub(super) static NOTHING: Level = Level { keys: &[], spellings: &[] };

impl<'n, 'c, 's> MapReader<'n, 'c, 's> {
    /// Starts reading a map, or notes that the node is none and returns `None`.
    pub(super) fn new(
        node: &'n Node,
        levels: [&'static Level; 2],
        what: impl Into<String>,
        context: &'c mut Context<'s>,
    ) -> Option<Self> {
        let what = what.into();
        if !matches!(node.data, Data::Map(_)) {
            let message = format!("{what} must be a map, not {}", node.kind_name());
            context.problems.push(Diagnostic::error("wrong_type", node.place, message));
            return None;
        }
        Some(Self { node, levels, what, asked: Vec::new(), others: &[], context })
    }

    /// Names the types whose keys may have strayed here.
    pub(super) fn with_others(mut self, others: &'static [super::keys::Type]) -> Self {
        self.others = others;
        self
    }

    pub(super) fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.levels.iter().find_map(|level| level.key(name))
    }

    /// Returns the place of a key's value, or of the map when the key is absent.
    pub(super) fn place_of(&self, key: &str) -> Place {
        self.node.get(key).map_or(self.node.place, |node| node.place)
    }

    /// Notes an error at a key's value.
    pub(super) fn error(&mut self, code: &'static str, key: &str, message: impl Into<String>) {
        let place = self.place_of(key);
        self.context.problems.push(Diagnostic::error(code, place, message));
    }

    /// Notes an error at a key's value, with advice.
    pub(super) fn error_with_hint(
        &mut self,
        code: &'static str,
        key: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let place = self.place_of(key);
        self.context.problems.push(Diagnostic::error(code, place, message).with_hint(hint));
    }

    /// Returns the value of a key; `null` counts as absent.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        debug_assert!(self.key(key).is_some(), "`{key}` is in no table of {}", self.what);
        self.asked.push(key);
        self.node.get(key).filter(|node| !matches!(node.data, Data::Null))
    }

    /// Reads a key that must be there; notes its absence, unless the reading noted why there is none.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        let noted = self.context.problems.len();
        let value = read(self, key);
        if value.is_none() && self.context.problems.len() == noted {
            self.missing(key);
        }
        value
    }

    pub(super) fn missing(&mut self, key: &str) {
        let message = format!("{} has no `{key}`", self.what);
        let problem = Diagnostic::error("missing_key", self.node.place, message);
        self.context.problems.push(problem);
    }

    pub(super) fn wrong_type(&mut self, node: &Node, key: &str, expected: &str) {
        let message =
            format!("`{key}` of {} must be {expected}, not {}", self.what, node.kind_name());
        let mut problem = Diagnostic::error("wrong_type", node.place, message);
        let wants_text = ["text", "a list of texts", "the id", "a list of step ids"];
        let wants_text = wants_text.iter().any(|text| expected.starts_with(text));
        if wants_text && matches!(node.data, Data::Number(_) | Data::Bool(_)) {
            problem = problem.with_hint("put quotes around it");
        }
        self.context.problems.push(problem);
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        self.text_at(node, key, "text").map(str::to_owned)
    }

    fn text_at(&mut self, node: &'n Node, key: &str, expected: &str) -> Option<&'n str> {
        let Some(text) = text_of(node) else {
            self.wrong_type(node, key, expected);
            return None;
        };
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("`{key}` of {} is longer than 1 MiB", self.what);
            self.context.problems.push(Diagnostic::error("too_long", node.place, message));
            return None;
        }
        Some(text)
    }

    /// Returns a name that is a text or a number: `1`, `1.0`, `"2.3.1"`.
    pub(super) fn version(&mut self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        match &node.data {
            Data::Number(number) => Some(number.to_string()),
            _ => self.text_at(node, key, "a number or text").map(str::to_owned),
        }
    }

    pub(super) fn truth(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        if let Data::Bool(truth) = node.data {
            return Some(truth);
        }
        self.wrong_type(node, key, "true or false");
        None
    }

    /// Returns a whole number of one or more.
    pub(super) fn whole(&mut self, key: &'static str) -> Option<u32> {
        let node = self.node(key)?;
        let Data::Number(number) = &node.data else {
            self.wrong_type(node, key, "a whole number");
            return None;
        };
        let whole = number.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
        if whole.is_none() {
            let message =
                format!("`{key}` of {} is {number}, not a whole number from 1 on", self.what);
            self.error("out_of_range", key, message);
        }
        whole
    }

    /// Returns a number from zero to the most that the table names.
    pub(super) fn number(&mut self, key: &'static str) -> Option<f64> {
        let node = self.node(key)?;
        let max = match self.key(key).map(|key| key.shape) {
            Some(Shape::Number(max)) => f64::from(max),
            _ => f64::MAX,
        };
        let Data::Number(number) = &node.data else {
            self.wrong_type(node, key, "a number");
            return None;
        };
        let value = number.as_f64().filter(|value| (0.0..=max).contains(value));
        if value.is_none() {
            let message = format!("`{key}` of {} is {number}, not between 0 and {max}", self.what);
            self.error("out_of_range", key, message);
        }
        value
    }

    /// Returns one of the words that the table names for the key.
    pub(super) fn word<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(key)?;
        let words: &[&str] = match self.key(key).map(|key| key.shape) {
            Some(Shape::One(words)) => words,
            _ => &[],
        };
        let list = words.join(", ");
        let text = self.text_at(node, key, &format!("a text, one of {list}"))?;
        let parsed = parse(text);
        if parsed.is_none() {
            let message = format!("`{key}` of {} is {text:?}, not one of {list}", self.what);
            match nearest(text, words.iter().copied()) {
                Some(word) => {
                    self.error_with_hint("unknown_word", key, message, format!("`{word}`?"));
                }
                None => self.error("unknown_word", key, message),
            }
        }
        parsed
    }

    pub(super) fn duration(&mut self, key: &'static str) -> Option<Duration> {
        let node = self.node(key)?;
        match duration_of(node) {
            Ok(duration) => Some(duration),
            Err(hint) => {
                let (code, message) = bad_duration(key, &self.what, node);
                self.error_with_hint(code, key, message, hint);
                None
            }
        }
    }

    pub(super) fn cost(&mut self, key: &'static str) -> Option<Cost> {
        let node = self.node(key)?;
        let cost = Cost::from_value(&node.to_json());
        if cost.is_none() {
            let message = format!("`{key}` of {} is no amount of zero or more", self.what);
            self.error_with_hint("bad_cost", key, message, "write it as \"5.00\"");
        }
        cost
    }

    /// Returns the items of a list, none when the key is absent; notes that the value is no list.
    pub(super) fn list(&mut self, key: &'static str) -> &'n [Node] {
        let Some(node) = self.node(key) else { return &[] };
        if let Data::List(items) = &node.data {
            return items;
        }
        self.wrong_type(node, key, "a list");
        &[]
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Vec<String> {
        let items = self.list(key);
        let read = |node| self.text_at(node, key, "a list of texts").map(str::to_owned);
        items.iter().filter_map(read).collect()
    }

    pub(super) fn step_id(&mut self, key: &'static str) -> Option<StepId> {
        let node = self.node(key)?;
        let text = self.text_at(node, key, "the id of a step, a text")?;
        self.parse_id(node.place, text)
    }

    /// Returns step ids, each once.
    pub(super) fn step_ids(&mut self, key: &'static str) -> Vec<StepId> {
        let mut ids = Vec::new();
        let mut seen = BTreeSet::new();
        for node in self.list(key) {
            let text = self.text_at(node, key, "a list of step ids, each a text");
            if let Some(id) = text.and_then(|text| self.parse_id(node.place, text)) {
                if seen.insert(id.clone()) {
                    ids.push(id);
                } else {
                    let message = format!("`{key}` of {} names `{id}` twice", self.what);
                    let problem = Diagnostic::warning("given_twice", node.place, message);
                    self.context.problems.push(problem.with_hint("leave one out"));
                }
            }
        }
        ids
    }

    pub(super) fn parse_id(&mut self, place: Place, text: &str) -> Option<StepId> {
        match StepId::parse(text) {
            Ok(id) => Some(id),
            Err(error) => {
                let mut problem = Diagnostic::error("bad_id", place, error.to_string());
                if let Some(id) = right_id(text) {
                    problem = problem.with_hint(format!("write `{id}`, wherever it is named"));
                }
                self.context.problems.push(problem);
                None
            }
        }
    }

    pub(super) fn template(&mut self, key: &'static str) -> Option<Text> {
        let node = self.node(key)?;
        self.template_at(node, key)
    }

    pub(super) fn template_at(&mut self, node: &'n Node, key: &str) -> Option<Text> {
        let text = self.text_at(node, key, "text")?;
        let parsed = self.context.with_names(|names| Text::parse(text, names));
        parsed.map_err(|mistake| self.context.mistake(node.place, Some(text), mistake)).ok()
    }

    pub(super) fn templates(&mut self, key: &'static str) -> Vec<Text> {
        let Some(node) = self.node(key) else { return Vec::new() };
        match &node.data {
            Data::List(items) => {
                items.iter().filter_map(|item| self.template_at(item, key)).collect()
            }
            // One expression may give a whole list.
            Data::Text(_) => self.template_at(node, key).into_iter().collect(),
            _ => {
                self.wrong_type(node, key, "a list of texts");
                Vec::new()
            }
        }
    }

    pub(super) fn expression(&mut self, key: &'static str) -> Option<Expression> {
        let node = self.node(key)?;
        let literal;
        let text = if let Data::Bool(truth) = node.data {
            literal = truth.to_string();
            &literal
        } else {
            self.text_at(node, key, "an expression, a text")?
        };
        let parsed = self.context.with_names(|names| Expression::parse(text, names));
        if parsed.as_ref().is_ok_and(Expression::has_braces_in_quotes) {
            self.quoted_placeholder(node.place);
        }
        parsed.map_err(|mistake| self.context.mistake(node.place, Some(text), mistake)).ok()
    }

    /// `'{{ x }}' == 'y'` compares the text between the quotes, for braces in quotes are text.
    fn quoted_placeholder(&mut self, place: Place) {
        let message = format!("a condition of {} has a placeholder in quotes", self.what);
        let problem = Diagnostic::warning("quoted_placeholder", place, message);
        let hint = "take the quotes away: in quotes it is text and never the value";
        self.context.problems.push(problem.with_hint(hint));
    }

    pub(super) fn tree(&mut self, node: &Node) -> TextTree {
        let mut mistakes = Vec::new();
        let tree = self.context.with_names(|names| TextTree::read(node, names, &mut mistakes));
        for (place, mistake) in mistakes {
            self.context.mistake(place, None, mistake);
        }
        tree
    }

    pub(super) fn trees(&mut self, key: &'static str) -> Vec<(String, TextTree)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let Data::Map(entries) = &node.data else {
            self.wrong_type(node, key, "a map");
            return Vec::new();
        };
        entries.iter().map(|entry| (entry.key.clone(), self.tree(&entry.value))).collect()
    }

    /// Notes that some keys say the same and more than one is there.
    pub(super) fn at_most_one(&mut self, keys: &[&'static str]) {
        let there: Vec<&str> = keys
            .iter()
            .copied()
            .filter(|key| self.node.get(key).is_some_and(|node| node.data != Data::Null))
            .collect();
        if let [first, .., last] = there[..] {
            let message = format!("{} has both `{first}` and `{last}`", self.what);
            let hint = format!("leave `{first}` or `{last}` out");
            self.error_with_hint("either_or", last, message, hint);
        }
    }

    /// Ends the reading: notes every key that is in no table, and returns them.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.rest_but(&[])
    }

    /// Ends the reading; some keys are kept without a word.
    pub(super) fn rest_but(self, kept: &[&str]) -> Map<String, Value> {
        let known = || self.levels.iter().flat_map(|level| level.keys);
        for key in known() {
            debug_assert!(
                self.asked.contains(&key.name),
                "nobody reads {} {}",
                self.what,
                key.name
            );
        }
        let mut rest = Map::new();
        let Data::Map(entries) = &self.node.data else { return rest };
        for entry in entries {
            if self.key(&entry.key).is_some() {
                continue;
            }
            rest.insert(entry.key.clone(), entry.value.to_json());
            if !kept.contains(&entry.key.as_str()) {
                let problem = self.unknown(&entry.key, entry.key_place, &entry.value);
                self.context.problems.push(problem);
            }
        }
        rest
    }

    fn unknown(&self, key: &str, place: Place, value: &Node) -> Diagnostic {
        let what = &self.what;
        if value.data == Data::Null {
            let message = format!("{what} has the unknown key `{key}` without a value");
            return Diagnostic::error("unknown_key", place, message)
                .with_hint("a comma in unquoted text? put quotes around the text");
        }
        if let Some(owner) = self.others.iter().find(|other| other.level.key(key).is_some()) {
            let message = format!("`{key}` of {what} belongs to the type {}", owner.name);
            let hint = match self.node.get("type") {
                None => format!("write `type: {}`, or leave it out", owner.name),
                Some(_) => format!("leave it out, or make the type {}", owner.name),
            };
            return Diagnostic::warning("key_of_another_type", place, message).with_hint(hint);
        }
        let message = format!("{what} has the unknown key `{}`", short(key));
        let problem = Diagnostic::warning("unknown_key", place, message);
        if let Some((_, hint)) = CUT.iter().find(|(cut, _)| *cut == key) {
            return problem.with_hint(*hint);
        }
        let known = self.levels.iter().flat_map(|level| level.keys).map(|key| key.name);
        match nearest(key, known) {
            Some(near) => problem.with_hint(format!("`{near}`?")),
            None => problem,
        }
    }
}
