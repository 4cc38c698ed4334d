//! E0, E14: processes that people drive by hand, on the same machine.

use std::time::Duration;

use process_core::{Event, Process, ProcessId, Step, Timestamp, model::Defaults};
use process_engine::{Execution, Input, NewStep, Rejected};
use serde_json::{Value, json};

use crate::harness::{Bench, instant, step_id, uid};

/// A journal as the first version wrote it: steps by hand, no definition.
fn old_journal() -> Vec<Event> {
    let lines = [
        json!({"seq": 1, "at": "2025-12-01T10:00:00.000Z", "by": "ada", "type": "created", "format": 1,
            "process": process(&["a", "b"]).to_value()}),
        json!({"seq": 2, "at": "2025-12-01T10:00:00.000Z", "by": "ada", "type": "versioned",
            "version": 1, "reason": "Initial process creation"}),
        json!({"seq": 3, "at": "2025-12-01T10:01:00.000Z", "by": "ada", "type": "step_started", "step": "a"}),
        json!({"seq": 4, "at": "2025-12-01T10:01:00.000Z", "by": "ada", "type": "process_started"}),
        json!({"seq": 5, "at": "2025-12-01T10:02:00.000Z", "by": "ada", "type": "step_completed",
            "step": "a", "outputs": ["done"]}),
    ];
    lines.iter().map(read).collect()
}

fn read(line: &Value) -> Event {
    Event::from_value(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn process(steps: &[&str]) -> Process {
    let id = ProcessId::from_number(1).expect("1 is a process number");
    let now = Timestamp::parse("2025-12-01T10:00:00.000Z").expect("an instant");
    let mut process = Process::new(Defaults { id, uid: uid(), now }, "Old", "");
    process.steps =
        steps.iter().map(|step| Step::new(step_id(step), step.to_uppercase())).collect();
    process
}

/// E0.4: an old journal is what it was.
#[test]
fn e0_4_a_journal_of_the_first_version_loads() {
    let execution = Execution::replay(&old_journal());
    let process = execution.process().expect("there is a process");
    let statuses: Vec<&str> = process.steps.iter().map(|step| step.status.as_str()).collect();
    assert_eq!(statuses, ["completed", "pending"]);
    assert_eq!(process.status.as_str(), "in_progress");
    assert!(execution.run().is_none());
}

/// E14.9: inputs of a run make no sense before there is one.
#[test]
fn e14_9_a_process_by_hand_has_no_run() {
    let mut bench = Bench::replayed(old_journal(), "steps: [{id: a}]");
    for command in
        ["tick", "pause", "resume", "cancel", "dispatch b", "message paid", "retry", "compensate"]
    {
        let refused = bench.refuses(&format!("0 {command}"));
        assert_eq!(refused, "NotFound: the process was not started", "{command}");
    }
}

/// E0.3: a process by hand goes on by a definition; its past stays.
#[test]
fn e0_3_an_existing_process_is_started() {
    let definition =
        "steps:\n  - {id: a}\n  - {id: b, depends_on: [a]}\n  - {id: c, depends_on: [b]}\n";
    let mut bench = Bench::replayed(old_journal(), definition);
    assert_eq!(bench.kinds("0 start"), "started, step_ready a#1");
    assert_eq!(bench.steps(), "a: pending, b: pending, c: pending");
    bench.does("1m dispatch a / 1m ok a / 2m status b completed / 3m dispatch c / 3m ok c");
    assert_eq!(bench.status(), "completed");
    let process = bench.execution.process().expect("there is a process");
    assert_eq!(process.name, "Old");
    assert_eq!(bench.execution.versions().len(), 1);
}

/// E0.3: people see every step of the definition by which it runs.
#[test]
fn e0_3_an_existing_process_shows_the_steps_of_its_definition() {
    let mut bench = Bench::replayed(old_journal(), "steps:\n  - {id: b}\n  - {id: c}\n");
    bench.does("0 start");
    let process = bench.execution.process().expect("there is a process");
    for step in ["b", "c"] {
        assert!(process.step(&step_id(step)).is_some(), "{step} is not shown");
    }
}

#[test]
fn e0_5_a_process_starts_once() {
    let mut bench = Bench::replayed(old_journal(), "steps: [{id: a}]");
    bench.does("0 start");
    assert_eq!(bench.refuses("1m start"), "Conflict: the process was started already");
}

#[test]
fn e0_5_a_process_that_is_archived_does_not_start() {
    let mut bench = Bench::replayed(old_journal(), "steps: [{id: a}]");
    bench.give(Duration::ZERO, "ada", Input::Archive).expect("it can be put away");
    assert_eq!(bench.refuses("1m start"), "Conflict: the process is archived");
}

/// E14.16: claims and statuses are the machine's once there is a run.
#[test]
fn e14_16_hand_and_machine_never_disagree() {
    let mut bench = Bench::replayed(old_journal(), "steps:\n  - {id: a}\n  - {id: b}\n");
    bench.does("0 start / 1m claim a 1h");
    assert!(bench.refuses("2m claim a 1h by=ben").starts_with("Conflict"));
    bench.does("3m status a completed / 4m status b skipped");
    assert_eq!(bench.steps(), "a: completed, b: skipped manual");
    assert_eq!(bench.status(), "completed");
    let process = bench.execution.process().expect("there is a process");
    assert_eq!(process.status.as_str(), "completed");
}

/// E2.37: what is missing or wrong is refused before anything is journalled.
#[test]
fn e2_37_a_start_with_a_wrong_input_changes_nothing() {
    let text = "input: {n: {type: integer, required: true}}\nsteps: [{id: a}]\n";
    let mut bench = Bench::replayed(old_journal(), text);
    assert!(bench.refuses("0 start").starts_with("Invalid: input `n` is missing"));
    assert!(bench.refuses("0 start {\"n\": \"x\"}").starts_with("Invalid"));
    assert!(bench.refuses("0 start {\"n\": 1, \"m\": 1}").starts_with("Invalid"));
    assert_eq!(bench.journal.len(), 5);
    bench.does("0 start {\"n\": 1}");
    assert_eq!(bench.journal[5].at, instant(Duration::ZERO));
}

/// E14.16: what the steps are is a matter of the definition.
#[test]
fn e14_16_a_list_of_steps_that_runs_is_not_changed_by_hand() {
    let mut bench = Bench::started("steps: [{id: a}, {id: b}]");
    let step = NewStep { name: "More".to_owned(), ..NewStep::default() };
    let edit = |path: &str, value: &str| Input::Edit {
        patch: json!([{"op": "replace", "path": path, "value": value}]),
    };
    let mut tries = |input: Input| bench.give(Duration::ZERO, "ana", input).map(|_| ());
    assert_eq!(tries(Input::AddStep(step)), Err(Rejected::Runs));
    assert_eq!(tries(edit("/steps/0/name", "Other")), Err(Rejected::Runs));
    assert_eq!(tries(edit("/status", "completed")), Err(Rejected::Runs));
    assert_eq!(tries(edit("/goal", "Another one")), Ok(()));
}
