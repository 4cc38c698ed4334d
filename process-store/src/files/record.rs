//! One process as it is kept: its journal, its state, its file.

use std::path::{Path, PathBuf};

use process_core::{Event, Process, ProcessId, Timestamp, registry::ProcessEntry};
use process_engine::{Execution, Import, Input, merge};

use super::{
    Files,
    document::FoundDocument,
    view::{self, EDITOR, Found, Text, View, read_text},
};
use crate::{
    error::{Error, ErrorKind},
    journal::{self, Head, Journal, Line},
    store::key_of,
};

/// A process as it is kept.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: ProcessId,
    /// Its state, at the end of its journal.
    pub execution: Execution,
    /// Its events, oldest first; of a process in SQLite only those of this change.
    pub events: Vec<Event>,
    /// Its file.
    pub found: Found,
    /// What the sides disagree on, when the journal has two branches.
    pub fork: Option<Vec<String>>,
    /// Whether the journal holds two processes that were given one id.
    pub has_twin: bool,
    /// Where the next group is appended.
    pub head: Head,
    /// What is to be taken in first, when there is no journal yet.
    pub(crate) import: Option<Box<Import>>,
    /// Whether a file of another program stands in the place of the journal; its content is in
    /// what is to be taken in.
    pub(crate) replaces_journal: bool,
}

/// What a journal's lines say.
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    pub(crate) fork: Option<Vec<String>>,
    pub(crate) has_twin: bool,
}

/// The most branches that are brought together at once: people merge two, rarely a few.
const BRANCHES_MAX: usize = 64;

/// How often a process is read anew because somebody writes it meanwhile.
const READS_MAX: usize = 5;

impl Files {
    /// Reads a process that has a journal; `None` when there is none.
    ///
    /// It takes no lock: a group that is being written is not there yet.
    ///
    /// # Errors
    /// `Corrupt` for a broken journal, and whatever the disk says.
    pub fn read_process(&self, id: ProcessId) -> Result<Option<Record>, Error> {
        let path = self.layout().journal(id);
        for _ in 1..READS_MAX {
            let record = self.read_once(id, &path)?;
            let length = self.disk().stat(&path)?.map(|stat| stat.len);
            if record.as_ref().map(|record| record.head.file_bytes) == length {
                return Ok(record);
            }
        }
        self.read_once(id, &path)
    }

    /// Returns whether another program keeps a history of its own in the place of the journal: a
    /// map, where a journal is a list.
    pub(super) fn is_foreign(&self, path: &Path) -> Result<bool, Error> {
        let Text::Read { text, .. } = read_text(self.disk(), path)? else { return Ok(false) };
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        Ok(first.is_some_and(|line| line.trim_end() == "entries:" || line.trim() == "entries: []"))
    }

    fn read_once(&self, id: ProcessId, path: &Path) -> Result<Option<Record>, Error> {
        let journal = match journal::read(self.disk(), path) {
            Err(error) if error.kind() == ErrorKind::Corrupt && self.is_foreign(path)? => {
                return Ok(None);
            }
            read => read?,
        };
        if journal.lines.is_empty() {
            return Ok(None);
        }
        let told = tell(path, &journal)?;
        let execution = Execution::replay(&told.events);
        if let Some(process) = execution.process().filter(|process| process.id != id) {
            let message = format!("history/{id}.yaml is the journal of {}", process.id);
            return Err(Error::new(ErrorKind::Corrupt, message)
                .at(path)
                .with_hint("give the file its name back; a copy is no process of its own"));
        }
        let found = view::find(self.disk(), self.layout(), id, &execution, &told.events)?;
        Ok(Some(Record {
            id,
            execution,
            events: told.events,
            found,
            fork: told.fork,
            has_twin: told.has_twin,
            head: journal.head,
            import: None,
            replaces_journal: false,
        }))
    }
}

/// Returns the events of a journal, branches brought together.
pub(crate) fn tell(path: &Path, journal: &Journal) -> Result<Told, Error> {
    let bad = |index: usize, reason: String| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let message = format!("history/{name}: line {}: {reason}", index + 1);
        Error::new(ErrorKind::Corrupt, message).at(path)
    };
    let mut events = Vec::with_capacity(journal.lines.len());
    for (index, line) in journal.lines.iter().enumerate() {
        events.push(Event::from_value(&line.event).map_err(|reason| bad(index, reason))?);
    }
    let is_branch = |(index, line): &(usize, &Line)| line.parent != index.checked_sub(1);
    let branches = journal.lines.iter().enumerate().filter(is_branch).count();
    if branches > BRANCHES_MAX {
        let message = format!("more than {BRANCHES_MAX} branches were merged into one journal");
        return Err(bad(journal.lines.len() - 1, message));
    }
    if !journal.is_forked {
        return Ok(Told { events, fork: None, has_twin: false });
    }
    let roots = journal.lines.iter().filter(|line| line.parent.is_none()).count();
    let first = journal.lines.iter().position(|line| line.parent.is_none()).unwrap_or(0);
    let mut disagreements = Vec::new();
    let children = children_of(&journal.lines);
    let told = follow(&children, &events, Vec::new(), first, &mut disagreements);
    Ok(Told { events: told, fork: Some(disagreements), has_twin: roots > 1 })
}

