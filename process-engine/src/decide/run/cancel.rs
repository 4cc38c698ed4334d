//! Ending a process from outside.

use process_core::{ProcessStatus, event::RunFact};

use crate::{flow::Deciding, rejected::Rejected};

/// A cancel takes effect at once; a second one changes nothing (rules E14, E8).
pub(crate) fn cancel(deciding: &mut Deciding<'_>, reason: Option<String>) -> Result<(), Rejected> {
    let run = super::visit::going(deciding)?;
    if run.ending().is_some() {
        return Ok(());
    }
    if run.is_paused() {
        deciding.emit(RunFact::Resumed);
    }
    let error = reason.unwrap_or_else(|| "cancelled".to_owned());
    deciding.begin_ending(ProcessStatus::Cancelled, None, error);
    Ok(())
}
