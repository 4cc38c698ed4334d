//! The checks of the definition language: definitions, and the expressions in them.

use std::borrow::Cow;

use process_core::definition::{self, Definition, Fixed};
use process_core::expr::{Expression, Known, Names, Root, Scope, StepField, Text};
use process_core::money::Cost;
use process_core::{Place, Severity, Timestamp, diagnostic, yaml};
use serde_json::{Value, json};

/// The steps that every expression may name.
const STEPS: [&str; 5] = ["a", "b", "research-alpha", "research", "v1.2"];

/// What is read comes back equal from what is written, stored or rewritten in canonical form.
pub(crate) fn definition(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let fixed = definition::fix(text);
    let Ok(read) = definition::read_text(text) else {
        assert!(fixed.is_err(), "what cannot be read is not rewritten");
        return;
    };
    let fixed = fixed.expect("what can be read can be looked through");
    // Telling people must not fail either, wherever the places are.
    let _ = diagnostic::render(&read.problems, "fuzz.yaml", text);
    let has_errors = read.problems.iter().any(process_core::Diagnostic::is_error);
    let Some(definition) = read.definition.map(placeless) else {
        return;
    };
    rewritten(text, &fixed, has_errors, &definition);
    if has_errors {
        return;
    }
    let node = yaml::read(text).expect("it was read a moment ago");
    let by_node = definition::read(&node).definition.map(placeless);
    assert!(by_node.as_ref() == Some(&definition), "the text adds places and nothing else");

    let value = definition.to_value();
    let written = yaml::write(&value);
    let again = read_definition(&written);
    assert_eq!(again.to_value(), value, "written and read");
    assert!(again == definition, "written and read:\n{written}");
    let stored = definition.stored();
    let loaded = Definition::from_value(&stored);
    let loaded = placeless(loaded.unwrap_or_else(|error| panic!("{error}: {stored}")));
    assert_eq!(loaded.stored(), stored, "stored and loaded");
    assert!(loaded == definition, "stored and loaded: {stored}");
}

/// What was rewritten means the same, and has nothing left to rewrite.
fn rewritten(text: &str, fixed: &Fixed, has_errors: bool, definition: &Definition) {
    if fixed.fixed.is_empty() {
        assert_eq!(fixed.text, text, "without a reason nothing is rewritten");
        return;
    }
    let read = definition::read_text(&fixed.text).unwrap_or_else(|problem| panic!("{problem}"));
    let has_errors_left = read.problems.iter().any(process_core::Diagnostic::is_error);
    assert_eq!(has_errors_left, has_errors, "errors come and go by rewriting:\n{}", fixed.text);
    let is_spelling = |problem: &process_core::Diagnostic| problem.severity == Severity::Dialect;
    assert!(!read.problems.iter().any(is_spelling), "still to rewrite:\n{}", fixed.text);
    let after = read.definition.map(placeless);
    assert!(after.as_ref() == Some(definition), "it means something else:\n{}", fixed.text);
    let again = definition::fix(&fixed.text).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(again.text, fixed.text, "rewritten twice");
}

fn read_definition(text: &str) -> Definition {
    let read = definition::read_text(text).unwrap_or_else(|problem| panic!("{problem}: {text}"));
    let said = read.problems.iter().find(|problem| {
        // A key that nobody knows stays, and is told each time.
        problem.is_error() || problem.severity == Severity::Dialect
    });
    assert!(said.is_none(), "{}: {text}", said.map(ToString::to_string).unwrap_or_default());
    placeless(read.definition.unwrap_or_else(|| panic!("no definition: {text}")))
}

/// Forgets where the steps stand in the file.
fn placeless(mut definition: Definition) -> Definition {
    definition.steps.iter_mut().for_each(|step| step.place = Place::UNKNOWN);
    definition
}

