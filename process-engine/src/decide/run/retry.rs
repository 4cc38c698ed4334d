//! Trying again what did not end well (rule E14).

use std::collections::BTreeSet;

use process_core::{
    ProcessStatus, StepId, StepStatus,
    event::{ResetCause, RunFact},
};

use super::visit::place;
use crate::{flow::Deciding, rejected::Rejected};

/// From a step: it, what follows it, and every step that was undone. Without one: what failed or
/// was cancelled, likewise.
pub(crate) fn retry(deciding: &mut Deciding<'_>, from: Option<&StepId>) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    if run.ending().is_some() || run.end().is_some_and(|end| end.is_compensated) {
        return Err(Rejected::NotDispatching);
    }
    let status = |step: &usize| run.steps[*step].status();
    let all = 0..run.steps.len();
    let mut steps: BTreeSet<usize> = BTreeSet::new();
    match from {
        Some(id) => {
            let step = place(run, id)?;
            let is_open = !run.open_visits(step).is_empty();
            if is_open || !run.steps[step].fired {
                return Err(Rejected::NotOpen { step: id.clone(), status: status(&step) });
            }
            steps.extend(run.definition.graph.region(step));
        }
        None => {
            let bad = all
                .clone()
                .filter(|step| matches!(status(step), StepStatus::Failed | StepStatus::Cancelled));
            for step in bad {
                steps.extend(run.definition.graph.region(step));
            }
        }
    }
    if run.end().is_some() {
        // What was undone is to be done again, and so is what was about to begin.
        let undone = all.filter(|step| {
            let begun = run.steps[*step].fired && !run.steps[*step].is_over;
            begun || status(step) == StepStatus::Compensated
        });
        steps.extend(undone);
    }
    if steps.is_empty() && run.end().is_none_or(|end| end.status == ProcessStatus::Completed) {
        return Err(Rejected::NothingToRetry);
    }
    let ids = steps.iter().map(|step| run.id(*step)).collect();
    deciding.stop_all(&steps);
    deciding.look_at_everything();
    deciding.emit(RunFact::StepsReset {
        steps: ids,
        cause: ResetCause::Retry,
        targets: Vec::new(),
    });
    Ok(())
}
