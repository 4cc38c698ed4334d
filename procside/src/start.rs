//! Starting a process by a definition, durably; nothing of it is performed here.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use process_core::{
    Process, ProcessId, RegistryFact, StepStatus, TemplateId, Timestamp, Uid,
    definition::{Definition, STOP_GRACE},
    model::{Defaults, NAME_BYTES_MAX},
};
use process_engine::{Execution, Input, StartRun, checked_input};
use process_store::files::Record;
use serde_json::{Map, Value, json};

use crate::{
    definitions::Definitions,
    error::{Error, ErrorKind},
    named::Named,
    outcome::Changed,
    project::{Procside, absolute},
    simulate::input_values,
    source::{Source, refused, single_name},
};

/// The longest key, in bytes; it stands in the registry, of which every command reads all.
const KEY_BYTES_MAX: usize = 1024;

/// The most levels of processes that start processes.
const LEVELS_MAX: usize = 32;

/// How a process is started.
#[derive(Clone, Debug, Default)]
pub struct StartRequest {
    /// The path of a definition, the id of a template, or that of a process which was made from a
    /// template that is a definition.
    pub source: String,
    /// The folder to which the path is relative; the working directory when it is empty.
    pub folder: PathBuf,
    /// Input: names, and values as they are written on a command line.
    pub input: Vec<(String, String)>,
    /// Input as JSON; what `input` says counts over it.
    pub values: Map<String, Value>,
    /// A YAML or JSON file of input; `values` and `input` count over it.
    pub input_file: Option<PathBuf>,
    /// The name under which the process is started once only.
    pub key: Option<String>,
    /// Whether a process that this makes becomes the active one.
    pub becomes_active: bool,
    /// What started it; a person when there is none.
    pub trigger: Option<Value>,
}

/// A definition that is to run, and where it comes from.
pub(crate) struct Found {
    pub(crate) definition: Arc<Definition>,
    /// The template that it is.
    pub(crate) template: Option<String>,
    /// Its file, as a path from the project's folder where it lies there.
    pub(crate) path: Option<String>,
}

