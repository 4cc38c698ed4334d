//! Listing processes page by page.

use process_core::{ProcessId, ProcessStatus, registry::ProcessEntry};
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
        let index = self.files.index(&self.now())?;
        let mut processes = index.registry.processes;
        if let Some(id) = self.unmigrated()? {
            match self.read(Some(id)) {
                Ok((shown, _)) => processes.push(ProcessEntry::of(&shown.process)),
                Err(error) => self.tell([error.to_string()]),
            }
        }
        let search = filter.search.as_ref().map(|text| text.to_lowercase());
        processes.retain(|entry| {
            after.is_none_or(|after| entry.id > after)
                && (filter.all || !entry.archived)
                && filter.status.is_none_or(|status| entry.status == status)
                && filter.tag.as_ref().is_none_or(|tag| entry.tags.contains(tag))
                && search.as_ref().is_none_or(|text| mentions(entry, text))
        });
        let limit = filter.limit.unwrap_or(PAGE_MAX).min(PAGE_MAX);
        let has_more = processes.len() > limit;
        processes.truncate(limit);
        let next_cursor = processes.last().filter(|_| has_more).map(|entry| entry.id.to_string());
        Ok(Listing { processes, active, next_cursor, notices: index.notices })
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

fn mentions(entry: &ProcessEntry, text: &str) -> bool {
    let fields = [entry.id.to_string(), entry.name.clone(), entry.goal.clone()];
    fields.iter().chain(&entry.tags).any(|field| field.to_lowercase().contains(text))
}
