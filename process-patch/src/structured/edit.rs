//! The smallest change of JSON, with its own way back (P23.4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ErrorKind, PatchError};
use crate::structured::place::{Step, position, value_at_mut};

/// One exact change (format: docs/formats/patch.md, P23.4).
///
/// Ways are lists of keys (texts) and indexes (numbers) from the root.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "edit", rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// A value comes into a list or a map.
    Insert {
        /// The way to the list or map.
        parent: Vec<Value>,
        /// Before which element or entry, from 0.
        position: usize,
        /// The key, in a map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// What comes.
        value: Value,
    },
    /// A value leaves a list or a map.
    Remove {
        /// The way to the list or map.
        parent: Vec<Value>,
        /// Which element or entry, from 0.
        position: usize,
        /// The key, in a map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// What leaves.
        value: Value,
    },
    /// A value stands in the place of another.
    Set {
        /// The way to the value.
        path: Vec<Value>,
        /// What stood there.
        before: Value,
        /// What stands there.
        after: Value,
    },
}

impl Edit {
    /// Returns the edit that takes this one back.
    pub fn inverse(&self) -> Self {
        match self.clone() {
            Self::Insert { parent, position, key, value } => {
                Self::Remove { parent, position, key, value }
            }
            Self::Remove { parent, position, key, value } => {
                Self::Insert { parent, position, key, value }
            }
            Self::Set { path, before, after } => Self::Set { path, before: after, after: before },
        }
    }
}

/// Returns the list that takes a list back, byte for byte and key for key.
pub fn invert(edits: &[Edit]) -> Vec<Edit> {
    edits.iter().rev().map(Edit::inverse).collect()
}

/// Returns the document after a list of edits, all of them or none.
///
/// # Errors
/// `stale` when what an edit removes or replaces does not stand there, or its place is not there.
pub fn apply_edits(document: &Value, edits: &[Edit]) -> Result<Value, PatchError> {
    let mut result = document.clone();
    for (number, edit) in edits.iter().enumerate() {
        if perform(&mut result, edit).is_none() {
            let message = format!("the document is not the one that edit {number} was made for");
            return Err(PatchError::new(ErrorKind::Stale, message));
        }
    }
    Ok(result)
}

/// Makes an edit; nothing when it does not fit.
pub(super) fn perform(document: &mut Value, edit: &Edit) -> Option<()> {
    match edit {
        Edit::Set { path, before, after } => {
            let value = value_at_mut(document, &steps(path)?)?;
            (value == before).then(|| after.clone_into(value))
        }
        Edit::Insert { parent, position: at, key, value } => {
            match (value_at_mut(document, &steps(parent)?)?, key) {
                (Value::Array(list), None) if *at <= list.len() => list.insert(*at, value.clone()),
                (Value::Object(map), Some(key)) if *at <= map.len() && !map.contains_key(key) => {
                    map.shift_insert(*at, key.clone(), value.clone());
                }
                _ => return None,
            }
            Some(())
        }
        Edit::Remove { parent, position: at, key, value } => {
            match (value_at_mut(document, &steps(parent)?)?, key) {
                (Value::Array(list), None) if list.get(*at)? == value => {
                    list.remove(*at);
                }
                (Value::Object(map), Some(key))
                    if map.get(key)? == value && position(map, key)? == *at =>
                {
                    map.shift_remove(key);
                }
                _ => return None,
            }
            Some(())
        }
    }
}

/// Returns a way as an edit stores it.
pub(super) fn stored(steps: &[Step]) -> Vec<Value> {
    let stored = steps.iter().map(|step| match step {
        Step::Index(index) => Value::from(*index),
        Step::Key(key) => Value::from(key.as_str()),
    });
    stored.collect()
}

fn steps(stored: &[Value]) -> Option<Vec<Step>> {
    let steps = stored.iter().map(|value| match value {
        Value::Number(index) => Some(Step::Index(usize::try_from(index.as_u64()?).ok()?)),
        Value::String(key) => Some(Step::Key(key.clone())),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Object(_) => None,
    });
    steps.collect()
}