impl Procside {
    /// Starts a process, so that whoever drives it finds it: when this returns, the start is durable.
    ///
    /// A key that a process was started under gives that process, finished or not, also when two
    /// start at once; so does a process that runs already. Then no event is returned.
    /// The first process makes the project.
    ///
    /// # Errors
    /// `Invalid` with every problem of the definition or the input, before anything is written;
    /// `NotFound`; `Conflict` for a process whose steps people keep.
    pub fn start(&self, request: StartRequest) -> Result<Changed, Error> {
        let key = request.key.as_deref();
        if key.is_some_and(|key| key.trim().is_empty() || key.len() > KEY_BYTES_MAX) {
            let message = format!("a key must have 1 to {KEY_BYTES_MAX} bytes");
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        self.again(|| self.start_once(&request))
    }

    fn start_once(&self, request: &StartRequest) -> Result<Changed, Error> {
        let key = request.key.as_deref();
        let exists = self.place.exists()?;
        if exists && let Some(found) = self.started_under(key)? {
            return self.unchanged(found);
        }
        if exists
            && let Ok(id) = ProcessId::parse(&request.source)
            && self.has_process(id)?
        {
            return self.start_existing(id, request);
        }
        let definitions = Definitions::of(self, request.folder.clone());
        let found = self.found_definition(&definitions, &request.source)?;
        let input = given_input(&definitions, &found.definition, request)?;
        if !exists {
            if self.is_dry() {
                return self.start_nowhere(&found, input, request);
            }
            self.found_project()?;
        }
        if found.path.is_some() && !self.is_dry() {
            // Whoever names a file means what stands in it, and in what it names beside it.
            let folder = definitions.folder.join(&request.source);
            self.consent_to_all(&definitions, &found.definition, folder.parent());
        }
        let mut change = self.begin()?;
        // Somebody may have started it before the lock was ours.
        if let Some(id) = self.started_under(key)? {
            self.finish(change);
            return self.unchanged(id);
        }
        let id = change.next_id()?;
        let start = self.start_of(Some((id, &change.now)), &found, input, request);
        let process = start.process.as_deref();
        let (uid, template) = (process.map(|it| it.uid), found.template.clone());
        let uid = uid.unwrap_or_default();
        let mut facts = vec![RegistryFact::ProcessCreated { process: id, uid, template }];
        if request.becomes_active {
            facts.push(RegistryFact::Switched { process: id });
        }
        let record = change.create(id, vec![Input::Start(Box::new(start))], facts)?;
        Changed::end(change, &record, 0)
    }

    /// Returns the definition of this name, as a step of a process finds it: among the templates of
    /// the project, then beside the definition by which the process runs.
    ///
    /// # Errors
    /// `NotFound` for a process that is not there; `Invalid` for a definition that has errors.
    pub fn definition_named(
        &self,
        process: ProcessId,
        name: &str,
    ) -> Result<Option<Arc<Definition>>, Error> {
        let folder = self.folder_of_definition(process)?;
        let definitions = Definitions::of(self, self.root().to_owned());
        Named::within(&definitions, folder.as_deref()).look_up(name)
    }

    /// Returns the folder in which a process's definition lies: its own, or that of the process
    /// whose step started it.
    fn folder_of_definition(&self, process: ProcessId) -> Result<Option<PathBuf>, Error> {
        let mut next = process;
        for _ in 0..LEVELS_MAX {
            let (shown, record) = self.read(Some(next))?;
            if let Some(path) = shown.process.definition {
                return Ok(self.root().join(path).parent().map(Path::to_owned));
            }
            let parent = record.execution.run().and_then(process_engine::Run::parent);
            let Some(parent) = parent.map(|parent| parent.uid) else { return Ok(None) };
            let Some(found) = self.store()?.find_uid(parent)? else { return Ok(None) };
            next = found;
        }
        Ok(None)
    }

    /// Returns the definition from which a process was started, as it stands today.
    pub(crate) fn newest_definition(&self, process: &Process) -> Result<Arc<Definition>, Error> {
        let definitions = Definitions::of(self, self.root().to_owned());
        let source = match (&process.definition, &process.template) {
            (Some(path), _) => Some(definitions.source_of_file(&self.root().join(path))?),
            (None, Some(name)) => definitions.named_template(name)?,
            (None, None) => None,
        };
        let source = source.ok_or_else(|| {
            let message = format!("it is not known by which definition {} was started", process.id);
            Error::new(ErrorKind::NotFound, message).with_hint("name it: `procside adopt ID FILE`")
        })?;
        source.validate().usable().cloned()
    }

    /// Returns the process that was started under a key.
    fn started_under(&self, key: Option<&str>) -> Result<Option<ProcessId>, Error> {
        let Some(key) = key else { return Ok(None) };
        Ok(self.place.find_key(key, &self.now())?)
    }

    fn has_process(&self, id: ProcessId) -> Result<bool, Error> {
        Ok(self.place.catalog(&self.now())?.entry(id)?.is_some())
    }

    /// Returns a process that is there already, as it stands.
    fn unchanged(&self, id: ProcessId) -> Result<Changed, Error> {
        let (shown, record) = self.read(Some(id))?;
        let run = record.execution.run().map(process_engine::Run::to_value);
        let (process, notices) = (shown.process, shown.notices);
        Ok(Changed { process, events: Vec::new(), run, notices })
    }

    /// Starts a process that was made from a template which is a definition.
    fn start_existing(&self, id: ProcessId, request: &StartRequest) -> Result<Changed, Error> {
        let mut change = self.begin()?;
        let mut record = change.load(id)?;
        let known = record.events.len();
        if let Some(run) = record.execution.run() {
            let has_input = !request.input.is_empty()
                || !request.values.is_empty()
                || request.input_file.is_some();
            if has_input || request.key.as_deref().is_some_and(|key| run.start_key() != Some(key)) {
                let message = format!("{id} was started already, with its own input and key");
                return Err(Error::new(ErrorKind::Conflict, message));
            }
            self.finish(change);
            return self.unchanged(id);
        }
        let definitions = Definitions::of(self, request.folder.clone());
        let found = self.definition_of_template(&definitions, &record)?;
        let input = given_input(&definitions, &found.definition, request)?;
        let start = self.start_of(None, &found, input, request);
        self.commit(&mut change, &mut record, vec![Input::Start(Box::new(start))])?;
        if request.becomes_active {
            change.record(vec![RegistryFact::Switched { process: id }])?;
        }
        Changed::end(change, &record, known)
    }

    /// Returns the definition by which a process can be started that was made from a template.
    fn definition_of_template(
        &self,
        definitions: &Definitions,
        record: &Record,
    ) -> Result<Found, Error> {
        let process = record.process()?;
        let no = |why: &str| {
            let message = format!("{} cannot be started: {why}", process.id);
            Error::new(ErrorKind::Conflict, message)
                .with_hint("start a process of its own: `procside run FILE|TEMPLATE`")
        };
        let Some(name) = &process.template else {
            return Err(no("it was made by hand and has no definition"));
        };
        let template = self.template(&TemplateId::parse(name)?)?;
        if template.kind() != "definition" {
            return Err(no(&format!("its template `{name}` is a checklist")));
        }
        let source = definitions.named_template(name)?;
        let source = source.ok_or_else(|| no(&format!("its template `{name}` is gone")))?;
        let definition = source.validate().usable()?.clone();
        let ids = definition.steps.iter().map(|step| &step.id);
        if !ids.eq(process.steps.iter().map(|step| &step.id)) {
            return Err(no(&format!("its steps are not those of its template `{name}` any more")));
        }
        if process.steps.iter().any(|step| step.status != StepStatus::Pending) {
            return Err(no("its steps were begun by hand"));
        }
        Ok(Found { definition, template: Some(name.clone()), path: None })
    }

    /// Returns the definition that a path or the id of a template means.
    pub(crate) fn found_definition(
        &self,
        definitions: &Definitions,
        wanted: &str,
    ) -> Result<Found, Error> {
        let path = definitions.folder.join(wanted);
        let source = match definitions.source(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message = format!("there is no definition or template `{wanted}`");
                return Err(Error::new(ErrorKind::NotFound, message)
                    .with_hint("name a file, or one of those that `procside templates` lists"));
            }
            source => source?,
        };
        let is_file = self.files().disk().stat(&path)?.is_some();
        let stem = source.file.as_ref().and_then(|(file, _)| Some(file.file_stem()?.to_owned()));
        let definition = source.validate().usable()?.clone();
        if is_file {
            let path = absolute(&path)?;
            let path = path.strip_prefix(self.root()).unwrap_or(&path);
            let path = Some(path.to_string_lossy().into_owned());
            return Ok(Found { definition, template: None, path });
        }
        let name = single_name(Path::new(wanted)).filter(|it| TemplateId::parse(it).is_ok());
        let stem = stem.map(|stem| stem.to_string_lossy().into_owned());
        Ok(Found { definition, template: name.map(str::to_owned).or(stem), path: None })
    }

