//! A process's file: the rendering of its journal, and the surface that people edit.

use std::path::{Path, PathBuf};

use process_core::{
    Diagnostic, Event, Fact, Place, Process, ProcessId, StepId, Timestamp, Uid,
    difference::{self, Difference, difference},
    model::Defaults,
    yaml::{self, Data, Entry, Node},
};
use process_engine::{Execution, Input};
use serde_json::Value;

use super::{
    document::{self, FoundDocument},
    layout::Layout,
};
use crate::{
    disk::{Disk, FileKind, Stat},
    error::{Error, ErrorKind},
    journal::JOURNAL_LINE_BYTES_MAX,
};

/// The largest process file that is read.
pub(crate) const VIEW_BYTES_MAX: u64 = yaml::TEXT_BYTES_MAX as u64;

/// The largest hand edit that is taken, as a patch: it must fit in a line of the journal, beside
/// what else stands there.
const EDIT_BYTES_MAX: usize = JOURNAL_LINE_BYTES_MAX - 64 * 1024;

/// How often a file is read anew because somebody saves it meanwhile.
const READS_MAX: u32 = 5;

/// Who edits a process's file by hand, as journals name them.
pub(crate) const EDITOR: &str = "file";

/// What stands in the place of a process's file.
#[derive(Clone, Debug)]
pub enum View {
    /// Nothing.
    Absent,
    /// Something that is no YAML: never taken for an edit.
    Corrupt {
        /// What is wrong with it, and where.
        problem: Diagnostic,
    },
    /// What the journal says, at its end.
    Current {
        /// The text.
        text: String,
    },
    /// A hand edit.
    Edited {
        /// The text.
        text: String,
        /// What the edit makes of the journal's end, as an RFC 6902 patch.
        patch: Value,
    },
    /// YAML that is no process: an edit that cannot be taken.
    Invalid {
        /// Everything that is wrong with it.
        problems: Vec<Diagnostic>,
    },
    /// What the journal said at an earlier event.
    Stale {
        /// The text.
        text: String,
    },
    /// A link, a pipe, a folder, or a file beyond all limits.
    Unusual {
        /// What it is.
        what: String,
    },
}

/// A process's file as it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it was found, or where it belongs.
    pub path: PathBuf,
    /// What it is.
    pub view: View,
    /// Its length in bytes.
    pub bytes: u64,
    /// What the disk said of it when it was read; `None` when nothing was there.
    pub(crate) stat: Option<Stat>,
    /// A second file of the process, in the folder where it does not belong.
    pub second: Option<PathBuf>,
    /// Whether it lies in the folder where it does not belong.
    pub misplaced: bool,
    /// The file of its document.
    pub document: FoundDocument,
}

/// What a file's text says, before it is held against a journal.
pub(crate) enum Text {
    Absent,
    Unusual(String),
    Read { text: String, stat: Stat },
}

/// Reads the text of a file that people may have put something else in the place of.
pub(crate) fn read_text(disk: &dyn Disk, path: &Path) -> Result<Text, Error> {
    read_text_within(disk, path, READS_MAX)
}

fn read_text_within(disk: &dyn Disk, path: &Path, tries: u32) -> Result<Text, Error> {
    let Some(stat) = disk.stat(path)? else { return Ok(Text::Absent) };
    let unusual = |what: &str| Ok(Text::Unusual(what.to_owned()));
    match stat.kind {
        FileKind::File if stat.len > VIEW_BYTES_MAX => {
            unusual(&format!("larger than {VIEW_BYTES_MAX} bytes"))
        }
        FileKind::File => match disk.read(path, VIEW_BYTES_MAX) {
            // Somebody is saving it at this moment: half of it is no edit.
            Ok(_) if tries > 0 && disk.stat(path)? != Some(stat) => {
                read_text_within(disk, path, tries - 1)
            }
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Text::Read { text, stat }),
                Err(_) => unusual("not UTF-8"),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Text::Absent),
            Err(error) => Err(error),
        },
        FileKind::Folder => unusual("a folder"),
        FileKind::Link => unusual("a link"),
        FileKind::Other => unusual("a pipe or device"),
    }
}

/// Finds the file of a process and holds it against the journal.
pub(crate) fn find(
    disk: &dyn Disk,
    layout: &Layout,
    id: ProcessId,
    execution: &Execution,
    events: &[Event],
) -> Result<Found, Error> {
    let archived = execution.process().is_some_and(Process::is_archived);
    let home = layout.view(id, archived);
    let away = layout.view(id, !archived);
    let at_home = read_text(disk, &home)?;
    let elsewhere = disk.stat(&away)?.is_some();
    let misplaced = elsewhere && matches!(at_home, Text::Absent);
    let (path, text) = if misplaced {
        (away, read_text(disk, &layout.view(id, !archived))?)
    } else {
        (home, at_home)
    };
    let second = (elsewhere && !misplaced).then(|| layout.view(id, !archived));
    let (view, stat) = match text {
        Text::Absent => (View::Absent, None),
        Text::Unusual(what) => (View::Unusual { what }, None),
        Text::Read { text, stat } => (compare(text, execution, events), Some(stat)),
    };
    let bytes = stat.map_or(0, |stat| stat.len);
    let document = document::find(disk, layout, id, (execution, events), &view)?;
    Ok(Found { path, view, bytes, stat, second, misplaced, document })
}

