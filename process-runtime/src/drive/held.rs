//! A process that the core drives.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use process_engine::{ChildEnd, Execution, Input, ProcessId, Rejected, VisitId};

use super::{
    action::{AnswerId, Ticket},
    workers::Slot,
};

/// A process that the core drives.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) place: Place,
    /// What is asked and was not decided yet, oldest first.
    pub(super) queue: VecDeque<Request>,
    /// What the group that is being appended answers.
    pub(super) in_flight: Vec<InFlight>,
    /// Who waits for the group that makes it.
    pub(super) maker: Option<AnswerId>,
    /// Attempts that are performed here, by visit and whether they undo it.
    pub(super) attempts: BTreeMap<(VisitId, bool), Ticket>,
    /// Slots of attempts that were handed out and are not durable yet.
    pub(super) reserved: BTreeMap<VisitId, Slot>,
    /// Notices that are being told.
    pub(super) telling: BTreeSet<u64>,
    /// Visits whose process is looked for.
    pub(super) seeking: BTreeSet<VisitId>,
    /// The processes that its visits started, as far as they are known here.
    pub(super) children: BTreeMap<VisitId, ProcessId>,
    /// The process whose visit started this one, as far as it is driven here.
    pub(super) parent: Option<(ProcessId, VisitId)>,
    /// The visit of that process which is to be undone by undoing this one, and its token.
    pub(super) undo: Option<(ProcessId, VisitId, u64)>,
    /// Whether whoever started it does not want it any more, and it was told so.
    pub(super) is_unwanted: bool,
    /// How many processes stand above it.
    pub(super) level: u32,
    /// Whether its definition may start programs and send things.
    pub(super) may_execute: bool,
    /// How often in a row the store refused.
    pub(super) failures: u32,
    /// When it is tried again.
    pub(super) retry_at: Option<DateTime<Utc>>,
    /// Whether what happens to it by itself moves it, and is not only the end of somebody's patience.
    pub(super) moves: bool,
    /// The revision that it has at least, while an older state may be on its way here.
    pub(super) revision_min: u64,
    /// Whether it changed in an unknown way while it was on its way here or was appended to.
    pub(super) is_stale: bool,
    /// How many answers to loading it are on their way.
    pub(super) loads: u32,
    /// How it ended, for the process above it, until that one is here.
    pub(super) end: Option<ChildEnd>,
    /// Whether something that its state asks for could not be begun, and is tried again.
    pub(super) must_recover: bool,
    /// Whether what its state asks for is being begun: it goes on behind that.
    pub(super) is_beginning: bool,
}

/// Where the state of a process is.
#[derive(Debug, Default)]
pub(super) enum Place {
    /// In the store, and it is being appended to.
    Appending,
    /// Another program drives it.
    Elsewhere,
    /// Here.
    Here(Box<Execution>),
    /// In the store, and on its way here.
    Loading,
    /// In the store.
    #[default]
    Parked,
}

/// Something that is asked of a process.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) by: Option<String>,
    pub(super) input: Input,
    pub(super) answer: Option<AnswerId>,
}

/// A request whose answer waits for the store.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) request: Request,
    /// Why it has no effect; else the events that it gave, as places in the group.
    pub(super) outcome: Result<std::ops::Range<usize>, Rejected>,
}

impl Request {
    /// Returns what the driver itself asks, to which nobody waits for an answer.
    pub(super) fn own(input: Input) -> Self {
        Self { by: None, input, answer: None }
    }
}

impl Held {
    pub(super) fn execution(&self) -> Option<&Execution> {
        if let Place::Here(execution) = &self.place { Some(execution) } else { None }
    }

    /// Notes that it has this revision at least; 0 when nobody knows which.
    pub(super) fn note_revision(&mut self, revision: u64) {
        self.revision_min = self.revision_min.max(revision);
        self.is_stale |= revision == 0;
    }

    /// Returns whether a state with this revision is older than what is known of it.
    pub(super) fn is_behind(&self, revision: u64) -> bool {
        self.is_stale || revision < self.revision_min
    }

    /// Returns whether the result of an attempt waits to be decided on.
    pub(super) fn is_answered(&self, visit: &VisitId, token: u64) -> bool {
        self.queue.iter().any(|request| match &request.input {
            Input::Result { visit: at, token: it, .. } => at == visit && *it == token,
            _ => false,
        })
    }

    /// Returns whether the end of a notice waits to be decided on.
    pub(super) fn is_told(&self, number: u64) -> bool {
        let is_it = |input: &Input| matches!(input, Input::EffectSettled { effect, .. } if *effect == number);
        self.queue.iter().any(|request| is_it(&request.input))
    }

    /// Returns where it stands, for messages.
    pub(super) fn shown(&self, id: ProcessId) -> String {
        let place = match &self.place {
            Place::Appending => "appending".to_owned(),
            Place::Elsewhere => "elsewhere".to_owned(),
            Place::Here(execution) => format!("here at {}", execution.revision()),
            Place::Loading => "loading".to_owned(),
            Place::Parked => "parked".to_owned(),
        };
        format!(
            "{id} is {place}: {} asked, attempts {:?}, telling {:?}, seeking {:?}, \
             retried at {:?}, moves {}",
            self.queue.len(),
            self.attempts,
            self.telling,
            self.seeking,
            self.retry_at,
            self.moves
        )
    }

    /// Returns whether something of it goes on outside.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.place, Place::Appending | Place::Loading)
            || !self.queue.is_empty()
            || !self.attempts.is_empty()
            || !self.telling.is_empty()
            || !self.seeking.is_empty()
            || self.retry_at.is_some()
    }
}
