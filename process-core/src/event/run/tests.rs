//! Tests of the events of a run: each comes back from its journal line as it was.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, json};

use super::{
    ApprovalRequest, Decided, GroupEnd, Parent, ResetCause, RunFact, SkipReason, Start, VisitId,
};
use crate::{
    Uid,
    event::{Event, Fact, JOURNAL_FORMAT},
    money::Cost,
    samples::{at, process, step_id},
    status::ProcessStatus,
};

fn visit() -> VisitId {
    VisitId { step: step_id("a"), visit: 2 }
}

fn later() -> DateTime<Utc> {
    "2026-02-10T10:00:00.250Z".parse().unwrap()
}

fn cost() -> Option<Cost> {
    Cost::parse("0.0123")
}

fn start() -> Start {
    Start {
        format: JOURNAL_FORMAT,
        process: Some(process("name: x\n")),
        definition: json!({"name": "x", "steps": []}).into(),
        input: json!({"topic": "rust"}),
        trigger: json!({}),
        seed: u64::MAX,
        key: Some("nightly".to_owned()),
        parent: Some(Parent { uid: Uid::from_u128(7), visit: visit() }),
        limit: cost(),
        stop_grace_ms: 10_000,
    }
}

fn request() -> ApprovalRequest {
    ApprovalRequest {
        title: "Publish?".to_owned(),
        description: Some("The report".to_owned()),
        approvers: vec!["ada".to_owned()],
        needed: 1,
        first_decides: true,
        artifacts: vec![json!("report.md")],
        on_reject: "fail".to_owned(),
        needs_reason: false,
    }
}

/// One fact of each variant, in the order of their types.
fn every_fact() -> Vec<RunFact> {
    let (at, step, error) = (visit(), step_id("a"), "boom".to_owned());
    let deadline = Some(later());
    vec![
        RunFact::Adopted {
            definition: json!({"name": "x"}).into(),
            warnings: vec!["w".to_owned()],
        },
        RunFact::ApprovalDecided {
            at: at.clone(),
            decision: Decided::Rejected,
            decided_by: "ada".to_owned(),
            comment: Some("no".to_owned()),
            via: Some("--yes".to_owned()),
        },
        RunFact::ApprovalOpened {
            at: at.clone(),
            request: request().into(),
            warnings: vec!["w".to_owned()],
            deadline,
        },
        RunFact::ApprovalOverdue { at: at.clone() },
        RunFact::AttemptFailed {
            at: at.clone(),
            attempt: 1,
            error: error.clone(),
            cost: cost(),
            retry_at: later(),
        },
        RunFact::BudgetExceeded { at: at.clone(), spent: Cost::ZERO, limit: Cost::ZERO },
        RunFact::ChildOpened {
            at: at.clone(),
            uid: Uid::from_u128(9),
            process: "invoice".to_owned(),
            version: Some("2".to_owned()),
            input: json!({"id": 1}).into(),
            limit: cost(),
            deadline,
        },
        RunFact::CompensationFailed {
            at: at.clone(),
            attempt: 1,
            error: error.clone(),
            cost: None,
            retry_at: deadline,
        },
        RunFact::CompensationRequested,
        RunFact::CompensationStarted {
            at: at.clone(),
            attempt: 1,
            token: 40,
            work: json!({"type": "command"}),
            deadline,
        },
        RunFact::ContextSaved { at: at.clone(), context: json!([1]) },
        RunFact::EffectSettled { effect: 3, is_done: true },
        RunFact::Ending {
            ending: ProcessStatus::Failed,
            step: Some(step.clone()),
            error: error.clone(),
            until: later(),
        },
        RunFact::FeedbackGiven { step: step.clone(), rating: Some(5), feedback: "good".to_owned() },
        RunFact::GroupEnded {
            step: step.clone(),
            group: 1,
            end: GroupEnd::Goto(step_id("b")),
            output: Some(json!([1, null]).into()),
            error: Some(error.clone()),
        },
        RunFact::GroupOpened {
            step: step.clone(),
            group: 1,
            items: vec![json!(1)],
            after: vec![visit()],
        },
        RunFact::Heartbeat { at: at.clone(), until: later() },
        RunFact::ItemAdded { step: step.clone(), group: 1, item: json!({"x": 1}) },
        RunFact::LateCost { at: at.clone(), token: 4, cost: Cost::ZERO },
        RunFact::MessageReceived {
            number: 1,
            name: "paid".to_owned(),
            key: Some("7".to_owned()),
            data: json!({"sum": 1}),
            id: Some("m1".to_owned()),
        },
        RunFact::NoticeDue { notice: json!({"type": "notification"}) },
        RunFact::Paused,
        RunFact::ProcessEnded {
            status: ProcessStatus::Completed,
            outputs: Map::from_iter([("report".to_owned(), json!("x"))]),
            error: None,
            warnings: vec!["w".to_owned()],
            left: vec![step.clone()],
            compensated: true,
        },
        RunFact::RepeatScheduled { step: step.clone(), group: 1, at_instant: later() },
        RunFact::Resumed,
        RunFact::Started(Box::new(start())),
        RunFact::StepCancelled { at: at.clone(), in_doubt: true },
        RunFact::StepCompensated { at: at.clone(), cost: cost() },
        RunFact::StepCompleted {
            at: at.clone(),
            output: json!({"route": "b"}).into(),
            cost: cost(),
            routes: Some(vec![step_id("b")]),
            back: vec![step_id("c")],
            message: Some(1),
        },
        RunFact::StepFailed {
            at: at.clone(),
            attempt: 1,
            error: error.clone(),
            cost: cost(),
            goto: Some(step_id("b")),
            output: Some(json!({"decision": "rejected"}).into()),
        },
        RunFact::StepInDoubt { at: at.clone() },
        RunFact::StepReady { at: at.clone(), after: vec![visit()], group: Some(1), index: Some(0) },
        RunFact::StepReleased { at: at.clone() },
        RunFact::StepSkipped {
            at: at.clone(),
            reason: SkipReason::Condition,
            detail: Some(json!({"condition": "input.x"}).into()),
            output: None,
            error: Some(error),
            cost: cost(),
        },
        RunFact::StepStarted {
            at: at.clone(),
            attempt: 1,
            dispatch: 2,
            token: 12,
            work: Some(json!({"type": "agent_task"}).into()),
            deadline,
            alive_until: deadline,
            reserved: cost(),
            holder: Some("ada".to_owned()),
            held_until: deadline,
        },
        RunFact::StepsReset {
            steps: vec![step],
            cause: ResetCause::Retry,
            targets: vec![step_id("a")],
        },
        RunFact::TimerStarted { at: at.clone(), until: later() },
        RunFact::WaitStarted {
            at,
            name: Some("paid".to_owned()),
            key: Some("7".to_owned()),
            deadline,
        },
    ]
}

