//! What happens next: the driver without a clock, a thread or a disk of its own.

mod action;
mod attempts;
mod children;
mod core;
mod held;
mod recover;
mod step;
mod workers;

pub use action::{Action, AnswerId, Happening, Loaded, NoChild, Order, Refused, Ticket};
pub use core::{Core, Scope};
pub use workers::{Slot, Workers};
