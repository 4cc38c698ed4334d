//! No file makes reading or fixing panic, and what is fixed means what it meant.

use serde_json::{Value, json};

use super::examples::DIALECT;
use super::samples::FULL;
use crate::definition::{fix, read_text};
use crate::yaml;

/// Puts other values in the place of every value, one at a time.
fn variants(value: &Value, found: &mut dyn FnMut(Value)) {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!("x"),
        json!("{{ steps.a"),
        json!([]),
        json!([null]),
        json!({}),
        json!({"type": 1, "id": [], "next": {}, "process": "x", "": "y"}),
    ];
    others.into_iter().for_each(&mut *found);
    match value {
        Value::Array(items) => {
            for index in 0..items.len() {
                variants(&items[index], &mut |other| {
                    let mut items = items.clone();
                    items[index] = other;
                    found(Value::Array(items));
                });
            }
        }
        Value::Object(map) => {
            for key in map.keys() {
                let mut without = map.clone();
                without.shift_remove(key);
                found(Value::Object(without));
                variants(&map[key], &mut |other| {
                    let mut map = map.clone();
                    map[key] = other;
                    found(Value::Object(map));
                });
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn no_value_in_any_place_makes_reading_panic() {
    for text in [FULL, DIALECT] {
        let value = yaml::read(text).unwrap().to_json();
        let mut count = 0;
        variants(&value, &mut |value| {
            let read = crate::definition::read(&yaml::Node::from_json(&value));
            let errors = read.problems.iter().any(crate::Diagnostic::is_error);
            assert!(read.definition.is_some() || errors, "{value}");
            if let Some(definition) = read.definition.filter(|_| !errors) {
                let again = crate::definition::Definition::from_value(&definition.stored());
                assert_eq!(again.as_ref(), Ok(&definition), "{value}");
            }
            count += 1;
        });
        assert!(count > 1_000, "{count}");
    }
}

#[test]
fn no_line_that_is_missing_makes_fixing_panic() {
    let lines: Vec<&str> = DIALECT.lines().collect();
    for missing in 0..lines.len() {
        let kept = lines.iter().enumerate().filter(|(line, _)| *line != missing);
        let text: String = kept.map(|(_, line)| format!("{line}\n")).collect();
        let (Ok(fixed), Ok(before)) = (fix(&text), read_text(&text)) else { continue };
        let after = read_text(&fixed.text).unwrap();
        let errors = |read: &crate::definition::ReadDefinition| {
            read.problems.iter().filter(|problem| problem.is_error()).count()
        };
        assert_eq!(errors(&after), errors(&before), "{text}\n{}", fixed.text);
        assert!(
            fixed.left.iter().all(|problem| problem.code != "not_fixed"),
            "{missing}: {:?}\n{text}",
            fixed.left
        );
    }
}
