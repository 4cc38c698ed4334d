//! Making a process.

use process_core::{Fact, Process, event::JOURNAL_FORMAT};

use super::text::{optional, text, texts};
use crate::{execution::Execution, rejected::Rejected};

/// A process is made once; its first version is taken with its template's steps in it.
pub(crate) fn create(
    execution: &Execution,
    mut process: Process,
    reason: String,
) -> Result<Vec<Fact>, Rejected> {
    if execution.process().is_some() {
        return Err(Rejected::AlreadyCreated);
    }
    process.name = text("the name of a process", process.name)?;
    process.goal = optional("the goal of a process", process.goal)?;
    process.tags = texts("a tag", process.tags)?;
    Ok(vec![
        Fact::Created { format: JOURNAL_FORMAT, process: process.into() },
        Fact::Versioned {
            version: execution.next_version(),
            reason: text("the reason of a version", reason)?,
        },
    ])
}
