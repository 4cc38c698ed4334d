//! One operation: load, decide, append.

use process_core::{Event, ProcessId, RegistryFact, Timestamp, Uid};
use process_engine::{Execution, Input};

use super::{Place, Sqlite};
use crate::{
    error::{Error, ErrorKind},
    files::{self, Notice, Record},
    store::{Group, Store},
};

/// Who changes what when, and whether for real.
///
/// In files it holds the lock, so nobody is faster. In SQLite it holds nothing: what was decided on
/// an older state is refused with an error that [`Error::is_overtaken`], and the whole operation is
/// to be repeated.
pub struct Change<'a> {
    /// The instant of everything that this change does.
    pub now: Timestamp,
    /// Who does it.
    pub by: String,
    kept: Kept<'a>,
}

enum Kept<'a> {
    Files(Box<files::Change<'a>>),
    Sqlite { place: &'a Place, sqlite: Sqlite, is_dry: bool },
}

impl<'a> Change<'a> {
    pub(super) fn in_files(change: files::Change<'a>) -> Self {
        let (now, by) = (change.now.clone(), change.by.clone());
        Self { now, by, kept: Kept::Files(Box::new(change)) }
    }

    pub(super) fn in_sqlite(
        place: &'a Place,
        sqlite: Sqlite,
        (now, by): (&Timestamp, &str),
        is_dry: bool,
    ) -> Self {
        let kept = Kept::Sqlite { place, sqlite, is_dry };
        Self { now: now.clone(), by: by.to_owned(), kept }
    }

    /// Returns whether nothing is written.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        match &self.kept {
            Kept::Files(change) => change.is_dry(),
            Kept::Sqlite { is_dry, .. } => *is_dry,
        }
    }

    /// Reads a process that is to be changed.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal, `Invalid` for a file that cannot be taken in.
    pub fn load(&mut self, id: ProcessId) -> Result<Record, Error> {
        match &mut self.kept {
            Kept::Files(change) => change.load(id),
            Kept::Sqlite { sqlite, .. } => match sqlite.load(id)? {
                Some(execution) => Ok(Record::of_execution(id, execution)),
                None => Err(files::unknown(id)),
            },
        }
    }

    /// Decides the inputs one after the other, and makes what follows durable as one group.
    ///
    /// # Errors
    /// The first refusal, or whatever the disk says before the group is durable; nothing has
    /// changed then.
    pub fn commit(&mut self, record: &mut Record, inputs: Vec<Input>) -> Result<(), Error> {
        if let Kept::Files(change) = &mut self.kept {
            return change.commit(record, inputs);
        }
        self.decide(record, inputs, false)
    }

    /// Makes a process; what the registry is to say of it is among the facts.
    ///
    /// # Errors
    /// A refusal, or whatever the disk says before the process is durable.
    pub fn create(
        &mut self,
        id: ProcessId,
        inputs: Vec<Input>,
        facts: Vec<RegistryFact>,
    ) -> Result<Record, Error> {
        if let Kept::Files(change) = &mut self.kept {
            return change.create(id, inputs, facts);
        }
        let mut record = Record::of_execution(id, Execution::default());
        self.decide(&mut record, inputs, becomes_active(&facts))?;
        Ok(record)
    }

    /// Makes a process whose whole history is known: its events stand as they are.
    ///
    /// # Errors
    /// Whatever the disk says before the process is durable.
    pub fn create_from_events(
        &mut self,
        id: ProcessId,
        events: Vec<Event>,
        facts: Vec<RegistryFact>,
    ) -> Result<Record, Error> {
        if let Kept::Files(change) = &mut self.kept {
            return change.create_from_events(id, events, facts);
        }
        let mut record = Record::of_execution(id, Execution::default());
        let execution = Execution::replay(&events);
        self.append(&mut record, execution, events, becomes_active(&facts))?;
        Ok(record)
    }

    /// Returns the next id; it was never given before.
    ///
    /// # Errors
    /// `Invalid` when there is none left.
    pub fn next_id(&self) -> Result<ProcessId, Error> {
        match &self.kept {
            Kept::Files(change) => change.next_id(),
            Kept::Sqlite { sqlite, .. } => sqlite.next_id(),
        }
    }

    /// Records what happens to the registry itself. In SQLite only which process is active is kept
    /// so; everything else is in the processes.
    ///
    /// # Errors
    /// Whatever the disk says before it is durable.
    pub fn record(&mut self, facts: Vec<RegistryFact>) -> Result<(), Error> {
        match &mut self.kept {
            Kept::Files(change) => change.record(facts),
            Kept::Sqlite { is_dry: true, .. } => Ok(()),
            Kept::Sqlite { sqlite, .. } => match switched(&facts) {
                Some(process) => sqlite.set_active(Some(process)),
                None => Ok(()),
            },
        }
    }

    /// Returns a uid that no process has.
    #[must_use]
    pub fn fresh_uid(&self) -> Uid {
        match &self.kept {
            Kept::Files(change) => change.fresh_uid(),
            Kept::Sqlite { place, .. } => place.files().fresh_uid(),
        }
    }

    /// Ends the operation. Everything is durable already, so what fails here is a notice.
    #[must_use]
    pub fn finish(self) -> Vec<Notice> {
        match self.kept {
            Kept::Files(change) => change.finish(),
            Kept::Sqlite { .. } => Vec::new(),
        }
    }

    fn decide(
        &self,
        record: &mut Record,
        inputs: Vec<Input>,
        becomes_active: bool,
    ) -> Result<(), Error> {
        let mut execution = record.execution.clone();
        let mut events = Vec::new();
        for input in inputs {
            events.extend(execution.advance(&self.now, &self.by, input)?);
        }
        self.append(record, execution, events, becomes_active)
    }

    fn append(
        &self,
        record: &mut Record,
        execution: Execution,
        events: Vec<Event>,
        becomes_active: bool,
    ) -> Result<(), Error> {
        if let Kept::Sqlite { sqlite, is_dry: false, .. } = &self.kept
            && !events.is_empty()
        {
            let expected = record.execution.revision();
            let (id, execution, events) = (record.id, Box::new(execution.clone()), events.clone());
            let group = Group { id, expected, events, execution, becomes_active };
            for appended in sqlite.append(std::slice::from_ref(&group)) {
                appended.map_err(|error| match error.kind() {
                    ErrorKind::Conflict => error.overtaken(),
                    _ => error,
                })?;
            }
        }
        record.execution = execution;
        record.events.extend(events);
        Ok(())
    }
}

fn becomes_active(facts: &[RegistryFact]) -> bool {
    switched(facts).is_some()
}

fn switched(facts: &[RegistryFact]) -> Option<ProcessId> {
    facts.iter().rev().find_map(|fact| {
        if let RegistryFact::Switched { process } = fact { Some(*process) } else { None }
    })
}
