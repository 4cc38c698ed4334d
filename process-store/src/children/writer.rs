//! Many threads of one program that write one registry share its commits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use procreg::Delta;

use super::commit::{Change, Committed};
use super::open::Children;
use crate::error::Error;

/// The front of a registry for the threads of one program.
///
/// Whoever comes while a commit is under way waits and shares the next one, so that a hundred
/// threads cost a few syncs, and each still returns only when its change is durable.
/// Clones share one front.
#[derive(Clone, Debug)]
pub struct ChildrenWriter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    children: Children,
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Request>,
    is_busy: bool,
}

/// What one caller wants, and where the answer goes.
#[derive(Debug)]
struct Request {
    deltas: Vec<Delta>,
    now_ms: u64,
    answer: Arc<Mutex<Option<Result<Committed, Error>>>>,
}

impl ChildrenWriter {
    /// Returns a front of this registry.
    #[must_use]
    pub fn new(children: Children) -> ChildrenWriter {
        let queue = Mutex::default();
        ChildrenWriter { shared: Arc::new(Shared { children, queue, wake: Condvar::new() }) }
    }

    /// Returns the registry behind it.
    #[must_use]
    pub fn children(&self) -> &Children {
        &self.shared.children
    }

    /// Makes changes, all or none, and returns when they are durable.
    ///
    /// # Errors
    /// As [`Children::commit`]; what another caller asks for in the same commit fails alone.
    pub fn commit(&self, deltas: Vec<Delta>, now_ms: u64) -> Result<Committed, Error> {
        let shared = self.shared.as_ref();
        let answer = Arc::default();
        let request = Request { deltas, now_ms, answer: Arc::clone(&answer) };
        let mut queue = shared.enter();
        queue.waiting.push(request);
        loop {
            if let Some(result) = lock(&answer).take() {
                return result;
            }
            if queue.is_busy {
                queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let group = std::mem::take(&mut queue.waiting);
            let turn = Turn::take(shared, queue);
            shared.commit_group(group);
            drop(turn);
            queue = shared.enter();
        }
    }
}

#[cfg(test)]
impl ChildrenWriter {
    /// Returns how many wait for the commit that is under way.
    pub(super) fn waiting(&self) -> usize {
        self.shared.enter().waiting.len()
    }

    /// Takes the right to commit.
    pub(super) fn take_turn(&self) -> impl Drop + '_ {
        Turn::take(&self.shared, self.shared.enter())
    }
}

/// The right to commit, given on when it is dropped, also by a panic.
struct Turn<'a> {
    shared: &'a Shared,
}

impl<'a> Turn<'a> {
    fn take(shared: &'a Shared, mut queue: MutexGuard<'_, Queue>) -> Turn<'a> {
        queue.is_busy = true;
        Turn { shared }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.shared.enter().is_busy = false;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    /// Commits what these callers want, and what those want who come until the lock is got.
    fn commit_group(&self, mut group: Vec<Request>) {
        let mut results = Vec::new();
        let committed = self.children.commit_with(|registry| {
            group.append(&mut self.enter().waiting);
            results.clear();
            results.extend(group.iter().map(|request| registry.merge(&request.deltas)));
            let outcomes = results.iter().flatten().flatten().copied().collect();
            let now_ms = group.iter().map(|request| request.now_ms).max().unwrap_or_default();
            Ok(Change { outcomes, now_ms })
        });
        // Where the lock was not got, nothing was merged.
        let mut results = results.into_iter();
        for request in group {
            let result = match (&committed, results.next()) {
                (Err(error), _) => Err(error.clone()),
                (Ok(_), Some(Err(refused))) => Err(self.children.refused(&refused)),
                (Ok(committed), outcomes) => Ok(Committed {
                    outcomes: outcomes.and_then(Result::ok).unwrap_or_default(),
                    ..committed.clone()
                }),
            };
            *lock(&request.answer) = Some(result);
        }
    }

    fn enter(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each value is set as a whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
