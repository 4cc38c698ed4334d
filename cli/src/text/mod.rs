//! What people read: the text of every answer.

mod children;
mod definition;
mod patches;
mod plain;
mod process;
mod progress;
mod report;
mod run;
mod simulation;
mod versions;

#[cfg(test)]
mod tests;

pub(crate) use children::{children, cleaning, spawned, told};
pub(crate) use definition::{problems_of, rewriting};
pub(crate) use patches::patches;
pub(crate) use plain::{plain, plain_document, plain_lines};
pub(crate) use process::{listing, process, status, step};
pub(crate) use progress::{outcome, progress, progress_of_any, question};
pub(crate) use report::{config, gates, problems, template, templates};
pub(crate) use run::{approvals, cost, standing, task};
pub(crate) use simulation::{simulation, tested};
pub(crate) use versions::{comparison, event, evolution, history};
