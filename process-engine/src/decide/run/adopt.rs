//! Going on by another definition (rule E14).

use std::sync::Arc;

use process_core::{
    ProcessStatus,
    definition::{Definition, StepDefinition},
    event::RunFact,
};

use crate::{flow::Deciding, rejected::Rejected, run::Run};

/// What is done stays done; a definition in which that has no place is refused with every reason.
///
/// A process that failed or was cancelled takes one as well: it goes on by it when it is tried again.
pub(crate) fn adopt(
    deciding: &mut Deciding<'_>,
    definition: Arc<Definition>,
) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    if let Some(end) = run.end().filter(|end| end.status == ProcessStatus::Completed) {
        return Err(Rejected::Ended(end.status));
    }
    if run.ending().is_some() {
        return Err(Rejected::NotDispatching);
    }
    let reasons = reasons_against(run, &definition);
    if !reasons.is_empty() {
        return Err(Rejected::CannotAdopt(reasons));
    }
    let warnings = passed_by(run, &definition);
    let stored = definition.stored_form();
    deciding.look_at_everything();
    deciding.prepare(definition);
    deciding.emit(RunFact::Adopted { definition: stored, warnings });
    Ok(())
}

/// Returns which steps come before one that has begun already: it does not wait for them any more.
fn passed_by(run: &Run, new: &Definition) -> Vec<String> {
    let arcs = new.graph.arcs().iter();
    let late = arcs.filter(|arc| {
        let from = new.steps[arc.from].id.as_str();
        let to = run.step(new.steps[arc.to].id.as_str());
        run.step(from).is_none() && to.is_some_and(|step| step.fired)
    });
    let told = late.map(|arc| {
        let (from, to) = (&new.steps[arc.from].id, &new.steps[arc.to].id);
        format!("step `{to}` has begun and does not wait for the new step `{from}`")
    });
    told.collect()
}

fn reasons_against(run: &Run, new: &Definition) -> Vec<String> {
    let mut reasons = Vec::new();
    for (index, old) in run.definition.steps.iter().enumerate() {
        let state = &run.steps[index];
        let has_begun = state.fired || state.outcome.is_some() || !state.visits.is_empty();
        let is_open = !run.open_visits(index).is_empty() || state.activations_open > 0;
        match new.step(old.id.as_str()) {
            None if has_begun => {
                reasons.push(format!("step `{}` has begun and is not there any more", old.id));
            }
            None => {}
            Some((_, step)) => reasons.extend(changed(old, step, has_begun, is_open)),
        }
    }
    let pair = |definition: &Definition, (from, to): (usize, usize)| {
        (definition.steps[from].id.clone(), definition.steps[to].id.clone())
    };
    let graph = &run.definition.graph;
    let before: Vec<_> = graph.back().iter().map(|way| pair(&run.definition, *way)).collect();
    let after: Vec<_> = new.graph.back().iter().map(|way| pair(new, *way)).collect();
    for (from, to) in before.iter().filter(|way| !after.contains(way)) {
        reasons.push(format!("the loop from `{from}` to `{to}` is not there any more"));
    }
    for (from, to) in after.iter().filter(|way| !before.contains(way)) {
        if run.step(from.as_str()).is_some() && run.step(to.as_str()).is_some() {
            reasons.push(format!("the way from `{from}` to `{to}` was no loop and is one"));
        }
    }
    reasons
}

fn changed(
    old: &StepDefinition,
    new: &StepDefinition,
    has_begun: bool,
    is_open: bool,
) -> Vec<String> {
    let id = &old.id;
    let mut reasons = Vec::new();
    if has_begun && old.kind.type_name() != new.kind.type_name() {
        let (old, new) = (old.kind.type_name(), new.kind.type_name());
        reasons.push(format!("step `{id}` has begun as {old} and cannot become {new}"));
    }
    if is_open && old.mutex != new.mutex {
        reasons.push(format!("step `{id}` is running and its mutex is another"));
    }
    if is_open && (old.foreach != new.foreach || old.repeat != new.repeat) {
        reasons.push(format!("step `{id}` is running and its items or turns are others"));
    }
    reasons
}
