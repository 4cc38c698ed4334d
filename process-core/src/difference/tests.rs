//! Tests of finding, applying and telling differences.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Difference, StepChange, apply, difference, rebase};
use crate::{
    model::Process,
    samples::{any_process, process, told},
};

/// The summary of what makes `after` of `before`, and each change in a line.
fn check(before: &str, after: &str, expect: Expect) {
    let (before, after) = (process(before), process(after));
    let difference = difference(&before, &after);
    expect.assert_eq(&lines(&difference));
    let applied = apply(&difference, &before).unwrap_or_else(|all| panic!("{}", told(&all)));
    assert_eq!(applied.content(), after.content());
}

fn lines(difference: &Difference) -> String {
    let mut out = format!("{}\n", difference.summary());
    let value = difference.to_value();
    for list in ["fields", "steps"] {
        for change in value[list].as_array().into_iter().flatten() {
            let mut change = change.clone();
            if let Some(map) = change.as_object_mut() {
                map.shift_remove("content");
            }
            out.push_str(&format!("{change}\n"));
        }
    }
    out
}

fn with_steps(steps: &str) -> String {
    format!("name: x\nsteps:\n{steps}")
}

#[test]
fn equal_processes_differ_in_nothing() {
    check("name: x\nrevision: 3\n", "name: x\nrevision: 4\n", expect!["No changes\n"]);
}

