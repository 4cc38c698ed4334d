//! What the status of a step makes of the status of its process.

use process_core::{Fact, Process, ProcessStatus, StepId, StepStatus};

/// Returns what follows for the process when a step gets this status, or is gone (`None`).
///
/// | its steps | the process becomes |
/// |---|---|
/// | one failed | failed |
/// | all ended, and there are some | completed |
/// | one started, or it had ended before | in_progress |
/// | none started | stays as it is |
///
/// A paused or cancelled process stays so until a person says otherwise.
pub(crate) fn follow(
    process: &Process,
    changed: &StepId,
    status: Option<StepStatus>,
) -> Option<Fact> {
    let others = process.steps.iter().filter(|step| step.id != *changed).map(|step| step.status);
    status_follows(process.status, others.chain(status))
}

/// Returns what follows from these statuses of all steps.
pub(crate) fn status_follows(
    current: ProcessStatus,
    statuses: impl Iterator<Item = StepStatus>,
) -> Option<Fact> {
    let (mut any, mut failed, mut open, mut started) = (false, false, false, false);
    for status in statuses {
        any = true;
        failed |= status == StepStatus::Failed;
        open |= !status.has_ended();
        started |= status != StepStatus::Pending;
    }
    match current {
        ProcessStatus::Paused | ProcessStatus::Cancelled => None,
        ProcessStatus::Failed if failed => None,
        ProcessStatus::Completed if any && !open => None,
        _ if failed => Some(Fact::ProcessFailed),
        _ if any && !open => Some(Fact::ProcessCompleted),
        ProcessStatus::Planned if started => Some(Fact::ProcessStarted),
        ProcessStatus::Completed | ProcessStatus::Failed => Some(Fact::ProcessReopened),
        ProcessStatus::Planned
        | ProcessStatus::InProgress
        | ProcessStatus::Waiting
        | ProcessStatus::Blocked => None,
    }
}
