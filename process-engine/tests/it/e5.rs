//! Foreach: one visit for each item.

use process_engine::Input;
use serde_json::json;

use crate::{
    check::{check, has_problem, result},
    driver::{Driver, id},
};

#[test]
fn e5_1_foreach_makes_one_visit_per_item_and_outputs_stand_in_item_order() {
    check(
        "
steps:
  - {id: call, foreach: {in: [ana, bo, cy]}}
  - {id: t, depends_on: [call]}
outputs: [{name: all, value: '{{ steps.call.output }}'}]
",
        "
steps: {call: [{output: 1, takes: 3m}, {output: 2, takes: 1m}, {output: 3, takes: 2m}]}
expect:
  status: completed
  visits: {call: 3, t: 1}
  outputs: {all: [1, 2, 3]}
  order: [[call, before, t]]
  duration: 3m
",
    );
}

#[test]
fn e5_2_max_parallel_visits_run_at_once_and_without_it_there_is_no_limit() {
    for (most, duration) in [
        ("", "1m"),
        (", max_parallel: 1", "5m"),
        (", max_parallel: 2", "3m"),
        (", max_parallel: 9", "1m"),
    ] {
        check(
            &format!("steps: [{{id: call, foreach: {{in: [1, 2, 3, 4, 5]{most}}}}}]"),
            &format!(
                "steps: {{call: {{takes: 1m}}}}\nexpect: {{status: completed, visits: {{call: 5}}, duration: {duration}}}"
            ),
        );
    }
}

#[test]
fn e5_3_the_condition_is_evaluated_once_for_the_whole_without_item() {
    check(
        "steps: [{id: call, condition: input.n > 1, foreach: {in: [1, 2]}}]",
        "
input: {n: 1}
expect: {status: completed, steps: {call: skipped}, skip_reasons: {call: condition}, visits: {call: 0}}
",
    );
    has_problem(
        "steps: [{id: call, condition: item > 1, foreach: {in: [1, 2]}}]",
        "error unknown_name",
    );
}

#[test]
fn e5_4_retry_and_timeout_hold_per_item() {
    check(
        "
steps:
  - {id: call, timeout: 2m, retry: {max_attempts: 2, initial_delay: 1m}, foreach: {in: [1, 2, 3]}}
outputs: [{name: all, value: '{{ steps.call.output }}'}]
",
        "
steps:
  call:
    - {output: 1, takes: 90s}
    - [{error: broken, takes: 1m}, {output: 2, takes: 1m}]
    - [{hang: true}, {output: 3}]
expect:
  status: completed
  visits: {call: 3}
  attempts: {call: 5}
  outputs: {all: [1, 2, 3]}
  duration: 3m
",
    );
}

#[test]
fn e5_4_a_mutex_holds_per_item() {
    check(
        "steps: [{id: call, mutex: m, foreach: {in: [1, 2, 3]}}, {id: other, mutex: m}]",
        "steps: {call: {takes: 1m}, other: {takes: 1m}}\nexpect: {status: completed, duration: 4m}",
    );
}

#[test]
fn e5_4_on_error_holds_for_the_whole() {
    check(
        "
steps:
  - {id: call, on_error: {goto: repair}, foreach: {in: [1, 2, 3], max_parallel: 1}}
  - {id: t, depends_on: [call]}
  - {id: repair}
",
        "
steps: {call: [{output: 1}, {error: broken}, {output: 3}]}
expect:
  status: completed
  visits: {call: 2, repair: 1}
  steps: {call: failed, t: skipped, repair: completed}
",
    );
}

#[test]
fn e5_5_in_scope_are_item_the_name_of_as_and_item_index() {
    check(
        "
steps:
  - {id: call, foreach: {in: [{name: ana}, {name: bo}], as: person}, message: '{{ item_index }} {{ item.name }} {{ person.name }}'}
",
        "expect: {status: completed, message: {call: 1 bo bo}}",
    );
    for name in ["steps", "input", "now", "process", "item_index", "trigger"] {
        has_problem(
            &format!("steps: [{{id: call, foreach: {{in: [1], as: {name}}}}}]"),
            "error reserved_name",
        );
    }
}

