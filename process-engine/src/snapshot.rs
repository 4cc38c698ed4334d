//! The state of a process as JSON and back, so that a long journal opens fast (docs/formats/snapshot.md).

use std::collections::BTreeSet;

use process_core::{Process, StepId, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    execution::{Aside, Execution},
    run::Run,
};

/// The form of a snapshot; one of another form is not used, the journal is replayed instead.
const SNAPSHOT_FORMAT: u32 = 1;

/// Says why a snapshot cannot be used; the journal still can.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the snapshot cannot be used: {0}")]
pub struct SnapshotError(pub(crate) String);

/// All that is kept of an execution (docs/formats/snapshot.md).
#[derive(Deserialize, Serialize)]
struct Kept {
    format: u32,
    revision: u64,
    process: Option<Process>,
    step_number_max: u64,
    removed: BTreeSet<StepId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(default)]
    entry_last: u64,
    versions: Vec<Version>,
    run: Option<Value>,
}

impl Execution {
    /// Returns the state as JSON; with the events behind its revision it makes the newest state.
    ///
    /// # Errors
    /// [`SnapshotError`] for a value that JSON cannot hold; a state that events made has none.
    pub fn to_snapshot(&self) -> Result<Value, SnapshotError> {
        let kept = Kept {
            format: SNAPSHOT_FORMAT,
            revision: self.revision,
            process: self.process.clone(),
            step_number_max: self.step_number_max,
            removed: self.removed.clone(),
            document: self.document.clone(),
            entry_last: self.entry_last,
            versions: self.versions.clone(),
            run: self.run.as_ref().map(|run| run.to_snapshot()).transpose()?,
        };
        serde_json::to_value(kept).map_err(|error| SnapshotError(error.to_string()))
    }

    /// Reads a state from the JSON of a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`] for another form, and for what does not fit together.
    pub fn from_snapshot(value: &Value) -> Result<Self, SnapshotError> {
        if value["format"].as_u64() != Some(u64::from(SNAPSHOT_FORMAT)) {
            return Err(SnapshotError(format!("its form is not {SNAPSHOT_FORMAT}")));
        }
        let kept = Kept::deserialize(value).map_err(|error| SnapshotError(error.to_string()))?;
        let run = kept.run.as_ref().map(Run::from_snapshot).transpose()?;
        Ok(Self {
            process: kept.process,
            revision: kept.revision,
            step_number_max: kept.step_number_max,
            removed: kept.removed,
            document: kept.document,
            entry_last: kept.entry_last,
            versions: kept.versions,
            run: run.map(Box::new),
            aside: Aside::default(),
        })
    }
}
