//! Tests of bringing branches together.

use expect_test::{Expect, expect};
use process_core::{
    Event, Fact, StepStatus,
    document::{EntryKind, Splice},
};
use proptest::{collection, prelude::*, sample};
use serde_json::json;

use super::{Merged, merge};
use crate::{
    EntryReason, Execution, Input, NewStep,
    tests::bench::{
        Bench, add, at, claim, create, edit, id, process, release, remove, restore, set, take, told,
    },
};

/// A process of these steps and two copies of it whose clocks are half a minute apart.
fn fork(steps: &[&str]) -> (Bench, Bench, Bench) {
    let common = Bench::with(steps);
    sides_of(common)
}

fn sides_of(common: Bench) -> (Bench, Bench, Bench) {
    let (mut one, mut other) = (common.clone(), common.clone());
    one.now = at("11:00");
    other.now = at("11:00").after(std::time::Duration::from_secs(30));
    (common, one, other)
}

fn since(common: &Bench, side: &Bench) -> Vec<Event> {
    side.journal[common.journal.len()..].to_vec()
}

/// Brings two sides together, in either order, and checks what holds of every merged journal.
fn merged(common: &Bench, one: &Bench, other: &Bench) -> (Merged, Execution) {
    let (one, other) = (since(common, one), since(common, other));
    let merged = merge(&common.journal, &[one.clone(), other.clone()]);
    assert_eq!(merge(&common.journal, &[other.clone(), one.clone()]), merged);
    assert!((1..).zip(&merged.events).all(|(seq, event)| event.seq == seq), "numbers have no gaps");
    assert!(merged.events.len() >= common.journal.len() + one.len() + other.len());
    for event in &merged.events {
        assert_eq!(Event::from_value(&event.to_value()).as_ref(), Ok(event));
    }
    let execution = Execution::replay(&merged.events);
    (merged, execution)
}

/// The merged events behind the common ones, then what the sides disagree on.
fn check(common: &Bench, one: &Bench, other: &Bench, expect: Expect) -> Execution {
    let (merged, execution) = merged(common, one, other);
    let mut lines = String::new();
    for event in &merged.events[common.journal.len()..] {
        let text = match &event.fact {
            Fact::Superseded { event } => {
                format!("superseded {}", event["type"].as_str().unwrap_or("?"))
            }
            fact => told(fact),
        };
        lines.push_str(&format!("{} {}\n", &event.at.as_str()[11..19], text));
    }
    for disagreement in &merged.disagreements {
        lines.push_str(&format!("! {disagreement}\n"));
    }
    expect.assert_eq(&lines);
    execution
}

fn order(execution: &Execution) -> String {
    let steps = execution.process().map_or(&[][..], |process| &process.steps);
    let steps: Vec<String> =
        steps.iter().map(|step| format!("{} {} {}", step.id, step.name, step.status)).collect();
    steps.join(", ")
}

fn note(text: &str, step: &str) -> Input {
    Input::RecordEvidence { kind: "note".to_owned(), value: text.to_owned(), step: Some(id(step)) }
}

fn decision(question: &str) -> Input {
    Input::RecordDecision {
        question: question.to_owned(),
        choice: "x".to_owned(),
        rationale: String::new(),
        options: Vec::new(),
    }
}

#[test]
fn disjoint_work_of_both_sides_is_kept_and_nothing_is_disagreed_on() {
    let (common, mut one, mut other) = fork(&["a", "b", "c"]);
    one.does(set("a", StepStatus::InProgress));
    other.does(claim("b", 10));
    one.does(set("a", StepStatus::Completed));
    other.does(note("seen", "b"));
    one.does(edit(json!([{"op": "replace", "path": "/goal", "value": "Boxes"}])));
    other.does(edit(json!([{"op": "replace", "path": "/steps/2/name", "value": "CC"}])));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_started a
        11:00:00 process_started
        11:00:30 step_claimed b ada 2026-02-10T11:10:30.000Z
        11:00:30 superseded process_started
        11:01:00 step_completed a
        11:01:30 evidence_recorded evidence={"type":"note","value":"seen","stepId":"b","timestamp":"2026-02-10T11:01:30.000Z"}
        11:02:00 edited patch=[{"op":"replace","path":"/goal","value":"Boxes"}]
        11:02:30 edited patch=[{"op":"replace","path":"/steps/2/name","value":"CC"}]
    "#]],
    );
    assert_eq!(order(&state), "a A completed, b B in_progress, c CC pending");
    assert_eq!(state.process().map(|process| process.goal.as_str()), Some("Boxes"));
}

