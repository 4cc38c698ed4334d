//! What a scenario expects, and what of that was not met.

use std::{collections::BTreeMap, time::Duration};

use process_core::{
    ProcessStatus, StepStatus,
    money::Cost,
    time::{duration_text, parse_duration},
    yaml::{Data, Node},
};
use serde_json::{Map, Value};

use super::scenario::Reader;

/// What a scenario expects; what it does not name may be anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Expectations {
    status: Option<ProcessStatus>,
    waiting: Option<Vec<(String, Option<String>)>>,
    steps: BTreeMap<String, StepStatus>,
    skip_reasons: BTreeMap<String, String>,
    order: Vec<(String, String)>,
    outputs: Map<String, Value>,
    cost: Option<Cost>,
    duration: Option<Duration>,
    compensated: Option<Vec<String>>,
    visits: BTreeMap<String, u64>,
    attempts: BTreeMap<String, u64>,
    messages: BTreeMap<String, String>,
}

impl Reader<'_> {
    pub(super) fn expectations(&mut self, node: &Node) -> Expectations {
        let mut expect = Expectations::default();
        for entry in self.entries(node, "`expect`") {
            let value = &entry.value;
            match entry.key.as_str() {
                "status" => {
                    let text = self.text(value, "status");
                    expect.status = text.as_deref().and_then(ProcessStatus::parse);
                    if expect.status.is_none() {
                        self.wrong(value, "`status` is no status of a process");
                    }
                }
                "waiting" => expect.waiting = Some(self.waiting(value)),
                "steps" => {
                    expect.steps = self.by_step(value, |reader, node| {
                        let text = reader.text(node, "the status of a step");
                        let status = text.as_deref().and_then(StepStatus::parse);
                        if status.is_none() {
                            reader.wrong(node, "this is no status of a step");
                        }
                        status
                    });
                }
                "skip_reasons" => {
                    expect.skip_reasons =
                        self.by_step(value, |reader, node| reader.text(node, "a skip reason"));
                }
                "order" => expect.order = self.order(value),
                "outputs" => {
                    if let Value::Object(outputs) = self.map(value, "outputs") {
                        expect.outputs = outputs;
                    }
                }
                "cost" => expect.cost = self.cost(value, "cost"),
                "duration" => expect.duration = self.duration(value, "duration"),
                "compensated" => {
                    let ids: Vec<String> = self
                        .list(value, "compensated")
                        .iter()
                        .filter_map(|node| {
                            let id = self.text(node, "compensated")?;
                            self.check_step(node, &id).then_some(id)
                        })
                        .collect();
                    expect.compensated = Some(ids);
                }
                "visits" => expect.visits = self.by_step(value, Self::whole),
                "attempts" => expect.attempts = self.by_step(value, Self::whole),
                "message" | "messages" => {
                    expect.messages =
                        self.by_step(value, |reader, node| reader.text(node, "a message"));
                }
                _ => self.unknown(entry, "`expect`"),
            }
        }
        expect
    }

    fn by_step<T>(
        &mut self,
        node: &Node,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let mut found = BTreeMap::new();
        for entry in self.entries(node, "what is expected of steps") {
            if self.definition.step(&entry.key).is_none() {
                self.no_step(entry, &entry.key);
            } else if let Some(value) = read(self, &entry.value) {
                found.insert(entry.key.clone(), value);
            }
        }
        found
    }

    fn whole(&mut self, node: &Node) -> Option<u64> {
        let number = node.to_json().as_u64();
        if number.is_none() {
            self.wrong(node, "a whole number of zero or more is expected");
        }
        number
    }

    fn waiting(&mut self, node: &Node) -> Vec<(String, Option<String>)> {
        let mut waiting = Vec::new();
        for item in self.list(node, "waiting") {
            let (step, what) = match &item.data {
                Data::Text(step) => (step.clone(), None),
                _ => {
                    let (mut step, mut what) = (String::new(), None);
                    for entry in self.entries(item, "what waits") {
                        match entry.key.as_str() {
                            "step" => step = self.text(&entry.value, "step").unwrap_or_default(),
                            "for" => what = self.text(&entry.value, "for"),
                            _ => self.unknown(entry, "what waits"),
                        }
                    }
                    (step, what)
                }
            };
            self.check_step(item, &step);
            waiting.push((step, what));
        }
        waiting
    }

    fn order(&mut self, node: &Node) -> Vec<(String, String)> {
        let mut order = Vec::new();
        for item in self.list(node, "order") {
            let words: Vec<String> = self
                .list(item, "order")
                .iter()
                .filter_map(|word| self.text(word, "order"))
                .collect();
            let pair = match words.as_slice() {
                [first, before, second] if before == "before" => Some((first, second)),
                [first, second] => Some((first, second)),
                _ => None,
            };
            match pair {
                Some((first, second)) => {
                    let known = self.check_step(item, first) & self.check_step(item, second);
                    if known {
                        order.push((first.clone(), second.clone()));
                    }
                }
                None => self.wrong(item, "an order is [STEP, before, STEP]"),
            }
        }
        order
    }
}

