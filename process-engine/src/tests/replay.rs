//! Any sequence of inputs, nonsense included: the state is always what its journal says.

use std::time::Duration;

use process_core::{Event, Process, Step, StepId, StepStatus, Timestamp, Version};
use proptest::{collection, option, prelude::*, sample};
use serde_json::{Map, Value, json};

use super::bench::{at, create, id, process};
use crate::{Execution, Import, Input, LegacyEntry, NewStep, VisitRef, effects};

/// Who asks, how many seconds after the input before, and what.
type Asked = (&'static str, u64, Input);

/// Takes the inputs one after the other and checks what must hold after each.
fn check(asked: Vec<Asked>) -> Result<(), TestCaseError> {
    let mut execution = Execution::default();
    let mut journal: Vec<Event> = Vec::new();
    let mut states = vec![execution.clone()];
    let mut now = at("10:00");
    for (by, seconds, input) in asked {
        now = now.after(Duration::from_secs(seconds));
        let before = execution.clone();
        let highest = before.versions().last().map_or(0, |version| version.number);
        let decided = execution.decide(&now, by, input);
        prop_assert_eq!(&execution, &before);
        for event in decided.unwrap_or_default() {
            prop_assert_eq!(event.seq, journal.len() as u64 + 1);
            let _ = effects(&event);
            execution.apply(&event);
            journal.push(event);
            states.push(execution.clone());
        }
        let versions = execution.versions();
        prop_assert!(versions.is_sorted_by(|a, b| a.number < b.number));
        prop_assert!(versions.last().map_or(0, |version| version.number) >= highest);
        prop_assert!(no_step_stands_twice(&execution));
    }
    let mut replayed = Execution::default();
    for (event, state) in journal.iter().zip(&states[1..]) {
        let line = event.to_value().to_string();
        let value: Value = serde_json::from_str(&line).map_err(|error| fail(&error))?;
        let read = Event::from_value(&value).map_err(|error| fail(&error))?;
        prop_assert_eq!(&read, event);
        replayed.apply(&read);
        prop_assert_eq!(&replayed, state);
    }
    for length in 0..=journal.len() {
        prop_assert_eq!(&Execution::replay(&journal[..length]), &states[length]);
    }
    Ok(())
}

fn fail(reason: &dyn std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(reason.to_string())
}

fn no_step_stands_twice(execution: &Execution) -> bool {
    let steps = execution.process().map_or(&[][..], |process| &process.steps);
    let mut ids: Vec<&StepId> = steps.iter().map(|step| &step.id).collect();
    ids.sort();
    ids.windows(2).all(|pair| pair[0] != pair[1])
}

fn any_asked() -> impl Strategy<Value = Vec<Asked>> {
    let who = sample::select(vec!["ada", "ben", ""]);
    let later = prop_oneof![0..90_u64, Just(86_400), Just(u64::MAX)];
    let first = prop_oneof![
        8 => any_process().prop_map(create),
        3 => any_import(),
        1 => any_input(),
    ];
    let rest = collection::vec((who, later, any_input()), 0..24);
    (first, rest).prop_map(|(first, rest)| [("ada", 0, first)].into_iter().chain(rest).collect())
}

fn any_input() -> impl Strategy<Value = Input> {
    prop_oneof![
        4 => (any_text(), option::of(any_step_id()), option::of(any_text())).prop_map(
            |(name, after, description)| Input::AddStep(NewStep {
                name,
                description,
                after,
                ..NewStep::default()
            })
        ),
        1 => Just(Input::Archive),
        2 => Just(Input::Unarchive),
        4 => (any_step_id(), sample::select(vec![0, 30, 600, u64::MAX]))
            .prop_map(|(step, seconds)| Input::Claim {
                step: VisitRef::step(step),
                lease: Duration::from_secs(seconds),
            }),
        2 => any_step_id().prop_map(|step| Input::Release { step: VisitRef::step(step) }),
        1 => any_process().prop_map(create),
        1 => any_import(),
        6 => any_patch().prop_map(|patch| Input::Edit { patch }),
        3 => (any_step_id(), any_changes()).prop_map(|(step, changes)| Input::EditStep { step, changes }),
        3 => (any_step_id(), option::of(any_step_id()))
            .prop_map(|(step, after)| Input::MoveStep { step, after }),
        2 => any_step_id().prop_map(|step| Input::RemoveStep { step }),
        8 => (any_step_id(), any_status(), collection::vec(any_text(), 0..2), option::of(any_text()))
            .prop_map(|(step, status, outputs, note)| Input::SetStepStatus {
                step,
                status,
                outputs,
                note,
            }),
        3 => any_record(),
        2 => any_text().prop_map(|reason| Input::TakeVersion { reason }),
        2 => prop_oneof![0..4_u64, Just(u64::MAX)].prop_map(|number| Input::RestoreVersion { number }),
    ]
}

fn any_record() -> impl Strategy<Value = Input> {
    let impact = sample::select(vec!["low", "critical", "odd"]);
    (0..3_u8, any_text(), any_text(), impact, option::of(any_step_id())).prop_map(
        |(which, one, other, impact, step)| match which {
            0 => Input::RecordDecision {
                question: one,
                choice: other.clone(),
                rationale: other,
                options: Vec::new(),
            },
            1 => Input::RecordRisk { risk: one, impact: impact.to_owned(), mitigation: other },
            _ => Input::RecordEvidence { kind: one, value: other, step },
        },
    )
}

fn any_import() -> impl Strategy<Value = Input> {
    let version = (prop_oneof![0..5_u64, Just(u64::MAX)], any_process_value()).prop_map(
        |(number, process)| Version {
            number,
            snapshot_at: at("09:00"),
            reason: "old".to_owned(),
            process,
            document: None,
            extra: Map::new(),
        },
    );
    let entry = any_text().prop_map(|text| LegacyEntry {
        at: at("08:00"),
        kind: text.clone(),
        entry: json!({"raw": text}),
    });
    let (versions, entries) = (collection::vec(version, 0..3), collection::vec(entry, 0..2));
    (any_process(), versions, entries, option::of(any_text())).prop_map(
        |(process, versions, entries, version_reason)| {
            Input::Import(Box::new(Import {
                process,
                source: "file".to_owned(),
                document: None,
                versions,
                entries,
                version_reason,
            }))
        },
    )
}

fn any_process() -> impl Strategy<Value = Process> {
    let steps = sample::subsequence(STEP_IDS.to_vec(), 0..=4).prop_shuffle();
    (any_text(), steps, any_status(), any::<bool>()).prop_map(|(name, ids, status, archived)| {
        let steps = ids.into_iter().map(|step| Step { status, ..Step::new(id(step), step) });
        let mut process = Process { name, steps: steps.collect(), ..process() };
        process.archived_at = (archived && status == StepStatus::Failed).then(|| at("09:30"));
        process
    })
}

/// What an old version file may hold: a process, or anything at all.
fn any_process_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any_process().prop_map(|process| process.to_value()),
        1 => sample::select(vec![json!({}), json!({"name": 7}), json!([1])]),
    ]
}