#[test]
fn steps_that_the_sides_end_together_complete_the_process() {
    let (common, mut one, mut other) = fork(&["a", "b"]);
    one.does(set("a", StepStatus::Completed));
    other.does(set("b", StepStatus::Completed));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_completed a
        11:00:00 process_started
        11:00:30 step_completed b
        11:00:30 superseded process_started
        11:00:30 process_completed
    "#]],
    );
    assert_eq!(state.process().map(|process| process.status.as_str()), Some("completed"));
}

#[test]
fn the_first_end_of_a_step_stands_and_the_second_is_kept_and_named() {
    let (common, mut one, mut other) = fork(&["a", "b"]);
    one.does(set("a", StepStatus::Completed));
    other.does_by("ben", set("a", StepStatus::Skipped));
    other.does_by("ben", note("mine", "a"));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_completed a
        11:00:00 process_started
        11:00:30 superseded step_skipped
        11:00:30 superseded process_started
        11:01:30 evidence_recorded evidence={"type":"note","value":"mine","stepId":"a","timestamp":"2026-02-10T11:01:30.000Z"}
        ! event 3 of ben at 2026-02-10T11:00:30.000Z: step `a` was completed by the other side before
    "#]],
    );
    assert_eq!(order(&state), "a A completed, b B pending");
    let superseded = merged(&common, &one, &other).0.events.into_iter().find_map(|event| {
        if let Fact::Superseded { event } = event.fact {
            Event::from_value(&event).ok()
        } else {
            None
        }
    });
    assert_eq!(superseded, since(&common, &other).into_iter().next(), "it is kept whole");
}

#[test]
fn both_complete_the_same_last_step_and_only_that_is_named() {
    let (common, mut one, mut other) = fork(&["a"]);
    one.does(set("a", StepStatus::Completed));
    other.does(set("a", StepStatus::Completed));
    check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_completed a
        11:00:00 process_completed
        11:00:30 superseded step_completed
        11:00:30 superseded process_completed
        ! event 3 of ada at 2026-02-10T11:00:30.000Z: step `a` was completed by the other side before
    "#]],
    );
}

#[test]
fn a_step_that_the_other_side_ended_is_not_begun_again_by_accident() {
    let (common, mut one, mut other) = fork(&["a", "b"]);
    one.does(set("a", StepStatus::Completed));
    other.does(claim("a", 10));
    other.does(release("a"));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_completed a
        11:00:00 process_started
        11:00:30 superseded step_claimed
        11:00:30 superseded process_started
        11:01:30 superseded step_released
        ! event 3 of ada at 2026-02-10T11:00:30.000Z: step `a` was completed by the other side before
        ! event 5 of ada at 2026-02-10T11:01:30.000Z: step `a` was completed by the other side before
    "#]],
    );
    assert_eq!(order(&state), "a A completed, b B pending");
}

#[test]
fn a_side_that_saw_the_end_may_reset_the_step() {
    let mut common = Bench::with(&["a", "b"]);
    common.does(set("a", StepStatus::Completed));
    let (common, mut one, mut other) = sides_of(common);
    one.does(set("a", StepStatus::Pending));
    other.does(set("b", StepStatus::InProgress));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_reset a
        11:00:30 step_started b
    "#]],
    );
    assert_eq!(order(&state), "a A pending, b B in_progress");
}

