//! Conditions: rule E2 and docs/formats/expressions.md.

use serde_json::json;

use super::{check, check_fails, condition, holds, parsed, scope};
use crate::expr::{Read, Root, StepField};
use crate::id::StepId;

#[test]
fn e2_a_condition_compares_what_steps_gave() {
    check(
        true,
        &[
            "steps.a.output.n >= 80",
            "steps.a.n >= 80",
            "steps.research-alpha.output.quality_score > 90",
            "steps['v1.2'].output['x-y'] == 7",
            "steps.a.output.items[0].name == 'i0'",
            "steps.a.output.items[-1].name == \"i0\"",
            "steps.a.output.items.0.name == 'i0'",
            "steps.review.decision == 'approved'",
            "steps.review.feedback == steps.review.comments",
            "execution.id == process.id",
            "item.name == 'one' and person.name == 'one' and item_index == 0",
            "steps.skipped.status == 'skipped'",
            "true",
            "True",
            "not False",
            "!false",
            "null == None",
        ],
    );
    check(false, &["steps.a.output.n < 80", "false", "not true", "!true"]);
}

#[test]
fn e2_a_field_of_the_status_wins_over_one_of_the_output() {
    check(true, &["steps.a.status == 'completed'", "steps.a.output.status == 'odd'"]);
}

#[test]
fn e2_the_longest_declared_id_wins_and_other_hyphens_are_minus() {
    check(true, &["steps.a.n-5 == 80", "steps.research-alpha.n == 85", "input.n-input.f == 84"]);
    let minus = condition("steps.research-beta.n > 1").unwrap_err();
    assert_eq!((minus.code, minus.offset), ("unknown_name", 15));
}

#[test]
fn e2_braces_in_a_condition_mean_parentheses() {
    for (text, source) in [
        ("{{steps.review.decision}} == 'approved'", "steps.review.decision == 'approved'"),
        ("{{ steps.a.output.n }} >= 80", "steps.a.output.n >= 80"),
        ("{{ steps.a.output.n >= 80 }}", "steps.a.output.n >= 80"),
        ("  {{ input.yes or input.no }} and input.yes ", "(input.yes or input.no) and input.yes"),
        ("not {{input.no}}and{{input.yes}}", "not input.no and input.yes"),
        ("{{ {{ input.yes }} }}", "input.yes"),
        ("{{ {'a': {'b': 1}} }} == {'a': {'b': 1}}", "{'a': {'b': 1}} == {'a': {'b': 1}}"),
        ("{{ input.list | length }} == 3", "input.list | length == 3"),
        ("{{ input.text }} == '{{ x }}' or true", "input.text == '{{ x }}' or true"),
    ] {
        let found = parsed(text);
        assert_eq!(found.source(), source, "{text}");
        assert_eq!(parsed(source).source(), source);
        assert_eq!(found, parsed(source));
        assert_eq!(found.holds(&scope()), Ok(true), "{text}");
    }
}

#[test]
fn e2_text_in_quotes_is_never_touched() {
    check(
        true,
        &["'a and b' == \"a and b\"", "'x && y || !z' is string", "'{{ x }}' is endingwith '}}'"],
    );
    assert!(parsed("'{{ input.n }}' == 'x'").has_braces_in_quotes());
    assert!(!parsed("{{ input.n }} == 'x'").has_braces_in_quotes());
}

#[test]
fn e2_values_of_different_kinds_are_not_equal() {
    check(
        false,
        &["true == 1", "'5' == 5", "null == false", "[] == {}", "'' == null", "1 in ['1']"],
    );
    check(
        true,
        &[
            "1 == 1.0",
            "null == null",
            "input.null == none",
            "'5' != 5",
            "[1, {'a': 2.0}] == [1.0, {'a': 2}]",
            "9007199254740993 != 9007199254740992.0",
            "2 in [1, 2]",
            "'k' in input.map",
            "'b' in 'abc'",
            "3 not in [1]",
            "(1, 2) == [1, 2]",
        ],
    );
}

