//! Adding, moving and removing steps.

use process_core::{Fact, Process, Step, StepId, StepStatus, model::STEPS_MAX};

use super::{
    follow,
    text::{optional, text, texts},
};
use crate::{execution::Execution, input::NewStep, rejected::Rejected};

/// A new step is pending and gets the next number that no step of the process ever had.
pub(crate) fn add_step(execution: &Execution, new: NewStep) -> Result<Vec<Fact>, Rejected> {
    let process = execution.open()?;
    if process.steps.len() >= STEPS_MAX {
        return Err(Rejected::TooMany { what: "steps", limit: STEPS_MAX });
    }
    let id = execution.free_step_id();
    let index = index_behind(execution, process, new.after.as_ref(), process.steps.len())?;
    let description = new.description.map(|text| optional("a description", text)).transpose()?;
    let content = Step {
        description,
        inputs: texts("an input", new.inputs)?,
        outputs: texts("an output", new.outputs)?,
        checks: texts("a check", new.checks)?,
        ..Step::new(id.clone(), text("the name of a step", new.name)?)
    };
    let mut facts = vec![Fact::StepAdded { step: id.clone(), index, content: content.into() }];
    facts.extend(follow(process, &id, Some(StepStatus::Pending)));
    Ok(facts)
}

/// A step is put behind another, or to the front.
pub(crate) fn move_step(
    execution: &Execution,
    id: &StepId,
    after: Option<&StepId>,
) -> Result<Vec<Fact>, Rejected> {
    let (process, step) = execution.open_step(id)?;
    if after == Some(id) {
        return Err(Rejected::BadEdit(vec![format!("step `{id}` cannot stand behind itself")]));
    }
    let from = process.position(&step.id).unwrap_or_default();
    let behind = index_behind(execution, process, after, 0)?;
    // The index counts in the list without the step itself.
    let index = if behind > from { behind - 1 } else { behind };
    Ok(vec![Fact::StepMoved { step: id.clone(), index }])
}

/// A step that somebody works on is not taken away under their hands.
pub(crate) fn remove_step(execution: &Execution, id: &StepId) -> Result<Vec<Fact>, Rejected> {
    let (process, step) = execution.open_step(id)?;
    if matches!(step.status, StepStatus::InProgress | StepStatus::Waiting) {
        return Err(Rejected::NotOpen { step: id.clone(), status: step.status });
    }
    let mut facts = vec![Fact::StepRemoved { step: id.clone() }];
    facts.extend(follow(process, id, None));
    Ok(facts)
}

fn index_behind(
    execution: &Execution,
    process: &Process,
    after: Option<&StepId>,
    without: usize,
) -> Result<usize, Rejected> {
    let Some(after) = after else { return Ok(without) };
    execution.open_step(after)?;
    Ok(process.position(after).map_or(without, |index| index + 1))
}