#[test]
fn steps_of_both_sides_get_ids_of_their_own_and_later_events_follow() {
    let (common, mut one, mut other) = fork(&["s1"]);
    one.does(add("Of one"));
    other.does(add("Of the other"));
    other.does(add("Second of the other"));
    one.does(add("Second of one"));
    one.does(set("s2", StepStatus::Completed));
    other.does(set("s2", StepStatus::InProgress));
    other.does(note("about my s2", "s2"));
    other.does(edit(json!([{"op": "replace", "path": "/steps/1/name", "value": "Renamed"}])));
    other.does(edit(json!([{"op": "replace", "path": "/steps/1/status", "value": "completed"}])));
    other.does(edit(json!([{"op": "replace", "path": "/steps/1/status", "value": "failed"}])));
    other.does(Input::EditStep { step: id("s3"), changes: json!({"description": "mine"}) });
    other.does(Input::MoveStep { step: id("s2"), after: None });
    other.does(remove("s3"));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_added s2 index=1
        11:00:30 step_added s3 index=2
        11:01:00 step_added s4 index=3
        11:01:30 step_added s5 index=4
        11:02:00 step_completed s2
        11:02:00 process_started
        11:02:30 step_started s3
        11:02:30 superseded process_started
        11:03:30 evidence_recorded evidence={"type":"note","value":"about my s2","stepId":"s3","timestamp":"2026-02-10T11:03:30.000Z"}
        11:04:30 edited patch=[{"op":"replace","path":"/steps/2/name","value":"Renamed"}]
        11:05:30 edited patch=[{"op":"replace","path":"/steps/2/status","value":"completed"},{"op":"add","path":"/steps/2/completedAt","value":"2026-02-10T11:05:30.000Z"}]
        11:06:30 edited patch=[{"op":"replace","path":"/steps/2/status","value":"failed"},{"op":"replace","path":"/steps/2/completedAt","value":"2026-02-10T11:06:30.000Z"}]
        11:06:30 process_failed
        11:07:30 step_edited s5 changes={"description":"mine"}
        11:08:30 step_moved s3 index=0
        11:09:30 step_removed s5
    "#]],
    );
    assert_eq!(
        order(&state),
        "s3 Renamed failed, s1 S1 pending, s2 Of one completed, s4 Second of one pending"
    );
    let evidence = state.process().map(|process| process.evidence[0].step_id.clone());
    assert_eq!(evidence, Some(Some("s3".to_owned())));
}

#[test]
fn an_edit_by_place_reaches_the_step_that_was_meant() {
    let (common, mut one, mut other) = fork(&["a", "b", "c"]);
    one.does(Input::MoveStep { step: id("c"), after: None });
    one.does(Input::AddStep(NewStep {
        name: "First".to_owned(),
        after: Some(id("c")),
        ..NewStep::default()
    }));
    one.does(remove("a"));
    other.now = at("12:00");
    other.does(edit(json!([
        {"op": "replace", "path": "/steps/1/name", "value": "BB"},
        {"op": "replace", "path": "/steps/2/status", "value": "completed"},
        {"op": "add", "path": "/steps/-", "value": {"id": "d", "name": "D"}},
    ])));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_moved c index=0
        11:01:00 step_added s1 index=1
        11:02:00 step_removed a
        12:00:00 edited patch=[{"op":"replace","path":"/steps/0/status","value":"completed"},{"op":"add","path":"/steps/0/completedAt","value":"2026-02-10T12:00:00.000Z"},{"op":"replace","path":"/steps/2/name","value":"BB"},{"op":"add","path":"/steps/3","value":{"id":"d","name":"D","inputs":[],"outputs":[],"checks":[],"status":"pending"}}]
        12:00:00 process_started
    "#]],
    );
    assert_eq!(order(&state), "c C completed, s1 First pending, b BB pending, d D pending");
}

