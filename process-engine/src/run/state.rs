//! What a run consists of.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Deref,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use process_core::{
    ProcessStatus, Shared, StepId, StepStatus, Uid,
    definition::Definition,
    event::{ApprovalRequest, Decided, Parent, SkipReason, given},
    money::Cost,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::visits::Visits;

/// A visit of a step: the place of the step in the definition, and the visit's number.
pub(crate) type Key = (usize, u32);

/// A visit whose turn comes in the order in which visits became ready: the number of the event that
/// made it ready, then the visit.
pub(crate) type ReadyTurn = (u64, usize, u32);

/// The state of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub(crate) definition: Held,
    /// Definitions by which visits that are open began, before another one was adopted.
    pub(crate) former: Vec<Held>,
    /// Steps that may be visited more than once, so that it matters which visit led where.
    pub(crate) repeats: Vec<bool>,
    pub(crate) input: Value,
    pub(crate) trigger: Value,
    pub(crate) seed: u64,
    pub(crate) key: Option<String>,
    pub(crate) parent: Option<Parent>,
    pub(crate) limit: Option<Cost>,
    /// The part of the limit that whoever started it gave, which no definition raises.
    pub(crate) given_limit: Option<Cost>,
    pub(crate) stop_grace: Duration,
    pub(crate) started_at: DateTime<Utc>,
    /// `process` as expressions see it: id, uid, name, started_at.
    pub(crate) about: Value,
    pub(crate) steps: Vec<StepState>,
    pub(crate) arcs: Vec<ArcState>,
    /// Steps whose join is met or out of reach, in file order: each waits for a decision on it.
    pub(crate) joins: BTreeSet<usize>,
    /// Visits that a worker or a person may take, longest ready first.
    pub(crate) ready: BTreeSet<ReadyTurn>,
    /// Visits that begin by themselves, longest ready first.
    pub(crate) opening: BTreeSet<ReadyTurn>,
    /// Visits that have not ended.
    pub(crate) open: BTreeSet<Key>,
    /// How many open visits are in each state, by [`VisitState::slot`].
    pub(crate) counts: [u32; VisitState::SLOTS],
    /// Groups that are not over.
    pub(crate) groups: BTreeSet<(usize, u32)>,
    /// What happens by itself, in the order in which it is due.
    pub(crate) alarms: BTreeSet<Alarm>,
    pub(crate) mutexes: BTreeMap<String, Mutex>,
    /// Visits that wait for a message, by its name, longest waiting first.
    pub(crate) waiters: BTreeMap<String, BTreeSet<ReadyTurn>>,
    /// Visits that wait until an expression holds.
    pub(crate) untils: BTreeSet<Key>,
    pub(crate) mailbox: Mailbox,
    /// Steps of which everything open is to be cancelled.
    pub(crate) cancelling: BTreeSet<usize>,
    /// Loops that were chosen and not taken yet, the first one first: from which step, to which.
    pub(crate) looping: Vec<(usize, usize)>,
    /// Completed visits that can be undone, oldest first.
    pub(crate) undo: Vec<Key>,
    pub(crate) compensating: Option<Compensating>,
    pub(crate) compensated: Vec<Key>,
    /// Visits that could not be undone.
    pub(crate) left: Vec<Key>,
    /// Steps that are not over.
    pub(crate) not_over: usize,
    /// The step whose failure nothing handles, and why it failed.
    pub(crate) failing: Option<(usize, String)>,
    pub(crate) ending: Option<Ending>,
    pub(crate) end: Option<RunEnd>,
    pub(crate) paused: bool,
    pub(crate) spent: Cost,
    pub(crate) reserved: Cost,
    /// The most that a step of the definition reserves.
    pub(crate) reserve_max: Cost,
    /// Running attempts that have a cost to come.
    pub(crate) costed_running: u32,
    /// What is to be told and was not settled, by the number of its event.
    pub(crate) notices: BTreeMap<u64, Value>,
    pub(crate) feedback: Vec<Feedback>,
    pub(crate) warnings: Vec<String>,
}

/// What somebody said about a step.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Feedback {
    /// The step.
    pub step: StepId,
    /// How well it went, from 1 to 5.
    pub rating: Option<u8>,
    /// What was said; may be empty behind a rating.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The definition of a run; two are the same when they say the same, wherever they were read.
#[derive(Clone, Debug)]
pub(crate) struct Held(pub(crate) Arc<Definition>);

impl Deref for Held {
    type Target = Arc<Definition>;

    fn deref(&self) -> &Arc<Definition> {
        &self.0
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.stored_form() == other.0.stored_form()
    }
}

/// An arc of the definition, in this run.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct ArcState {
    pub(crate) fate: ArcFate,
    /// Whether it has given its target a visit.
    pub(crate) used: bool,
}

