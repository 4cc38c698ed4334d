//! Looking at a journal: its lines, its end, its branches.

use std::{borrow::Cow, path::Path};

use process_core::{Event, ProcessId, RegistryEvent, event::JOURNAL_FORMAT};
use process_engine::Execution;
use serde_json::Value;

use super::{
    chain::roots_of,
    code::{
        Code, GLOBAL_FORKED, ID_MISMATCH, JOURNAL_BAD_EVENT, JOURNAL_CONFLICT_MARKERS,
        JOURNAL_CORRUPT, JOURNAL_EMPTY, JOURNAL_FOREIGN, JOURNAL_FORKED, JOURNAL_NOT_REGULAR,
        JOURNAL_TOO_NEW, JOURNAL_TORN_TAIL, JOURNAL_TWO_PROCESSES, PROCESS_STUCK,
    },
    examine::Examination,
    folders::kind_name,
};
use crate::{
    disk::FileKind,
    error::{Error, ErrorKind},
    files::record::tell,
    journal::{self, JOURNAL_BYTES_MAX, Journal},
};

/// What a line starts with that a merge left behind.
const MARKERS: [&[u8]; 4] = [b"<<<<<<<", b">>>>>>>", b"=======", b"|||||||"];

/// How many disagreements of two branches are told.
const DISAGREEMENTS_MAX: usize = 20;

/// What stands in the place of a journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sight {
    Absent,
    /// Something that no event can be taken from.
    Broken,
    Sound,
}

