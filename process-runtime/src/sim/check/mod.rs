//! What must hold of every journal, read from its events alone.

mod checker;
mod clock;
mod money;
mod people;
mod same;
mod undo;
mod visits;

pub(super) use checker::Checker;
pub(super) use same::difference;
