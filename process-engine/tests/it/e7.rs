//! Failure: where it goes, and what becomes of the rest.

use process_engine::{Input, Rejected, VisitState};
use serde_json::json;

use crate::{
    check::{check, has_problem, result},
    driver::{Driver, cancel, claim, kind, message},
};

#[test]
fn e7_1_a_failure_fails_the_process_when_nothing_is_said() {
    check(
        "steps: [{id: a}, {id: b, depends_on: [a]}]",
        "steps: {a: {error: broken}}\nexpect: {status: failed, steps: {a: failed, b: pending}}",
    );
    check(
        "steps: [{id: a, on_error: fail_process}, {id: b, depends_on: [a]}]",
        "steps: {a: {error: broken}}\nexpect: {status: failed, steps: {a: failed, b: pending}}",
    );
}

#[test]
fn e7_2_no_new_step_starts_running_ones_stop_compensation_runs_and_the_process_fails() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: bad, depends_on: [a]}
  - {id: slow, depends_on: [a]}
  - {id: next, depends_on: [slow]}
",
        "
steps: {bad: {error: broken, takes: 1m}, slow: {takes: 1h}, a/compensation: {takes: 5m}}
expect:
  status: failed
  steps: {a: compensated, bad: failed, slow: cancelled, next: pending}
  compensated: [a]
  duration: 6m
",
    );
}

#[test]
fn e7_3_there_is_no_action_compensate_because_fail_process_compensates() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a], on_error: compensate}
",
        "steps: {b: {error: broken}}\nexpect: {status: failed, compensated: [a]}",
    );
    has_problem("steps: [{id: a, on_error: compensate}]", "dialect");
}

#[test]
fn e7_4_skip_step_skips_with_the_reason_error_and_makes_the_arcs_live() {
    check(
        "
steps:
  - {id: a, on_error: skip_step, retry: {max_attempts: 2, initial_delay: 1m}}
  - {id: b, depends_on: [a], message: \"{{ steps.a.error }} {{ steps.a.skip_reason }} {{ steps.a.output | default('-') }}\"}
",
        "
steps: {a: {error: broken}}
expect:
  status: completed
  steps: {a: skipped, b: completed}
  skip_reasons: {a: error}
  attempts: {a: 2}
  message: {b: broken error -}
",
    );
}

#[test]
fn e7_5_a_goto_that_is_not_taken_skips_its_target_by_route() {
    check(
        "
steps:
  - {id: a, on_error: {goto: repair}}
  - {id: b, depends_on: [a]}
  - {id: repair}
  - {id: c, depends_on: [b, repair]}
",
        "
expect:
  status: completed
  steps: {repair: skipped, c: completed}
  skip_reasons: {repair: route}
",
    );
}

#[test]
fn e7_5_a_step_that_is_skipped_takes_no_goto() {
    check(
        "
steps:
  - {id: a, condition: 'false', on_error: {goto: repair}}
  - {id: repair}
",
        "expect: {status: completed, skip_reasons: {a: condition, repair: route}}",
    );
}

#[test]
fn e7_6_a_step_whose_failure_went_to_a_goto_stays_failed_and_the_process_may_complete() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a], on_error: {goto: repair}}
  - {id: c, depends_on: [b]}
  - {id: d, depends_on: [b], join: any}
  - {id: repair, message: '{{ steps.b.error }}'}
  - {id: end, depends_on: [c, repair]}
",
        "
steps: {b: {error: broken}}
expect:
  status: completed
  steps: {a: completed, b: failed, c: skipped, d: skipped, repair: completed, end: completed}
  skip_reasons: {c: upstream, d: upstream}
  message: {repair: broken}
  compensated: []
",
    );
}

#[test]
fn e7_6_gotos_may_be_chained() {
    check(
        "
steps:
  - {id: a, on_error: {goto: b}}
  - {id: b, on_error: {goto: c}}
  - {id: c, on_error: {goto: d}}
  - {id: d}
  - {id: e, depends_on: [d]}
",
        "
steps: {a: {error: broken}, b: {error: broken}}
expect:
  status: completed
  steps: {a: failed, b: failed, c: completed, d: skipped, e: skipped}
  skip_reasons: {d: route, e: upstream}
",
    );
}

#[test]
fn e7_7_a_goto_target_that_depends_on_the_failing_step_is_an_error() {
    has_problem(
        "steps: [{id: a, on_error: {goto: b}}, {id: b, depends_on: [a]}]",
        "error goto_dependency",
    );
}

#[test]
fn e7_7_a_goto_target_behind_a_follower_of_the_failing_step_runs() {
    // b is skipped when a has failed, and one live arc is enough for c.
    check(
        "
steps:
  - {id: a, on_error: {goto: c}}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [b]}
",
        "
steps: {a: {error: broken}}
expect: {status: completed, steps: {a: failed, b: skipped, c: completed}}
",
    );
}

