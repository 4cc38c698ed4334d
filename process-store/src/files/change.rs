//! One operation: lock, absorb hand edits, decide, append, replace what is derived, release.

use std::{collections::BTreeMap, path::Path, time::Duration};

use process_core::{Event, ProcessId, RegistryFact, Timestamp, registry::ProcessEntry};
use process_engine::{Effect, Execution, Input, effects};
use serde_json::Value;

use super::{
    Files, Global, Record,
    document::Sheet,
    view::{EDITOR, View},
};
use crate::{
    error::{Error, ErrorKind},
    journal::{self, Head},
    lock::{Lock, LockOptions},
    replace::{Durability, remove_temporaries, replace},
};

/// Who changes what when, and whether for real.
pub struct Change<'a> {
    pub(super) files: &'a Files,
    /// Held until the change is dropped; a dry run holds none.
    lock: Option<Lock<'a>>,
    /// The journal of the registry.
    pub global: Global,
    /// The instant of everything that this change does.
    pub now: Timestamp,
    /// Who does it.
    pub by: String,
    pub(super) notices: Vec<Notice>,
    /// What the registry is to say of the processes that this change wrote.
    pub(super) touched: BTreeMap<ProcessId, ProcessEntry>,
}

/// Something that was repaired or could not be done beside the operation, for people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice(pub String);

impl Files {
    /// Begins an operation: takes the lock, and takes in what an older program left.
    ///
    /// # Errors
    /// `Locked` after five seconds, `NotFound` when there is no project, and whatever the disk says.
    pub fn change(&self, now: &Timestamp, by: &str) -> Result<Change<'_>, Error> {
        self.change_within(now, by, LockOptions::default().wait)
    }

    /// Begins an operation like [`Files::change`], if nobody holds the lock at this moment.
    ///
    /// # Errors
    /// `Locked` at once.
    pub fn try_change(&self, now: &Timestamp, by: &str) -> Result<Change<'_>, Error> {
        self.change_within(now, by, Duration::ZERO)
    }

    fn change_within(
        &self,
        now: &Timestamp,
        by: &str,
        wait: Duration,
    ) -> Result<Change<'_>, Error> {
        if !self.exists()? {
            return Err(no_project(self.layout().root()));
        }
        let lock = self.lock_within(wait)?;
        let mut change = self.begin(Some(lock), now, by)?;
        let layout = self.layout();
        for folder in [layout.folder().to_owned(), layout.processes(), layout.archived()] {
            if !self.list(&folder)?.is_empty() {
                remove_temporaries(self.disk(), &folder)?;
            }
        }
        change.take_in_registry()?;
        change.migrate()?;
        Ok(change)
    }

    /// Begins an operation that only shows what it would do: it takes no lock and writes nothing.
    ///
    /// # Errors
    /// `NotFound` when there is no project, and whatever the disk says.
    pub fn dry_run(&self, now: &Timestamp, by: &str) -> Result<Change<'_>, Error> {
        if !self.exists()? {
            return Err(no_project(self.layout().root()));
        }
        self.begin(None, now, by)
    }

    fn begin<'a>(
        &'a self,
        lock: Option<Lock<'a>>,
        now: &Timestamp,
        by: &str,
    ) -> Result<Change<'a>, Error> {
        Ok(self.begin_with(lock, self.read_global()?, now, by))
    }

    pub(super) fn begin_with<'a>(
        &'a self,
        lock: Option<Lock<'a>>,
        global: Global,
        now: &Timestamp,
        by: &str,
    ) -> Change<'a> {
        Change {
            files: self,
            lock,
            global,
            now: now.clone(),
            by: by.to_owned(),
            notices: Vec::new(),
            touched: BTreeMap::new(),
        }
    }
}

