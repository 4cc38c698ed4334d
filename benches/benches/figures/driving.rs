//! A driver over a store, with handlers that return at once, and what counts its work.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use procside::definition::Definition;
use procside::runtime::drive::{Scope, Slot};
use procside::runtime::{Done, Driver, Failed, NewRun, NotStarted, Observer, Parts};
use procside::runtime::{Team, Templates, Work};
use procside::store::{Error, Group, Page, Query, Store, Watch};
use procside::{Event, Fact, ProcessId, RunFact, Surroundings, Uid};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

/// The longest that anything may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A driver whose handlers return at once.
pub(crate) struct Driving {
    driver: Driver,
    runtime: Runtime,
    ended: Receiver<()>,
    wanted: Arc<AtomicUsize>,
    begun: Arc<Mutex<Vec<Instant>>>,
}

impl Driving {
    /// Drives whatever is in a store, with so many attempts at once.
    ///
    /// # Errors
    /// Whatever keeps threads from starting.
    pub(crate) fn start(store: Arc<dyn Store>, limit: usize) -> crate::Result<Self> {
        let (sender, ended) = mpsc::channel();
        let wanted = Arc::new(AtomicUsize::new(0));
        let begun = Arc::new(Mutex::new(Vec::new()));
        let seen = begun.clone();
        let handler = move |_: Work| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
            async { Ok::<Done, Failed>(Done::default()) }
        };
        let team = Team::new().with(Slot::AnyAgent, handler.clone()).with(Slot::Manual, handler);
        let parts = Parts {
            store,
            team: team.with_limit(limit),
            templates: Arc::new(Nothing),
            observer: Arc::new(Ends { wanted: wanted.clone(), sender: Mutex::new(sender) }),
            may_execute: Arc::new(|_| true),
            clock: Surroundings::of_the_system().clock,
            by: "bench".to_owned(),
            scope: Scope::All,
        };
        let driver = Driver::start(parts)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        Ok(Self { driver, runtime, ended, wanted, begun })
    }

    /// Starts so many processes, all asked for before the first is there, and waits for their ends.
    ///
    /// # Errors
    /// When one cannot be started, or they do not end.
    pub(crate) fn run(&self, definition: &Arc<Definition>, count: usize) -> crate::Result<()> {
        self.wanted.store(count, SeqCst);
        self.runtime.block_on(async {
            let starts: Vec<_> =
                (0..count).map(|_| Box::pin(self.driver.start_process(new(definition)))).collect();
            join(starts).await
        })?;
        Ok(self.ended.recv_timeout(PATIENCE)?)
    }

    /// Waits until nothing moves by itself.
    ///
    /// # Errors
    /// When that takes too long.
    pub(crate) fn rest(&self) -> crate::Result<()> {
        let mut quiet = self.driver.quiet();
        self.runtime
            .block_on(async { tokio::time::timeout(PATIENCE, quiet.becomes(true)).await })?;
        Ok(())
    }

    /// Returns when each attempt began, and forgets it.
    pub(crate) fn take_begun(&self) -> Vec<Instant> {
        std::mem::take(&mut *self.begun.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns a process that is to be started by this definition.
pub(crate) fn new(definition: &Arc<Definition>) -> NewRun {
    NewRun {
        definition: definition.clone(),
        uid: procside::fresh_uid(),
        input: Value::Object(Map::new()),
        trigger: Value::Object(Map::new()),
        key: None,
        parent: None,
        limit: None,
    }
}

/// Waits for all, which are polled in one go: all of them are under way before the first is done.
async fn join(
    starts: Vec<std::pin::Pin<Box<impl Future<Output = Result<ProcessId, NotStarted>>>>>,
) -> crate::Result<()> {
    let mut starts = starts;
    let mut waiting = Vec::with_capacity(starts.len());
    for start in &mut starts {
        // The first poll sends the wish.
        match poll_once(start.as_mut()).await {
            Some(outcome) => waiting.push(Some(outcome)),
            None => waiting.push(None),
        }
    }
    for (start, done) in starts.into_iter().zip(waiting) {
        let outcome = match done {
            Some(outcome) => outcome,
            None => start.await,
        };
        outcome.map_err(|why| format!("a process was not started: {why:?}"))?;
    }
    Ok(())
}

async fn poll_once<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
    std::future::poll_fn(|context| {
        let polled = future.as_mut().poll(context);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

struct Nothing;

impl Templates for Nothing {
    fn find(&self, _: ProcessId, name: &str, _: Option<&str>) -> Result<Arc<Definition>, String> {
        Err(format!("there is no template `{name}`"))
    }
}

/// Tells when so many processes have ended, and their ends are durable.
struct Ends {
    wanted: Arc<AtomicUsize>,
    sender: Mutex<Sender<()>>,
}

impl Observer for Ends {
    fn stored(&self, _: ProcessId, events: &[Event]) {
        let is_end = |event: &Event| matches!(event.fact, Fact::Run(RunFact::ProcessEnded { .. }));
        // Whoever resumes waits for none.
        if events.iter().any(is_end) && self.wanted.fetch_sub(1, SeqCst) == 1 {
            // Nobody waits when the bench is over.
            let _ = self.sender.lock().unwrap_or_else(PoisonError::into_inner).send(());
        }
    }

    fn tell(&self, _: ProcessId, _: u64, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn trouble(&self, _: ProcessId, _: &Error) {}
}

/// A store that counts how often it makes something durable.
pub(crate) struct Counted {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) appends: AtomicU64,
}

impl Store for Counted {
    fn append(&self, groups: &[Group]) -> Vec<Result<(), Error>> {
        self.appends.fetch_add(1, Relaxed);
        self.store.append(groups)
    }

    fn events(&self, id: ProcessId, after: u64) -> Result<Vec<Event>, Error> {
        self.store.events(id, after)
    }

    fn find_key(&self, key: &str) -> Result<Option<ProcessId>, Error> {
        self.store.find_key(key)
    }

    fn find_uid(&self, uid: Uid) -> Result<Option<ProcessId>, Error> {
        self.store.find_uid(uid)
    }

    fn leave(&self, id: ProcessId) {
        self.store.leave(id);
    }

    fn list(&self, query: &Query) -> Result<Page, Error> {
        self.store.list(query)
    }

    fn load(&self, id: ProcessId) -> Result<Option<procside::runtime::Execution>, Error> {
        self.store.load(id)
    }

    fn reserve(&self, count: u32) -> Result<Vec<ProcessId>, Error> {
        self.store.reserve(count)
    }

    fn take(&self, id: ProcessId) -> Result<bool, Error> {
        self.store.take(id)
    }

    fn take_all(&self, ids: &[ProcessId]) -> Result<Vec<bool>, Error> {
        self.store.take_all(ids)
    }

    fn watch(&self) -> Box<dyn Watch> {
        self.store.watch()
    }
}
