//! Changes of JSON: what RFC 6902 and RFC 7396 say, and the way back to the byte.

use process_patch::ErrorKind;
use process_patch::structured::{Changed, apply, apply_edits, difference, invert, merge};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn document() -> Value {
    json!({
        "name": "Deploy",
        "steps": [
            {"id": "s1", "status": "pending"},
            {"id": "s2", "status": "pending", "a/b": 1, "m~n": 2},
            {"id": "x/y~z", "status": "pending"},
        ],
        "meta": {"z": 1, "a": 2, "m": 3},
    })
}

/// Applies a patch, checks the way back, and returns the text of the document after it.
fn check(patch: Value) -> String {
    let before = document();
    let changed = apply(&before, &patch).unwrap_or_else(|error| panic!("{error:?}"));
    goes_back(&before, &changed);
    changed.document.to_string()
}

fn goes_back(before: &Value, changed: &Changed) {
    let text = before.to_string();
    let back = apply_edits(&changed.document, &changed.inverse()).expect("its inverse");
    assert_eq!(back.to_string(), text, "taken back");
    let stored = serde_json::to_string(&changed.inverse()).expect("edits are JSON");
    let loaded: Vec<_> = serde_json::from_str(&stored).expect("it was written so");
    let back = apply_edits(&changed.document, &loaded).expect("its inverse");
    assert_eq!(back.to_string(), text, "stored, loaded and taken back");
    let again = apply_edits(&back, &invert(&loaded)).expect("the inverse of the inverse");
    assert_eq!(again.to_string(), changed.document.to_string(), "brought back");
}

/// Returns why a patch is refused: kind, index, message.
fn refusal(patch: Value) -> String {
    let error = apply(&document(), &patch).expect_err("it is to be refused");
    let index = error.index.map_or("-".to_owned(), |index| index.to_string());
    format!("{:?} {index}: {}", error.kind, error.message)
}

