//! A version: a snapshot of a process, with a number and a reason.

use serde_json::{Map, Value};

use crate::{
    diagnostic::Diagnostic,
    fields::{Fields, MapWriter},
    time::Timestamp,
    yaml::Node,
};

/// The longest slug of a reason in the name of a version file, in bytes.
const SLUG_BYTES_MAX: usize = 40;

/// The highest number of a version, far below where counting on would overflow.
pub const NUMBER_MAX: u64 = 999_999_999;

/// A snapshot of a process (docs/formats/version.md).
///
/// The process stands as the JSON that it was: a version never changes, whatever later programs
/// make of its keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version {
    /// Its number, from 1; numbers only grow.
    pub number: u64,
    /// When it was taken.
    pub snapshot_at: Timestamp,
    /// Why it was taken.
    pub reason: String,
    /// The process as it stood.
    pub process: Value,
    /// Its document as it stood, if it had one.
    pub document: Option<String>,
    /// Keys that this version of the program does not know.
    pub extra: Map<String, Value>,
}

impl Version {
    /// Reads a version, noting every problem.
    pub fn read(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a version", problems)?;
        let number = fields.required("version", Fields::count);
        if number.is_some_and(|number| !(1..=NUMBER_MAX).contains(&number)) {
            let message = format!("the number of a version is one of 1 to {NUMBER_MAX}");
            fields.problem("bad_number", "version", message);
        }
        let snapshot_at = fields.required("snapshotAt", Fields::timestamp);
        let process = fields.required("process", |fields, key| fields.node(key).map(Node::to_json));
        let reason = fields.text("reason").unwrap_or_default();
        let document = fields.text("document");
        Some(Self {
            number: number?,
            snapshot_at: snapshot_at?,
            reason,
            process: process?,
            document,
            extra: fields.rest(),
        })
    }

    /// Returns the version as JSON, keys in the order of its file.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("version", self.number);
        map.put("snapshotAt", self.snapshot_at.to_string());
        map.put("reason", self.reason.as_str());
        map.put("process", self.process.clone());
        if let Some(document) = &self.document {
            map.put("document", document.as_str());
        }
        map.finish(&self.extra)
    }

    /// Returns the name of the version's file: `v1-initial.yaml`, then `v<N>-<slug of the reason>.yaml`.
    #[must_use]
    pub fn file_name(&self) -> String {
        let slug = if self.number == 1 { "initial".to_owned() } else { slug(&self.reason) };
        if slug.is_empty() {
            format!("v{}.yaml", self.number)
        } else {
            format!("v{}-{slug}.yaml", self.number)
        }
    }
}

/// Returns the version number in a version file's name, such as `v2.yaml` or `v2-added-step.yaml`.
#[must_use]
pub fn number_in_file_name(name: &str) -> Option<u64> {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
    let digits = stem.strip_prefix('v')?.split('-').next()?;
    // A number also parses with a sign, which no name of ours has.
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| is_plain && *number > 0)
}

/// Returns a text as part of a file name: small letters, digits and single hyphens.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG_BYTES_MAX {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests;
