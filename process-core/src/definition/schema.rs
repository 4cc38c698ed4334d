//! The JSON Schema of a definition in canonical form, for editors (docs/formats/definition.md).

use serde_json::{Map, Value, json};

use super::keys::{ANNOUNCEMENT, TRIGGER, TRIGGERS};
use super::keys::{COMPENSATION, COMPENSATION_TYPES, INPUT, KEPT, Key, Level, ROOT, STEP, Shape};
use super::read::STEPS_MAX;
use super::types::{NOTIFICATION, TYPES, step_type};

/// What a step id looks like.
const ID: &str = "^[a-z0-9][a-z0-9._-]{0,63}$";

/// What a duration looks like.
const DURATION: &str = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";

/// Returns the JSON Schema (draft 2020-12) of a definition in canonical form.
///
/// Keys that it does not name are allowed: they are kept as they are.
#[must_use]
pub fn definition_schema() -> Value {
    let mut root = object(&[&ROOT]);
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        for key in KEPT {
            properties.insert(key.to_owned(), json!({}));
        }
    }
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("procside definition"));
    schema.extend(root);
    let defs = json!({
        "step": by_type(&[&STEP], TYPES.map(|kind| (kind.name, kind.level)).as_slice(), "manual"),
        "compensation": by_type(&[&COMPENSATION], &compensations(), "manual"),
        "trigger": by_type(&[&TRIGGER], TRIGGERS.map(|kind| (kind.name, kind.level)).as_slice(), ""),
        "announcement": announcement(),
    });
    schema.insert("$defs".to_owned(), defs);
    Value::Object(schema)
}

/// At the end of a process the message may be left out.
fn announcement() -> Map<String, Value> {
    let mut schema = object(&[&ANNOUNCEMENT, &NOTIFICATION]);
    schema.insert("required".to_owned(), json!(["type"]));
    schema
}

fn compensations() -> Vec<(&'static str, &'static Level)> {
    let types = COMPENSATION_TYPES.iter().filter_map(|name| step_type(name));
    types.map(|kind| (kind.name, kind.level)).collect()
}

/// Returns the schema of a map with the keys of these levels.
fn object(levels: &[&'static Level]) -> Map<String, Value> {
    let keys = || levels.iter().flat_map(|level| level.keys);
    let properties: Map<String, Value> =
        keys().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys().filter(|key| key.is_required).map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema
}

/// Returns the schema of a map whose `type` brings keys; without one it is of the type `default`.
fn by_type(
    common: &[&'static Level],
    types: &[(&'static str, &'static Level)],
    default: &str,
) -> Value {
    let mut schema = object(common);
    let cases = types.iter().map(|(name, level)| {
        let is_type = json!({"properties": {"type": {"const": name}}});
        let mut condition = is_type;
        if *name != default {
            condition["required"] = json!(["type"]);
        }
        json!({"if": condition, "then": object(&[level])})
    });
    schema.insert("allOf".to_owned(), cases.collect());
    Value::Object(schema)
}

fn property(key: &Key) -> Value {
    let mut schema = shape(key.shape);
    if let Value::Object(map) = &mut schema {
        map.insert("description".to_owned(), json!(key.about));
    }
    schema
}

fn shape(shape: Shape) -> Value {
    let step_id = json!({"type": "string", "pattern": ID});
    match shape {
        Shape::Announcements => json!({"type": "array", "items": {"$ref": "#/$defs/announcement"}}),
        Shape::Any => json!({}),
        Shape::Compensation => json!({"$ref": "#/$defs/compensation"}),
        Shape::Cost => json!({"type": ["string", "number"]}),
        Shape::Duration => json!({"type": "string", "pattern": DURATION}),
        Shape::Expression => json!({"type": ["string", "boolean"]}),
        Shape::Id => json!({"type": ["string", "null"], "pattern": ID}),
        Shape::Ids => json!({"type": "array", "items": step_id, "uniqueItems": true}),
        Shape::Inputs => json!({"type": "object", "additionalProperties": object(&[&INPUT])}),
        Shape::Join => json!({"anyOf": [
            {"enum": ["all", "all_completed", "any", "each"]},
            {"type": "integer", "minimum": 1},
        ]}),
        Shape::Map => json!({"type": "object"}),
        Shape::Number(max) => json!({"type": ["number", "boolean"], "minimum": 0, "maximum": max}),
        Shape::Object(level) => Value::Object(object(&[level])),
        Shape::Objects(level) => json!({"type": "array", "items": object(&[level])}),
        Shape::OnError => json!({"anyOf": [
            {"enum": ["fail_process", "skip_step"]},
            {"type": "object", "required": ["goto"], "properties": {"goto": step_id}},
        ]}),
        Shape::One(words) => json!({"enum": words}),
        Shape::Run => {
            json!({"type": ["array", "string"], "items": {"type": "string"}, "minItems": 1})
        }
        Shape::Steps => json!({
            "type": "array",
            "minItems": 1,
            "maxItems": STEPS_MAX,
            "items": {"$ref": "#/$defs/step"},
        }),
        Shape::Text => json!({"type": "string"}),
        Shape::Texts => json!({"type": ["array", "string"], "items": {"type": "string"}}),
        Shape::Triggers => json!({"type": "array", "items": {"$ref": "#/$defs/trigger"}}),
        Shape::Truth => json!({"type": "boolean"}),
        Shape::Version => json!({"type": ["integer", "number", "string"]}),
        Shape::Whole => json!({"type": "integer", "minimum": 1}),
    }
}
