//! Taking back the content of an earlier version.

use process_core::{Fact, Process, model::Defaults};

use super::{change::restore_document, take_version};
use crate::{execution::Execution, rejected::Rejected};

/// The content comes back whole, the process stays the one it is: same id, uid and creation, no
/// claims, and exactly one new version, which says what was restored.
pub(crate) fn restore_version(execution: &Execution, number: u64) -> Result<Vec<Fact>, Rejected> {
    let current = execution.open()?;
    let version = execution.version(number).ok_or(Rejected::UnknownVersion(number))?;
    let document = restore_document(execution, version.document.as_deref());
    let taken = take_version(execution, format!("Restored version {number}"))?;
    let defaults = Defaults { id: current.id, uid: current.uid, now: current.created_at.clone() };
    let node = process_core::yaml::Node::from_json(&version.process);
    let mut process = Process::read_any_id(&node, &defaults).map_err(|problems| {
        Rejected::BadEdit(problems.into_iter().map(|problem| problem.message).collect())
    })?;
    process.uid = current.uid;
    process.created_at = current.created_at.clone();
    process.archived_at = None;
    process.revision = current.revision;
    for step in &mut process.steps {
        step.claim = None;
    }
    Ok([Fact::Restored { version: number, process: process.into() }]
        .into_iter()
        .chain(document)
        .chain(taken)
        .collect())
}
