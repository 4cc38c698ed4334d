//! Event gateways: the first of several things that happens wins.

use serde_json::json;

use crate::{
    check::{check, has_no_problem, has_problem},
    driver::{Driver, message},
};

const RACE: &str = "
steps:
  - {id: g, type: gateway, gateway_type: event, routes: [{next: paid}, {next: late}, {next: done}]}
  - {id: paid, type: wait_for, message: paid}
  - {id: late, type: timer, delay: 1h}
  - {id: done, type: wait_for, until: steps.work.n > 3}
  - {id: work}
  - {id: ship, depends_on: [paid]}
  - {id: remind, depends_on: [late]}
  - {id: close, depends_on: [done]}
";

#[test]
fn e3_14_an_event_gateway_completes_when_it_opens_its_targets() {
    let mut driver = Driver::start(RACE);
    assert_eq!(
        (driver.step("g"), driver.step("paid"), driver.step("late"), driver.step("done")),
        ("completed", "waiting", "waiting", "waiting")
    );
    driver.hand_out();
    driver.completes("work", json!({"n": 1}));
    assert_eq!(driver.status(), "waiting");
}

#[test]
fn e3_15_targets_of_an_event_gateway_are_waits_and_timers_without_further_dependencies() {
    has_no_problem(RACE, "error");
    has_problem(
        "steps: [{id: g, type: gateway, gateway_type: event, routes: [{next: t}]}, {id: t}]",
        "error event_target",
    );
    has_problem(
        "steps: [{id: a}, {id: g, type: gateway, gateway_type: event, routes: [{next: t}]}, {id: t, type: timer, delay: 1s, depends_on: [a]}]",
        "error event_target",
    );
    has_problem(
        "steps: [{id: g, type: gateway, gateway_type: event, routes: [{next: t}]}, {id: h, type: gateway, gateway_type: event, routes: [{next: t}]}, {id: t, type: timer, delay: 1s}]",
        "error event_target",
    );
    has_no_problem(
        "steps: [{id: g, type: gateway, gateway_type: event, routes: [{next: t}]}, {id: t, type: timer, delay: 1s, depends_on: [g]}]",
        "error",
    );
}

#[test]
fn e3_16_a_message_that_comes_first_wins_and_cancels_the_others() {
    check(
        RACE,
        "
steps: {work: {output: {n: 5}, takes: 30m}}
messages: [{name: paid, data: {amount: 12}, at: 10m}]
expect:
  status: completed
  steps: {paid: completed, late: cancelled, done: cancelled, ship: completed, remind: skipped, close: skipped}
  skip_reasons: {remind: upstream, close: upstream}
  duration: 30m
",
    );
}

#[test]
fn e3_16_a_timer_that_comes_first_wins_and_a_later_message_is_kept() {
    check(
        RACE,
        "
steps: {work: {takes: 90m, output: {n: 5}}}
messages: [{name: paid, at: 61m}]
expect:
  status: completed
  steps: {paid: cancelled, late: completed, done: cancelled, ship: skipped, remind: completed}
  duration: 90m
",
    );
}

#[test]
fn e3_16_at_one_instant_the_timer_comes_before_the_message() {
    check(
        RACE,
        "
steps: {work: {output: {n: 1}}}
messages: [{name: paid, at: 1h}]
expect: {status: completed, steps: {late: completed, paid: cancelled}}
",
    );
}

#[test]
fn e3_16_an_expression_that_holds_first_wins() {
    check(
        RACE,
        "
steps: {work: {output: {n: 5}, takes: 1m}}
expect:
  status: completed
  steps: {done: completed, paid: cancelled, late: cancelled, close: completed}
  duration: 1m
",
    );
}

#[test]
fn e3_16_a_target_that_never_opened_is_cancelled_too() {
    check(
        "
steps:
  - {id: holder, mutex: m}
  - {id: g, type: gateway, gateway_type: event, routes: [{next: locked}, {next: quick}]}
  - {id: locked, type: timer, delay: 1s, mutex: m}
  - {id: quick, type: timer, delay: 1m}
  - {id: t, depends_on: [locked]}
",
        "
steps: {holder: {takes: 1h}}
expect:
  status: completed
  steps: {locked: cancelled, quick: completed, t: skipped}
  duration: 1h
",
    );
}

#[test]
fn e3_16_the_subscription_of_a_cancelled_wait_is_gone() {
    let mut driver = Driver::start(
        "
steps:
  - {id: g, type: gateway, gateway_type: event, routes: [{next: one}, {next: two}]}
  - {id: one, type: wait_for, message: m}
  - {id: two, type: wait_for, message: n}
  - {id: again, type: wait_for, message: n, depends_on: [one]}
",
    );
    driver.gives(message("m", json!({"k": 1})));
    assert_eq!(
        (driver.step("one"), driver.step("two"), driver.step("again")),
        ("completed", "cancelled", "waiting")
    );
    driver.gives(message("n", json!({"k": 2})));
    assert_eq!((driver.status(), driver.output("again")), ("completed", json!({"k": 2})));
    assert_eq!(driver.run().waits(), Vec::new());
}

