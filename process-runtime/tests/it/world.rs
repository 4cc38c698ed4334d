//! A driver over a store, and what happened in it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use process_engine::{
    Event, Fact, ProcessId, RunFact, Timestamp, Uid,
    definition::{self, Definition},
};
use process_runtime::{
    Done, Driver, Failed, NewRun, Observer, Parts, Team, Templates, Work, drive::Scope,
};
use process_store::{Error, Store, memory::Memory};
use serde_json::{Value, json};

/// The longest that a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// A driver, its store, and what it told.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) driver: Option<Driver>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) may_execute: bool,
    definitions: Arc<Definitions>,
    runtime: tokio::runtime::Runtime,
}

/// What a driver told.
#[derive(Default)]
pub(crate) struct Seen {
    events: Mutex<BTreeMap<ProcessId, Vec<Event>>>,
    pub(crate) notices: Mutex<Vec<Value>>,
}

#[derive(Default)]
struct Definitions(Mutex<BTreeMap<String, Arc<Definition>>>);

impl Templates for Definitions {
    fn find(&self, _: ProcessId, name: &str, _: Option<&str>) -> Result<Arc<Definition>, String> {
        let found = self.0.lock().unwrap().get(name).cloned();
        found.ok_or_else(|| format!("there is no template `{name}`"))
    }
}

impl Observer for Seen {
    fn stored(&self, process: ProcessId, events: &[Event]) {
        self.events.lock().unwrap().entry(process).or_default().extend(events.iter().cloned());
    }

    fn tell(&self, _: ProcessId, _: u64, notice: &Value) -> Result<(), String> {
        self.notices.lock().unwrap().push(notice.clone());
        Ok(())
    }

    fn trouble(&self, _: ProcessId, _: &Error) {}
}

/// Reads a definition that has no mistake.
pub(crate) fn read(text: &str) -> Arc<Definition> {
    let read = definition::read_text(text).unwrap();
    let errors: Vec<String> = read
        .problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    Arc::new(read.definition.unwrap())
}

/// A handler that ends at once: `fail` in its message fails it.
pub(crate) async fn echo(work: Work) -> Result<Done, Failed> {
    let message = work.task["message"].as_str().unwrap_or_default().to_owned();
    if message.starts_with("fail") {
        return Err(Failed::new(message));
    }
    Ok(Done { output: json!({"said": message, "key": work.key}), cost: None })
}

impl World {
    pub(crate) fn new(team: Team) -> Self {
        Self::on(Arc::new(Memory::new()), team)
    }

    pub(crate) fn on(store: Arc<dyn Store>, team: Team) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (seen, definitions) = (Arc::default(), Arc::default());
        let may_execute = true;
        let mut world = Self { store, driver: None, seen, may_execute, definitions, runtime };
        world.restart(team);
        world
    }

    /// Ends the driver as a crash would, and starts another one.
    pub(crate) fn restart(&mut self, team: Team) {
        self.driver = None;
        let parts = Parts {
            store: self.store.clone(),
            team,
            templates: self.definitions.clone(),
            observer: self.seen.clone(),
            may_execute: Arc::new({
                let may_execute = self.may_execute;
                move |_| may_execute
            }),
            clock: Arc::new(|| Timestamp::from_instant(chrono::Utc::now())),
            by: "test".to_owned(),
            scope: Scope::All,
        };
        self.driver = Some(Driver::start(parts).unwrap());
    }

    pub(crate) fn template(&self, name: &str, text: &str) {
        self.definitions.0.lock().unwrap().insert(name.to_owned(), read(text));
    }

    pub(crate) fn driver(&self) -> &Driver {
        self.driver.as_ref().unwrap()
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn start(&self, text: &str) -> ProcessId {
        self.block_on(self.driver().start_process(new_run(read(text)))).unwrap()
    }

    /// Waits until a process has an event of which this holds.
    pub(crate) fn wait_for(&self, id: ProcessId, is_it: impl Fn(&RunFact) -> bool) {
        let start = Instant::now();
        loop {
            let events = self.store.events(id, 0).unwrap();
            if events.iter().any(|event| matches!(&event.fact, Fact::Run(fact) if is_it(fact))) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{id} has only {events:#?}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Returns the types of the events of a process.
    pub(crate) fn kinds(&self, id: ProcessId) -> Vec<String> {
        let events = self.store.events(id, 0).unwrap();
        let kind = |event: &Event| event.to_value()["type"].as_str().unwrap().to_owned();
        events.iter().map(kind).collect()
    }

    /// Waits until nothing moves by itself any more, or until something does.
    pub(crate) fn wait_quiet(&self, wanted: bool) {
        let mut quiet = self.driver().quiet();
        let waited = async { tokio::time::timeout(PATIENCE, quiet.becomes(wanted)).await.is_ok() };
        assert!(self.block_on(waited), "it does not become {wanted}");
    }

    /// Waits until a process has ended, and says how.
    pub(crate) fn end(&self, id: ProcessId) -> String {
        self.wait_for(id, |fact| matches!(fact, RunFact::ProcessEnded { .. }));
        let execution = self.store.load(id).unwrap().unwrap();
        let end = execution.run().unwrap().end().unwrap();
        format!("{} {}", end.status, Value::Object(end.outputs.clone()))
    }
}

pub(crate) fn new_run(definition: Arc<Definition>) -> NewRun {
    NewRun {
        definition,
        uid: Uid::from_bytes(*uuid::Uuid::now_v7().as_bytes()),
        input: json!({}),
        trigger: json!({}),
        key: None,
        parent: None,
        limit: None,
    }
}
