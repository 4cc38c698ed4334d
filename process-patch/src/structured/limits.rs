//! What one change of JSON may cost.

use serde_json::Value;

use crate::error::PatchError;

/// The most operations of one patch.
pub const OPERATIONS_MAX: usize = 10_000;

/// The most levels of lists and maps, before and after: those of a file.
pub const NESTING_MAX: usize = 64;

/// The most values of a document, and of all that one patch puts into it: those of a file.
pub const VALUES_MAX: usize = 500_000;

/// The most bytes of keys and texts, likewise.
pub const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What something may still grow by; copies of copies would soon pass any memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    what: &'static str,
    values: usize,
    text_bytes: usize,
}

impl Budget {
    pub(super) fn of(what: &'static str) -> Self {
        Self { what, values: VALUES_MAX, text_bytes: TEXT_BYTES_MAX }
    }

    /// Takes off what a value costs that stands `depth` levels down.
    ///
    /// # Errors
    /// When it is nested too deeply, or there is not enough left.
    pub(super) fn spend(&mut self, value: &Value, depth: usize) -> Result<(), PatchError> {
        if depth > NESTING_MAX {
            let what = self.what;
            return Err(PatchError::invalid(format!("{what} is nested over {NESTING_MAX} levels")));
        }
        self.values = self.values.checked_sub(1).ok_or_else(|| {
            PatchError::invalid(format!("{} has over {VALUES_MAX} values", self.what))
        })?;
        match value {
            Value::Array(list) => {
                for value in list {
                    self.spend(value, depth + 1)?;
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    self.spend_text(key)?;
                    self.spend(value, depth + 1)?;
                }
            }
            Value::String(text) => self.spend_text(text)?,
            Value::Bool(_) | Value::Null | Value::Number(_) => {}
        }
        Ok(())
    }

    pub(super) fn spend_text(&mut self, text: &str) -> Result<(), PatchError> {
        self.text_bytes = self.text_bytes.checked_sub(text.len()).ok_or_else(|| {
            PatchError::invalid(format!("{} has over {TEXT_BYTES_MAX} bytes of text", self.what))
        })?;
        Ok(())
    }
}
