//! Tests of the schema: it must name all that is written.

use serde_json::{Map, Value};

use super::process_schema;
use crate::{
    model::Process,
    samples::{FULL, process},
    status::{ProcessStatus, StepStatus},
};

/// A process with every known key and no other.
fn full() -> Process {
    let mut process = process(FULL);
    process.extra = Map::new();
    process.definition = Some("report.yaml".to_owned());
    process.key = Some("order-17".to_owned());
    for step in &mut process.steps {
        step.extra = Map::new();
        if let Some(claim) = &mut step.claim {
            claim.extra = Map::new();
        }
    }
    process.decisions.iter_mut().for_each(|decision| decision.extra = Map::new());
    process.risks.iter_mut().for_each(|risk| risk.extra = Map::new());
    process.evidence.iter_mut().for_each(|evidence| evidence.extra = Map::new());
    process
}

/// Notes every key of a value that its schema does not name, and every value of another type.
fn check(root: &Value, schema: &Value, value: &Value, path: &str, problems: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        return check(root, target, value, path, problems);
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        if !allowed.contains(value) {
            problems.push(format!("{path}: {value} is none of {allowed:?}"));
        }
        return;
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        Value::Bool(_) | Value::Null => "another",
    };
    if schema.get("type").and_then(Value::as_str) != Some(kind) {
        problems.push(format!("{path}: {kind} is not what {schema} says"));
    }
    for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if key.as_str().is_none_or(|key| value.get(key).is_none()) {
            problems.push(format!("{path}: the required {key} is never written"));
        }
    }
    if let Value::Object(map) = value {
        for (key, value) in map {
            match schema.get("properties").and_then(|all| all.get(key)) {
                Some(schema) => check(root, schema, value, &format!("{path}/{key}"), problems),
                None => problems.push(format!("{path}/{key} is not named")),
            }
        }
    }
    if let (Value::Array(items), Some(schema)) = (value, schema.get("items")) {
        for item in items {
            check(root, schema, item, &format!("{path}/-"), problems);
        }
    }
}

fn problems_of(value: &Value) -> Vec<String> {
    let schema = process_schema();
    let mut problems = Vec::new();
    check(&schema, &schema, value, "", &mut problems);
    problems
}

#[test]
fn every_key_that_a_process_is_written_with_is_named() {
    assert_eq!(problems_of(&full().to_value()), [""; 0]);
}

#[test]
fn the_check_sees_a_key_that_is_not_named() {
    let mut value = full().to_value();
    value["steps"][1]["claim"]["desk"] = Value::from(4);
    value["evidence"][0]["value"] = Value::from(4);
    assert_eq!(
        problems_of(&value),
        [
            "/steps/-/claim/desk is not named",
            "/evidence/-/value: integer is not what {\"type\":\"string\"} says"
        ]
    );
}

#[test]
fn every_named_key_is_one_that_is_written() {
    let schema = process_schema();
    let value = full().to_value();
    let written = [
        ("/properties", value.clone()),
        ("/$defs/step/properties", merged(&value["steps"])),
        ("/$defs/step/properties/claim/properties", value["steps"][1]["claim"].clone()),
        ("/$defs/decision/properties", merged(&value["decisions"])),
        ("/$defs/risk/properties", merged(&value["risks"])),
        ("/$defs/evidence/properties", merged(&value["evidence"])),
    ];
    for (pointer, value) in written {
        let named = schema.pointer(pointer).and_then(Value::as_object);
        for key in named.expect(pointer).keys() {
            assert!(value.get(key).is_some(), "{pointer}/{key}");
        }
    }
}

fn merged(list: &Value) -> Value {
    let items = list.as_array().into_iter().flatten().filter_map(Value::as_object);
    Value::Object(items.flatten().map(|(key, value)| (key.clone(), value.clone())).collect())
}

#[test]
fn every_status_is_allowed() {
    let mut process = full();
    for status in ProcessStatus::ALL {
        process.status = status;
        assert_eq!(problems_of(&process.to_value()), [""; 0]);
    }
    for status in StepStatus::ALL {
        process.steps[0].status = status;
        assert_eq!(problems_of(&process.to_value()), [""; 0]);
    }
}
