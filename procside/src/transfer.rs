//! Export and import: a process as a file that stands alone.

use std::path::Path;

use process_core::{
    Event, Fact, Process, ProcessId, RegistryFact, Timestamp, Uid,
    model::Defaults,
    render,
    yaml::{self, Node},
};
use process_engine::{Execution, Import, Input};
use process_store::{
    disk::{Disk, FileKind, OsDisk},
    replace::{Durability, replace},
};
use serde_json::{Value, json};

use crate::{
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// The version of the export format that is written, and the highest that is read.
const EXPORT_FORMAT: u64 = 1;

/// The key that tells an export with history from a process file.
const EXPORT_KEY: &str = "procside_export";

/// The key of a process file that carries the document along.
const DOCUMENT_KEY: &str = "document";

/// What is wrong with events that do not stay with one process.
const ANOTHER: &str = "an event makes another process of it";

/// The form of an export.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExportFormat {
    /// A guide for people; it cannot be imported.
    Markdown,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

impl Procside {
    /// Returns a process as a text that stands alone (docs/formats/export.md).
    ///
    /// With its history, importing it again loses nothing.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a guide with history.
    pub fn export(
        &self,
        id: ProcessId,
        format: ExportFormat,
        with_history: bool,
    ) -> Result<String, Error> {
        let (shown, record) = self.read(Some(id))?;
        if format == ExportFormat::Markdown {
            if with_history {
                let message = "a Markdown guide holds no history";
                return Err(
                    Error::new(ErrorKind::Invalid, message).with_hint("use --format yaml or json")
                );
            }
            return Ok(render::markdown(&shown.process));
        }
        let value = if with_history {
            // A hand edit that no event tells yet would not come back with the events.
            let process = record.process()?.to_value();
            let events: Vec<Value> =
                self.place.events(&record, 0)?.iter().map(Event::to_value).collect();
            json!({EXPORT_KEY: EXPORT_FORMAT, "process": process, "events": events})
        } else {
            alone(&shown.process, record.shown_document().0)?
        };
        Ok(match format {
            ExportFormat::Markdown | ExportFormat::Yaml => yaml::write(&value),
            ExportFormat::Json => escaped(&format!("{value:#}\n")),
        })
    }

    /// Writes a text to a file outside or inside the project, atomically.
    ///
    /// # Errors
    /// `Invalid` for a path inside the project's own folder, or one that is a link, pipe or device;
    /// else whatever the disk says. The old file is then as it was.
    pub fn write_file(&self, path: &Path, text: &str) -> Result<(), Error> {
        let disk = self.surroundings.disk.as_ref();
        require_file(disk, path)?;
        if self.is_own(path) {
            return Err(unwritable(path, "it is where the project keeps its own files"));
        }
        if !self.is_dry() {
            replace(disk, path, text.as_bytes(), Durability::SyncedWithFolder)?;
        }
        Ok(())
    }

    /// Writes a file that belongs to no project and can be made anew at any time, such as a manual
    /// page: atomically, but a power cut may leave it empty.
    ///
    /// # Errors
    /// `Invalid` for anything but a file in its place, and whatever the disk says.
    pub fn write_derived_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
        require_file(&OsDisk, path)?;
        replace(&OsDisk, path, bytes, Durability::Derived)?;
        Ok(())
    }

    /// Returns whether a path lies where the project keeps its own files, links followed.
    fn is_own(&self, path: &Path) -> bool {
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let layout = self.files().layout();
        let parent = real(parent);
        parent.starts_with(real(layout.folder()))
            || (parent == real(layout.root()) && path.file_name() == layout.config().file_name())
    }

    /// Takes in a process from a file: an export, or a process file of this or another program.
    ///
    /// # Errors
    /// `Invalid` with every problem of the file; nothing is taken in then.
    pub fn import(&self, path: &Path, name: Option<String>) -> Result<Changed, Error> {
        let text = self.read_import(path)?;
        let shown = path.display().to_string();
        let node = yaml::read(&text).map_err(|problem| invalid(&shown, &problem.to_string()))?;
        if !self.place.exists()? {
            // What cannot be taken in makes no project.
            let would_be = self.import_nowhere(&shown, &node, name.clone())?;
            if self.is_dry() {
                return Ok(would_be);
            }
            self.place.found()?;
        }
        self.again(|| self.import_once(&shown, &node, name.clone()))
    }

    fn import_once(
        &self,
        shown: &str,
        node: &Node,
        name: Option<String>,
    ) -> Result<Changed, Error> {
        let mut change = self.begin()?;
        let id = change.next_id()?;
        let catalog = self.place.catalog(&change.now)?;
        let active = catalog.active()?;
        let is_taken = |process: &Process| catalog.by_uid(process.uid).map(|found| found.is_some());
        let facts = |uid| {
            let mut facts = vec![imported(id, uid, shown)];
            if active.is_none() {
                facts.push(RegistryFact::Switched { process: id });
            }
            facts
        };
        let record = match events_of(shown, node, id)? {
            Some(mut events) => {
                let process = whole(shown, &events)?;
                let uid = if is_taken(&process)? { change.fresh_uid() } else { process.uid };
                events.iter_mut().for_each(|event| identify(&mut event.fact, id, uid));
                if let Some(name) = name {
                    events.extend(renamed(&events, &change.now, &change.by, name)?);
                }
                let taken_in = whole(shown, &events)?;
                if (taken_in.id, taken_in.uid) != (id, uid) {
                    return Err(invalid(shown, ANOTHER));
                }
                change.create_from_events(id, events, facts(uid))?
            }
            None => {
                let defaults = Defaults { id, uid: change.fresh_uid(), now: change.now.clone() };
                let mut import = import_of(shown, node, &defaults, name)?;
                if is_taken(&import.process)? {
                    import.process.uid = defaults.uid;
                }
                let facts = facts(import.process.uid);
                change.create(id, vec![Input::Import(Box::new(import))], facts)?
            }
        };
        Changed::end(change, &record, 0)
    }

    /// Shows what the first process of a project would be, where there is no project yet.
    fn import_nowhere(
        &self,
        shown: &str,
        node: &Node,
        name: Option<String>,
    ) -> Result<Changed, Error> {
        let (now, by) = (self.now(), self.identity());
        let id = ProcessId::parse("proc-001")?;
        let events = match events_of(shown, node, id)? {
            Some(mut events) => {
                whole(shown, &events)?;
                if let Some(name) = name {
                    events.extend(renamed(&events, &now, by, name)?);
                }
                events
            }
            None => {
                let defaults = Defaults { id, uid: (self.surroundings.uids)(), now: now.clone() };
                let import = import_of(shown, node, &defaults, name)?;
                let input = Input::Import(Box::new(import));
                let decided = Execution::default().decide(&now, by, input);
                decided.map_err(process_store::Error::from)?
            }
        };
        Ok(Changed { process: whole(shown, &events)?, events, run: None, notices: Vec::new() })
    }

    fn read_import(&self, path: &Path) -> Result<String, Error> {
        let limit = yaml::TEXT_BYTES_MAX as u64;
        let bytes = self.surroundings.disk.read(path, limit)?;
        String::from_utf8(bytes)
            .map_err(|_| invalid(&path.display().to_string(), "it is not UTF-8"))
    }
}

