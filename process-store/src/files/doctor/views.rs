//! Looking at the file of a process, beside its journal or without one.

use std::path::Path;

use process_core::{Diagnostic, ProcessId, Uid, yaml};
use process_engine::Input;

use super::{
    code::{
        Code, ID_MISMATCH, VERSION_CORRUPT, VIEW_CORRUPT, VIEW_EDITED, VIEW_INVALID,
        VIEW_MISPLACED, VIEW_MISSING, VIEW_NOT_REGULAR, VIEW_STALE, VIEW_TWICE,
        VIEW_WITHOUT_JOURNAL,
    },
    examine::{Examination, Expected},
};
use crate::{
    disk::FileKind,
    error::ErrorKind,
    files::{
        Record, Sheet, View,
        versions::version_in,
        view::{Text, read_alone, read_text},
    },
};

impl Examination<'_> {
    /// Looks at the file of a process that has a journal.
    pub(super) fn view(&mut self, record: &Record) {
        let (id, path) = (record.id, record.found.path.as_path());
        let home = record.process().is_ok_and(|process| process.is_archived());
        let home = self.files.layout().view(id, home);
        if record.found.misplaced {
            let message = format!("it belongs to `{}`", self.files.layout().shown(&home));
            self.findings.add_of(id, VIEW_MISPLACED, path, message);
        }
        if let Some(second) = &record.found.second {
            let message =
                format!("a second file of {id}, beside `{}`", self.files.layout().shown(&home));
            self.findings.add_of(id, VIEW_TWICE, second, message);
        }
        self.document(record);
        match &record.found.view {
            View::Current { .. } => {}
            View::Absent => {
                self.findings.add_of(id, VIEW_MISSING, path, "the process has no file");
            }
            View::Corrupt { problem } => {
                self.findings.add_of(id, VIEW_CORRUPT, path, problem.to_string());
            }
            View::Unusual { what } => {
                let code = self.unusual(path);
                self.findings.add_of(id, code, path, format!("it is {what}"));
            }
            View::Edited { .. } | View::Invalid { .. } | View::Stale { .. }
                if record.fork.is_some() =>
            {
                let message = "it does not show both branches of the journal";
                self.findings.add_of(id, VIEW_STALE, path, message);
            }
            View::Stale { .. } => {
                let message = format!(
                    "it does not show the journal's end, revision {}",
                    record.execution.revision()
                );
                self.findings.add_of(id, VIEW_STALE, path, message);
            }
            View::Edited { patch, .. } => {
                let input = Input::Edit { patch: patch.clone() };
                match record.execution.decide(self.now, "file", input) {
                    Ok(_) => {
                        let message = "it was edited by hand; the next change takes that in";
                        self.findings.add_of(id, VIEW_EDITED, path, message);
                    }
                    Err(reason) => {
                        let message = format!("its edit cannot be taken: {reason}");
                        self.findings.add_of(id, VIEW_INVALID, path, message);
                    }
                }
            }
            View::Invalid { problems } => {
                for problem in problems {
                    self.findings.add_of(id, code_of(problem), path, problem.to_string());
                }
            }
        }
    }

    /// Looks at the document of a process that has a journal.
    fn document(&mut self, record: &Record) {
        let (id, path) = (record.id, record.found.document.path.as_path());
        match &record.found.document.sheet {
            Sheet::Absent if record.execution.document().is_some() => {
                self.findings.add_of(id, VIEW_MISSING, path, "the document has no file");
            }
            Sheet::Absent | Sheet::Current { .. } => {}
            Sheet::Edited { .. } => {
                let message = "it was edited by hand; the next change takes that in";
                self.findings.add_of(id, VIEW_EDITED, path, message);
            }
            Sheet::Invalid { reason } => {
                self.findings.add_of(id, VIEW_INVALID, path, reason.clone());
            }
            Sheet::Stale => {
                let message = "it does not show the document at the journal's end";
                self.findings.add_of(id, VIEW_STALE, path, message);
            }
            Sheet::Unusual { what } => {
                let code = self.unusual(path);
                self.findings.add_of(id, code, path, format!("it is {what}"));
            }
        }
    }

    /// Looks at the files of a process that has no journal: it is not taken in yet.
    pub(super) fn without_journal(&mut self, id: ProcessId) {
        let layout = self.files.layout().clone();
        let paths = [layout.view(id, false), layout.view(id, true)];
        let mut found = Vec::new();
        for path in &paths {
            match read_text(self.files.disk(), path) {
                Ok(Text::Absent) => {}
                Ok(Text::Unusual(what)) => {
                    let code = self.unusual(path);
                    self.findings.add_lasting(code, path, format!("it is {what}"));
                    found.push(path);
                }
                Ok(Text::Read { text, .. }) => {
                    self.alone(id, path, &text);
                    found.push(path);
                }
                Err(error) => self.unreadable(path, &error),
            }
        }
        if let [first, second] = found.as_slice() {
            let message = format!("a second file of {id}, beside `{}`", layout.shown(first));
            self.findings.add_lasting(VIEW_TWICE, second, message);
        }
        self.versions_alone(id);
    }

    fn alone(&mut self, id: ProcessId, path: &Path, text: &str) {
        if let Err(problem) = yaml::read(text) {
            self.findings.add_lasting(VIEW_CORRUPT, path, problem.to_string());
            return;
        }
        match read_alone(text, id, Uid::nil(), self.now) {
            Ok(process) => {
                let message = "it has no journal yet; the first change of the process makes one";
                self.findings.add(VIEW_WITHOUT_JOURNAL, path, message);
                let entry = process_core::registry::ProcessEntry::of(&process);
                self.entries.insert(id, Expected { entry, in_full: false });
            }
            Err(problems) => {
                for problem in &problems {
                    self.findings.add_lasting(code_of(problem), path, problem.to_string());
                }
            }
        }
    }

    /// Finds what keeps the versions of a process from being taken in with it.
    fn versions_alone(&mut self, id: ProcessId) {
        let folder = self.files.layout().versions(id);
        for entry in self.version_files(id).unwrap_or_default() {
            let path = folder.join(&entry.name);
            let reason = match read_text(self.files.disk(), &path) {
                Ok(Text::Absent) => continue,
                Ok(Text::Unusual(what)) => format!("it is {what}"),
                Ok(Text::Read { text, .. }) => match version_in(&text) {
                    Ok(_) => continue,
                    Err(reason) => reason,
                },
                Err(error) => {
                    self.unreadable(&path, &error);
                    continue;
                }
            };
            self.findings.add_lasting(VERSION_CORRUPT, &path, reason);
        }
    }

    /// Tells a file that is too large or no text from what is no file at all.
    fn unusual(&self, path: &Path) -> Code {
        match self.files.disk().stat(path) {
            Ok(Some(stat)) if stat.kind == FileKind::File => VIEW_CORRUPT,
            Ok(_) => VIEW_NOT_REGULAR,
            Err(error) if error.kind() == ErrorKind::NotRegular => VIEW_NOT_REGULAR,
            Err(_) => VIEW_CORRUPT,
        }
    }
}

fn code_of(problem: &Diagnostic) -> Code {
    if problem.code == ID_MISMATCH.name { ID_MISMATCH } else { VIEW_INVALID }
}