#[test]
fn edits_of_one_field_on_both_sides_are_named_and_the_first_stands() {
    let (common, mut one, mut other) = fork(&["a", "b"]);
    let name =
        |path: &str, value: &str| edit(json!([{"op": "replace", "path": path, "value": value}]));
    one.does(name("/name", "One"));
    other.does(name("/name", "Other"));
    one.does(name("/steps/0/name", "One"));
    other.does(name("/steps/0/name", "Other"));
    one.does(edit(json!([{"op": "add", "path": "/steps/1/checks/-", "value": "x"}])));
    other.does(edit(json!([{"op": "add", "path": "/steps/1/checks/-", "value": "y"}])));
    one.does(edit(json!([{"op": "add", "path": "/steps/-", "value": {"id": "c"}}])));
    other.does(edit(json!([{"op": "add", "path": "/steps/-", "value": {"id": "c"}}])));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
            11:00:00 edited patch=[{"op":"replace","path":"/name","value":"One"}]
            11:00:30 superseded edited
            11:01:00 edited patch=[{"op":"replace","path":"/steps/0/name","value":"One"}]
            11:01:30 superseded edited
            11:02:00 edited patch=[{"op":"add","path":"/steps/1/checks/0","value":"x"}]
            11:02:30 superseded edited
            11:03:00 edited patch=[{"op":"add","path":"/steps/2","value":{"id":"c","name":"c","inputs":[],"outputs":[],"checks":[],"status":"pending"}}]
            11:03:30 edited patch=[]
            ! event 3 of ada at 2026-02-10T11:00:30.000Z: both sides changed `name`
            ! event 4 of ada at 2026-02-10T11:01:30.000Z: both sides renamed step `a`
            ! event 5 of ada at 2026-02-10T11:02:30.000Z: both sides changed `checks` of step `b`
        "#]],
    );
    assert_eq!(order(&state), "a One pending, b B pending, c c pending");
}

#[test]
fn work_on_a_step_that_the_other_side_removed_is_named() {
    let (common, mut one, mut other) = fork(&["a", "b"]);
    one.does(remove("a"));
    other.does(set("a", StepStatus::Completed));
    other.does(edit(json!([{"op": "replace", "path": "/steps/0/name", "value": "AA"}])));
    other.does(Input::EditStep { step: id("a"), changes: json!({"description": "x"}) });
    other.does(remove("a"));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_removed a
        11:00:30 superseded step_completed
        11:00:30 superseded process_started
        11:01:30 superseded edited
        11:02:30 superseded step_edited
        11:03:30 superseded step_removed
        ! event 3 of ada at 2026-02-10T11:00:30.000Z: step `a` was removed by the other side
        ! event 5 of ada at 2026-02-10T11:01:30.000Z: step `a` was removed by the other side
        ! event 6 of ada at 2026-02-10T11:02:30.000Z: step `a` was removed by the other side
        ! event 7 of ada at 2026-02-10T11:03:30.000Z: step `a` was removed by the other side
    "#]],
    );
    assert_eq!(order(&state), "b B pending");
}

#[test]
fn versions_of_both_sides_get_numbers_of_their_own_and_hold_what_their_side_saw() {
    let (common, mut one, mut other) = fork(&["a"]);
    one.does(add("Of one"));
    one.does(take("one"));
    other.does(add("Of the other"));
    other.does(take("other"));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_added s1 index=1
        11:00:30 step_added s2 index=2
        11:01:00 version_imported
        11:01:30 version_imported
    "#]],
    );
    let versions: Vec<String> = state
        .versions()
        .iter()
        .map(|version| {
            format!("{} {} {}", version.number, version.reason, version.process["steps"][1]["name"])
        })
        .collect();
    assert_eq!(
        versions,
        ["1 Initial process creation null", "2 one \"Of one\"", "3 other \"Of the other\""]
    );
}

#[test]
fn restoring_does_not_undo_the_other_side_in_silence() {
    let (common, mut one, mut other) = fork(&["a"]);
    one.does(set("a", StepStatus::InProgress));
    other.does(restore(1));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 step_started a
        11:00:00 process_started
        11:00:30 superseded restored
        11:00:30 version_imported
        ! event 3 of ada at 2026-02-10T11:00:30.000Z: restoring version 1 would undo what the other side did
    "#]],
    );
    assert_eq!(order(&state), "a A in_progress");
    let (common, one, mut other) = fork(&["a"]);
    other.does(set("a", StepStatus::InProgress));
    other.does(restore(1));
    let state = merged(&common, &one, &other).1;
    assert_eq!(order(&state), "a A pending");
}