/// How far an arc has come.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum ArcFate {
    Dead,
    DeadByRoute,
    Live,
    #[default]
    Open,
}

/// A step of the definition, in this run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct StepState {
    /// How its arcs stand.
    pub(crate) arcs: ArcCounts,
    /// Whether its join was decided in this pass.
    pub(crate) fired: bool,
    /// A visit that a loop asks for, whatever the join says.
    pub(crate) forced: Option<Key>,
    /// Visits of steps before it that ask for a visit each.
    pub(crate) arrivals: VecDeque<Key>,
    /// What was begun in this pass: a visit, a foreach, a repeat.
    pub(crate) activations: BTreeMap<u32, Box<Activation>>,
    pub(crate) activations_open: u32,
    pub(crate) activation_last: u32,
    /// Every visit that there was.
    pub(crate) visits: Visits,
    /// How often a loop came back to it.
    pub(crate) loops: u32,
    /// Whether its followers have been told how it ended.
    pub(crate) closed: bool,
    /// Whether its followers went on before its end, because it does not make them wait.
    pub(crate) released: bool,
    pub(crate) is_over: bool,
    /// Whether something in this pass lets followers go on.
    pub(crate) any_live: bool,
    /// Followers that a gateway chose, or to which a failure went, in this pass.
    pub(crate) chosen: BTreeSet<usize>,
    /// Whether it completed as a gateway, so that routes not chosen are dead by route.
    pub(crate) routed: bool,
    pub(crate) running: u32,
    pub(crate) waiting: u32,
    pub(crate) outcome: Option<StepStatus>,
    pub(crate) skip_reason: Option<SkipReason>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(crate) skip_detail: Option<Shared>,
    /// What followers read: the last visit's, or the list of a foreach.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Shared>,
    pub(crate) error: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) cost: Cost,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) compensation_error: Option<String>,
}

/// How the arcs that lead to a step stand.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct ArcCounts {
    pub(crate) total: u32,
    pub(crate) open: u32,
    pub(crate) live: u32,
    /// Live ones that gave a visit in an earlier pass and give none again.
    pub(crate) spent: u32,
    pub(crate) by_route: u32,
    pub(crate) goto_total: u32,
    pub(crate) goto_open: u32,
    pub(crate) goto_live: u32,
}

/// One beginning of a step: a single visit, all items of a foreach, all turns of a repeat.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Activation {
    /// The visits that led to it.
    pub(crate) after: Vec<Key>,
    /// Visits that have not ended.
    pub(crate) open: u32,
    pub(crate) group: Option<Group>,
}

/// What a foreach or repeat keeps.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Group {
    Foreach {
        items: Vec<Value>,
        /// The next item to begin.
        next: usize,
        /// The outputs so far, in item order.
        outputs: Vec<Value>,
        /// The first failure.
        error: Option<String>,
    },
    Repeat {
        turns: u32,
        /// When the next turn begins, if that is decided.
        next_at: Option<DateTime<Utc>>,
        error: Option<String>,
    },
}

/// One visit of a step.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Visit {
    pub(crate) state: VisitState,
    pub(crate) activation: u32,
    /// The visits that led to it.
    pub(crate) after: Vec<Key>,
    /// Which of [`Run::former`] it began by; the present one when there is none.
    pub(crate) text: Option<usize>,
    pub(crate) index: Option<u32>,
    /// The item of a foreach.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<Shared>,
    /// The number of the event that made it ready.
    pub(crate) ready_seq: u64,
    pub(crate) attempt: u32,
    pub(crate) dispatch: u32,
    pub(crate) token: Option<u64>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(crate) work: Option<Shared>,
    pub(crate) attempt_at: Option<DateTime<Utc>>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) reserved: Cost,
    pub(crate) cost: Cost,
    pub(crate) over_budget: bool,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Shared>,
    pub(crate) error: Option<String>,
    pub(crate) skip_reason: Option<SkipReason>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<Shared>,
    pub(crate) holder: Option<String>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) approval: Option<Box<OpenApproval>>,
    /// The name and key of the message that it waits for.
    pub(crate) message: Option<(String, Option<String>)>,
    pub(crate) child: Option<Box<OpenChild>>,
    /// Attempts to undo it.
    pub(crate) undo_attempts: u32,
    /// Tokens of attempts whose cost is not known yet.
    pub(crate) uncounted: Vec<u64>,
    /// Whether what its process cost behind its end was counted.
    pub(crate) is_child_counted: bool,
    /// The program that performs the running attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<Box<Program>>,
}

/// A program that performs an attempt, told apart from a later one with the same number.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Program {
    /// Its process id.
    pub pid: u32,
    /// When it started, in the system's own count.
    pub start_time: Option<u64>,
    /// The boot of the machine on which it runs.
    pub boot_id: Option<String>,
}

