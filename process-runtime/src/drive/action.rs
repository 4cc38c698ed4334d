//! What the core is told, and what it asks for.

use process_engine::{
    ChildLink, Event, Execution, Input, ProcessId, Program, Rejected, StepId, Timestamp, Uid,
    VisitId,
};
use process_store::{Error, Group, Standing};
use serde_json::Value;

use crate::handler::{Done, Failed, Sign};

/// Tells an attempt that is performed here from every other one.
pub type Ticket = u64;

/// Tells whose answer it is.
pub type AnswerId = u64;

/// Something that happened outside.
#[derive(Debug)]
pub enum Happening {
    /// The store has answered an [`Action::Append`].
    Appended {
        /// What was to be appended.
        group: Group,
        /// What became of it.
        outcome: Result<(), Error>,
    },
    /// Somebody asks something of a process.
    Asked {
        /// The process.
        process: ProcessId,
        /// Who asks.
        by: String,
        /// What is asked.
        input: Input,
        /// Where the answer goes, when one is wanted.
        answer: Option<AnswerId>,
    },
    /// The process that a visit asks for was found or made, or cannot be.
    ChildFound {
        /// The process that asks.
        parent: ProcessId,
        /// The visit that asks.
        visit: VisitId,
        /// The process; none where it was only looked for; why there is none.
        found: Result<Option<ProcessId>, NoChild>,
    },
    /// An attempt is over.
    Finished {
        /// The attempt.
        ticket: Ticket,
        /// What came of it.
        outcome: Result<Done, Failed>,
    },
    /// The store has answered an [`Action::Load`].
    Loaded {
        /// The process.
        process: ProcessId,
        /// What was found.
        outcome: Result<Loaded, Error>,
    },
    /// An attempt says something.
    Signed {
        /// The attempt.
        ticket: Ticket,
        /// What it says.
        sign: Sign,
    },
    /// A process stands elsewhere than it did.
    Stands(Standing),
    /// An attempt of a driver before this one does not go on here; what goes on says nothing, and
    /// finishes.
    NotTakenUp {
        /// The attempt.
        ticket: Ticket,
        /// Whether it surely is not performed any more.
        is_certain: bool,
    },
    /// A notice was told, or given up.
    Told {
        /// The process.
        process: ProcessId,
        /// The number of the event that asks for it.
        effect: u64,
        /// Whether it was told.
        is_done: bool,
    },
    /// Time has passed.
    Woken,
}

/// What loading a process gave.
#[derive(Debug)]
pub enum Loaded {
    /// There is no such process.
    Absent,
    /// Another program drives it.
    Elsewhere,
    /// This program drives it from here on.
    Here {
        /// Its state.
        execution: Box<Execution>,
        /// Whether its definition may start programs and send things (rule E6.20).
        may_execute: bool,
    },
}

/// Why there is no process for a visit that asks for one.
#[derive(Clone, Debug)]
pub enum NoChild {
    /// It cannot be made, for this reason.
    Never(String),
    /// The store cannot say; it is asked again.
    Store(Error),
}

/// Something that is to be done outside.
#[derive(Debug)]
pub enum Action {
    /// Answer whoever asked.
    Answer {
        /// Whose answer it is.
        answer: AnswerId,
        /// The events that became durable, or why there are none.
        outcome: Result<Vec<Event>, Refused>,
    },
    /// Make events durable; answered by [`Happening::Appended`].
    Append(Group),
    /// Find the process that a visit started, or make it where it is wanted; answered by
    /// [`Happening::ChildFound`].
    FindChild {
        /// The process that asks.
        parent: ProcessId,
        /// Its uid.
        parent_uid: Uid,
        /// What the visit asks for.
        link: ChildLink,
        /// How many processes stand above the one that is asked for.
        level: u32,
    },
    /// Let others drive the process.
    Leave(ProcessId),
    /// Take and load the process; answered by [`Happening::Loaded`].
    Load(ProcessId),
    /// Perform an attempt; answered by [`Happening::Finished`].
    Perform(Box<Order>),
    /// End an attempt; it still finishes.
    Stop(Ticket),
    /// Show that events became durable.
    Stored {
        /// The process.
        process: ProcessId,
        /// The events.
        events: Vec<Event>,
    },
    /// Go on with an attempt that a driver before this one began, without performing it again, or
    /// see to it that nobody performs it any more (rules E6.17, E6.18); answered by
    /// [`Happening::Finished`] or [`Happening::NotTakenUp`].
    TakeUp {
        /// The attempt.
        order: Box<Order>,
        /// The program that is known to perform it.
        program: Option<Program>,
    },
    /// Tell somebody something; answered by [`Happening::Told`].
    Tell {
        /// The process.
        process: ProcessId,
        /// The number of the event that asks for it.
        effect: u64,
        /// What is told, and to whom.
        notice: Value,
    },
    /// Something goes wrong that people should know of.
    Trouble {
        /// The process.
        process: ProcessId,
        /// What.
        error: Error,
    },
}

/// Why an input had no effect.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The engine refuses it.
    Rejected(Rejected),
    /// The store cannot keep what follows, or has no such process.
    Store(Error),
}

/// An attempt that is to be performed.
#[derive(Clone, Debug)]
pub struct Order {
    /// What tells it from every other one.
    pub ticket: Ticket,
    /// Which handler performs it.
    pub slot: super::Slot,
    /// The process.
    pub process: ProcessId,
    /// What tells that process from one with its id in another store.
    pub uid: Uid,
    /// The step.
    pub step: StepId,
    /// The visit, from 1.
    pub visit: u32,
    /// The attempt, from 1.
    pub attempt: u32,
    /// What a result must name.
    pub token: u64,
    /// What tells a repeat of the attempt from another one.
    pub key: String,
    /// What is to be done.
    pub task: Value,
    /// What an earlier attempt saved.
    pub context: Option<Value>,
    /// Whether it undoes the visit.
    pub is_compensation: bool,
    /// When it was handed out.
    pub at: Timestamp,
}