#[test]
fn records_of_both_sides_get_ids_of_their_own() {
    let (common, mut one, mut other) = fork(&[]);
    let risk = |risk: &str| Input::RecordRisk {
        risk: risk.to_owned(),
        impact: "low".to_owned(),
        mitigation: String::new(),
    };
    one.does(decision("one"));
    other.does(decision("other"));
    one.does(risk("one"));
    other.does(risk("other"));
    let (merged, state) = merged(&common, &one, &other);
    assert_eq!(merged.disagreements, [""; 0]);
    let process = state.process().expect("there is one");
    let decisions = process.decisions.iter().map(|one| format!("{} {}", one.id, one.question));
    assert_eq!(decisions.collect::<Vec<_>>(), ["d1 one", "d2 other"]);
    let risks = process.risks.iter().map(|one| format!("{} {}", one.id, one.risk));
    assert_eq!(risks.collect::<Vec<_>>(), ["r1 one", "r2 other"]);
}

#[test]
fn archiving_on_both_sides_is_archiving() {
    let (common, mut one, mut other) = fork(&["a"]);
    one.does(Input::Archive);
    other.does(set("a", StepStatus::InProgress));
    other.does(Input::Archive);
    other.does(Input::Unarchive);
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 archived
        11:00:30 step_started a
        11:00:30 process_started
        11:01:30 superseded archived
        11:02:30 unarchived
        ! event 5 of ada at 2026-02-10T11:01:30.000Z: the other side archived it already
    "#]],
    );
    assert_eq!(state.process().map(process_core::Process::is_archived), Some(false));
}

#[test]
fn a_status_set_by_hand_before_the_fork_stays_when_no_step_moves() {
    let mut common = Bench::with(&["a"]);
    common.does(edit(json!([{"op": "replace", "path": "/status", "value": "completed"}])));
    let (common, mut one, mut other) = sides_of(common);
    one.does(note("x", "a"));
    other.does(decision("y"));
    let state = merged(&common, &one, &other).1;
    assert_eq!(state.process().map(|process| process.status.as_str()), Some("completed"));
}

