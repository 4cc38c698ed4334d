//! Any journal: it makes a state, and whatever that is can be looked at and asked.

use std::time::Duration;

use process_core::definition::Definition;
use process_core::event::RunFact;
use process_core::{Event, Fact, Timestamp};
use process_engine::{Execution, Input, Outcome, Run, StartRun, VisitRef};
use serde_json::{Value, json};

use super::decide::{process, same};

/// A definition with every kind of step, for events that are not the first of a journal.
const EVERY_KIND: &str = include_str!("every_kind.yaml");

/// How many inputs are given to the state that a journal made.
const INPUTS_MAX: usize = 8;

/// Any events make a state, by themselves and behind the start of a process; so does a snapshot.
pub(crate) fn journal_to_state(bytes: &[u8]) {
    let values = values(bytes);
    for state in values.iter().filter_map(|value| Execution::from_snapshot(value).ok()) {
        look(&state);
        ask(state, &[]);
    }
    let events = values.iter().filter_map(|value| Event::from_value(value).ok());
    let events: Vec<Event> = events.collect();
    if events.is_empty() {
        return;
    }
    for event in &events {
        let read = Event::from_value(&event.to_value());
        assert_eq!(read.as_ref(), Ok(event), "written and read");
    }
    apply(Execution::default(), &events);
    apply(begun(), &events);
}

/// Reads every line that holds JSON, with or without the dash that journals have.
fn values(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_prefix(b"- ").unwrap_or(line));
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

fn apply(mut execution: Execution, events: &[Event]) {
    let mut twin = execution.clone();
    for event in events {
        execution.apply(event);
        look(&execution);
    }
    events.iter().for_each(|event| twin.apply(event));
    same(&execution, &twin, format_args!("looking changes something"));
    let snapshot = execution.to_snapshot().expect("any state has a snapshot");
    let read = Execution::from_snapshot(&snapshot);
    let read = read.unwrap_or_else(|error| panic!("{error}: {snapshot}"));
    same(&read, &execution, format_args!("the snapshot differs"));
    ask(execution, events);
}

/// Looks at a state in every way there is.
fn look(execution: &Execution) {
    let _ = (execution.process(), execution.versions().len());
    let Some(run) = execution.run() else { return };
    let _ = (run.status(), run.waiting(), run.running(), run.waits(), run.wakes_at());
    let _ = (run.compensated(), run.dispatchable().count(), run.ending(), run.spent());
    for step in &run.definition().steps {
        let id = step.id.as_str();
        let Some(state) = run.step(id) else { continue };
        let _ = (state.status(), state.started_at(), state.ended_at(), run.until_text(id));
        let visit = state.last_visit();
        let _ = visit.map(|visit| (visit.state(), visit.approval(), visit.child()));
    }
}

/// Asks something of a state; it is answered or refused.
fn ask(mut execution: Execution, events: &[Event]) {
    let now = events.last().map_or_else(now, |event| event.at.after(Duration::from_secs(60)));
    for event in events.iter().rev().take(INPUTS_MAX) {
        for input in inputs(&execution, event) {
            let before = execution.clone();
            let decided = before.decide(&now, "fuzz", input.clone());
            let advanced = execution.advance(&now, "fuzz", input.clone());
            assert_eq!(advanced, decided, "decided and advanced");
            if advanced.is_err() {
                let otherwise = format_args!("refused, and yet it changed: {input:?}");
                same(&execution, &before, otherwise);
            }
            look(&execution);
        }
    }
}

/// Returns what an event may make somebody ask for.
fn inputs(execution: &Execution, event: &Event) -> Vec<Input> {
    let mut inputs = vec![Input::Tick];
    let ready = execution.run().into_iter().flat_map(Run::dispatchable).next();
    inputs.extend(ready.map(|(step, visit)| {
        let step = VisitRef { step: step.clone(), visit: Some(visit) };
        Input::Dispatch { step }
    }));
    if let Fact::Run(RunFact::StepStarted { at, token, .. }) = &event.fact {
        let (visit, token) = (at.clone(), *token);
        let outcome = Outcome::Completed(json!({"n": 1}));
        inputs.push(Input::Result { visit, token, outcome, cost: None });
    }
    if let Fact::Run(RunFact::Ending { .. }) = &event.fact {
        inputs.push(Input::Retry { from: None });
    } else {
        inputs.push(Input::Cancel { reason: None });
    }
    inputs
}

/// Returns a process that runs by a definition with every kind of step.
fn begun() -> Execution {
    let definition = process_core::definition::read_text(EVERY_KIND).ok();
    let definition = definition.and_then(|read| read.definition).expect("it has no mistake");
    let definition = Definition::from_value(&definition.stored()).expect("it has no mistake");
    let start = StartRun {
        definition: definition.into(),
        process: Some(Box::new(process())),
        input: json!({"list": [1, 2, 3]}),
        trigger: Value::Null,
        seed: 7,
        key: None,
        parent: None,
        limit: None,
        stop_grace: Duration::from_secs(10),
    };
    let mut execution = Execution::default();
    let started = execution.advance(&now(), "fuzz", Input::Start(Box::new(start)));
    assert!(started.is_ok(), "{started:?}");
    execution
}

fn now() -> Timestamp {
    Timestamp::parse("2026-02-10T10:00:00.000Z").expect("the text is an instant")
}
