//! What can happen to a process that runs by a definition (docs/formats/journal.md).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{Uid, id::StepId, model::Process, money::Cost, shared::Shared, status::ProcessStatus};

/// A visit of a step: the step and the visit's number, from 1.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct VisitId {
    /// The step.
    pub step: StepId,
    /// The number; numbers of a step only grow.
    pub visit: u32,
}

/// The process whose step started this one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Parent {
    /// The uid of that process.
    pub uid: Uid,
    /// The step, and its visit.
    #[serde(flatten)]
    pub visit: VisitId,
}

/// Why a step was skipped.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the reason of its name, docs/semantics.md")]
pub enum SkipReason {
    Condition,
    Error,
    Manual,
    Rejected,
    Route,
    Timeout,
    Upstream,
}

impl SkipReason {
    /// Returns the canonical spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Error => "error",
            Self::Manual => "manual",
            Self::Rejected => "rejected",
            Self::Route => "route",
            Self::Timeout => "timeout",
            Self::Upstream => "upstream",
        }
    }

    /// Returns whether what follows goes on without the step (rule E1).
    #[must_use]
    pub fn is_live(self) -> bool {
        match self {
            Self::Error | Self::Manual | Self::Rejected | Self::Timeout => true,
            Self::Condition | Self::Route | Self::Upstream => false,
        }
    }
}

