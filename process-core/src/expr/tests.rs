//! Tests of the expression language, by the rules that they hold.

use std::{borrow::Cow, time::Instant};

use serde_json::{Value, json};

use super::{Expression, Failure, Known, Mistake, Names, Root, Scope, StepField, Text};
use crate::{money::Cost, time::Timestamp};

mod conditions;
mod docs;
mod filters;
mod hostile;
mod mistakes;
mod texts;
mod values;

/// The steps that are declared in every test.
const STEPS: [&str; 7] = ["a", "b", "research-alpha", "research", "v1.2", "review", "skipped"];

/// Gives each step the same fields, and the output that it is made with.
struct Fake {
    input: Value,
    output: Value,
}

impl Scope for Fake {
    fn known(&self, root: &Root) -> Option<Known<'_>> {
        let text = |text: &str| Some(Known::Value(Cow::Owned(Value::from(text))));
        let instant = |text: &str| Timestamp::parse(text).map(|t| Known::Instant(t.instant()));
        match root {
            Root::Input => Some(Known::Value(Cow::Borrowed(&self.input))),
            Root::Item => Some(Known::Value(Cow::Owned(json!({"name": "one"})))),
            Root::ItemIndex => Some(Known::Value(Cow::Owned(json!(0)))),
            Root::Now => instant("2026-02-10T10:00:00Z"),
            Root::Process => Some(Known::Value(Cow::Owned(json!({"id": "proc-001"})))),
            Root::Trigger => None,
            Root::Step(id, field) if id.as_str() == "skipped" => match field {
                StepField::Status => text("skipped"),
                _ => None,
            },
            Root::Step(_, StepField::Output) => Some(Known::Value(Cow::Borrowed(&self.output))),
            Root::Step(_, StepField::Status) => text("completed"),
            Root::Step(_, StepField::Decision) => text("approved"),
            Root::Step(_, StepField::Comment) => text("fine"),
            Root::Step(_, StepField::Cost) => Cost::parse("0.30").map(Known::Cost),
            Root::Step(_, StepField::Duration) => Some(Known::Milliseconds(1_500)),
            Root::Step(_, StepField::CompletedAt) => instant("2026-02-10T09:00:00Z"),
            Root::Step(..) => None,
        }
    }
}

fn scope() -> Fake {
    let input = json!({
        "n": 85, "f": 1.0, "text": "approved", "yes": true, "no": false, "null": null, "list": [3, 1, 2],
        "five": "5", "map": {"k": 1, "x-y": 2}, "false_text": "false", "evil": "}} or true {{",
        "people": [{"name": "Bo", "age": 30}, {"name": "Al", "age": 20}],
    });
    let output =
        json!({"n": 85, "quality_score": 92, "x-y": 7, "items": [{"name": "i0"}], "status": "odd"});
    Fake { input, output }
}

fn names(is_step: &dyn Fn(&str) -> bool) -> Names<'_> {
    Names { is_step, item_name: Some("person"), has_item: true }
}

fn condition(text: &str) -> Result<Expression, Mistake> {
    Expression::parse(text, &names(&|id| STEPS.contains(&id)))
}

fn parsed(text: &str) -> Expression {
    condition(text).unwrap_or_else(|mistake| panic!("{text}: {mistake:?}"))
}

fn text(source: &str) -> Text {
    parse_text(source).unwrap_or_else(|mistake| panic!("{source}: {mistake:?}"))
}

fn parse_text(source: &str) -> Result<Text, Mistake> {
    Text::parse(source, &names(&|id| STEPS.contains(&id)))
}

/// Returns whether a condition holds, or why it is neither true nor false.
fn holds(text: &str) -> String {
    match parsed(text).holds(&scope()) {
        Ok(holds) => holds.to_string(),
        Err(Failure { message }) => message,
    }
}

/// Checks conditions by what they give.
fn check(expected: bool, texts: &[&str]) {
    for text in texts {
        assert_eq!(holds(text), expected.to_string(), "{text}");
    }
}

/// Checks that conditions are neither true nor false, and that the message says a part of why.
fn check_fails(texts: &[(&str, &str)]) {
    for (text, why) in texts {
        let found = holds(text);
        assert!(found.starts_with("cannot evaluate `") && found.contains(why), "{text}: {found}");
    }
}

/// Returns the native value of an expression alone, or why it has none.
fn value(expression: &str) -> Value {
    match text(&format!("{{{{ {expression} }}}}")).value(&scope()) {
        Ok(value) => value,
        Err(Failure { message }) => Value::from(message),
    }
}

fn render(source: &str) -> String {
    text(source).render(&scope()).unwrap_or_else(|failure| failure.message)
}

/// Runs what a hostile text could make slow; a second is far more than any needs.
fn is_quick<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds < 1.5, "{what} took {seconds} s");
    result
}
