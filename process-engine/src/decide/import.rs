//! Taking in a process that was made elsewhere.

use process_core::{Event, Fact, Timestamp, event::JOURNAL_FORMAT, version::NUMBER_MAX};

use super::change::imported_document;
use crate::{execution::Execution, input::Import, rejected::Rejected};

/// What older programs recorded comes first, each entry at its own time, then the process as it
/// stands, its document and its versions, and last a version of its own when one is asked for.
pub(crate) fn import(
    execution: &Execution,
    now: &Timestamp,
    by: &str,
    import: Import,
) -> Result<Vec<Event>, Rejected> {
    if execution.process().is_some() {
        return Err(Rejected::AlreadyCreated);
    }
    let odd = import.versions.iter().filter(|version| !(1..=NUMBER_MAX).contains(&version.number));
    let reasons: Vec<String> = odd
        .map(|version| format!("version {} is none of 1 to {NUMBER_MAX}", version.number))
        .collect();
    if !reasons.is_empty() {
        return Err(Rejected::BadEdit(reasons));
    }
    let next = import.versions.iter().map(|version| version.number).max().unwrap_or(0) + 1;
    let past = import
        .entries
        .into_iter()
        .map(|entry| (entry.at, Fact::LegacyRecorded { kind: entry.kind, entry: entry.entry }));
    let document = import.document.map(imported_document).transpose()?;
    let source = import.source;
    let whole = Fact::Imported { format: JOURNAL_FORMAT, source, process: import.process.into() };
    let versions = import
        .versions
        .into_iter()
        .map(|content| Fact::VersionImported { content: content.into() });
    let own = import.version_reason.map(|reason| Fact::Versioned { version: next, reason });
    let facts = [whole].into_iter().chain(document).chain(versions).chain(own);
    let present = facts.map(|fact| (now.clone(), fact));
    Ok((execution.revision() + 1..)
        .zip(past.chain(present))
        .map(|(seq, (at, fact))| Event { seq, at, by: by.to_owned(), fact })
        .collect())
}
