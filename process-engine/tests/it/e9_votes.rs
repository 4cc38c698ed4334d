//! Approvals by several people, and who may decide.

use process_core::event::Decided::{self, Approved, Rejected};
use process_engine::RejectedKind;
use serde_json::json;

use crate::{
    check::{check, has_problem},
    driver::{Driver, decide},
};

/// Lets people say yes or no in turn; returns the status of the step after each.
fn votes(approval: &str, said: &[(&str, Decided)]) -> Vec<&'static str> {
    let mut driver = Driver::start(&format!(
        "steps: [{{id: r, type: human_approval, on_reject: continue, {approval}}}]"
    ));
    let mut seen = Vec::new();
    for (by, decision) in said {
        driver.says(by, "r", *decision);
        let decided = driver.output("r")["decision"].as_str().map(str::to_owned);
        seen.push(match decided.as_deref() {
            Some("approved") => "approved",
            Some("rejected") => "rejected",
            _ => driver.step("r"),
        });
    }
    seen
}

const FIVE: &str = "approvers: [ana, bo, cy, di, ed]";

#[test]
fn e9_4_it_is_approved_at_the_nth_approval_and_rejected_as_soon_as_n_is_out_of_reach() {
    let three = format!("{FIVE}, min_approvals: 3");
    assert_eq!(
        votes(&three, &[("ana", Approved), ("di", Approved), ("cy", Approved)]),
        ["waiting", "waiting", "approved"]
    );
    assert_eq!(
        votes(&three, &[("ana", Rejected), ("di", Rejected), ("cy", Rejected)]),
        ["waiting", "waiting", "rejected"]
    );
    assert_eq!(
        votes(
            &three,
            &[
                ("ana", Rejected),
                ("di", Approved),
                ("cy", Rejected),
                ("bo", Approved),
                ("ed", Approved)
            ]
        ),
        ["waiting", "waiting", "waiting", "waiting", "approved"]
    );
    let all = format!("{FIVE}, min_approvals: 5");
    assert_eq!(votes(&all, &[("ana", Approved), ("di", Rejected)]), ["waiting", "rejected"]);
    let one = format!("{FIVE}, min_approvals: 1");
    assert_eq!(votes(&one, &[("ana", Rejected), ("di", Approved)]), ["waiting", "approved"]);
}

#[test]
fn e9_4_an_approver_who_is_named_twice_is_one_approver() {
    // Of two people one has said no: two approvals are out of reach.
    assert_eq!(
        votes("approvers: [ana, ana, bo], min_approvals: 2", &[("bo", Rejected)]),
        ["rejected"]
    );
}

#[test]
fn e9_4_more_approvals_than_people_is_an_error_or_rejected_when_it_opens() {
    has_problem(
        "steps: [{id: r, type: human_approval, approvers: [ana], min_approvals: 2}]",
        "error out_of_range",
    );
    // Who decides is an expression: it is seen when the approval opens that nobody can reach two.
    let driver = Driver::start_with(
        "steps: [{id: r, type: human_approval, on_reject: continue, approvers: '{{ input.who }}', min_approvals: 2}]",
        json!({"who": ["ana"]}),
    );
    assert_ne!(driver.status(), "waiting");
}

#[test]
fn e9_4_the_output_names_who_decided_it() {
    check(
        "
steps:
  - {id: r, type: human_approval, on_reject: continue, approvers: [ana, bo, cy], min_approvals: 2}
outputs: [{name: by, value: '{{ steps.r.decision }} {{ steps.r.decided_by }} {{ steps.r.comment }}'}]
",
        "
steps: {r: [{decision: approved, by: ana, comment: fine, after: 1m}, {decision: rejected, by: bo, after: 2m}, {decision: approved, by: cy, comment: ok, after: 3m}]}
expect: {status: completed, outputs: {by: approved cy ok}, duration: 3m}
",
    );
}