#[test]
fn e7_8_a_goto_backwards_is_a_back_route() {
    has_problem("steps: [{id: a}, {id: b, depends_on: [a], on_error: {goto: a}}]", "info loop");
    check(
        "
steps:
  - {id: a}
  - {id: x, depends_on: [a]}
  - {id: b, depends_on: [a], on_error: {goto: a}}
  - {id: c, depends_on: [b, x]}
",
        "
steps: {b: [{error: broken, takes: 1m}, {output: {}}], x: {takes: 5m}}
expect:
  status: completed
  visits: {a: 2, b: 2, x: 2, c: 1}
  duration: 6m
",
    );
}

#[test]
fn e7_9_of_two_failures_at_one_instant_the_first_event_decides() {
    let data = result(
        "
steps:
  - {id: a}
  - {id: b, on_error: {goto: repair}}
  - {id: c, on_error: skip_step}
  - {id: repair}
",
        "
steps: {a: {error: first, takes: 1m}, b: {error: second, takes: 1m}, c: {error: third, takes: 1m}}
expect:
  status: failed
  steps: {a: failed, b: cancelled, c: cancelled, repair: pending}
  duration: 1m
",
    );
    assert_eq!(data["error"], "first");
}

#[test]
fn e7_9_of_two_failures_at_one_instant_one_that_is_handled_first_is_handled() {
    let data = result(
        "
steps:
  - {id: b, on_error: {goto: repair}}
  - {id: a}
  - {id: repair}
",
        "
steps: {a: {error: second, takes: 1m}, b: {error: first, takes: 1m}, repair: {takes: 1m}}
expect: {status: failed, steps: {a: failed, b: failed}, duration: 1m}
",
    );
    assert_eq!(data["error"], "second");
}

const EVERYTHING: &str = "
steps:
  - {id: bad}
  - {id: run}
  - {id: ask, type: human_approval}
  - {id: tick, type: timer, delay: 1h}
  - {id: msg, type: wait_for, message: m}
  - {id: until, type: wait_for, until: steps.run.n > 1}
  - {id: retrying, retry: {max_attempts: 3, initial_delay: 1h}}
  - {id: many, foreach: {in: [1, 2, 3], max_parallel: 1}}
  - {id: poll, repeat: {until: steps.poll.done, max: 9, delay: 1h}}
  - {id: fired, foreach: {in: [1, 2], wait: false}}
  - {id: follower, depends_on: [fired]}
  - {id: after, depends_on: [run]}
  - {id: behind, depends_on: [after]}
  - {id: g, type: gateway, depends_on: [run], routes: [{default: true, next: x}]}
  - {id: x}
";

#[test]
fn e7_10_steps_that_never_started_stay_pending_and_waiting_ones_become_cancelled() {
    check(
        EVERYTHING,
        "
steps:
  bad: {error: broken, takes: 1m}
  run: {takes: 1h}
  retrying: {error: broken}
  many: {takes: 40s}
  fired: {takes: 5m}
expect:
  status: failed
  steps: {bad: failed, run: cancelled, ask: cancelled, tick: cancelled, msg: cancelled, until: cancelled,
          retrying: cancelled, many: cancelled, poll: cancelled, fired: cancelled, follower: completed,
          after: pending, behind: pending, g: pending, x: pending}
  duration: 1m
",
    );
}

#[test]
fn e7_10_the_same_holds_for_a_cancel() {
    check(
        EVERYTHING,
        "
steps:
  run: {takes: 1h}
  retrying: {error: broken}
  many: {takes: 40s}
  fired: {takes: 5m}
cancel_at: 1m
expect:
  status: cancelled
  steps: {bad: completed, run: cancelled, ask: cancelled, tick: cancelled, msg: cancelled, until: cancelled,
          retrying: cancelled, many: cancelled, poll: cancelled, fired: cancelled, follower: completed,
          after: pending, behind: pending, g: pending, x: pending}
  duration: 1m
",
    );
}

#[test]
fn e7_10_steps_that_only_wait_for_their_mutex_have_never_started() {
    check(
        "
steps:
  - {id: holder, mutex: m}
  - {id: plain, mutex: m}
  - {id: ask, mutex: m, type: human_approval}
  - {id: many, mutex: m, foreach: {in: [1, 2]}}
  - {id: poll, mutex: m, repeat: {until: steps.poll.done, max: 3}}
  - {id: bad}
",
        "
steps: {holder: {takes: 1h}, bad: {error: broken, takes: 1m}}
expect:
  status: failed
  steps: {holder: cancelled, plain: pending, ask: pending, many: pending, poll: pending}
",
    );
}

#[test]
fn e7_10_a_step_whose_next_attempt_waits_for_its_mutex_becomes_cancelled() {
    check(
        "
steps:
  - {id: a, mutex: m, retry: {max_attempts: 2, initial_delay: 10m}}
  - {id: b, mutex: m}
  - {id: bad}
",
        "
steps: {a: {error: broken, takes: 1m}, b: {takes: 1h}, bad: {error: broken, takes: 20m}}
expect:
  status: failed
  steps: {a: cancelled, b: cancelled, bad: failed}
  duration: 20m
",
    );
}

