//! Tests of progress, of what comes next and of what is missing.

use super::{Progress, missing, ready};
use crate::samples::{at, process};

/// A process with these statuses, a step each, named by its place from 1.
fn with(statuses: &str) -> crate::Process {
    let steps: String = (1..)
        .zip(statuses.split_whitespace())
        .map(|(number, status)| format!("  - {{id: s{number}, status: {status}}}\n"))
        .collect();
    process(&format!("name: x\nsteps:\n{steps}"))
}

#[track_caller]
fn check(statuses: &str, percent: u64) {
    let progress = Progress::of(&with(statuses));
    assert_eq!(progress.percent(), percent, "{statuses}: {progress:?}");
}

#[test]
fn the_share_is_rounded_to_the_nearest_per_cent() {
    check("", 0);
    check("completed pending pending pending pending pending", 17);
    check("completed completed pending", 67);
    check("completed pending pending", 33);
    check("completed pending", 50);
    check("completed pending pending pending pending pending pending pending", 13);
    check("completed", 100);
}

#[test]
fn what_is_left_out_counts_and_what_failed_or_waits_does_not() {
    check("skipped cancelled compensated completed", 100);
    check("failed waiting in_progress pending", 0);
}

#[test]
fn only_the_last_step_makes_it_a_hundred() {
    let progress = Progress { completed: 9_999, total: 10_000 };
    assert_eq!(progress.percent(), 100, "99.99 is rounded");
    assert_eq!(Progress { completed: 199, total: 200 }.percent(), 100, "99.5 is rounded up");
    assert_eq!(Progress { completed: 994, total: 1_000 }.percent(), 99);
}

#[test]
fn a_bar_is_as_wide_as_asked_and_full_only_at_the_end() {
    let bar = |completed, total, width| Progress { completed, total }.bar(width);
    assert_eq!(bar(1, 2, 4), "██░░");
    assert_eq!(bar(0, 0, 3), "░░░");
    assert_eq!(bar(199, 200, 10), "█████████░");
    assert_eq!(bar(200, 200, 10), "██████████");
    assert_eq!(bar(1, 2, 0), "");
}

#[test]
fn begun_steps_that_nobody_holds_come_before_those_not_begun() {
    let process = process(
        "name: x
steps:
  - {id: pending}
  - {id: done, status: completed}
  - {id: held, status: in_progress, claim: {by: ada, until: 2026-02-10T11:00:00Z}}
  - {id: by-hand, status: in_progress}
  - {id: expired, status: in_progress, claim: {by: ada, until: 2026-02-10T10:00:00Z}}
  - {id: kept, claim: {by: ada, until: 2026-02-10T11:00:00Z}}
  - {id: waiting, status: waiting}
  - {id: failed, status: failed}
",
    );
    let ids = |now: &str| -> Vec<String> {
        ready(&process, &at(now)).iter().map(|step| step.id.to_string()).collect()
    };
    assert_eq!(ids("2026-02-10T10:00:00Z"), ["expired", "pending"]);
    assert_eq!(ids("2026-02-10T11:00:00Z"), ["held", "expired", "pending", "kept"]);
}

#[test]
fn what_is_missing_is_said_and_so_is_what_the_file_lists() {
    assert_eq!(
        missing(&process("name: x\nmissing: [a map, 7]\n")),
        ["No decisions logged", "No evidence recorded", "No rollback procedure defined", "a map"]
    );
    let complete = process(
        "name: x\nsteps: [{name: Roll back}]\ndecisions: [{question: a}]\nevidence: [{type: note, value: b}]\n",
    );
    assert_eq!(missing(&complete), [""; 0]);
}
