//! Tests of events: what stands in a journal line, and what is read of one.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Event, Fact, JOURNAL_FORMAT};
use crate::{
    document::{Entry, EntryKind, Splice},
    model::{Decision, Evidence, Process, Risk, Step},
    samples::{FULL, any_process, at, process, step_id},
    version::Version,
};

/// The name of each variant; a new one must be named here and made in [`every_fact`].
fn name(fact: &Fact) -> &'static str {
    match fact {
        Fact::Archived => "archived",
        Fact::Created { .. } => "created",
        Fact::DecisionRecorded { .. } => "decision_recorded",
        Fact::DocumentChanged { .. } => "document_changed",
        Fact::Edited { .. } => "edited",
        Fact::EvidenceRecorded { .. } => "evidence_recorded",
        Fact::Imported { .. } => "imported",
        Fact::LegacyRecorded { .. } => "legacy_recorded",
        Fact::ProcessCompleted => "process_completed",
        Fact::ProcessFailed => "process_failed",
        Fact::ProcessPatched { .. } => "process_patched",
        Fact::ProcessReopened => "process_reopened",
        Fact::ProcessStarted => "process_started",
        Fact::Restored { .. } => "restored",
        // Those of a run have tests of their own.
        Fact::Run(_) => "run",
        Fact::RiskRecorded { .. } => "risk_recorded",
        Fact::StepAdded { .. } => "step_added",
        Fact::StepCancelled { .. } => "step_cancelled",
        Fact::StepClaimed { .. } => "step_claimed",
        Fact::StepCompleted { .. } => "step_completed",
        Fact::StepEdited { .. } => "step_edited",
        Fact::StepFailed { .. } => "step_failed",
        Fact::StepMoved { .. } => "step_moved",
        Fact::StepOutputAdded { .. } => "step_output_added",
        Fact::StepReleased { .. } => "step_released",
        Fact::StepRemoved { .. } => "step_removed",
        Fact::StepReset { .. } => "step_reset",
        Fact::StepSkipped { .. } => "step_skipped",
        Fact::StepStarted { .. } => "step_started",
        Fact::StepWaiting { .. } => "step_waiting",
        Fact::Superseded { .. } => "superseded",
        Fact::Unarchived => "unarchived",
        Fact::VersionImported { .. } => "version_imported",
        Fact::Versioned { .. } => "versioned",
    }
}

const FACTS: usize = 33;

fn every_fact() -> Vec<Fact> {
    let whole = process(FULL);
    let small = process("name: x\n");
    let step = step_id("s1");
    let decision: Decision = whole.decisions[0].clone();
    let risk: Risk = whole.risks[0].clone();
    let evidence: Evidence = whole.evidence[0].clone();
    let content: Step = whole.steps[1].clone();
    let version = Version {
        number: 3,
        snapshot_at: at("2026-02-10T10:00:00Z"),
        reason: "why".to_owned(),
        process: json!({"id": "main", "odd": null}),
        document: Some("# Guide".to_owned()),
        extra: [("odd".to_owned(), json!(1))].into_iter().collect(),
    };
    vec![
        Fact::Archived,
        Fact::Created { format: JOURNAL_FORMAT, process: small.clone().into() },
        Fact::DecisionRecorded { decision: decision.into() },
        Fact::DocumentChanged {
            entry: Entry {
                number: 1,
                kind: EntryKind::Patch,
                of: None,
                ids: vec!["p-1".to_owned()],
                note: Some("why".to_owned()),
            },
            splices: vec![Splice { offset: 2, removed: "a".to_owned(), inserted: "b".to_owned() }],
        },
        Fact::Edited { patch: json!([{"op": "remove", "path": "/tags"}]) },
        Fact::EvidenceRecorded { evidence: evidence.into() },
        Fact::Imported {
            format: JOURNAL_FORMAT,
            source: "file".to_owned(),
            process: small.clone().into(),
        },
        Fact::LegacyRecorded { kind: "step_add".to_owned(), entry: json!({"raw": "a\nb"}) },
        Fact::ProcessCompleted,
        Fact::ProcessFailed,
        Fact::ProcessPatched {
            entry: Entry {
                number: 2,
                kind: EntryKind::Undo,
                of: Some(1),
                ids: Vec::new(),
                note: None,
            },
            patch: json!([{"op": "replace", "path": "/name", "value": "x"}]),
            inverse: json!([{"op": "replace", "path": "/name", "value": "y"}]),
        },
        Fact::ProcessReopened,
        Fact::ProcessStarted,
        Fact::Restored { version: 1, process: small.into() },
        Fact::RiskRecorded { risk: risk.into() },
        Fact::StepAdded { step: content.id.clone(), index: 2, content: content.into() },
        Fact::StepCancelled { step: step.clone() },
        Fact::StepClaimed {
            step: step.clone(),
            holder: "ada".to_owned(),
            until: at("2026-02-10T11:00:00Z"),
        },
        Fact::StepCompleted { step: step.clone(), outputs: vec!["table".to_owned()] },
        Fact::StepEdited { step: step.clone(), changes: json!({"description": null}) },
        Fact::StepFailed { step: step.clone() },
        Fact::StepMoved { step: step.clone(), index: 0 },
        Fact::StepOutputAdded { step: step.clone(), outputs: vec!["table".to_owned()] },
        Fact::StepReleased { step: step.clone() },
        Fact::StepRemoved { step: step.clone() },
        Fact::StepReset { step: step.clone() },
        Fact::StepSkipped { step: step.clone() },
        Fact::StepStarted { step: step.clone() },
        Fact::StepWaiting { step },
        Fact::Superseded { event: json!({"seq": 4, "type": "archived"}) },
        Fact::Unarchived,
        Fact::VersionImported { content: version.into() },
        Fact::Versioned { version: 2, reason: "why".to_owned() },
    ]
}

