//! Conditions: when they are evaluated, what they may be, and what the input of a process may be.

use process_engine::{Rejected, RejectedKind};
use serde_json::{Value, json};

use crate::{
    check::{check, has_no_problem, has_problem, result},
    driver::{Driver, start},
};

/// A step with this condition behind one that gives an output, and a follower of it.
fn conditioned(condition: &str) -> String {
    format!(
        "
steps:
  - {{id: a}}
  - {{id: t, depends_on: [a], on_error: skip_step, condition: {}}}
",
        json!(condition)
    )
}

const GIVEN: &str = "{n: 5, half: 2.5, text: '5', word: abc, right: true, wrong: false, nil: null, list: [1, 2], map: {k: 1}, quoted: 'a && b'}";

fn holds(condition: &str) {
    let scenario = format!(
        "steps: {{a: {{output: {GIVEN}}}}}\nexpect: {{status: completed, steps: {{t: completed}}}}"
    );
    check(&conditioned(condition), &scenario);
}

fn holds_not(condition: &str) {
    let scenario = format!(
        "steps: {{a: {{output: {GIVEN}}}}}\nexpect: {{skip_reasons: {{t: condition}}, attempts: {{t: 0}}}}"
    );
    check(&conditioned(condition), &scenario);
}

fn fails(condition: &str) {
    let scenario = format!(
        "steps: {{a: {{output: {GIVEN}}}}}\nexpect: {{skip_reasons: {{t: error}}, attempts: {{t: 0}}}}"
    );
    check(&conditioned(condition), &scenario);
}

#[test]
fn e2_1_a_condition_is_evaluated_once_when_the_join_is_met_and_before_the_first_attempt() {
    check(
        "
steps:
  - {id: holder, mutex: m}
  - {id: late}
  - {id: x, depends_on: [late]}
  - {id: t, mutex: m, condition: steps.x.status == 'pending', retry: {max_attempts: 2, initial_delay: 1m}}
",
        "
steps: {holder: {takes: 10m}, late: {takes: 1m}, t: [{error: broken}, {output: {n: 1}}]}
expect:
  status: completed
  steps: {x: completed, t: completed}
  attempts: {t: 2}
  duration: 11m
",
    );
}

#[test]
fn e2_1_a_condition_is_not_evaluated_before_the_join_is_met() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], condition: steps.a.n + steps.b.n == 3}
",
        "
steps: {a: {output: {n: 1}}, b: {output: {n: 2}, takes: 1m}}
expect: {status: completed, steps: {t: completed}, order: [[b, before, t]]}
",
    );
}

#[test]
fn e2_2_a_false_condition_skips_and_tells_the_expression_and_the_values_it_saw() {
    let data = result(
        "
steps:
  - {id: a}
  - {id: t, depends_on: [a], condition: steps.a.n > input.most}
",
        "
input: {most: 7}
steps: {a: {output: {n: 5}}}
expect: {status: completed, steps: {t: skipped}, skip_reasons: {t: condition}, visits: {t: 0}}
",
    );
    let detail = &data["steps"]["t"]["skip_detail"];
    assert_eq!(detail["condition"], "steps.a.n > input.most");
    let seen = detail["values"].to_string();
    assert!(seen.contains('5') && seen.contains('7'), "{detail}");
}

#[test]
fn e2_3_an_error_in_a_condition_fails_the_step() {
    check(
        "
steps:
  - {id: a}
  - {id: t, depends_on: [a], condition: steps.a.missing == 1}
",
        "expect: {status: failed, steps: {a: completed, t: failed}, attempts: {t: 0}}",
    );
    check(
        "
steps:
  - {id: a}
  - {id: t, depends_on: [a], condition: steps.a.missing == 1, on_error: {goto: repair}}
  - {id: u, depends_on: [t]}
  - {id: repair}
",
        "
expect:
  status: completed
  steps: {t: failed, u: skipped, repair: completed}
  skip_reasons: {u: upstream}
",
    );
}

#[test]
fn e2_4_a_condition_is_never_retried() {
    check(
        "
steps:
  - {id: a}
  - {id: t, depends_on: [a], condition: steps.a.missing, retry: {max_attempts: 5, initial_delay: 1m}, on_error: skip_step}
  - {id: u, depends_on: [t]}
",
        "
steps: {a: {output: {missing: 3}}}
expect:
  status: completed
  skip_reasons: {t: error}
  attempts: {t: 0}
  steps: {u: completed}
  duration: 0s
",
    );
}