#[test]
fn e9_5_the_same_approver_counts_once() {
    let mut driver = Driver::start(
        "steps: [{id: r, type: human_approval, approvers: [ana, bo], min_approvals: 2}]",
    );
    driver.says("ana", "r", Approved);
    let rejected = driver.refuses_by("ana", decide("r", Approved));
    assert_eq!(rejected.kind(), RejectedKind::AlreadyDecided);
    // Nor may anybody change sides.
    driver.refuses_by("ana", decide("r", Rejected));
    assert_eq!(driver.step("r"), "waiting");
    driver.says("bo", "r", Approved);
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e9_6_someone_who_is_no_approver_is_forbidden_and_told_who_is() {
    let mut driver = Driver::start("steps: [{id: r, type: human_approval, approvers: [ana, bo]}]");
    let rejected = driver.refuses_by("eve", decide("r", Approved));
    assert_eq!(rejected.kind(), RejectedKind::Forbidden);
    let message = rejected.to_string();
    assert!(message.contains("ana") && message.contains("bo"), "{message}");
    assert!(rejected.hint().is_some_and(|hint| hint.contains("--by")));
    driver.says("bo", "r", Approved);
    assert_eq!(driver.status(), "completed");
    // Without approvers anybody decides.
    let mut driver = Driver::start("steps: [{id: r, type: human_approval}]");
    driver.says("eve", "r", Approved);
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e9_6_approvers_may_be_an_expression_that_gives_a_list() {
    let mut driver = Driver::start_with(
        "steps: [{id: r, type: human_approval, approvers: ['{{ input.who }}', di]}]",
        json!({"who": ["ana", "bo"]}),
    );
    driver.refuses_by("eve", decide("r", Approved));
    driver.says("bo", "r", Approved);
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e9_9_a_rejection_may_need_a_reason() {
    let mut driver = Driver::start(
        "steps: [{id: r, type: human_approval, on_reject: continue, require_reason_on_reject: true}]",
    );
    let rejected = driver.refuses_by("ana", decide("r", Rejected));
    assert_eq!(rejected.kind(), RejectedKind::Invalid);
    driver.says("ana", "r", Approved);
    assert_eq!(driver.status(), "completed");
}

#[test]
fn e9_19_how_a_decision_was_said_is_recorded() {
    let mut driver = Driver::start("steps: [{id: r, type: human_approval, approvers: [ana]}]");
    let step = process_engine::VisitRef::parse("r").expect("a step");
    let decision = process_engine::Decision {
        decision: Approved,
        comment: None,
        via: Some("--yes".to_owned()),
    };
    let events = driver.gives_by("ana", process_engine::Input::Decide { step, decision });
    let decided = events
        .iter()
        .map(process_core::Event::to_value)
        .find(|event| event["type"] == "approval_decided");
    let decided = decided.unwrap_or_default();
    assert_eq!((&decided["decided_by"], &decided["via"]), (&json!("ana"), &json!("--yes")));
}

#[test]
fn e9_4_a_timeout_ends_an_approval_of_which_some_have_decided() {
    check(
        "
steps:
  - {id: r, type: human_approval, approvers: [ana, bo, cy], min_approvals: 2, timeout: 1h, on_timeout: reject, on_reject: continue}
outputs: [{name: by, value: '{{ steps.r.decision }} {{ steps.r.decided_by }}'}]
",
        "
steps: {r: {decision: approved, by: ana, after: 1m}}
expect: {status: completed, outputs: {by: rejected timeout}, duration: 1h}
",
    );
}

#[test]
fn e9_4_votes_outlive_a_pause() {
    let mut driver = Driver::start(
        "steps: [{id: r, type: human_approval, approvers: [ana, bo], min_approvals: 2}, {id: t, depends_on: [r]}]",
    );
    driver.says("ana", "r", Approved);
    driver.gives(process_engine::Input::Pause);
    driver.says("bo", "r", Approved);
    driver.gives(process_engine::Input::Resume);
    assert_eq!((driver.step("r"), driver.run().dispatchable().count()), ("completed", 1));
}
