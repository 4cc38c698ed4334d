//! Every row of the table of hand-set statuses, and what follows for the process.

use expect_test::{Expect, expect};
use process_core::{Fact, ProcessStatus, StepStatus};

use super::bench::{Bench, add, claim, process, release, remove, set};
use crate::{Import, Input, RejectedKind};

/// Sets statuses one after the other, `STEP STATUS` each; tells the facts of the last one.
fn check(steps: &[&str], sets: &str, expect: Expect) {
    let mut bench = Bench::with(steps);
    let mut last = String::new();
    for pair in sets.split(", ") {
        let (step, status) = pair.split_once(' ').expect("a step and a status");
        let status = StepStatus::parse(status).expect("a status");
        last = bench.does(set(step, status));
    }
    expect.assert_eq(&format!("{last}{}", bench.process().status));
}

/// A bench whose one step has this status.
fn with_status(status: StepStatus) -> Bench {
    let mut bench = Bench::empty();
    let mut process = process();
    process.steps =
        vec![process_core::Step { status, ..process_core::Step::new(super::bench::id("a"), "A") }];
    bench.does(Input::Import(Box::new(Import {
        process,
        source: "file".to_owned(),
        document: None,
        versions: Vec::new(),
        entries: Vec::new(),
        version_reason: None,
    })));
    bench
}

