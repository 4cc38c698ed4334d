//! Writing a definition in its canonical form.

use serde_json::{Map, Value, json};

use super::keys::BACK_ROUTES;
use super::write_step::{notification_keys, step_value};
use super::{Announcement, Budget, Channel, Definition, InputField, OnExceed, Output, Trigger};
use crate::{fields::MapWriter, shared::Shared, time::duration_text};

impl Definition {
    /// Returns the definition as canonical JSON, keys in the order of its file (docs/formats/definition.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.value(None)
    }

    /// Returns the definition as it stands in a journal: with the loops that it has (rule E4).
    #[must_use]
    pub fn stored(&self) -> Value {
        self.stored_form().into_value()
    }

    /// Returns what [`Definition::stored`] returns; it is made once, and is the same ever after.
    #[must_use]
    pub fn stored_form(&self) -> Shared {
        self.form.get_or_make(|| self.make_stored())
    }

    fn make_stored(&self) -> Value {
        let id = |place: usize| self.steps.get(place).map_or("", |step| step.id.as_str());
        let pairs = self.graph.back().iter().map(|&(from, to)| json!([id(from), id(to)]));
        self.value(Some(pairs.collect()))
    }

    fn value(&self, back_routes: Option<Value>) -> Value {
        let mut map = MapWriter::default();
        map.put("name", self.name.as_str());
        if let Some(version) = &self.version {
            map.put("version", version_value(version));
        }
        map.put_some("description", self.description.as_ref());
        if !self.input.is_empty() {
            let fields = self.input.iter().map(|field| (field.name.clone(), input_value(field)));
            map.put("input", Value::Object(fields.collect()));
        }
        if let Some(budget) = &self.budget {
            map.put("budget", budget_value(budget));
        }
        if let Some(max_visits) = self.max_visits {
            map.put("max_visits", max_visits);
        }
        map.put_some("stop_grace", self.stop_grace.map(duration_text).as_ref());
        put_list(&mut map, "triggers", self.triggers.iter().map(trigger_value));
        if let Some(back_routes) = back_routes {
            map.put(BACK_ROUTES, back_routes);
        }
        map.put("steps", self.steps.iter().map(step_value).collect::<Value>());
        put_list(&mut map, "outputs", self.outputs.iter().map(output_value));
        put_list(&mut map, "on_success", self.on_success.iter().map(announcement_value));
        put_list(&mut map, "on_failure", self.on_failure.iter().map(announcement_value));
        map.finish(&self.extra)
    }
}

/// Puts a list that has items.
pub(super) fn put_list(map: &mut MapWriter, key: &str, items: impl Iterator<Item = Value>) {
    let items: Vec<Value> = items.collect();
    if !items.is_empty() {
        map.put(key, items);
    }
}

/// Returns a version as a number when it is a whole one.
pub(super) fn version_value(version: &str) -> Value {
    let number = version.parse::<u32>().ok().filter(|number| number.to_string() == version);
    number.map_or_else(|| Value::from(version), Value::from)
}

fn input_value(field: &InputField) -> Value {
    let mut map = MapWriter::default();
    map.put_some("type", field.kind.map(super::InputType::as_str).as_ref());
    if field.is_required {
        map.put("required", true);
    }
    if let Some(default) = &field.default {
        map.put("default", default.clone());
    }
    map.put_some("description", field.description.as_ref());
    map.finish(&field.extra)
}

fn budget_value(budget: &Budget) -> Value {
    let mut map = MapWriter::default();
    map.put_some("cost", budget.cost.as_ref());
    if budget.on_exceed != OnExceed::default() {
        map.put("on_exceed", budget.on_exceed.as_str());
    }
    map.finish(&budget.extra)
}

fn trigger_value(trigger: &Trigger) -> Value {
    let mut map = MapWriter::default();
    match trigger {
        Trigger::Manual { extra } => {
            map.put("type", "manual");
            map.finish(extra)
        }
        Trigger::Schedule { id, cron, timezone, extra } => {
            map.put("type", "schedule");
            map.put_some("id", id.as_ref());
            map.put("cron", cron.as_str());
            map.put_some("timezone", timezone.as_ref());
            map.finish(extra)
        }
        Trigger::Webhook { id, extra } => {
            map.put("type", "webhook");
            map.put_some("id", id.as_ref());
            map.finish(extra)
        }
    }
}

fn output_value(output: &Output) -> Value {
    let mut map = MapWriter::default();
    map.put("name", output.name.as_str());
    map.put("value", output.value.source());
    map.put_some("description", output.description.as_ref());
    map.finish(&output.extra)
}

fn announcement_value(announcement: &Announcement) -> Value {
    let mut map = MapWriter::default();
    let notification = &announcement.notification;
    if notification.channel == Channel::Log {
        map.put("type", "log");
    } else {
        map.put("type", "notification");
        map.put("channel", notification.channel.as_str());
    }
    if !notification.message.source().is_empty() {
        map.put("message", notification.message.source());
    }
    let rest: Map<String, Value> = notification_keys(notification);
    for (key, value) in rest {
        map.put(&key, value);
    }
    map.finish(&announcement.extra)
}
