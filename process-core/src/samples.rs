//! Processes for tests: one with everything in it, and random ones.

use proptest::{collection, option, prelude::*, sample};
use serde_json::{Map, Value, json};

use crate::{
    Uid,
    diagnostic::Diagnostic,
    id::{ProcessId, StepId},
    model::{Claim, Decision, Defaults, Evidence, Process, Risk, Step},
    status::{ProcessStatus, StepStatus},
    time::Timestamp,
    yaml,
};

/// A process that has every key, and an unknown one at every level.
pub(crate) const FULL: &str = r#"id: proc-001
name: Move the post office
goal: Letters arrive as before
status: in_progress
template: infra-deploy
tags:
  - post
  - summer
steps:
  - id: s1
    name: Measure the rooms
    description: Each one twice
    inputs:
      - keys
    outputs:
      - table of sizes
    checks:
      - both measurements agree
    status: completed
    startedAt: 2026-02-10T10:00:00Z
    completedAt: 2026-02-10T11:30:00.500+01:00
    effort:
      hours: 3
      by: [ada, ben]
  - id: pack
    name: Pack
    inputs: []
    outputs: []
    checks: []
    status: in_progress
    startedAt: 2026-02-11T08:00:00Z
    claim:
      by: ada
      until: 2026-02-11T09:00:00Z
      desk: 4
decisions:
  - id: d1
    question: Which van?
    options:
      - small
      - large
    choice: large
    rationale: One trip
    timestamp: 2026-02-10T12:00:00Z
    voters: 3
risks:
  - id: r1
    risk: Rain
    impact: critical
    mitigation: Tarpaulin
    status: mitigating
    identifiedAt: 2026-02-10T12:01:00Z
    odds: 0.25
evidence:
  - type: file
    value: sizes.csv
    stepId: s1
    timestamp: 2026-02-10T11:31:00Z
    sha: null
createdAt: 2026-02-10T09:00:00Z
updatedAt: 2026-02-11T08:00:00Z
archivedAt: 2026-03-01T00:00:00Z
uid: 0194f2a0-0000-7000-8000-000000000001
revision: 12
owner: ben
missing:
  - address of the new office
"#;

/// Returns what a process takes where its text says nothing.
pub(crate) fn defaults() -> Defaults {
    Defaults {
        id: ProcessId::from_number(1).expect("1 is a process number"),
        uid: Uid::nil(),
        now: at("2026-02-10T10:00:00Z"),
    }
}

/// Reads proc-001.
pub(crate) fn read(text: &str) -> Result<Process, Vec<Diagnostic>> {
    let node = yaml::read(text).map_err(|problem| vec![problem])?;
    Process::read(&node, &defaults())
}

/// Reads proc-001 from a text without mistakes.
pub(crate) fn process(text: &str) -> Process {
    read(text).unwrap_or_else(|problems| panic!("{}", told(&problems)))
}

/// Returns problems as people read them, a line each.
pub(crate) fn told(problems: &[Diagnostic]) -> String {
    problems.iter().map(|problem| format!("{} {problem}\n", problem.code)).collect()
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|| panic!("{text} is no instant"))
}

pub(crate) fn step_id(text: &str) -> StepId {
    StepId::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Any process that a file can hold, with steps from one small set of ids, so that two have some in common.
pub(crate) fn any_process() -> impl Strategy<Value = Process> {
    let ids = ["s1", "s2", "s3", "s4", "s5", "pack", "move"].map(step_id).to_vec();
    let steps = sample::subsequence(ids, 0..=7)
        .prop_shuffle()
        .prop_flat_map(|ids| ids.into_iter().map(any_step).collect::<Vec<_>>());
    let root = (
        any_text(),
        any_text(),
        sample::select(ProcessStatus::ALL.to_vec()),
        option::of(any_text()),
        collection::vec(any_text(), 0..2),
        any_extra(),
    );
    let times = (any_instant(), any_instant(), option::of(any_instant()), 0..9_u64);
    (root, steps, any_records(), times).prop_map(|(root, steps, records, times)| {
        let (name, goal, status, template, tags, extra) = root;
        let (definition, key) = (template.clone(), template.clone());
        let (decisions, risks, evidence) = records;
        let (created_at, updated_at, archived_at, revision) = times;
        let Defaults { id, uid, .. } = defaults();
        Process {
            id,
            uid,
            name,
            goal,
            status,
            template,
            definition,
            key,
            tags,
            steps,
            decisions,
            risks,
            evidence,
            created_at,
            updated_at,
            archived_at,
            revision,
            extra,
        }
    })
}

fn any_step(id: StepId) -> impl Strategy<Value = Step> {
    let texts = || collection::vec(any_text(), 0..3);
    let head = (any_text(), option::of(any_text()), sample::select(StepStatus::ALL.to_vec()));
    let lists = (texts(), texts(), texts());
    let claim = option::of((any_text(), any_instant(), any_extra()));
    let times = (option::of(any_instant()), option::of(any_instant()));
    (head, lists, times, claim, any_extra()).prop_map(move |(head, lists, times, claim, extra)| {
        Step {
            id: id.clone(),
            name: head.0,
            description: head.1,
            status: head.2,
            inputs: lists.0,
            outputs: lists.1,
            checks: lists.2,
            started_at: times.0,
            completed_at: times.1,
            claim: claim.map(|(by, until, extra)| Claim { by, until, extra }),
            extra,
        }
    })
}

fn any_records() -> impl Strategy<Value = (Vec<Decision>, Vec<Risk>, Vec<Evidence>)> {
    let decision = (any_text(), any_text(), option::of(any_instant()), any_extra()).prop_map(
        |(question, choice, timestamp, extra)| Decision {
            id: "d1".to_owned(),
            question,
            choice,
            rationale: String::new(),
            options: vec![],
            timestamp,
            extra,
        },
    );
    let risk = (any_text(), any_text(), any_extra()).prop_map(|(risk, impact, extra)| Risk {
        id: String::new(),
        risk,
        impact,
        mitigation: String::new(),
        status: "identified".to_owned(),
        identified_at: None,
        extra,
    });
    let evidence =
        (any_text(), option::of(any_text()), any_extra()).prop_map(|(value, step_id, extra)| {
            Evidence { kind: "note".to_owned(), value, timestamp: None, step_id, extra }
        });
    (collection::vec(decision, 0..2), collection::vec(risk, 0..2), collection::vec(evidence, 0..2))
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        sample::select(vec!["Pack", "Unpack", "", "yes", "1", "2026-02-10", "a: b # c", "x\ny\n"])
            .prop_map(String::from),
        ".{0,6}",
    ]
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    sample::select(vec![
        "2026-02-10T10:00:00Z",
        "2026-02-10T10:00:00.000Z",
        "2026-02-10T11:00:00+01:00",
        "1999-12-31T23:59:59.999999Z",
    ])
    .prop_map(at)
}

/// Unknown keys; none of them is a known key of any level.
fn any_extra() -> impl Strategy<Value = Map<String, Value>> {
    let values = vec![json!(null), json!(7), json!(-0.5), json!("x"), json!([{"deep": [1]}])];
    collection::btree_map(
        sample::select(vec!["x", "owner", "Ünknown key", "~"]).prop_map(String::from),
        sample::select(values),
        0..3,
    )
    .prop_map(|map| map.into_iter().collect())
}