/// What happened to a run. Everything that was evaluated stands in it: applying a fact looks at the
/// state and the fact, and at nothing else (rule E0).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the keys that docs/formats/journal.md explains")]
pub enum RunFact {
    /// Another definition took the place of the one before.
    Adopted {
        definition: Shared,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<String>,
    },
    /// Somebody decided an approval, or said how.
    ApprovalDecided {
        #[serde(flatten)]
        at: VisitId,
        decision: Decided,
        decided_by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<String>,
    },
    /// An approval waits for people.
    ApprovalOpened {
        #[serde(flatten)]
        at: VisitId,
        request: Box<ApprovalRequest>,
        /// What was left out of the request, and why.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<DateTime<Utc>>,
    },
    /// An approval is late; it goes on waiting.
    ApprovalOverdue {
        #[serde(flatten)]
        at: VisitId,
    },
    /// An attempt failed; another one follows.
    AttemptFailed {
        #[serde(flatten)]
        at: VisitId,
        attempt: u32,
        error: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
        retry_at: DateTime<Utc>,
    },
    /// A step could not be paid.
    BudgetExceeded {
        #[serde(flatten)]
        at: VisitId,
        spent: Cost,
        limit: Cost,
    },
    /// A process of its own is to run for a step.
    ChildOpened {
        #[serde(flatten)]
        at: VisitId,
        uid: Uid,
        process: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        input: Shared,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Cost>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<DateTime<Utc>>,
    },
    /// A program runs for an attempt.
    ChildStarted {
        #[serde(flatten)]
        at: VisitId,
        token: u64,
        pid: u32,
        /// When it started, in the system's own count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start_time: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        boot_id: Option<String>,
    },
    /// An attempt to undo a step failed; the last one when nothing follows.
    CompensationFailed {
        #[serde(flatten)]
        at: VisitId,
        attempt: u32,
        error: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<DateTime<Utc>>,
    },
    /// A completed process is to be undone, because the process that started it is.
    CompensationRequested,
    /// A completed step is being undone.
    CompensationStarted {
        #[serde(flatten)]
        at: VisitId,
        attempt: u32,
        token: u64,
        work: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<DateTime<Utc>>,
    },
    /// An attempt saved something for the next one.
    ContextSaved {
        #[serde(flatten)]
        at: VisitId,
        context: Value,
    },
    /// What an effect asked for was done, or given up.
    EffectSettled { effect: u64, is_done: bool },
    /// The process is on its way to its end; nothing new starts.
    Ending {
        ending: ProcessStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        error: String,
        until: DateTime<Utc>,
    },
    /// Somebody said something about a step.
    FeedbackGiven {
        step: StepId,
        /// From 1 to 5.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rating: Option<u8>,
        feedback: String,
    },
    /// A foreach or repeat is over.
    GroupEnded {
        step: StepId,
        group: u32,
        end: GroupEnd,
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        output: Option<Shared>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A foreach begins.
    GroupOpened { step: StepId, group: u32, items: Vec<Value>, after: Vec<VisitId> },
    /// A running attempt showed a sign of life.
    Heartbeat {
        #[serde(flatten)]
        at: VisitId,
        until: DateTime<Utc>,
    },
    /// A foreach got another item.
    ItemAdded { step: StepId, group: u32, item: Value },
    /// A message came.
    MessageReceived {
        number: u64,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        data: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Somebody is to be told something.
    NoticeDue { notice: Value },
    /// Nothing is dispatched and no route is taken until it goes on.
    Paused,
    /// The process has come to its end.
    ProcessEnded {
        status: ProcessStatus,
        outputs: Map<String, Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<String>,
        /// Steps that could not be undone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<StepId>,
        /// Whether it was completed before and was undone with its parent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        compensated: bool,
    },
    /// The next turn of a repeat comes at an instant.
    RepeatScheduled { step: StepId, group: u32, at_instant: DateTime<Utc> },
    /// The process goes on.
    Resumed,
    /// The process runs by a definition.
    Started(Box<Start>),
    /// A visit of a step ended from outside.
    StepCancelled {
        #[serde(flatten)]
        at: VisitId,
        /// Whether it is not known how far it came.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        in_doubt: bool,
    },
    /// A visit of a step was undone.
    StepCompensated {
        #[serde(flatten)]
        at: VisitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
    },
    /// A visit of a step completed.
    StepCompleted {
        #[serde(flatten)]
        at: VisitId,
        output: Shared,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
        /// The routes that a gateway chose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        routes: Option<Vec<StepId>>,
        /// The loops that a gateway took instead.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        back: Vec<StepId>,
        /// The message that it waited for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<u64>,
    },
    /// A visit of a step failed.
    StepFailed {
        #[serde(flatten)]
        at: VisitId,
        attempt: u32,
        error: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
        /// Where its failure goes; nowhere fails the process.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        goto: Option<StepId>,
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        output: Option<Shared>,
    },
    /// It is not known how a step ended that may not be done twice: a person says.
    StepInDoubt {
        #[serde(flatten)]
        at: VisitId,
    },
    /// A visit of a step may begin.
    StepReady {
        #[serde(flatten)]
        at: VisitId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        after: Vec<VisitId>,
        /// The foreach or repeat that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<u32>,
        /// The item of the foreach, from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u32>,
    },
    /// Somebody let go of a visit, or held it too long.
    StepReleased {
        #[serde(flatten)]
        at: VisitId,
    },
    /// A step was left out.
    StepSkipped {
        #[serde(flatten)]
        at: VisitId,
        reason: SkipReason,
        /// Why, such as the condition and the values that it saw.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        detail: Option<Shared>,
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        output: Option<Shared>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
    },
    /// An attempt is to be performed.
    StepStarted {
        #[serde(flatten)]
        at: VisitId,
        attempt: u32,
        /// How often this attempt was dispatched, from 1.
        dispatch: u32,
        token: u64,
        /// What is to be done; stands in the first dispatch of a visit.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        work: Option<Shared>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<DateTime<Utc>>,
        /// Until when a sign of life is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alive_until: Option<DateTime<Utc>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reserved: Option<Cost>,
        /// Who holds it, and until when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holder: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_until: Option<DateTime<Utc>>,
    },
    /// Steps stand at their beginning again, to be run anew.
    StepsReset {
        steps: Vec<StepId>,
        cause: ResetCause,
        /// The steps that are visited again at once, by a loop.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        targets: Vec<StepId>,
    },
    /// What an attempt cost became known when its result was refused.
    LateCost {
        #[serde(flatten)]
        at: VisitId,
        token: u64,
        cost: Cost,
    },
    /// A timer runs.
    TimerStarted {
        #[serde(flatten)]
        at: VisitId,
        until: DateTime<Utc>,
    },
    /// A step waits for a message or for the process's own data.
    WaitStarted {
        #[serde(flatten)]
        at: VisitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<DateTime<Utc>>,
    },
}

/// How a run begins.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Start {
    /// The form of the journal.
    pub format: u32,
    /// The process, when it is made by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// The definition in its stored form.
    pub definition: Shared,
    /// What the process is given, defaults included.
    pub input: Value,
    /// What started it.
    pub trigger: Value,
    /// What decides everything that is left to chance.
    pub seed: u64,
    /// The name under which the process is started once only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The process whose step started this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The most that may be spent, when the parent says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Cost>,
    /// How long running steps have to end, in milliseconds.
    pub stop_grace_ms: u64,
}

/// What an approver said.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the decision of its name")]
pub enum Decided {
    Approved,
    Rejected,
}

impl Decided {
    /// Returns the canonical spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// Parses `approved`, `approve`, `rejected` or `reject`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "approved" | "approve" | "yes" => Some(Self::Approved),
            "rejected" | "reject" | "no" => Some(Self::Rejected),
            _ => None,
        }
    }
}

