//! Which visit an input means, and whether the process can take it.

use process_core::{StepId, event::VisitId};

use crate::{
    flow::Deciding,
    input::VisitRef,
    rejected::Rejected,
    run::{Key, Run},
};

/// Returns the run, when there is one that goes on.
pub(super) fn going<'a>(deciding: &'a Deciding<'_>) -> Result<&'a Run, Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    match run.end() {
        Some(end) => Err(Rejected::Ended(end.status)),
        None => Ok(run),
    }
}

/// Returns the place of a step.
pub(super) fn place(run: &Run, step: &StepId) -> Result<usize, Rejected> {
    run.definition.graph.index(step.as_str()).ok_or_else(|| Rejected::UnknownStep(step.clone()))
}

/// Returns the one open visit that is meant (rule E4).
pub(super) fn open_visit(run: &Run, wanted: &VisitRef) -> Result<Key, Rejected> {
    let step = place(run, &wanted.step)?;
    let key = match wanted.visit {
        Some(visit) => run.open.get(&(step, visit)).copied(),
        None => {
            let mut open = run.open.range((step, 0)..=(step, u32::MAX)).copied();
            let first = open.next();
            if open.next().is_some() {
                let visits = run.open_visits(step);
                return Err(Rejected::SeveralVisits { step: wanted.step.clone(), visits });
            }
            first
        }
    };
    key.ok_or_else(|| Rejected::NotOpen {
        step: wanted.step.clone(),
        status: run.steps[step].status(),
    })
}

/// Returns a running attempt, when this token is its own (rule E6).
pub(super) fn running(run: &Run, at: &VisitId, token: u64) -> Result<Key, Rejected> {
    let step = place(run, &at.step)?;
    let key = (step, at.visit);
    let is_current = run.visit(key).is_some_and(|visit| visit.token == Some(token));
    if is_current { Ok(key) } else { Err(Rejected::OldToken { step: at.step.clone() }) }
}
