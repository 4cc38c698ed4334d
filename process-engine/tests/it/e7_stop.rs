//! The time that running steps have when a process fails or is cancelled.

use process_core::ProcessStatus;
use process_engine::{Input, Outcome, Rejected};
use serde_json::json;

use crate::{
    check::{check, result},
    driver::{Driver, cancel},
};

const GRACE: &str = "
stop_grace: 10s
steps:
  - {id: bad}
  - {id: soon, compensation: {type: manual}, cancels: [other]}
  - {id: late, compensation: {type: manual}}
  - {id: fails, on_error: {goto: repair}}
  - {id: retries, retry: {max_attempts: 5, initial_delay: 1s}}
  - {id: repair}
  - {id: after, depends_on: [soon]}
  - {id: other, type: timer, delay: 1h}
";

#[test]
fn e7_12_a_result_within_stop_grace_counts_and_is_compensated() {
    let data = result(
        GRACE,
        "
steps:
  bad: {error: broken, takes: 1m}
  soon: {takes: 65s}
  late: {takes: 75s}
  fails: {takes: 62s, error: bad too}
  retries: {takes: 63s, error: bad as well}
expect:
  status: failed
  steps: {soon: compensated, late: cancelled, fails: failed, retries: failed, repair: pending, after: pending,
          other: cancelled}
  attempts: {retries: 1}
  compensated: [soon]
  duration: 70s
",
    );
    assert_eq!(data["error"], "broken");
}

#[test]
fn e7_12_when_all_have_ended_nobody_waits_for_the_rest_of_stop_grace() {
    check(
        "
stop_grace: 10m
steps:
  - {id: bad}
  - {id: run, compensation: {type: manual}}
",
        "
steps: {bad: {error: broken, takes: 1m}, run: {takes: 2m}}
expect: {status: failed, steps: {run: compensated}, compensated: [run], duration: 2m}
",
    );
}

#[test]
fn e7_12_in_a_simulation_stop_grace_is_0_unless_it_is_written() {
    check(
        "steps: [{id: bad}, {id: run}]",
        "steps: {bad: {error: broken, takes: 1m}, run: {takes: 61s}}\nexpect: {status: failed, steps: {run: cancelled}, duration: 1m}",
    );
}

#[test]
fn e7_12_the_same_holds_for_a_cancel() {
    check(
        GRACE,
        "
steps: {bad: {takes: 1h}, soon: {takes: 65s}, late: {takes: 1h}, fails: {takes: 1h}, retries: {takes: 1h}}
cancel_at: 1m
expect:
  status: cancelled
  steps: {bad: cancelled, soon: compensated, late: cancelled}
  compensated: [soon]
  duration: 70s
",
    );
}

#[test]
fn e7_12_a_timeout_within_stop_grace_ends_the_attempt() {
    check(
        "
stop_grace: 1h
steps:
  - {id: bad}
  - {id: run, timeout: 5m, retry: {max_attempts: 3, initial_delay: 1m}}
",
        "
steps: {bad: {error: broken, takes: 1m}, run: {hang: true}}
expect: {status: failed, steps: {run: failed}, attempts: {run: 1}, duration: 5m}
",
    );
}

#[test]
fn e7_13_behind_stop_grace_they_are_cancelled_in_doubt_and_named_in_the_warnings() {
    let mut driver = Driver::start(
        "
stop_grace: 10s
steps:
  - {id: bad}
  - {id: run}
  - {id: wait, type: timer, delay: 1h}
",
    );
    driver.hand_out();
    let (visit, token) = driver.attempt("run");
    driver.fails("bad");
    assert_eq!((driver.step("run"), driver.step("wait")), ("in_progress", "cancelled"));
    driver.at("9s").tick();
    assert_eq!(driver.step("run"), "in_progress");
    driver.at("11s").tick();
    assert_eq!((driver.status(), driver.step("run")), ("failed", "cancelled"));
    let doubts: Vec<bool> = driver
        .journal
        .iter()
        .map(process_core::Event::to_value)
        .filter(|event| event["type"] == "step_cancelled" && event["step"] == "run")
        .map(|event| event["in_doubt"] == true)
        .collect();
    assert_eq!(doubts, [true]);
    let warnings = driver.run().warnings().join("\n");
    assert!(warnings.contains("`run`") && !warnings.contains("`wait`"), "{warnings}");
    let outcome = Outcome::Completed(json!({}));
    driver.refuses(Input::Result { visit, token, outcome, cost: None });
}