/// What people are asked, and what their answers do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ApprovalRequest {
    /// What it is about, in a line.
    pub title: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who may decide; anybody when empty.
    pub approvers: Vec<String>,
    /// How many approvals it takes.
    pub needed: u32,
    /// Whether one rejection is enough, whoever else may decide.
    pub first_decides: bool,
    /// What is to be looked at.
    pub artifacts: Vec<Value>,
    /// What a rejection does: `continue`, `fail` or `skip`.
    pub on_reject: String,
    /// Whether a rejection needs a comment.
    pub needs_reason: bool,
}

/// How a foreach or repeat ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupEnd {
    /// Well.
    Completed,
    /// Badly; the process fails.
    Failed,
    /// Badly; the way goes on at this step.
    Goto(StepId),
    /// Badly, and it counts as skipped.
    Skipped,
    /// A person left out what was to come of it.
    SkippedByHand,
}

/// Why steps stand at their beginning again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetCause {
    /// A route or goto led back.
    Loop,
    /// A person said so.
    Person,
    /// The process was told to try again.
    Retry,
}

/// The types that a fact of a hand-driven process has as well; those of a run name a visit.
const SHARED_TYPES: [&str; 6] = [
    "step_cancelled",
    "step_completed",
    "step_failed",
    "step_released",
    "step_skipped",
    "step_started",
];

/// Reads a value that is there: `null` is one, which is not the same as none.
///
/// # Errors
/// Whatever keeps it from being a value.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl RunFact {
    /// Returns whether the JSON of an event may be one of a run; its type decides in the end.
    pub(super) fn may_be(value: &Value) -> bool {
        let kind = value["type"].as_str().unwrap_or_default();
        !SHARED_TYPES.contains(&kind) || value.get("visit").is_some()
    }

    /// Returns the step that the fact is about.
    #[must_use]
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::ApprovalDecided { at, .. }
            | Self::ApprovalOpened { at, .. }
            | Self::ApprovalOverdue { at }
            | Self::AttemptFailed { at, .. }
            | Self::BudgetExceeded { at, .. }
            | Self::ChildOpened { at, .. }
            | Self::ChildStarted { at, .. }
            | Self::CompensationFailed { at, .. }
            | Self::CompensationStarted { at, .. }
            | Self::ContextSaved { at, .. }
            | Self::Heartbeat { at, .. }
            | Self::LateCost { at, .. }
            | Self::StepCancelled { at, .. }
            | Self::StepCompensated { at, .. }
            | Self::StepCompleted { at, .. }
            | Self::StepFailed { at, .. }
            | Self::StepInDoubt { at }
            | Self::StepReady { at, .. }
            | Self::StepReleased { at }
            | Self::StepSkipped { at, .. }
            | Self::StepStarted { at, .. }
            | Self::TimerStarted { at, .. }
            | Self::WaitStarted { at, .. } => Some(&at.step),
            Self::FeedbackGiven { step, .. }
            | Self::GroupEnded { step, .. }
            | Self::GroupOpened { step, .. }
            | Self::ItemAdded { step, .. }
            | Self::RepeatScheduled { step, .. } => Some(step),
            Self::Ending { step, .. } => step.as_ref(),
            Self::Adopted { .. }
            | Self::CompensationRequested
            | Self::EffectSettled { .. }
            | Self::MessageReceived { .. }
            | Self::NoticeDue { .. }
            | Self::Paused
            | Self::ProcessEnded { .. }
            | Self::Resumed
            | Self::Started(_)
            | Self::StepsReset { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
