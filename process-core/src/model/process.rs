//! A process: one living piece of work.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Decision, Evidence, Risk, Step};
use crate::{
    Uid,
    diagnostic::Diagnostic,
    fields::{Fields, MapWriter, text_of},
    id::{ProcessId, StepId},
    status::ProcessStatus,
    time::Timestamp,
    yaml::Node,
};

/// The most steps that a process can have; a list of that length is still read and drawn at once.
pub const STEPS_MAX: usize = 10_000;

/// The longest name, goal or other single text that a command takes, in bytes.
pub const NAME_BYTES_MAX: usize = 64 * 1024;

/// A process: its name and goal, its steps, and what was recorded beside them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Process {
    /// Its id in this project.
    pub id: ProcessId,
    /// What tells it apart from a process with the same id in another branch or project.
    pub uid: Uid,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub goal: String,
    /// Where it stands.
    pub status: ProcessStatus,
    /// The template that it was made from.
    pub template: Option<String>,
    /// The file of the definition by which it runs, as a path from the project's folder; `None`
    /// when that was a template, or nothing.
    pub definition: Option<String>,
    /// The name under which it was started once only.
    pub key: Option<String>,
    /// Words by which it is found.
    pub tags: Vec<String>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// What may go wrong.
    pub risks: Vec<Risk>,
    /// What shows that work was done.
    pub evidence: Vec<Evidence>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was put away, if it was.
    pub archived_at: Option<Timestamp>,
    /// The number of the last event that was applied to it; 0 before there is a journal.
    pub revision: u64,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// What a process takes where its file says nothing.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The id that the file's name gives.
    pub id: ProcessId,
    /// The uid of a process that has none yet.
    pub uid: Uid,
    /// The instant for missing `createdAt` and `updatedAt`.
    pub now: Timestamp,
}

impl Process {
    /// Returns an empty process.
    #[must_use]
    pub fn new(defaults: Defaults, name: impl Into<String>, goal: impl Into<String>) -> Self {
        Self {
            id: defaults.id,
            uid: defaults.uid,
            name: name.into(),
            goal: goal.into(),
            status: ProcessStatus::Planned,
            template: None,
            definition: None,
            key: None,
            tags: Vec::new(),
            steps: Vec::new(),
            decisions: Vec::new(),
            risks: Vec::new(),
            evidence: Vec::new(),
            created_at: defaults.now.clone(),
            updated_at: defaults.now,
            archived_at: None,
            revision: 0,
            extra: Map::new(),
        }
    }