/// Returns a process file with the document in it.
fn alone(process: &Process, document: Option<&str>) -> Result<Value, Error> {
    let own = process.extra.get(DOCUMENT_KEY);
    if own.is_some_and(|own| document.is_some() || own.is_string()) {
        let message = format!("{} has an unknown key `{DOCUMENT_KEY}`", process.id);
        return Err(Error::new(ErrorKind::Invalid, message)
            .with_hint("it would be taken for the document: export it with --history"));
    }
    let mut value = process.to_value();
    if let Some(text) = document {
        value[DOCUMENT_KEY] = text.into();
    }
    Ok(value)
}

/// Returns JSON with every character inside a text escaped that YAML refuses to read as it is: all
/// control characters, DEL and C1 too, and U+FFFE and U+FFFF.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() && c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}') {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Refuses anything but a file, or nothing, in the place of a file that is to be written.
fn require_file(disk: &dyn Disk, path: &Path) -> Result<(), Error> {
    match disk.stat(path)?.map(|stat| stat.kind) {
        None | Some(FileKind::File) => Ok(()),
        Some(FileKind::Folder) => Err(unwritable(path, "it is a folder")),
        Some(FileKind::Link) => Err(unwritable(path, "it is a link")),
        Some(FileKind::Other) => Err(unwritable(path, "it is a pipe or device")),
    }
}

