//! Adding, moving, removing and changing steps.

use expect_test::expect;
use process_core::StepStatus;
use serde_json::{Value, json};

use super::bench::{Bench, add, edit, id, remove, restore, set, take};
use crate::{Input, NewStep, RejectedKind};

/// Moves a step and tells the order; `-` is the front.
#[track_caller]
fn check(step: &str, after: &str, order: &str) {
    let mut bench = Bench::with(&["a", "b", "c", "d"]);
    let after = (after != "-").then(|| id(after));
    bench.does(Input::MoveStep { step: id(step), after });
    assert_eq!(bench.order(), order);
}

fn change(step: &str, changes: Value) -> Input {
    Input::EditStep { step: id(step), changes }
}

#[test]
fn a_step_is_put_behind_another_or_to_the_front() {
    check("d", "-", "d a b c");
    check("a", "-", "a b c d");
    check("a", "d", "b c d a");
    check("a", "b", "b a c d");
    check("d", "a", "a d b c");
    check("c", "b", "a b c d");
}

#[test]
fn a_step_cannot_stand_behind_itself_or_nothing() {
    let mut bench = Bench::with(&["a", "b"]);
    let to = |after: &str| Input::MoveStep { step: id("a"), after: Some(id(after)) };
    let (kind, message) = bench.refuses(to("a"));
    assert_eq!(
        (kind, message.as_str()),
        (RejectedKind::Invalid, "step `a` cannot stand behind itself")
    );
    assert_eq!(bench.refuses(to("x")).1, "there is no step `x`");
}

