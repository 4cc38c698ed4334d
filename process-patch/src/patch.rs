//! One patch: what to do, and where.

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::error::PatchError;
use crate::fields::Fields;
use crate::likeness::edits;
use crate::location::Location;

/// Every field that a patch may have, whatever its operation.
const FIELDS: [&str; 11] = [
    "operation",
    "location",
    "content",
    "old_content",
    "new_content",
    "scope",
    "create",
    "occurrence",
    "section_hash",
    "id",
    "relaxed",
];
/// Fields in which the author of a patch says why; nothing depends on them.
const REMARKS: [&str; 2] = ["description", "reason"];
/// What a content is.
const ADDED: &str = "it is the text to add";
const OPERATIONS: [&str; 4] = ["append", "delete", "insert", "update"];

/// A change of one section, as `docs/formats/patch.md` describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Patch {
    /// What to do.
    pub operation: Operation,
    /// Which section.
    pub location: Location,
    /// Which of the headings that fit, from 1, in the order of the document.
    pub occurrence: Option<usize>,
    /// The SHA-256 that the section must have.
    pub section_hash: Option<String>,
    /// What the patch is called, so that it is not applied twice.
    pub id: Option<String>,
    /// How far the text to find may differ; none leaves it to the batch.
    pub relaxed: Option<Relaxation>,
}

/// What a patch does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Operation {
    /// Adds text at the end of the section or of its lead.
    Append {
        /// The text to add.
        content: String,
        /// Which end.
        scope: Scope,
        /// Whether a missing section is created.
        create: bool,
    },
    /// Takes text out of the section, or the whole section.
    Delete {
        /// The text to take out; none is the section with its sub-sections.
        content: Option<String>,
    },
    /// Adds text at the top of the section, or before the sub-sections that it must not adopt.
    Insert {
        /// The text to add.
        content: String,
        /// Whether a missing section is created.
        create: bool,
    },
    /// Replaces text of the section.
    Update {
        /// The text to find.
        old_content: String,
        /// The text to put in its place.
        new_content: String,
    },
}

/// Which end an append means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// The end of the section's lead, before its first sub-heading.
    Body,
    /// The end of the section with its sub-sections.
    Section,
}

/// How far a text to find may differ from the text that is found.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Relaxation {
    /// Not at all, but for line endings.
    #[default]
    Exact,
    /// In trailing blanks and in the Unicode form.
    Blanks,
    /// In the kind of blanks, quotes and dashes as well.
    Signs,
    /// In a tenth of its characters.
    Likeness,
}

impl Relaxation {
    /// Returns the level of the format, from 0 to 3.
    pub fn level(self) -> u8 {
        match self {
            Self::Exact => 0,
            Self::Blanks => 1,
            Self::Signs => 2,
            Self::Likeness => 3,
        }
    }

    /// Reads a level of the format.
    ///
    /// # Errors
    /// `invalid_patch` when it is not from 0 to 3.
    pub fn of_level(level: u64) -> Result<Self, PatchError> {
        match level {
            0 => Ok(Self::Exact),
            1 => Ok(Self::Blanks),
            2 => Ok(Self::Signs),
            3 => Ok(Self::Likeness),
            _ => Err(PatchError::invalid(format!("`relaxed` is {level}"))
                .hint("it is a level from 0 to 3")),
        }
    }
}

impl Operation {
    /// Returns the word of the format.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Append { .. } => "append",
            Self::Delete { .. } => "delete",
            Self::Insert { .. } => "insert",
            Self::Update { .. } => "update",
        }
    }
}

impl Patch {
    /// Makes a patch without conditions.
    pub fn new(location: Location, operation: Operation) -> Self {
        Self { operation, location, occurrence: None, section_hash: None, id: None, relaxed: None }
    }

    /// Reads a patch from its JSON.
    ///
    /// # Errors
    /// `invalid_patch` that names the field at fault, or `invalid_location`.
    pub fn from_json(value: Value) -> Result<Self, PatchError> {
        let has_null_content = value.get("content").is_some_and(Value::is_null);
        let mut fields = Fields::of("the patch", value)?;
        let Some(name) = fields.text("operation")? else {
            return Err(PatchError::invalid("the patch has no `operation`")
                .hint("it is one of append, delete, insert and update"));
        };
        let operation = operation(&name, &mut fields)?;
        if has_null_content && matches!(operation, Operation::Delete { .. }) {
            // A text that somebody forgot to fill in must not cost a section.
            return Err(PatchError::invalid("`content` of the delete is null")
                .hint("leave it out to delete the whole section"));
        }
        let Some(location) = fields.take("location") else {
            return Err(PatchError::invalid("the patch has no `location`")
                .hint("it is a heading such as `## Steps`, or \"\" for the root"));
        };
        let occurrence = match fields.number("occurrence")? {
            Some(0) => {
                return Err(PatchError::invalid("`occurrence` is 0")
                    .hint("it counts the headings that fit, from 1"));
            }
            number => number.map(|number| usize::try_from(number).unwrap_or(usize::MAX)),
        };
        let patch = Self {
            operation,
            location: Location::from_json(&location)?,
            occurrence,
            section_hash: fields.hash("section_hash")?,
            id: fields.id()?,
            relaxed: fields.number("relaxed")?.map(Relaxation::of_level).transpose()?,
        };
        for name in REMARKS {
            fields.text(name)?;
        }
        fields.end(&FIELDS).map_err(|error| named(error, patch.operation.name()))?;
        Ok(patch)
    }
}