/// An expression is refused, or has the same value however often it is parsed and written.
pub(crate) fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let names =
        Names { is_step: &|id| STEPS.contains(&id), item_name: Some("person"), has_item: true };
    let seen = Seen::default();
    match Expression::parse(text, &names) {
        Ok(condition) => {
            let source = condition.source();
            let again = Expression::parse(source, &names);
            let again = again.unwrap_or_else(|mistake| panic!("{mistake:?}: {source:?}"));
            assert_eq!(again.source(), source, "written and parsed");
            assert_eq!(again.reads(), condition.reads(), "written and parsed");
            assert_eq!(again.holds(&seen), condition.holds(&seen), "written and parsed");
            let _ = (condition.holds_yet(&seen), condition.seen(&seen));
            let _ = (condition.holds(&Nothing), condition.seen(&Nothing));
        }
        Err(mistake) => assert!(mistake.offset <= text.len(), "{mistake:?}"),
    }
    match Text::parse(text, &names) {
        Ok(parsed) => {
            assert_eq!(parsed.source(), text);
            let rendered = parsed.render(&seen);
            if let Some(constant) = parsed.constant() {
                assert_eq!(rendered.as_deref(), Ok(constant), "a text without expressions");
            }
            assert_eq!(parsed.render(&seen), rendered, "evaluated twice");
            if let (Ok(Value::String(value)), Ok(rendered)) = (parsed.value(&seen), rendered) {
                assert_eq!(value, rendered, "a text alone is the text itself");
            }
            let _ = parsed.value(&Nothing);
        }
        Err(mistake) => assert!(mistake.offset <= text.len(), "{mistake:?}"),
    }
}

/// What every expression sees: some of each kind of value.
struct Seen {
    input: Value,
    output: Value,
    item: Value,
}

impl Default for Seen {
    fn default() -> Self {
        let input = json!({
            "n": 85, "f": 1.5, "big": 9_007_199_254_740_993_i64, "text": "approved", "yes": true,
            "null": null, "list": [3, 1, 2, null, "x"], "map": {"k": 1, "x-y": {"z": []}},
            "evil": "}} or true {{", "five": "5", "at": "2026-02-10T10:00:00Z", "odd": "ÄÖ\u{1f600}",
        });
        let output = json!({
            "n": 92, "x-y": 7, "items": [{"name": "i0"}, {"name": "i1"}], "status": "odd",
        });
        Self { input, output, item: json!({"name": "Bo", "age": 30}) }
    }
}

impl Scope for Seen {
    fn known(&self, root: &Root) -> Option<Known<'_>> {
        let text = |text: &str| Some(Known::Value(Cow::Owned(Value::from(text))));
        let instant = |text: &str| Timestamp::parse(text).map(|at| Known::Instant(at.instant()));
        match root {
            Root::Input => Some(Known::Value(Cow::Borrowed(&self.input))),
            Root::Item => Some(Known::Value(Cow::Borrowed(&self.item))),
            Root::ItemIndex => Some(Known::Value(Cow::Owned(json!(0)))),
            Root::Now => instant("2026-02-10T10:00:00Z"),
            Root::Process => Some(Known::Value(Cow::Owned(json!({"id": "proc-001"})))),
            Root::Trigger => None,
            Root::Step(id, field) if id.as_str() == "b" => match field {
                StepField::Status => text("skipped"),
                _ => None,
            },
            Root::Step(_, StepField::Output) => Some(Known::Value(Cow::Borrowed(&self.output))),
            Root::Step(_, StepField::Status) => text("completed"),
            Root::Step(_, StepField::Decision) => text("approved"),
            Root::Step(_, StepField::Cost) => Cost::parse("0.30").map(Known::Cost),
            Root::Step(_, StepField::Duration) => Some(Known::Milliseconds(1_500)),
            Root::Step(_, StepField::CompletedAt) => instant("2026-02-10T09:00:00Z"),
            Root::Step(..) => None,
        }
    }
}

/// Where nothing is known.
struct Nothing;

impl Scope for Nothing {
    fn known(&self, _: &Root) -> Option<Known<'_>> {
        None
    }
}
