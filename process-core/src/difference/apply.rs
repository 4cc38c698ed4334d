//! Applying a difference to a state of a process.

use serde_json::{Map, Value};

use super::{
    compute::map_of,
    {Difference, FieldChange, StepChange},
};
use crate::{
    diagnostic::Diagnostic,
    id::StepId,
    model::{Defaults, Process, Step},
};

/// Applies a difference to the state that it starts from, or to another that has its steps.
///
/// A change of a step that is not there is passed over; `revision` and `updatedAt` stay.
///
/// # Errors
/// Every problem that the result would have as a process.
pub fn apply(difference: &Difference, before: &Process) -> Result<Process, Vec<Diagnostic>> {
    let mut root = map_of(before.to_value());
    for change in &difference.fields {
        set(&mut root, change);
    }
    let steps = apply_steps(&difference.steps, &before.steps)?;
    root.insert("steps".to_owned(), steps.iter().map(Step::to_value).collect());
    let defaults = Defaults { id: before.id, uid: before.uid, now: before.created_at.clone() };
    Process::from_value(&Value::Object(root), &defaults)
}

fn apply_steps(changes: &[StepChange], before: &[Step]) -> Result<Vec<Step>, Vec<Diagnostic>> {
    let mut steps: Vec<Step> = before.to_vec();
    let mut places: Vec<(usize, Step)> = Vec::new();
    for change in changes {
        match change {
            StepChange::Added { index, step } => places.push((*index, (**step).clone())),
            StepChange::Changed { id, change } | StepChange::Status { id, change, .. } => {
                edit(&mut steps, &mut places, id, change)?;
            }
            StepChange::Moved { id, to, .. } => {
                if let Some(index) = steps.iter().position(|step| step.id == *id) {
                    places.push((*to, steps.remove(index)));
                }
            }
            StepChange::Removed { step, .. } => steps.retain(|other| other.id != step.id),
            StepChange::Renamed { id, to, .. } => {
                let change = FieldChange {
                    field: "name".to_owned(),
                    from: None,
                    to: Some(Value::from(to.as_str())),
                };
                edit(&mut steps, &mut places, id, &change)?;
            }
        }
    }
    // Lowest place first: each then finds those before it already in the list.
    places.sort_by_key(|(index, _)| *index);
    for (index, step) in places {
        steps.insert(index.min(steps.len()), step);
    }
    Ok(steps)
}

fn edit(
    steps: &mut [Step],
    places: &mut [(usize, Step)],
    id: &StepId,
    change: &FieldChange,
) -> Result<(), Vec<Diagnostic>> {
    let moved = places.iter_mut().map(|(_, step)| step);
    if let Some(step) = steps.iter_mut().chain(moved).find(|step| step.id == *id) {
        let mut map = map_of(step.to_value());
        set(&mut map, change);
        *step = Step::from_value(&Value::Object(map))?;
    }
    Ok(())
}

fn set(map: &mut Map<String, Value>, change: &FieldChange) {
    match &change.to {
        Some(value) => {
            map.insert(change.field.clone(), value.clone());
        }
        None => {
            map.shift_remove(&change.field);
        }
    }
}
