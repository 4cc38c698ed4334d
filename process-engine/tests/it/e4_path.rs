//! Visits: their numbers, the way that led to each, and how people name them.

use process_core::{StepStatus, event::Decided};
use process_engine::Rejected;
use serde_json::{Value, json};

use crate::{
    check::check,
    driver::{Driver, decide, settle},
};

/// Returns what a visit was told.
fn said(driver: &Driver, step: &str, visit: u32) -> Value {
    let visit = driver.run().step(step).and_then(|step| step.visit(visit));
    visit.and_then(|visit| visit.work()).map(|work| work["message"].clone()).unwrap_or_default()
}

#[test]
fn e4_13_visits_count_up_over_items_turns_loops_reset_and_retry_and_are_never_reused() {
    let mut driver = Driver::start(
        "
steps:
  - {id: t, foreach: {in: [1, 2]}}
  - {id: g, type: gateway, depends_on: [t], routes: [{condition: input.loop and steps.late.status == 'pending', next: t}, {default: true, next: null}]}
  - {id: late, depends_on: [t]}
",
    );
    driver.hand_out();
    driver.completes("t#1", json!(1));
    driver.completes("t#2", json!(2));
    // A person sets it back; then it fails and is tried again.
    driver.gives(settle("t", StepStatus::Pending));
    driver.hand_out();
    driver.completes("t#3", json!(3));
    driver.fails("t#4");
    assert_eq!(driver.status(), "failed");
    driver.gives(process_engine::Input::Retry { from: None });
    driver.hand_out();
    driver.completes("t#5", json!(5));
    driver.completes("t#6", json!(6));
    driver.hand_out().completes("late", json!({}));
    assert_eq!((driver.status(), driver.output("t")), ("completed", json!([5, 6])));
}

#[test]
fn e4_14_steps_x_is_the_visit_on_the_way_of_a_visit() {
    // Each visit of u is behind one visit of t; they run side by side and end out of order.
    let mut driver = Driver::start(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each}
  - {id: u, depends_on: [t], join: each, message: 'u {{ steps.t.n }}'}
  - {id: v, depends_on: [u], join: each, message: 'v {{ steps.t.n }} {{ steps.u.n }}'}
",
    );
    driver.hand_out();
    driver.completes("a", json!({}));
    driver.completes("b", json!({}));
    driver.hand_out();
    driver.completes("t#2", json!({"n": "second"}));
    driver.completes("t#1", json!({"n": "first"}));
    driver.hand_out();
    assert_eq!(said(&driver, "u", 1), "u second");
    assert_eq!(said(&driver, "u", 2), "u first");
    driver.completes("u#2", json!({"n": "of first"}));
    driver.completes("u#1", json!({"n": "of second"}));
    driver.hand_out();
    assert_eq!(said(&driver, "v", 1), "v first of first");
    assert_eq!(said(&driver, "v", 2), "v second of second");
}

#[test]
fn e4_14_the_status_of_a_step_is_that_of_the_visit_on_the_way() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each}
  - {id: u, depends_on: [t], join: each, condition: steps.t.status == 'completed'}
",
        "
steps: {b: {takes: 1m}, t: [{takes: 5m}, {takes: 10m}]}
expect:
  status: completed
  # The second visit of t runs while the first one is behind u.
  visits: {t: 2, u: 2}
  steps: {u: completed}
",
    );
}

#[test]
fn e4_14_what_a_step_says_of_an_error_is_that_of_the_visit_on_the_way() {
    let mut driver = Driver::start(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each, on_error: skip_step}
  - {id: u, depends_on: [t], join: each, message: \"{{ steps.t.status }} {{ steps.t.skip_reason }} {{ steps.t.error | default('-') }}\"}
",
    );
    driver.hand_out();
    driver.completes("a", json!({}));
    driver.completes("b", json!({}));
    driver.hand_out();
    driver.fails("t#1");
    driver.hand_out();
    assert_eq!(said(&driver, "u", 1), "skipped error broken");
    driver.completes("t#2", json!({}));
    driver.hand_out();
    assert_eq!(said(&driver, "u", 2), "completed null -");
}

