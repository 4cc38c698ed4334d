//! The JSON Schema says what the reader knows.

use serde_json::Value;

use super::samples::FULL;
use super::{definition, read};
use crate::definition::definition_schema;
use crate::definition::keys::{KEPT, ROOT, STEP, STEP_TYPES, TRIGGERS};
use crate::definition::types::TYPES;
use crate::yaml;

/// Returns what is wrong with a value by the few keywords that the schema uses.
fn misfits(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        misfits(root, &root["$defs"][name], value, at, found);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |wanted: &Value| wanted == kind || (wanted == "number" && kind == "integer");
    match &schema["type"] {
        Value::Array(kinds) if !kinds.iter().any(is) => found.push(format!("{at}: {kind}")),
        Value::String(_) if !is(&schema["type"]) => found.push(format!("{at}: {kind}")),
        _ => {}
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{at}: {value} is no word"));
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            found.push(format!("{at}: no {key}"));
        }
    }
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(key) {
            misfits(root, schema, value, &format!("{at}.{key}"), found);
        }
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        misfits(root, &schema["items"], value, &format!("{at}[{index}]"), found);
    }
    for case in schema["allOf"].as_array().into_iter().flatten() {
        let name = &case["if"]["properties"]["type"]["const"];
        if value.get("type") == Some(name) {
            misfits(root, &case["then"], value, at, found);
        }
    }
}

fn check(text: &str) -> Vec<String> {
    let schema = definition_schema();
    let value = yaml::read(text).unwrap_or_else(|problem| panic!("{problem}")).to_json();
    let mut found = Vec::new();
    misfits(&schema, &schema, &value, "$", &mut found);
    found
}

#[test]
fn the_canonical_sample_fits_the_schema() {
    assert_eq!(check(FULL), Vec::<String>::new());
}

#[test]
fn the_canonical_examples_fit_the_schema() {
    for text in [
        include_str!("../../../../examples/competitor-research.yaml"),
        include_str!("../../../../examples/composed-report.yaml"),
        include_str!("../../../../examples/fact-check.yaml"),
        include_str!("../../../../examples/market-open.yaml"),
        include_str!("../../../../examples/quality-flow.yaml"),
        include_str!("../../../../examples/reviewed-report.yaml"),
        include_str!("../../../../examples/sequential-report.yaml"),
    ] {
        let value = super::canonical(&definition(text));
        assert_eq!(check(&value), Vec::<String>::new(), "{value}");
    }
}

#[test]
fn what_the_reader_refuses_the_schema_refuses() {
    let bad = "name: n\nsteps:\n  - {id: a, type: command, depends_on: {}, delivery: never}\n";
    assert_eq!(
        check(bad),
        [
            "$.steps[0].depends_on: object",
            "$.steps[0].delivery: \"never\" is no word",
            "$.steps[0]: no run",
        ]
    );
}

#[test]
fn the_keys_of_the_schema_are_those_that_the_reader_knows() {
    let schema = definition_schema();
    let keys = |value: &Value| -> Vec<String> {
        value["properties"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    let known: Vec<&str> = ROOT.keys.iter().map(|key| key.name).chain(KEPT).collect();
    assert_eq!(keys(&schema), known);
    let known: Vec<&str> = STEP.keys.iter().map(|key| key.name).collect();
    assert_eq!(keys(&schema["$defs"]["step"]), known);
    let cases = schema["$defs"]["step"]["allOf"].as_array().unwrap();
    for (case, kind) in cases.iter().zip(&TYPES) {
        let known: Vec<&str> = kind.level.keys.iter().map(|key| key.name).collect();
        assert_eq!(case["if"]["properties"]["type"]["const"], kind.name);
        assert_eq!(keys(&case["then"]), known);
    }
    assert_eq!(schema["$defs"]["trigger"]["allOf"].as_array().map(Vec::len), Some(TRIGGERS.len()));
}

#[test]
fn the_tables_name_each_type_and_spelling_once() {
    assert_eq!(TYPES.map(|kind| kind.name).as_slice(), STEP_TYPES);
    let mut all: Vec<&str> =
        TYPES.iter().flat_map(|kind| kind.spellings.iter().chain([&kind.name])).copied().collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
    for level in TYPES.iter().map(|kind| kind.level).chain([&ROOT, &STEP]) {
        for (from, to) in level.spellings {
            assert!(level.key(from).is_none(), "{from} is a key");
            assert!(level.key(to).is_some() || STEP.key(to).is_some(), "{to} is no key");
        }
    }
}

#[test]
fn every_word_of_the_tables_is_read() {
    let text = |row: &str| format!("name: n\nsteps:\n  - {{id: a, {row}}}\n");
    for (key, rest) in [
        ("delivery", ""),
        ("on_timeout", "type: human_approval, "),
        ("on_reject", "type: human_approval, "),
        ("channel", "type: notification, message: m, "),
    ] {
        let level = TYPES.iter().map(|kind| kind.level).chain([&STEP]);
        let found = level.filter_map(|level| level.key(key)).next().unwrap();
        let crate::definition::keys::Shape::One(words) = found.shape else { panic!("{key}") };
        for word in words {
            let read = read(&text(&format!("{rest}{key}: {word}")));
            assert!(!read.problems.iter().any(crate::Diagnostic::is_error), "{key}: {word}");
        }
    }
}