impl Examination<'_> {
    /// Looks at the journal of a process, or at that of the registry.
    pub(super) fn journal(&mut self, path: &Path, process: Option<ProcessId>) -> Sight {
        let bytes = match self.files.disk().stat(path) {
            Ok(None) => return Sight::Absent,
            Ok(Some(stat)) if stat.kind != FileKind::File => {
                let message = format!("it is {}", kind_name(stat.kind));
                self.findings.add(JOURNAL_NOT_REGULAR, path, message);
                return Sight::Broken;
            }
            Ok(Some(_)) => self.files.disk().read(path, JOURNAL_BYTES_MAX),
            Err(error) => Err(error),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Sight::Absent,
            Err(error) => {
                self.unreadable(path, &error);
                return Sight::Broken;
            }
        };
        let markers = marker_lines(&bytes);
        if let Some(first) = markers.first() {
            let message =
                format!("line {first}: a Git conflict marker; {} such lines in all", markers.len());
            self.findings.add(JOURNAL_CONFLICT_MARKERS, path, message);
        }
        match journal::parse(path, &without_markers(&bytes)) {
            Ok(journal) => self.content(path, process, &journal, !markers.is_empty()),
            Err(_) if process.is_some() && self.files.is_foreign(path).unwrap_or(false) => {
                let message =
                    "another program's history; the first change of the process takes it in";
                self.findings.add(JOURNAL_FOREIGN, path, message);
                Sight::Absent
            }
            Err(error) => {
                self.findings.add(JOURNAL_CORRUPT, path, placed(&error, &markers));
                Sight::Broken
            }
        }
    }

    fn content(
        &mut self,
        path: &Path,
        process: Option<ProcessId>,
        journal: &Journal,
        has_markers: bool,
    ) -> Sight {
        let torn = journal.head.torn_bytes();
        if torn > 0 {
            let message =
                format!("its last {torn} bytes are of a write that never ended, or that goes on");
            self.findings.add(JOURNAL_TORN_TAIL, path, message);
        }
        if journal.lines.is_empty() {
            self.findings.add(JOURNAL_EMPTY, path, "it holds no event");
        }
        let told = match process {
            Some(id) => self.branches(path, id, journal),
            None => self.registry_events(path, journal).map_err(Some),
        };
        match told {
            Ok(()) if has_markers => Sight::Broken,
            Ok(()) => Sight::Sound,
            Err(None) => Sight::Broken,
            Err(Some(reason)) => {
                let newer = journal.lines.iter().any(|line| is_newer(&line.event));
                let code = if newer { JOURNAL_TOO_NEW } else { JOURNAL_BAD_EVENT };
                self.findings.add(code, path, reason);
                Sight::Broken
            }
        }
    }

    fn branches(
        &mut self,
        path: &Path,
        id: ProcessId,
        journal: &Journal,
    ) -> Result<(), Option<String>> {
        let told = tell(path, journal).map_err(|error| Some(error.to_string()))?;
        match told.events.iter().find_map(|event| event.fact.process()) {
            Some(process) if process.id != id => {
                let message = format!("it is the journal of {}, not of {id}", process.id);
                self.findings.add_lasting(ID_MISMATCH, path, message);
                return Err(None);
            }
            None if !told.events.is_empty() => {
                return Err(Some("no event makes the process".to_owned()));
            }
            Some(_) | None => {}
        }
        let Some(disagreements) = told.fork else {
            self.wake_up(path, &told.events);
            return Ok(());
        };
        if told.has_twin {
            let roots = roots_of(journal);
            let names: Vec<String> = roots.iter().map(|root| root.name()).collect();
            let message = format!(
                "it holds {} processes that were given one id: {}; the first made keeps the id",
                names.len(),
                names.join(", ")
            );
            self.findings.add(JOURNAL_TWO_PROCESSES, path, message);
        } else {
            self.fork(path, journal, JOURNAL_FORKED, &disagreements);
        }
        Ok(())
    }

    /// Proves that something moves the process on, as long as it has not ended (rule E16).
    fn wake_up(&mut self, path: &Path, events: &[Event]) {
        let execution = Execution::replay(events);
        if execution.run().is_some_and(process_engine::Run::is_stuck) {
            let message = "the process goes on, and nothing will ever move it: no step is open";
            self.findings.add(PROCESS_STUCK, path, message);
        }
    }

    fn registry_events(&mut self, path: &Path, journal: &Journal) -> Result<(), String> {
        for (index, line) in journal.lines.iter().enumerate() {
            RegistryEvent::from_value(&line.event)
                .map_err(|reason| format!("line {}: {reason}", index + 1))?;
        }
        if journal.is_forked {
            self.fork(path, journal, GLOBAL_FORKED, &[]);
        }
        Ok(())
    }

    fn fork(&mut self, path: &Path, journal: &Journal, code: Code, disagreements: &[String]) {
        let shared = journal.shared();
        let mut message = format!(
            "two branches were merged: they share {shared} events, and {} follow",
            journal.lines.len() - shared
        );
        message.push_str(if disagreements.is_empty() {
            "; the sides disagree on nothing"
        } else {
            "; the sides disagree on: "
        });
        let some = &disagreements[..disagreements.len().min(DISAGREEMENTS_MAX)];
        message.push_str(&some.join("; "));
        if some.len() < disagreements.len() {
            message.push_str(&format!("; and {} more", disagreements.len() - some.len()));
        }
        self.findings.add(code, path, message);
    }
}

/// Returns the text of a journal without the lines that a merge left behind.
pub(super) fn without_markers(bytes: &[u8]) -> Cow<'_, [u8]> {
    if marker_lines(bytes).is_empty() {
        return Cow::Borrowed(bytes);
    }
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    Cow::Owned(lines.filter(|line| !is_marker(line)).flatten().copied().collect())
}

/// Returns the numbers of the lines that a merge left behind.
fn marker_lines(bytes: &[u8]) -> Vec<usize> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    (1..).zip(lines).filter(|(_, line)| is_marker(line)).map(|(number, _)| number).collect()
}

fn is_marker(line: &[u8]) -> bool {
    MARKERS.iter().any(|marker| line.starts_with(marker))
}

/// Returns the message of a broken line, with its number as it is with the markers in between.
fn placed(error: &Error, markers: &[usize]) -> String {
    let line = error.details().and_then(|details| details["line"].as_u64()).unwrap_or_default();
    let mut real = line;
    for marker in markers {
        real += u64::from(*marker as u64 <= real);
    }
    error.message().replacen(&format!("line {line}:"), &format!("line {real}:"), 1)
}

fn is_newer(event: &Value) -> bool {
    event["format"].as_u64().is_some_and(|format| format > u64::from(JOURNAL_FORMAT))
}
