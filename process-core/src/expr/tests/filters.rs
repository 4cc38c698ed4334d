//! Filters and tests.

use serde_json::{Value, json};

use super::value;

#[test]
fn filters_make_values_of_values() {
    for (expression, expected) in [
        ("input.missing | default('x')", json!("x")),
        ("input.null | default('x')", json!(null)),
        ("'' | default('x', true)", json!("x")),
        ("'' | default('x', boolean=true)", json!("x")),
        ("input.text | default(input.missing)", json!("approved")),
        ("input.list | length", json!(3)),
        ("'äb' | count", json!(2)),
        ("'aB' | upper ~ 'aB' | lower", json!("ABab")),
        ("'the big one' | title", json!("The Big One")),
        ("'the Big' | capitalize", json!("The big")),
        ("'  x ' | trim", json!("x")),
        ("'xxaxx' | trim('x')", json!("a")),
        ("'a-b-c' | replace('-', '+')", json!("a+b+c")),
        ("'a,b' | split(',')", json!(["a", "b"])),
        ("' a  b ' | split", json!(["a", "b"])),
        ("[1, 'a', null] | join(', ')", json!("1, a, null")),
        ("input.people | join('/', attribute='name')", json!("Bo/Al")),
        ("input.list | first", json!(3)),
        ("input.list | last", json!(2)),
        ("input.list | min ~ input.list | max", json!("13")),
        ("input.list | sum", json!(6)),
        ("input.people | sum('age')", json!(50)),
        ("input.list | sort", json!([1, 2, 3])),
        ("input.list | sort(reverse=true)", json!([3, 2, 1])),
        ("input.people | sort(attribute='age') | map(attribute='name')", json!(["Al", "Bo"])),
        ("input.list | reverse", json!([2, 1, 3])),
        ("[1, 1.0, '1', [1], [1], 2] | unique", json!([1, "1", [1], 2])),
        ("input.map | items", json!([["k", 1], ["x-y", 2]])),
        ("input.map | keys", json!(["k", "x-y"])),
        ("input.map | values", json!([1, 2])),
        ("input.map | list", json!(["k", "x-y"])),
        ("input.list | select('odd')", json!([3, 1])),
        ("input.list | reject('gt', 1)", json!([1])),
        ("input.people | selectattr('age', '>=', 30) | map('name')", json!(["Bo"])),
        ("input.people | rejectattr('age', 'eq', 30) | map('name')", json!(["Al"])),
        ("input.people | map(attribute='x', default=0)", json!([0, 0])),
        ("'12' | int + 1", json!(13)),
        ("1.9 | int", json!(1)),
        ("'x' | int(0)", json!(0)),
        ("'1.5' | float", json!(1.5)),
        ("2.345 | round(2)", json!(2.35)),
        ("2.5 | round", json!(3.0)),
        ("steps.a.cost | round(1)", json!("0.3")),
        ("-3 | abs", json!(3)),
        ("1.50 | string", json!("1.5")),
        ("{'a': [1]} | tojson", json!("{\"a\":[1]}")),
        ("'{\"a\": 1}' | fromjson", json!({"a": 1})),
        ("'abcdef' | truncate(5)", json!("ab...")),
        ("'abc' is containing 'b'", json!(true)),
        ("[] is empty", json!(true)),
        ("null is none", json!(true)),
        (
            "1 is integer and 1.0 is float and true is boolean and {} is mapping and [] is sequence",
            json!(true),
        ),
        ("2 is in [1, 2]", json!(true)),
        ("2 is not in([1, 2])", json!(false)),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn filters_fail_on_wrong_types_rather_than_guess() {
    for (expression, why) in [
        ("'x' | int", "text \"x\" is no whole number"),
        ("null | int", "null is no whole number"),
        ("5 | upper", "number 5 is no text"),
        ("5 | length", "number 5 has no length"),
        ("'abc' | sum", "text \"abc\" is no list"),
        ("[1, 'a'] | sort", "cannot compare number 1 with text \"a\""),
        ("[1, 'a'] | max", "cannot compare"),
        ("['a'] | sum", "cannot add number 0 and text \"a\""),
        ("input.people | map(attribute='x')", "undefined"),
        ("[] | first", "undefined"),
        ("[1] | select('nonsense')", "is no name of a test"),
        ("input.missing | upper", "`input.missing` is undefined"),
    ] {
        match value(expression) {
            Value::String(message) => assert!(message.contains(why), "{expression}: {message}"),
            other => panic!("{expression}: {other}"),
        }
    }
}
