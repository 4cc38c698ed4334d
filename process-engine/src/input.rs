//! What can be asked of an execution.

use std::{fmt, sync::Arc, time::Duration};

use process_core::{
    Process, ProcessStatus, StepId, StepStatus, Timestamp, Version,
    definition::Definition,
    document::{EntryKind, Splice},
    event::{Decided, Parent, VisitId},
    money::Cost,
};
use serde_json::Value;

use crate::run::Program;

/// Something that is asked of a process, and may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Give a foreach that runs another item.
    AddItem {
        /// The step.
        step: StepId,
        /// The item.
        item: Value,
    },
    /// Put a step into the list.
    AddStep(NewStep),
    /// Go on by another definition.
    Adopt(Arc<Definition>),
    /// Put the process away.
    Archive,
    /// End the process; what was done is undone.
    Cancel {
        /// Why.
        reason: Option<String>,
    },
    /// Change the document of the process, or take a change of it back.
    ChangeDocument {
        /// What makes the change.
        reason: EntryReason,
        /// What it does to the document as it stands.
        splices: Vec<Splice>,
    },
    /// The process that a visit started has ended.
    ChildEnded {
        /// The visit.
        visit: VisitId,
        /// How it ended.
        end: ChildEnd,
    },
    /// Take hold of a step for a time.
    Claim {
        /// The step.
        step: VisitRef,
        /// How long, from now.
        lease: Duration,
    },
    /// The process that a visit asks for is there.
    ChildStarted {
        /// The visit.
        visit: VisitId,
        /// Its id.
        process: String,
    },
    /// Undo a completed process, because the one that started it is undone.
    Compensate,
    /// Make the process, steps of its template included.
    Create {
        /// The process at its beginning.
        process: Box<Process>,
        /// Why its first version is taken.
        reason: String,
    },
    /// Approve or reject.
    Decide {
        /// The approval.
        step: VisitRef,
        /// What is said.
        decision: Decision,
    },
    /// Hand a visit that is ready to a worker.
    Dispatch {
        /// The visit.
        step: VisitRef,
    },
    /// Say that the running attempt may still run, and that nobody can tell.
    Doubt {
        /// The visit.
        visit: VisitId,
        /// The token of the attempt.
        token: u64,
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
    /// Settle what an effect asked for.
    EffectSettled {
        /// The number of the event that asks for it.
        effect: u64,
        /// Whether it was done, or given up.
        is_done: bool,
    },
    /// Say something about a step, so that others learn from it.
    Feedback {
        /// The step.
        step: StepId,
        /// How well it went, from 1 to 5.
        rating: Option<u8>,
        /// What is said; may be empty behind a rating.
        feedback: String,
    },
    /// Show that the running attempt is alive.
    Heartbeat {
        /// The visit.
        visit: VisitId,
        /// The token of the attempt.
        token: u64,
    },
    /// Take in a process that was made elsewhere.
    Import(Box<Import>),
    /// Record what an attempt cost whose result was refused.
    LateCost {
        /// The visit.
        visit: VisitId,
        /// The token of the attempt.
        token: u64,
        /// What it cost.
        cost: Cost,
    },
    /// Say that nobody knows what became of the running attempt.
    Lost {
        /// The visit.
        visit: VisitId,
        /// The token of the attempt.
        token: u64,
    },
    /// Bring a message for whoever waits for it.
    Message(NewMessage),
    /// Put a step elsewhere in the list.
    MoveStep {
        /// The step.
        step: StepId,
        /// The step behind which it is put; the front when there is none.
        after: Option<StepId>,
    },
    /// Dispatch nothing and take no route until it goes on.
    Pause,
    /// Change the process by a patch, or take that back.
    PatchProcess {
        /// What makes the change.
        reason: EntryReason,
        /// An RFC 6902 patch of the process's JSON.
        patch: Value,
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
        step: VisitRef,
    },
    /// Take a step out of the list.
    RemoveStep {
        /// The step.
        step: StepId,
    },
    /// Bring the result of the running attempt.
    Result {
        /// The visit.
        visit: VisitId,
        /// The token of the attempt.
        token: u64,
        /// What came of it.
        outcome: Outcome,
        /// What it cost.
        cost: Option<Cost>,
    },
    /// Go on.
    Resume,
    /// Try again what failed or was cancelled, or a step and all that follows from it.
    Retry {
        /// The step.
        from: Option<StepId>,
    },
    /// Keep something for the next attempt.
    SaveContext {
        /// The visit.
        visit: VisitId,
        /// The token of the attempt.
        token: u64,
        /// What is kept.
        context: Value,
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
    /// Settle a step of a process that runs by a definition, by hand.
    Settle {
        /// The step.
        step: VisitRef,
        /// How it ends; pending sets it back with all that follows from it.
        status: StepStatus,
        /// What it gives.
        output: Option<Value>,
        /// Why.
        note: Option<String>,
    },
    /// Say that a program runs for the running attempt.
    Spawned {
        /// The visit.
        visit: VisitId,
        /// The token of the attempt.
        token: u64,
        /// The program.
        program: Program,
    },
    /// Start the process by its definition.
    Start(Box<StartRun>),
    /// Take a version.
    TakeVersion {
        /// Why.
        reason: String,
    },
    /// Let happen what is due.
    Tick,
    /// Take the process back from the archive.
    Unarchive,
    /// Let happen what is due, but do not yet end attempts whose time is over at this very instant:
    /// their results may be on the way.
    Wake,
}

/// A step, or one of its visits: `STEP` or `STEP#VISIT`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VisitRef {
    /// The step.
    pub step: StepId,
    /// The visit; the only one that is open when there is none.
    pub visit: Option<u32>,
}

