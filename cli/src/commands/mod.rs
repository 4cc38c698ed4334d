//! The commands: arguments in, answer out.

mod children;
mod definitions;
mod dispatch;
mod driving;
mod inspect;
mod manual;
mod patching;
mod processes;
mod record;
mod running;
mod steps;
mod templates;
mod transfer;
mod upkeep;
mod versions;

pub(crate) use dispatch::run;
