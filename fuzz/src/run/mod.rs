//! The checks of the engine: any journal, and any inputs to any definition.

mod choices;
mod definitions;
mod inputs;

mod decide;
mod journal;

pub(crate) use decide::decide;
pub(crate) use journal::journal_to_state;