#[test]
fn e5_6_over_anything_but_a_list_the_step_fails() {
    for (value, attempts) in [("{k: v}", 0), ("text", 0), ("3", 0), ("null", 0)] {
        check(
            "
steps:
  - {id: a}
  - {id: call, depends_on: [a], foreach: {in: '{{ steps.a.list }}'}, retry: {max_attempts: 3, initial_delay: 1m}}
",
            &format!("steps: {{a: {{output: {{list: {value}}}}}}}\nexpect: {{status: failed, steps: {{call: failed}}, attempts: {{call: {attempts}}}, duration: 0s}}"),
        );
    }
    check(
        "
steps:
  - {id: a}
  - {id: call, depends_on: [a], foreach: {in: '{{ steps.a.list }}'}, on_error: skip_step}
  - {id: t, depends_on: [call]}
",
        "expect: {status: completed, skip_reasons: {call: error}, steps: {t: completed}}",
    );
}

#[test]
fn e5_7_an_item_that_fails_starts_no_new_one_and_lets_running_ones_finish() {
    let data = result(
        "
steps:
  - {id: call, foreach: {in: [1, 2, 3, 4, 5], max_parallel: 2}, compensation: {type: manual}}
",
        "
steps: {call: [{error: broken, takes: 1m}, {output: 2, takes: 5m}, {output: 3}, {output: 4}, {output: 5}]}
expect:
  status: failed
  visits: {call: 2}
  compensated: [call]
  duration: 5m
",
    );
    assert_eq!(data["error"], "broken");
}

#[test]
fn e5_7_an_item_that_waits_for_its_mutex_does_not_start_behind_a_failure() {
    check(
        "steps: [{id: call, mutex: m, foreach: {in: [1, 2, 3]}}]",
        "
steps: {call: [{error: broken, takes: 1m}, {output: 2, takes: 1m}, {output: 3, takes: 1m}]}
expect: {status: failed, steps: {call: failed}, attempts: {call: 1}, duration: 1m}
",
    );
}

#[test]
fn e5_7_an_item_that_no_worker_has_taken_does_not_start_behind_a_failure() {
    let mut driver = Driver::start(
        "steps: [{id: call, foreach: {in: [1, 2, 3]}, on_error: {goto: t}}, {id: t}]",
    );
    driver.gives(Input::Dispatch {
        step: process_engine::VisitRef::parse("call#1").expect("a visit"),
    });
    driver.fails("call#1");
    driver.hand_out();
    assert_eq!((driver.step("call"), driver.step("t")), ("failed", "in_progress"));
}

#[test]
fn e5_8_with_skip_step_all_items_run_and_failed_ones_are_null() {
    check(
        "
steps:
  - {id: call, on_error: skip_step, foreach: {in: [1, 2, 3, 4], max_parallel: 1}}
  - {id: t, depends_on: [call]}
outputs: [{name: all, value: '{{ steps.call.output }}'}]
",
        "
steps: {call: [{output: 1}, {error: broken}, {output: 3}, {error: broken}]}
expect:
  status: completed
  visits: {call: 4}
  steps: {t: completed}
  outputs: {all: [1, null, 3, null]}
",
    );
}

#[test]
fn e5_9_an_empty_list_completes_with_an_empty_list_and_no_visits() {
    check(
        "
steps:
  - {id: call, foreach: {in: '{{ input.list }}'}}
  - {id: t, depends_on: [call]}
  - {id: each, depends_on: [call], join: each}
outputs: [{name: all, value: '{{ steps.call.output }}'}]
",
        "
input: {list: []}
expect:
  status: completed
  steps: {call: completed, t: completed, each: completed}
  visits: {call: 0, t: 1, each: 1}
  attempts: {call: 0}
  outputs: {all: []}
",
    );
}

