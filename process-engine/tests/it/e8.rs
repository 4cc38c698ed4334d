//! Compensation: what is undone, in which order, and what happens when that fails.

use process_core::StepStatus;
use process_engine::{Execution, Input, Outcome};
use serde_json::json;

use crate::{
    check::{check, check_with, has_problem, result},
    driver::{Driver, cancel, settle},
};

#[test]
fn e8_1_compensation_runs_on_a_failure_and_on_cancel() {
    let text = "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a]}
";
    check(
        text,
        "steps: {b: {error: broken}}\nexpect: {status: failed, steps: {a: compensated, b: failed}, compensated: [a]}",
    );
    check(
        text,
        "steps: {b: {takes: 1h}}\ncancel_at: 1m\nexpect: {status: cancelled, steps: {a: compensated, b: cancelled}, compensated: [a]}",
    );
    check(text, "expect: {status: completed, steps: {a: completed}, compensated: []}");
}

#[test]
fn e8_1_it_runs_on_budget_loop_limit_repeat_limit_and_no_route() {
    check(
        "
budget: {cost: '1.00', on_exceed: fail}
steps:
  - {id: a, type: agent_task, agent: w, message: m, compensation: {type: manual}}
  - {id: b, type: agent_task, agent: w, message: m, depends_on: [a]}
",
        "steps: {a: {cost: '1.00'}}\nexpect: {status: failed, compensated: [a]}",
    );
    check(
        "
max_visits: 2
steps:
  - {id: a, compensation: {type: manual}}
  - {id: g, type: gateway, depends_on: [a], routes: [{condition: 'true', next: a}]}
",
        "expect: {status: failed, compensated: [a, a]}",
    );
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: r, depends_on: [a], repeat: {until: 'false', max: 2}}
",
        "expect: {status: failed, compensated: [a]}",
    );
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: g, type: gateway, depends_on: [a], routes: [{condition: 'false', next: null}]}
",
        "expect: {status: failed, compensated: [a]}",
    );
}

#[test]
fn e8_2_it_starts_when_no_step_runs_any_more() {
    let mut driver = Driver::start(
        "
stop_grace: 1h
steps:
  - {id: a, compensation: {type: manual}}
  - {id: bad, depends_on: [a]}
  - {id: run, depends_on: [a], compensation: {type: manual}}
",
    );
    driver.hand_out().completes("a", json!({}));
    driver.hand_out().fails("bad");
    assert!(driver.run().compensating().is_none());
    driver.at("30m").completes("run", json!({}));
    // Newest first: what ended on the way to the end is undone first.
    assert_eq!(
        driver.journal.last().and_then(|event| event.fact.step()).map(process_core::StepId::as_str),
        Some("run")
    );
    driver.compensates(Outcome::Completed(json!({})));
    driver.compensates(Outcome::Completed(json!({})));
    let compensated: Vec<&str> =
        driver.run().compensated().into_iter().map(process_core::StepId::as_str).collect();
    assert_eq!((driver.status(), compensated), ("failed", vec!["run", "a"]));
}

#[test]
fn e8_3_it_runs_once_per_completed_visit_newest_completion_first() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, compensation: {type: manual}}
  - {id: c, compensation: {type: manual}}
  - {id: skipped, condition: 'false', compensation: {type: manual}}
  - {id: error, on_error: skip_step, compensation: {type: manual}}
  - {id: plain}
  - {id: never, depends_on: [bad], compensation: {type: manual}}
  - {id: bad, depends_on: [a, b, c], compensation: {type: manual}}
",
        "
steps: {a: {takes: 2m}, b: {takes: 3m}, c: {takes: 1m}, error: {error: broken}, bad: {error: broken}}
expect:
  status: failed
  compensated: [b, a, c]
  steps: {skipped: skipped, error: skipped, plain: completed, never: pending, bad: failed}
",
    );
}

#[test]
fn e8_3_every_visit_of_a_loop_and_of_each_is_compensated_once() {
    check(
        "
steps:
  - {id: draft, compensation: {type: manual}}
  - {id: review, depends_on: [draft], compensation: {type: manual}}
  - {id: g, type: gateway, depends_on: [review], routes: [{condition: steps.review.good, next: bad}, {default: true, next: draft}]}
  - {id: bad}
",
        "
steps: {review: [{output: {good: false}}, {output: {good: true}}], bad: {error: broken}}
expect: {status: failed, compensated: [review, draft, review, draft]}
",
    );
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each, compensation: {type: manual}}
  - {id: bad, depends_on: [t]}
",
        "
steps: {bad: {error: broken}}
expect: {status: failed, compensated: [t, t], steps: {t: compensated}}
",
    );
}

#[test]
fn e8_3_one_compensator_runs_after_the_other() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, compensation: {type: manual}}
  - {id: bad, depends_on: [a, b]}
",
        "