fn event(fact: Fact) -> Event {
    Event { seq: 7, at: at("2026-02-10T10:00:00.000Z"), by: "ada@desk".to_owned(), fact }
}

/// What reading an event from this JSON says.
fn check(value: &Value, expect: Expect) {
    let said = match Event::from_value(value) {
        Ok(event) => format!("{} {}", event.seq, name(&event.fact)),
        Err(reason) => reason,
    };
    expect.assert_eq(&said);
}

#[test]
fn the_journal_lines_of_all_facts_stay_as_they_are() {
    let lines: String =
        every_fact().into_iter().map(|fact| format!("{}\n", event(fact).to_value())).collect();
    expect![[r##"
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"archived"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"created","format":1,"process":{"id":"proc-001","name":"x","goal":"","status":"planned","steps":[],"decisions":[],"risks":[],"evidence":[],"createdAt":"2026-02-10T10:00:00Z","updatedAt":"2026-02-10T10:00:00Z","uid":"00000000-0000-0000-0000-000000000000","revision":0}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"decision_recorded","decision":{"id":"d1","question":"Which van?","options":["small","large"],"choice":"large","rationale":"One trip","timestamp":"2026-02-10T12:00:00Z","voters":3}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"document_changed","number":1,"kind":"patch","ids":["p-1"],"note":"why","splices":[{"offset":2,"removed":"a","inserted":"b"}]}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"edited","patch":[{"op":"remove","path":"/tags"}]}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"evidence_recorded","evidence":{"type":"file","value":"sizes.csv","stepId":"s1","timestamp":"2026-02-10T11:31:00Z","sha":null}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"imported","format":1,"source":"file","process":{"id":"proc-001","name":"x","goal":"","status":"planned","steps":[],"decisions":[],"risks":[],"evidence":[],"createdAt":"2026-02-10T10:00:00Z","updatedAt":"2026-02-10T10:00:00Z","uid":"00000000-0000-0000-0000-000000000000","revision":0}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"legacy_recorded","legacy_type":"step_add","entry":{"raw":"a\nb"}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"process_completed"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"process_failed"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"process_patched","number":2,"kind":"undo","of":1,"patch":[{"op":"replace","path":"/name","value":"x"}],"inverse":[{"op":"replace","path":"/name","value":"y"}]}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"process_reopened"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"process_started"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"restored","version":1,"process":{"id":"proc-001","name":"x","goal":"","status":"planned","steps":[],"decisions":[],"risks":[],"evidence":[],"createdAt":"2026-02-10T10:00:00Z","updatedAt":"2026-02-10T10:00:00Z","uid":"00000000-0000-0000-0000-000000000000","revision":0}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"risk_recorded","risk":{"id":"r1","risk":"Rain","impact":"critical","mitigation":"Tarpaulin","status":"mitigating","identifiedAt":"2026-02-10T12:01:00Z","odds":0.25}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_added","step":"pack","index":2,"content":{"id":"pack","name":"Pack","inputs":[],"outputs":[],"checks":[],"status":"in_progress","startedAt":"2026-02-11T08:00:00Z","claim":{"by":"ada","until":"2026-02-11T09:00:00Z","desk":4}}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_cancelled","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_claimed","step":"s1","holder":"ada","until":"2026-02-10T11:00:00Z"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_completed","step":"s1","outputs":["table"]}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_edited","step":"s1","changes":{"description":null}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_failed","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_moved","step":"s1","index":0}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_output_added","step":"s1","outputs":["table"]}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_released","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_removed","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_reset","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_skipped","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_started","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"step_waiting","step":"s1"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"superseded","event":{"seq":4,"type":"archived"}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"unarchived"}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"version_imported","content":{"version":3,"snapshotAt":"2026-02-10T10:00:00Z","reason":"why","process":{"id":"main","odd":null},"document":"# Guide","odd":1}}
        {"seq":7,"at":"2026-02-10T10:00:00.000Z","by":"ada@desk","type":"versioned","version":2,"reason":"why"}
    "##]].assert_eq(&lines);
}

