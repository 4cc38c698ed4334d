//! What the doctor finds: a bounded list of problems.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use process_core::{ProcessId, Severity};

use super::code::{Code, TOO_MANY_PROBLEMS};
use crate::files::Layout;

/// The most problems that are told; whoever has more begins with these.
pub(super) const PROBLEMS_MAX: usize = 10_000;

/// The longest message of a problem, in characters.
const MESSAGE_CHARS_MAX: usize = 4_000;

/// Something that is wrong with the files of a project, or worth knowing about them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// A stable name in snake case that programs can match on (docs/doctor.md).
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file or folder, below the project, with `/`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// Whether it was repaired.
    pub fixed: bool,
}

/// A problem as the doctor works with it.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) code: Code,
    pub(super) path: PathBuf,
    pub(super) message: String,
    /// The process whose journal can repair it.
    pub(super) process: Option<ProcessId>,
    /// Whether there is nothing that this very file could be repaired from.
    is_lasting: bool,
}

/// A list of problems that does not grow without bound.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    is_cut: bool,
}

impl Finding {
    fn key(&self) -> (&'static str, &Path) {
        (self.code.name, &self.path)
    }

    pub(super) fn can_be_repaired(&self) -> bool {
        self.code.can_be_repaired && !self.is_lasting
    }
}

impl Findings {
    /// Adds a problem.
    pub(super) fn add(&mut self, code: Code, path: &Path, message: impl Into<String>) {
        let (path, message) = (path.to_owned(), message.into());
        self.push(Finding { code, path, message, process: None, is_lasting: false });
    }

    /// Adds a problem that cannot be repaired here, though others of its kind can.
    pub(super) fn add_lasting(&mut self, code: Code, path: &Path, message: impl Into<String>) {
        let (path, message) = (path.to_owned(), message.into());
        self.push(Finding { code, path, message, process: None, is_lasting: true });
    }

    /// Adds a problem of a process whose journal is sound.
    pub(super) fn add_of(
        &mut self,
        process: ProcessId,
        code: Code,
        path: &Path,
        message: impl Into<String>,
    ) {
        let (path, message) = (path.to_owned(), message.into());
        self.push(Finding { code, path, message, process: Some(process), is_lasting: false });
    }

    /// Adds those of a later look that are not in the list yet.
    pub(super) fn absorb(&mut self, later: &Findings) {
        let known: BTreeSet<_> = self.list.iter().map(Finding::key).collect();
        let fresh = later.list.iter().filter(|finding| !known.contains(&finding.key()));
        let fresh: Vec<Finding> = fresh.cloned().collect();
        fresh.into_iter().for_each(|finding| self.push(finding));
        self.is_cut |= later.is_cut;
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }

    /// Returns the places and codes of what can be repaired.
    pub(super) fn repairable(&self) -> BTreeSet<(&'static str, &Path)> {
        self.list.iter().filter(|finding| finding.can_be_repaired()).map(Finding::key).collect()
    }

    /// Returns the problems as they are told; those that are not in `left` were repaired, and
    /// `failures` say why the others were not.
    pub(super) fn into_problems(
        self,
        layout: &Layout,
        left: &Findings,
        failures: &[(PathBuf, String)],
    ) -> Vec<Problem> {
        let left: BTreeSet<_> = left.list.iter().map(Finding::key).collect();
        let mut problems: Vec<Problem> = Vec::with_capacity(self.list.len() + 1);
        for finding in &self.list {
            let fixed = !left.contains(&finding.key());
            let mut message = finding.message.clone();
            let failure = failures.iter().find(|(path, _)| *path == finding.path);
            if let Some((_, reason)) = failure.filter(|_| !fixed) {
                message = format!("{message}; it was not repaired: {reason}");
            }
            problems.push(Problem {
                code: finding.code.name,
                severity: finding.code.severity,
                path: layout.shown(&finding.path),
                message: shortened(message),
                fixed,
            });
        }
        if self.is_cut {
            problems.push(Problem {
                code: TOO_MANY_PROBLEMS.name,
                severity: TOO_MANY_PROBLEMS.severity,
                path: layout.shown(layout.folder()),
                message: format!("there are more than {PROBLEMS_MAX} problems"),
                fixed: false,
            });
        }
        problems
    }

    fn push(&mut self, finding: Finding) {
        if self.list.len() < PROBLEMS_MAX {
            self.list.push(finding);
        } else {
            self.is_cut = true;
        }
    }
}

fn shortened(message: String) -> String {
    match message.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    }
}