/// How a process is started by a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct StartRun {
    /// The definition.
    pub definition: Arc<Definition>,
    /// The process, when it is made by this; its steps are those of the definition.
    pub process: Option<Box<Process>>,
    /// What it is given.
    pub input: Value,
    /// What started it.
    pub trigger: Value,
    /// What decides everything that is left to chance.
    pub seed: u64,
    /// The name under which it is started once only.
    pub key: Option<String>,
    /// The process whose step started it.
    pub parent: Option<Parent>,
    /// The most that may be spent, when the parent says so.
    pub limit: Option<Cost>,
    /// How long running steps have to end, when the definition says nothing.
    pub stop_grace: Duration,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It gave this.
    Completed(Value),
    /// It failed, for this reason.
    Failed(String),
}

/// What an approver says.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Yes or no.
    pub decision: Decided,
    /// Why.
    pub comment: Option<String>,
    /// How it was said, when not by the approver in person.
    pub via: Option<String>,
}

/// A message that comes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewMessage {
    /// Its name.
    pub name: String,
    /// The key by which it finds whoever waits for it.
    pub key: Option<String>,
    /// What it says.
    pub data: Value,
    /// What tells it from others, so that a repeat does no harm.
    pub id: Option<String>,
}

/// How a process that a step started has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildEnd {
    /// Its status.
    pub status: ProcessStatus,
    /// What it gave: one key for each named output.
    pub output: Value,
    /// What it cost, with all that it started.
    pub cost: Option<Cost>,
    /// Why it did not complete.
    pub error: Option<String>,
}

impl VisitRef {
    /// Returns a reference to the open visit of a step.
    #[must_use]
    pub fn step(step: StepId) -> Self {
        Self { step, visit: None }
    }

    /// Parses `STEP` or `STEP#VISIT`.
    ///
    /// # Errors
    /// [`process_core::InvalidId`] for a text whose step is no step id or whose visit is no number.
    pub fn parse(text: &str) -> Result<Self, process_core::InvalidId> {
        let Some((step, visit)) = text.split_once('#') else {
            return StepId::parse(text).map(Self::step);
        };
        let visit = visit.parse().ok().filter(|visit| *visit > 0);
        // Without a number behind it, the `#` is what makes the id invalid.
        let step = StepId::parse(if visit.is_some() { step } else { text })?;
        Ok(Self { step, visit })
    }
}

impl fmt::Display for VisitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.visit {
            Some(visit) => write!(f, "{}#{visit}", self.step),
            None => write!(f, "{}", self.step),
        }
    }
}

impl From<StepId> for VisitRef {
    fn from(step: StepId) -> Self {
        Self::step(step)
    }
}

impl From<VisitId> for VisitRef {
    fn from(at: VisitId) -> Self {
        Self { step: at.step, visit: Some(at.visit) }
    }
}

/// What makes a change that can be taken back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryReason {
    /// A patch, a new text, or taking one of them back.
    pub kind: EntryKind,
    /// The entry that is taken back, or made anew.
    pub of: Option<u64>,
    /// The ids of the batch and its patches.
    pub ids: Vec<String>,
    /// Why, in its author's words.
    pub note: Option<String>,
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
    /// Its document, if it has one.
    pub document: Option<String>,
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
