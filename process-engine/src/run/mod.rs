//! The state of a process that runs by a definition: what its events made of it.
//!
//! Only [`Run::apply`] changes it. What is open is indexed, so that no event costs more because the
//! process has a long history or many steps.

mod activation;
mod apply;
mod arcs;
mod begin;
mod drive;
mod ends;
mod facts;
mod index;
mod mailbox;
mod reset;
mod scope;
mod snapshot;
mod state;
mod status;
mod undo;
mod view;
mod visits;

pub use drive::{ChildLink, ChildWish};
pub use state::{
    Alarm, AlarmKind, Compensating, Ending, Feedback, OpenChild, Program, Run, RunEnd, StepState,
    Visit, VisitState,
};
pub use status::{Waiting, WaitingFor};

pub(crate) use arcs::JoinState;
pub(crate) use scope::{RunScope, decision};
pub(crate) use state::{Group, Key, Message, ReadyTurn, Vote};
pub(crate) use status::about;
