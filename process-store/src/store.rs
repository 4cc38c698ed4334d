//! What every place in which processes are kept can do.

use chrono::{DateTime, Utc};
use process_core::{Event, Process, ProcessId, ProcessStatus, Uid, registry::ProcessEntry};
use process_engine::{Execution, VisitState};

use crate::error::{Error, ErrorKind};

/// A place in which processes are kept: files, one SQLite file, or memory.
///
/// Whoever drives processes needs no more than this. All of it holds for several programs at once,
/// and for one that is killed at any instant: what [`Store::append`] acknowledged is there, once.
/// `process_store::conformance` is the test that every store passes.
pub trait Store: Send + Sync {
    /// Appends groups of events, each whole or not at all, and returns for each what became of it.
    ///
    /// What is acknowledged is durable. Groups of several processes share one sync where the store
    /// can; a process stands in at most one of them.
    ///
    /// The error of a group is `Conflict` when its process is not at [`Group::expected`] any more:
    /// load it again and decide again. A new process (`expected` 0) is refused so when its id was
    /// given meanwhile; when its key or uid is known, `details` names that process under `process`.
    fn append(&self, groups: &[Group]) -> Vec<Result<(), Error>>;

    /// Returns the events of a process behind the one with this number, oldest first.
    ///
    /// # Errors
    /// `Corrupt` for a broken journal, and whatever the disk says.
    fn events(&self, id: ProcessId, after: u64) -> Result<Vec<Event>, Error>;

    /// Returns the process that was started under this key, finished or not.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn find_key(&self, key: &str) -> Result<Option<ProcessId>, Error>;

    /// Returns the process with this uid.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn find_uid(&self, uid: Uid) -> Result<Option<ProcessId>, Error>;

    /// Lets another program drive the process.
    fn leave(&self, id: ProcessId);

    /// Returns processes by the index, lowest number first.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn list(&self, query: &Query) -> Result<Page, Error>;

    /// Returns the state of a process at the end of its journal; hand edits are absorbed.
    ///
    /// # Errors
    /// `Corrupt` for a broken journal, `Conflict` for one with two branches.
    fn load(&self, id: ProcessId) -> Result<Option<Execution>, Error>;

    /// Returns ids that no process has, each once: for so many new processes.
    ///
    /// # Errors
    /// `Invalid` when there is none left, and whatever the disk says.
    fn reserve(&self, count: u32) -> Result<Vec<ProcessId>, Error>;

    /// Makes this program the only one that drives the process, until [`Store::leave`] or its end;
    /// `false` while another one does.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn take(&self, id: ProcessId) -> Result<bool, Error>;

    /// Takes many processes as [`Store::take`] takes one, which costs less than one by one.
    ///
    /// # Errors
    /// Whatever the disk says; some may be taken then.
    fn take_all(&self, ids: &[ProcessId]) -> Result<Vec<bool>, Error> {
        ids.iter().map(|id| self.take(*id)).collect()
    }

    /// Returns what sees which processes change, whoever changes them.
    fn watch(&self) -> Box<dyn Watch>;
}

/// Sees which processes that run by a definition change.
pub trait Watch: Send {
    /// Returns where those stand that changed since the last call; at the first call, all that are
    /// not over. A change may be told twice, and never not at all.
    ///
    /// Cheap when nothing changed: it is called ten times a second.
    ///
    /// # Errors
    /// Whatever the disk says; the next call tells what this one could not.
    fn poll(&mut self) -> Result<Vec<Standing>, Error>;
}

/// Events of one process that become durable together.
#[derive(Clone, Debug)]
pub struct Group {
    /// The process.
    pub id: ProcessId,
    /// The revision that they were decided on; 0 makes the process.
    pub expected: u64,
    /// The events; none is a mistake.
    pub events: Vec<Event>,
    /// The state behind the last of them, from which everything derived is written.
    ///
    /// A large thing that goes through many hands, so it stays where it is.
    pub execution: Box<Execution>,
    /// Whether a process that this makes becomes the active one.
    pub becomes_active: bool,
}

