//! Random documents, random comments, random changes.

use std::cell::RefCell;

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::prop_assert_eq;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use crate::yaml::build::parse_for_edit;
use crate::yaml::edit::edit;
use crate::yaml::{read, read_json, write};

/// Pieces from which hostile text is made.
const PIECES: [&str; 64] = [
    "a",
    "b",
    "1",
    "0",
    "é",
    "😀",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\t",
    ":",
    ": ",
    "#",
    " #",
    "-",
    "- ",
    "?",
    "? ",
    "!",
    "&x",
    "*x",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    ">",
    "%",
    "@",
    "`",
    "'",
    "\"",
    "\\",
    "~",
    "null",
    "true",
    "yes",
    "---",
    "...",
    "<<",
    "=",
    "<<<<<<<",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\u{fffe}",
    "\u{10ffff}",
    "\u{202e}",
    "0x",
    "e",
    ".",
    "_",
    "+",
    "2026-01-01",
    "T00:00:00Z",
    "{{",
    "}}",
];

fn hostile_text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8)
        .prop_map(|pieces| pieces.concat())
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => hostile_text().prop_map(Value::from),
        2 => "[a-z]{1,8}( [a-z]{1,8}){0,3}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => Just(json!(null)),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z]{1,6}", 1 => hostile_text()]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    )
}