/// Returns for each line those that follow it.
pub(super) fn children_of(lines: &[Line]) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); lines.len()];
    for (index, line) in lines.iter().enumerate() {
        if let Some(parent) = line.parent {
            children[parent].push(index);
        }
    }
    children
}

/// Tells the events from a line on, behind those told already.
pub(super) fn follow(
    children: &[Vec<usize>],
    events: &[Event],
    mut told: Vec<Event>,
    from: usize,
    disagreements: &mut Vec<String>,
) -> Vec<Event> {
    let mut at = from;
    loop {
        told.push(events[at].clone());
        match children[at].as_slice() {
            [] => return told,
            [one] => at = *one,
            many => {
                let sides: Vec<Vec<Event>> = many
                    .iter()
                    .map(|start| {
                        let side = follow(children, events, told.clone(), *start, disagreements);
                        side[told.len()..].to_vec()
                    })
                    .collect();
                let merged = merge(&told, &sides);
                disagreements.extend(merged.disagreements);
                return merged.events;
            }
        }
    }
}

impl Record {
    /// Returns a record of a process that is to be made.
    pub(crate) fn empty(id: ProcessId, path: PathBuf) -> Self {
        Self {
            id,
            execution: Execution::default(),
            events: Vec::new(),
            found: Found {
                path,
                view: View::Absent,
                bytes: 0,
                stat: None,
                second: None,
                misplaced: false,
                document: FoundDocument::default(),
            },
            fork: None,
            has_twin: false,
            head: Head::default(),
            import: None,
            replaces_journal: false,
        }
    }

    /// Returns a record of a process that has neither journal nor file of its own yet.
    #[must_use]
    pub fn of_process(process: Process) -> Self {
        let mut record = Self::empty(process.id, PathBuf::new());
        record.execution = Execution::of(process);
        record
    }

    /// Returns a record of a process that is not kept in files; its events are those of the change.
    pub(crate) fn of_execution(id: ProcessId, execution: Execution) -> Self {
        Self { execution, ..Self::empty(id, PathBuf::new()) }
    }

    /// Returns whether the process that is to be taken in first is archived.
    #[must_use]
    pub fn is_imported_archived(&self) -> bool {
        self.import.as_ref().is_some_and(|import| import.process.is_archived())
    }

    /// Returns whether the process has a journal.
    #[must_use]
    pub fn has_journal(&self) -> bool {
        self.import.is_none()
    }

    /// Returns the process at the end of its journal.
    ///
    /// # Errors
    /// `Corrupt` when the journal never made one.
    pub fn process(&self) -> Result<&Process, Error> {
        self.execution.process().ok_or_else(|| {
            let message = format!("history/{}.yaml: no event makes the process", self.id);
            Error::new(ErrorKind::Corrupt, message)
        })
    }

    /// Returns the process as people see it: a hand edit counts, though it is not absorbed yet.
    ///
    /// The texts say why an edit does not count.
    ///
    /// # Errors
    /// `Corrupt` when the journal never made a process.
    pub fn shown(&self, now: &Timestamp) -> Result<(Process, Vec<String>), Error> {
        let process = self.process()?;
        let name = format!("{}.yaml", self.id);
        let reasons = match &self.found.view {
            View::Absent | View::Current { .. } | View::Stale { .. } => Vec::new(),
            View::Corrupt { problem } => vec![format!("`{name}`: {problem}")],
            View::Edited { .. } if self.fork.is_some() => {
                vec![format!("`{name}` shows one branch of a history that has several")]
            }
            View::Edited { patch, .. } => {
                match self.execution.decide(now, EDITOR, Input::Edit { patch: patch.clone() }) {
                    Ok(events) => {
                        return Ok((self.edited(&events).unwrap_or(process.clone()), Vec::new()));
                    }
                    Err(reason) => vec![format!("the edit of `{name}` cannot be taken: {reason}")],
                }
            }
            View::Invalid { problems } => {
                problems.iter().map(|problem| format!("`{name}`: {problem}")).collect()
            }
            View::Unusual { what } => vec![format!("`{name}` is {what}")],
        };
        Ok((process.clone(), reasons))
    }

    /// Returns the process as events that are not stored would make it, at the stored revision.
    fn edited(&self, events: &[Event]) -> Option<Process> {
        let mut execution = self.execution.clone();
        events.iter().for_each(|event| execution.apply(event));
        let mut process = execution.process()?.clone();
        process.revision = self.execution.revision();
        Some(process)
    }

    /// Returns what the registry says of the process.
    ///
    /// # Errors
    /// `Corrupt` when the journal never made one.
    pub fn entry(&self) -> Result<ProcessEntry, Error> {
        Ok(ProcessEntry {
            revision: Some(self.execution.revision()),
            journal_bytes: Some(self.head.file_bytes),
            view_bytes: Some(self.found.bytes),
            key: key_of(&self.execution).map(str::to_owned),
            ..ProcessEntry::of(self.process()?)
        })
    }
}
