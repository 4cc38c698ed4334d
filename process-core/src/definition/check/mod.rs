//! What is wrong between the steps of a definition: names, circles, ways that cannot be gone.

mod all;
mod checker;
mod circles;
mod gateways;
mod joins;
mod reads;
mod references;
mod remarks;
mod unreachable;

pub(super) use all::check;
use checker::Checker;
