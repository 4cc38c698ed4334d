//! Every reason for which an input is refused, with its kind, message and hint.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use process_core::{
    Step, StepStatus,
    document::{EntryKind, Splice},
    model::STEPS_MAX,
};

use super::bench::{
    Bench, add, claim, create, edit, id, process, release, remove, restore, set, take,
};
use crate::{EntryReason, Import, Input, Rejected};

/// The name of each variant; a new one must be named here and reached in [`every_rejection`].
fn name(rejected: &Rejected) -> &'static str {
    match rejected {
        Rejected::AlreadyCreated => "AlreadyCreated",
        Rejected::AlreadyInStatus { .. } => "AlreadyInStatus",
        Rejected::Archived => "Archived",
        Rejected::BadEdit(_) => "BadEdit",
        Rejected::BadText { .. } => "BadText",
        Rejected::Held { .. } => "Held",
        Rejected::NotArchived => "NotArchived",
        Rejected::NotCreated => "NotCreated",
        Rejected::NotHeld(_) => "NotHeld",
        Rejected::NotOpen { .. } => "NotOpen",
        Rejected::OtherDocument => "OtherDocument",
        Rejected::RemovedStep(_) => "RemovedStep",
        Rejected::TooMany { .. } => "TooMany",
        Rejected::Transition { .. } => "Transition",
        Rejected::UnknownStep(_) => "UnknownStep",
        Rejected::UnknownVersion(_) => "UnknownVersion",
        // Those of a run are reached where runs are tested.
        Rejected::AlreadyDecided { .. }
        | Rejected::AlreadyStarted
        | Rejected::BadCost { .. }
        | Rejected::Budget { .. }
        | Rejected::CannotAdopt(_)
        | Rejected::Ended(_)
        | Rejected::Forbidden { .. }
        | Rejected::InvalidInput(_)
        | Rejected::MailboxFull
        | Rejected::NotAnApproval(_)
        | Rejected::NotDispatching
        | Rejected::NotEnded
        | Rejected::NotPaused
        | Rejected::NotStarted
        | Rejected::NothingToRetry
        | Rejected::OldToken { .. }
        | Rejected::ReasonNeeded { .. }
        | Rejected::Runs
        | Rejected::SeveralVisits { .. } => "of a run",
    }
}

const VARIANTS: usize = 16;

/// A bench with a step that was removed and one that `ben` holds.
fn bench() -> Bench {
    let mut bench = Bench::with(&["a", "held", "gone", "done"]);
    bench.does(remove("gone"));
    bench.does_by("ben", claim("held", 600));
    bench.does(set("done", StepStatus::Completed));
    bench
}

fn full() -> Bench {
    let mut process = process();
    process.steps = (1..=STEPS_MAX as u64)
        .map(|number| Step::new(process_core::StepId::numbered(number), "x"))
        .collect();
    let mut bench = Bench::empty();
    bench.does(create(process));
    bench
}

fn archived() -> Bench {
    let mut bench = bench();
    bench.does(Input::Archive);
    bench
}

fn other_document() -> Input {
    let splice = Splice { offset: 0, removed: "text".to_owned(), inserted: String::new() };
    let reason = EntryReason { kind: EntryKind::Patch, of: None, ids: Vec::new(), note: None };
    Input::ChangeDocument { reason, splices: vec![splice] }
}

fn rejection(mut bench: Bench, input: Input) -> Rejected {
    let text = format!("{input:?}");
    bench.tries("ada", input).expect_err(&text)
}

fn every_rejection() -> Vec<Rejected> {
    vec![
        rejection(bench(), create(process())),
        rejection(bench(), set("done", StepStatus::Completed)),
        rejection(archived(), add("x")),
        rejection(bench(), edit(serde_json::json!([{"op": "remove", "path": "/no"}]))),
        rejection(bench(), add(" ")),
        rejection(bench(), claim("held", 1)),
        rejection(bench(), Input::Unarchive),
        rejection(Bench::empty(), add("x")),
        rejection(bench(), release("a")),
        rejection(bench(), claim("done", 1)),
        rejection(bench(), other_document()),
        rejection(bench(), set("gone", StepStatus::Completed)),
        rejection(full(), add("x")),
        rejection(bench(), set("a", StepStatus::Compensated)),
        rejection(bench(), set("nowhere", StepStatus::Completed)),
        rejection(bench(), restore(9)),
    ]
}

fn check(rejected: &[Rejected], expect: Expect) {
    let lines: String = rejected
        .iter()
        .map(|one| {
            let hint = one.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{} {:?}: {one}{hint}\n", name(one), one.kind())
        })
        .collect();
    expect.assert_eq(&lines);
}

