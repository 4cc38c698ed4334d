//! Taking hold of steps.

use std::time::Duration;

use expect_test::expect;
use process_core::StepStatus;

use super::bench::{Bench, at, claim, id, release, set};
use crate::{Input, RejectedKind, VisitRef};

#[track_caller]
fn check(refused: (RejectedKind, String), kind: RejectedKind, message: &str) {
    assert_eq!((refused.0, refused.1.as_str()), (kind, message));
}

#[test]
fn a_claim_starts_the_step_and_holds_it_for_its_time() {
    let mut bench = Bench::with(&["a"]);
    bench.now = at("10:00");
    expect![[r#"
        step_claimed a ada 2026-02-10T10:10:00.000Z
        process_started
    "#]]
    .assert_eq(&bench.does(claim("a", 10)));
    let step = bench.step("a");
    assert_eq!(
        (step.status, step.started_at.as_ref()),
        (StepStatus::InProgress, Some(&at("10:00")))
    );
}

#[test]
fn two_never_hold_one_step() {
    let mut bench = Bench::with(&["a"]);
    bench.now = at("10:00");
    bench.does_by("ada", claim("a", 10));
    let held = "step `a` is held by ada until 2026-02-10T10:10:00.000Z";
    check(bench.refuses_by("ben", claim("a", 10)), RejectedKind::Conflict, held);
    check(bench.refuses_by("ben", release("a")), RejectedKind::Conflict, held);
    assert_eq!(bench.step("a").claim.as_ref().map(|claim| claim.by.as_str()), Some("ada"));
}

#[test]
fn a_claim_ends_exactly_at_its_instant() {
    let mut bench = Bench::with(&["a"]);
    bench.now = at("10:00");
    bench.does_by("ada", claim("a", 10));
    bench.now = process_core::Timestamp::parse("2026-02-10T10:09:59.999Z").expect("an instant");
    assert_eq!(bench.refuses_by("ben", claim("a", 1)).0, RejectedKind::Conflict);
    bench.now = at("10:10");
    check(bench.refuses_by("ada", release("a")), RejectedKind::Conflict, "nobody holds step `a`");
    bench.does_by("ben", claim("a", 1));
    assert_eq!(bench.step("a").claim.as_ref().map(|claim| claim.by.as_str()), Some("ben"));
    assert_eq!(bench.step("a").started_at, Some(at("10:00")), "it was begun before");
}

#[test]
fn the_holder_renews_by_claiming_again() {
    let mut bench = Bench::with(&["a"]);
    bench.now = at("10:00");
    bench.does(claim("a", 10));
    bench.now = at("10:09");
    expect![[r#"
        step_claimed a ada 2026-02-10T10:19:00.000Z
    "#]]
    .assert_eq(&bench.does(claim("a", 10)));
    bench.now = at("10:12");
    assert_eq!(bench.refuses_by("ben", claim("a", 1)).0, RejectedKind::Conflict);
}

#[test]
fn a_released_step_stands_at_its_beginning_again() {
    let mut bench = Bench::with(&["a"]);
    bench.does_by("ada", claim("a", 10));
    expect![[r#"
        step_released a
    "#]]
    .assert_eq(&bench.does_by("ada", release("a")));
    let step = bench.step("a");
    assert_eq!((step.status, &step.started_at, &step.claim), (StepStatus::Pending, &None, &None));
    bench.does_by("ben", claim("a", 10));
}

#[test]
fn only_what_is_open_can_be_claimed() {
    for status in StepStatus::ALL {
        let mut bench = Bench::with(&["a"]);
        if status == StepStatus::Compensated || status == StepStatus::Pending {
            continue;
        }
        bench.does(set("a", status));
        let claimed = bench.tries("ada", claim("a", 1));
        if status == StepStatus::InProgress {
            assert!(claimed.is_ok(), "a step that somebody began by hand is free to be held");
        } else {
            let message = claimed.expect_err("it is not open").to_string();
            assert_eq!(message, format!("step `a` is {status}"));
        }
    }
}

#[test]
fn settling_a_step_by_hand_ends_the_claim() {
    let mut bench = Bench::with(&["a", "b"]);
    bench.does_by("ada", claim("a", 10));
    bench.does_by("ben", set("a", StepStatus::Completed));
    assert_eq!(bench.step("a").claim, None);
    check(bench.refuses_by("ada", release("a")), RejectedKind::Conflict, "nobody holds step `a`");
}

#[test]
fn a_claim_needs_a_name_and_can_be_read_back_however_long_it_is() {
    let mut bench = Bench::with(&["a"]);
    let message = "the name of the holder must have 1 to 65536 bytes";
    check(bench.refuses_by(" ", claim("a", 1)), RejectedKind::Invalid, message);
    bench.does(Input::Claim { step: VisitRef::step(id("a")), lease: Duration::MAX });
    let event = bench.journal.iter().rev().find(|event| event.fact.step().is_some());
    let event = event.expect("a claim was taken");
    assert_eq!(process_core::Event::from_value(&event.to_value()).as_ref(), Ok(event));
}
