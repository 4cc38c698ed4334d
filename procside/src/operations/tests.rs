//! Requests that make no sense, and rows that would.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{COMMON, call, call_text, table};
use crate::project::{Procside, Surroundings};

fn nowhere() -> Procside {
    let folder = std::env::temp_dir().join("procside-operations-nowhere");
    let surroundings = Surroundings { user_folder: None, ..Surroundings::of_the_system() };
    Procside::open_or_new(folder, surroundings).expect("nothing has to be there")
}

fn check(request: Value, message: &str, hint: Option<&str>) {
    let called = call(&nowhere(), &request);
    let error = &called.envelope["error"];
    assert_eq!(called.exit, 2, "{error}");
    assert_eq!(error["kind"], "usage");
    assert_eq!(error["message"], message);
    if let Some(hint) = hint {
        assert_eq!(error["hint"], hint);
    }
}

#[test]
fn a_request_that_makes_no_sense_says_why() {
    check(json!([]), "a request must be an object", None);
    check(json!({}), "a request must name its `op`", None);
    check(json!({"op": 1}), "a request must name its `op`", None);
    check(json!({"op": "list", "arg": {}}), "a request has no key \"arg\"", None);
    check(json!({"op": "list", "args": []}), "`args` must be an object", None);
    check(json!({"op": "lst"}), "there is no operation \"lst\"", Some("did you mean `list`?"));
    check(
        json!({"op": "list", "args": {"statsu": "x"}}),
        "`list` has no argument \"statsu\"",
        Some("did you mean `status`?"),
    );
    check(json!({"op": "switch"}), "`switch` needs `id`", Some("`switch` takes id"));
    check(json!({"op": "switch", "args": {"id": null}}), "`switch` needs `id`", None);
    check(json!({"op": "switch", "args": {"id": 1}}), "`id` of `switch` must be a text", None);
    check(
        json!({"op": "list", "args": {"limit": -1}}),
        "`limit` of `list` must be a whole number from 0",
        None,
    );
    check(
        json!({"op": "init", "args": {"tag": [1]}}),
        "`tag` of `init` must be a text, or a list",
        None,
    );
    check(
        json!({"op": "list", "args": {"dry-run": true, "dry_run": true}}),
        "`list` has `dry-run` twice",
        None,
    );
    let called = call_text(&nowhere(), "{");
    assert_eq!((called.exit, called.envelope["ok"].as_bool()), (2, Some(false)));
}

#[test]
fn names_tell_apart_what_they_name() {
    let mut names = BTreeSet::new();
    for operation in table() {
        for name in operation.also.iter().chain([&operation.name]) {
            assert!(names.insert(*name), "{name} stands for two operations");
        }
        let arguments = operation.arguments.iter().chain(COMMON);
        let mut own = BTreeSet::new();
        for name in arguments.flat_map(|argument| argument.also.iter().chain([&argument.name])) {
            assert!(own.insert(*name), "{name} of {} stands twice", operation.name);
        }
    }
}