fn any_patch() -> impl Strategy<Value = Value> {
    let paths = vec![
        "",
        "/",
        "/name",
        "/goal",
        "/status",
        "/steps",
        "/steps/0",
        "/steps/1",
        "/steps/-",
        "/steps/0/status",
        "/steps/1/name",
        "/steps/0/id",
        "/steps/0/claim",
        "/steps/1/completedAt",
        "/uid",
        "/id",
        "/archivedAt",
        "/updatedAt",
        "/revision",
        "/owner",
        "/tags",
        "/nothing/x",
    ];
    let values = vec![
        json!(null),
        json!("completed"),
        json!("in_progress"),
        json!("pending"),
        json!("failed"),
        json!("paused"),
        json!("x"),
        json!(3),
        json!([]),
        json!(["x"]),
        json!({"id": "s1", "name": "One"}),
        json!({"id": "s9", "status": "skipped"}),
        json!({"name": "No id"}),
        json!({"by": "ada", "until": "2026-02-10T12:00:00Z", "desk": 1}),
        json!("2026-02-10T11:00:00Z"),
        json!({"id": "s999999999"}),
    ];
    let operation = (
        sample::select(vec!["add", "replace", "remove", "move", "copy", "test", "dance"]),
        sample::select(paths.clone()),
        sample::select(paths),
        sample::select(values),
    )
        .prop_map(
            |(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}),
        );
    prop_oneof![
        12 => collection::vec(operation, 0..3).prop_map(Value::from),
        1 => sample::select(vec![json!(null), json!({}), json!([1])]),
    ]
}

fn any_changes() -> impl Strategy<Value = Value> {
    sample::select(vec![
        json!({"name": "New", "description": "x"}),
        json!({"description": null, "checks": null, "desk": {"no": 4}}),
        json!({"desk": {"no": null}}),
        json!({"startedAt": null, "completedAt": "2026-02-10T10:00:00Z"}),
        json!({"completedAt": "later"}),
        json!({"status": "completed"}),
        json!({"inputs": [1]}),
        json!([]),
    ])
}

const STEP_IDS: [&str; 7] =
    ["s1", "s2", "s3", "pack", "s40", "s999999999", "s18446744073709551615"];

fn any_step_id() -> impl Strategy<Value = StepId> {
    prop_oneof![
        6 => sample::select(vec!["s1", "s2", "s3", "pack"]).prop_map(id),
        1 => sample::select(vec!["s4", "s5", "s40", "s41", "nowhere"]).prop_map(id),
    ]
}

fn any_status() -> impl Strategy<Value = StepStatus> {
    sample::select(StepStatus::ALL.to_vec())
}

fn any_text() -> impl Strategy<Value = String> {
    sample::select(vec!["Pack", "ünï \u{0}\n\u{2028}", "x", ""]).prop_map(String::from)
}

proptest! {
    #[test]
    fn the_state_is_what_its_journal_says_for_every_prefix(asked in any_asked()) {
        check(asked)?;
    }
}

#[test]
fn an_instant_far_away_is_still_an_instant() {
    let far = at("10:00").after(Duration::from_secs(u64::MAX));
    assert_eq!(Timestamp::parse(far.as_str()), Some(far));
}
