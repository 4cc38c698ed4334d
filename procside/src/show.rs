//! Showing a process: its status, its steps, its guide, its chart.

use process_core::{ProcessId, render};

use crate::{
    error::Error,
    list::{Filter, Listing},
    outcome::Status,
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
        let (shown, _) = self.read(self.chosen_or(id).or(active))?;
        Ok(Status::of(shown, active, &self.now()))
    }

    /// Shows every process that is not archived; one that cannot be read is a notice.
    ///
    /// # Errors
    /// Whatever keeps the processes from being listed.
    pub fn status_of_all(&self) -> Result<(Listing, Vec<Status>), Error> {
        let listing = self.list(&Filter::default())?;
        let now = self.now();
        let mut statuses = Vec::with_capacity(listing.processes.len());
        for entry in &listing.processes {
            match self.read(Some(entry.id)) {
                Ok((shown, _)) => statuses.push(Status::of(shown, listing.active, &now)),
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