#[test]
fn e7_10_a_step_whose_claim_ran_out_becomes_cancelled() {
    let mut driver = Driver::start("steps: [{id: a}, {id: b, depends_on: [a]}]");
    driver.gives(claim("a", "10m"));
    driver.at("11m").tick();
    driver.at("12m").gives(cancel());
    assert_eq!(
        (driver.status(), driver.step("a"), driver.step("b")),
        ("cancelled", "cancelled", "pending")
    );
}

#[test]
fn e7_10_a_second_visit_that_never_started_leaves_its_step_pending() {
    check(
        "
steps:
  - {id: t, mutex: m}
  - {id: g, type: gateway, depends_on: [t], routes: [{condition: 'true', next: t}]}
  - {id: other, mutex: m}
  - {id: bad}
",
        "
steps: {t: {takes: 1m}, other: {takes: 1h}, bad: {error: broken, takes: 10m}}
expect: {status: failed, steps: {t: pending, g: pending, other: cancelled}, visits: {t: 2}, duration: 10m}
",
    );
}

#[test]
fn e7_11_a_failure_beside_a_waiting_approval_closes_it() {
    let mut driver = Driver::start("steps: [{id: ask, type: human_approval}, {id: bad}]");
    driver.hand_out().fails("bad");
    assert_eq!((driver.status(), driver.step("ask")), ("failed", "cancelled"));
    let rejected =
        driver.refuses(crate::driver::decide("ask", process_core::event::Decided::Approved));
    assert!(matches!(rejected, Rejected::Ended(_)), "{rejected}");
    assert_eq!(driver.visit("ask", 1), Some(VisitState::Cancelled));
}

#[test]
fn e7_15_the_terminal_status_is_the_last_event_of_a_process() {
    let text = "
steps:
  - {id: a, compensation: {type: manual}, roles: {informed: [boss]}}
  - {id: b, depends_on: [a], roles: {monitors: [boss]}}
on_failure: [{type: log, message: failed}]
on_success: [{type: log, message: done}]
";
    let mut failed = Driver::start(text);
    failed.hand_out().completes("a", json!({}));
    failed.hand_out().fails("b");
    assert_eq!(failed.status(), "in_progress");
    failed.compensates(process_engine::Outcome::Completed(json!({})));
    let mut completed = Driver::start(text);
    completed.hand_out().completes("a", json!({}));
    completed.hand_out().completes("b", json!({}));
    let mut cancelled = Driver::start(text);
    cancelled.hand_out();
    cancelled.gives(cancel());
    cancelled.at("1m").tick();
    for (driver, status) in [(failed, "failed"), (completed, "completed"), (cancelled, "cancelled")]
    {
        assert_eq!(driver.status(), status);
        assert_eq!(driver.journal.last().map(kind).as_deref(), Some("process_ended"), "{status}");
        assert_eq!(driver.count("process_ended"), 1);
    }
}

#[test]
fn e7_16_a_second_cancel_changes_nothing_and_one_behind_the_end_is_a_conflict() {
    let mut driver =
        Driver::start("steps: [{id: a, compensation: {type: manual}}, {id: b, depends_on: [a]}]");
    driver.hand_out().completes("a", json!({}));
    driver.hand_out().gives(cancel());
    assert_eq!(driver.status(), "in_progress");
    assert!(driver.gives(cancel()).is_empty());
    driver.at("1m").tick();
    assert!(driver.gives(cancel()).is_empty());
    driver.compensates(process_engine::Outcome::Completed(json!({})));
    assert_eq!(driver.status(), "cancelled");
    let rejected = driver.refuses(cancel());
    assert_eq!(rejected.kind(), process_engine::RejectedKind::Conflict);
}

#[test]
fn e7_16_a_cancel_while_a_failure_is_on_its_way_changes_nothing() {
    let mut driver =
        Driver::start("steps: [{id: a, compensation: {type: manual}}, {id: b, depends_on: [a]}]");
    driver.hand_out().completes("a", json!({}));
    driver.hand_out().fails("b");
    assert!(driver.gives(cancel()).is_empty());
    driver.compensates(process_engine::Outcome::Completed(json!({})));
    assert_eq!(driver.status(), "failed");
}

#[test]
fn e7_2_on_the_way_to_the_end_nothing_is_dispatched_and_messages_and_items_start_nothing() {
    let mut driver = Driver::start(
        "
stop_grace: 1h
steps:
  - {id: bad}
  - {id: many, foreach: {in: [1, 2], max_parallel: 1}}
  - {id: msg, type: wait_for, message: m}
  - {id: after, depends_on: [msg]}
",
    );
    driver.hand_out().fails("bad");
    assert_eq!((driver.step("many"), driver.step("msg")), ("in_progress", "cancelled"));
    assert_eq!(driver.run().dispatchable().count(), 0);
    let _ = driver.tries("ada", message("m", json!({})));
    let _ = driver.tries("ada", Input::AddItem { step: crate::driver::id("many"), item: json!(3) });
    driver.completes("many#1", json!(1));
    assert_eq!(
        (
            driver.status(),
            driver.step("after"),
            driver.run().step("many").map(process_engine::StepState::visits)
        ),
        ("failed", "pending", Some(1))
    );
}
