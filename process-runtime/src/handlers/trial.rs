//! An attempt without a driver, to try a handler in a test.

use std::sync::atomic::{AtomicU64, Ordering};

use process_engine::{ProcessId, StepId};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::handler::{Sign, Signs, Stopper, Work};

/// The other end of an attempt: hears what it says, and may stop it.
///
/// ```
/// use process_runtime::{Done, Failed, Handler, Work, handlers::Trial};
///
/// let echo = |work: Work| async move {
///     Ok::<_, Failed>(Done { output: work.task["message"].clone(), cost: None })
/// };
/// let (work, _trial) = Trial::new(serde_json::json!({"message": "hi"}));
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let done = runtime.block_on(echo.perform(work));
/// assert_eq!(done.map(|done| done.output), Ok("hi".into()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Trial {
    signs: mpsc::UnboundedReceiver<(u64, Sign)>,
    stop: Stopper,
}

impl Trial {
    /// Returns the first attempt of step `step` of a process `proc-001` at a task, and its other
    /// end; no two are attempts of the same process.
    #[must_use]
    pub fn new(task: Value) -> (Work, Self) {
        static COUNT: AtomicU64 = AtomicU64::new(1);

        let (sender, signs) = mpsc::unbounded_channel();
        let (stop, wanted) = Stopper::new();
        let work = Work {
            process: ProcessId::parse("proc-001").expect("it is a process id"),
            uid: format!("trial {} {}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)),
            step: StepId::parse("step").expect("it is a step id"),
            visit: 1,
            attempt: 1,
            key: "proc-001/step/1/1".to_owned(),
            task,
            context: None,
            is_compensation: false,
            signs: Signs { sender, ticket: 0 },
            stop: wanted,
        };
        (work, Self { signs, stop })
    }

    /// Returns what the attempt has said since the last time.
    pub fn signs(&mut self) -> Vec<Sign> {
        std::iter::from_fn(|| self.signs.try_recv().ok()).map(|(_, sign)| sign).collect()
    }

    /// Waits for what the attempt says next; `None` when it can say nothing any more.
    pub async fn sign(&mut self) -> Option<Sign> {
        self.signs.recv().await.map(|(_, sign)| sign)
    }

    /// Asks the attempt to stop.
    pub fn stop(&self) {
        // An attempt that is over needs no asking.
        self.stop.stop();
    }
}