#[test]
fn what_is_written_is_read_again() {
    runner(2_000)
        .run(&value(), |value| {
            let text = write(&value);
            let node =
                read(&text).map_err(|problem| TestCaseError::fail(format!("{problem}\n{text}")))?;
            prop_assert_eq!(node.to_json().to_string(), value.to_string(), "{}", text);
            prop_assert_eq!(write(&node.to_json()), text);
            let json = value.to_string();
            prop_assert_eq!(read_json(&json).map(|node| node.to_json()), Ok(value));
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_text_makes_reading_or_editing_panic() {
    let text = prop_oneof![
        prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30)
            .prop_map(|all| all.concat()),
        any::<String>(),
        (value(), any::<prop::sample::Index>(), hostile_text()).prop_map(|(value, at, piece)| {
            let mut text = write(&value);
            let mut at = at.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.insert_str(at, &piece);
            text
        }),
    ];
    runner(3_000)
        .run(&(text, value()), |(text, value)| {
            let _ = read_json(&text);
            let edited = edit(&text, &value);
            let again = read(&edited.text).map(|node| node.to_json());
            prop_assert_eq!(again, Ok(value), "{}", edited.text);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_random_change_keeps_the_comments() {
    let changes = prop::collection::vec((any::<u8>(), any::<prop::sample::Index>(), value()), 1..4);
    let mut runner = runner(1_500);
    let counts = RefCell::new((0_u32, 0_u32));
    runner
        .run(&(value(), any::<u64>(), changes), |(old, seed, changes)| {
            let text = sprinkle(&write(&old), &old, seed);
            let mut new = old.clone();
            let mut removes = false;
            for (kind, at, value) in changes {
                removes |= mutate(&mut new, kind, at, value);
            }
            let edited = edit(&text, &new);
            prop_assert_eq!(
                read(&edited.text).map(|node| node.to_json()),
                Ok(new.clone()),
                "{}\n---\n{}",
                text,
                edited.text
            );
            let mut counts = counts.borrow_mut();
            counts.0 += 1;
            if edited.kept {
                counts.1 += 1;
                if !removes {
                    prop_assert_eq!(
                        comments(&edited.text),
                        comments(&text),
                        "{}\n---\n{}",
                        text,
                        edited.text
                    );
                }
            }
            Ok(())
        })
        .unwrap();
    let (all, kept) = *counts.borrow();
    assert!(kept * 100 >= all * 95, "kept {kept} of {all}");
}

#[test]
fn typical_edits_keep_the_comments() {
    let mut runner = runner(1_000);
    let counts = RefCell::new((0_u32, 0_u32));
    runner
        .run(
            &(process(), any::<u64>(), 0..9_u8, any::<prop::sample::Index>()),
            |(old, seed, kind, at)| {
                let text = sprinkle(&write(&old), &old, seed);
                let mut new = old.clone();
                typical(&mut new, kind, at);
                let edited = edit(&text, &new);
                prop_assert_eq!(
                    read(&edited.text).map(|node| node.to_json()),
                    Ok(new),
                    "{}",
                    edited.text
                );
                let mut counts = counts.borrow_mut();
                counts.0 += 1;
                if edited.kept {
                    counts.1 += 1;
                    prop_assert_eq!(
                        comments(&edited.text),
                        comments(&text),
                        "{}\n---\n{}",
                        text,
                        edited.text
                    );
                }
                Ok(())
            },
        )
        .unwrap();
    let (all, kept) = *counts.borrow();
    assert!(kept * 100 >= all * 95, "kept {kept} of {all}");
}

fn process() -> impl Strategy<Value = Value> {
    let words = || "[a-z]{1,8}( [a-z]{1,8}){0,3}";
    let step = (words(), prop::option::of(hostile_text()), prop::collection::vec(words(), 0..3));
    (words(), prop::collection::vec(step, 1..5), any::<bool>()).prop_map(|(name, steps, empty)| {
        let steps: Vec<Value> = steps
            .into_iter()
            .enumerate()
            .map(|(index, (name, notes, inputs))| {
                let mut step = json!({"id": format!("s{index}"), "name": name});
                if let Some(notes) = notes {
                    step["notes"] = json!(notes);
                }
                step["inputs"] = json!(inputs);
                step["status"] = json!("pending");
                step
            })
            .collect();
        let evidence = if empty { json!([]) } else { json!([{"type": "note", "value": "x"}]) };
        json!({"id": "proc-001", "name": name, "status": "planned", "steps": steps,
            "decisions": [], "evidence": evidence, "revision": 1, "updatedAt": "2026-11-21T08:08:50.909Z"})
    })
}

/// Makes one of the changes that the program makes to a process.
fn typical(value: &mut Value, kind: u8, at: prop::sample::Index) {
    let steps = value["steps"].as_array_mut().expect("steps");
    let index = at.index(steps.len());
    let step = &mut steps[index];
    match kind {
        0 => step["status"] = json!("completed"),
        1 => step["startedAt"] = json!("2026-11-21T08:08:50.909Z"),
        2 => step["inputs"].as_array_mut().expect("inputs").push(json!("one more")),
        3 => steps.insert(index, json!({"id": "new", "name": "New", "checks": []})),
        4 => steps.push(json!({"id": "new", "name": "New", "checks": ["a"]})),
        5 => value["revision"] = json!(2),
        6 => value["decisions"] = json!([{"id": "d1", "question": "Why?", "choice": "so: it is"}]),
        7 => value["evidence"]
            .as_array_mut()
            .expect("list")
            .push(json!({"type": "url", "value": "http://x"})),
        _ => value["archivedAt"] = json!("2026-11-21T08:08:50.909Z"),
    }
}

/// Puts comments behind and between lines, wherever they do not change the content.
fn sprinkle(text: &str, value: &Value, mut seed: u64) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for number in 0..lines.len() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let line = lines[number].clone();
        let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
        lines[number] = match seed >> 60 {
            0..=2 => format!("{indent}# above {number}\n{line}"),
            3 => format!("# outside {number}\n{line}"),
            4 => format!("\n{line}"),
            5..=7 => format!("{} # behind {number}\n", line.trim_end_matches('\n')),
            _ => continue,
        };
        if read(&lines.concat()).is_ok_and(|node| node.equals(value)) {
            continue;
        }
        lines[number] = line;
    }
    lines.concat()
}

/// Changes a random place and returns whether something was removed or replaced.
fn mutate(value: &mut Value, kind: u8, at: prop::sample::Index, new: Value) -> bool {
    let places = count(value);
    let mut target = at.index(places);
    let place = find(value, &mut target).expect("within the count");
    match (place, kind % 5) {
        (Value::Array(items), 0) => {
            items.push(new);
            false
        }
        (Value::Array(items), 1) if items.len() > 1 => {
            items.remove(at.index(items.len()));
            true
        }
        (Value::Array(items), 2) => {
            items.reverse();
            true
        }
        (Value::Object(map), 0 | 1) if !map.contains_key("new key") => {
            map.insert("new key".to_owned(), new);
            false
        }
        (Value::Object(map), 2) if map.len() > 1 => {
            let key = map.keys().nth(at.index(map.len())).cloned().expect("a key");
            map.remove(&key);
            true
        }
        (place, _) => {
            *place = new;
            true
        }
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

fn find<'v>(value: &'v mut Value, target: &mut usize) -> Option<&'v mut Value> {
    if *target == 0 {
        return Some(value);
    }
    *target -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| find(item, target)),
        Value::Object(map) => map.values_mut().find_map(|item| find(item, target)),
        _ => None,
    }
}

fn comments(text: &str) -> Vec<String> {
    let parsed = parse_for_edit(text).expect("valid");
    let mut comments: Vec<String> =
        parsed.comments.into_iter().map(|comment| text[comment].to_owned()).collect();
    comments.sort();
    comments
}
