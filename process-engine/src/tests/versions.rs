//! Taking and restoring versions.

use expect_test::expect;
use process_core::StepStatus;
use serde_json::json;

use super::bench::{Bench, add, at, claim, edit, restore, set, take};
use crate::{Effect, RejectedKind, effects};

/// All versions, one a line: number, instant, reason and the steps in it.
fn check(bench: &Bench, expected: &[&str]) {
    let lines: Vec<String> = bench
        .execution
        .versions()
        .iter()
        .map(|version| {
            let steps = version.process["steps"].as_array().map_or(0, Vec::len);
            let minute = &version.snapshot_at.as_str()[11..16];
            format!("{} {minute} {} ({steps})", version.number, version.reason)
        })
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn a_process_begins_with_its_first_version_and_the_steps_in_it() {
    let bench = Bench::with(&["a", "b"]);
    check(&bench, &["1 10:00 Initial process creation (2)"]);
    assert_eq!(
        bench.execution.version(1).map(|version| &version.process["revision"]),
        Some(&json!(2))
    );
}

#[test]
fn a_version_is_a_snapshot_that_later_changes_do_not_touch() {
    let mut bench = Bench::with(&["a"]);
    bench.does(add("B"));
    let updated_at = bench.process().updated_at.clone();
    expect![[r#"
        versioned version=2 Two steps
    "#]]
    .assert_eq(&bench.does(take("Two steps")));
    assert_eq!(bench.process().updated_at, updated_at, "a version changes nothing");
    bench.does(add("C"));
    check(&bench, &["1 10:00 Initial process creation (1)", "2 10:02 Two steps (2)"]);
}

#[test]
fn every_version_asks_for_its_file_and_nothing_else_does() {
    let mut bench = Bench::with(&["a"]);
    bench.does(take("again"));
    bench.does(restore(1));
    let kept: Vec<(u64, Effect)> = bench
        .journal
        .iter()
        .flat_map(|event| effects(event).into_iter().map(|effect| (event.seq, effect)))
        .collect();
    let keep = |number| Effect::KeepVersion { number };
    assert_eq!(kept, [(2, keep(1)), (3, keep(2)), (5, keep(3))]);
}

#[test]
fn restoring_makes_exactly_one_version_and_brings_all_content_back() {
    let mut bench = Bench::with(&["a", "b"]);
    let original = bench.process().content();
    bench.does(set("a", StepStatus::Completed));
    bench.does(edit(json!([
        {"op": "replace", "path": "/name", "value": "Other"},
        {"op": "remove", "path": "/steps/1"},
        {"op": "add", "path": "/owner", "value": "ben"},
        {"op": "replace", "path": "/createdAt", "value": "2020-01-01T00:00:00Z"},
    ])));
    bench.does(take("changed"));
    bench.now = at("11:00");
    expect![[r#"
        restored version=1
        versioned version=3 Restored version 1
    "#]]
    .assert_eq(&bench.does(restore(1)));
    let mut expected = original;
    expected["createdAt"] = json!("2020-01-01T00:00:00Z");
    assert_eq!(bench.process().content(), expected);
    assert_eq!(bench.process().revision, bench.execution.revision());
    assert_eq!(bench.process().updated_at, at("11:00"));
    check(
        &bench,
        &[
            "1 10:00 Initial process creation (2)",
            "2 10:03 changed (1)",
            "3 11:00 Restored version 1 (2)",
        ],
    );
}

#[test]
fn restoring_brings_no_claim_back() {
    let mut bench = Bench::with(&["a"]);
    bench.does(claim("a", 600));
    bench.does(take("claimed"));
    bench.does(set("a", StepStatus::Completed));
    bench.does(restore(2));
    let step = bench.step("a");
    assert_eq!((step.status, &step.claim), (StepStatus::InProgress, &None));
}

#[test]
fn a_version_that_is_not_there_cannot_be_restored() {
    let mut bench = Bench::with(&["a"]);
    for number in [0, 2, u64::MAX] {
        let (kind, message) = bench.refuses(restore(number));
        assert_eq!(
            (kind, message),
            (RejectedKind::NotFound, format!("there is no version {number}"))
        );
    }
}

#[test]
fn a_version_needs_a_reason() {
    let mut bench = Bench::with(&["a"]);
    let (kind, message) = bench.refuses(take(" "));
    assert_eq!(kind, RejectedKind::Invalid);
    expect!["the reason of a version must have 1 to 65536 bytes"].assert_eq(&message);
}
