//! How far a process is, and what comes next.

use crate::{
    model::{Process, Step},
    status::StepStatus,
    time::Timestamp,
};

/// How many steps of a process have ended well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Steps that are done or left out.
    pub completed: usize,
    /// All steps.
    pub total: usize,
}

impl Progress {
    /// Counts the steps of a process.
    #[must_use]
    pub fn of(process: &Process) -> Self {
        let completed = process.steps.iter().filter(|step| step.status.has_ended()).count();
        Self { completed, total: process.steps.len() }
    }

    /// Returns the share that has ended, in per cent, rounded; 0 without steps.
    #[must_use]
    pub fn percent(self) -> u64 {
        let (completed, total) = (self.completed as u64, self.total as u64);
        (completed * 200 + total).checked_div(total * 2).unwrap_or(0)
    }

    /// Returns a bar of `width` characters.
    #[must_use]
    pub fn bar(self, width: usize) -> String {
        let full = self.completed * width / self.total.max(1);
        format!("{}{}", "█".repeat(full), "░".repeat(width - full))
    }
}

/// Returns the steps that somebody can take at this instant: begun ones that nobody holds any
/// more, then those not begun, in order.
#[must_use]
pub fn ready<'a>(process: &'a Process, now: &Timestamp) -> Vec<&'a Step> {
    let free = |step: &&Step| match step.status {
        StepStatus::Pending => step.held_by(now).is_none(),
        StepStatus::InProgress => step.claim.is_some() && step.held_by(now).is_none(),
        StepStatus::Waiting
        | StepStatus::Completed
        | StepStatus::Skipped
        | StepStatus::Failed
        | StepStatus::Cancelled
        | StepStatus::Compensated => false,
    };
    let mut steps: Vec<&Step> = process.steps.iter().filter(free).collect();
    steps.sort_by_key(|step| step.status != StepStatus::InProgress);
    steps
}

/// Returns what the process still lacks, as sentences for people.
#[must_use]
pub fn missing(process: &Process) -> Vec<String> {
    let mut missing = Vec::new();
    if process.decisions.is_empty() {
        missing.push("No decisions logged".to_owned());
    }
    if process.evidence.is_empty() {
        missing.push("No evidence recorded".to_owned());
    }
    if !has_rollback(process) {
        missing.push("No rollback procedure defined".to_owned());
    }
    let listed = process.extra.get("missing").and_then(serde_json::Value::as_array);
    missing.extend(listed.into_iter().flatten().filter_map(|item| item.as_str()).map(String::from));
    missing
}

pub(crate) fn has_rollback(process: &Process) -> bool {
    mentions(process, &["rollback", "roll back", "revert"])
}

pub(crate) fn has_validation(process: &Process) -> bool {
    mentions(process, &["test", "validat", "verif"])
}

fn mentions(process: &Process, words: &[&str]) -> bool {
    process.steps.iter().any(|step| {
        let name = step.name.to_lowercase();
        words.iter().any(|word| name.contains(word))
    })
}

#[cfg(test)]
mod tests;
