//! Starting processes: an id, an event, and the driver takes over.

use std::sync::Arc;

use process_engine::{
    Cost, Execution, Input, Parent, Process, ProcessId, Rejected, StartRun, Timestamp, Uid,
    definition::Definition,
};
use process_store::{Error, ErrorKind, Group, Store};
use serde_json::Value;
use tokio::sync::oneshot;

/// How often ids are reserved anew because another program took those that were.
pub(super) const TRIES_MAX: usize = 16;

/// A process that is to be started.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The definition.
    pub definition: Arc<Definition>,
    /// What tells the process from every other one, also in other projects.
    pub uid: Uid,
    /// Its input.
    pub input: Value,
    /// What started it.
    pub trigger: Value,
    /// The name under which it is started once only.
    pub key: Option<String>,
    /// The process whose step starts it.
    pub parent: Option<Parent>,
    /// The most that it may spend, when whoever starts it says so.
    pub limit: Option<Cost>,
}

/// Why a process was not started.
#[derive(Clone, Debug)]
pub enum NotStarted {
    /// It exists: by its uid or key.
    Exists(ProcessId),
    /// The input is none that it can be started with.
    Rejected(Rejected),
    /// The store cannot keep it.
    Store(Error),
}

/// Starts processes, all with one sync where the store can, and returns each with its state.
pub(super) fn start_all(
    store: &dyn Store,
    now: &Timestamp,
    by: &str,
    new: Vec<NewRun>,
) -> Vec<Result<(ProcessId, Execution), NotStarted>> {
    let mut results: Vec<Option<Result<(ProcessId, Execution), NotStarted>>> =
        new.iter().map(|_| None).collect();
    for _ in 0..TRIES_MAX {
        let left: Vec<usize> = (0..new.len()).filter(|index| results[*index].is_none()).collect();
        if left.is_empty() {
            break;
        }
        start_some(store, now, by, &new, &left, &mut results);
    }
    results.into_iter().map(|result| result.unwrap_or_else(|| Err(all_taken()))).collect()
}

fn start_some(
    store: &dyn Store,
    now: &Timestamp,
    by: &str,
    new: &[NewRun],
    left: &[usize],
    results: &mut [Option<Result<(ProcessId, Execution), NotStarted>>],
) {
    let ids = match fresh_ids(store, left.len()) {
        Ok(ids) => ids,
        Err(error) => {
            for index in left {
                results[*index] = Some(Err(NotStarted::Store(error.clone())));
            }
            return;
        }
    };
    let mut groups = Vec::new();
    let mut places = Vec::new();
    for (index, id) in left.iter().copied().zip(ids) {
        match new[index].begin(now, by, id) {
            Ok(group) => {
                groups.push(group);
                places.push(index);
            }
            Err(rejected) => {
                store.leave(id);
                results[index] = Some(Err(NotStarted::Rejected(rejected)));
            }
        }
    }
    let outcomes = store.append(&groups);
    for ((index, group), outcome) in places.into_iter().zip(groups).zip(outcomes) {
        results[index] = match outcome {
            Ok(()) => Some(Ok((group.id, *group.execution))),
            Err(error) => {
                store.leave(group.id);
                not_appended(error).map(Err)
            }
        };
    }
}

/// Returns ids for so many new processes, which this program has taken.
pub(super) fn fresh_ids(store: &dyn Store, count: usize) -> Result<Vec<ProcessId>, Error> {
    let ids = store.reserve(u32::try_from(count).unwrap_or(u32::MAX))?;
    // What this program starts it drives; another one may be quicker, and drives it.
    store.take_all(&ids)?;
    Ok(ids)
}

/// Returns what a refused start means; `None` where another id may do.
pub(super) fn not_appended(error: Error) -> Option<NotStarted> {
    if error.kind() != ErrorKind::Conflict {
        return Some(NotStarted::Store(error));
    }
    let known = error.details().and_then(|details| details["process"].as_str());
    known.and_then(|id| ProcessId::parse(id).ok()).map(NotStarted::Exists)
}

/// Returns what is said when ids were reserved anew too often.
pub(super) fn all_taken() -> NotStarted {
    let message = "other programs take every id that is free";
    NotStarted::Store(Error::new(ErrorKind::Conflict, message))
}

/// A process that is being started, and who waits for it.
pub(super) struct Start {
    pub(super) new: NewRun,
    /// How often another program took the id that it was to have.
    pub(super) tries: usize,
    pub(super) answer: oneshot::Sender<Result<ProcessId, NotStarted>>,
}

impl NewRun {
    /// Returns what makes the process under this id, once a store has appended it.
    ///
    /// # Errors
    /// Why it cannot be started so.
    pub fn begin(&self, now: &Timestamp, by: &str, id: ProcessId) -> Result<Group, Rejected> {
        let definition = self.definition.clone();
        let goal = definition.description.clone().unwrap_or_default();
        let defaults = process_engine::ProcessDefaults { id, uid: self.uid, now: now.clone() };
        let process = Process::new(defaults, definition.name.clone(), goal);
        let start = StartRun {
            definition,
            process: Some(Box::new(process)),
            input: self.input.clone(),
            trigger: self.trigger.clone(),
            // A uid is as good as a die, and the same after a crash.
            seed: self.uid.halves().1,
            key: self.key.clone(),
            parent: self.parent.clone(),
            limit: self.limit,
            stop_grace: process_engine::definition::STOP_GRACE,
        };
        let mut execution = Box::<Execution>::default();
        let events = execution.advance(now, by, Input::Start(Box::new(start)))?;
        Ok(Group { id, expected: 0, events, execution, becomes_active: false })
    }
}