#[test]
fn e5_10_without_wait_followers_go_on_at_once_and_the_process_still_waits_at_its_end() {
    check(
        "
steps:
  - {id: call, foreach: {in: [1, 2], wait: false}}
  - {id: t, depends_on: [call], message: \"{{ steps.call.output | default('not yet') }}\"}
  - {id: late, type: timer, delay: 20m, depends_on: [call]}
outputs:
  - {name: at, value: '{{ steps.t.started_at }}'}
  - {name: all, value: '{{ steps.call.output }}'}
",
        "
steps: {call: [{takes: 10m, output: 1}, {takes: 30m, output: 2}]}
expect:
  status: completed
  steps: {call: completed, t: completed}
  message: {t: not yet}
  outputs: {at: '2026-01-01T00:00:00.000Z', all: [1, 2]}
  duration: 30m
",
    );
}

#[test]
fn e5_10_without_wait_an_item_that_fails_still_fails_the_process() {
    check(
        "
steps:
  - {id: call, foreach: {in: [1, 2], wait: false}}
  - {id: t, depends_on: [call], compensation: {type: manual}}
",
        "
steps: {call: [{takes: 10m}, {takes: 30m, error: broken}]}
expect: {status: failed, steps: {call: failed, t: compensated}, duration: 30m}
",
    );
}

#[test]
fn e5_10_without_wait_several_visits_give_their_followers_one_each() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: call, depends_on: [a, b], join: each, foreach: {in: [1, 2], wait: false}}
  - {id: t, depends_on: [call]}
",
        "
steps: {a: {takes: 1m}, b: {takes: 2m}, call: {takes: 10m}}
expect: {status: completed, visits: {call: 4, t: 1}, duration: 12m}
",
    );
}

#[test]
fn e5_11_an_item_is_added_while_the_foreach_runs() {
    check(
        "
steps:
  - {id: call, foreach: {in: [ana]}, message: '{{ item }}'}
outputs: [{name: all, value: '{{ steps.call.output }}'}]
",
        "
steps: {call: [{output: 1, takes: 10m}, {output: 2, takes: 10m}]}
add_items: [{step: call, item: carol, at: 5m}]
expect:
  status: completed
  visits: {call: 2}
  message: {call: carol}
  outputs: {all: [1, 2]}
  duration: 15m
",
    );
}

#[test]
fn e5_11_an_item_is_refused_before_and_after() {
    let add = || Input::AddItem { step: id("call"), item: json!(9) };
    let mut driver =
        Driver::start("steps: [{id: a}, {id: call, depends_on: [a], foreach: {in: [1]}}, {id: b}]");
    driver.refuses(add());
    driver.hand_out().completes("a", json!({}));
    driver.gives(add());
    driver.hand_out();
    driver.completes("call#1", json!(1));
    driver.gives(add());
    driver.completes("call#2", json!(2));
    driver.hand_out().completes("call#3", json!(3));
    assert_eq!((driver.step("call"), driver.output("call")), ("completed", json!([1, 2, 3])));
    driver.refuses(add());
    driver.refuses(Input::AddItem { step: id("b"), item: json!(9) });
    driver.completes("b", json!({}));
    driver.refuses(add());
}

#[test]
fn e5_11_with_skip_step_an_item_is_added_also_behind_one_that_failed() {
    let mut driver =
        Driver::start("steps: [{id: call, on_error: skip_step, foreach: {in: [1, 2]}}]");
    driver.hand_out();
    driver.fails("call#1");
    driver.gives(Input::AddItem { step: id("call"), item: json!(3) });
    driver.hand_out();
    driver.completes("call#2", json!(2));
    driver.completes("call#3", json!(3));
    assert_eq!((driver.status(), driver.output("call")), ("completed", json!([null, 2, 3])));
}

#[test]
fn e5_11_an_added_item_waits_for_its_place_among_max_parallel() {
    check(
        "steps: [{id: call, foreach: {in: [1, 2], max_parallel: 1, wait: false}}, {id: t, depends_on: [call]}]",
        "
steps: {call: {takes: 10m}}
add_items: [{step: call, item: 3, at: 1m}, {step: call, item: 4, at: 29m}]
expect: {status: completed, visits: {call: 4}, duration: 40m}
",
    );
}

#[test]
fn e5_1_foreach_in_a_loop_starts_anew_with_the_items_of_that_time() {
    check(
        "
steps:
  - {id: list}
  - {id: call, depends_on: [list], foreach: {in: '{{ steps.list.items }}'}}
  - {id: g, type: gateway, depends_on: [call], routes: [{condition: steps.list.more, next: list}, {default: true, next: t}]}
  - {id: t, message: '{{ steps.call.output }}'}
",
        "
steps:
  list: [{output: {items: [1, 2, 3], more: true}}, {output: {items: [4], more: false}}]
  call: {takes: 1m, output: x}
expect:
  status: completed
  visits: {list: 2, call: 4, g: 2}
  message: {t: '[\"x\"]'}
  duration: 2m
",
    );
}