fn operation(name: &str, fields: &mut Fields) -> Result<Operation, PatchError> {
    Ok(match name {
        "append" => Operation::Append {
            content: content(fields, name)?,
            scope: scope(fields)?,
            create: fields.flag("create")?.unwrap_or(false),
        },
        "insert" => Operation::Insert {
            content: content(fields, name)?,
            create: fields.flag("create")?.unwrap_or(true),
        },
        "delete" => {
            let content = fields.text("content")?;
            if content.as_ref().is_some_and(|content| content.trim().is_empty()) {
                return Err(PatchError::invalid("`content` of the delete is empty")
                    .hint("leave it out to delete the whole section"));
            }
            Operation::Delete { content }
        }
        "update" => {
            let old_content = fields.text("old_content")?;
            let old_content =
                old_content.filter(|old| !old.trim().is_empty()).ok_or_else(|| {
                    PatchError::invalid("the update has no `old_content`")
                        .hint("it is the text to replace; use insert or append to add text")
                })?;
            let new_content = fields.text("new_content")?.ok_or_else(|| {
                PatchError::invalid("the update has no `new_content`")
                    .hint("it is the text to put in the place of `old_content`")
            })?;
            Operation::Update { old_content, new_content }
        }
        _ => {
            let error = PatchError::invalid(format!("`{name}` is no operation"));
            let near = OPERATIONS.iter().find(|other| edits(&name.to_lowercase(), other) <= 2);
            return Err(match near {
                Some(other) => error.hint(format!("did you mean `{other}`?")),
                None => error.hint("it is one of append, delete, insert and update"),
            });
        }
    })
}

fn content(fields: &mut Fields, operation: &str) -> Result<String, PatchError> {
    let content = fields.text("content")?.ok_or_else(|| {
        PatchError::invalid(format!("the {operation} has no `content`")).hint(ADDED)
    })?;
    if content.trim_matches([' ', '\t', '\n', '\r']).is_empty() {
        let message = format!("`content` of the {operation} is empty");
        return Err(PatchError::invalid(message).hint(ADDED));
    }
    Ok(content)
}

fn scope(fields: &mut Fields) -> Result<Scope, PatchError> {
    match fields.text("scope")?.as_deref() {
        None | Some("section") => Ok(Scope::Section),
        Some("body") => Ok(Scope::Body),
        Some(other) => {
            Err(PatchError::invalid(format!("`{other}` is no scope"))
                .hint("it is `section` or `body`"))
        }
    }
}

/// Says which operation takes no such field.
fn named(mut error: PatchError, operation: &str) -> PatchError {
    error.message = error.message.replacen("the patch", &format!("the {operation}"), 1);
    error
}

impl Serialize for Patch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("operation", self.operation.name())?;
        map.serialize_entry("location", &self.location)?;
        match &self.operation {
            Operation::Append { content, scope, create } => {
                map.serialize_entry("content", content)?;
                if *scope == Scope::Body {
                    map.serialize_entry("scope", "body")?;
                }
                if *create {
                    map.serialize_entry("create", create)?;
                }
            }
            Operation::Delete { content: None } => {}
            Operation::Delete { content: Some(content) } => {
                map.serialize_entry("content", content)?;
            }
            Operation::Insert { content, create } => {
                map.serialize_entry("content", content)?;
                if !*create {
                    map.serialize_entry("create", create)?;
                }
            }
            Operation::Update { old_content, new_content } => {
                map.serialize_entry("old_content", old_content)?;
                map.serialize_entry("new_content", new_content)?;
            }
        }
        if let Some(occurrence) = self.occurrence {
            map.serialize_entry("occurrence", &occurrence)?;
        }
        if let Some(hash) = &self.section_hash {
            map.serialize_entry("section_hash", hash)?;
        }
        if let Some(id) = &self.id {
            map.serialize_entry("id", id)?;
        }
        if let Some(relaxed) = self.relaxed {
            map.serialize_entry("relaxed", &relaxed.level())?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