#[test]
fn e2_5_the_result_of_a_condition_must_be_a_boolean() {
    for condition in [
        "'false'",
        "'true'",
        "steps.a.word",
        "steps.a.n",
        "0",
        "1",
        "steps.a.list",
        "[]",
        "steps.a.nil",
        "null",
        "steps.a.map",
        "steps.a.missing",
    ] {
        fails(condition);
    }
    for condition in ["true", "steps.a.right", "steps.a.n == 5", "not steps.a.wrong"] {
        holds(condition);
    }
    for condition in ["false", "steps.a.wrong", "steps.a.n != 5"] {
        holds_not(condition);
    }
}

#[test]
fn e2_6_operands_of_and_or_and_not_are_booleans_or_undefined() {
    for condition in [
        "steps.a.missing or steps.a.right",
        "not steps.a.missing",
        "steps.a.right and not steps.a.missing.deep",
    ] {
        holds(condition);
    }
    for condition in [
        "steps.a.missing or steps.a.wrong",
        "steps.a.missing and steps.a.right",
        "steps.a.right and steps.a.missing",
    ] {
        holds_not(condition);
    }
    for condition in [
        "steps.a.right and steps.a.n",
        "steps.a.word or steps.a.right",
        "not steps.a.nil",
        "not steps.a.text",
        "steps.a.wrong or steps.a.list",
    ] {
        fails(condition);
    }
}

#[test]
fn e2_7_equality_between_values_of_different_types_is_false() {
    for condition in [
        "steps.a.n == steps.a.text",
        "true == 1",
        "steps.a.nil == false",
        "steps.a.list == '[1, 2]'",
        "0 == ''",
    ] {
        holds_not(condition);
    }
    for condition in
        ["steps.a.n != steps.a.text", "steps.a.nil == null", "1 == 1.0", "steps.a.list == [1, 2]"]
    {
        holds(condition);
    }
}

#[test]
fn e2_8_comparison_and_arithmetic_across_types_fail() {
    for condition in [
        "steps.a.text > 3",
        "steps.a.n < steps.a.word",
        "steps.a.nil < 1",
        "steps.a.list > 1",
        "steps.a.right > 0",
        "steps.a.text + 1 == 6",
        "steps.a.n + steps.a.word == 1",
        "steps.a.right + 1 == 2",
        "steps.a.nil + 1 == 1",
    ] {
        fails(condition);
    }
    for condition in ["steps.a.half < steps.a.n", "steps.a.word < 'b'", "steps.a.n * 2 == 10"] {
        holds(condition);
    }
}

#[test]
fn e2_9_null_compared_with_a_missing_field_fails() {
    fails("null == steps.a.missing");
    fails("steps.a.missing == null");
    fails("steps.a.missing != 'x'");
    fails("steps.a.missing > 1");
}

#[test]
fn e2_10_in_until_an_undefined_name_means_not_yet() {
    check(
        "
steps:
  - {id: a}
  - {id: w, type: wait_for, until: steps.a.n > 3}
",
        "
steps: {a: {output: {n: 5}, takes: 1m}}
expect: {status: completed, steps: {w: completed}, duration: 1m}
",
    );
}

