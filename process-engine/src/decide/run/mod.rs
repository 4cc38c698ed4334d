//! The inputs of a process that runs by a definition: one file for each.
//!
//! Each function first judges the input against the state, and changes nothing before it is taken.

mod add_item;
mod adopt;
mod approval;
mod cancel;
mod child;
mod claim;
mod compensate;
mod dispatch;
mod effect;
mod feedback;
mod late_cost;
mod lost;
mod message;
mod pause;
mod result;
mod retry;
mod save_context;
mod settle;
mod start;
mod visit;

pub(crate) use add_item::add_item;
pub(crate) use adopt::adopt;
pub(crate) use approval::decide_approval;
pub(crate) use cancel::cancel;
pub(crate) use child::{child_ended, child_started};
pub(crate) use claim::{claim_visit, release_visit};
pub(crate) use compensate::compensate;
pub(crate) use dispatch::dispatch;
pub(crate) use effect::settle_effect;
pub(crate) use feedback::give_feedback;
pub(crate) use late_cost::late_cost;
pub(crate) use lost::{child_spawned, doubt, heartbeat, lost};
pub(crate) use message::receive_message;
pub(crate) use pause::{pause, resume};
pub(crate) use result::take_result;
pub(crate) use retry::retry;
pub(crate) use save_context::save_context;
pub(crate) use settle::settle_step;
pub use start::checked_input;
pub(crate) use start::start;
