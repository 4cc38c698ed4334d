//! Patches that belong together, and what else the same command takes.

use serde_json::Value;

use crate::error::PatchError;
use crate::fields::Fields;
use crate::inverse::Inverse;
use crate::json;
use crate::limits::PATCHES_MAX;
use crate::patch::{Patch, Relaxation};

const FIELDS: [&str; 6] = ["patches", "base_hash", "mode", "id", "relaxed", "process_state"];
/// What a message that carries patches may say besides.
const MESSAGE_FIELDS: [&str; 5] = ["mini_process", "content", "role", "thread_id", "client_msg_id"];

/// Patches that are applied in order, all or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The patches; with [`Mode::Each`] some may be malformed.
    pub patches: Vec<Result<Patch, PatchError>>,
    /// The SHA-256 that the document must have.
    pub base_hash: Option<String>,
    /// Whether one refusal refuses all.
    pub mode: Mode,
    /// What the batch is called, so that it is not applied twice.
    pub id: Option<String>,
    /// How far texts to find may differ, where a patch does not say so.
    pub relaxed: Option<Relaxation>,
}

/// Whether one refusal refuses all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    /// All patches or none.
    #[default]
    All,
    /// Each patch by itself.
    Each,
}

/// What a file of patches may hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Patches.
    Batch(Batch),
    /// The way back of patches.
    Inverse(Inverse),
}

impl Input {
    /// Reads patches, or the inverse of some, from JSON.
    ///
    /// # Errors
    /// `invalid_patch` or `invalid_location` that names the patch and the field at fault.
    pub fn read(text: &str) -> Result<Self, PatchError> {
        let value = json::read(text)?;
        if value.get("splices").is_some() {
            return Inverse::from_json(value).map(Self::Inverse);
        }
        Batch::from_json(value).map(Self::Batch)
    }
}

impl From<Vec<Patch>> for Batch {
    fn from(patches: Vec<Patch>) -> Self {
        Self { patches: patches.into_iter().map(Ok).collect(), ..Self::default() }
    }
}

impl Batch {
    /// Reads a batch from JSON text.
    ///
    /// # Errors
    /// As [`Batch::from_json`], and `invalid_patch` when it is no JSON.
    pub fn read(text: &str) -> Result<Self, PatchError> {
        Self::from_json(json::read(text)?)
    }

    /// Reads a batch: a list of patches, an object with `patches`, or one with `mini_process`.
    ///
    /// # Errors
    /// `invalid_patch` or `invalid_location` that names the patch and the field at fault.
    pub fn from_json(value: Value) -> Result<Self, PatchError> {
        if let Value::Array(items) = value {
            let patches = patches(items, Mode::All)?;
            return Ok(Self { patches, ..Self::default() });
        }
        let mut fields = Fields::of("the batch", value)?;
        let Some(inner) = fields.take("mini_process") else { return Self::of_fields(fields) };
        if fields.has("patches") {
            return Err(PatchError::invalid("the batch has both `patches` and `mini_process`")
                .hint("put all patches into one of them"));
        }
        for name in MESSAGE_FIELDS {
            fields.take(name);
        }
        let mut inner = Fields::of("`mini_process`", inner)?;
        for name in ["base_hash", "mode", "id", "relaxed"] {
            let Some(value) = fields.take(name) else { continue };
            if inner.has(name) {
                let message = format!("`{name}` stands both in `mini_process` and beside it");
                return Err(PatchError::invalid(message).hint("say it in one place"));
            }
            inner.put(name, value);
        }
        fields.end(&FIELDS)?;
        Self::of_fields(inner)
    }

    fn of_fields(mut fields: Fields) -> Result<Self, PatchError> {
        let mode = match fields.text("mode")?.as_deref() {
            None | Some("all") => Mode::All,
            Some("each") => Mode::Each,
            Some(other) => {
                return Err(PatchError::invalid(format!("`{other}` is no mode"))
                    .hint("it is `all` or `each`"));
            }
        };
        let items = match fields.take("patches") {
            Some(Value::Array(items)) => items,
            Some(_) => {
                return Err(PatchError::invalid("`patches` is no list")
                    .hint("a patch stands in a list, also when it is alone"));
            }
            None if fields.has("operation") => {
                return Err(PatchError::invalid("the batch has no `patches`")
                    .hint("a patch stands in a list, also when it is alone"));
            }
            None => {
                fields.end(&FIELDS)?;
                return Err(PatchError::invalid("the batch has no `patches`")
                    .hint("an empty list changes nothing"));
            }
        };
        let batch = Self {
            patches: patches(items, mode)?,
            base_hash: fields.hash("base_hash")?,
            mode,
            id: fields.id()?,
            relaxed: fields.number("relaxed")?.map(Relaxation::of_level).transpose()?,
        };
        if fields.take("process_state").is_some_and(|state| !state.is_object()) {
            return Err(PatchError::invalid("`process_state` is no JSON object")
                .hint("leave it out; nothing depends on it"));
        }
        fields.end(&FIELDS)?;
        Ok(batch)
    }
}

fn patches(items: Vec<Value>, mode: Mode) -> Result<Vec<Result<Patch, PatchError>>, PatchError> {
    if items.len() > PATCHES_MAX {
        let message = format!("the batch has {} patches, over {PATCHES_MAX}", items.len());
        return Err(PatchError::invalid(message).hint("apply them in several batches"));
    }
    let read = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| Patch::from_json(item).map_err(|error| error.of_patch(index)));
    match mode {
        Mode::All => read.map(|patch| patch.map(Ok)).collect(),
        Mode::Each => Ok(read.collect()),
    }
}