/// P23.2: an element is found by its index and by its id, whatever is in the id.
#[test]
fn elements_are_named_by_index_and_by_id() {
    for path in ["/steps/1/status", "/steps/by-id/s2/status"] {
        let text = check(json!([{"op": "replace", "path": path, "value": "done"}]));
        assert!(text.contains(r#"{"id":"s2","status":"done","a/b":1,"m~n":2}"#), "{text}");
    }
    let text = check(json!([{"op": "remove", "path": "/steps/by-id/x~1y~0z"}]));
    assert!(!text.contains("x/y~z"), "{text}");
    let text = check(json!([{"op": "replace", "path": "/steps/by-id/s2/a~1b", "value": 7}]));
    assert!(text.contains(r#""a/b":7"#), "{text}");
    // In a map it is a key like any other.
    let text = check(json!([{"op": "add", "path": "/meta/by-id", "value": 1}]));
    assert!(text.contains(r#""m":3,"by-id":1}"#), "{text}");
}

/// P23.3: a removed key leaves the others in their order, and comes back to its own place.
#[test]
fn the_order_of_keys_stays() {
    let text = check(json!([{"op": "remove", "path": "/meta/z"}]));
    assert!(text.ends_with(r#""meta":{"a":2,"m":3}}"#), "{text}");
    let text = check(json!([{"op": "move", "from": "/meta/z", "path": "/meta/y"}]));
    assert!(text.ends_with(r#""meta":{"a":2,"m":3,"y":1}}"#), "{text}");
    let text = check(json!([{"op": "add", "path": "/meta/a", "value": [1]}]));
    assert!(text.ends_with(r#""meta":{"z":1,"a":[1],"m":3}}"#), "{text}");
    let text = check(
        json!([{"op": "remove", "path": "/name"}, {"op": "add", "path": "/name", "value": 1}]),
    );
    assert!(text.ends_with(r#","name":1}"#), "{text}");
    let same = check(json!([{"op": "move", "from": "/meta/z", "path": "/meta/z"}]));
    assert_eq!(same, document().to_string());
}

/// P23.3: what stands in lists, copies, and the whole document.
#[test]
fn lists_copies_and_the_root() {
    let text = check(json!([{"op": "add", "path": "/steps/-", "value": {"id": "s9"}}]));
    assert!(text.contains(r#""status":"pending"},{"id":"s9"}]"#), "{text}");
    let text = check(json!([{"op": "move", "from": "/steps/by-id/s1", "path": "/steps/2"}]));
    assert!(text.contains(r#"{"id":"x/y~z","status":"pending"},{"id":"s1""#), "{text}");
    let text = check(json!([{"op": "copy", "from": "/meta", "path": "/steps/0/meta"}]));
    assert!(text.contains(r#""status":"pending","meta":{"z":1"#), "{text}");
    assert_eq!(check(json!([{"op": "replace", "path": "", "value": [1]}])), "[1]");
    assert_eq!(check(json!([])), document().to_string());
}

/// P23.3: equal is what RFC 6902 calls equal.
#[test]
fn a_test_compares_values_and_not_spellings() {
    check(json!([{"op": "test", "path": "/meta", "value": {"m": 3.0, "a": 2, "z": 1}}]));
    check(json!([{"op": "test", "path": "/steps/by-id/s1/id", "value": "s1"}]));
    let refused = refusal(json!([
        {"op": "remove", "path": "/name"}, {"op": "test", "path": "/meta/z", "value": "1"},
    ]));
    assert_eq!(refused, "Stale 1: operation 1: `/meta/z` is not as tested: a number stands there");
}

/// P23.1, P23.2, P23.3: each refusal says which operation and why.
#[test]
fn every_refusal_has_its_reason() {
    let cases = [
        (json!({}), "InvalidPatch -: the patch is not a list of operations"),
        (json!([1]), "InvalidPatch 0: operation 0: it is not a map"),
        (json!([{"path": ""}]), "InvalidPatch 0: operation 0: `op` is missing"),
        (json!([{"op": 1, "path": ""}]), "InvalidPatch 0: operation 0: `op` is not a text"),
        (json!([{"op": "put", "path": ""}]), "InvalidPatch 0: operation 0: `put` is no operation"),
        (json!([{"op": "add", "path": "/a"}]), "InvalidPatch 0: operation 0: `value` is missing"),
        (json!([{"op": "move", "path": "/a"}]), "InvalidPatch 0: operation 0: `from` is missing"),
        (
            json!([{"op": "remove", "path": "a"}]),
            "InvalidPatch 0: operation 0: the path `a` does not begin with `/`",
        ),
        (
            json!([{"op": "remove", "path": "/a~2"}]),
            "InvalidPatch 0: operation 0: the path `/a~2` has a `~` that escapes nothing",
        ),
        (
            json!([{"op": "remove", "path": ""}]),
            "InvalidPatch 0: operation 0: the whole document cannot be removed",
        ),
        (
            json!([{"op": "remove", "path": "/meta/q"}]),
            "LocationNotFound 0: operation 0: `/meta/q`: there is no key `q`",
        ),
        (
            json!([{"op": "remove", "path": "/name/q"}]),
            "LocationNotFound 0: operation 0: `/name/q`: nothing stands below a text",
        ),
        (
            json!([{"op": "add", "path": "/q/r", "value": 1}]),
            "LocationNotFound 0: operation 0: `/q/r`: there is no key `q`",
        ),
        (
            json!([{"op": "remove", "path": "/steps/3"}]),
            "LocationNotFound 0: operation 0: `/steps/3`: its end is no element of a list of 3",
        ),
        (
            json!([{"op": "add", "path": "/steps/99999999999999999999999", "value": 1}]),
            "LocationNotFound 0: operation 0: `/steps/99999999999999999999999`: \
             index 18446744073709551615 is no element of a list of 3",
        ),
        (
            json!([{"op": "remove", "path": "/steps/01"}]),
            "InvalidPatch 0: operation 0: `/steps/01`: `01` is no index of a list",
        ),
        (
            json!([{"op": "remove", "path": "/steps/by-id"}]),
            "InvalidPatch 0: operation 0: `/steps/by-id` names no id behind `by-id`",
        ),
        (
            json!([{"op": "remove", "path": "/steps/by-id/s7"}]),
            "LocationNotFound 0: operation 0: `/steps/by-id/s7`: no element has the id `s7`",
        ),
        (
            json!([{"op": "add", "path": "/steps/by-id/s1", "value": 1}]),
            "InvalidPatch 0: operation 0: `/steps/by-id/s1` names an element that is there, \
             so nothing can be put there",
        ),
        (
            json!([{"op": "move", "from": "/meta", "path": "/meta/a"}]),
            "InvalidPatch 0: operation 0: `/meta` cannot be moved into itself, to `/meta/a`",
        ),
        (
            json!([
                {"op": "copy", "from": "/steps/0", "path": "/steps/-"},
                {"op": "replace", "path": "/steps/by-id/s1/status", "value": 1},
            ]),
            "AmbiguousLocation 1: operation 1: `/steps/by-id/s1/status`: 2 elements have the id `s1`",
        ),
    ];
    for (patch, expected) in cases {
        assert_eq!(refusal(patch.clone()), expected, "{patch}");
    }
    let error = apply(&document(), &json!([{"op": "remove", "path": "/steps/by-id/s7"}]));
    let error = error.expect_err("there is no such step");
    assert_eq!(error.details["suggestions"], json!(["s1", "s2", "x/y~z"]));
}

/// P23.6: copies of copies end before the memory does.
#[test]
fn a_document_cannot_grow_without_bound() {
    let copy = json!({"op": "copy", "from": "", "path": "/-"});
    let error = apply(&json!([1, 2, 3]), &Value::Array(vec![copy; 100])).expect_err("too much");
    assert_eq!(error.kind, ErrorKind::InvalidPatch);
    let many = Value::Array(vec![json!({"op": "test", "path": "", "value": 1}); 10_001]);
    let error = apply(&json!(1), &many).expect_err("too many");
    assert_eq!(error.message, "the patch has over 10000 operations");
    let deep = (0..70).fold(json!(1), |value, _| json!([value]));
    assert!(apply(&json!([]), &json!([{"op": "add", "path": "/0", "value": deep}])).is_err());
    assert!(apply(&deep, &json!([])).is_err());
    assert!(merge(&json!(1), &deep).is_err());
    assert!(merge(&deep, &json!({})).is_err());
}

/// P23.5: the examples of RFC 7396, each with its way back.
#[test]
fn merge_does_what_rfc_7396_shows() {
    let cases = [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a": "b"}), json!(["c"]), json!(["c"])),
        (json!({"a": "foo"}), json!(null), json!(null)),
        (json!({"a": "foo"}), json!("bar"), json!("bar")),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
    ];
    for (before, patch, after) in cases {
        let changed = merge(&before, &patch).expect("it can be merged");
        assert_eq!(changed.document.to_string(), after.to_string(), "{patch}");
        goes_back(&before, &changed);
    }
}

/// P23.4: an inverse on another document is stale, and changes nothing.
#[test]
fn edits_do_not_fit_another_document() {
    let changed = apply(&document(), &json!([{"op": "remove", "path": "/meta/z"}]));
    let inverse = changed.expect("it can be removed").inverse();
    let error = apply_edits(&document(), &inverse).expect_err("the key is there");
    assert_eq!(error.kind, ErrorKind::Stale);
}

pub(crate) fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        Just(json!(1.0)),
        proptest::sample::select(vec!["", "a", "s1", "é"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let key = proptest::sample::select(vec!["a", "b", "id", "by-id", "x/y", "m~n", ""]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..5).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value));
                Value::Object(entries.collect::<Map<_, _>>())
            }),
        ]
    })
}

fn paths() -> impl Strategy<Value = String> {
    let token = vec!["a", "b", "id", "by-id", "x~1y", "m~0n", "", "0", "1", "2", "-", "s1"];
    let token = proptest::sample::select(token).prop_map(|token| format!("/{token}"));
    proptest::collection::vec(token, 0..4).prop_map(|tokens| tokens.concat())
}

fn patches() -> impl Strategy<Value = Value> {
    let op = proptest::sample::select(vec!["add", "remove", "replace", "move", "copy", "test"]);
    let operation = (op, paths(), paths(), values()).prop_map(
        |(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}),
    );
    proptest::collection::vec(operation, 0..5).prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// P23.3, P23.4: what is applied goes back to the byte, and is what the crate json-patch makes.
    #[test]
    fn apply_goes_back(before in values(), patch in patches()) {
        let Ok(changed) = apply(&before, &patch) else { return Ok(()); };
        goes_back(&before, &changed);
        let text = patch.to_string();
        let is_ours = text.contains("/by-id/") || text.contains("\"test\"") || text.contains("\"move\"");
        if !is_ours {
            let operations: json_patch::Patch = serde_json::from_value(patch).expect("it was read");
            let mut other = before.clone();
            json_patch::patch(&mut other, &operations).expect("it was applied");
            prop_assert_eq!(other, changed.document);
        }
    }

    /// P23.5: the same for merge patches.
    #[test]
    fn merge_goes_back(before in values(), patch in values()) {
        let changed = merge(&before, &patch).expect("it is small");
        goes_back(&before, &changed);
        let mut other = before.clone();
        json_patch::merge(&mut other, &patch);
        prop_assert_eq!(other, changed.document);
    }

    /// P23.7: a difference makes the one document of the other.
    #[test]
    fn a_difference_is_a_patch(before in values(), after in values()) {
        let patch = difference(&before, &after);
        let changed = apply(&before, &patch).expect("it was made for it");
        prop_assert_eq!(&changed.document, &after);
        goes_back(&before, &changed);
    }

    /// Any JSON in the place of a patch: an answer.
    #[test]
    fn nothing_panics(before in values(), patch in values(), list in proptest::collection::vec(values(), 0..4)) {
        let _ = (apply(&before, &patch), merge(&before, &patch), apply(&before, &Value::Array(list)));
        if let Ok(edits) = serde_json::from_value::<Vec<_>>(patch) {
            let _ = apply_edits(&before, &edits);
        }
    }
}
