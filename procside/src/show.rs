//! Showing a process: its status, its steps, its guide, its chart.

use process_core::{ProcessId, render};
use process_store::files::Record;

use crate::{
    error::Error,
    list::{Filter, Listing},
    outcome::{Shown, Status},
    project::Procside,
};

/// The form in which a process is drawn for people.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Drawing {
    /// A guide that can be followed offline.
    Markdown,
    /// A flowchart.
    Mermaid,
}

impl Procside {
    /// Shows a process with what people ask first: how far it is, and what comes next.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn status(&self, id: Option<ProcessId>) -> Result<Status, Error> {
        let active = self.active()?;
        let read = self.read(self.chosen_or(id).or(active))?;
        Ok(self.status_of(read, active))
    }

    fn status_of(&self, mut read: (Shown, Record), active: Option<ProcessId>) -> Status {
        let ready = self.ready_of(&read.0.process, &read.1.execution);
        let held = self.held_back(&read.1.execution);
        let why = self.why_held(read.0.process.id, &held);
        read.0.notices.extend(why);
        Status::of(read, active, ready, &held)
    }

    /// Shows every process that is not archived; one that cannot be read is a notice.
    ///
    /// # Errors
    /// Whatever keeps the processes from being listed.
    pub fn status_of_all(&self) -> Result<(Listing, Vec<Status>), Error> {
        let listing = self.list(&Filter::default())?;
        let mut statuses = Vec::with_capacity(listing.processes.len());
        for entry in &listing.processes {
            match self.read(Some(entry.id)) {
                Ok(read) => {
                    statuses.push(self.status_of(read, listing.active));
                }
                Err(error) => self.tell([error.to_string()]),
            }
        }
        Ok((listing, statuses))
    }

    /// Draws a process.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn render(&self, id: Option<ProcessId>, drawing: Drawing) -> Result<String, Error> {
        let process = self.process(id)?;
        Ok(match drawing {
            Drawing::Markdown => render::markdown(&process),
            Drawing::Mermaid => render::mermaid(&process),
        })
    }
}
