//! Processes to put into a store.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use process_core::{
    Event, Process, ProcessId, Timestamp, Uid,
    definition::{Definition, ReadDefinition, read_text},
    model::Defaults,
};
use process_engine::{Execution, Input, NewStep, StartRun};
use serde_json::{Map, Value};

use crate::store::{Group, Store};

const DEFINITION: &str = "\
name: Test
steps:
  - id: first
    type: manual
  - id: wait
    type: manual
    depends_on: [first]
";

/// Returns the instant at which everything happens.
pub(super) fn now() -> Timestamp {
    Timestamp::from_instant(DateTime::from_timestamp_millis(1_770_717_600_000).unwrap_or_default())
}

/// Returns a new process of this id, driven by hand.
pub(super) fn by_hand(id: ProcessId, change: impl FnOnce(&mut Process)) -> Group {
    let mut process = Process::new(defaults(id), "By hand", "");
    change(&mut process);
    let input = Input::Create { process: Box::new(process), reason: "Initial".to_owned() };
    group(id, Box::default(), input)
}

/// Returns a new process of this id, which runs by a definition, under this key.
pub(crate) fn started(id: ProcessId, key: Option<&str>) -> Group {
    let definition = match read_text(DEFINITION) {
        Ok(ReadDefinition { definition: Some(definition), .. }) => Arc::new(definition),
        other => panic!("the definition of the test cannot be read: {other:?}"),
    };
    let start = start(id, definition, key);
    group(id, Box::default(), Input::Start(Box::new(start)))
}

fn start(id: ProcessId, definition: Arc<Definition>, key: Option<&str>) -> StartRun {
    StartRun {
        definition,
        process: Some(Box::new(Process::new(defaults(id), "Run", "It runs"))),
        input: Value::Object(Map::new()),
        trigger: Value::Object(Map::new()),
        seed: 7,
        key: key.map(str::to_owned),
        parent: None,
        limit: None,
        stop_grace: Duration::from_secs(10),
    }
}

/// Returns what an input makes of an execution.
pub(super) fn group(id: ProcessId, mut execution: Box<Execution>, input: Input) -> Group {
    let expected = execution.revision();
    let events = match execution.advance(&now(), "ada", input) {
        Ok(events) => events,
        Err(rejected) => panic!("the input of the test is refused: {rejected}"),
    };
    Group { id, expected, events, execution, becomes_active: false }
}

/// Returns one more step of a process that is driven by hand.
pub(super) fn step(before: &Group, name: &str) -> Group {
    let input = Input::AddStep(NewStep { name: name.to_owned(), ..NewStep::default() });
    group(before.id, before.execution.clone(), input)
}

/// Returns the end of a process that runs.
pub(crate) fn cancelled(before: &Group) -> Group {
    let input = Input::Cancel { reason: Some("enough".to_owned()) };
    group(before.id, before.execution.clone(), input)
}

/// Appends one group.
pub(super) fn append(store: &dyn Store, group: &Group) -> Result<(), crate::error::Error> {
    store.append(std::slice::from_ref(group)).into_iter().collect()
}

/// Returns the numbers of events.
pub(super) fn numbers(events: &[Event]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

fn defaults(id: ProcessId) -> Defaults {
    Defaults { id, uid: Uid::from_u128(0x1000 + u128::from(id.number())), now: now() }
}