steps: {bad: {error: broken}, a/compensation: {takes: 2m}, b/compensation: {takes: 3m}}
expect: {status: failed, duration: 5m}
",
    );
}

#[test]
fn e8_4_items_are_compensated_one_by_one_also_when_the_step_as_a_whole_failed() {
    check(
        "
steps:
  - {id: call, foreach: {in: [1, 2, 3]}, compensation: {type: manual}}
",
        "
steps: {call: [{takes: 1m}, {takes: 3m, error: broken}, {takes: 2m}]}
expect: {status: failed, compensated: [call, call], duration: 3m}
",
    );
    check(
        "
steps:
  - {id: call, foreach: {in: [1, 2, 3], max_parallel: 1}, on_error: skip_step, compensation: {type: manual}}
  - {id: bad, depends_on: [call]}
",
        "
steps: {call: [{output: 1}, {error: broken}, {output: 3}], bad: {error: broken}}
expect: {status: failed, compensated: [call, call], steps: {call: compensated}}
",
    );
}

#[test]
fn e8_4_turns_are_compensated_one_by_one() {
    check(
        "
steps:
  - {id: poll, repeat: {until: steps.poll.n == 3, max: 5}, compensation: {type: manual}}
  - {id: bad, depends_on: [poll]}
",
        "
steps: {poll: [{output: {n: 1}}, {output: {n: 2}}, {output: {n: 3}}], bad: {error: broken}}
expect: {status: failed, compensated: [poll, poll, poll]}
",
    );
}

#[test]
fn e8_4_visits_that_were_reset_by_a_person_are_compensated_as_well() {
    let mut driver =
        Driver::start("steps: [{id: a, compensation: {type: manual}}, {id: b, depends_on: [a]}]");
    driver.hand_out().completes("a", json!({}));
    driver.gives(settle("a", StepStatus::Pending));
    driver.hand_out().completes("a", json!({}));
    driver.gives(cancel());
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!(
        driver.status(),
        "in_progress",
        "the first visit completed as well, and is to be undone"
    );
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!(driver.status(), "cancelled");
    assert_eq!(driver.count("step_compensated"), 2);
}

#[test]
fn e8_4_items_that_were_reset_while_the_others_ran_are_compensated_as_well() {
    let mut driver =
        Driver::start("steps: [{id: call, foreach: {in: [1, 2]}, compensation: {type: manual}}]");
    driver.hand_out().completes("call#1", json!({}));
    driver.gives(settle("call", StepStatus::Pending));
    driver.hand_out();
    driver.gives(cancel());
    driver.at("1m").tick();
    assert_eq!(driver.status(), "in_progress");
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!((driver.status(), driver.count("step_compensated")), ("cancelled", 1));
}

#[test]
fn e8_6_each_compensator_is_journalled_so_that_compensation_goes_on_after_a_crash() {
    let mut driver = Driver::start(
        "steps: [{id: a, compensation: {type: manual}}, {id: b, compensation: {type: manual}}, {id: bad, depends_on: [a, b]}]",
    );
    driver.hand_out().completes("a", json!({}));
    driver.completes("b", json!({}));
    driver.hand_out().fails("bad");
    driver.compensates(Outcome::Completed(json!({})));
    driver.execution = Execution::replay(&driver.journal);
    assert!(driver.tick().is_empty(), "what runs goes on under its token");
    driver.compensates(Outcome::Completed(json!({})));
    assert_eq!((driver.status(), driver.count("compensation_started")), ("failed", 2));
}

#[test]
fn e8_7_a_failing_compensator_is_tried_again_then_recorded_and_the_older_ones_run() {
    let data = result(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a], compensation: {type: manual, retry: {max_attempts: 3, initial_delay: 1m, backoff: fixed}}}
  - {id: c, depends_on: [b], compensation: {type: manual, retry: {max_attempts: 3, initial_delay: 1m, backoff: linear}}}
  - {id: bad, depends_on: [c]}
",
        "
steps:
  bad: {error: broken}
  b/compensation: {error: cannot undo}
  c/compensation: [{error: once}, {error: twice}, {output: {}}]
expect:
  status: failed
  steps: {a: compensated, b: completed, c: compensated}
  compensated: [c, a]
  # One and two minutes for c, one and one for b.
  duration: 5m
",
    );
    assert_eq!(data["steps"]["b"]["compensation_error"], "cannot undo");
    assert_eq!(data["error"], "broken");
}

#[test]
fn e8_7_a_compensator_that_hangs_ends_by_its_own_timeout() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a], compensation: {type: manual, timeout: 2m, retry: {max_attempts: 2, initial_delay: 1m}}}
  - {id: bad, depends_on: [b]}
",
        "
steps: {bad: {error: broken}, b/compensation: {hang: true}}
expect: {status: failed, steps: {a: compensated, b: completed}, compensated: [a], duration: 5m}
",
    );
}