impl Change<'_> {
    /// Returns whether nothing is written.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.lock.is_none()
    }

    /// Reads a process that is to be changed; one without a journal is to be taken in with the
    /// first commit.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal, `Invalid` for a file that cannot be taken in.
    pub fn load(&mut self, id: ProcessId) -> Result<Record, Error> {
        if let Some(record) = self.files.read_process(id)? {
            return Ok(record);
        }
        if let Some(record) = self.adopt(id)? {
            return Ok(record);
        }
        if self.is_dry()
            && self.files.is_legacy()?
            && id == self.next_id()?
            && let Some(record) = self.legacy_record(id)?
        {
            return Ok(record);
        }
        Err(unknown(id))
    }

    /// Decides the inputs one after the other, and makes what follows durable as one group, hand
    /// edits of the process's file first.
    ///
    /// # Errors
    /// The first refusal, or whatever the disk says before the group is durable; nothing has
    /// changed then. What fails behind that is a notice: it is derived and made up for later.
    pub fn commit(&mut self, record: &mut Record, inputs: Vec<Input>) -> Result<(), Error> {
        if record.fork.is_some() {
            return if inputs.is_empty() { Ok(()) } else { Err(forked(record)) };
        }
        let mut execution = record.execution.clone();
        let mut events = Vec::new();
        let mut take = |execution: &mut Execution, decided: Vec<Event>| {
            decided.iter().for_each(|event| execution.apply(event));
            events.extend(decided);
        };
        if let Some(import) = &record.import {
            let input = Input::Import(import.clone());
            let decided = execution.decide(&self.now, &self.by, input)?;
            take(&mut execution, decided);
        }
        let mut refused = None;
        if let View::Edited { patch, .. } = &record.found.view {
            match execution.decide(&self.now, EDITOR, Input::Edit { patch: patch.clone() }) {
                Ok(decided) => take(&mut execution, decided),
                Err(reason) => refused = Some(reason.to_string()),
            }
        }
        if let Some(input) = record.document_edit() {
            record.found.document.sheet = match execution.decide(&self.now, EDITOR, input) {
                Ok(decided) => {
                    take(&mut execution, decided);
                    Sheet::Stale
                }
                Err(reason) => Sheet::Invalid { reason: reason.to_string() },
            };
        }
        for input in inputs {
            let decided = execution.decide(&self.now, &self.by, input)?;
            take(&mut execution, decided);
        }
        if let Some(reason) = refused {
            record.found.view = View::Invalid {
                problems: vec![process_core::Diagnostic::error(
                    "refused_edit",
                    process_core::Place::UNKNOWN,
                    reason,
                )],
            };
        }
        if self.is_dry() {
            record.execution = execution;
            record.events.extend(events);
            return Ok(());
        }
        self.store(record, execution, events)
    }

    /// Makes a process: its journal first, then its file, then its place in the registry.
    ///
    /// # Errors
    /// A refusal, or whatever the disk says before the journal is durable.
    pub fn create(
        &mut self,
        id: ProcessId,
        inputs: Vec<Input>,
        facts: Vec<RegistryFact>,
    ) -> Result<Record, Error> {
        let path = self.files.layout().view(id, false);
        let mut record = Record::empty(id, path);
        if !self.is_dry() {
            self.files.lay_out()?;
        }
        self.commit(&mut record, inputs)?;
        self.record_behind(facts);
        Ok(record)
    }

    /// Makes a process whose whole history is known: its events stand as they are.
    ///
    /// # Errors
    /// Whatever the disk says before the journal is durable.
    pub fn create_from_events(
        &mut self,
        id: ProcessId,
        events: Vec<Event>,
        facts: Vec<RegistryFact>,
    ) -> Result<Record, Error> {
        let mut record = Record::empty(id, self.files.layout().view(id, false));
        let execution = Execution::replay(&events);
        if self.is_dry() {
            record.execution = execution;
            record.events = events;
            return Ok(record);
        }
        self.files.lay_out()?;
        self.store(&mut record, execution, events)?;
        self.record_behind(facts);
        Ok(record)
    }

    /// Returns the next id; it was never given before.
    ///
    /// # Errors
    /// `Invalid` when there is none left.
    pub fn next_id(&self) -> Result<ProcessId, Error> {
        let number = self.files.number_max(&self.global)?;
        ProcessId::from_number(number.saturating_add(1))
            .ok_or_else(|| Error::new(ErrorKind::Invalid, "there is no process number left"))
    }

    /// Records what happens to the registry itself.
    ///
    /// # Errors
    /// Whatever the disk says before it is durable.
    pub fn record(&mut self, facts: Vec<RegistryFact>) -> Result<(), Error> {
        if self.is_dry() {
            return Ok(());
        }
        let (files, now, by) = (self.files, self.now.clone(), self.by.clone());
        if !self.global.head.exists {
            files.lay_out()?;
        }
        files.make_history(!self.global.head.exists)?;
        self.global.append(files, &now, &by, facts)
    }

    /// Records what happens to the registry behind a process whose journal is durable already: a
    /// failure would make the caller repeat what is there, so it is a notice.
    pub(super) fn record_behind(&mut self, facts: Vec<RegistryFact>) {
        if let Err(error) = self.record(facts) {
            self.note(format!("the registry's journal could not be written: {error}"));
        }
    }

    /// Ends the operation: brings the registry up to date and lets go of the lock.
    ///
    /// Everything is durable already, so what fails here is a notice.
    #[must_use]
    pub fn finish(mut self) -> Vec<Notice> {
        if !self.is_dry()
            && let Err(error) = self.write_registry()
        {
            self.note(format!("registry.yaml could not be written: {error}"));
        }
        if let Some(lock) = self.lock.take()
            && let Err(error) = lock.release()
        {
            self.note(error.to_string());
        }
        std::mem::take(&mut self.notices)
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notices.push(Notice(text.into()));
    }

    /// Appends the events of a record, and writes what is derived from them.
    pub(super) fn store(
        &mut self,
        record: &mut Record,
        execution: Execution,
        events: Vec<Event>,
    ) -> Result<(), Error> {
        if !events.is_empty() {
            let torn = record.head.torn_bytes();
            if record.head.exists && matches!(record.found.view, View::Current { .. }) {
                // The file was written behind the sync of the journal's folder.
                record.head.trust_name();
            }
            let values: Vec<Value> = events.iter().map(Event::to_value).collect();
            let path = self.files.layout().journal(record.id);
            if !self.global.head.exists {
                self.files.lay_out()?;
            }
            self.files.make_history(!record.head.exists)?;
            record.head = self.append(record, &path, &values)?;
            if torn > 0 {
                let path = self.files.layout().shown(&path);
                self.note(format!("{path}: {torn} bytes of a write that never ended were cut off"));
            }
        }
        let adopted = record.import.take().is_some();
        record.replaces_journal = false;
        record.execution = execution;
        let kept: Vec<u64> = events
            .iter()
            .flat_map(effects)
            .filter_map(|effect| match effect {
                Effect::KeepVersion { number } => Some(number),
                // These are a driver's.
                Effect::OpenProcess { .. }
                | Effect::Perform { .. }
                | Effect::Stop { .. }
                | Effect::Tell { .. } => None,
            })
            .collect();
        record.events.extend(events);
        self.derive(record, &kept);
        if adopted && let Some(process) = record.execution.process() {
            let (process, uid) = (process.id, process.uid);
            let source = EDITOR.to_owned();
            self.record_behind(vec![RegistryFact::ProcessImported { process, uid, source }]);
        }
        Ok(())
    }

    fn append(&self, record: &Record, path: &Path, values: &[Value]) -> Result<Head, Error> {
        let disk = self.files.disk();
        if !record.replaces_journal {
            return journal::append(disk, path, &record.head, values);
        }
        // What another program kept there is in the events by now.
        let (text, head) = journal::whole(path, values)?;
        replace(disk, path, text.as_bytes(), Durability::SyncedWithFolder)?;
        Ok(head)
    }
}

/// Returns the error for a process that is not there.
pub(crate) fn unknown(id: ProcessId) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no process {id}"))
        .with_hint("`procside list --all` shows every process")
}

/// Returns the error for a registry that is left alone.
pub(super) fn newer_registry(path: &Path) -> Error {
    Error::new(ErrorKind::Invalid, "registry.yaml was written by a newer version")
        .at(path)
        .with_hint("use a newer procside; nothing was changed")
}

pub(super) fn forked(record: &Record) -> Error {
    let what = if record.has_twin {
        "holds two processes of one id"
    } else {
        "has two branches that were merged"
    };
    Error::new(ErrorKind::Conflict, format!("history/{}.yaml {what}", record.id))
        .with_hint("`procside doctor --fix` brings them together; nothing is lost")
}

pub(super) fn no_project(root: &Path) -> Error {
    let message = format!("there is no project in `{}` or above it", root.display());
    Error::new(ErrorKind::NotFound, message).with_hint("`procside init` makes one")
}