#[test]
fn the_whole_table_of_hand_set_statuses() {
    let mut table = String::new();
    for from in StepStatus::ALL {
        let cells = StepStatus::ALL.map(|to| {
            let mut bench = with_status(from);
            match bench.tries("ada", set("a", to)) {
                Ok(_) => {
                    assert_eq!(bench.step("a").status, to);
                    "yes"
                }
                Err(rejected) => {
                    assert_eq!(rejected.kind(), RejectedKind::Conflict);
                    let message = rejected.to_string();
                    if from == to {
                        assert_eq!(message, format!("step `a` is {from} already"));
                        "same"
                    } else {
                        let expected = format!("step `a` is {from} and cannot become {to} by hand");
                        assert_eq!(message, expected);
                        "-"
                    }
                }
            }
        });
        table.push_str(&format!(
            "{from:<12}{}\n",
            cells.map(|cell| format!("{cell:<5}")).concat().trim_end()
        ));
    }
    expect![[r#"
        pending     same yes  yes  yes  yes  yes  yes  -
        in_progress yes  same yes  yes  yes  yes  yes  -
        waiting     yes  yes  same yes  yes  yes  yes  -
        completed   yes  yes  yes  same yes  yes  yes  -
        skipped     yes  yes  yes  yes  same yes  yes  -
        failed      yes  yes  yes  yes  yes  same yes  -
        cancelled   yes  yes  yes  yes  yes  yes  same -
        compensated yes  -    -    -    -    -    -    same
    "#]]
    .assert_eq(&table);
}

#[test]
fn each_status_has_its_own_fact() {
    for (status, fact) in [
        (StepStatus::InProgress, "step_started a\n"),
        (StepStatus::Waiting, "step_waiting a\n"),
        (StepStatus::Completed, "step_completed a\n"),
        (StepStatus::Skipped, "step_skipped a\n"),
        (StepStatus::Failed, "step_failed a\n"),
        (StepStatus::Cancelled, "step_cancelled a\n"),
    ] {
        let facts = Bench::with(&["a", "b"]).does(set("a", status));
        assert!(facts.starts_with(fact), "{facts}");
    }
    let mut bench = Bench::with(&["a", "b"]);
    bench.does(set("a", StepStatus::Completed));
    assert_eq!(bench.does(set("a", StepStatus::Pending)), "step_reset a\n");
}

#[test]
fn the_first_step_that_moves_starts_the_process_once() {
    check(
        &["a", "b"],
        "a in_progress",
        expect![[r#"
        step_started a
        process_started
        in_progress"#]],
    );
    check(
        &["a", "b"],
        "a completed",
        expect![[r#"
        step_completed a
        process_started
        in_progress"#]],
    );
    check(
        &["a", "b"],
        "a in_progress, b in_progress",
        expect![[r#"
        step_started b
        in_progress"#]],
    );
    check(
        &["a", "b"],
        "a in_progress, a pending",
        expect![[r#"
        step_reset a
        in_progress"#]],
    );
}

#[test]
fn the_last_step_that_ends_completes_the_process() {
    check(
        &["a", "b"],
        "a completed, b skipped",
        expect![[r#"
        step_skipped b
        process_completed
        completed"#]],
    );
    check(
        &["a"],
        "a completed",
        expect![[r#"
        step_completed a
        process_completed
        completed"#]],
    );
    check(
        &["a"],
        "a cancelled",
        expect![[r#"
        step_cancelled a
        process_completed
        completed"#]],
    );
    check(
        &["a"],
        "a completed, a skipped",
        expect![[r#"
        step_skipped a
        completed"#]],
    );
}

#[test]
fn a_failed_step_fails_the_process_once() {
    check(
        &["a", "b"],
        "a failed",
        expect![[r#"
        step_failed a
        process_failed
        failed"#]],
    );
    check(
        &["a", "b"],
        "a failed, b failed",
        expect![[r#"
        step_failed b
        failed"#]],
    );
    check(
        &["a", "b"],
        "b completed, a failed",
        expect![[r#"
        step_failed a
        process_failed
        failed"#]],
    );
}

#[test]
fn something_to_do_again_reopens_the_process() {
    check(
        &["a", "b"],
        "a failed, a in_progress",
        expect![[r#"
        step_started a
        process_reopened
        in_progress"#]],
    );
    check(
        &["a"],
        "a completed, a pending",
        expect![[r#"
        step_reset a
        process_reopened
        in_progress"#]],
    );
    check(
        &["a"],
        "a failed, a completed",
        expect![[r#"
        step_completed a
        process_completed
        completed"#]],
    );
    let mut bench = Bench::with(&["a"]);
    bench.does(set("a", StepStatus::Completed));
    expect![[r#"
        step_added s1 index=1
        process_reopened
    "#]]
    .assert_eq(&bench.does(add("One more")));
}

#[test]
fn a_step_that_is_removed_can_complete_or_reopen_the_process() {
    let mut bench = Bench::with(&["a", "b"]);
    bench.does(set("a", StepStatus::Completed));
    expect![[r#"
        step_removed b
        process_completed
    "#]]
    .assert_eq(&bench.does(remove("b")));
    let mut bench = Bench::with(&["a", "b"]);
    bench.does(set("a", StepStatus::Failed));
    expect![[r#"
        step_removed a
        process_reopened
    "#]]
    .assert_eq(&bench.does(remove("a")));
}

#[test]
fn a_claim_starts_the_process_and_a_release_leaves_it_started() {
    let mut bench = Bench::with(&["a"]);
    expect![[r#"
        step_claimed a ada 2026-02-10T10:06:00.000Z
        process_started
    "#]]
    .assert_eq(&bench.does(claim("a", 5)));
    expect![[r#"
        step_released a
    "#]]
    .assert_eq(&bench.does(release("a")));
    assert_eq!(bench.process().status, ProcessStatus::InProgress);
}

#[test]
fn a_paused_or_cancelled_process_stays_so_whatever_its_steps_do() {
    for status in [ProcessStatus::Paused, ProcessStatus::Cancelled] {
        let mut bench = Bench::with(&["a"]);
        let patch = serde_json::json!([{"op": "replace", "path": "/status", "value": status}]);
        bench.does(super::bench::edit(patch));
        for step in [StepStatus::InProgress, StepStatus::Failed, StepStatus::Completed] {
            bench.does(set("a", step));
            assert_eq!(bench.process().status, status);
        }
    }
}

#[test]
fn instants_and_claims_go_with_the_status() {
    let mut bench = Bench::with(&["a", "b"]);
    let shown = |bench: &Bench| {
        let step = bench.step("a");
        let minute = |at: &Option<process_core::Timestamp>| {
            at.as_ref().map_or("-".to_owned(), |at| at.as_str()[11..16].to_owned())
        };
        format!(
            "{:<12}{} {} {}\n",
            step.status,
            minute(&step.started_at),
            minute(&step.completed_at),
            step.claim.as_ref().map_or("-", |claim| &claim.by)
        )
    };
    let mut lines = String::new();
    bench.does(claim("a", 60));
    lines.push_str(&shown(&bench));
    for status in [
        StepStatus::Waiting,
        StepStatus::InProgress,
        StepStatus::Failed,
        StepStatus::InProgress,
        StepStatus::Completed,
        StepStatus::Skipped,
        StepStatus::Waiting,
        StepStatus::Pending,
        StepStatus::Completed,
    ] {
        bench.does(set("a", status));
        lines.push_str(&shown(&bench));
    }
    expect![[r#"
        in_progress 10:01 - ada
        waiting     10:01 - ada
        in_progress 10:01 - ada
        failed      10:01 10:04 -
        in_progress 10:05 - -
        completed   10:05 10:06 -
        skipped     10:05 10:07 -
        waiting     10:08 - -
        pending     - - -
        completed   - 10:10 -
    "#]]
    .assert_eq(&lines);
}

#[test]
fn an_event_that_no_longer_fits_changes_nothing_but_the_revision() {
    let bench = Bench::with(&["a"]);
    let step = super::bench::id("gone");
    for fact in [
        Fact::StepStarted { step: step.clone() },
        Fact::StepRemoved { step: step.clone() },
        Fact::StepMoved { step: step.clone(), index: 7 },
        Fact::StepOutputAdded { step, outputs: vec!["x".to_owned()] },
        Fact::Edited { patch: serde_json::json!([{"op": "remove", "path": "/nothing"}]) },
        Fact::Edited { patch: serde_json::json!("no patch") },
        Fact::StepAdded {
            step: super::bench::id("a"),
            index: 99,
            content: process_core::Step::new(super::bench::id("a"), "Twice").into(),
        },
    ] {
        let mut execution = bench.execution.clone();
        let event = process_core::Event {
            seq: execution.revision() + 1,
            at: bench.now.clone(),
            by: "ada".to_owned(),
            fact,
        };
        execution.apply(&event);
        let content = execution.process().map(process_core::Process::content);
        assert_eq!(content, Some(bench.process().content()), "{event:?}");
        assert_eq!(execution.revision(), event.seq);
    }
}