    /// Reads a process.
    ///
    /// The `id` of the file must be the one in `defaults`; files from before there were several
    /// processes are read with [`Process::read_any_id`].
    ///
    /// # Errors
    /// Every problem that the file has, each with its line.
    pub fn read(node: &Node, defaults: &Defaults) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        if let Some(id) = node.get("id") {
            let text = id.to_json();
            if text != defaults.id.to_string() {
                let message = format!("`id` is {text}, but this is the place of {}", defaults.id);
                let problem = Diagnostic::error("id_mismatch", id.place, message);
                problems.push(problem.with_hint(format!("write `id: {}`", defaults.id)));
            }
        }
        Self::read_noting(node, defaults, &mut problems)
            .filter(|_| problems.is_empty())
            .ok_or(problems)
    }

    /// Reads a process whatever id its file gives; it gets the one in `defaults`.
    ///
    /// # Errors
    /// Every problem that the file has, each with its line.
    pub fn read_any_id(node: &Node, defaults: &Defaults) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        Self::read_noting(node, defaults, &mut problems)
            .filter(|_| problems.is_empty())
            .ok_or(problems)
    }

    fn read_noting(
        node: &Node,
        defaults: &Defaults,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let mut fields = Fields::new(node, "a process", problems)?;
        fields.node("id");
        let uid = match fields.text("uid").map(|text| Uid::parse(&text)) {
            None => defaults.uid,
            Some(Ok(uid)) => uid,
            Some(Err(_)) => {
                fields.problem("bad_id", "uid", "`uid` is no UUID");
                defaults.uid
            }
        };
        let status = match fields.text("status") {
            None => ProcessStatus::Planned,
            Some(text) => ProcessStatus::parse(&text).unwrap_or_else(|| {
                let message = format!("the process has the unknown status {text:?}");
                fields.problem("unknown_status", "status", message);
                ProcessStatus::Planned
            }),
        };
        let created_at = fields.timestamp("createdAt").unwrap_or_else(|| defaults.now.clone());
        Some(Self {
            id: defaults.id,
            uid,
            status,
            name: fields.required_text("name"),
            goal: fields.text("goal").unwrap_or_default(),
            template: fields.text("template"),
            definition: fields.text("definition"),
            key: fields.text("key"),
            tags: fields.texts("tags"),
            steps: read_steps(&mut fields, Step::read, |step| &step.id),
            decisions: read_all(&mut fields, "decisions", Decision::read),
            risks: read_all(&mut fields, "risks", Risk::read),
            evidence: read_all(&mut fields, "evidence", Evidence::read),
            updated_at: fields.timestamp("updatedAt").unwrap_or_else(|| created_at.clone()),
            created_at,
            archived_at: fields.timestamp("archivedAt"),
            revision: fields.count("revision").unwrap_or_default(),
            extra: fields.rest(),
        })
    }

    /// Reads a process from JSON, as it stands in a journal line.
    ///
    /// # Errors
    /// Every problem that the JSON has, as a process.
    pub fn from_value(value: &Value, defaults: &Defaults) -> Result<Self, Vec<Diagnostic>> {
        Self::read(&Node::from_json(value), defaults)
    }

    /// Returns the process as JSON, keys in the order of its file (docs/formats/process.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("id", self.id.to_string());
        map.put("name", self.name.as_str());
        map.put("goal", self.goal.as_str());
        map.put("status", self.status.as_str());
        map.put_some("template", self.template.as_ref());
        map.put_some("definition", self.definition.as_ref());
        map.put_some("key", self.key.as_ref());
        if !self.tags.is_empty() {
            map.put_texts("tags", &self.tags);
        }
        map.put("steps", values(&self.steps, Step::to_value));
        map.put("decisions", values(&self.decisions, Decision::to_value));
        map.put("risks", values(&self.risks, Risk::to_value));
        map.put("evidence", values(&self.evidence, Evidence::to_value));
        map.put("createdAt", self.created_at.to_string());
        map.put("updatedAt", self.updated_at.to_string());
        map.put_some("archivedAt", self.archived_at.as_ref());
        map.put("uid", self.uid.to_string());
        map.put("revision", self.revision);
        map.finish(&self.extra)
    }

    /// Returns what a person means by the content of the process: all but `revision` and `updatedAt`.
    ///
    /// Two processes with equal content differ in nothing that anybody wrote by hand.
    #[must_use]
    pub fn content(&self) -> Value {
        let mut value = self.to_value();
        if let Value::Object(map) = &mut value {
            map.shift_remove("revision");
            map.shift_remove("updatedAt");
        }
        value
    }

    /// Returns the step with this id.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Returns the step with this id, to be changed.
    pub fn step_mut(&mut self, id: &StepId) -> Option<&mut Step> {
        self.steps.iter_mut().find(|step| step.id == *id)
    }

    /// Returns the place of a step in the list, from 0.
    #[must_use]
    pub fn position(&self, id: &StepId) -> Option<usize> {
        self.steps.iter().position(|step| step.id == *id)
    }

    /// Returns whether the process was put away.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }
}

fn values<T>(items: &[T], to_value: fn(&T) -> Value) -> Value {
    items.iter().map(to_value).collect()
}

fn read_all<T>(
    fields: &mut Fields<'_>,
    key: &'static str,
    read: fn(&Node, &mut Vec<Diagnostic>) -> Option<T>,
) -> Vec<T> {
    let items = fields.list(key);
    items.iter().filter_map(|item| read(item, fields.problems())).collect()
}

/// Reads a list of steps: one without an id gets the next number that no other has.
pub(crate) fn read_steps<T>(
    fields: &mut Fields<'_>,
    read: fn(&Node, &StepId, &mut Vec<Diagnostic>) -> Option<T>,
    id_of: fn(&T) -> &StepId,
) -> Vec<T> {
    let items = fields.list("steps");
    if items.len() > STEPS_MAX {
        let message = format!("{} steps are more than the limit of {STEPS_MAX}", items.len());
        fields.problem("too_many_steps", "steps", message);
        return Vec::new();
    }
    let taken: BTreeSet<&str> = items.iter().filter_map(|item| text_of(item.get("id")?)).collect();
    let mut free = (1..).map(StepId::numbered).filter(|id| !taken.contains(id.as_str())).peekable();
    let mut steps = Vec::with_capacity(items.len());
    let mut seen = BTreeSet::new();
    for item in items {
        let Some(fallback) = free.peek().cloned() else { break };
        let own = item.get("id").and_then(text_of).filter(|id| StepId::parse(id).is_ok());
        if own.is_none() {
            free.next();
        }
        let noted = fields.problems().len();
        let Some(step) = read(item, &fallback, fields.problems()) else { continue };
        let id = id_of(&step);
        if !seen.insert(id.clone()) && fields.problems().len() == noted {
            let place = item.get("id").map_or(item.place, |id| id.place);
            let message = format!("step id `{id}` stands twice");
            fields.problems().push(Diagnostic::error("duplicate_id", place, message));
        }
        steps.push(step);
    }
    steps
}
