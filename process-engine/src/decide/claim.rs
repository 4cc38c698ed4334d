//! Taking hold of a step, and letting go of it.

use std::time::Duration;

use process_core::{Fact, StepId, StepStatus, Timestamp};

use super::{follow, text::text};
use crate::{execution::Execution, rejected::Rejected};

/// Two never hold one step: a claim of somebody else counts until its instant, an expired one not
/// at all. The holder renews by claiming again.
pub(crate) fn claim(
    execution: &Execution,
    now: &Timestamp,
    by: &str,
    id: &StepId,
    lease: Duration,
) -> Result<Vec<Fact>, Rejected> {
    let holder = text("the name of the holder", by.to_owned())?;
    let (process, step) = execution.open_step(id)?;
    if let Some(held) = step.held_by(now).filter(|held| held.by != holder) {
        let (by, until) = (held.by.clone(), held.until.clone());
        return Err(Rejected::Held { step: id.clone(), by, until });
    }
    match step.status {
        StepStatus::Pending | StepStatus::InProgress => {}
        StepStatus::Waiting
        | StepStatus::Completed
        | StepStatus::Skipped
        | StepStatus::Failed
        | StepStatus::Cancelled
        | StepStatus::Compensated => {
            return Err(Rejected::NotOpen { step: id.clone(), status: step.status });
        }
    }
    let mut facts = vec![Fact::StepClaimed { step: id.clone(), holder, until: now.after(lease) }];
    facts.extend(follow(process, id, Some(StepStatus::InProgress)));
    Ok(facts)
}

/// Only the holder lets go; a claim that has expired is none.
pub(crate) fn release(
    execution: &Execution,
    now: &Timestamp,
    by: &str,
    id: &StepId,
) -> Result<Vec<Fact>, Rejected> {
    let (process, step) = execution.open_step(id)?;
    let held = step.held_by(now).ok_or_else(|| Rejected::NotHeld(id.clone()))?;
    if held.by != by {
        let (by, until) = (held.by.clone(), held.until.clone());
        return Err(Rejected::Held { step: id.clone(), by, until });
    }
    let mut facts = vec![Fact::StepReleased { step: id.clone() }];
    facts.extend(follow(process, id, Some(StepStatus::Pending)));
    Ok(facts)
}
