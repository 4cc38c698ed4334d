//! Finding what is wrong with the children of a registry.

use std::collections::BTreeMap;

use process_core::Severity;
use process_store::files::Problem;
use procreg::{Certainty, ProcessStatus};

use super::{open::Children, outcome::Child};
use crate::{doctor::Diagnosis, error::Error};

/// The most problems that are told; whoever has more begins with these.
const PROBLEMS_MAX: usize = 10_000;

impl Children {
    /// Finds what somebody has to look after: children without an owner, children that cannot be
    /// verified, tasks with more than one child, children that ended too often, and a registry that
    /// was broken. Nothing is changed.
    ///
    /// # Errors
    /// As [`Children::list`].
    pub fn examine(&self) -> Result<Diagnosis, Error> {
        let loaded = self.registry.read()?;
        let path = self.path().display().to_string();
        let mut problems: Vec<Problem> = loaded
            .notices
            .iter()
            .map(|notice| problem("children_file", Severity::Error, &path, notice.to_string()))
            .collect();
        let children: Vec<Child> = loaded.registry.list().map(Child::of).collect();
        let mut tasks: BTreeMap<(&str, &str), Vec<u32>> = BTreeMap::new();
        for child in &children {
            problems.extend(
                about(child)
                    .map(|(code, severity, message)| problem(code, severity, &path, message)),
            );
            if let Some(task) = child.info.task_id.as_ref().filter(|_| child.is_live()) {
                let task = (child.info.namespace.as_str(), task.as_str());
                tasks.entry(task).or_default().push(child.info.pid);
            }
        }
        for ((namespace, task), pids) in tasks.into_iter().filter(|(_, pids)| pids.len() > 1) {
            let message = format!("`{task}` of `{namespace}` has more than one child: {pids:?}");
            problems.push(problem("children_twins", Severity::Error, &path, message));
        }
        for orphan in self.orphans(None)?.into_iter().filter(|orphan| !orphan.left.is_empty()) {
            let message = format!("{}: {}, {:?}", named(&orphan), orphan.reason, orphan.left);
            problems.push(problem("children_left", Severity::Warning, &path, message));
        }
        problems.truncate(PROBLEMS_MAX);
        Ok(Diagnosis { problems })
    }
}

fn about(child: &Child) -> Option<(&'static str, Severity, String)> {
    let message = format!("{}: {}", named(child), child.reason);
    let found = match &child.status {
        ProcessStatus::Orphaned => ("child_orphaned", Severity::Warning),
        ProcessStatus::Stale if child.certainty == Certainty::Unknown => {
            ("child_unverified", Severity::Warning)
        }
        ProcessStatus::Stale => ("child_stale", Severity::Info),
        ProcessStatus::Stopped if child.gave_up() => ("child_gave_up", Severity::Warning),
        ProcessStatus::Running if child.is_orphan => ("child_detached", Severity::Info),
        ProcessStatus::Other(_) | ProcessStatus::Running | ProcessStatus::Stopped => return None,
    };
    Some((found.0, found.1, message))
}

fn named(child: &Child) -> String {
    let task = child.info.task_id.as_ref().map_or("", procreg::TaskId::as_str);
    format!("child {} ({} of {})", child.info.pid, task, child.info.namespace)
}

fn problem(code: &'static str, severity: Severity, path: &str, message: String) -> Problem {
    Problem { code, severity, path: path.to_owned(), message, fixed: false }
}
