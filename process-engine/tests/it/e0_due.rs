//! What is due comes first, and what comes first at one instant.

use process_core::event::Decided;
use process_engine::{Input, Outcome};
use serde_json::json;

use crate::{
    check::check,
    driver::{Driver, cancel, decide, kinds, message},
};

fn steps_of(events: &[process_core::Event]) -> Vec<String> {
    events.iter().filter_map(|event| event.fact.step()).map(ToString::to_string).collect()
}

#[test]
fn e0_6_all_that_is_due_fires_first_by_due_time_and_then_in_the_order_of_the_file() {
    let mut driver = Driver::start(
        "
steps:
  - {id: late, type: timer, delay: 30m}
  - {id: b, type: timer, delay: 10m}
  - {id: ask, type: human_approval, timeout: 20m, on_timeout: skip}
  - {id: a, type: timer, delay: 10m}
  - {id: wait, type: wait_for, message: m, timeout: 15m, on_error: skip_step}
  - {id: work}
",
    );
    let events = driver.at("25m").gives(message("other", json!({})));
    assert_eq!(steps_of(&events), ["b", "a", "wait", "ask"]);
    assert_eq!(kinds(&events).last().map(String::as_str), Some("message_received"));
    assert_eq!(driver.step("late"), "waiting");
}

#[test]
fn e0_6_what_follows_from_what_was_due_counts_for_the_input() {
    // The timer opens the wait, so that the message finds it; the wait's own time begins then.
    let mut driver = Driver::start(
        "
steps:
  - {id: t, type: timer, delay: 10m}
  - {id: w, type: wait_for, message: m, timeout: 10m, depends_on: [t]}
  - {id: ask, type: human_approval, depends_on: [w]}
",
    );
    driver.at("1h").gives(message("m", json!({"n": 1})));
    assert_eq!((driver.step("w"), driver.output("w")), ("completed", json!({"n": 1})));
    driver.gives_by("ana", decide("ask", Decided::Approved));
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e0_6_a_decision_behind_the_timeout_of_its_approval_is_refused_and_one_before_it_is_not() {
    let text = "steps: [{id: ask, type: human_approval, timeout: 10m, on_timeout: skip}, {id: t, depends_on: [ask]}]";
    let mut driver = Driver::start(text);
    driver.at("11m").refuses(decide("ask", Decided::Approved));
    let mut driver = Driver::start(text);
    driver.at("9m").gives(decide("ask", Decided::Approved));
    assert_eq!(driver.step("ask"), "completed");
}

#[test]
fn e0_6_a_cancel_behind_the_end_that_was_due_is_a_conflict() {
    let mut driver = Driver::start("steps: [{id: t, type: timer, delay: 10m}]");
    let rejected = driver.at("11m").refuses(cancel());
    assert_eq!(rejected.kind(), process_engine::RejectedKind::Conflict);
    driver.tick();
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e0_6_a_result_behind_the_timeout_of_its_attempt_is_refused() {
    let mut driver = Driver::start("steps: [{id: a, timeout: 10m, on_error: skip_step}]");
    driver.hand_out();
    let (visit, token) = driver.attempt("a");
    let outcome = Outcome::Completed(json!({}));
    driver.at("11m").refuses(Input::Result { visit, token, outcome, cost: None });
    driver.tick();
    assert_eq!((driver.step("a"), driver.status()), ("skipped", "completed"));
}

const INSTANT: &str = "
steps:
  - {id: tick, type: timer, delay: 10m, cancels: [work, ask, msg]}
  - {id: work, cancels: [ask, msg]}
  - {id: ask, type: human_approval, cancels: [msg]}
  - {id: msg, type: wait_for, message: m}
  - {id: long, type: timer, delay: 1h}
";

#[test]
fn e0_7_at_one_instant_the_timer_comes_before_result_decision_message_and_cancel() {
    check(
        INSTANT,
        "
steps: {work: {takes: 10m}, ask: {decision: approved, after: 10m}}
messages: [{name: m, at: 10m}]
cancel_at: 10m
expect:
  status: cancelled
  steps: {tick: completed, work: cancelled, ask: cancelled, msg: cancelled, long: cancelled}
  duration: 10m
",
    );
}

#[test]
fn e0_7_the_result_comes_before_decision_message_and_cancel() {
    check(
        &INSTANT.replace("delay: 10m", "delay: 11m"),
        "
steps: {work: {takes: 10m}, ask: {decision: approved, after: 10m}}
messages: [{name: m, at: 10m}]
cancel_at: 10m
expect:
  status: cancelled
  steps: {tick: cancelled, work: completed, ask: cancelled, msg: cancelled}
",
    );
}

#[test]
fn e0_7_the_decision_comes_before_message_and_cancel_and_the_message_before_the_cancel() {
    check(
        &INSTANT.replace("delay: 10m", "delay: 11m"),
        "
steps: {work: {takes: 1h}, ask: {decision: approved, after: 10m}}
messages: [{name: m, at: 10m}]
cancel_at: 10m
expect: {status: cancelled, steps: {work: cancelled, ask: completed, msg: cancelled}}
",
    );
    check(
        &INSTANT.replace("delay: 10m", "delay: 11m"),
        "
steps: {work: {takes: 1h}}
messages: [{name: m, at: 10m}]
cancel_at: 10m
expect: {status: cancelled, steps: {work: cancelled, ask: cancelled, msg: completed}}
",
    );
}

#[test]
fn e0_7_a_result_at_the_instant_at_which_its_time_is_over_is_in_time() {
    check(
        "steps: [{id: a, timeout: 10m}]",
        "steps: {a: {takes: 10m}}\nexpect: {status: completed, duration: 10m}",
    );
}

#[test]
fn e0_7_a_chain_of_timers_and_work_at_one_instant_is_done_before_a_decision() {
    // Each of them takes no time, and the approval opens behind them at the same instant.
    check(
        "
steps:
  - {id: t, type: timer, delay: 10m}
  - {id: a, depends_on: [t]}
  - {id: u, type: timer, delay: 0s, depends_on: [a]}
  - {id: b, depends_on: [u], cancels: [ask]}
  - {id: ask, type: human_approval}
",
        "
steps: {ask: {decision: approved, after: 10m}}
expect: {status: completed, steps: {b: completed, ask: cancelled}}
",
    );
}