const MAILBOX: &str = "
steps:
  - {id: a}
  - {id: g, type: gateway, gateway_type: event, depends_on: [a], routes: [{next: second}, {next: first}, {next: now}]}
  - {id: now, type: timer, delay: 0s}
  - {id: first, type: wait_for, message: m}
  - {id: second, type: wait_for, message: n}
";

#[test]
fn e3_17_the_mailbox_is_matched_in_the_order_of_the_routes_before_timers_are_armed() {
    check(
        MAILBOX,
        "
steps: {a: {takes: 1m}}
messages: [{name: m, at: 10s}, {name: n, at: 20s}]
expect:
  status: completed
  steps: {second: completed, first: cancelled, now: cancelled}
  duration: 1m
",
    );
    check(
        MAILBOX,
        "
steps: {a: {takes: 1m}}
messages: [{name: m, at: 10s}]
expect: {status: completed, steps: {second: cancelled, first: completed, now: cancelled}}
",
    );
    check(
        MAILBOX,
        "
steps: {a: {takes: 1m}}
expect: {status: completed, steps: {second: cancelled, first: cancelled, now: completed}}
",
    );
}

#[test]
fn e3_17_two_waits_for_one_message_are_matched_in_the_order_of_the_routes() {
    check(
        "
steps:
  - {id: a}
  - {id: g, type: gateway, gateway_type: event, depends_on: [a], routes: [{next: y}, {next: x}]}
  - {id: x, type: wait_for, message: m}
  - {id: y, type: wait_for, message: m}
",
        "
steps: {a: {takes: 1m}}
messages: [{name: m, at: 10s}]
expect: {status: completed, steps: {x: cancelled, y: completed}}
",
    );
}

#[test]
fn e3_17_a_message_with_another_key_wins_nothing() {
    check(
        "
steps:
  - {id: a}
  - {id: g, type: gateway, gateway_type: event, depends_on: [a], routes: [{next: x}, {next: t}]}
  - {id: x, type: wait_for, message: m, correlation: '{{ steps.a.key }}'}
  - {id: t, type: timer, delay: 5m}
",
        "
steps: {a: {takes: 1m, output: {key: A-1}}}
messages: [{name: m, key: A-2, at: 10s}]
expect: {status: completed, steps: {x: cancelled, t: completed}, duration: 6m}
",
    );
}

#[test]
fn e3_17_a_message_for_a_target_whose_condition_is_false_wins_nothing() {
    check(
        "
steps:
  - {id: a}
  - {id: g, type: gateway, gateway_type: event, depends_on: [a], routes: [{next: x}, {next: t}]}
  - {id: t, type: timer, delay: 5m}
  - {id: x, type: wait_for, message: m, condition: steps.a.wants}
",
        "
steps: {a: {takes: 1m, output: {wants: false}}}
messages: [{name: m, at: 10s}]
expect:
  status: completed
  steps: {x: skipped, t: completed}
  skip_reasons: {x: condition}
  duration: 6m
",
    );
}

#[test]
fn e3_16_an_event_gateway_in_a_loop_races_anew_each_time() {
    check(
        "
steps:
  - {id: ask}
  - {id: g, type: gateway, gateway_type: event, depends_on: [ask], routes: [{next: answer}, {next: late}]}
  - {id: answer, type: wait_for, message: answer}
  - {id: late, type: timer, delay: 1h}
  - {id: again, type: gateway, depends_on: [late], routes: [{default: true, next: ask}]}
  - {id: go, depends_on: [answer]}
",
        "
messages: [{name: answer, data: {n: 1}, at: 150m}]
expect:
  status: completed
  steps: {answer: completed, late: cancelled, again: skipped, go: completed}
  visits: {ask: 3, g: 3, late: 3, answer: 3, again: 2}
  duration: 150m
",
    );
}

#[test]
fn e3_16_a_wait_that_is_over_without_its_message_and_is_skipped_does_not_leave_the_others_open() {
    // A time-out of one target is its failure, not its event; the others go on.
    check(
        "
steps:
  - {id: g, type: gateway, gateway_type: event, routes: [{next: x}, {next: t}]}
  - {id: x, type: wait_for, message: m, timeout: 1m, on_error: skip_step}
  - {id: t, type: timer, delay: 5m}
",
        "
expect:
  status: completed
  steps: {x: skipped, t: completed}
  duration: 5m
",
    );
}
