//! Tests of the gates: each one both ways.

use super::Gate;
use crate::{diagnostic::Severity, samples::process};

#[track_caller]
fn check(gate: Gate, text: &str, passed: bool, message: &str) {
    let result = gate.run(&process(&format!("name: x\n{text}")));
    assert_eq!((result.passed, result.message.as_str()), (passed, message), "{gate:?}");
    assert_eq!((result.gate, result.severity), (gate, gate.severity()));
}

#[test]
fn there_must_be_a_step() {
    check(Gate::HasSteps, "", false, "no steps defined");
    check(Gate::HasSteps, "steps: [{name: a}]\n", true, "1 step");
    check(Gate::HasSteps, "steps: [{name: a}, {name: b}]\n", true, "2 steps");
}

#[test]
fn every_step_must_have_ended_well() {
    let gate = Gate::AllStepsCompleted;
    check(gate, "", true, "all steps have ended");
    check(gate, "steps: [{status: completed}, {status: skipped}]\n", true, "all steps have ended");
    check(gate, "steps: [{name: a, status: failed}]\n", false, "1 step not completed: a");
    check(
        gate,
        "steps: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}]\n",
        false,
        "5 steps not completed: a, b, c and 2 more",
    );
}

#[test]
fn something_must_show_that_work_was_done() {
    let gate = Gate::HasEvidence;
    let one = "{type: note, value: a}";
    check(gate, "", false, "no evidence recorded");
    check(gate, &format!("evidence: [{one}]\n"), true, "1 piece of evidence");
    check(gate, &format!("evidence: [{one}, {one}]\n"), true, "2 pieces of evidence");
}

#[test]
fn a_decision_must_be_on_record() {
    check(Gate::HasDecisions, "", false, "no decisions logged");
    check(Gate::HasDecisions, "decisions: [{question: a}]\n", true, "1 decision");
    check(Gate::HasDecisions, "decisions: [{question: a}, {question: b}]\n", true, "2 decisions");
}

#[test]
fn nothing_may_be_missing() {
    let gate = Gate::NoPendingMissing;
    let complete =
        "steps: [{name: Revert}]\ndecisions: [{question: a}]\nevidence: [{type: note, value: b}]\n";
    check(gate, complete, true, "nothing is missing");
    check(gate, &format!("{complete}missing: [a map]\n"), false, "1 missing: a map");
    check(
        gate,
        "missing: [a map]\n",
        false,
        "4 missing: No decisions logged, No evidence recorded, No rollback procedure defined and 1 more",
    );
}

#[test]
fn a_step_must_say_how_to_go_back() {
    let gate = Gate::HasRollback;
    check(gate, "steps: [{name: Deploy, description: rollback}]\n", false, "no rollback step");
    for name in ["Prepare ROLLBACK", "Roll back", "revert it"] {
        check(gate, &format!("steps: [{{name: {name}}}]\n"), true, "a step for the way back");
    }
}

#[test]
fn a_step_must_test_the_result() {
    let gate = Gate::HasValidation;
    check(gate, "steps: [{name: Deploy, checks: [tested]}]\n", false, "no validation step");
    for name in ["Run the Tests", "Validate", "verification"] {
        check(gate, &format!("steps: [{{name: {name}}}]\n"), true, "a validation step");
    }
}

#[test]
fn every_gate_has_one_name_and_the_first_two_are_errors() {
    let names = Gate::ALL.map(Gate::as_str);
    assert_eq!(
        names,
        [
            "has_steps",
            "all_steps_completed",
            "has_evidence",
            "has_decisions",
            "no_pending_missing",
            "has_rollback",
            "has_validation"
        ]
    );
    assert_eq!(names.map(Gate::parse), Gate::ALL.map(Some));
    assert_eq!(Gate::parse("hasSteps"), None);
    let errors = Gate::ALL.iter().filter(|gate| gate.severity() == Severity::Error).count();
    assert_eq!(errors, 2);
}