fn unwritable(path: &Path, reason: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("cannot write `{}`: {reason}", path.display()))
}

fn invalid(name: &str, reason: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("cannot import `{name}`: {reason}"))
}

/// Returns the events that give an imported process another name.
fn renamed(events: &[Event], now: &Timestamp, by: &str, name: String) -> Result<Vec<Event>, Error> {
    let patch = json!([{"op": "replace", "path": "/name", "value": name}]);
    let decided = Execution::replay(events).decide(now, by, Input::Edit { patch });
    Ok(decided.map_err(process_store::Error::from)?)
}

/// Returns what is taken in from a process file.
fn import_of(
    shown: &str,
    node: &Node,
    defaults: &Defaults,
    name: Option<String>,
) -> Result<Import, Error> {
    let mut process = Process::read_any_id(node, defaults).map_err(|problems| {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        invalid(shown, &list.join("; "))
    })?;
    process.name = name.unwrap_or(process.name);
    let document = match process.extra.get(DOCUMENT_KEY) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    if document.is_some() {
        process.extra.shift_remove(DOCUMENT_KEY);
    }
    Ok(Import {
        process,
        source: shown.to_owned(),
        document,
        versions: Vec::new(),
        entries: Vec::new(),
        version_reason: Some(format!("Imported from {shown}")),
    })
}

fn imported(process: ProcessId, uid: Uid, source: &str) -> RegistryFact {
    RegistryFact::ProcessImported { process, uid, source: source.to_owned() }
}

/// Returns the events of an export with history, told of the new id; `None` for a process file.
fn events_of(name: &str, node: &Node, id: ProcessId) -> Result<Option<Vec<Event>>, Error> {
    let Value::Object(map) = node.to_json() else {
        return Err(invalid(name, "it must be a map"));
    };
    let Some(format) = map.get(EXPORT_KEY) else { return Ok(None) };
    if format.as_u64().is_none_or(|format| format > EXPORT_FORMAT) {
        return Err(invalid(
            name,
            &format!("export format {format} is newer than {EXPORT_FORMAT}"),
        )
        .with_hint("use a newer procside"));
    }
    let Some(Value::Array(values)) = map.get("events") else {
        return Err(invalid(name, "`events` is no list"));
    };
    let mut events = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let value = with_id(value, id);
        let event = Event::from_value(&value)
            .map_err(|reason| invalid(name, &format!("event {}: {reason}", index + 1)))?;
        if event.seq != index as u64 + 1 {
            return Err(invalid(name, &format!("event {} has number {}", index + 1, event.seq)));
        }
        events.push(event);
    }
    if changes_identity(&events) {
        return Err(invalid(name, ANOTHER));
    }
    Ok(Some(events))
}

/// Returns whether events say of their process, on the way, that it is another one: no edit touches
/// its id or uid, and every process that an event carries has the same uid.
fn changes_identity(events: &[Event]) -> bool {
    let mut known = None;
    events.iter().any(|event| {
        if let Some(process) = event.fact.process() {
            *known.get_or_insert(process.uid) != process.uid
        } else if let Fact::Edited { patch } | Fact::ProcessPatched { patch, .. } = &event.fact {
            patch.as_array().into_iter().flatten().any(touches_identity)
        } else {
            false
        }
    })
}

/// Returns whether an operation of a patch is about the whole process, its id or its uid.
fn touches_identity(operation: &Value) -> bool {
    ["path", "from"]
        .iter()
        .any(|key| operation[*key].as_str().is_some_and(|path| matches!(path, "" | "/id" | "/uid")))
}

/// Returns an event with the process that it carries under another id.
fn with_id(event: &Value, id: ProcessId) -> Value {
    let mut event = event.clone();
    if let Some(Value::Object(process)) = event.get_mut("process") {
        process.insert("id".to_owned(), id.to_string().into());
    }
    event
}

fn identify(fact: &mut Fact, id: ProcessId, uid: Uid) {
    if let Fact::Created { process, .. }
    | Fact::Imported { process, .. }
    | Fact::Restored { process, .. } = fact
    {
        (process.id, process.uid) = (id, uid);
    }
}

fn whole(name: &str, events: &[Event]) -> Result<Process, Error> {
    Execution::replay(events)
        .process()
        .cloned()
        .ok_or_else(|| invalid(name, "no event makes the process"))
}
