//! The registry: an index of processes and templates, derived from journals (docs/formats/registry.md).

use serde_json::{Map, Value};

use crate::{
    Uid,
    diagnostic::Diagnostic,
    fields::{Fields, MapWriter},
    id::ProcessId,
    model::Process,
    progress::Progress,
    status::ProcessStatus,
    time::Timestamp,
    yaml::Node,
};

/// The index of a project.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Registry {
    /// The process that commands take when none is named.
    pub active: Option<ProcessId>,
    /// The processes, lowest number first.
    pub processes: Vec<ProcessEntry>,
    /// The templates that were used.
    pub templates: Vec<TemplateEntry>,
    /// The length of `history/global.yaml` that the registry shows, in bytes.
    pub global_bytes: Option<u64>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// The version of the registry's form that this program writes.
const REGISTRY_VERSION: u64 = 1;

impl Registry {
    /// Reads a registry.
    ///
    /// # Errors
    /// Every problem that the file has, each with its line.
    pub fn read(node: &Node) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        Self::read_noting(node, &mut problems).filter(|_| problems.is_empty()).ok_or(problems)
    }

    fn read_noting(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a registry", problems)?;
        if fields.count("version").is_some_and(|version| version > REGISTRY_VERSION) {
            fields.problem("newer_format", "version", "the registry is from a newer version");
        }
        let active = fields.text("activeProcessId").and_then(|id| ProcessId::parse(&id).ok());
        let processes = fields.list("processes");
        let templates = fields.list("templates");
        Some(Self {
            active,
            processes: processes
                .iter()
                .filter_map(|node| ProcessEntry::read(node, fields.problems()))
                .collect(),
            templates: templates
                .iter()
                .filter_map(|node| TemplateEntry::read(node, fields.problems()))
                .collect(),
            global_bytes: fields.count("global_bytes"),
            extra: fields.rest(),
        })
    }

    /// Returns the registry as JSON, keys in the order of its file.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("version", REGISTRY_VERSION);
        if let Some(bytes) = self.global_bytes {
            map.put("global_bytes", bytes);
        }
        map.put_some("activeProcessId", self.active.as_ref());
        map.put("processes", self.processes.iter().map(ProcessEntry::to_value).collect::<Value>());
        map.put("templates", self.templates.iter().map(TemplateEntry::to_value).collect::<Value>());
        map.finish(&self.extra)
    }

    /// Returns the entry of a process.
    #[must_use]
    pub fn entry(&self, id: ProcessId) -> Option<&ProcessEntry> {
        self.processes.iter().find(|entry| entry.id == id)
    }

    /// Puts an entry in the place of the one with its id, or where its number belongs.
    ///
    /// Keys of the old entry that this version does not know stay.
    pub fn put(&mut self, mut entry: ProcessEntry) {
        match self.processes.iter_mut().find(|other| other.id == entry.id) {
            Some(other) => {
                entry.extra = std::mem::take(&mut other.extra);
                *other = entry;
            }
            None => {
                let place = self.processes.partition_point(|other| other.id < entry.id);
                self.processes.insert(place, entry);
            }
        }
    }
}

/// What the registry says of one process.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProcessEntry {
    /// Its id.
    pub id: ProcessId,
    /// Its uid; `None` when a program without uids wrote the entry.
    pub uid: Option<Uid>,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub goal: String,
    /// Where it stands.
    pub status: ProcessStatus,
    /// The template that it was made from.
    pub template: Option<String>,
    /// The name under which it was started once only.
    pub key: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// The share of its steps that has ended, in per cent.
    pub progress: u64,
    /// Words by which it is found.
    pub tags: Vec<String>,
    /// Whether it was put away.
    pub archived: bool,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// The revision that the entry shows; `None` before there is a journal.
    pub revision: Option<u64>,
    /// The length of the journal at that revision, in bytes.
    pub journal_bytes: Option<u64>,
    /// The length of the process's file at that revision, in bytes.
    pub view_bytes: Option<u64>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// What the registry says of one template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateEntry {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `builtin`, `local` or `remote`.
    pub source: String,
    /// The path of a local one, below `.ai`.
    pub path: Option<String>,
    /// When a process was last made from it.
    pub last_used: Option<Timestamp>,
    /// How many processes were made from it.
    pub usage_count: u64,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