#[test]
fn sides_that_have_nothing_in_common_make_one_process() {
    let (common, mut one, mut other) = sides_of(Bench::empty());
    let mut mine = process();
    mine.name = "Of one".to_owned();
    one.does(create(mine));
    other.does(create(process()));
    let state = check(
        &common,
        &one,
        &other,
        expect![[r#"
        11:00:00 created
        11:00:00 version_imported
        11:00:30 superseded created
        11:00:30 version_imported
        ! event 1 of ada at 2026-02-10T11:00:30.000Z: the process exists already
    "#]],
    );
    assert_eq!(state.process().map(|process| process.name.as_str()), Some("Of one"));
}

#[test]
fn one_side_alone_is_what_it_was() {
    let (common, mut one, other) = fork(&["a", "b"]);
    one.does(set("a", StepStatus::Completed));
    one.does(add("C"));
    let (merged, state) = merged(&common, &one, &other);
    assert_eq!(merged.events, one.journal);
    assert_eq!(state, one.execution);
    assert_eq!(merge(&common.journal, &[]).events, common.journal);
}

#[test]
fn a_side_keeps_its_own_order_even_where_its_clock_went_back() {
    let (common, mut one, mut other) = fork(&["a", "b"]);
    one.does(set("a", StepStatus::InProgress));
    one.now = at("10:30");
    one.does(set("a", StepStatus::Completed));
    other.does(set("b", StepStatus::Skipped));
    let (merged, state) = merged(&common, &one, &other);
    assert_eq!(order(&state), "a A completed, b B skipped");
    assert_eq!(merged.disagreements, [""; 0]);
}

fn any_input() -> impl Strategy<Value = Input> {
    let step = || sample::select(vec!["s1", "s2", "s3", "s4", "s5"]);
    let place = || 0..4_usize;
    prop_oneof![
        3 => (step(), sample::select(StepStatus::ALL.to_vec())).prop_map(|(step, status)| set(step, status)),
        2 => Just(add("New")),
        1 => step().prop_map(remove),
        2 => (step(), 0..9_u64).prop_map(|(step, minutes)| claim(step, minutes)),
        1 => step().prop_map(release),
        2 => (step(), step()).prop_map(|(step, after)| Input::MoveStep { step: id(step), after: Some(id(after)) }),
        2 => (place(), sample::select(vec!["completed", "pending", "failed"])).prop_map(|(place, status)| {
            edit(json!([{"op": "replace", "path": format!("/steps/{place}/status"), "value": status}]))
        }),
        1 => place().prop_map(|place| edit(json!([{"op": "remove", "path": format!("/steps/{place}")}]))),
        1 => place().prop_map(|place| {
            edit(json!([{"op": "add", "path": format!("/steps/{place}"), "value": {"id": "s4", "name": "By hand"}}]))
        }),
        1 => Just(take("again")),
        1 => (1..3_u64).prop_map(restore),
        1 => step().prop_map(|step| note("seen", step)),
        1 => Just(Input::Archive),
        1 => Just(Input::Unarchive),
    ]
}

proptest! {
    #[test]
    fn any_two_sides_come_together_the_same_way_round(
        ones in collection::vec(any_input(), 0..10),
        others in collection::vec(any_input(), 0..10),
    ) {
        let (common, mut one, mut other) = fork(&["s1", "s2", "s3"]);
        for (side, inputs) in [(&mut one, ones), (&mut other, others)] {
            for input in inputs {
                // What is refused does not stand in the journal of the side.
                let _ = side.tries("ada", input);
            }
        }
        let (merged, state) = merged(&common, &one, &other);
        let superseded = merged.events.iter().filter(|event| matches!(event.fact, Fact::Superseded { .. }));
        prop_assert!(merged.disagreements.len() <= superseded.count());
        let process = state.process().expect("the common events made it");
        for (index, step) in process.steps.iter().enumerate() {
            prop_assert_eq!(process.position(&step.id), Some(index));
        }
        prop_assert!(state.versions().is_sorted_by(|a, b| a.number < b.number));
        let versions = |side: &Bench| side.execution.versions().len() - 1;
        prop_assert!(state.versions().len() > versions(&one).max(versions(&other)));
    }
}

fn write(offset: usize, removed: &str, inserted: &str) -> Input {
    let reason = EntryReason { kind: EntryKind::Patch, of: None, ids: Vec::new(), note: None };
    let splice = Splice { offset, removed: removed.to_owned(), inserted: inserted.to_owned() };
    Input::ChangeDocument { reason, splices: vec![splice] }
}

#[test]
fn both_sides_change_a_document_in_different_places() {
    let mut common = Bench::with(&["a"]);
    common.does(write(0, "", "one two three"));
    let (common, mut one, mut other) = sides_of(common);
    one.does(write(0, "one", "1"));
    other.does(write(8, "three", "3"));
    other.does(write(8, "3", "three and a half"));
    let (merged, execution) = merged(&common, &one, &other);
    assert_eq!(execution.document(), Some("1 two three and a half"));
    assert_eq!(execution.entry_last(), 4);
    assert_eq!(merged.disagreements, Vec::<String>::new());
}

#[test]
fn of_two_changes_at_one_place_of_a_document_the_first_stands_and_the_other_is_named() {
    let mut common = Bench::with(&["a"]);
    common.does(write(0, "", "one two three"));
    let (common, mut one, mut other) = sides_of(common);
    one.does(write(4, "two", "2"));
    other.does(write(4, "two", "TWO"));
    let (merged, execution) = merged(&common, &one, &other);
    assert_eq!(execution.document(), Some("one 2 three"));
    assert_eq!(merged.disagreements.len(), 1);
    assert!(
        merged.disagreements[0].ends_with("the other side changed the same part of the document"),
        "{:?}",
        merged.disagreements
    );
}