#[test]
fn e8_7_a_compensator_whose_message_has_no_value_is_recorded_and_the_older_ones_run() {
    let data = result(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a], compensation: {type: manual, message: '{{ steps.b.output.missing }}'}}
  - {id: bad, depends_on: [b]}
",
        "
steps: {bad: {error: broken}}
expect: {status: failed, steps: {a: compensated, b: completed}, compensated: [a]}
",
    );
    assert!(data["steps"]["b"]["compensation_error"].is_string());
}

#[test]
fn e8_7_a_step_of_which_one_visit_could_not_be_undone_shows_the_error() {
    let data = result(
        "
steps:
  - {id: call, foreach: {in: [1, 2, 3], max_parallel: 1}, compensation: {type: manual}}
  - {id: bad, depends_on: [call]}
",
        "
steps: {bad: {error: broken}, call/compensation: [{output: {}}, {error: stuck}, {output: {}}]}
expect: {status: failed, compensated: [call, call]}
",
    );
    assert_eq!(data["steps"]["call"]["compensation_error"], "stuck");
}

#[test]
fn e8_8_the_process_ends_failed_or_cancelled_and_lists_what_is_left() {
    let text = "steps: [{id: a, compensation: {type: manual}}, {id: b, depends_on: [a]}]";
    let mut failed = Driver::start(text);
    failed.hand_out().completes("a", json!({}));
    failed.hand_out().fails("b");
    failed.compensates(Outcome::Failed("stuck".to_owned()));
    let mut cancelled = Driver::start(text);
    cancelled.hand_out().completes("a", json!({}));
    cancelled.gives(cancel());
    cancelled.compensates(Outcome::Failed("stuck".to_owned()));
    for (driver, status) in [(failed, "failed"), (cancelled, "cancelled")] {
        let end = driver.journal.last().map(process_core::Event::to_value).unwrap_or_default();
        assert_eq!(
            (driver.status(), &end["status"], &end["left"]),
            (status, &json!(status), &json!(["a"]))
        );
        assert_eq!(driver.step("a"), "completed");
    }
}

#[test]
fn e8_9_a_compensated_step_has_the_status_compensated_and_its_followers_keep_theirs() {
    check(
        "
steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a]}
  - {id: ask, type: human_approval, depends_on: [b], compensation: {type: notification, message: 'withdrawn {{ steps.ask.decided_by }}'}}
  - {id: tick, type: timer, delay: 1m, depends_on: [ask], compensation: {type: manual}}
  - {id: bad, depends_on: [tick]}
",
        "
steps: {ask: {decision: approved, by: ana}, bad: {error: broken}}
expect:
  status: failed
  compensated: [tick, ask, a]
  steps: {a: compensated, b: completed, ask: compensated, tick: compensated}
",
    );
}

const CHILD: (&str, &str) = (
    "other",
    "
steps:
  - {id: one, compensation: {type: manual}}
  - {id: two, depends_on: [one], compensation: {type: manual}}
",
);

#[test]
fn e8_10_a_sub_process_is_compensated_by_its_own_compensation_else_by_that_of_its_child() {
    check_with(
        &[CHILD],
        "
steps:
  - {id: before, compensation: {type: manual}}
  - {id: child, type: sub_process, process: other, depends_on: [before]}
  - {id: bad, depends_on: [child]}
",
        "
steps: {bad: {error: broken}, child/one: {takes: 1m}, child/two: {takes: 1m}}
expect: {status: failed, compensated: [child, before], steps: {child: compensated}}
",
    );
    check_with(
        &[CHILD],
        "
steps:
  - {id: child, type: sub_process, process: other, compensation: {type: manual}}
  - {id: bad, depends_on: [child]}
",
        "
steps: {bad: {error: broken}, child/compensation: {takes: 7m}}
expect: {status: failed, compensated: [child], duration: 7m}
",
    );
}

#[test]
fn e8_11_a_completed_child_takes_compensate_and_ends_compensated() {
    let mut driver = Driver::start(CHILD.1);
    driver.refuses(Input::Compensate);
    driver.hand_out().completes("one", json!({}));
    driver.hand_out().completes("two", json!({}));
    assert_eq!(driver.status(), "completed");
    driver.gives(Input::Compensate);
    assert_eq!(driver.status(), "in_progress");
    // Asked twice, it is undone once.
    assert!(driver.gives(Input::Compensate).is_empty());
    driver.compensates(Outcome::Completed(json!({})));
    driver.compensates(Outcome::Completed(json!({})));
    assert!(driver.run().end().is_some_and(|end| end.is_compensated));
    assert_eq!((driver.step("one"), driver.step("two")), ("compensated", "compensated"));
    assert!(driver.gives(Input::Compensate).is_empty());
}

#[test]
fn e8_12_compensation_may_not_be_the_id_of_a_step() {
    has_problem("steps: [{id: compensation}]", "error reserved_name");
}
