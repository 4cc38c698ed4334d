//! Settling a step by hand: a person may, at any time (rule E14).

use std::collections::BTreeSet;

use process_core::{
    Shared, StepId, StepStatus,
    event::{GroupEnd, ResetCause, RunFact, SkipReason, VisitId},
};
use serde_json::{Map, Value};

use super::visit::{going, open_visit, place};
use crate::{
    flow::{Attempt, Deciding},
    input::VisitRef,
    rejected::Rejected,
    run::Run,
};

/// The step ends as the person says; a running attempt loses its token.
pub(crate) fn settle_step(
    deciding: &mut Deciding<'_>,
    wanted: &VisitRef,
    status: StepStatus,
    output: Option<Value>,
    note: Option<String>,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let step = place(run, &wanted.step)?;
    if run.ending().is_some() {
        return Err(Rejected::NotDispatching);
    }
    if status == StepStatus::Pending {
        return reset(deciding, step);
    }
    let from = run.steps[step].status();
    let refused = || Rejected::Transition { step: wanted.step.clone(), from, to: status };
    let is_end = matches!(
        status,
        StepStatus::Cancelled | StepStatus::Completed | StepStatus::Failed | StepStatus::Skipped
    );
    if !is_end {
        return Err(refused());
    }
    let key = match open_visit(run, wanted) {
        Ok(key) => key,
        Err(refusal @ Rejected::NotOpen { .. }) if wanted.visit.is_some() => return Err(refusal),
        Err(Rejected::NotOpen { .. }) if has_group(run, step) => {
            settle_group(deciding, step, status, output, note);
            return Ok(());
        }
        Err(Rejected::NotOpen { .. }) if !run.steps[step].is_over => {
            if status == StepStatus::Skipped {
                let at = run.at((step, 0));
                deciding.emit(manual_skip(at, note));
                return Ok(());
            }
            // A step that has not begun is begun for the person.
            let key = run.next_visit(step);
            let (at, after) = (run.at(key), Vec::new());
            deciding.emit(RunFact::StepReady { at, after, group: None, index: None });
            key
        }
        Err(Rejected::NotOpen { .. }) => return Err(refused()),
        Err(other) => return Err(other),
    };
    let Some(run) = deciding.run() else { return Err(Rejected::NotStarted) };
    let at = run.at(key);
    match status {
        StepStatus::Completed => {
            let output = output.unwrap_or_else(|| Value::Object(Map::new()));
            let definition = run.definition_handle();
            // By hand a gateway takes no route: what it leads to is settled by hand as well.
            let routes = (!definition.steps[step].routes().is_empty()).then(Vec::<StepId>::new);
            deciding.emit(RunFact::StepCompleted {
                at,
                output: output.into(),
                cost: None,
                routes,
                back: Vec::new(),
                message: None,
            });
            if let Some(feedback) = note {
                let step = wanted.step.clone();
                deciding.emit(RunFact::FeedbackGiven { step, rating: None, feedback });
            }
        }
        StepStatus::Failed => {
            let error = note.unwrap_or_else(|| "failed by hand".to_owned());
            deciding.fail_visit(key, Attempt { output, ..Attempt::unstarted(error) });
        }
        StepStatus::Skipped => deciding.emit(manual_skip(at, note)),
        StepStatus::Cancelled => deciding.emit(RunFact::StepCancelled { at, in_doubt: false }),
        StepStatus::Compensated
        | StepStatus::InProgress
        | StepStatus::Pending
        | StepStatus::Waiting => return Err(refused()),
    }
    Ok(())
}

/// Returns whether a foreach or repeat of the step goes on with nothing of it open.
fn has_group(run: &Run, step: usize) -> bool {
    run.groups.range((step, 0)..=(step, u32::MAX)).next().is_some()
}

/// Ends a foreach or repeat between two of its visits.
fn settle_group(
    deciding: &mut Deciding<'_>,
    step: usize,
    status: StepStatus,
    output: Option<Value>,
    note: Option<String>,
) {
    let Some(run) = deciding.run() else { return };
    let Some((_, group)) = run.groups.range((step, 0)..=(step, u32::MAX)).next().copied() else {
        return;
    };
    let at = run.at((step, 0));
    let end = match status {
        StepStatus::Completed => GroupEnd::Completed,
        StepStatus::Failed => GroupEnd::Failed,
        StepStatus::Skipped => GroupEnd::SkippedByHand,
        _ => {
            deciding.emit(RunFact::StepCancelled { at, in_doubt: false });
            return;
        }
    };
    let output = output.map(Shared::from).or_else(|| run.steps[step].output.clone());
    let output = output.filter(|_| status == StepStatus::Completed);
    let error = note.filter(|_| status != StepStatus::Completed);
    deciding.emit(RunFact::GroupEnded { step: at.step, group, end, output, error });
}

fn manual_skip(at: VisitId, note: Option<String>) -> RunFact {
    let reason = SkipReason::Manual;
    RunFact::StepSkipped {
        at,
        reason,
        detail: note.map(|note| Value::from(note).into()),
        output: None,
        error: None,
        cost: None,
    }
}

/// Sets a step and all that follows from it back to the beginning.
fn reset(deciding: &mut Deciding<'_>, step: usize) -> Result<(), Rejected> {
    let Some(run) = deciding.run() else { return Err(Rejected::NotStarted) };
    let region = run.definition.graph.region(step);
    let steps: Vec<StepId> = region.iter().map(|step| run.id(*step)).collect();
    deciding.stop_all(&region);
    deciding.emit(RunFact::StepsReset { steps, cause: ResetCause::Person, targets: Vec::new() });
    Ok(())
}

impl Deciding<'_> {
    /// Cancels every open visit of these steps, each by an event of its own.
    pub(super) fn stop_all(&mut self, steps: &BTreeSet<usize>) {
        let Some(run) = self.run() else { return };
        let open = run.open.iter().filter(|key| steps.contains(&key.0));
        let open: Vec<VisitId> = open.map(|key| run.at(*key)).collect();
        for at in open {
            self.emit(RunFact::StepCancelled { at, in_doubt: false });
        }
    }
}