#[test]
fn e2_13_what_an_expression_renders_is_never_evaluated_again() {
    check(
        "
steps:
  - {id: a}
  - {id: t, type: agent_task, agent: w, message: 'say {{ steps.a.text }}', depends_on: [a]}
  - {id: u, depends_on: [a], condition: \"{{ steps.a.text }} == 'x'\"}
",
        "
input: {secret: s3cret}
steps: {a: {output: {text: \"{{ input.secret }}' or true or 'x\"}}}
expect:
  status: completed
  message: {t: \"say {{ input.secret }}' or true or 'x\"}
  skip_reasons: {u: condition}
",
    );
}

#[test]
fn e2_14_in_a_condition_braces_mean_parentheses() {
    holds("{{ steps.a.n }} == 5");
    holds("{{ steps.a.n - 2 }} * 2 == 6");
    holds("not {{ steps.a.wrong }} and {{ steps.a.word }} == 'abc'");
    holds("{{ steps.a.right }}");
}

#[test]
fn e2_17_text_in_quotes_is_never_touched() {
    holds("steps.a.quoted == 'a && b'");
    holds_not("steps.a.quoted == 'a and b'");
    holds("'{{ x }} ! || True' != steps.a.word");
}

#[test]
fn e2_18_other_spellings_of_operators_and_words_are_read() {
    holds("!steps.a.wrong && steps.a.right || steps.a.wrong");
    holds("steps.a.right == True and steps.a.nil == None");
    holds("steps.a.wrong == False && steps.a.nil == null");
}

#[test]
fn e2_19_behind_steps_the_longest_declared_id_wins_and_elsewhere_a_hyphen_is_minus() {
    check(
        "
steps:
  - {id: research}
  - {id: research-alpha}
  - {id: t, depends_on: [research, research-alpha], condition: steps.research-alpha.n - steps.research.n == 3}
  - {id: u, depends_on: [research, research-alpha], condition: input.five-input.two == 3}
",
        "
input: {five: 5, two: 2}
steps: {research: {output: {n: 4, alpha: 1}}, research-alpha: {output: {n: 7}}}
expect: {status: completed, steps: {t: completed, u: completed}}
",
    );
}

#[test]
fn e2_20_ids_with_dots_and_odd_fields_are_written_in_brackets() {
    check(
        "
steps:
  - {id: v1.2}
  - {id: t, depends_on: [v1.2], condition: \"steps['v1.2'].output['x-y'] == 1\"}
",
        "
steps: {v1.2: {output: {x-y: 1}}}
expect: {status: completed, steps: {t: completed}}
",
    );
}

#[test]
fn e2_21_an_id_with_a_dot_is_named_by_brackets_only() {
    has_problem(
        "steps: [{id: v1.2}, {id: t, depends_on: [v1.2], condition: steps.v1.2.output.x == 1}]",
        "error unknown_step",
    );
    has_no_problem(
        "steps: [{id: v1.2}, {id: t, depends_on: [v1.2], condition: \"steps['v1.2'].output.x == 1\"}]",
        "error",
    );
}

#[test]
fn e2_35_a_step_that_reads_one_it_cannot_have_waited_for_is_a_warning_but_not_in_until() {
    has_problem(
        "steps: [{id: a}, {id: b, condition: steps.a.n == 1}]",
        "warning reads_without_waiting",
    );
    has_problem(
        "steps: [{id: a}, {id: b, type: agent_task, agent: w, message: '{{ steps.a.n }}'}]",
        "warning reads_without_waiting",
    );
    has_no_problem(
        "steps: [{id: a}, {id: b, type: wait_for, until: steps.a.n == 1}]",
        "warning reads_without_waiting",
    );
}

const INPUTS: &str = "
input:
  text: {type: string, required: true}
  whole: {type: integer, default: 3}
  number: {type: number}
  flag: {type: boolean}
  list: {type: array}
  map: {type: object}
steps:
  - {id: a}
";

fn input_is_refused(input: Value) -> String {
    let mut driver = Driver::unstarted();
    let rejected = driver.refuses(start(INPUTS, input));
    assert!(driver.journal.is_empty());
    assert_eq!(rejected.kind(), RejectedKind::Invalid);
    assert!(matches!(rejected, Rejected::InvalidInput(_)), "{rejected}");
    rejected.to_string()
}

#[test]
fn e2_36_the_types_of_input_are_string_integer_number_boolean_array_and_object() {
    let all =
        json!({"text": "x", "whole": 2, "number": 2.5, "flag": true, "list": [1], "map": {"k": 1}});
    let driver = Driver::start_with(INPUTS, all.clone());
    assert_eq!(*driver.run().input(), all);
    let driver = Driver::start_with(INPUTS, json!({"text": "x"}));
    assert_eq!(*driver.run().input(), json!({"text": "x", "whole": 3}));
    for (name, value) in [
        ("text", json!(1)),
        ("text", json!(null)),
        ("whole", json!("3")),
        ("whole", json!(2.5)),
        ("number", json!("2.5")),
        ("number", json!(true)),
        ("flag", json!("true")),
        ("flag", json!(0)),
        ("list", json!({})),
        ("list", json!("[]")),
        ("map", json!([])),
    ] {
        let mut input = json!({"text": "x"});
        input[name] = value;
        let message = input_is_refused(input);
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn e2_37_missing_wrong_or_unknown_input_is_refused_before_anything_is_journalled() {
    assert!(input_is_refused(json!({})).contains("text"));
    assert!(input_is_refused(json!({"text": "x", "topik": 1})).contains("topik"));
    // Every reason is told at once.
    let message = input_is_refused(json!({"whole": "x", "odd": 1}));
    assert!(["text", "whole", "odd"].iter().all(|name| message.contains(name)), "{message}");
}