#[test]
fn e2_order_and_arithmetic_across_kinds_fail() {
    check_fails(&[
        ("input.five < 3", "cannot compare text \"5\" with number 3"),
        ("null > 3", "cannot compare null with number 3"),
        ("true > false", "cannot compare boolean true with boolean false"),
        ("[1] < [2]", "cannot compare list [1] with list [2]"),
        ("input.five + 1 == 6", "cannot add text \"5\" and number 1 (`~` joins texts)"),
        ("1 / 0 == 1", "division by zero"),
        ("1 % 0 == 1", "division by zero"),
        ("9223372036854775807 * 9223372036854775807 > 1", "out of range"),
        ("10 ** 400 > 1", "out of range"),
        ("2.5 ** 4000 > 1", "out of range"),
        (
            "now < 'tomorrow'",
            "cannot compare instant 2026-02-10T10:00:00.000Z with text \"tomorrow\"",
        ),
    ]);
}

#[test]
fn e2_an_operand_that_is_no_boolean_fails() {
    check_fails(&[
        ("input.text and true", "text \"approved\" is neither true nor false"),
        ("true and input.n", "number 85 is neither true nor false"),
        ("false or input.list", "list [3,1,2] is neither true nor false"),
        ("not input.null", "null is neither true nor false"),
        ("!input.text", "is neither true nor false"),
        ("true if input.n else false", "number 85 is neither true nor false"),
    ]);
}

#[test]
fn e2_the_whole_condition_is_a_boolean() {
    check_fails(&[
        ("input.false_text", "a condition is true or false, this is text \"false\""),
        ("'false'", "this is text \"false\""),
        ("0", "this is number 0"),
        ("input.null", "this is null"),
        ("input.list", "this is list [3,1,2]"),
        ("input.missing", "`input.missing` is undefined"),
        ("steps.a.cost", "this is cost 0.30"),
    ]);
}

#[test]
fn e2_undefined_counts_as_false_under_and_or_not() {
    check(
        true,
        &[
            "not input.missing",
            "input.missing or true",
            "not (input.missing and true)",
            "steps.skipped.output.x or steps.a.n == 85",
            "input.missing is undefined",
            "input.missing is not defined",
            "input.missing | default(3) == 3",
            "input.missing.deeper | d('x') == 'x'",
            "input.null.deeper is undefined",
            "input.n.deeper is undefined",
            "input.list[input.n] is undefined",
            "steps.skipped.skip_reason is undefined",
        ],
    );
    check(false, &["input.missing or input.missing", "input.missing and input.text"]);
}

#[test]
fn e2_undefined_fails_everywhere_else() {
    check_fails(&[
        ("input.missing == 1", "`input.missing` is undefined"),
        ("null == input.missing", "`input.missing` is undefined"),
        ("input.missing is none", "`input.missing` is undefined"),
        ("input.missing > 3", "`input.missing` is undefined"),
        ("1 + input.missing == 3", "`input.missing` is undefined"),
        ("input.missing | length == 0", "`input.missing` is undefined"),
        ("[input.missing] == []", "`input.missing` is undefined"),
        ("1 in input.missing", "`input.missing` is undefined"),
        ("input.list[input.missing] is defined", "`input.missing` is undefined"),
        ("true if input.missing else false", "`input.missing` is undefined"),
        ("input.missing == input.missing", "`input.missing` is undefined"),
        ("trigger.body == 1", "`trigger.body` is undefined"),
        ("steps.skipped.output.x == 1", "`steps.skipped.output.x` is undefined"),
    ]);
}

#[test]
fn e2_until_reads_undefined_as_not_yet() {
    assert_eq!(parsed("steps.skipped.output.x > 3").holds_yet(&scope()), Ok(false));
    assert_eq!(parsed("steps.a.n > 3").holds_yet(&scope()), Ok(true));
    assert!(parsed("input.five > 3").holds_yet(&scope()).is_err());
    assert!(parsed("input.n").holds_yet(&scope()).is_err());
}

