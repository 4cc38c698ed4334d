//! Listing processes page by page.

use process_core::{ProcessId, ProcessStatus, registry::ProcessEntry};
use process_store::Query;
use serde_json::{Value, json};

use crate::{
    error::{Error, ErrorKind},
    project::Procside,
};

/// The most processes on one page; a page is made whole before it is printed.
pub const PAGE_MAX: usize = 10_000;

/// Which processes are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Archived ones too.
    pub all: bool,
    /// Only those with this status.
    pub status: Option<ProcessStatus>,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those with this text in id, name, goal or a tag, whatever its case.
    pub search: Option<String>,
    /// At most so many, [`PAGE_MAX`] when it is not given.
    pub limit: Option<usize>,
    /// What the page before gave as its `next_cursor`.
    pub cursor: Option<String>,
}

/// A page of processes.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The processes, lowest number first.
    pub processes: Vec<ProcessEntry>,
    /// The active one.
    pub active: Option<ProcessId>,
    /// Where the next page starts, when there is one.
    pub next_cursor: Option<String>,
    /// What could not be read, for people.
    pub notices: Vec<String>,
}

impl Procside {
    /// Lists processes by the index; only those that changed since are read.
    ///
    /// # Errors
    /// `Invalid` for a cursor that no page gave or a limit of 0, and whatever the disk says.
    pub fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        if filter.limit == Some(0) {
            return Err(Error::new(ErrorKind::Invalid, "a page holds at least one process"));
        }
        let after = filter.cursor.as_deref().map(parse_cursor).transpose()?;
        let active = self.active()?;
        let query = Query {
            all: filter.all,
            status: filter.status,
            tag: filter.tag.clone(),
            search: filter.search.clone(),
            after,
            limit: filter.limit.unwrap_or(PAGE_MAX).min(PAGE_MAX),
        };
        let page = self.place.list(&query, &self.now())?;
        let (mut processes, has_more) = (page.processes, page.has_more);
        if let Some(id) = self.unmigrated()? {
            match self.read(Some(id)) {
                Ok((shown, _)) => {
                    let entry = ProcessEntry::of(&shown.process);
                    processes.extend(query.wants(&entry).then_some(entry));
                }
                Err(error) => self.tell([error.to_string()]),
            }
        }
        let next_cursor = processes.last().filter(|_| has_more).map(|entry| entry.id.to_string());
        Ok(Listing { processes, active, next_cursor, notices: page.notices })
    }
}

impl Listing {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "processes":
                self.processes.iter().map(ProcessEntry::to_shown_value).collect::<Vec<_>>(),
            "active": self.active.map(|id| id.to_string()),
            "next_cursor": self.next_cursor,
        })
    }
}

fn parse_cursor(text: &str) -> Result<ProcessId, Error> {
    ProcessId::parse(text).map_err(|_| {
        Error::new(ErrorKind::Invalid, format!("{text:?} is no cursor"))
            .with_hint("give the `next_cursor` of the page before")
    })
}