impl ProcessEntry {
    /// Returns the entry that shows this state of a process.
    #[must_use]
    pub fn of(process: &Process) -> Self {
        Self {
            id: process.id,
            uid: Some(process.uid),
            name: process.name.clone(),
            goal: process.goal.clone(),
            status: process.status,
            template: process.template.clone(),
            key: process.key.clone(),
            created_at: Some(process.created_at.clone()),
            updated_at: Some(process.updated_at.clone()),
            progress: Progress::of(process).percent(),
            tags: process.tags.clone(),
            archived: process.is_archived(),
            archived_at: process.archived_at.clone(),
            revision: None,
            journal_bytes: None,
            view_bytes: None,
            extra: Map::new(),
        }
    }

    /// Reads an entry, noting every problem.
    pub fn read(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a process entry", problems)?;
        let text = fields.required_text("id");
        let id = match ProcessId::parse(&text) {
            Ok(id) => Some(id),
            Err(error) => {
                fields.problem("bad_id", "id", error.to_string());
                None
            }
        };
        fields.call(format!("entry `{text}`"));
        let status = fields.text("status").and_then(|text| ProcessStatus::parse(&text));
        if status.is_none() {
            fields.problem("unknown_status", "status", "an entry has no known status");
        }
        let archived_at = fields.timestamp("archivedAt");
        Some(Self {
            id: id?,
            uid: fields.text("uid").and_then(|text| Uid::parse(&text).ok()),
            name: fields.required_text("name"),
            goal: fields.text("goal").unwrap_or_default(),
            status: status?,
            template: fields.text("template"),
            key: fields.text("key"),
            created_at: fields.timestamp("createdAt"),
            updated_at: fields.timestamp("updatedAt"),
            progress: fields.count("progress").unwrap_or_default(),
            tags: fields.texts("tags"),
            archived: fields.truth("archived").unwrap_or_default(),
            archived_at,
            revision: fields.count("revision"),
            journal_bytes: fields.count("journal_bytes"),
            view_bytes: fields.count("view_bytes"),
            extra: fields.rest(),
        })
    }

    /// Returns the entry as JSON, keys in the order of its file.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = self.shown();
        map.put_some("uid", self.uid.as_ref());
        map.put_some("key", self.key.as_ref());
        for (key, count) in [
            ("revision", self.revision),
            ("journal_bytes", self.journal_bytes),
            ("view_bytes", self.view_bytes),
        ] {
            if let Some(count) = count {
                map.put(key, count);
            }
        }
        map.finish(&self.extra)
    }

    /// Returns the entry as `procside list --json` prints it: without what serves the index alone.
    #[must_use]
    pub fn to_shown_value(&self) -> Value {
        let mut map = self.shown();
        map.put_some("uid", self.uid.as_ref());
        map.finish(&self.extra)
    }

    fn shown(&self) -> MapWriter {
        let mut map = MapWriter::default();
        map.put("id", self.id.to_string());
        map.put("name", self.name.as_str());
        map.put("goal", self.goal.as_str());
        map.put("status", self.status.as_str());
        map.put_some("template", self.template.as_ref());
        map.put_some("key", self.key.as_ref());
        map.put_some("createdAt", self.created_at.as_ref());
        map.put_some("updatedAt", self.updated_at.as_ref());
        map.put("progress", self.progress);
        map.put_texts("tags", &self.tags);
        map.put("archived", self.archived);
        map.put_some("archivedAt", self.archived_at.as_ref());
        map
    }
}

impl TemplateEntry {
    /// Reads an entry, noting every problem.
    pub fn read(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a template entry", problems)?;
        let id = fields.required_text("id");
        Some(Self {
            name: fields.text("name").unwrap_or_else(|| id.clone()),
            source: fields.text("source").unwrap_or_else(|| "local".to_owned()),
            path: fields.text("path"),
            last_used: fields.timestamp("lastUsed"),
            usage_count: fields.count("usageCount").unwrap_or_default(),
            extra: fields.rest(),
            id,
        })
    }

    /// Returns the entry as JSON, keys in the order of its file.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("id", self.id.as_str());
        map.put("name", self.name.as_str());
        map.put("source", self.source.as_str());
        map.put_some("path", self.path.as_ref());
        map.put_some("lastUsed", self.last_used.as_ref());
        map.put("usageCount", self.usage_count);
        map.finish(&self.extra)
    }
}

#[cfg(test)]
mod tests;
