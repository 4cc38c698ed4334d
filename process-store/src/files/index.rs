//! The index of all processes: the registry where it is up to date, the processes where it is not.

use std::collections::{BTreeMap, BTreeSet};

use process_core::{
    Diagnostic, ProcessId, Timestamp,
    registry::{ProcessEntry, Registry, TemplateEntry},
    yaml,
};

use super::{
    Files, Global,
    view::{self, Text},
};
use crate::{
    disk::{Entry, FileKind},
    error::{Error, ErrorKind},
};

/// All processes, and which one is active.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The registry, brought up to date in memory.
    pub registry: Registry,
    /// What could not be read, for people.
    pub notices: Vec<String>,
    /// Whether `registry.yaml` does not say the same.
    pub is_stale: bool,
    /// `registry.yaml` as it was found.
    pub(crate) file: RegistryFile,
    /// Processes whose entry was not up to date.
    pub(crate) outdated: Vec<ProcessId>,
}

/// `registry.yaml` as it was found.
#[derive(Clone, Debug, Default)]
pub(crate) enum RegistryFile {
    #[default]
    Absent,
    /// Broken, and why.
    Broken(String),
    /// Written by a newer version: left alone.
    Newer,
    Read {
        registry: Box<Registry>,
        text: String,
        modified: (i64, u32),
    },
}

/// The files of one process.
#[derive(Default)]
struct Traces {
    journal: bool,
    view: bool,
    archived: bool,
}

impl Files {
    /// Reads the registry file alone.
    pub(crate) fn read_registry(&self) -> Result<RegistryFile, Error> {
        let path = self.layout().registry();
        Ok(match view::read_text(self.disk(), &path)? {
            Text::Absent => RegistryFile::Absent,
            Text::Unusual(what) => RegistryFile::Broken(format!("it is {what}")),
            Text::Read { text, stat } => {
                let read = yaml::read(&text).map_err(|problem| vec![problem]);
                match read.and_then(|node| Registry::read(&node)) {
                    Ok(registry) => RegistryFile::Read {
                        registry: Box::new(registry),
                        text,
                        modified: stat.modified,
                    },
                    Err(problems) if is_newer(&problems) => RegistryFile::Newer,
                    Err(problems) => RegistryFile::Broken(first(&problems)),
                }
            }
        })
    }

