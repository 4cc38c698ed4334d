//! Applying a difference to a state that changed meanwhile.

use serde_json::Value;

use super::{Difference, FieldChange, StepChange, apply};
use crate::{id::StepId, model::Process, status::StepStatus};

/// Applies what was changed on `base` to a state that others made of `base` meanwhile.
///
/// What both sides added to a list stays side by side; a value that both sides changed otherwise
/// is refused, for one of the two would be lost.
///
/// # Errors
/// What both sides changed, in a few words.
pub fn rebase(change: &Difference, base: &Process, current: &Process) -> Result<Process, String> {
    let mut change = change.clone();
    change.steps.retain(|step| !is_so(step, current));
    for step in &change.steps {
        check(step, current)?;
    }
    let (old, now) = (base.content(), current.content());
    for field in &mut change.fields {
        merge_field(field, old.get(&field.field), now.get(&field.field))?;
    }
    apply(&change, current).map_err(|problems| {
        problems.first().map_or_else(|| "it fits no more".to_owned(), ToString::to_string)
    })
}

/// Tells whether the other side did the same.
fn is_so(change: &StepChange, current: &Process) -> bool {
    match change {
        StepChange::Added { step, .. } => current.step(&step.id) == Some(step),
        StepChange::Status { id, change, .. } => {
            let status = current.step(id).map(|step| Value::from(step.status.as_str()));
            status.is_some() && status == change.to
        }
        StepChange::Changed { .. }
        | StepChange::Moved { .. }
        | StepChange::Removed { .. }
        | StepChange::Renamed { .. } => false,
    }
}

fn check(change: &StepChange, current: &Process) -> Result<(), String> {
    let there = |id: &StepId| {
        current.step(id).ok_or_else(|| format!("step `{id}` was removed by the other side"))
    };
    match change {
        StepChange::Added { step, .. } if current.step(&step.id).is_some() => {
            Err(format!("both sides added a step `{}`", step.id))
        }
        StepChange::Added { .. } => Ok(()),
        StepChange::Removed { step, .. } => match current.step(&step.id) {
            Some(other) if other != &**step => {
                Err(format!("the other side changed step `{}`", step.id))
            }
            _ => Ok(()),
        },
        StepChange::Moved { id, .. } => there(id).map(|_| ()),
        StepChange::Renamed { id, from, to } => match &there(id)?.name {
            name if name == from || name == to => Ok(()),
            _ => Err(format!("both sides renamed step `{id}`")),
        },
        StepChange::Changed { id, change } => {
            let value = there(id)?.to_value().get(&change.field).cloned();
            if value == change.from || value == change.to {
                Ok(())
            } else {
                Err(format!("both sides changed `{}` of step `{id}`", change.field))
            }
        }
        StepChange::Status { id, change, .. } => {
            let was = change.from.as_ref().and_then(Value::as_str).and_then(StepStatus::parse);
            first_end_stands(id, was, there(id)?.status)
        }
    }
}

/// Refuses to end or move a step that the other side has ended meanwhile.
///
/// # Errors
/// Which step, and how it ended.
pub fn first_end_stands(
    step: &StepId,
    was: Option<StepStatus>,
    now: StepStatus,
) -> Result<(), String> {
    let has_come_to_an_end = now.has_ended() || now == StepStatus::Failed;
    if has_come_to_an_end && was != Some(now) {
        Err(format!("step `{step}` was {now} by the other side before"))
    } else {
        Ok(())
    }
}

/// Turns a change of a field of `base` into one of the field as it stands.
fn merge_field(
    change: &mut FieldChange,
    base: Option<&Value>,
    current: Option<&Value>,
) -> Result<(), String> {
    if current == base || current == change.to.as_ref() {
        return Ok(());
    }
    let lists = (
        base.and_then(Value::as_array),
        change.to.as_ref().and_then(Value::as_array),
        current.and_then(Value::as_array),
    );
    let (Some(base), Some(edited), Some(current)) = lists else {
        return Err(format!("both sides changed `{}`", change.field));
    };
    let merged = merge_lists(base, edited, current)
        .ok_or_else(|| format!("both sides changed one of `{}`", change.field))?;
    change.to = Some(Value::Array(merged));
    Ok(())
}

/// Brings two lists together that started as one; `None` when both changed one item.
fn merge_lists(base: &[Value], edited: &[Value], current: &[Value]) -> Option<Vec<Value>> {
    let mut merged = Vec::with_capacity(current.len() + edited.len());
    for item in current {
        match (find(base, item), find(edited, item)) {
            // The other side added it, or changed nothing about it.
            (None, None) => merged.push(item.clone()),
            (Some(_), Some(now)) if now == item => merged.push(item.clone()),
            (Some(was), Some(now)) if was == item => merged.push(now.clone()),
            (Some(was), Some(now)) if was == now => merged.push(item.clone()),
            (Some(was), None) if was == item => {}
            (None, Some(now)) if now == item => merged.push(item.clone()),
            // Two different new items were given one id: both stay.
            (None, Some(_)) => merged.push(item.clone()),
            _ => return None,
        }
    }
    for item in edited {
        match find(base, item) {
            None if !current.contains(item) => merged.push(item.clone()),
            // The other side removed what this one changed.
            Some(was) if was != item && find(current, item).is_none() => return None,
            None | Some(_) => {}
        }
    }
    Some(merged)
}

/// Finds an item by its id, or by its whole value when it has none.
fn find<'a>(list: &'a [Value], item: &Value) -> Option<&'a Value> {
    match item.get("id").filter(|id| id.as_str().is_some_and(|id| !id.is_empty())) {
        Some(id) => list.iter().find(|other| other.get("id") == Some(id)),
        None => list.iter().find(|other| *other == item),
    }
}