#[test]
fn an_added_step_and_completed_ones_are_told_in_a_few_words() {
    check(
        &with_steps("  - {id: s1, name: A}\n  - {id: s2, name: B}\n"),
        &with_steps(
            "  - {id: s1, name: A, status: completed, completedAt: 2026-02-10T10:00:00Z}\n  - {id: s2, name: B, status: completed}\n  - {id: s3, name: C}\n",
        ),
        expect![[r#"
            +1 step, 2 steps completed
            {"change":"status","step":"s1","name":"A","from":"pending","to":"completed"}
            {"change":"changed","step":"s1","field":"completedAt","from":null,"to":"2026-02-10T10:00:00Z"}
            {"change":"status","step":"s2","name":"B","from":"pending","to":"completed"}
            {"change":"added","step":"s3","name":"C","index":2}
        "#]],
    );
}

#[test]
fn every_kind_of_change_has_its_word() {
    check(
        &with_steps(
            "  - {id: a, name: A}\n  - {id: b, name: B}\n  - {id: c, name: C}\n  - {id: d, name: D, status: failed}\n  - {id: e, name: E, description: old, checks: [x]}\n",
        ),
        &with_steps(
            "  - {id: c, name: C, status: skipped}\n  - {id: a, name: AA}\n  - {id: d, name: D, status: pending}\n  - {id: e, name: E, description: new, checks: [x, y]}\n",
        ),
        expect![[r#"
            -1 step, 1 step skipped, 1 step reset, 1 step renamed, 1 step moved, 1 step changed
            {"change":"removed","step":"b","name":"B","index":1}
            {"change":"moved","step":"c","from":2,"to":0}
            {"change":"status","step":"c","name":"C","from":"pending","to":"skipped"}
            {"change":"renamed","step":"a","from":"A","to":"AA"}
            {"change":"status","step":"d","name":"D","from":"failed","to":"pending"}
            {"change":"changed","step":"e","field":"description","from":"old","to":"new"}
            {"change":"changed","step":"e","field":"checks","from":["x"],"to":["x","y"]}
        "#]],
    );
}

#[test]
fn each_status_has_its_verb() {
    let pending = with_steps("  - {id: a, name: A}\n");
    for (status, verb) in [
        ("in_progress", "1 step started"),
        ("waiting", "1 step waiting"),
        ("completed", "1 step completed"),
        ("skipped", "1 step skipped"),
        ("failed", "1 step failed"),
        ("cancelled", "1 step cancelled"),
        ("compensated", "1 step compensated"),
    ] {
        let other = with_steps(&format!("  - {{id: a, name: A, status: {status}}}\n"));
        let (from, to) = (process(&pending), process(&other));
        assert_eq!(difference(&from, &to).summary(), verb);
        assert_eq!(difference(&to, &from).summary(), "1 step reset");
    }
}

#[test]
fn records_and_root_fields_are_counted_or_named() {
    check(
        "name: x\ndecisions: [{question: a}]\nrisks: [{risk: a}, {risk: b}, {risk: c}]\nowner: ada\ntags: [a]\n",
        "name: y\ndecisions: [{question: a}, {question: b}]\nrisks: [{risk: a}]\nevidence: [{type: note, value: a}, {type: note, value: b}]\narchivedAt: 2026-02-10T10:00:00Z\nstatus: paused\n",
        expect![[r#"
            name changed, status changed, tags changed, +1 decision, -2 risks, +2 evidence, owner changed, archived
            {"field":"name","from":"x","to":"y"}
            {"field":"status","from":"planned","to":"paused"}
            {"field":"tags","from":["a"],"to":null}
            {"field":"decisions","from":[{"question":"a","choice":"","rationale":""}],"to":[{"question":"a","choice":"","rationale":""},{"question":"b","choice":"","rationale":""}]}
            {"field":"risks","from":[{"risk":"a","impact":"medium","mitigation":"","status":"identified"},{"risk":"b","impact":"medium","mitigation":"","status":"identified"},{"risk":"c","impact":"medium","mitigation":"","status":"identified"}],"to":[{"risk":"a","impact":"medium","mitigation":"","status":"identified"}]}
            {"field":"evidence","from":[],"to":[{"type":"note","value":"a"},{"type":"note","value":"b"}]}
            {"field":"owner","from":"ada","to":null}
            {"field":"archivedAt","from":null,"to":"2026-02-10T10:00:00Z"}
        "#]],
    );
    check(
        "name: x\narchivedAt: 2026-02-10T10:00:00Z\nrisks: [{risk: a}]\n",
        "name: x\nrisks: [{risk: b}]\n",
        expect![[r#"
            risk changed, taken back from the archive
            {"field":"risks","from":[{"risk":"a","impact":"medium","mitigation":"","status":"identified"}],"to":[{"risk":"b","impact":"medium","mitigation":"","status":"identified"}]}
            {"field":"archivedAt","from":"2026-02-10T10:00:00Z","to":null}
        "#]],
    );
}

#[test]
fn one_step_that_goes_to_the_front_is_one_move() {
    check(
        &with_steps("  - {id: a}\n  - {id: b}\n  - {id: c}\n  - {id: d}\n"),
        &with_steps("  - {id: d}\n  - {id: a}\n  - {id: b}\n  - {id: c}\n"),
        expect![[r#"
            1 step moved
            {"change":"moved","step":"d","from":3,"to":0}
        "#]],
    );
}

#[test]
fn a_difference_also_fits_a_state_that_went_on() {
    let before = process(&with_steps("  - {id: a, name: A}\n  - {id: b, name: B}\n"));
    let after = process(&with_steps("  - {id: b, name: BB}\n  - {id: a, name: A}\n  - {id: c}\n"));
    let other = process(&with_steps("  - {id: x, name: X}\n  - {id: b, name: B}\n"));
    let merged = apply(&difference(&before, &after), &other).map_err(|all| told(&all));
    let names = merged.map(|process| {
        process.steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>().join(" ")
    });
    assert_eq!(names.as_deref(), Ok("BB X c"), "the step that moved goes where it was to go");
}

#[test]
fn a_difference_that_would_make_no_process_is_refused() {
    let before = process("name: x\nsteps: [{id: a}]\n");
    let after = process("name: x\nsteps: [{id: a}, {id: b}]\n");
    let problems = apply(&difference(&before, &after), &after).expect_err("b stands twice");
    assert_eq!(told(&problems), "duplicate_id step id `b` stands twice\n");
}

/// What an edit of `base` makes of a state that others made of it, or why it does not fit.
fn check_rebase(base: &str, edited: &str, current: &str, expect: Expect) {
    let [base, edited, current] = [base, edited, current].map(process);
    let said = match rebase(&difference(&base, &edited), &base, &current) {
        Ok(merged) => lines(&difference(&current, &merged)),
        Err(reason) => reason,
    };
    expect.assert_eq(&said);
}

#[test]
fn an_edit_is_told_again_on_a_state_that_changed_elsewhere() {
    check_rebase(
        &with_steps("  - {id: a, name: A}\n  - {id: b, name: B}\n"),
        &with_steps("  - {id: b, name: BB}\n  - {id: a, name: A}\n  - {id: c, name: C}\n"),
        &with_steps(
            "  - {id: x, name: X}\n  - {id: a, name: A, checks: [y]}\n  - {id: b, name: B, status: completed}\n",
        ),
        expect![[r#"
            +1 step, 1 step renamed, 1 step moved
            {"change":"moved","step":"b","from":2,"to":0}
            {"change":"renamed","step":"b","from":"B","to":"BB"}
            {"change":"added","step":"c","name":"C","index":2}
        "#]],
    );
    let nothing = "name: x\n";
    check_rebase(
        nothing,
        "name: y\n",
        "name: y\ngoal: z\n",
        expect![[r#"
        No changes
    "#]],
    );
}

#[test]
fn what_both_sides_add_to_a_list_stays_side_by_side() {
    check_rebase(
        "name: x\ntags: [a, b]\ndecisions: [{id: d1, question: one}, {id: d2, question: two}]\n",
        "name: x\ntags: [a, c]\ndecisions: [{id: d1, question: ONE}, {id: d3, question: three}]\n",
        "name: x\ntags: [a, b, e]\ndecisions: [{id: d1, question: one}, {id: d2, question: two}, {id: d4, question: four}]\n",
        expect![[r#"
            tags changed, decision changed
            {"field":"tags","from":["a","b","e"],"to":["a","e","c"]}
            {"field":"decisions","from":[{"id":"d1","question":"one","choice":"","rationale":""},{"id":"d2","question":"two","choice":"","rationale":""},{"id":"d4","question":"four","choice":"","rationale":""}],"to":[{"id":"d1","question":"ONE","choice":"","rationale":""},{"id":"d4","question":"four","choice":"","rationale":""},{"id":"d3","question":"three","choice":"","rationale":""}]}
        "#]],
    );
}

#[test]
fn what_would_be_lost_is_refused_with_its_name() {
    let step = |keys: &str| with_steps(&format!("  - {{id: a, {keys}}}\n"));
    let (base, none) = (step("name: A"), "name: x\n".to_owned());
    for (edited, current, reason) in [
        (step("name: B"), step("name: C"), "both sides renamed step `a`"),
        (step("name: B"), none.clone(), "step `a` was removed by the other side"),
        (none, step("name: C"), "the other side changed step `a`"),
        (
            step("name: A, status: failed"),
            step("name: A, status: completed"),
            "step `a` was completed by the other side before",
        ),
        (
            step("name: A, checks: [x]"),
            step("name: A, checks: [y]"),
            "both sides changed `checks` of step `a`",
        ),
    ] {
        let [base, edited, current] = [&base, &edited, &current].map(|text| process(text));
        let refused = rebase(&difference(&base, &edited), &base, &current).map(|_| ());
        assert_eq!(refused, Err(reason.to_owned()));
    }
    check_rebase("name: x\n", "name: y\n", "name: z\n", expect!["both sides changed `name`"]);
    let risk = |text: &str| format!("name: x\nrisks: [{{id: r1, risk: {text}}}]\n");
    check_rebase(&risk("a"), &risk("b"), &risk("c"), expect!["both sides changed one of `risks`"]);
    check_rebase(&risk("a"), "name: x\n", &risk("c"), expect!["both sides changed one of `risks`"]);
    check_rebase(&risk("a"), &risk("b"), "name: x\n", expect!["both sides changed one of `risks`"]);
}

/// The length of a longest run of common steps in the same order, by trying every choice.
fn longest_common_order(before: &Process, after: &Process) -> usize {
    let places: Vec<usize> =
        after.steps.iter().filter_map(|step| before.position(&step.id)).collect();
    (0..1_u32 << places.len())
        .filter_map(|choice| {
            let chosen: Vec<usize> = (0..places.len())
                .filter(|index| choice & (1 << index) != 0)
                .map(|index| places[index])
                .collect();
            chosen.is_sorted().then_some(chosen.len())
        })
        .max()
        .unwrap_or(0)
}

proptest! {
    #[test]
    fn applying_a_difference_gives_the_content_of_the_other(a in any_process(), b in any_process()) {
        let difference = difference(&a, &b);
        let applied = apply(&difference, &a).map_err(|all| told(&all));
        prop_assert_eq!(applied.map(|process| process.content()), Ok(b.content()));
        prop_assert_eq!(difference.is_empty(), a.content() == b.content());
        prop_assert_eq!(difference.summary() == "No changes", difference.is_empty() || a.content() == b.content());
    }

    #[test]
    fn an_edit_of_a_state_that_nobody_changed_is_the_edit(a in any_process(), b in any_process()) {
        let merged = rebase(&difference(&a, &b), &a, &a).map(|process| process.content());
        prop_assert_eq!(merged, Ok(b.content()));
    }

    #[test]
    fn as_few_steps_as_possible_count_as_moved(a in any_process(), b in any_process()) {
        let changes = difference(&a, &b).steps;
        let moved = changes.iter().filter(|change| matches!(change, StepChange::Moved { .. })).count();
        let common = b.steps.iter().filter(|step| a.step(&step.id).is_some()).count();
        prop_assert_eq!(moved, common - longest_common_order(&a, &b));
    }
}