/// Holds a text against the journal: is it what the journal said, or an edit of that?
pub(crate) fn compare(text: String, execution: &Execution, events: &[Event]) -> View {
    let node = match yaml::read(&text) {
        Ok(node) => node,
        Err(problem) => return View::Corrupt { problem },
    };
    let Some(current) = execution.process() else {
        return View::Current { text };
    };
    let revision = shown_revision(&node).unwrap_or(execution.revision());
    let earlier;
    let then = if revision < execution.revision() {
        let upto = events.iter().take_while(|event| event.seq <= revision);
        earlier = Execution::replay(upto);
        if earlier.process().is_some() { &earlier } else { execution }
    } else {
        execution
    };
    let base = then.process().unwrap_or(current);
    let node = with_step_ids(node, then.step_number_max());
    let seen = match Process::read(&node, &defaults_of(base)) {
        Ok(seen) => seen,
        Err(problems) => return View::Invalid { problems },
    };
    if seen.content() == base.content() {
        let is_current = seen.revision == current.revision;
        return if is_current { View::Current { text } } else { View::Stale { text } };
    }
    let change = difference(base, &seen);
    if was_taken_in(&change, base, events, revision) {
        return View::Stale { text };
    }
    match difference::rebase(&change, base, current) {
        Ok(edited) => match patch_between(current, &edited) {
            Ok(patch) => View::Edited { text, patch },
            Err(problem) => View::Invalid { problems: vec![problem] },
        },
        Err(reason) => {
            let message = format!("the edit is of revision {revision}, and {reason}");
            let problem = Diagnostic::error("edit_conflict", Place::UNKNOWN, message);
            View::Invalid { problems: vec![problem] }
        }
    }
}

/// Tells whether an edit was taken in already, by a program that died before it wrote the file anew.
fn was_taken_in(change: &Difference, base: &Process, events: &[Event], revision: u64) -> bool {
    let mut execution = Execution::default();
    for event in events {
        if event.seq > revision
            && event.by == EDITOR
            && matches!(event.fact, Fact::Edited { .. })
            && let Some(then) = execution.process()
            && let Ok(edited) = difference::rebase(change, base, then)
            && let Ok(patch) = patch_between(then, &edited)
            && let Ok(decided) = execution.decide(&event.at, EDITOR, Input::Edit { patch })
            && decided.first().is_some_and(|first| first.fact == event.fact)
        {
            return true;
        }
        execution.apply(event);
    }
    false
}

/// Returns the RFC 6902 patch between two states of a process, when it fits a journal line.
fn patch_between(from: &Process, to: &Process) -> Result<Value, Diagnostic> {
    let patch = json_patch::diff(&from.to_value(), &to.to_value());
    // A list of operations is always a JSON value.
    let patch = serde_json::to_value(patch).unwrap_or_default();
    let bytes = patch.to_string().len();
    if bytes <= EDIT_BYTES_MAX {
        return Ok(patch);
    }
    let reason = format!("an edit of {bytes} bytes is more than {EDIT_BYTES_MAX}");
    Err(Diagnostic::error("edit_too_large", Place::UNKNOWN, reason))
}

fn text_of(node: &Node) -> Option<&str> {
    if let Data::Text(text) = &node.data { Some(text) } else { None }
}

/// Gives steps that were added by hand without an id one that no step of the process ever had.
fn with_step_ids(node: Node, used: u64) -> Node {
    let Data::Map(mut entries) = node.data else { return node };
    let steps = entries.iter_mut().find(|entry| entry.key == "steps");
    if let Some(Data::List(steps)) = steps.map(|entry| &mut entry.value.data) {
        let given = steps.iter().filter_map(|step| text_of(step.get("id")?));
        let given = given.filter_map(|id| StepId::parse(id).ok()?.number()).max();
        let mut number = used.max(given.unwrap_or(0));
        for step in steps {
            let place = step.place;
            let is_nameless = step.get("id").is_none();
            if let Data::Map(fields) = &mut step.data
                && is_nameless
            {
                number += 1;
                let id = Data::Text(StepId::numbered(number).to_string());
                let value = Node { place, data: id };
                fields.insert(0, Entry { key: "id".to_owned(), key_place: place, value });
            }
        }
    }
    Node { place: node.place, data: Data::Map(entries) }
}

/// Returns what a process takes where its file says nothing.
pub(crate) fn defaults_of(process: &Process) -> Defaults {
    Defaults { id: process.id, uid: process.uid, now: process.created_at.clone() }
}

fn shown_revision(node: &Node) -> Option<u64> {
    node.get("revision")?.to_json().as_u64()
}

/// Reads a process file that has no journal.
pub(crate) fn read_alone(
    text: &str,
    id: ProcessId,
    uid: Uid,
    now: &Timestamp,
) -> Result<Process, Vec<Diagnostic>> {
    let node = yaml::read(text).map_err(|problem| vec![problem])?;
    Process::read(&node, &Defaults { id, uid, now: now.clone() })
}
