//! Undoing a completed process because the one that started it is undone (rule E8).

use process_core::{ProcessStatus, event::RunFact};

use crate::{flow::Deciding, rejected::Rejected};

/// Only a completed process is undone; asked twice, it is undone once.
pub(crate) fn compensate(deciding: &mut Deciding<'_>) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    if run.ending().is_some_and(|ending| ending.is_compensation) {
        return Ok(());
    }
    match run.end() {
        Some(end) if end.is_compensated => Ok(()),
        Some(end) if end.status == ProcessStatus::Completed => {
            deciding.emit(RunFact::CompensationRequested);
            Ok(())
        }
        Some(end) => Err(Rejected::Ended(end.status)),
        None => Err(Rejected::NotEnded),
    }
}