#[test]
fn every_reason_has_its_kind_its_message_and_sometimes_a_hint() {
    let all = every_rejection();
    let names: BTreeSet<&str> = all.iter().map(name).collect();
    assert_eq!((all.len(), names.len()), (VARIANTS, VARIANTS));
    check(
        &all,
        expect![[r#"
            AlreadyCreated Conflict: the process exists already
            AlreadyInStatus Conflict: step `done` is completed already
            Archived Conflict: the process is archived (take it back with `procside restore ID` first)
            BadEdit Invalid: the patch does not fit: operation '/0' failed at path '/no': path is invalid
            BadText Invalid: the name of a step must have 1 to 65536 bytes
            Held Conflict: step `held` is held by ben until 2026-02-10T20:02:00.000Z (wait until the claim expires, or take another step)
            NotArchived Conflict: the process is not archived
            NotCreated NotFound: there is no process yet
            NotHeld Conflict: nobody holds step `a`
            NotOpen Conflict: step `done` is completed (set it back with `procside step ID -s pending` first)
            OtherDocument Conflict: the document is not the one that the change was made for
            RemovedStep Conflict: step `gone` was removed
            TooMany Invalid: a process has at most 10000 steps
            Transition Conflict: step `a` is pending and cannot become compensated by hand
            UnknownStep NotFound: there is no step `nowhere` (`procside show ID` lists the steps)
            UnknownVersion NotFound: there is no version 9 (`procside history ID` lists the versions)
        "#]],
    );
}

/// Every input but those that make a process, each sensible for the process of [`bench`].
fn inputs() -> Vec<Input> {
    vec![
        add("x"),
        Input::Archive,
        claim("a", 1),
        edit(serde_json::json!([])),
        Input::EditStep { step: id("a"), changes: serde_json::json!({}) },
        Input::MoveStep { step: id("a"), after: None },
        Input::RecordDecision {
            question: "x".to_owned(),
            choice: "x".to_owned(),
            rationale: String::new(),
            options: Vec::new(),
        },
        Input::RecordEvidence { kind: "note".to_owned(), value: "x".to_owned(), step: None },
        Input::RecordRisk {
            risk: "x".to_owned(),
            impact: "low".to_owned(),
            mitigation: String::new(),
        },
        release("held"),
        remove("a"),
        restore(1),
        set("a", StepStatus::InProgress),
        take("x"),
    ]
}

#[test]
fn an_archived_process_takes_nothing_until_it_is_taken_back() {
    for input in inputs() {
        assert_eq!(rejection(archived(), input), Rejected::Archived);
    }
    let mut bench = archived();
    assert!(bench.process().is_archived());
    expect![[r#"
        unarchived
    "#]]
    .assert_eq(&bench.does(Input::Unarchive));
    assert!(!bench.process().is_archived());
    for input in inputs() {
        let by = if matches!(input, Input::Release { .. }) { "ben" } else { "ada" };
        let mut bench = archived();
        bench.does(Input::Unarchive);
        bench.does_by(by, input);
    }
}

#[test]
fn without_a_process_there_is_nothing_to_ask_of_it() {
    for input in inputs().into_iter().chain([Input::Unarchive]) {
        assert_eq!(rejection(Bench::empty(), input), Rejected::NotCreated);
    }
}

#[test]
fn a_removed_step_is_not_completed_and_a_step_of_an_archived_process_not_started() {
    check(
        &[
            rejection(bench(), set("gone", StepStatus::Completed)),
            rejection(archived(), set("a", StepStatus::InProgress)),
        ],
        expect![[r#"
            RemovedStep Conflict: step `gone` was removed
            Archived Conflict: the process is archived (take it back with `procside restore ID` first)
        "#]],
    );
}

/// What a person types that gives a step these outputs and this note.
fn settle(outputs: &[&str], note: Option<&str>) -> Input {
    Input::SetStepStatus {
        step: id("a"),
        status: StepStatus::Completed,
        outputs: outputs.iter().map(|text| (*text).to_owned()).collect(),
        note: note.map(String::from),
    }
}

#[test]
fn texts_that_say_nothing_or_never_end_are_refused_wherever_they_stand() {
    let long = "x".repeat(65_537);
    for text in ["", " \n\t", &long] {
        let mut process = process();
        process.name = text.to_owned();
        for input in [add(text), take(text), settle(&[], Some(text))] {
            assert_eq!(name(&rejection(bench(), input)), "BadText", "{}", text.len());
        }
        assert_eq!(name(&rejection(Bench::empty(), create(process))), "BadText");
    }
}

#[test]
fn outputs_are_many_bytes_together_but_not_any_number() {
    let half = "x".repeat(2 * 1024 * 1024);
    bench().does(settle(&[&half, &half], None));
    for outputs in [&[half.as_str(), &half, "y"][..], &["x", " "]] {
        let message = rejection(bench(), settle(outputs, None)).to_string();
        assert_eq!(message, "an output must have 1 to 4194304 bytes");
    }
}

#[test]
fn lists_of_records_have_an_end() {
    let mut process = process();
    let mut bench = Bench::with(&[]);
    let note =
        || Input::RecordEvidence { kind: "note".to_owned(), value: "x".to_owned(), step: None };
    bench.does(note());
    process.evidence = vec![bench.process().evidence[0].clone(); 10_000];
    let mut bench = Bench::empty();
    bench.does(Input::Import(Box::new(Import {
        process,
        source: "file".to_owned(),
        document: None,
        versions: Vec::new(),
        entries: Vec::new(),
        version_reason: None,
    })));
    let rejected = rejection(bench, note());
    assert_eq!(rejected.to_string(), "a process has at most 10000 pieces of evidence");
}