    /// Returns the active process without reading the entries of all the others.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn active(&self) -> Result<Option<ProcessId>, Error> {
        let length = self.disk().stat(&self.layout().global())?.map(|stat| stat.len);
        if let Text::Read { text, .. } = view::read_text(self.disk(), &self.layout().registry())?
            && let Ok(node) = yaml::read(&without_processes(&text))
            && let Ok(head) = Registry::read(&node)
            && head.global_bytes == length
        {
            return Ok(head.active);
        }
        Ok(self.index(&Timestamp::from_instant(chrono::DateTime::UNIX_EPOCH))?.registry.active)
    }

    /// Returns every process: its entry where that is up to date, else what its files say.
    ///
    /// # Errors
    /// Whatever the disk says; a process that cannot be read is a notice, not an error.
    pub fn index(&self, now: &Timestamp) -> Result<Index, Error> {
        let length = self.disk().stat(&self.layout().global())?.map(|stat| stat.len);
        let file = self.read_registry()?;
        let global = match &file {
            // The registry shows the journal's end: no need to read the whole of it.
            RegistryFile::Read { registry, .. }
                if length.is_some() && registry.global_bytes == length =>
            {
                Global::shown_by(registry)
            }
            _ => self.read_global()?,
        };
        self.index_of(file, &global, now, &BTreeMap::new())
    }

    pub(crate) fn index_with(
        &self,
        global: &Global,
        now: &Timestamp,
        touched: &BTreeMap<ProcessId, ProcessEntry>,
    ) -> Result<Index, Error> {
        self.index_of(self.read_registry()?, global, now, touched)
    }

    fn index_of(
        &self,
        file: RegistryFile,
        global: &Global,
        now: &Timestamp,
        touched: &BTreeMap<ProcessId, ProcessEntry>,
    ) -> Result<Index, Error> {
        let mut index = Index { file, ..Index::default() };
        let nothing = Registry::default();
        let (old, modified) = match &index.file {
            RegistryFile::Read { registry, modified, .. } => (&**registry, *modified),
            RegistryFile::Absent | RegistryFile::Newer => (&nothing, (i64::MIN, 0)),
            RegistryFile::Broken(reason) => {
                index.notices.push(format!("registry.yaml is rebuilt: {reason}"));
                (&nothing, (i64::MIN, 0))
            }
        };
        index.is_stale = matches!(index.file, RegistryFile::Absent | RegistryFile::Broken(_));
        let found = self.find_all()?;
        let mut entries = Vec::with_capacity(found.len());
        let known: BTreeMap<ProcessId, &ProcessEntry> =
            old.processes.iter().map(|entry| (entry.id, entry)).collect();
        for (id, files) in &found {
            let entry = known.get(id).copied();
            if let Some(fresh) = touched.get(id) {
                let extra = entry.map(|entry| entry.extra.clone()).unwrap_or_default();
                entries.push(ProcessEntry { extra, ..fresh.clone() });
                continue;
            }
            if let Some(entry) = entry
                && self.is_fresh(entry, files, modified)?
            {
                entries.push(entry.clone());
                continue;
            }
            index.is_stale = true;
            index.outdated.push(*id);
            let imported = global.imported.as_ref().and_then(|registry| registry.entry(*id));
            match self.entry_of(*id, entry.or(imported), now) {
                Ok(Some((entry, notices))) => {
                    entries.push(entry);
                    index.notices.extend(notices);
                }
                Ok(None) => {}
                Err(error) => {
                    index.notices.push(error.to_string());
                    entries.extend(entry.cloned());
                }
            }
        }
        index.is_stale |= entries.len() != old.processes.len();
        let registry = Registry {
            active: None,
            processes: entries,
            templates: self.template_entries(global, old),
            global_bytes: global.head.exists.then(|| global.bytes()),
            extra: old.extra.clone(),
        };
        let active = if global.head.exists { global.active } else { old.active };
        let is_open = |id: &ProcessId| registry.entry(*id).is_some_and(|entry| !entry.archived);
        index.registry = Registry { active: active.filter(is_open), ..registry };
        index.is_stale |= index.registry.active != old.active
            || index.registry.global_bytes != old.global_bytes
            || index.registry.templates != old.templates;
        Ok(index)
    }

    /// Returns the numbers of all processes that ever left a trace, so that none is given twice.
    pub(crate) fn number_max(&self, global: &Global) -> Result<u32, Error> {
        let found = self.find_all()?.into_keys().map(ProcessId::number).max().unwrap_or(0);
        let folders = self.list(&self.layout().all_versions())?;
        let versions = folders.iter().filter_map(|entry| ProcessId::parse(&entry.name).ok());
        let versions = versions.map(ProcessId::number).max().unwrap_or(0);
        let imported = global.imported.iter().flat_map(|registry| &registry.processes);
        let imported = imported.map(|entry| entry.id.number()).max().unwrap_or(0);
        let reserved = self.reserved()?;
        Ok(found.max(versions).max(imported).max(global.number_max).max(reserved))
    }

    /// Returns the ids of all processes that have a journal or a file.
    pub(crate) fn ids(&self) -> Result<BTreeSet<ProcessId>, Error> {
        Ok(self.find_all()?.into_keys().collect())
    }

    fn find_all(&self) -> Result<BTreeMap<ProcessId, Traces>, Error> {
        let mut found: BTreeMap<ProcessId, Traces> = BTreeMap::new();
        for entry in self.list(&self.layout().history())? {
            if let Some(id) = process_of(&entry) {
                found.entry(id).or_default().journal = true;
            }
        }
        for entry in self.list(&self.layout().processes())? {
            if let Some(id) = process_of(&entry) {
                found.entry(id).or_default().view = true;
            }
        }
        for entry in self.list(&self.layout().archived())? {
            if let Some(id) = process_of(&entry) {
                found.entry(id).or_default().archived = true;
            }
        }
        Ok(found)
    }

    /// Tells by length and instant alone whether an entry still shows what the files say.
    fn is_fresh(
        &self,
        entry: &ProcessEntry,
        files: &Traces,
        modified: (i64, u32),
    ) -> Result<bool, Error> {
        let layout = self.layout();
        let journal =
            if files.journal { self.disk().stat(&layout.journal(entry.id))? } else { None };
        if entry.journal_bytes != journal.map(|stat| stat.len) || files.view && files.archived {
            return Ok(false);
        }
        let archived = files.archived;
        if archived != entry.archived && files.journal {
            return Ok(false);
        }
        let view = self.disk().stat(&layout.view(entry.id, archived))?;
        Ok(view.is_some_and(|stat| {
            stat.kind == FileKind::File
                && entry.view_bytes == Some(stat.len)
                && stat.modified < modified
        }))
    }

    /// Reads one process for its entry.
    pub(super) fn entry_of(
        &self,
        id: ProcessId,
        old: Option<&ProcessEntry>,
        now: &Timestamp,
    ) -> Result<Option<(ProcessEntry, Vec<String>)>, Error> {
        let (process, mut entry, notices) = match self.read_process(id)? {
            Some(record) => {
                let (process, notices) = record.shown(now)?;
                (process, record.entry()?, notices)
            }
            None => match self.read_unadopted(id, old, now)? {
                Some((process, bytes)) => {
                    let entry = ProcessEntry {
                        view_bytes: Some(bytes),
                        uid: None,
                        ..ProcessEntry::of(&process)
                    };
                    (process, entry, Vec::new())
                }
                None => return Ok(None),
            },
        };
        let shown = ProcessEntry::of(&process);
        entry = ProcessEntry {
            uid: entry.uid,
            revision: entry.revision,
            journal_bytes: entry.journal_bytes,
            view_bytes: entry.view_bytes,
            key: entry.key,
            extra: old.map(|old| old.extra.clone()).unwrap_or_default(),
            ..shown
        };
        Ok(Some((entry, notices)))
    }

    fn template_entries(&self, global: &Global, old: &Registry) -> Vec<TemplateEntry> {
        if !global.head.exists || global.is_shown {
            return old.templates.clone();
        }
        let entries = global.uses.iter().map(|(id, (count, last))| {
            let before = old.templates.iter().find(|entry| entry.id == *id);
            let builtin = process_core::template::builtin(id);
            let local = self.disk().stat(&self.layout().templates().join(format!("{id}.yaml")));
            let is_local = matches!(local, Ok(Some(_)));
            TemplateEntry {
                id: id.clone(),
                name: match (before, builtin) {
                    (Some(before), _) => before.name.clone(),
                    (None, Some(builtin)) => builtin.name,
                    (None, None) => id.clone(),
                },
                source: match before {
                    Some(before) => before.source.clone(),
                    None if is_local => "local".to_owned(),
                    None => "builtin".to_owned(),
                },
                path: before
                    .and_then(|before| before.path.clone())
                    .or_else(|| is_local.then(|| format!("templates/{id}.yaml"))),
                last_used: Some(last.clone()),
                usage_count: *count,
                extra: before.map(|before| before.extra.clone()).unwrap_or_default(),
            }
        });
        entries.collect()
    }
}

