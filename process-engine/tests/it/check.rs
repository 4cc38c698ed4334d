//! Tries a definition with a scenario, and again with a crash behind each of its events.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use process_core::{
    Diagnostic,
    definition::{Definition, read_text},
    yaml,
};
use process_engine::simulate::{Scenario, Simulation, simulate};
use serde_json::Value;

/// The most events behind which a crash is tried: a scenario with more is tried at some of them.
const CRASHES_MAX: u64 = 400;

/// Simulates a definition; every expectation of the scenario must be met, whenever it crashes.
pub(crate) fn check(definition: &str, scenario: &str) {
    check_with(&[], definition, scenario);
}

/// Simulates a definition whose sub-processes are these templates, by name.
pub(crate) fn check_with(templates: &[(&str, &str)], definition: &str, scenario: &str) {
    let tried = Tried::new(templates, definition, scenario);
    let whole = tried.run([]);
    assert!(whole.has_expectations, "the scenario expects nothing\n{scenario}");
    assert!(whole.unmet.is_empty(), "{}\n{}", whole.unmet.join("\n"), told(&whole.data));
    let trace = whole.data["trace"].as_array().map_or(0, Vec::len) as u64;
    let expected = untraced(&whole.data);
    let step = (trace / CRASHES_MAX).max(1);
    for seq in (1..=trace).filter(|seq| seq % step == 0) {
        let crashed = untraced(&tried.run([seq]).data);
        assert!(
            crashed == expected,
            "a crash at event {seq} ({}) changes the end:\n{}",
            whole.data["trace"][(seq - 1) as usize],
            differences(&expected, &crashed)
        );
    }
    // Crashes do no more harm together.
    let all = untraced(&tried.run((1..=trace).step_by(step as usize)).data);
    assert!(all == expected, "all crashes change the end:\n{}", differences(&expected, &all));
}

/// Returns the result of a simulation without crashes, for what a scenario cannot expect.
pub(crate) fn result(definition: &str, scenario: &str) -> Value {
    check(definition, scenario);
    Tried::new(&[], definition, scenario).run([]).data
}

/// Returns what is wrong with a definition: severity, code, line and message of each problem.
pub(crate) fn problems(definition: &str) -> Vec<String> {
    let read = read_text(&named(definition)).unwrap_or_else(|problem| panic!("{problem}"));
    read.problems.iter().map(line).collect()
}

/// Asserts that a definition has a problem with this severity and code.
pub(crate) fn has_problem(definition: &str, wanted: &str) {
    let problems = problems(definition);
    assert!(
        problems.iter().any(|problem| problem.starts_with(&format!("{wanted} "))),
        "no {wanted} in:\n{}\n{definition}",
        problems.join("\n")
    );
}

/// Asserts that a definition has no problem with this severity and code.
pub(crate) fn has_no_problem(definition: &str, unwanted: &str) {
    let problems = problems(definition);
    assert!(
        !problems.iter().any(|problem| problem.starts_with(unwanted)),
        "{unwanted} in:\n{}\n{definition}",
        problems.join("\n")
    );
}

/// Reads a definition that has no errors.
pub(crate) fn definition(text: &str) -> Arc<Definition> {
    let read = read_text(&named(text)).unwrap_or_else(|problem| panic!("{problem}\n{text}"));
    let errors: Vec<String> =
        read.problems.iter().filter(|problem| problem.is_error()).map(line).collect();
    assert!(errors.is_empty(), "{}\n{text}", errors.join("\n"));
    Arc::new(read.definition.expect("a definition without errors"))
}

struct Tried {
    definition: Arc<Definition>,
    templates: BTreeMap<String, Arc<Definition>>,
    scenario: Scenario,
}

impl Tried {
    fn new(templates: &[(&str, &str)], text: &str, scenario: &str) -> Self {
        let definition = definition(text);
        let templates = templates
            .iter()
            .map(|(name, text)| ((*name).to_owned(), self::definition(text)))
            .collect();
        let node = yaml::read(scenario).unwrap_or_else(|problem| panic!("{problem}\n{scenario}"));
        let scenario = Scenario::read(&node, &definition).unwrap_or_else(|problems| {
            let lines: Vec<String> = problems.iter().map(line).collect();
            panic!("{}\n{scenario}", lines.join("\n"))
        });
        Self { definition, templates, scenario }
    }

    fn run(&self, crashes: impl IntoIterator<Item = u64>) -> Simulation {
        let scenario = self.scenario.clone().with_crashes(crashes);
        let templates = |name: &str| self.templates.get(name).cloned();
        simulate(&self.definition, &scenario, &templates)
            .unwrap_or_else(|rejected| panic!("the process cannot be started: {rejected}"))
    }
}

/// Definitions of tests need no name of their own.
fn named(text: &str) -> String {
    if text.lines().any(|line| line.starts_with("name:")) {
        text.to_owned()
    } else {
        format!("name: test\n{text}")
    }
}

fn line(problem: &Diagnostic) -> String {
    let (severity, code) = (problem.severity.as_str(), problem.code);
    format!("{severity} {code} {}: {}", problem.place.line, problem.message)
}

fn untraced(data: &Value) -> Value {
    let mut data = data.clone();
    if let Value::Object(map) = &mut data {
        map.shift_remove("trace");
    }
    data
}

/// Returns what stands in a result, as somebody reads it who looks for a mistake.
fn told(data: &Value) -> String {
    let mut text = String::new();
    for key in ["status", "duration", "error", "outputs", "waiting", "compensated", "warnings"] {
        writeln!(text, "{key}: {}", data[key]).expect("a text takes everything");
    }
    for (id, step) in data["steps"].as_object().into_iter().flatten() {
        let mut step = step.clone();
        if let Value::Object(map) = &mut step {
            map.retain(|_, value| !value.is_null());
        }
        writeln!(text, "{id}: {step}").expect("a text takes everything");
    }
    for event in data["trace"].as_array().into_iter().flatten().take(200) {
        let of = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        writeln!(text, "{} {} {} {}", event["seq"], of("at"), of("type"), of("step"))
            .expect("a text takes everything");
    }
    text
}

fn differences(expected: &Value, found: &Value) -> String {
    fn walk(path: &str, expected: &Value, found: &Value, lines: &mut Vec<String>) {
        match (expected, found) {
            (Value::Object(a), Value::Object(b)) => {
                for (key, a) in a {
                    walk(&format!("{path}.{key}"), a, b.get(key).unwrap_or(&Value::Null), lines);
                }
                for (key, b) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                    walk(&format!("{path}.{key}"), &Value::Null, b, lines);
                }
            }
            (a, b) if a != b => lines.push(format!("{path}: without {a}, with the crash {b}")),
            _ => {}
        }
    }
    let mut lines = Vec::new();
    walk("", expected, found, &mut lines);
    lines.join("\n")
}
