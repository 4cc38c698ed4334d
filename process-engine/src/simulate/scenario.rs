//! What a scenario says: what is given, what comes of each step, what happens beside, what is expected.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, Utc};
use process_core::{
    Diagnostic, Timestamp,
    definition::{Definition, StepKind},
    event::Decided,
    money::Cost,
    time::parse_duration,
    yaml::{Data, Entry, Node},
};
use serde_json::{Map, Value};

use super::expect::Expectations;

/// When a simulation begins if nothing is said: the first second of 2026, in UTC.
const BEGINNING: &str = "2026-01-01T00:00:00Z";

/// A trial of a definition (docs/formats/scenario.md).
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    pub(super) now: DateTime<Utc>,
    pub(super) input: Value,
    pub(super) trigger: Value,
    pub(super) steps: BTreeMap<String, Script>,
    pub(super) messages: Vec<ScriptedMessage>,
    pub(super) items: Vec<ScriptedItem>,
    pub(super) crash_at: BTreeSet<u64>,
    pub(super) cancel_at: Option<Duration>,
    pub(super) expect: Option<Expectations>,
}

/// What comes of a step: one answer for all attempts, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Script {
    Several(Vec<Script>),
    One(Box<Answer>),
}

/// What comes of one attempt, or what an approver says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) output: Option<Value>,
    pub(super) error: Option<String>,
    pub(super) cost: Option<Cost>,
    pub(super) takes: Duration,
    pub(super) hangs: bool,
    pub(super) decision: Option<Decided>,
    pub(super) by: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) after: Duration,
    pub(super) context: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScriptedMessage {
    pub(super) at: Duration,
    pub(super) name: String,
    pub(super) key: Option<String>,
    pub(super) data: Value,
    pub(super) id: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScriptedItem {
    pub(super) at: Duration,
    pub(super) step: String,
    pub(super) item: Value,
}

impl Default for Scenario {
    fn default() -> Self {
        let now = Timestamp::parse(BEGINNING).map(|now| now.instant());
        Self {
            now: now.unwrap_or(DateTime::UNIX_EPOCH),
            input: Value::Object(Map::new()),
            trigger: Value::Object(Map::new()),
            steps: BTreeMap::new(),
            messages: Vec::new(),
            items: Vec::new(),
            crash_at: BTreeSet::new(),
            cancel_at: None,
            expect: None,
        }
    }
}

impl Scenario {
    /// Reads a scenario of a definition.
    ///
    /// # Errors
    /// Every problem that it has, with its line: unknown keys and steps are problems.
    pub fn read(node: &Node, definition: &Definition) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader { definition, problems: Vec::new() };
        let scenario = reader.scenario(node);
        if reader.problems.is_empty() { Ok(scenario) } else { Err(reader.problems) }
    }

    /// Returns the scenario with another input.
    #[must_use]
    pub fn with_input(mut self, input: Map<String, Value>) -> Self {
        if let Value::Object(own) = &mut self.input {
            own.extend(input);
        }
        self
    }

    /// Returns the scenario with a crash behind each of these events.
    #[must_use]
    pub fn with_crashes(mut self, crash_at: impl IntoIterator<Item = u64>) -> Self {
        self.crash_at = crash_at.into_iter().collect();
        self
    }
}

