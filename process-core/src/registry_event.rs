//! What happened to the registry itself: the events of `history/global.yaml`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Uid,
    id::{ProcessId, TemplateId},
    time::Timestamp,
};

/// One event of the registry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistryEvent {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What happened.
    pub fact: RegistryFact,
}

/// What can happen to the registry (docs/formats/journal.md lists the keys of each).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the keys that docs/formats/journal.md explains")]
pub enum RegistryFact {
    /// A process was made.
    ProcessCreated {
        process: ProcessId,
        uid: Uid,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        template: Option<String>,
    },
    /// A process that was made elsewhere was taken in.
    ProcessImported { process: ProcessId, uid: Uid, source: String },
    /// A process got another id, because two branches had given one id twice.
    ProcessRenumbered { process: ProcessId, from: ProcessId, uid: Uid },
    /// What the registry of an older program said when it was taken in.
    RegistryImported { registry: Value },
    /// Another process was made the active one.
    Switched { process: ProcessId },
    /// A local template was removed; what it said.
    TemplateRemoved { template: TemplateId, content: Value },
    /// A local template was made.
    TemplateSaved { template: TemplateId, content: Value },
}

impl RegistryEvent {
    /// Returns the event as JSON: `seq`, `at`, `by`, `type`, then the keys of the fact.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("seq".to_owned(), self.seq.into());
        map.insert("at".to_owned(), self.at.as_str().into());
        map.insert("by".to_owned(), self.by.as_str().into());
        // A fact is a tagged map of texts and JSON values.
        if let Ok(Value::Object(fact)) = serde_json::to_value(&self.fact) {
            map.extend(fact);
        }
        Value::Object(map)
    }

    /// Reads an event from JSON; keys that it does not know are passed over.
    ///
    /// # Errors
    /// A text that says what is missing or of the wrong type.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let (seq, at, by) = crate::event::envelope(value)?;
        let fact = RegistryFact::deserialize(value).map_err(|error| error.to_string())?;
        Ok(Self { seq, at, by, fact })
    }
}

#[cfg(test)]
mod tests;
