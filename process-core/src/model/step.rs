//! A step of a process.

use serde_json::{Map, Value};

use crate::{
    diagnostic::Diagnostic,
    fields::{Fields, MapWriter},
    id::StepId,
    status::StepStatus,
    time::Timestamp,
    yaml::Node,
};

/// One step: what is to be done, what it takes and gives, and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// Unique within the process, never reused.
    pub id: StepId,
    /// What people call it.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// What it takes.
    pub inputs: Vec<String>,
    /// What it gives; grows as the step is worked on.
    pub outputs: Vec<String>,
    /// What must hold when it is done.
    pub checks: Vec<String>,
    /// Where it stands.
    pub status: StepStatus,
    /// When it was last started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// Who holds it, and until when.
    pub claim: Option<Claim>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// A hold on a step: nobody else may claim it until it expires.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Who holds the step.
    pub by: String,
    /// The instant from which on the step is free again.
    pub until: Timestamp,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

impl Step {
    /// Returns a pending step of this name, with nothing else in it.
    #[must_use]
    pub fn new(id: StepId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            description: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
            checks: Vec::new(),
            status: StepStatus::Pending,
            started_at: None,
            completed_at: None,
            claim: None,
            extra: Map::new(),
        }
    }

    /// Reads a step; `fallback` is its id when the file gives none.
    pub(crate) fn read(
        node: &Node,
        fallback: &StepId,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let mut fields = Fields::new(node, "a step", problems)?;
        let id = match fields.text("id").as_deref().map(StepId::parse) {
            None => fallback.clone(),
            Some(Ok(id)) => id,
            Some(Err(error)) => {
                fields.problem("bad_id", "id", error.to_string());
                fallback.clone()
            }
        };
        fields.call(format!("step `{id}`"));
        let name = fields.text("name").unwrap_or_else(|| id.to_string());
        let status = match fields.text("status") {
            None => StepStatus::Pending,
            Some(text) => StepStatus::parse(&text).unwrap_or_else(|| {
                let message = format!("step `{id}` has the unknown status {text:?}");
                fields.problem("unknown_status", "status", message);
                StepStatus::Pending
            }),
        };
        Some(Self {
            name,
            status,
            description: fields.text("description"),
            inputs: fields.texts("inputs"),
            outputs: fields.texts("outputs"),
            checks: fields.texts("checks"),
            started_at: fields.timestamp("startedAt"),
            completed_at: fields.timestamp("completedAt"),
            claim: fields.node("claim").and_then(|node| Claim::read(node, fields.problems())),
            extra: fields.rest(),
            id,
        })
    }

    /// Reads a step from JSON, as it stands in a journal line.
    ///
    /// # Errors
    /// Every problem that the JSON has, as a step.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let step = Self::read(&Node::from_json(value), &StepId::numbered(1), &mut problems);
        step.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// Returns the step as JSON (docs/formats/process.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("id", self.id.as_str());
        map.put("name", self.name.as_str());
        map.put_some("description", self.description.as_ref());
        map.put_texts("inputs", &self.inputs);
        map.put_texts("outputs", &self.outputs);
        map.put_texts("checks", &self.checks);
        map.put("status", self.status.as_str());
        map.put_some("startedAt", self.started_at.as_ref());
        map.put_some("completedAt", self.completed_at.as_ref());
        if let Some(claim) = &self.claim {
            map.put("claim", claim.to_value());
        }
        map.finish(&self.extra)
    }

    /// Returns the claim that holds the step at this instant; an expired one holds nothing.
    #[must_use]
    pub fn held_by(&self, now: &Timestamp) -> Option<&Claim> {
        self.claim.as_ref().filter(|claim| claim.until.instant() > now.instant())
    }
}

impl Claim {
    fn read(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a claim", problems)?;
        let by = fields.required_text("by");
        let until = fields.required("until", Fields::timestamp);
        Some(Self { by, until: until?, extra: fields.rest() })
    }

    /// Returns the claim as JSON (docs/formats/process.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("by", self.by.as_str());
        map.put("until", self.until.to_string());
        map.finish(&self.extra)
    }
}
