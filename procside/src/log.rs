//! The events of a process.

use process_core::{Event, ProcessId};
use serde_json::{Value, json};

use crate::{error::Error, project::Procside};

/// The events of a process, oldest first.
#[derive(Clone, Debug)]
pub struct Log {
    /// The process.
    pub process: ProcessId,
    /// Its events.
    pub events: Vec<Event>,
    /// What could not be taken as it is, for people.
    pub notices: Vec<String>,
}

impl Procside {
    /// Returns all events of a process.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn log(&self, id: Option<ProcessId>) -> Result<Log, Error> {
        self.log_after(id, 0)
    }

    /// Returns the events of a process behind the one with this number.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn log_after(&self, id: Option<ProcessId>, seq: u64) -> Result<Log, Error> {
        let (shown, record) = self.read(id)?;
        let events = self.place.events(&record, seq)?;
        Ok(Log { process: shown.process.id, events, notices: shown.notices })
    }
}

impl Log {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "process": self.process.to_string(),
            "events": self.events.iter().map(Event::to_value).collect::<Vec<_>>(),
        })
    }
}
