//! A document while it is changed, and what was done to it.

use serde_json::Value;

use crate::error::PatchError;
use crate::structured::edit::{Edit, invert, perform, stored};
use crate::structured::limits::Budget;
use crate::structured::place::{Place, Step, position, value_at};

/// What came of a patch.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The document after it.
    pub document: Value,
    /// What was done, in order; `invert` makes the way back of it.
    pub edits: Vec<Edit>,
}

impl Changed {
    /// Returns the edits that take everything back, to the byte.
    pub fn inverse(&self) -> Vec<Edit> {
        invert(&self.edits)
    }
}

/// Returns a patch by RFC 6902 that makes one document of another; the order of keys aside.
pub fn difference(before: &Value, after: &Value) -> Value {
    // A list of maps of texts and values is always JSON.
    serde_json::to_value(json_patch::diff(before, after))
        .unwrap_or_else(|_| Value::Array(Vec::new()))
}

/// A copy that operations work on.
pub(super) struct Work {
    pub(super) document: Value,
    pub(super) edits: Vec<Edit>,
    budget: Budget,
}

impl Work {
    pub(super) fn new(document: &Value) -> Result<Self, PatchError> {
        Budget::of("the document").spend(document, 0)?;
        let budget = Budget::of("what the patch puts");
        Ok(Self { document: document.clone(), edits: Vec::new(), budget })
    }

    pub(super) fn into_changed(self) -> Changed {
        Changed { document: self.document, edits: self.edits }
    }

    /// Puts a value at a place: before an element of a list, or under a key of a map.
    pub(super) fn put(&mut self, place: &Place, value: Value) -> Result<(), PatchError> {
        let Some((last, parent)) = place.steps.split_last() else {
            return self.set(place, value);
        };
        let map = value_at(&self.document, parent).and_then(Value::as_object);
        let (position, key) = match (last, map) {
            (Step::Key(key), Some(map)) if map.contains_key(key) => return self.set(place, value),
            (Step::Key(key), Some(map)) => (map.len(), Some(key.clone())),
            (Step::Key(_), None) => return Err(lost()),
            (Step::Index(index), _) => (*index, None),
        };
        self.budget.spend(&value, place.steps.len())?;
        self.budget.spend_text(key.as_deref().unwrap_or_default())?;
        self.perform(Edit::Insert { parent: stored(parent), position, key, value })
    }

    /// Puts a value in the place of the one that stands there.
    pub(super) fn set(&mut self, place: &Place, value: Value) -> Result<(), PatchError> {
        self.budget.spend(&value, place.steps.len())?;
        let before = value_at(&self.document, &place.steps).ok_or_else(lost)?.clone();
        self.perform(Edit::Set { path: stored(&place.steps), before, after: value })
    }

    /// Takes the value of a place away.
    pub(super) fn remove(&mut self, place: &Place) -> Result<Value, PatchError> {
        let Some((last, parent)) = place.steps.split_last() else {
            return Err(PatchError::invalid("the whole document cannot be removed"));
        };
        let value = value_at(&self.document, &place.steps).ok_or_else(lost)?.clone();
        let (position, key) = match last {
            Step::Index(index) => (*index, None),
            Step::Key(key) => {
                let map = value_at(&self.document, parent).and_then(Value::as_object);
                let position = map.and_then(|map| position(map, key)).ok_or_else(lost)?;
                (position, Some(key.clone()))
            }
        };
        let parent = stored(parent);
        self.perform(Edit::Remove { parent, position, key, value: value.clone() })?;
        Ok(value)
    }

    fn perform(&mut self, edit: Edit) -> Result<(), PatchError> {
        perform(&mut self.document, &edit).ok_or_else(lost)?;
        self.edits.push(edit);
        Ok(())
    }
}

/// A place that was found a moment ago is not there: a fault of ours that must not be a panic.
fn lost() -> PatchError {
    PatchError::invalid("a place that was found is not there")
}
