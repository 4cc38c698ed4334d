//! One entry of a history, and its form as JSON (P20.2).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::splice::Splice;

/// What made an entry.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A batch of patches.
    Patch,
    /// The bringing back of an entry that was undone.
    Redo,
    /// The whole text, given anew.
    Set,
    /// The taking back of another entry.
    Undo,
}

/// One change of the document that happened (format: docs/formats/patch.md, P20.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The number of the entry, from 1, without gaps.
    pub number: u64,
    /// The id of the batch, or another name that is given once.
    pub id: String,
    /// When it happened, as the caller writes it.
    pub at: String,
    /// Who did it.
    pub by: String,
    /// What it is for, in a few words.
    pub note: Option<String>,
    /// What made it.
    pub kind: EntryKind,
    /// The `patch` or `set` entry that an undo takes back, or a redo brings back.
    pub of: Option<u64>,
    /// The ids of single patches, by which a repeated one is known.
    pub patch_ids: Vec<String>,
    /// What was changed, in order of application.
    pub splices: Vec<Splice>,
    /// The SHA-256 of the text before, in hexadecimal digits, where it was computed.
    pub hash_before: Option<String>,
    /// The SHA-256 of the text after, likewise.
    pub hash_after: Option<String>,
    /// Keys that this version does not know, in the order in which they were found.
    pub more: Map<String, Value>,
}

impl Entry {
    /// Returns the entry as JSON: known keys first, absent ones left out.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| {
            map.insert(key.to_owned(), value);
        };
        put("number", json!(self.number));
        put("id", json!(self.id));
        put("at", json!(self.at));
        put("by", json!(self.by));
        if let Some(note) = &self.note {
            put("note", json!(note));
        }
        put("kind", json!(self.kind));
        if let Some(of) = self.of {
            put("of", json!(of));
        }
        if !self.patch_ids.is_empty() {
            put("patch_ids", json!(self.patch_ids));
        }
        put("splices", json!(self.splices));
        if let Some(hash) = &self.hash_before {
            put("hash_before", json!(hash));
        }
        if let Some(hash) = &self.hash_after {
            put("hash_after", json!(hash));
        }
        for (key, value) in &self.more {
            put(key, value.clone());
        }
        Value::Object(map)
    }

    /// Reads an entry from JSON; keys that are not known are kept.
    ///
    /// # Errors
    /// When a key is missing or of another type: which one.
    pub fn from_value(value: Value) -> Result<Self, String> {
        let Value::Object(mut map) = value else {
            return Err("an entry of a history is a map".to_owned());
        };
        Ok(Self {
            number: required(&mut map, "number")?,
            id: required(&mut map, "id")?,
            at: required(&mut map, "at")?,
            by: required(&mut map, "by")?,
            note: optional(&mut map, "note")?,
            kind: required(&mut map, "kind")?,
            of: optional(&mut map, "of")?,
            patch_ids: optional::<Vec<String>>(&mut map, "patch_ids")?.unwrap_or_default(),
            splices: required(&mut map, "splices")?,
            hash_before: optional(&mut map, "hash_before")?,
            hash_after: optional(&mut map, "hash_after")?,
            more: map,
        })
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(value).map_err(D::Error::custom)
    }
}

fn required<T: for<'de> Deserialize<'de>>(
    map: &mut Map<String, Value>,
    key: &str,
) -> Result<T, String> {
    let missing = || format!("an entry has no `{key}`");
    read(key, map.shift_remove(key).ok_or_else(missing)?)
}

fn optional<T: for<'de> Deserialize<'de>>(
    map: &mut Map<String, Value>,
    key: &str,
) -> Result<Option<T>, String> {
    match map.shift_remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(key, value).map(Some),
    }
}

fn read<T: for<'de> Deserialize<'de>>(key: &str, value: Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| format!("`{key}` of an entry: {error}"))
}
