//! Recording decisions, risks and evidence.

use expect_test::{Expect, expect};

use super::bench::{Bench, id};
use crate::Input;

fn check(bench: &mut Bench, input: Input, expect: Expect) {
    let said = match bench.tries("ada", input) {
        Ok(facts) => facts,
        Err(rejected) => format!("{:?}: {rejected}", rejected.kind()),
    };
    expect.assert_eq(&said);
}

fn decision(question: &str, choice: &str) -> Input {
    Input::RecordDecision {
        question: question.to_owned(),
        choice: choice.to_owned(),
        rationale: String::new(),
        options: vec!["a".to_owned(), "b".to_owned()],
    }
}

fn risk(risk: &str, impact: &str) -> Input {
    Input::RecordRisk {
        risk: risk.to_owned(),
        impact: impact.to_owned(),
        mitigation: String::new(),
    }
}

fn evidence(kind: &str, value: &str, step: Option<&str>) -> Input {
    Input::RecordEvidence { kind: kind.to_owned(), value: value.to_owned(), step: step.map(id) }
}

#[test]
fn decisions_are_numbered_one_above_the_highest() {
    let mut bench = Bench::with(&[]);
    check(
        &mut bench,
        decision("Which van?", "large"),
        expect![[r#"
        decision_recorded decision={"id":"d1","question":"Which van?","options":["a","b"],"choice":"large","rationale":"","timestamp":"2026-02-10T10:01:00.000Z"}
    "#]],
    );
    let patch = serde_json::json!([{"op": "replace", "path": "/decisions/0/id", "value": "d41"}]);
    bench.does(super::bench::edit(patch));
    check(
        &mut bench,
        decision("Which road?", "short"),
        expect![[r#"
        decision_recorded decision={"id":"d42","question":"Which road?","options":["a","b"],"choice":"short","rationale":"","timestamp":"2026-02-10T10:03:00.000Z"}
    "#]],
    );
    check(
        &mut bench,
        decision("", "short"),
        expect!["Invalid: the question must have 1 to 65536 bytes"],
    );
    check(
        &mut bench,
        decision("Which?", " \n"),
        expect!["Invalid: the choice must have 1 to 65536 bytes"],
    );
}

#[test]
fn a_risk_has_one_of_four_impacts() {
    let mut bench = Bench::with(&[]);
    for impact in ["low", "medium", "high", "critical"] {
        bench.does(risk("Rain", impact));
    }
    let ids: Vec<&str> = bench.process().risks.iter().map(|risk| risk.id.as_str()).collect();
    assert_eq!(ids, ["r1", "r2", "r3", "r4"]);
    check(
        &mut bench,
        risk("Rain", "huge"),
        expect![[r#"Invalid: "huge" is no impact: it is one of low, medium, high, critical"#]],
    );
    check(&mut bench, risk("", "low"), expect!["Invalid: the risk must have 1 to 65536 bytes"]);
}

#[test]
fn evidence_may_belong_to_a_step_that_is_there() {
    let mut bench = Bench::with(&["a"]);
    check(
        &mut bench,
        evidence("url", "https://example.com", Some("a")),
        expect![[r#"
        evidence_recorded evidence={"type":"url","value":"https://example.com","stepId":"a","timestamp":"2026-02-10T10:01:00.000Z"}
    "#]],
    );
    check(
        &mut bench,
        evidence("note", "x", None),
        expect![[r#"
        evidence_recorded evidence={"type":"note","value":"x","timestamp":"2026-02-10T10:02:00.000Z"}
    "#]],
    );
    check(&mut bench, evidence("note", "x", Some("b")), expect!["NotFound: there is no step `b`"]);
    check(
        &mut bench,
        evidence("", "x", None),
        expect!["Invalid: the type of the evidence must have 1 to 65536 bytes"],
    );
    check(
        &mut bench,
        evidence("note", &"x".repeat(65_537), None),
        expect!["Invalid: the evidence must have 1 to 65536 bytes"],
    );
}
