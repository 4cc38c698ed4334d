//! Tests of the reader by lines: it says what the reader of all of YAML says, or nothing.

use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

use super::parse;
use crate::yaml::{build, write};

/// Texts that are easily taken for something else.
const WORDS: &[&str] = &[
    "",
    " ",
    "-",
    "- a",
    "-a",
    "--- a",
    "...",
    "null",
    "~",
    "true",
    "yes",
    "1",
    "-1",
    "1.5",
    "1e3",
    "0x1f",
    ".inf",
    ".nan",
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    "a#b",
    "[]",
    "{}",
    "[a",
    "{a: b}",
    "|",
    "|-",
    ">",
    "\"",
    "\"a\"",
    "a\"b",
    "'a'",
    "\\",
    "a\\nb",
    "a\nb",
    "a\nb\n",
    "a\n\nb",
    "a\n  b",
    "a\n",
    "\na",
    "a\n\n",
    "  a\nb",
    "a \nb",
    "a\tb",
    "\ta",
    "a\r\nb",
    "<<",
    "<<<<<<< a",
    "=======",
    "é",
    "a\u{85}b",
    "\u{feff}a",
    "a\u{2028}b",
    "% a",
    "@a",
    "`a`",
    "&a b",
    "*a",
    "!a",
    "? a",
    "?a",
    "2026-01-05",
    "2026-01-05T10:00:00Z",
    "12:30",
    "proc-001",
    "a, b",
    "a]",
    "a b c",
];

/// What is put into a text to break its form.
const SPLICES: &[&str] = &[
    " ", "  ", "\n", "\n\n", "-", "- ", ":", ": ", "#", " #", "\"", "'", "[", "]", "{", "}", "&a ",
    "*a", "!", "!!str ", "|", ">", "? ", ",", "\\", "\t", "\r", "a", "é", "---\n", "...\n", "%",
    "~", "a: b\n", "  a: b\n", "- a\n", "\u{feff}", "<<: ",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => ".{0,12}",
        1 => "[a-z][a-z0-9 .,:/#-]{0,20}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::from)),
        6 => text().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 5, |value| {
        let key = prop_oneof![4 => "[a-zA-Z_][a-zA-Z0-9_-]{0,6}", 1 => text()];
        prop_oneof![
            prop::collection::vec(value.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, value), 0..5)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Both say the same of this text, places included, or the quick one says nothing.
fn check(text: &str) -> bool {
    let Some(node) = parse(text) else { return false };
    match build::parse(text) {
        Ok(other) => assert_eq!(node, other, "{text:?}"),
        Err(problem) => panic!("{problem} of {text:?}"),
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_is_read_as_by_the_other_reader(value in value()) {
        check(&write(&value));
    }

    #[test]
    fn what_is_changed_is_read_as_by_the_other_reader_or_left_to_it(
        value in value(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..4, prop::sample::select(SPLICES)), 1..4),
    ) {
        let mut text: Vec<char> = write(&value).chars().collect();
        for (at, removed, put) in changes {
            let at = at.index(text.len() + 1);
            text.splice(at..(at + removed).min(text.len()), put.chars());
        }
        check(&text.into_iter().collect::<String>());
    }
}

#[test]
fn the_files_of_a_project_are_in_this_form() {
    let entry = json!({
        "id": "proc-001",
        "name": "A release: the \"big\" one",
        "goal": "Two lines\n\n  and more\n",
        "createdAt": "2026-01-05T10:00:00.000Z",
        "progress": 50,
        "tags": [],
        "inputs": {},
        "archived": false,
        "assignee": null,
        "notes": ["one", "- two", ["three"], {"by": "Zoë", "at": "12:30"}, "a\nb"],
        "cost": -1.5,
    });
    assert!(check(&write(&json!({"version": 1, "processes": [entry.clone(), entry]}))));
}

#[test]
fn what_is_in_another_form_is_left_to_the_other_reader() {
    for text in [
        "",
        "a",
        "a: b",
        "a:\n",
        "a:\n- b\n",
        "a: b\n\nc: d\n",
        "a:   b\n",
        "a: b # c\n",
        "a: 'b'\n",
        "a: [b]\n",
        "# a\nb: c\n",
        "---\na: b\n",
        "a: b\n  c\n",
        "a: &x b\n",
        "a: b\na: c\n",
        "a: .inf\n",
        "a: |\n\n  b\n",
        "a: |\n  b\n\n",
        "a: >\n  b\n",
        " a: b\n",
        "a:\n   b: c\n",
        "a: b\r\n",
        "\"a\": b\n",
        "a: \"b\n  c\"\n",
        "a: \"\\x41\"\n",
        "- a\nb: c\n",
    ] {
        assert_eq!(parse(text), None, "{text:?}");
    }
}