impl Index {
    /// Returns whether a process of this id is there, and its entry.
    #[must_use]
    pub fn entry(&self, id: ProcessId) -> Option<&ProcessEntry> {
        self.registry.entry(id)
    }
}

/// Returns the error for a text with these problems: the first one as its message, all of them with
/// their places and a source snippet as details.
pub(crate) fn problems(name: &str, text: &str, found: &[Diagnostic]) -> Error {
    let list: Vec<_> = found.iter().map(Diagnostic::to_json).collect();
    let snippets = process_core::diagnostic::render(found, name, text);
    Error::new(ErrorKind::Invalid, format!("cannot read `{name}`: {}", first(found)))
        .with_details(serde_json::json!({"problems": list, "rendered": snippets}))
}

pub(crate) fn first(problems: &[Diagnostic]) -> String {
    let more = problems.len().saturating_sub(1);
    match problems.first() {
        None => "it cannot be read".to_owned(),
        Some(problem) if more == 0 => problem.to_string(),
        Some(problem) => format!("{problem} (and {more} more)"),
    }
}

fn is_newer(problems: &[Diagnostic]) -> bool {
    problems.iter().any(|problem| problem.code == "newer_format")
}

/// Returns the process whose file or journal has this name.
fn process_of(entry: &Entry) -> Option<ProcessId> {
    ProcessId::parse(entry.name.strip_suffix(".yaml")?).ok()
}

/// Cuts the list of processes out of a registry's text, which may be long: what is left is the
/// text of a registry too.
fn without_processes(text: &str) -> String {
    let mut rest = String::new();
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        if !line.starts_with([' ', '-', '#', '\t', '\r', '\n']) {
            inside = line.starts_with("processes:");
        }
        if !inside {
            rest.push_str(line);
        }
    }
    rest
}
