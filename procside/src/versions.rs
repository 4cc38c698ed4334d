//! Versions: taking, listing, comparing and restoring them.

use process_core::{
    Process, ProcessId, Version,
    difference::{Difference, difference},
    model::Defaults,
    yaml::Node,
};
use process_engine::Input;
use serde_json::{Value, json};

use crate::{
    document_difference::DocumentDifference,
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// Why a version is taken when nobody says so.
pub const REASON_DEFAULT: &str = "Manual version";

/// A version as it is listed.
#[derive(Clone, Debug)]
pub struct VersionLine {
    /// The version.
    pub version: Version,
    /// What changed since the one before, in a few words.
    pub changes: String,
    /// What changed since the one before; `None` for the first.
    pub difference: Option<Difference>,
    /// Whether no version is newer.
    pub is_current: bool,
}

/// The versions of a process.
#[derive(Clone, Debug)]
pub struct History {
    /// The process as it stands.
    pub process: Process,
    /// Its versions, newest first.
    pub versions: Vec<VersionLine>,
}

/// Two states of a process, and what lies between.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The process.
    pub process: ProcessId,
    /// The number of the older version.
    pub from: u64,
    /// The number of the newer version; `None` for the process as it stands.
    pub to: Option<u64>,
    /// What lies between.
    pub difference: Difference,
    /// What lies between the documents; one that is not there counts as empty.
    pub document: DocumentDifference,
}

impl Procside {
    /// Takes a version.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for an archived process.
    pub fn take_version(&self, id: Option<ProcessId>, reason: String) -> Result<Changed, Error> {
        self.change(id, vec![Input::TakeVersion { reason }])
    }

    /// Takes back the content of an earlier version, as exactly one new version.
    ///
    /// # Errors
    /// `NotFound` for a version that is not there; `Conflict` for an archived process.
    pub fn restore_version(&self, id: ProcessId, number: u64) -> Result<Changed, Error> {
        self.change(Some(id), vec![Input::RestoreVersion { number }])
    }

    /// Lists the versions of a process with what changed in each, newest first.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn history(&self, id: Option<ProcessId>) -> Result<History, Error> {
        let (shown, record) = self.read(id)?;
        let process = shown.process;
        let versions = record.execution.versions();
        let mut lines: Vec<VersionLine> = Vec::with_capacity(versions.len());
        let mut before: Option<Process> = None;
        let mut document = None;
        for version in versions {
            let after = process_of(version, &process)?;
            let found = before.as_ref().map(|before| difference(before, &after));
            let text = version.document.as_deref().unwrap_or_default();
            let is_same_document = document.replace(text).is_none_or(|before| before == text);
            // Older programs did not say in a version which template it came from.
            let template = after.template.as_ref().or(process.template.as_ref());
            let changes = match (&found, template) {
                (Some(found), _) => summary(found, is_same_document),
                (None, Some(template)) => format!("Process created from template {template}"),
                (None, None) => "Process created".to_owned(),
            };
            lines.push(VersionLine {
                version: version.clone(),
                changes,
                difference: found,
                is_current: false,
            });
            before = Some(after);
        }
        if let Some(last) = lines.last_mut() {
            last.is_current = true;
        }
        lines.reverse();
        Ok(History { process, versions: lines })
    }

    /// Returns the length of a process's journal, zero when there is none: as long as it stays the
    /// same, no event was added.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn journal_bytes(&self, id: Option<ProcessId>) -> Result<u64, Error> {
        Ok(self.place.journal_bytes(self.target(id)?)?)
    }

    /// Compares two versions; without a second one, the first with the process as it stands;
    /// without any, the newest version with the process as it stands.
    ///
    /// # Errors
    /// `NotFound` for a version that is not there.
    pub fn diff(
        &self,
        id: Option<ProcessId>,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<Comparison, Error> {
        let (shown, record) = self.read(id)?;
        let process = shown.process;
        let find = |number: u64| {
            let version = record.execution.version(number).ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("{} has no version {number}", process.id))
                    .with_hint(format!("`procside history {}` lists the versions", process.id))
            })?;
            let document = version.document.clone().unwrap_or_default();
            Ok::<_, Error>((process_of(version, &process)?, document))
        };
        let newest = record.execution.versions().last().map(|version| version.number);
        let from = from.or(newest).ok_or_else(|| {
            let message = format!("{} has no version to compare with", process.id);
            Error::new(ErrorKind::NotFound, message).with_hint("take one with `procside version`")
        })?;
        let (before, old_text) = find(from)?;
        let (after, new_text) = match to {
            Some(to) => find(to)?,
            None => {
                let text = record.shown_document().0.unwrap_or_default().to_owned();
                (process.clone(), text)
            }
        };
        let difference = difference(&before, &after);
        let name = format!("{}.md", process.id);
        let document = DocumentDifference::between(&old_text, &new_text, &name);
        Ok(Comparison { process: process.id, from, to, difference, document })
    }
}

/// Returns the process that a version holds.
fn process_of(version: &Version, current: &Process) -> Result<Process, Error> {
    let defaults = Defaults { id: current.id, uid: current.uid, now: current.created_at.clone() };
    let read = Process::read_any_id(&Node::from_json(&version.process), &defaults);
    // Who a process is does not change from version to version, though older programs did not say.
    let has_tags = version.process.get("tags").is_some();
    let same = |process: Process| Process {
        uid: current.uid,
        archived_at: current.archived_at.clone(),
        tags: if has_tags { process.tags.clone() } else { current.tags.clone() },
        ..process
    };
    read.map(same).map_err(|problems| {
        let reason = problems.first().map(ToString::to_string).unwrap_or_default();
        let message = format!("version {} of {}: {reason}", version.number, current.id);
        Error::new(ErrorKind::Corrupt, message)
    })
}

/// Says in a few words what changed in a process and its document.
fn summary(difference: &Difference, is_same_document: bool) -> String {
    match (is_same_document, difference.is_empty()) {
        (true, _) => difference.summary(),
        (false, true) => "document changed".to_owned(),
        (false, false) => format!("{}, document changed", difference.summary()),
    }
}

impl VersionLine {
    /// Returns the line as JSON: number, instant, reason and changes in a few words.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "version": self.version.number,
            "snapshotAt": self.version.snapshot_at,
            "reason": self.version.reason,
            "changes": self.changes,
            "current": self.is_current,
        })
    }
}

impl History {
    /// Returns the data of the answer to `history`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "process": self.process.id.to_string(),
            "versions": self.versions.iter().map(VersionLine::to_value).collect::<Vec<_>>(),
        })
    }

    /// Returns the data of the answer to `evolution`: oldest first, each with its whole difference.
    #[must_use]
    pub fn to_evolution(&self) -> Value {
        let versions = self.versions.iter().rev().map(|line| {
            let mut value = line.to_value();
            if let Value::Object(map) = &mut value {
                let difference = line.difference.as_ref().map(Difference::to_value);
                map.insert("difference".to_owned(), difference.unwrap_or_default());
            }
            value
        });
        json!({
            "process": self.process.id.to_string(),
            "versions": versions.collect::<Vec<_>>(),
        })
    }
}

impl Comparison {
    /// Returns what changed, in a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        summary(&self.difference, self.document.is_empty())
    }

    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.difference.to_value();
        if let Value::Object(map) = &mut value {
            map.insert("summary".to_owned(), self.summary().into());
            map.insert("document".to_owned(), self.document.to_value());
            map.insert("process".to_owned(), self.process.to_string().into());
            map.insert("from".to_owned(), self.from.into());
            map.insert("to".to_owned(), self.to.into());
        }
        value
    }
}