#[test]
fn e2_what_is_decided_is_not_evaluated_further() {
    check(false, &["false and 1 / 0 == 1", "input.no && input.five > 3"]);
    check(
        true,
        &["true or 1 / 0 == 1", "input.yes || input.five > 3", "true if true else 1 / 0 == 1"],
    );
}

#[test]
fn operators_bind_as_in_jinja() {
    check(
        true,
        &[
            "true or false and false",
            "not false and true",
            "not 1 == 2",
            "1 + 2 * 3 == 7",
            "(1 + 2) * 3 == 9",
            "2 ** 3 ** 2 == 64",
            "-2 ** 2 == 4",
            "'a' ~ 1 + 1 == 'x' or 1 == 1 if false else true",
            "1 + 2 ~ 3 == 24 or true if false else true",
            "7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5",
            "1 - 1 - 1 == -1",
            "-5 | abs == 5",
            "1 + input.list | length == 4",
            "not input.missing is defined",
            "input.n is number and input.text is string",
            "4 is even and 3 is odd and 9 is divisibleby 3",
            "'abc' is startingwith 'a' and 'abc' is endingwith('c')",
        ],
    );
}

#[test]
fn e2_costs_durations_and_instants_compare_as_what_they_are() {
    check(
        true,
        &[
            "steps.a.cost == 0.3",
            "steps.a.cost + steps.b.cost == 0.6",
            "steps.a.cost + 0.1 == 0.4",
            "steps.a.cost * 3 == 0.9",
            "steps.a.cost < 1 and steps.a.cost > 0.29",
            "steps.a.duration == 1.5",
            "steps.a.duration > 1",
            "steps.a.completed_at < now",
            "steps.a.completed_at < '2026-02-10T12:00:00+01:00'",
            "steps.a.completed_at == '2026-02-10T10:00:00+01:00'",
            "steps.a.cost is number",
        ],
    );
    check(false, &["steps.a.cost == '0.30'", "now == 'x'"]);
}

#[test]
fn what_a_condition_reads_is_known() {
    let found = parsed(
        "steps.a.output.x.y > 1 and steps['v1.2'].status == input.m['x-y'] or not input.q | default(item[0])",
    );
    let step = |id: &str, field| Root::Step(StepId::parse(id).unwrap(), field);
    let read = |root, path: &[&str], may_be_undefined| {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Read { root, path, may_be_undefined }
    };
    assert_eq!(
        found.reads(),
        [
            read(step("a", StepField::Output), &["x", "y"], false),
            read(step("v1.2", StepField::Status), &[], false),
            read(Root::Input, &["m", "x-y"], false),
            read(Root::Input, &["q"], true),
            read(Root::Item, &["0"], true),
        ]
    );
    let all: Vec<String> = found.reads().iter().map(ToString::to_string).collect();
    assert_eq!(
        all.join(" "),
        "steps.a.output.x.y steps['v1.2'].status input.m['x-y'] input.q item[0]"
    );
}

#[test]
fn a_path_may_be_undefined_only_if_it_may_everywhere() {
    let undefined = |text: &str| parsed(text).reads()[0].may_be_undefined;
    assert!(undefined("input.x and true"));
    assert!(undefined("(input.x or false) and true"));
    assert!(undefined("input.x is defined"));
    assert!(undefined("input.x[input.n] | default(1) == 1"));
    assert!(!undefined("input.x is defined and input.x > 3"));
    assert!(!undefined("input.x == 1"));
}

#[test]
fn what_a_condition_saw_is_told_in_its_messages_and_by_seen() {
    let found = parsed(
        "steps.a.cost > 1 or now > '2026-01-01T00:00:00Z' or input.missing or input.n == steps.a.duration",
    );
    let seen = json!({
        "steps.a.cost": "0.30", "now": "2026-02-10T10:00:00.000Z", "input.n": 85, "steps.a.duration": 1.5,
    });
    assert_eq!(serde_json::Value::Object(found.seen(&scope())), seen);
    assert_eq!(
        holds("input.five > 3"),
        "cannot evaluate `input.five > 3`: cannot compare text \"5\" with number 3"
    );
}
