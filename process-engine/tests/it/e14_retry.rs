//! E14: trying again what did not end well.

use crate::harness::Bench;

const CHAIN: &str = "steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a]}
  - {id: c, depends_on: [b]}
  - {id: d, depends_on: [c]}
  - {id: side, depends_on: [a]}
";

/// A chain whose third step failed, and whose first was undone.
fn failed_chain() -> Bench {
    let mut bench = Bench::started(CHAIN);
    bench.does("0 dispatch a / 0 ok a / 0 dispatch b / 0 ok b / 0 dispatch side / 0 ok side");
    bench.does("0 dispatch c / 1m fail c no / 1m ok a");
    let steps = "a: compensated, b: completed, c: failed, d: pending, side: completed";
    assert_eq!((bench.status(), bench.steps().as_str()), ("failed", steps));
    bench
}

#[test]
fn e14_14_retry_takes_what_failed_and_what_was_undone() {
    let mut bench = failed_chain();
    bench.does("5m retry");
    let steps = "a: pending, b: completed, c: pending, d: pending, side: completed";
    assert_eq!((bench.status(), bench.steps().as_str()), ("in_progress", steps));
    bench.does("6m dispatch a / 6m ok a");
    bench.does("6m dispatch c / 6m ok c / 6m dispatch d / 6m ok d");
    assert_eq!(bench.status(), "completed");
    assert_eq!(bench.state("c").visits(), 2);
}

#[test]
fn e14_13_retry_from_a_step_takes_what_follows_and_what_was_undone() {
    let mut bench = failed_chain();
    bench.does("5m retry b");
    let steps = "a: pending, b: pending, c: pending, d: pending, side: completed";
    assert_eq!(bench.steps(), steps);
}

/// E14.13: a step before it that was undone is done first.
#[test]
fn e14_13_what_was_undone_is_done_before_what_follows_it() {
    let mut bench = failed_chain();
    bench.does("5m retry b");
    assert_eq!(bench.dispatchable(), "a#2");
    bench.does("6m dispatch a / 7m ok a");
    assert_eq!(bench.dispatchable(), "b#2");
}

#[test]
fn e14_14_retry_behind_a_cancel_takes_what_was_cancelled_and_never_began() {
    let text = "steps:
  - {id: ap, type: human_approval}
  - {id: b, depends_on: [ap]}
  - {id: c}
";
    let mut bench = Bench::started(text);
    bench.does("0 cancel / 1m retry");
    assert_eq!(bench.steps(), "ap: waiting, b: pending, c: pending");
    bench.does("2m approve ap / 2m dispatch b / 2m ok b / 2m dispatch c / 2m ok c");
    assert_eq!(bench.status(), "completed");
}

/// E14.14, E16.1: nor is anything forgotten that was about to begin.
#[test]
fn e14_14_what_was_about_to_begin_while_paused_begins() {
    let text = "steps:
  - {id: x}
  - {id: y, depends_on: [x]}
  - {id: ap, type: human_approval}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch x / 1m pause / 2m ok x / 3m cancel / 4m retry");
    assert_eq!(bench.steps(), "x: completed, y: pending, ap: waiting");
    assert_eq!(bench.dispatchable(), "y#1");
    bench.does("5m approve ap / 5m dispatch y / 5m ok y");
    assert_eq!(bench.status(), "completed");
}

/// E14.14: a process that ended before anything failed goes on where it stood.
#[test]
fn e14_14_a_process_that_was_cancelled_while_paused_can_be_tried_again() {
    let mut bench = Bench::started("steps: [{id: x}, {id: y, depends_on: [x]}]");
    bench.does("0 dispatch x / 1m pause / 2m ok x / 3m cancel / 4m retry");
    assert_eq!(bench.dispatchable(), "y#1");
}

