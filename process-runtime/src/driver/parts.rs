//! What a driver is made of.

use std::sync::Arc;

use process_engine::{Event, Execution, ProcessId, Timestamp, definition::Definition};
use process_store::{Error, Store};
use serde_json::Value;

use crate::{drive::Scope, team::Team};

/// What a driver is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where the processes are kept.
    pub store: Arc<dyn Store>,
    /// Who performs what.
    pub team: Team,
    /// Finds the definitions of processes that steps start.
    pub templates: Arc<dyn Templates>,
    /// Sees what happens.
    pub observer: Arc<dyn Observer>,
    /// Says whether the definition of a process may start programs and send things.
    pub may_execute: Arc<dyn Fn(&Execution) -> bool + Send + Sync>,
    /// Tells the time.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Who the journal says acts.
    pub by: String,
    /// Which processes are driven.
    pub scope: Scope,
}

/// Finds the definitions of processes that steps start.
pub trait Templates: Send + Sync {
    /// Returns the definition that a step of a process means by this name, and by this version where
    /// one is named.
    ///
    /// # Errors
    /// Why there is none, in a line.
    fn find(
        &self,
        parent: ProcessId,
        name: &str,
        version: Option<&str>,
    ) -> Result<Arc<Definition>, String>;
}

/// Sees what happens, and tells it to people. It is called on the driver's own thread: whatever
/// takes time belongs elsewhere.
pub trait Observer: Send + Sync {
    /// Sees events that became durable.
    fn stored(&self, process: ProcessId, events: &[Event]);

    /// Tells somebody something; `effect` tells a repeat from another notice of the process.
    ///
    /// It is told at least once, and tried at most three times, on a thread that may block.
    ///
    /// # Errors
    /// Why it could not be told, in a line.
    fn tell(&self, process: ProcessId, effect: u64, notice: &Value) -> Result<(), String>;

    /// Sees that nothing moves by itself any more, or that something does again.
    fn quiet(&self, _is_quiet: bool) {}

    /// Sees something go wrong that the driver tries again by itself.
    fn trouble(&self, process: ProcessId, error: &Error);
}