#[test]
fn every_event_of_a_run_comes_back_from_its_line_as_it_was() {
    let mut types = BTreeSet::new();
    for fact in every_fact() {
        let event = Event {
            seq: 5,
            at: at("2026-02-10T10:00:00Z"),
            by: "ada".to_owned(),
            fact: Fact::Run(fact),
        };
        let value = event.to_value();
        assert_eq!(value["seq"], 5, "{value}");
        assert_eq!(value["by"], "ada", "{value}");
        assert_eq!(value["at"], "2026-02-10T10:00:00Z", "{value}");
        types.insert(value["type"].as_str().unwrap().to_owned());
        assert_eq!(Event::from_value(&value).as_ref(), Ok(&event), "{value}");
        // A line is read from its text.
        let text = value.to_string();
        let again = Event::from_value(&serde_json::from_str(&text).unwrap());
        assert_eq!(again, Ok(event), "{text}");
    }
    // No two variants share a type, and none has been forgotten.
    assert_eq!(types.len(), every_fact().len());
    let page = include_str!("../../../../docs/formats/journal.md");
    for kind in types {
        assert!(page.contains(&format!("| `{kind}` |")), "docs/formats/journal.md lacks `{kind}`");
    }
}

#[test]
fn an_event_by_hand_is_told_from_one_of_a_run_by_its_visit() {
    let by_hand = json!({"seq": 1, "at": "2026-02-10T10:00:00Z", "by": "x", "type": "step_completed", "step": "a"});
    let fact = Event::from_value(&by_hand).unwrap().fact;
    assert!(matches!(fact, Fact::StepCompleted { .. }), "{fact:?}");
    let mut of_run = by_hand;
    of_run["visit"] = json!(1);
    of_run["output"] = json!({});
    let fact = Event::from_value(&of_run).unwrap().fact;
    assert!(matches!(fact, Fact::Run(RunFact::StepCompleted { .. })), "{fact:?}");
}

#[test]
fn a_run_in_a_newer_form_is_refused_before_anything_else_of_it_is_read() {
    let line =
        json!({"seq": 1, "at": "2026-02-10T10:00:00Z", "by": "x", "type": "started", "format": 2});
    let refused = Event::from_value(&line).unwrap_err();
    assert_eq!(refused, "journal format 2 is newer than 1: use a newer procside");
}