impl Group {
    /// Returns the process behind the events, when they are those of one group.
    ///
    /// # Errors
    /// `Invalid` when they do not follow the expected revision one by one, or make another process.
    pub fn process(&self) -> Result<&Process, Error> {
        let Self { id, expected, events, execution, .. } = self;
        let refused = |message: String| {
            Err(Error::new(ErrorKind::Invalid, format!("cannot append to {id}: {message}")))
        };
        let Some(process) = execution.process() else {
            return refused("its events make no process".to_owned());
        };
        let last = *expected + events.len() as u64;
        let is_in_order = events.iter().zip(expected + 1..).all(|(event, seq)| event.seq == seq);
        if events.is_empty() || !is_in_order || execution.revision() != last {
            return refused(format!("the events do not follow event {expected}"));
        }
        if process.id != *id {
            return refused(format!("the events are those of {}", process.id));
        }
        Ok(process)
    }
}

/// Where a process stands, as far as whoever drives it must know without loading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The process.
    pub id: ProcessId,
    /// The number of its last event; 0 when the store would have to load it to know.
    pub revision: u64,
    /// When something happens by itself the next time.
    pub wakes_at: Option<DateTime<Utc>>,
    /// Whether there is something to do at once: work to hand out, a running attempt, a process
    /// that a step started, a notice. Also when the store would have to load it to know.
    pub is_busy: bool,
    /// Whether nothing will ever happen by itself any more.
    pub is_over: bool,
}

impl Standing {
    /// Returns where an execution stands; `None` for one that people drive by hand.
    #[must_use]
    pub fn of(id: ProcessId, execution: &Execution) -> Option<Self> {
        let run = execution.run()?;
        let is_running = || {
            run.open_count(VisitState::Running) > 0
                || run.open_count(VisitState::Child) > 0
                || run.compensating().is_some()
                || run.ending().is_some()
        };
        let is_busy = !run.notices().is_empty()
            || run.end().is_none() && (run.dispatchable().next().is_some() || is_running());
        let is_archived = execution.process().is_some_and(Process::is_archived);
        Some(Self {
            id,
            revision: execution.revision(),
            wakes_at: run.wakes_at(),
            is_busy: is_busy && !is_archived,
            is_over: is_archived || run.end().is_some() && run.notices().is_empty(),
        })
    }
}

/// Returns the key under which a process was started.
pub(crate) fn key_of(execution: &Execution) -> Option<&str> {
    execution.run()?.start_key()
}

/// Which processes are listed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Archived ones too.
    pub all: bool,
    /// Only those with this status.
    pub status: Option<ProcessStatus>,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those with this text in id, name, goal or a tag, whatever its case.
    pub search: Option<String>,
    /// Only those with a higher number.
    pub after: Option<ProcessId>,
    /// At most so many.
    pub limit: usize,
}

/// Some processes.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Their entries, lowest number first.
    pub processes: Vec<ProcessEntry>,
    /// Whether more follow.
    pub has_more: bool,
    /// What could not be read, for people.
    pub notices: Vec<String>,
}

impl Query {
    /// Returns whether an entry is among those that are asked for.
    #[must_use]
    pub fn wants(&self, entry: &ProcessEntry) -> bool {
        let holds = |text: &String| {
            let ProcessEntry { id, name, goal, tags, .. } = entry;
            let all = format!("{id}\n{name}\n{goal}\n{}", tags.join("\n")).to_lowercase();
            all.contains(&text.to_lowercase())
        };
        (self.all || !entry.archived)
            && self.after.is_none_or(|after| entry.id > after)
            && self.status.is_none_or(|status| entry.status == status)
            && self.tag.as_ref().is_none_or(|tag| entry.tags.contains(tag))
            && self.search.as_ref().is_none_or(holds)
    }
}

/// Picks from entries, lowest number first, those that are asked for.
pub(crate) fn page_of(entries: impl Iterator<Item = ProcessEntry>, query: &Query) -> Page {
    let mut wanted = entries.filter(|entry| query.wants(entry));
    let processes: Vec<_> = wanted.by_ref().take(query.limit).collect();
    Page { processes, has_more: wanted.next().is_some(), notices: Vec::new() }
}
