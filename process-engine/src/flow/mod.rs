//! What follows from what happened: joins, conditions, gateways, groups, failures, endings.
//!
//! Each step of it looks at the state, evaluates what there is to evaluate, and records the result
//! as an event before it looks again. Wherever a journal was cut off, it goes on from there.

mod budget;
mod changed;
mod deciding;
mod due;
mod ending;
mod failure;
mod gateway;
mod group;
mod join;
mod notice;
mod open;
mod settle;
mod wait;
mod work;

pub(crate) use deciding::Deciding;
pub(crate) use due::AtLimit;
pub(crate) use failure::Attempt;
pub(crate) use gateway::reject_outcome;
pub(crate) use work::work_of;