#[test]
fn e4_14_in_a_loop_each_visit_sees_the_visit_before_it() {
    check(
        "
steps:
  - {id: draft, message: \"after {{ steps.review.said | default('nothing') }}\"}
  - {id: review, depends_on: [draft], message: 'of {{ steps.draft.n }}'}
  - {id: g, type: gateway, depends_on: [review], routes: [{condition: steps.review.good, next: publish}, {default: true, next: draft}]}
  - {id: publish, message: '{{ steps.draft.n }} {{ steps.review.said }}'}
",
        "
steps:
  draft: [{output: {n: 1}}, {output: {n: 2}}]
  review: [{output: {good: false, said: bad}}, {output: {good: true, said: fine}}]
expect:
  status: completed
  message: {draft: after bad, review: of 2, publish: 2 fine}
",
    );
}

#[test]
fn e4_14_a_step_off_the_way_is_seen_as_its_highest_visit_that_has_ended() {
    check(
        "
steps:
  - {id: a}
  - {id: b}
  - {id: t, depends_on: [a, b], join: each}
  - {id: wait, type: timer, delay: 3m}
  - {id: u, depends_on: [wait], message: '{{ steps.t.n }}'}
",
        "
steps: {b: {takes: 1m}, t: [{takes: 1m, output: {n: 1}}, {takes: 10m, output: {n: 2}}]}
expect: {status: completed, message: {u: '1'}}
",
    );
}

const TWO_APPROVALS: &str = "
steps:
  - {id: a}
  - {id: b}
  - {id: r, type: human_approval, depends_on: [a, b], join: each}
";

#[test]
fn e4_15_a_visit_is_accepted_wherever_a_step_is_and_e4_16_a_plain_step_when_one_is_open() {
    let mut driver = Driver::start(TWO_APPROVALS);
    driver.hand_out().completes("a", json!({}));
    driver.completes("b", json!({}));
    let rejected = driver.refuses(decide("r", Decided::Approved));
    assert!(
        matches!(&rejected, Rejected::SeveralVisits { visits, .. } if *visits == [1, 2]),
        "{rejected}"
    );
    assert!(rejected.to_string().contains("r#1, r#2"), "{rejected}");
    driver.says("ada", "r#2", Decided::Approved);
    driver.refuses(decide("r#2", Decided::Approved));
    driver.refuses(decide("r#3", Decided::Approved));
    // One is left, so that its number is not needed.
    driver.says("ada", "r", Decided::Approved);
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e4_16_a_step_with_several_open_visits_is_not_settled_by_its_plain_name() {
    let mut driver = Driver::start("steps: [{id: t, foreach: {in: [1, 2, 3]}}]");
    driver.hand_out();
    let rejected = driver.refuses(settle("t", StepStatus::Completed));
    assert!(matches!(rejected, Rejected::SeveralVisits { .. }), "{rejected}");
    driver.gives(settle("t#2", StepStatus::Completed));
    driver.completes("t#1", json!(1));
    driver.gives(settle("t", StepStatus::Completed));
    assert_eq!((driver.status(), driver.output("t")), ("completed", json!([1, {}, {}])));
}

#[test]
fn e4_3_which_routes_are_back_routes_is_fixed_in_the_stored_definition() {
    let text = "
steps:
  - {id: draft}
  - {id: g, type: gateway, depends_on: [draft], routes: [{condition: steps.draft.good, next: null}, {default: true, next: draft}]}
";
    let stored = crate::check::definition(text).stored();
    let again =
        process_core::definition::Definition::from_value(&stored).expect("what was stored is read");
    assert_eq!(again.graph.back(), crate::check::definition(text).graph.back());
    assert_eq!(again.graph.back().len(), 1);
    // The order of the steps is another; the loop is the same.
    let mut moved = stored.clone();
    moved["steps"].as_array_mut().expect("steps").reverse();
    let moved = process_core::definition::Definition::from_value(&moved).expect("the same steps");
    let (g, draft) = (moved.graph.index("g"), moved.graph.index("draft"));
    assert!(moved.graph.is_back(g.expect("g"), draft.expect("draft")));
    assert!(!moved.graph.is_back(draft.expect("draft"), g.expect("g")));
}

#[test]
fn e4_12_two_failures_that_go_back_while_the_process_is_paused_are_both_taken() {
    let mut driver = Driver::start(
        "
steps:
  - {id: a}
  - {id: b, depends_on: [a], on_error: {goto: a}}
  - {id: c}
  - {id: d, depends_on: [c], on_error: {goto: c}}
",
    );
    driver.hand_out();
    driver.completes("a", json!({}));
    driver.completes("c", json!({}));
    driver.hand_out();
    driver.gives(process_engine::Input::Pause);
    driver.fails("b");
    driver.fails("d");
    driver.gives(process_engine::Input::Resume);
    driver.hand_out();
    assert_eq!((driver.step("a"), driver.step("c")), ("in_progress", "in_progress"));
    for step in ["a", "c"] {
        driver.completes(step, json!({}));
    }
    driver.hand_out();
    for step in ["b", "d"] {
        driver.completes(step, json!({}));
    }
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e4_7_a_loop_that_waits_for_the_end_of_a_pause_leaves_the_steps_outside_alone() {
    let mut driver = Driver::start(
        "
steps:
  - {id: a}
  - {id: b, depends_on: [a], on_error: {goto: a}}
  - {id: x}
  - {id: y, depends_on: [x]}
",
    );
    driver.hand_out().completes("a", json!({}));
    driver.hand_out();
    driver.gives(process_engine::Input::Pause);
    driver.fails("b");
    driver.completes("x", json!({}));
    driver.gives(process_engine::Input::Resume);
    driver.hand_out();
    assert_eq!((driver.step("a"), driver.step("y")), ("in_progress", "in_progress"));
    driver.completes("y", json!({}));
    driver.completes("a", json!({}));
    driver.hand_out().completes("b", json!({}));
    assert_eq!(driver.status(), "completed");
}
