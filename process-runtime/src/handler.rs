//! What performs an attempt.

use std::{
    future::{Future, ready},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use process_engine::{Cost, ProcessId, StepId};
use serde_json::Value;
use tokio::sync::{Notify, mpsc};

/// Performs attempts of steps.
///
/// The same attempt may be performed again after a crash, under the same [`Work::key`]: whoever
/// cannot do a thing twice tells by the key that it was done.
pub trait Handler: Send + Sync {
    /// Performs an attempt.
    ///
    /// What it returns is evaluated on a worker; whatever blocks a thread belongs on one of its own.
    /// It should end soon after [`Stop::requested`]; what it returns then may still count.
    fn perform(&self, work: Work) -> Performing;

    /// Goes on with an attempt that a driver before this one began and did not live to see the end
    /// of (rule E6.18).
    ///
    /// Whoever does not say anything else leaves nothing behind.
    fn take_up(&self, work: Work) -> TakingUp {
        drop(work);
        Box::pin(ready(TakenUp::Unknown))
    }
}

/// An attempt of a driver that is gone, while it goes on.
pub type TakingUp = Pin<Box<dyn Future<Output = TakenUp> + Send>>;

/// What became of an attempt of a driver that is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum TakenUp {
    /// It may still be performed, and nobody can tell: a person decides.
    Doubt,
    /// It went on, or had left its result: this is it.
    Finished(Result<Done, Failed>),
    /// It is surely not performed any more, and left no result.
    Gone,
    /// The handler knows of nothing that it left behind.
    Unknown,
}

/// An attempt that is being performed.
pub type Performing = Pin<Box<dyn Future<Output = Result<Done, Failed>> + Send>>;

/// An attempt that is to be performed; everything in it is evaluated.
#[derive(Debug)]
pub struct Work {
    /// The process.
    pub process: ProcessId,
    /// What tells that process from one with its id in another project: a UUID.
    pub uid: String,
    /// The step.
    pub step: StepId,
    /// The visit of the step, from 1.
    pub visit: u32,
    /// The attempt, from 1.
    pub attempt: u32,
    /// What tells a repeat of this attempt from another one: `proc-001/step/visit/attempt`.
    pub key: String,
    /// What is to be done, as the journal has it: its `type`, and the fields of that type
    /// (docs/formats/journal.md).
    pub task: Value,
    /// What an earlier attempt saved.
    pub context: Option<Value>,
    /// Whether it undoes the visit.
    pub is_compensation: bool,
    /// Takes signs of life, and what is to be kept for the next attempt.
    pub signs: Signs,
    /// Says when nobody wants the result any more.
    pub stop: Stop,
}

/// What an attempt gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// Its output.
    pub output: Value,
    /// What it cost.
    pub cost: Option<Cost>,
}

/// Why an attempt failed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Failed {
    /// The reason, for people.
    pub error: String,
    /// What it cost all the same.
    pub cost: Option<Cost>,
}

/// Something that an attempt says while it is performed.
#[derive(Clone, Debug, PartialEq)]
pub enum Sign {
    /// It is alive.
    Alive,
    /// A program runs for it; stored before the program does anything.
    Child {
        /// Its process id.
        pid: u32,
        /// When it started, as the system tells it apart from another one with that id.
        start_time: Option<u64>,
        /// The boot of the machine.
        boot_id: Option<String>,
    },
    /// The next attempt is to know this (at most 1 MiB).
    Context(Value),
}

/// Takes what an attempt says while it is performed.
#[derive(Clone, Debug)]
pub struct Signs {
    pub(crate) sender: mpsc::UnboundedSender<(u64, Sign)>,
    pub(crate) ticket: u64,
}

/// Says when an attempt should stop.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Flag>);

/// Asks an attempt to stop; it is asked at the latest when this is dropped.
#[derive(Debug)]
pub(crate) struct Stopper(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    is_up: AtomicBool,
    raised: Notify,
}

impl Signs {
    /// Says something; it is lost when nobody drives the process any more.
    pub fn say(&self, sign: Sign) {
        let _ = self.sender.send((self.ticket, sign));
    }
}

impl Stop {
    /// Waits until the attempt should stop: it was cancelled, is too late, or the driver ends.
    pub async fn requested(&mut self) {
        let mut raised = pin!(self.0.raised.notified());
        // Whoever raises it from here on is heard.
        raised.as_mut().enable();
        if !self.is_requested() {
            raised.await;
        }
    }

    /// Returns whether the attempt should stop.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.is_up.load(Ordering::Acquire)
    }
}

impl Stopper {
    /// Returns what asks an attempt to stop, and what the attempt sees of it.
    pub(crate) fn new() -> (Self, Stop) {
        let flag = Arc::<Flag>::default();
        (Self(flag.clone()), Stop(flag))
    }

    pub(crate) fn stop(&self) {
        self.0.is_up.store(true, Ordering::Release);
        self.0.raised.notify_waiters();
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        // A driver that is gone wants no result either.
        self.stop();
    }
}

impl Failed {
    /// Returns a failure that cost nothing.
    #[must_use]
    pub fn new(error: impl Into<String>) -> Self {
        Self { error: error.into(), cost: None }
    }
}

impl<F, R> Handler for F
where
    F: Fn(Work) -> R + Send + Sync,
    R: Future<Output = Result<Done, Failed>> + Send + 'static,
{
    fn perform(&self, work: Work) -> Performing {
        Box::pin(self(work))
    }
}