/// An approval that waits, or was decided.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct OpenApproval {
    pub(crate) request: ApprovalRequest,
    pub(crate) votes: Vec<Vote>,
    pub(crate) is_overdue: bool,
}

/// What one approver said.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Vote {
    pub(crate) decision: Decided,
    pub(crate) by: String,
    pub(crate) comment: Option<String>,
    pub(crate) at: DateTime<Utc>,
}

/// A process of its own that a visit started.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct OpenChild {
    /// Its uid, the same however often it is asked for.
    pub uid: Uid,
    /// The name of its template.
    pub process: String,
    /// The version of the template.
    pub version: Option<String>,
    /// What it is given.
    pub input: Value,
    /// The most that it may spend.
    pub limit: Option<Cost>,
}

/// Where a visit stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum VisitState {
    /// A person decides.
    Approval,
    Cancelled,
    /// A process of its own runs.
    Child,
    Compensated,
    Completed,
    /// It is not known how it ended: a person says.
    Doubt,
    Failed,
    /// It waits for a message.
    Message,
    /// It may begin: a worker takes it, or somebody claims it.
    Ready,
    /// The next attempt comes at an instant.
    Retrying,
    /// An attempt is performed.
    Running,
    Skipped,
    /// It waits for an instant.
    Timer,
    /// It waits until an expression holds.
    Until,
    /// It was ready when the process began to end, and never began.
    Withdrawn,
}

impl VisitState {
    pub(crate) const SLOTS: usize = 15;

    /// Returns the place of the state in [`Run::counts`].
    pub(crate) fn slot(self) -> usize {
        self as usize
    }

    /// Returns whether the visit goes on.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Approval
            | Self::Child
            | Self::Doubt
            | Self::Message
            | Self::Ready
            | Self::Retrying
            | Self::Running
            | Self::Timer
            | Self::Until => true,
            Self::Cancelled
            | Self::Compensated
            | Self::Completed
            | Self::Failed
            | Self::Skipped
            | Self::Withdrawn => false,
        }
    }

    /// Returns whether the visit waits for something outside.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        self.is_open() && !matches!(self, Self::Ready | Self::Running)
    }
}

/// Something that happens by itself at an instant.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Alarm {
    /// When.
    pub at: DateTime<Utc>,
    /// The place of the step in the definition; that of the process itself stands behind all.
    pub step: usize,
    /// The visit; the group for a turn of a repeat.
    pub visit: u32,
    /// What happens.
    pub kind: AlarmKind,
}

/// What happens by itself.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum AlarmKind {
    /// The time of an approval is over.
    Approval,
    /// The time of an attempt is over.
    Attempt,
    Compensation,
    CompensationRetry,
    /// The time in which running steps may end is over.
    Grace,
    /// A sign of life is missing.
    Heartbeat,
    /// A claim is over.
    Lease,
    Retry,
    /// The next turn of a repeat.
    Repeat,
    Timer,
    /// The time of a wait is over.
    Wait,
}

/// Steps of which only one may run at a time.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Mutex {
    pub(crate) holder: Option<Key>,
    pub(crate) queue: BTreeSet<ReadyTurn>,
}

/// Messages that nobody has taken.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Mailbox {
    pub(crate) messages: BTreeMap<u64, Message>,
    pub(crate) by_name: BTreeMap<String, BTreeSet<u64>>,
    pub(crate) bytes: usize,
    pub(crate) last: u64,
    /// Ids of messages that came, the oldest first, so that a repeat does no harm.
    pub(crate) ids: VecDeque<String>,
}

/// A message.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Message {
    /// When it came.
    pub(crate) at: DateTime<Utc>,
    pub(crate) name: String,
    pub(crate) key: Option<String>,
    pub(crate) data: Value,
}

/// A completed visit that is being undone.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Compensating {
    pub(crate) visit: Key,
    /// The attempt, from 1.
    pub attempt: u32,
    /// What a result must name; `None` between two attempts.
    pub token: Option<u64>,
    /// What is to be done.
    pub work: Value,
    pub(crate) alarm: Option<Alarm>,
}

/// On its way to its end.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Ending {
    /// What it will be.
    pub status: ProcessStatus,
    /// Whether it was completed before and is undone with its parent.
    pub is_compensation: bool,
    /// Why.
    pub error: String,
    /// Until when running steps may end.
    pub until: DateTime<Utc>,
}

/// How a run ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RunEnd {
    /// What it became.
    pub status: ProcessStatus,
    /// What it gave.
    pub outputs: Map<String, Value>,
    /// Why it did not complete.
    pub error: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it was completed before and was undone with its parent.
    pub is_compensated: bool,
}