#[test]
fn a_new_step_stands_at_the_end_or_behind_another_with_the_next_number() {
    let mut bench = Bench::with(&["s1", "pack"]);
    expect![[r#"
        step_added s2 index=2
    "#]]
    .assert_eq(&bench.does(add("Load")));
    let after = NewStep {
        name: "Tape".to_owned(),
        description: Some("Twice".to_owned()),
        after: Some(id("s1")),
        inputs: vec!["tape".to_owned()],
        outputs: vec!["taped box".to_owned()],
        checks: vec!["it holds".to_owned()],
    };
    expect![[r#"
        step_added s3 index=1
    "#]]
    .assert_eq(&bench.does(Input::AddStep(after)));
    assert_eq!(bench.order(), "s1 s3 pack s2");
    let step = bench.step("s3").to_value();
    assert_eq!(
        step,
        json!({"id": "s3", "name": "Tape", "description": "Twice", "inputs": ["tape"],
               "outputs": ["taped box"], "checks": ["it holds"], "status": "pending"})
    );
}

#[test]
fn a_number_is_never_given_twice() {
    let mut bench = Bench::with(&["s1"]);
    bench.does(add("Two"));
    bench.does(take("with two"));
    bench.does(remove("s2"));
    bench.does(add("Three"));
    assert_eq!(bench.order(), "s1 s3");
    let new = json!({"id": "s7", "name": "Seven"});
    bench.does(edit(json!([{"op": "add", "path": "/steps/-", "value": new}])));
    bench.does(edit(json!([{"op": "remove", "path": "/steps/2"}])));
    bench.does(add("Eight"));
    assert_eq!(bench.order(), "s1 s3 s8");
    bench.does(restore(1));
    assert_eq!(bench.order(), "s1");
    bench.does(add("Nine"));
    bench.does(restore(2));
    assert_eq!(bench.order(), "s1 s2");
    bench.does(add("Ten"));
    assert_eq!(bench.order(), "s1 s2 s10");
    for gone in ["s3", "s7", "s8", "s9"] {
        let (kind, message) = bench.refuses(set(gone, StepStatus::Completed));
        assert_eq!((kind, message), (RejectedKind::Conflict, format!("step `{gone}` was removed")));
    }
}

#[test]
fn numbers_at_the_end_of_all_numbers_are_names_like_any_other() {
    for huge in ["s18446744073709551615", "s1000000000", "s999999999"] {
        let mut bench = Bench::with(&["s1", huge]);
        bench.does(add("One"));
        bench.does(add("Two"));
        let last = bench.process().steps.last().map(|step| step.id.to_string());
        bench.does(remove(last.as_deref().unwrap_or_default()));
        bench.does(add("Three"));
        let order = bench.order();
        let ids: std::collections::BTreeSet<&str> = order.split(' ').collect();
        assert_eq!((ids.len(), bench.process().steps.len()), (4, 4), "{order}");
        assert!(!order.contains(last.as_deref().unwrap_or_default()), "{order}");
    }
}

#[test]
fn a_step_under_work_is_not_removed() {
    for status in [StepStatus::InProgress, StepStatus::Waiting] {
        let mut bench = Bench::with(&["a"]);
        bench.does(set("a", status));
        let (kind, message) = bench.refuses(remove("a"));
        assert_eq!((kind, message), (RejectedKind::Conflict, format!("step `a` is {status}")));
    }
    for status in [StepStatus::Completed, StepStatus::Skipped, StepStatus::Failed] {
        let mut bench = Bench::with(&["a"]);
        bench.does(set("a", status));
        bench.does(remove("a"));
        assert_eq!(bench.order(), "");
    }
}

#[test]
fn fields_of_a_step_are_changed_and_taken_away() {
    let mut bench = Bench::with(&["a"]);
    bench
        .does(change("a", json!({"name": "Pack", "description": "x", "checks": ["y"], "desk": 4})));
    assert_eq!(bench.step("a").extra.get("desk"), Some(&json!(4)));
    expect![[r#"
        step_edited a changes={"description":null,"desk":null}
    "#]]
    .assert_eq(&bench.does(change("a", json!({"description": null, "desk": null}))));
    let step = bench.step("a");
    assert_eq!((step.name.as_str(), step.description.as_ref()), ("Pack", None));
    assert!(step.extra.is_empty());
    assert_eq!(step.checks, ["y"]);
}

#[test]
fn what_has_an_input_of_its_own_is_not_changed_as_a_field() {
    let mut bench = Bench::with(&["a"]);
    let (kind, message) =
        bench.refuses(change("a", json!({"id": "b", "status": "completed", "claim": null})));
    assert_eq!(kind, RejectedKind::Invalid);
    expect!["`id` of a step is not changed as a field; `status` of a step is not changed as a field; `claim` of a step is not changed as a field"].assert_eq(&message);
    expect!["the changes of a step must be a map"]
        .assert_eq(&bench.refuses(change("a", json!(["name"]))).1);
    expect!["`name` of step `a` must be text, not a number; `checks` of step `a` must be a list, not text"].assert_eq(&bench.refuses(change("a", json!({"name": 7, "checks": "x"}))).1);
}

#[test]
fn outputs_are_added_and_a_note_becomes_evidence() {
    let mut bench = Bench::with(&["a", "b"]);
    let with = |status, outputs: &[&str], note: Option<&str>| Input::SetStepStatus {
        step: id("a"),
        status,
        outputs: outputs.iter().map(|text| (*text).to_owned()).collect(),
        note: note.map(String::from),
    };
    expect![[r#"
        step_output_added a outputs=["one"]
        step_started a
        process_started
    "#]]
    .assert_eq(&bench.does(with(StepStatus::InProgress, &["one"], None)));
    expect![[r#"
        step_output_added a outputs=["two"]
        evidence_recorded evidence={"type":"note","value":"half","stepId":"a","timestamp":"2026-02-10T10:02:00.000Z"}
    "#]].assert_eq(&bench.does(with(StepStatus::InProgress, &["two"], Some("half"))));
    expect![[r#"
        step_completed a outputs=["three"]
        evidence_recorded evidence={"type":"note","value":"done","stepId":"a","timestamp":"2026-02-10T10:03:00.000Z"}
    "#]].assert_eq(&bench.does(with(StepStatus::Completed, &["three"], Some("done"))));
    expect![[r#"
        evidence_recorded evidence={"type":"note","value":"late","stepId":"a","timestamp":"2026-02-10T10:04:00.000Z"}
    "#]].assert_eq(&bench.does(with(StepStatus::Completed, &[], Some("late"))));
    assert_eq!(bench.step("a").outputs, ["one", "two", "three"]);
    assert_eq!(
        bench.refuses(with(StepStatus::Completed, &[], None)).1,
        "step `a` is completed already"
    );
    let evidence: Vec<&str> =
        bench.process().evidence.iter().map(|evidence| evidence.value.as_str()).collect();
    assert_eq!(evidence, ["half", "done", "late"]);
}