impl Expectations {
    /// Returns what of it a result does not meet, a line each.
    pub(super) fn unmet(&self, data: &Value) -> Vec<String> {
        let mut unmet = Vec::new();
        let mut check = |what: String, expected: &str, found: &str| {
            if expected != found {
                unmet.push(format!("{what}: expected {expected}, found {found}"));
            }
        };
        let step = |id: &str, key: &str| data["steps"][id][key].clone();
        if let Some(status) = self.status {
            check("status".to_owned(), status.as_str(), &shown(&data["status"]));
        }
        for (id, status) in &self.steps {
            check(format!("steps.{id}"), status.as_str(), &shown(&step(id, "status")));
        }
        for (id, reason) in &self.skip_reasons {
            check(format!("skip_reasons.{id}"), reason, &shown(&step(id, "skip_reason")));
        }
        for (name, value) in &self.outputs {
            let found = data["outputs"].get(name);
            if !found.is_some_and(|found| is_same(value, found)) {
                let found = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
                check(format!("outputs.{name}"), &value.to_string(), &found);
            }
        }
        if let Some(cost) = self.cost {
            let found = Cost::from_value(&data["cost"]);
            if found != Some(cost) {
                check("cost".to_owned(), &cost.to_string(), &shown(&data["cost"]));
            }
        }
        if let Some(duration) = self.duration {
            let found = data["duration"].as_str().and_then(parse_duration);
            if found != Some(duration) {
                let expected = duration_text(duration);
                check("duration".to_owned(), &expected, &shown(&data["duration"]));
            }
        }
        if let Some(compensated) = &self.compensated {
            check(
                "compensated".to_owned(),
                &Value::from(compensated.clone()).to_string(),
                &data["compensated"].to_string(),
            );
        }
        for (key, wanted) in [("visits", &self.visits), ("attempts", &self.attempts)] {
            for (id, number) in wanted {
                check(format!("{key}.{id}"), &number.to_string(), &step(id, key).to_string());
            }
        }
        for (id, message) in &self.messages {
            check(format!("message.{id}"), message, &shown(&step(id, "message")));
        }
        if let Some(waiting) = &self.waiting {
            unmet.extend(unmet_waiting(waiting, &data["waiting"]));
        }
        unmet.extend(self.order.iter().filter_map(|(first, second)| {
            let end = step(first, "completed_at");
            let start = step(second, "started_at");
            // A step that was left out has an end without a beginning: it never ran.
            let end_of_run = end.as_str().filter(|_| !step(first, "started_at").is_null());
            let is_met = match (end_of_run, start.as_str()) {
                // Both are written in one form, so that texts compare as instants do.
                (Some(end), Some(start)) => end <= start && starts_behind(data, first, second),
                _ => false,
            };
            (!is_met).then(|| {
                let (end, start) = (shown(&end), shown(&start));
                format!("order: {first} ended at {end}, {second} started at {start}")
            })
        }));
        unmet
    }
}

/// At one instant the trace tells what came first.
fn starts_behind(data: &Value, first: &str, second: &str) -> bool {
    let (Some(end), Some(start)) =
        (data["order"][first]["end"].as_u64(), data["order"][second]["start"].as_u64())
    else {
        return true;
    };
    end <= start
}

fn unmet_waiting(wanted: &[(String, Option<String>)], found: &Value) -> Vec<String> {
    let found: Vec<(String, String)> = found
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (shown(&one["step"]), shown(&one["for"])))
        .collect();
    let is_there = |(step, what): &&(String, Option<String>)| {
        found.iter().any(|(other, waits_for)| {
            other == step && what.as_ref().is_none_or(|what| what == waits_for)
        })
    };
    let missing = wanted.iter().filter(|one| !is_there(one)).map(|(step, what)| {
        let what = what.as_deref().unwrap_or("something");
        format!("waiting: {step} was expected to wait for {what}")
    });
    let surplus = found
        .iter()
        .filter(|(step, _)| !wanted.iter().any(|(other, _)| other == step))
        .map(|(step, what)| format!("waiting: {step} waits for {what}, which was not expected"));
    missing.chain(surplus).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns whether two values are the same; `1` and `1.0` are one number.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        (a, b) => a == b,
    }
}