    /// Shows what the first process of a project would be, where there is no project yet.
    fn start_nowhere(
        &self,
        found: &Found,
        input: Value,
        request: &StartRequest,
    ) -> Result<Changed, Error> {
        let id = ProcessId::parse("proc-001")?;
        let now = self.now();
        let start = self.start_of(Some((id, &now)), found, input, request);
        let mut execution = Execution::default();
        let events = execution.advance(&now, self.identity(), Input::Start(Box::new(start)))?;
        let process = execution
            .process()
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::Invalid, "the definition makes no process"))?;
        let run = execution.run().map(process_engine::Run::to_value);
        Ok(Changed { process, events, run, notices: Vec::new() })
    }

    /// Returns what starts a process; with an id and an instant it makes it.
    fn start_of(
        &self,
        new: Option<(ProcessId, &Timestamp)>,
        found: &Found,
        input: Value,
        request: &StartRequest,
    ) -> StartRun {
        let uid = (self.surroundings.uids)();
        let process = new.map(|(id, now)| {
            let definition = &found.definition;
            let goal = definition.description.clone().unwrap_or_default();
            let defaults = Defaults { id, uid, now: now.clone() };
            let name = shortened(&definition.name);
            Box::new(Process {
                template: found.template.clone(),
                definition: found.path.clone(),
                ..Process::new(defaults, name, shortened(&goal))
            })
        });
        StartRun {
            definition: found.definition.clone(),
            process,
            input,
            trigger: request.trigger.clone().unwrap_or_else(|| json!({"type": "manual"})),
            seed: seed_of(uid),
            key: request.key.clone(),
            parent: None,
            limit: None,
            stop_grace: STOP_GRACE,
        }
    }
}

impl Definitions {
    /// Reads a file of values by name.
    fn values_in(&self, path: &Path) -> Result<Map<String, Value>, Error> {
        let source: Source = self.source_of_file(path)?;
        let bad = |problem| refused(&source.name, &source.text, &[problem]);
        let node = source.node().map_err(bad)?;
        match node.to_json() {
            Value::Object(map) => Ok(map),
            Value::Null => Ok(Map::new()),
            _ => {
                let message = format!("cannot use `{}`: input must be a map", source.name);
                Err(Error::new(ErrorKind::Invalid, message))
            }
        }
    }
}

/// Returns the input as the definition takes it, defaults included.
fn given_input(
    definitions: &Definitions,
    definition: &Definition,
    request: &StartRequest,
) -> Result<Value, Error> {
    let mut given = match &request.input_file {
        Some(path) => definitions.values_in(path)?,
        None => Map::new(),
    };
    given.extend(request.values.clone());
    given.extend(input_values(definition, &request.input));
    Ok(checked_input(definition, Value::Object(given))?)
}

/// Returns a number that decides everything which is left to chance.
fn seed_of(uid: Uid) -> u64 {
    let (high, low) = uid.halves();
    high ^ low
}

/// Returns a text that is no longer than a name may be.
fn shortened(text: &str) -> String {
    let end = (0..=text.len().min(NAME_BYTES_MAX)).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].to_owned()
}
