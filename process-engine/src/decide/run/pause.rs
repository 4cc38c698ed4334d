//! Stopping a process for the time being, and letting it go on (rule E14).

use process_core::event::RunFact;

use super::visit::going;
use crate::{flow::Deciding, rejected::Rejected};

/// Nothing is dispatched and no route is taken until the process goes on.
pub(crate) fn pause(deciding: &mut Deciding<'_>) -> Result<(), Rejected> {
    let run = going(deciding)?;
    if run.is_paused() || run.ending().is_some() {
        return Err(Rejected::NotDispatching);
    }
    deciding.emit(RunFact::Paused);
    Ok(())
}

/// What came due meanwhile happens in the order in which it was due.
pub(crate) fn resume(deciding: &mut Deciding<'_>) -> Result<(), Rejected> {
    if !going(deciding)?.is_paused() {
        return Err(Rejected::NotPaused);
    }
    deciding.look_at_everything();
    deciding.emit(RunFact::Resumed);
    Ok(())
}
