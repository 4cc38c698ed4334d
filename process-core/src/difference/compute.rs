//! Finding the difference of two states of a process.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    id::StepId,
    model::{Process, Step},
};

/// What must be done to one state of a process to get another.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Difference {
    /// Changes of the process's own fields, steps apart.
    pub fields: Vec<FieldChange>,
    /// Changes of its steps.
    pub steps: Vec<StepChange>,
}

/// A field that has another value; an absent one is `None`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldChange {
    /// The key.
    pub field: String,
    /// Its value before.
    pub from: Option<Value>,
    /// Its value after.
    pub to: Option<Value>,
}

/// A change of one step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StepChange {
    /// It was put into the list.
    Added {
        /// Its place in the list after the change, from 0.
        index: usize,
        /// The step.
        step: Box<Step>,
    },
    /// One of its fields has another value.
    Changed {
        /// The step.
        id: StepId,
        /// The field.
        change: FieldChange,
    },
    /// It stands elsewhere among the steps that both states have.
    Moved {
        /// The step.
        id: StepId,
        /// Its place before, from 0.
        from: usize,
        /// Its place after, from 0.
        to: usize,
    },
    /// It was taken out of the list.
    Removed {
        /// Its place in the list before the change, from 0.
        index: usize,
        /// The step.
        step: Box<Step>,
    },
    /// It has another name.
    Renamed {
        /// The step.
        id: StepId,
        /// Its name before.
        from: String,
        /// Its name after.
        to: String,
    },
    /// It has another status.
    Status {
        /// The step.
        id: StepId,
        /// Its name after.
        name: String,
        /// The field change.
        change: FieldChange,
    },
}

impl Difference {
    /// Returns whether both states have the same content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.steps.is_empty()
    }

    /// Returns the difference as JSON, as `procside diff --json` prints it (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "summary": self.summary(),
            "fields": self.fields.iter().map(FieldChange::to_value).collect::<Vec<_>>(),
            "steps": self.steps.iter().map(StepChange::to_value).collect::<Vec<_>>(),
        })
    }
}

impl FieldChange {
    fn to_value(&self) -> Value {
        json!({"field": self.field, "from": self.from, "to": self.to})
    }
}

impl StepChange {
    fn to_value(&self) -> Value {
        match self {
            Self::Added { index, step } => {
                json!({"change": "added", "step": step.id, "name": step.name, "index": index,
                       "content": step.to_value()})
            }
            Self::Changed { id, change } => {
                json!({"change": "changed", "step": id, "field": change.field,
                       "from": change.from, "to": change.to})
            }
            Self::Moved { id, from, to } => {
                json!({"change": "moved", "step": id, "from": from, "to": to})
            }
            Self::Removed { index, step } => {
                json!({"change": "removed", "step": step.id, "name": step.name, "index": index,
                       "content": step.to_value()})
            }
            Self::Renamed { id, from, to } => {
                json!({"change": "renamed", "step": id, "from": from, "to": to})
            }
            Self::Status { id, name, change } => {
                json!({"change": "status", "step": id, "name": name,
                       "from": change.from, "to": change.to})
            }
        }
    }
}

/// Finds what must be done to `before` to get the content of `after`.
///
/// `revision` and `updatedAt` say nothing about the content and are left out. Steps are matched by
/// id; of those that both states have, the fewest possible count as moved.
#[must_use]
pub fn difference(before: &Process, after: &Process) -> Difference {
    let mut from = map_of(before.content());
    let mut to = map_of(after.content());
    from.shift_remove("steps");
    to.shift_remove("steps");
    Difference { fields: field_changes(&from, &to), steps: step_changes(before, after) }
}

pub(super) fn map_of(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn field_changes(from: &Map<String, Value>, to: &Map<String, Value>) -> Vec<FieldChange> {
    let added = to.keys().filter(|key| !from.contains_key(*key));
    from.keys()
        .chain(added)
        .filter(|key| from.get(*key) != to.get(*key))
        .map(|key| FieldChange {
            field: key.clone(),
            from: from.get(key).cloned(),
            to: to.get(key).cloned(),
        })
        .collect()
}

fn step_changes(before: &Process, after: &Process) -> Vec<StepChange> {
    let old: BTreeMap<&StepId, usize> = positions(before);
    let new: BTreeMap<&StepId, usize> = positions(after);
    let mut changes = Vec::new();
    for (index, step) in before.steps.iter().enumerate() {
        if !new.contains_key(&step.id) {
            changes.push(StepChange::Removed { index, step: Box::new(step.clone()) });
        }
    }
    let common: Vec<(usize, usize)> = after
        .steps
        .iter()
        .enumerate()
        .filter_map(|(index, step)| Some((*old.get(&step.id)?, index)))
        .collect();
    let staying = longest_rising(&common);
    for (index, step) in after.steps.iter().enumerate() {
        let Some(&was) = old.get(&step.id) else {
            changes.push(StepChange::Added { index, step: Box::new(step.clone()) });
            continue;
        };
        if !staying.contains(&index) {
            changes.push(StepChange::Moved { id: step.id.clone(), from: was, to: index });
        }
        content_changes(&before.steps[was], step, &mut changes);
    }
    changes
}

fn positions(process: &Process) -> BTreeMap<&StepId, usize> {
    process.steps.iter().enumerate().map(|(index, step)| (&step.id, index)).collect()
}

fn content_changes(before: &Step, after: &Step, changes: &mut Vec<StepChange>) {
    if before == after {
        return;
    }
    let id = &after.id;
    for change in field_changes(&map_of(before.to_value()), &map_of(after.to_value())) {
        changes.push(match change.field.as_str() {
            "name" => StepChange::Renamed {
                id: id.clone(),
                from: before.name.clone(),
                to: after.name.clone(),
            },
            "status" => StepChange::Status { id: id.clone(), name: after.name.clone(), change },
            _ => StepChange::Changed { id: id.clone(), change },
        });
    }
}

/// Returns the new places of a longest run of steps whose old places rise: these stay, others moved.
fn longest_rising(common: &[(usize, usize)]) -> BTreeSet<usize> {
    // `ends[n]` is the item that ends a rising run of n + 1 items with the lowest old place.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(common.len());
    for (item, (old, _)) in common.iter().enumerate() {
        let length = ends.partition_point(|&end| common[end].0 < *old);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(item);
        } else {
            ends[length] = item;
        }
    }
    let mut staying = BTreeSet::new();
    let mut item = ends.last().copied();
    while let Some(current) = item {
        staying.insert(common[current].1);
        item = previous[current];
    }
    staying
}
