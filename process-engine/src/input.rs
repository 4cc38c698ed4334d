//! What can be asked of an execution.

use std::time::Duration;

use process_core::{Process, StepId, StepStatus, Timestamp, Version};
use serde_json::Value;

/// Something that is asked of a process, and may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Put a step into the list.
    AddStep(NewStep),
    /// Put the process away.
    Archive,
    /// Take hold of a step for a time.
    Claim {
        /// The step.
        step: StepId,
        /// How long, from now.
        lease: Duration,
    },
    /// Make the process, steps of its template included.
    Create {
        /// The process at its beginning.
        process: Box<Process>,
        /// Why its first version is taken.
        reason: String,
    },
    /// Change the process as a document.
    Edit {
        /// An RFC 6902 patch of the process's JSON.
        patch: Value,
    },
    /// Change fields of a step.
    EditStep {
        /// The step.
        step: StepId,
        /// An RFC 7396 merge patch of the step's JSON.
        changes: Value,
    },
    /// Take in a process that was made elsewhere.
    Import(Box<Import>),
    /// Put a step elsewhere in the list.
    MoveStep {
        /// The step.
        step: StepId,
        /// The step behind which it is put; the front when there is none.
        after: Option<StepId>,
    },
    /// Record an answered question.
    RecordDecision {
        /// What was asked.
        question: String,
        /// What was chosen.
        choice: String,
        /// Why.
        rationale: String,
        /// What else could have been chosen.
        options: Vec<String>,
    },
    /// Record something that shows that work was done.
    RecordEvidence {
        /// `command`, `file`, `url`, `note`, or another word.
        kind: String,
        /// The command line, path, address or text.
        value: String,
        /// The step that it belongs to.
        step: Option<StepId>,
    },
    /// Record something that may go wrong.
    RecordRisk {
        /// What may go wrong.
        risk: String,
        /// How bad it would be.
        impact: String,
        /// What is done about it.
        mitigation: String,
    },
    /// Let go of a step.
    Release {
        /// The step.
        step: StepId,
    },
    /// Take a step out of the list.
    RemoveStep {
        /// The step.
        step: StepId,
    },
    /// Take back the content of an earlier version, as a version of its own.
    RestoreVersion {
        /// The number of that version.
        number: u64,
    },
    /// Give a step another status, by hand.
    SetStepStatus {
        /// The step.
        step: StepId,
        /// Its status from here on.
        status: StepStatus,
        /// What it gave.
        outputs: Vec<String>,
        /// A note, kept as evidence.
        note: Option<String>,
    },
    /// Take a version.
    TakeVersion {
        /// Why.
        reason: String,
    },
    /// Take the process back from the archive.
    Unarchive,
}

/// A step that is to be added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewStep {
    /// Its name.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// The step behind which it is put; the end when there is none.
    pub after: Option<StepId>,
    /// What it takes.
    pub inputs: Vec<String>,
    /// What it gives.
    pub outputs: Vec<String>,
    /// What must hold when it is done.
    pub checks: Vec<String>,
}

/// A process that was made elsewhere, with what is known of its past.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The process as it stands.
    pub process: Process,
    /// Where it comes from: `file`, `legacy` or the name of a file.
    pub source: String,
    /// The versions that exist of it.
    pub versions: Vec<Version>,
    /// Entries of the history that an older program kept, oldest first.
    pub entries: Vec<LegacyEntry>,
    /// The reason of a version that is taken at once, when one is.
    pub version_reason: Option<String>,
}

/// An entry of the history of an older program.
#[derive(Clone, Debug, PartialEq)]
pub struct LegacyEntry {
    /// When it was written.
    pub at: Timestamp,
    /// What that program called it.
    pub kind: String,
    /// The entry as it stood, raw text included.
    pub entry: Value,
}
