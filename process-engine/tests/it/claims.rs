//! E6, E14: people and agents that take a step of a running definition, and let go of it.

use crate::harness::Bench;

const THREE: &str = "steps:\n  - {id: a, foreach: {in: [1, 2, 3]}}\n";

fn manual() -> Bench {
    Bench::started("steps:\n  - {id: a}\n")
}

#[test]
fn e6_12_a_claim_is_a_dispatch_to_its_holder() {
    let mut bench = manual();
    let claimed = bench.does("0 claim a 10m");
    assert_eq!(claimed, "0s step_started a#1 attempt=1 dispatch=1 holder=ada held_until=10m");
    assert_eq!(bench.step("a"), "in_progress");
    assert_eq!(bench.wakes_at().as_deref(), Some("10m"));
    assert_eq!(bench.dispatchable(), "");
}

#[test]
fn e6_12_two_never_hold_one_step() {
    let mut bench = manual();
    bench.does("0 claim a 10m");
    let refused = bench.refuses("5m claim a 10m by=ben");
    assert_eq!(refused, "Conflict: step `a` is held by ada until 2026-01-01T00:10:00.000Z");
    assert!(bench.refuses("5m dispatch a by=ben").starts_with("Conflict"));
    // What is over by itself is nobody's any more.
    bench.does("10m claim a 10m by=ben");
}

#[test]
fn e6_12_the_holder_renews() {
    let mut bench = manual();
    bench.does("0 claim a 10m / 5m claim a 10m");
    assert_eq!(bench.does("10m tick"), "");
    assert_eq!(bench.wakes_at().as_deref(), Some("15m"));
    assert_eq!(bench.state("a").attempts(), 1);
}

/// E6.6, E6.13: who goes on with a step has not lost it.
#[test]
fn e6_13_a_renewal_is_no_loss() {
    let mut bench = manual();
    for renewal in 0..12 {
        bench.does(&format!("{renewal}m claim a 10m"));
    }
    assert_eq!(bench.kinds("13m ok a"), "step_completed a#1, process_ended");
}

#[test]
fn e6_12_only_the_holder_lets_go() {
    let mut bench = manual();
    assert_eq!(bench.refuses("0 release a"), "Conflict: nobody holds step `a`");
    bench.does("0 claim a 10m");
    assert!(bench.refuses("1m release a by=ben").starts_with("Conflict: step `a` is held by ada"));
    assert_eq!(bench.kinds("1m release a"), "step_released a#1");
    assert_eq!(bench.dispatchable(), "a#1");
    assert!(bench.refuses("2m ok a").starts_with("Conflict"));
}

/// E4.16: which of several is meant must be said.
#[test]
fn e4_16_a_step_with_several_open_visits_must_be_named() {
    let mut bench = Bench::started(THREE);
    let refused = bench.refuses("0 dispatch a");
    assert_eq!(refused, "Conflict: step `a` has several open visits: a#1, a#2, a#3");
    assert!(bench.refuses("0 claim a 10m").contains("a#1, a#2, a#3"));
    assert!(bench.refuses("0 complete a").contains("a#1, a#2, a#3"));
    bench.does("0 dispatch a#2 / 1m ok a#2 / 1m complete a#1");
    assert_eq!(bench.kinds("2m dispatch a"), "step_started a#3");
}

/// E4.15: `STEP#VISIT` is refused when that visit is none or is over.
#[test]
fn e4_15_a_visit_that_is_over_is_not_open() {
    let mut bench = Bench::started(THREE);
    bench.does("0 dispatch a#2 / 1m ok a#2");
    assert!(bench.refuses("2m dispatch a#2").starts_with("Conflict"));
    assert!(bench.refuses("2m dispatch a#9").starts_with("Conflict"));
    assert!(bench.refuses("2m complete a#2").starts_with("Conflict"));
}

/// E0.5, E14.10: a renewal that is refused leaves the claim as it was.
#[test]
fn e0_5_a_renewal_that_is_refused_changes_nothing() {
    let mut bench = manual();
    bench.does("0 claim a 10m / 1m pause");
    assert!(bench.refuses("2m claim a 10m").starts_with("Conflict"));
    assert_eq!(bench.kinds("3m ok a"), "step_completed a#1");
}

#[test]
fn e4_15_one_of_several_visits_is_claimed_by_its_number() {
    let mut bench = Bench::started(THREE);
    let refused = bench.refuses("0 claim a 10m");
    assert_eq!(refused, "Conflict: step `a` has several open visits: a#1, a#2, a#3");
    bench.does("0 claim a#2 10m");
    let free = |bench: &Bench, minutes: i64| {
        let now = bench.run().started_at() + chrono::TimeDelta::minutes(minutes);
        let free = bench.run().claimable(now).into_iter().map(|(_, visit)| visit);
        free.collect::<Vec<_>>()
    };
    assert_eq!(free(&bench, 5), [1, 3]);
    assert_eq!(free(&bench, 10), [1, 3, 2], "a claim that is over holds nothing");
    assert!(bench.refuses("1m release a").contains("several"));
    bench.does("1m release a#2");
    assert_eq!(free(&bench, 5), [1, 2, 3]);
}