/// E14.14: followers of what failed are taken as well.
#[test]
fn e14_14_what_followed_a_failure_is_done_again() {
    let text = "steps:
  - {id: a, on_error: {goto: plan_b}}
  - {id: b, depends_on: [a]}
  - {id: plan_b}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 fail a no");
    assert_eq!(bench.steps(), "a: failed, b: skipped upstream, plan_b: pending");
    bench.does("1m retry / 2m dispatch a / 2m ok a / 2m dispatch b / 2m ok b");
    assert_eq!(bench.steps(), "a: completed, b: completed, plan_b: skipped route");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e14_13_retry_from_a_step_that_has_not_begun_is_refused() {
    let mut bench = failed_chain();
    assert!(bench.refuses("5m retry d").starts_with("Conflict"));
    assert_eq!(bench.refuses("5m retry nobody"), "NotFound: there is no step `nobody`");
}

#[test]
fn e14_14_there_must_be_something_to_try_again() {
    let mut bench = Bench::started("steps: [{id: a}]");
    assert_eq!(bench.refuses("0 retry"), "Conflict: there is nothing to try again");
    bench.does("0 dispatch a / 0 ok a");
    assert_eq!(bench.refuses("1m retry"), "Conflict: there is nothing to try again");
    // From a step it is always possible to go on anew.
    bench.does("1m retry a / 2m dispatch a / 2m ok a");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e14_14_retry_on_the_way_to_the_end_is_refused() {
    let mut bench = Bench::started("steps: [{id: a}, {id: b}]");
    bench.does("0 dispatch a / 0 dispatch b / 1m fail a no");
    assert!(bench.refuses("1m1s retry").starts_with("Conflict"));
    bench.does("1m10s tick / 2m retry");
    assert_eq!(bench.dispatchable(), "a#2, b#2");
}

/// E8.3: what was undone is not undone again, and what is done again is.
#[test]
fn e8_3_behind_a_retry_each_visit_is_undone_once() {
    let mut bench = failed_chain();
    bench.does("5m retry / 6m dispatch a / 6m ok a / 6m dispatch c");
    let failed = bench.kinds("7m fail c no");
    assert_eq!(failed, "step_failed c#2, ending c, compensation_started a#2");
    assert!(bench.kinds("7m ok a").ends_with("step_compensated a#2, process_ended"));
}

/// E8.7: what could not be undone stands as it is, and may be done again.
#[test]
fn e8_7_what_could_not_be_undone_is_left() {
    let mut bench = Bench::started(CHAIN);
    bench.does("0 dispatch a / 0 ok a / 0 dispatch b / 1m fail b no");
    let left = bench.does("1m fail a stuck");
    assert!(left.contains("left=[\"a\"]"), "{left}");
    assert_eq!(bench.step("a"), "completed");
    assert_eq!(bench.state("a").compensation_error(), Some("stuck"));
    bench.does("2m retry");
    assert_eq!(bench.step("a"), "completed");
}

/// E4.13: numbers of visits go on.
#[test]
fn e4_13_a_retry_uses_no_number_again() {
    let mut bench = Bench::started("steps: [{id: a}]");
    for visit in 1..=3 {
        bench.does(&format!("{visit}m dispatch a#{visit} / {visit}m fail a no / {visit}m retry"));
    }
    assert_eq!(bench.dispatchable(), "a#4");
    assert_eq!(bench.state("a").attempts(), 3);
}

/// E14.13, E16.1: what was about to be decided when the process failed is decided behind a retry.
#[test]
fn e14_13_a_retry_from_another_branch_forgets_no_join() {
    let text = "steps:
  - {id: a}
  - {id: b}
  - {id: c, depends_on: [b]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 ok a / 0 dispatch b / 0 fail b no / 1m retry a");
    bench.does("2m dispatch a / 2m ok a");
    assert_ne!(bench.status(), "in_progress", "nothing is open: {}", bench.steps());
}

#[test]
fn e14_24_what_failed_goes_on_by_another_definition() {
    let mut bench = failed_chain();
    let new = CHAIN.replace("{id: d, depends_on: [c]}", "{id: e, depends_on: [c]}");
    bench.adopt("5m", &new).expect("nothing is in the way");
    assert_eq!(bench.status(), "failed");
    bench.does("6m retry");
    let steps = "a: pending, b: completed, c: pending, e: pending, side: completed";
    assert_eq!((bench.status(), bench.steps().as_str()), ("in_progress", steps));
    bench.does("7m dispatch a / 7m ok a / 7m dispatch c / 7m ok c / 7m dispatch e / 7m ok e");
    assert_eq!(bench.status(), "completed");
    let refused = bench.adopt("8m", CHAIN).expect_err("it is completed");
    assert_eq!(refused.to_string(), "the process is completed");
}