#[test]
fn e7_13_a_late_result_is_refused_also_while_compensation_runs() {
    let mut driver = Driver::start(
        "
stop_grace: 10s
steps:
  - {id: a, compensation: {type: manual}}
  - {id: bad, depends_on: [a]}
  - {id: run, depends_on: [a]}
",
    );
    driver.hand_out().completes("a", json!({}));
    driver.hand_out();
    let (visit, token) = driver.attempt("run");
    driver.fails("bad");
    driver.at("11s").tick();
    assert_eq!(driver.status(), "in_progress");
    let outcome = Outcome::Completed(json!({}));
    let rejected = driver.refuses(Input::Result { visit, token, outcome, cost: None });
    assert!(matches!(rejected, Rejected::OldToken { .. }), "{rejected}");
}

#[test]
fn e7_14_until_compensation_has_ended_the_process_is_in_progress_and_tells_its_ending() {
    let text = "steps: [{id: a, compensation: {type: manual}}, {id: b, depends_on: [a]}]";
    let mut driver = Driver::start(text);
    driver.hand_out().completes("a", json!({}));
    driver.hand_out().fails("b");
    assert_eq!(driver.status(), "in_progress");
    assert_eq!(driver.run().ending().map(|ending| ending.status), Some(ProcessStatus::Failed));
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!((driver.status(), driver.run().ending()), ("failed", None));

    let mut driver = Driver::start(text);
    driver.hand_out().completes("a", json!({}));
    driver.gives(cancel());
    assert_eq!(driver.status(), "in_progress");
    assert_eq!(driver.run().ending().map(|ending| ending.status), Some(ProcessStatus::Cancelled));
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!(driver.status(), "cancelled");
}

#[test]
fn e7_14_a_process_that_fails_while_it_is_paused_is_in_progress_until_it_has_ended() {
    let mut driver =
        Driver::start("steps: [{id: a, compensation: {type: manual}}, {id: b, depends_on: [a]}]");
    driver.hand_out().completes("a", json!({}));
    driver.hand_out();
    driver.gives(Input::Pause);
    driver.fails("b");
    assert_eq!(driver.status(), "in_progress");
    // A compensator is dispatched like any other work, and nothing is while the process is paused.
    driver.gives(Input::Resume);
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!(driver.status(), "failed");
}

#[test]
fn e7_14_a_cancel_of_a_paused_process_ends_it() {
    let mut driver =
        Driver::start("steps: [{id: a, compensation: {type: manual}}, {id: b, depends_on: [a]}]");
    driver.hand_out().completes("a", json!({}));
    driver.hand_out();
    driver.gives(Input::Pause);
    driver.gives(cancel());
    assert_eq!((driver.status(), driver.step("b")), ("in_progress", "in_progress"));
    driver.at("11s").tick();
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!(
        (driver.status(), driver.step("a"), driver.step("b")),
        ("cancelled", "compensated", "cancelled")
    );
}

#[test]
fn e7_12_an_item_of_a_foreach_that_ends_within_stop_grace_counts() {
    check(
        "
stop_grace: 10s
steps:
  - {id: bad}
  - {id: many, foreach: {in: [1, 2, 3], max_parallel: 2}, compensation: {type: manual}}
",
        "
steps: {bad: {error: broken, takes: 1m}, many: [{takes: 65s}, {takes: 2m}, {takes: 1s}]}
expect:
  status: failed
  visits: {many: 2}
  compensated: [many]
  duration: 70s
",
    );
}

#[test]
fn e7_13_a_foreach_that_was_stopped_is_cancelled() {
    check(
        "
steps:
  - {id: bad}
  - {id: many, foreach: {in: [1, 2, 3], max_parallel: 1}}
  - {id: none, foreach: {in: []}}
",
        "
steps: {bad: {error: broken, takes: 1m}, many: {takes: 40s}}
expect: {status: failed, steps: {many: cancelled, none: completed}, visits: {many: 2}, attempts: {many: 2}}
",
    );
}
