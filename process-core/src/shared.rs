//! JSON that stands in several places at once and is held only once.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

/// A JSON value that never changes: a copy costs nothing, whatever its size.
///
/// What a step gives stands in its event, in its visit and in its step, all of them the same one.
#[derive(Clone, Default)]
pub struct Shared(Arc<Held>);

#[derive(Default)]
struct Held {
    value: Value,
    /// The value as JSON text, for one that is written many times; only JSON is made of it.
    text: Option<Box<OnceLock<Box<RawValue>>>>,
}

impl Shared {
    /// Returns a value that is written many times: its text is made once.
    pub(crate) fn written_often(value: Value) -> Self {
        Self(Arc::new(Held { value, text: Some(Box::default()) }))
    }

    /// Returns the value, copied when somebody else holds it too.
    #[must_use]
    pub fn into_value(self) -> Value {
        Arc::try_unwrap(self.0).map_or_else(|held| held.value.clone(), |held| held.value)
    }
}

impl From<Value> for Shared {
    fn from(value: Value) -> Self {
        Self(Arc::new(Held { value, text: None }))
    }
}

impl Deref for Shared {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0.value
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.value == other.0.value
    }
}

impl Eq for Shared {}

impl PartialEq<Value> for Shared {
    fn eq(&self, other: &Value) -> bool {
        self.0.value == *other
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Held { value, text } = &*self.0;
        let Some(text) = text else { return value.serialize(serializer) };
        let text = match text.get() {
            Some(text) => text,
            None => {
                let made = to_raw_value(value).map_err(serde::ser::Error::custom)?;
                text.get_or_init(|| made)
            }
        };
        text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Shared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}
