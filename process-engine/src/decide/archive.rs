//! Putting a process away, and taking it back.

use process_core::Fact;

use crate::{execution::Execution, rejected::Rejected};

/// An archived process takes no change until it is taken back.
pub(crate) fn archive(execution: &Execution) -> Result<Vec<Fact>, Rejected> {
    execution.open()?;
    Ok(vec![Fact::Archived])
}

/// Only an archived process can be taken back.
pub(crate) fn unarchive(execution: &Execution) -> Result<Vec<Fact>, Rejected> {
    let process = execution.process().ok_or(Rejected::NotCreated)?;
    if process.is_archived() { Ok(vec![Fact::Unarchived]) } else { Err(Rejected::NotArchived) }
}