#[test]
fn every_fact_is_read_back_from_its_line_and_named_by_its_type() {
    let facts = every_fact();
    assert_eq!(facts.len(), FACTS);
    let mut names: Vec<&str> = facts.iter().map(name).collect();
    names.dedup();
    assert_eq!(names.len(), FACTS, "each variant stands there once, in the order of its name");
    for fact in facts {
        let event = event(fact);
        let value = event.to_value();
        assert_eq!(value["type"], name(&event.fact));
        let line = value.to_string();
        assert!(!line.contains('\n'), "{line}");
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(Event::from_value(&value), Ok(event));
    }
}

#[test]
fn an_event_is_written_out_as_its_value_is() {
    let by = "a \"quoted\"\nname \u{1f600}";
    for fact in every_fact() {
        let event = Event { by: by.to_owned(), ..event(fact) };
        let mut text = b"before".to_vec();
        event.write_json(&mut text);
        let text = String::from_utf8(text).expect("JSON is UTF-8");
        assert_eq!(text, format!("before{}", event.to_value()));
    }
}

#[test]
fn unknown_keys_of_an_event_are_passed_over() {
    for fact in every_fact() {
        let event = event(fact);
        let mut value = event.to_value();
        value["crc"] = json!("c0ffee");
        value["later"] = json!({"seq": [1]});
        assert_eq!(Event::from_value(&value), Ok(event));
    }
}

#[test]
fn a_newer_format_is_refused_whatever_else_stands_there() {
    let newer = json!({"seq": 1, "at": "2026-02-10T10:00:00Z", "by": "x", "type": "created",
                       "format": 2, "process": {"id": "proc-001", "name": "x"}});
    check(&newer, expect!["journal format 2 is newer than 1: use a newer procside"]);
    let mut strange = newer.clone();
    strange["process"]["status"] = json!("dreaming");
    check(&strange, expect!["journal format 2 is newer than 1: use a newer procside"]);
    let mut imported = newer;
    (imported["type"], imported["source"]) = (json!("imported"), json!("file"));
    check(&imported, expect!["journal format 2 is newer than 1: use a newer procside"]);
}

#[test]
fn what_an_event_lacks_is_said() {
    let line = |rest: Value| {
        let mut value = json!({"seq": 1, "at": "2026-02-10T10:00:00Z", "by": "x"});
        for (key, new) in rest.as_object().into_iter().flatten() {
            value[key] = new.clone();
        }
        value
    };
    check(&json!([]), expect!["an event must be a map"]);
    check(&json!({}), expect!["`seq` is missing"]);
    check(&line(json!({"seq": -1})), expect!["`seq` is no whole number"]);
    check(&line(json!({"at": "today"})), expect!["`at` is no instant"]);
    check(&line(json!({"by": 7})), expect!["`by` is no text"]);
    check(&line(json!({})), expect!["missing field `type`"]);
    check(&line(json!({"type": "step_started"})), expect!["missing field `step`"]);
    check(
        &line(json!({"type": "step_started", "step": "../x"})),
        expect![[
            r#""../x" is no step id: it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ -"#
        ]],
    );
    check(
        &line(json!({"type": "created", "format": 1, "process": {"name": "x"}})),
        expect!["the process has no valid `id`"],
    );
    check(
        &line(json!({"type": "step_added", "step": "s1", "index": 0, "content": {"status": "x"}})),
        expect![[r#"step `s1` has the unknown status "x""#]],
    );
}

#[test]
fn an_event_of_an_unknown_type_is_refused() {
    let value = json!({"seq": 1, "at": "2026-02-10T10:00:00Z", "by": "x", "type": "step_eaten"});
    let reason = Event::from_value(&value).expect_err("nobody knows it");
    assert!(reason.starts_with("unknown variant `step_eaten`"), "{reason}");
}

#[test]
fn a_fact_names_its_step_and_lends_its_process() {
    for fact in every_fact() {
        assert_eq!(fact.step().is_some(), name(&fact).starts_with("step_"), "{fact:?}");
        let whole = matches!(name(&fact), "created" | "imported" | "restored");
        assert_eq!(fact.process().is_some(), whole, "{fact:?}");
    }
}

proptest! {
    #[test]
    fn any_process_survives_its_journal_line(process in any_process()) {
        let event = event(Fact::Restored { version: 1, process: process.into() });
        let line = event.to_value().to_string();
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(Event::from_value(&value), Ok(event));
    }
}

#[test]
fn the_process_of_an_event_keeps_its_own_id() {
    let text = json!({"seq": 1, "at": "2026-02-10T10:00:00Z", "by": "x", "type": "created",
                      "format": 1, "process": {"id": "proc-042", "name": "x"}});
    let event = Event::from_value(&text).unwrap_or_else(|reason| panic!("{reason}"));
    let id = event.fact.process().map(|process: &Process| process.id.to_string());
    assert_eq!(id.as_deref(), Some("proc-042"));
}
