//! Takes the fields of a JSON object one by one, and names what is left over.

use serde_json::{Map, Value};

use crate::error::PatchError;
use crate::likeness::edits;
use crate::limits::{CONTENT_BYTES_MAX, ID_BYTES_MAX};

/// The fields of an object; a `null` counts as absent.
pub(crate) struct Fields {
    /// What the object is, for messages.
    what: &'static str,
    values: Map<String, Value>,
}

impl Fields {
    pub(crate) fn of(what: &'static str, value: Value) -> Result<Self, PatchError> {
        let Value::Object(mut values) = value else {
            return Err(PatchError::invalid(format!("{what} is no JSON object"))
                .hint("a batch is a list of patches or an object with `patches`"));
        };
        values.retain(|_, value| !value.is_null());
        Ok(Self { what, values })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.values.shift_remove(name)
    }

    pub(crate) fn put(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, PatchError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() > CONTENT_BYTES_MAX => {
                let message = format!("`{name}` is over {CONTENT_BYTES_MAX} bytes");
                Err(PatchError::invalid(message).hint("add it in several patches"))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(PatchError::invalid(format!("`{name}` is no text"))
                .hint("write it in double quotes")),
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, PatchError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(PatchError::invalid(format!("`{name}` is neither true nor false"))
                .hint("write true or false, without quotes")),
        }
    }

    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u64>, PatchError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let message = format!("`{name}` is no whole number from 0");
        let wrong = || PatchError::invalid(message).hint("write digits alone, without quotes");
        value.as_u64().map(Some).ok_or_else(wrong)
    }

    pub(crate) fn id(&mut self) -> Result<Option<String>, PatchError> {
        let id = self.text("id")?;
        if id.as_ref().is_some_and(|id| id.is_empty() || id.len() > ID_BYTES_MAX) {
            let message = format!("`id` has not between 1 and {ID_BYTES_MAX} bytes");
            return Err(PatchError::invalid(message).hint("leave it out if there is none"));
        }
        Ok(id)
    }

    pub(crate) fn hash(&mut self, name: &str) -> Result<Option<String>, PatchError> {
        let Some(hash) = self.text(name)? else { return Ok(None) };
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let message = format!("`{name}` is no SHA-256 in 64 hexadecimal digits");
            return Err(PatchError::invalid(message).hint(
                "it is `hash_after` of a result or `hash` of a refusal; it may be left out",
            ));
        }
        Ok(Some(hash.to_ascii_lowercase()))
    }

    /// Ends the reading: what is left is a mistake.
    pub(crate) fn end(self, known: &[&str]) -> Result<(), PatchError> {
        let Some(name) = self.values.keys().next() else { return Ok(()) };
        if known.contains(&name.as_str()) {
            return Err(PatchError::invalid(format!("{} takes no `{name}`", self.what))
                .hint("leave it out, or take another operation"));
        }
        let error = PatchError::invalid(format!("{} has an unknown field `{name}`", self.what));
        let near = known.iter().filter(|other| edits(name, other) <= 2);
        Err(match near.min_by_key(|other| edits(name, other)) {
            Some(other) => error.hint(format!("did you mean `{other}`?")),
            None => error.hint(format!("it may have {}", known.join(", "))),
        })
    }
}