/// Reads a scenario and gathers its problems.
pub(super) struct Reader<'a> {
    pub(super) definition: &'a Definition,
    pub(super) problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn scenario(&mut self, node: &Node) -> Scenario {
        let mut scenario = Scenario::default();
        for entry in self.entries(node, "a scenario") {
            let value = &entry.value;
            match entry.key.as_str() {
                "name" | "description" => {
                    self.text(value, &entry.key);
                }
                "now" => {
                    let instant = self.text(value, "now").and_then(|text| Timestamp::parse(&text));
                    match instant {
                        Some(instant) => scenario.now = instant.instant(),
                        None => {
                            self.wrong(value, "`now` is no instant such as 2026-01-01T00:00:00Z")
                        }
                    }
                }
                "input" => scenario.input = self.map(value, "input"),
                "trigger" => scenario.trigger = self.map(value, "trigger"),
                "steps" => scenario.steps = self.scripts(value),
                "messages" => scenario.messages = self.messages(value),
                "add_items" => scenario.items = self.items(value),
                "crash_at" => scenario.crash_at = self.numbers(value),
                "cancel_at" => scenario.cancel_at = self.duration(value, "cancel_at"),
                "expect" => scenario.expect = Some(self.expectations(value)),
                _ => self.unknown(entry, "a scenario"),
            }
        }
        scenario
    }

    fn scripts(&mut self, node: &Node) -> BTreeMap<String, Script> {
        let mut scripts = BTreeMap::new();
        for entry in self.entries(node, "`steps`") {
            let (own, rest) = match entry.key.split_once('/') {
                Some((own, rest)) => (own, Some(rest)),
                None => (entry.key.as_str(), None),
            };
            let Some((_, step)) = self.definition.step(own) else {
                self.no_step(entry, own);
                continue;
            };
            let is_approval = matches!(step.kind, StepKind::Approval(_)) && rest.is_none();
            let is_child = matches!(step.kind, StepKind::SubProcess(_));
            match rest {
                None => {
                    let is_real = matches!(
                        step.kind,
                        StepKind::Gateway(_) | StepKind::Timer(_) | StepKind::WaitFor(_)
                    );
                    if is_real {
                        let kind = step.kind.type_name();
                        let message =
                            format!("step `{own}` is a {kind}: it runs for real and has no entry");
                        self.problem("no_script", entry, message);
                        continue;
                    }
                }
                Some("compensation") => {
                    if step.compensation.is_none() && !is_child {
                        let message = format!("step `{own}` has no compensation");
                        self.problem("unknown_step", entry, message);
                    }
                }
                Some(_) => {
                    if !is_child {
                        let message =
                            format!("step `{own}` is no sub_process and has no inner steps");
                        self.problem("unknown_step", entry, message);
                    }
                }
            }
            // What an inner step is, its own definition says.
            let is_either = rest.is_some_and(|rest| rest != "compensation");
            let script = self.script(&entry.value, is_approval, is_either);
            scripts.insert(entry.key.clone(), script);
        }
        scripts
    }

    fn script(&mut self, node: &Node, is_approval: bool, is_either: bool) -> Script {
        match &node.data {
            Data::List(items) if !items.is_empty() => Script::Several(
                items.iter().map(|item| self.script(item, is_approval, is_either)).collect(),
            ),
            _ => Script::One(Box::new(self.answer(node, is_approval, is_either))),
        }
    }

    fn answer(&mut self, node: &Node, is_approval: bool, is_either: bool) -> Answer {
        let mut answer = Answer::default();
        for entry in self.entries(node, "what comes of a step") {
            let value = &entry.value;
            let is_known = match entry.key.as_str() {
                "decision" | "by" | "comment" | "after" => is_approval || is_either,
                "output" | "error" | "cost" | "takes" | "hang" | "context" => !is_approval,
                _ => false,
            };
            if !is_known {
                let what =
                    if is_approval { "what an approver says" } else { "what comes of a step" };
                self.unknown(entry, what);
                continue;
            }
            match entry.key.as_str() {
                "decision" => {
                    let decision = self.text(value, "decision");
                    answer.decision = decision.as_deref().and_then(Decided::parse);
                    if answer.decision.is_none() {
                        self.wrong(value, "`decision` is approved or rejected");
                    }
                }
                "by" => answer.by = self.text(value, "by"),
                "comment" => answer.comment = self.text(value, "comment"),
                "after" => answer.after = self.duration(value, "after").unwrap_or_default(),
                "output" => answer.output = Some(value.to_json()),
                "context" => answer.context = Some(value.to_json()),
                "error" => answer.error = self.text(value, "error"),
                "cost" => answer.cost = self.cost(value, "cost"),
                "takes" => answer.takes = self.duration(value, "takes").unwrap_or_default(),
                _ => answer.hangs = self.truth(value, "hang"),
            }
        }
        answer
    }

    fn messages(&mut self, node: &Node) -> Vec<ScriptedMessage> {
        let mut messages = Vec::new();
        for item in self.list(node, "messages") {
            let mut message = ScriptedMessage {
                at: Duration::ZERO,
                name: String::new(),
                key: None,
                data: Value::Object(Map::new()),
                id: None,
            };
            for entry in self.entries(item, "a message") {
                match entry.key.as_str() {
                    "at" => message.at = self.duration(&entry.value, "at").unwrap_or_default(),
                    "name" => message.name = self.text(&entry.value, "name").unwrap_or_default(),
                    "key" => message.key = self.scalar(&entry.value, "key"),
                    "data" => message.data = entry.value.to_json(),
                    "id" => message.id = self.scalar(&entry.value, "id"),
                    _ => self.unknown(entry, "a message"),
                }
            }
            if message.name.is_empty() {
                self.wrong(item, "a message has a `name`");
            }
            messages.push(message);
        }
        messages.sort_by_key(|message| message.at);
        messages
    }

    fn items(&mut self, node: &Node) -> Vec<ScriptedItem> {
        let mut items = Vec::new();
        for item in self.list(node, "add_items") {
            let mut added =
                ScriptedItem { at: Duration::ZERO, step: String::new(), item: Value::Null };
            for entry in self.entries(item, "an item") {
                match entry.key.as_str() {
                    "at" => added.at = self.duration(&entry.value, "at").unwrap_or_default(),
                    "item" => added.item = entry.value.to_json(),
                    "step" => {
                        added.step = self.text(&entry.value, "step").unwrap_or_default();
                        self.check_step(&entry.value, &added.step);
                    }
                    _ => self.unknown(entry, "an item"),
                }
            }
            if added.step.is_empty() {
                self.wrong(item, "an item has a `step`");
            }
            items.push(added);
        }
        items.sort_by_key(|item| item.at);
        items
    }

    fn numbers(&mut self, node: &Node) -> BTreeSet<u64> {
        let mut numbers = BTreeSet::new();
        for item in self.list(node, "crash_at") {
            match &item.data {
                Data::Number(number) if number.is_u64() => numbers.extend(number.as_u64()),
                _ => self.wrong(item, "`crash_at` is a list of event numbers"),
            }
        }
        numbers
    }

    // The parts that expectations are read with as well.

    pub(super) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        match &node.data {
            Data::Map(entries) => entries,
            Data::Null => &[],
            _ => {
                self.wrong(node, &format!("{what} must be a map, not {}", node.kind_name()));
                &[]
            }
        }
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        match &node.data {
            Data::List(items) => items,
            Data::Null => &[],
            _ => {
                self.wrong(node, &format!("`{key}` must be a list, not {}", node.kind_name()));
                &[]
            }
        }
    }

    pub(super) fn map(&mut self, node: &Node, key: &str) -> Value {
        if matches!(node.data, Data::Map(_)) {
            return node.to_json();
        }
        if !matches!(node.data, Data::Null) {
            self.wrong(node, &format!("`{key}` must be a map, not {}", node.kind_name()));
        }
        Value::Object(Map::new())
    }

    pub(super) fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        if let Data::Text(text) = &node.data {
            return Some(text.clone());
        }
        self.wrong(node, &format!("`{key}` must be text, not {}", node.kind_name()));
        None
    }

    fn scalar(&mut self, node: &Node, key: &str) -> Option<String> {
        match &node.data {
            Data::Text(text) => Some(text.clone()),
            Data::Number(number) => Some(number.to_string()),
            Data::Null => None,
            _ => self.text(node, key),
        }
    }

    fn truth(&mut self, node: &Node, key: &str) -> bool {
        if let Data::Bool(truth) = node.data {
            return truth;
        }
        self.wrong(node, &format!("`{key}` must be true or false, not {}", node.kind_name()));
        false
    }

    pub(super) fn duration(&mut self, node: &Node, key: &str) -> Option<Duration> {
        let duration = match &node.data {
            Data::Text(text) => parse_duration(text),
            Data::Number(number) if number.as_u64() == Some(0) => Some(Duration::ZERO),
            _ => None,
        };
        if duration.is_none() {
            self.wrong(node, &format!("`{key}` is no duration such as 90s, 5m or 1h30m"));
        }
        duration
    }

    pub(super) fn cost(&mut self, node: &Node, key: &str) -> Option<Cost> {
        let cost = Cost::from_value(&node.to_json());
        if cost.is_none() {
            self.wrong(node, &format!("`{key}` is no amount of zero or more, such as \"0.10\""));
        }
        cost
    }

    pub(super) fn check_step(&mut self, node: &Node, id: &str) -> bool {
        let is_known = self.definition.step(id).is_some();
        if !is_known {
            let message = format!("there is no step `{id}`");
            self.problems.push(Diagnostic::error("unknown_step", node.place, message));
        }
        is_known
    }

    pub(super) fn no_step(&mut self, entry: &Entry, id: &str) {
        self.problem("unknown_step", entry, format!("there is no step `{id}`"));
    }

    pub(super) fn unknown(&mut self, entry: &Entry, what: &str) {
        let message = format!("`{}` is no key of {what}", entry.key);
        self.problem("unknown_key", entry, message);
    }

    pub(super) fn problem(&mut self, code: &'static str, entry: &Entry, message: String) {
        self.problems.push(Diagnostic::error(code, entry.key_place, message));
    }

    pub(super) fn wrong(&mut self, node: &Node, message: &str) {
        self.problems.push(Diagnostic::error("wrong_type", node.place, message));
    }
}

impl Script {
    /// Returns the answer to an attempt, counted from 0 over all visits; the last one repeats.
    pub(super) fn answer(&self, attempt: usize) -> Answer {
        match self {
            Self::One(answer) => (**answer).clone(),
            Self::Several(scripts) => match scripts.get(attempt).or(scripts.last()) {
                Some(script) => script.answer(0),
                None => Answer::default(),
            },
        }
    }

    /// Returns the answer to an attempt of an item: the list is in item order, and what stands for
    /// an item may be a list in the order of attempts.
    pub(super) fn answer_for(&self, item: usize, attempt: usize) -> Answer {
        match self {
            Self::One(answer) => (**answer).clone(),
            Self::Several(scripts) => match scripts.get(item).or(scripts.last()) {
                Some(script) => script.answer(attempt),
                None => Answer::default(),
            },
        }
    }

    /// Returns every answer, in order.
    pub(super) fn all(&self) -> Vec<Answer> {
        match self {
            Self::One(answer) => vec![(**answer).clone()],
            Self::Several(scripts) => scripts.iter().flat_map(Self::all).collect(),
        }
    }
}
