//! What is known of processes without reading them.

use process_core::{ProcessId, Timestamp, Uid, registry::ProcessEntry};

use super::{Place, Sqlite, opened::Open};
use crate::{
    error::Error,
    files::Index,
    store::{Page, Query, Store, page_of},
};

/// The processes of a place, as its index has them.
///
/// In files it is what the index said at one instant; in SQLite every look is of its own.
pub struct Catalog(Source);

enum Source {
    Files(Box<Index>),
    Sqlite(Sqlite),
}

/// What processes are looked for that wait for something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waiting {
    /// For a decision.
    Approval,
    /// For a message, now or later.
    Message {
        /// Whether those count that have ended.
        ended: bool,
    },
}

/// How often a template was used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateUse {
    /// The template.
    pub template: String,
    /// How many processes were made from it.
    pub count: u64,
    /// When the last one was.
    pub last: Option<Timestamp>,
}

impl Place {
    /// Returns the active process.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn active(&self) -> Result<Option<ProcessId>, Error> {
        match self.open()? {
            Open::Files(files) => files.active(),
            Open::Sqlite(sqlite) => sqlite.active(),
        }
    }

    /// Returns what the index says of all processes.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn catalog(&self, now: &Timestamp) -> Result<Catalog, Error> {
        Ok(Catalog(match self.open()? {
            Open::Files(files) => Source::Files(Box::new(files.index(now)?)),
            Open::Sqlite(sqlite) => Source::Sqlite(sqlite),
        }))
    }

    /// Lists processes, lowest number first.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn list(&self, query: &Query, now: &Timestamp) -> Result<Page, Error> {
        match self.open()? {
            Open::Files(files) => {
                let index = files.index(now)?;
                let page = page_of(index.registry.processes.into_iter(), query);
                Ok(Page { notices: index.notices, ..page })
            }
            Open::Sqlite(sqlite) => sqlite.list(query),
        }
    }

    /// Returns the process that was started under a key, as its run says.
    ///
    /// # Errors
    /// `Corrupt` for a process with this key that cannot be read, and whatever the disk says.
    pub fn find_key(&self, key: &str, now: &Timestamp) -> Result<Option<ProcessId>, Error> {
        let files = match self.open()? {
            Open::Files(files) => files,
            Open::Sqlite(sqlite) => return sqlite.find_key(key),
        };
        let entries = files.index(now)?.registry.processes.into_iter();
        let mut ids = entries.filter(|it| it.key.as_deref() == Some(key)).map(|entry| entry.id);
        ids.find_map(|id| match files.read_process(id) {
            // The run says it; a file without one may say anything.
            Ok(Some(record)) => {
                let run = record.execution.run()?;
                (run.start_key() == Some(key)).then_some(Ok(id))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        })
        .transpose()
    }

    /// Returns processes that are not archived and may wait for something, lowest number first, and
    /// what could not be read, for people. Some of them may turn out not to.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn waiting(
        &self,
        what: Waiting,
        now: &Timestamp,
    ) -> Result<(Vec<ProcessId>, Vec<String>), Error> {
        let files = match self.open()? {
            Open::Files(files) => files,
            Open::Sqlite(sqlite) => return Ok((sqlite.waiting(what, now)?, Vec::new())),
        };
        let index = files.index(now)?;
        let with_ended = what == Waiting::Message { ended: true };
        let entries = index.registry.processes.iter();
        let wanted = entries.filter(|it| !it.archived && (with_ended || !it.status.is_terminal()));
        Ok((wanted.map(|entry| entry.id).collect(), index.notices))
    }

    /// Returns how often templates were used.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn template_uses(&self, now: &Timestamp) -> Result<Vec<TemplateUse>, Error> {
        let files = match self.open()? {
            Open::Files(files) => files,
            Open::Sqlite(sqlite) => return sqlite.template_uses(),
        };
        let entries = files.index(now)?.registry.templates.into_iter();
        let uses = entries.map(|entry| TemplateUse {
            template: entry.id,
            count: entry.usage_count,
            last: entry.last_used,
        });
        Ok(uses.collect())
    }

    /// Returns the length of a process's journal, zero when there is none: as long as it stays the
    /// same, no event was added.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn journal_bytes(&self, id: ProcessId) -> Result<u64, Error> {
        match self.open()? {
            Open::Files(files) => {
                let stat = files.disk().stat(&files.layout().journal(id))?;
                Ok(stat.map_or(0, |stat| stat.len))
            }
            Open::Sqlite(sqlite) => {
                let entry = entry_in(&sqlite, id)?;
                Ok(entry.and_then(|entry| entry.journal_bytes).unwrap_or(0))
            }
        }
    }
}

impl Catalog {
    /// Returns the active process.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn active(&self) -> Result<Option<ProcessId>, Error> {
        match &self.0 {
            Source::Files(index) => Ok(index.registry.active),
            Source::Sqlite(sqlite) => sqlite.active(),
        }
    }

    /// Returns how many processes there are.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn count(&self) -> Result<usize, Error> {
        match &self.0 {
            Source::Files(index) => Ok(index.registry.processes.len()),
            Source::Sqlite(sqlite) => Ok(usize::try_from(sqlite.count()?).unwrap_or(usize::MAX)),
        }
    }

    /// Returns the entry of a process.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn entry(&self, id: ProcessId) -> Result<Option<ProcessEntry>, Error> {
        match &self.0 {
            Source::Files(index) => Ok(index.entry(id).cloned()),
            Source::Sqlite(sqlite) => entry_in(sqlite, id),
        }
    }

    /// Returns the entry of the process with this uid.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn by_uid(&self, uid: Uid) -> Result<Option<ProcessEntry>, Error> {
        match &self.0 {
            Source::Files(index) => {
                let mut entries = index.registry.processes.iter();
                Ok(entries.find(|entry| entry.uid == Some(uid)).cloned())
            }
            Source::Sqlite(sqlite) => match sqlite.find_uid(uid)? {
                Some(id) => entry_in(sqlite, id),
                None => Ok(None),
            },
        }
    }
}

fn entry_in(sqlite: &Sqlite, id: ProcessId) -> Result<Option<ProcessEntry>, Error> {
    let after = id.number().checked_sub(1).and_then(ProcessId::from_number);
    let query = Query { all: true, after, limit: 1, ..Query::default() };
    Ok(sqlite.list(&query)?.processes.into_iter().find(|entry| entry.id == id))
}
