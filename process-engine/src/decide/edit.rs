//! Changing a process as a document: by hand in its file, or by a patch.

use process_core::{Fact, Process, StepStatus, Timestamp, model::Defaults};
use serde_json::Value;

use super::{status_follows, transition};
use crate::{apply::enter, execution::Execution, rejected::Rejected};

/// A document edit may change all but what makes the process this one: id, uid, and whether it is
/// archived. Statuses follow the table of hand-set statuses and bring their instants along, unless
/// the edit sets those itself. Every reason against it is told at once.
pub(crate) fn edit(
    execution: &Execution,
    now: &Timestamp,
    patch: &Value,
) -> Result<Vec<Fact>, Rejected> {
    let before = execution.open()?;
    let mut after = edited(execution, now, patch)?;
    after.revision = before.revision;
    let mut facts = Vec::new();
    if before.to_value() != after.to_value() {
        facts.push(Fact::Edited { patch: patch_between(before, &after) });
    }
    // A status that somebody set by hand stands until a step moves.
    let statuses = |process: &Process| -> Vec<StepStatus> {
        process.steps.iter().map(|step| step.status).collect()
    };
    if after.status == before.status && statuses(&after) != statuses(before) {
        facts.extend(status_follows(after.status, statuses(&after).into_iter()));
    }
    Ok(facts)
}

/// Returns the process as a patch makes it, by the rules of an edit.
pub(super) fn edited(
    execution: &Execution,
    now: &Timestamp,
    patch: &Value,
) -> Result<Process, Rejected> {
    let before = execution.open()?;
    let mut after = patched(before, patch)?;
    let mut reasons = Vec::new();
    if after.uid != before.uid {
        reasons.push("`uid` cannot be changed".to_owned());
    }
    if after.key != before.key {
        reasons.push("`key` is set when the process is started".to_owned());
    }
    if after.archived_at != before.archived_at {
        reasons.push("`archivedAt` is set by `procside archive` and `restore`".to_owned());
    }
    for step in &after.steps {
        if before.step(&step.id).is_none() && execution.removed.contains(&step.id) {
            reasons.push(format!("step id `{}` was used before and is not reused", step.id));
        }
    }
    settle_steps(before, &mut after, now, &mut reasons);
    if reasons.is_empty() { Ok(after) } else { Err(Rejected::BadEdit(reasons)) }
}

/// Returns the RFC 6902 patch between two states of a process.
pub(crate) fn patch_between(from: &Process, to: &Process) -> Value {
    let patch = json_patch::diff(&from.to_value(), &to.to_value());
    // A list of operations is always a JSON value.
    serde_json::to_value(patch).unwrap_or_default()
}

/// Returns the process with a patch applied, or every reason why that is none.
pub(super) fn patched(before: &Process, patch: &Value) -> Result<Process, Rejected> {
    let bad = |reason: String| Rejected::BadEdit(vec![reason]);
    let patch: json_patch::Patch = serde_json::from_value(patch.clone())
        .map_err(|error| bad(format!("the patch is no RFC 6902 patch: {error}")))?;
    let mut value = before.to_value();
    // Without undoing on failure, which can panic: the value is a copy of our own.
    json_patch::patch_unsafe(&mut value, &patch)
        .map_err(|error| bad(format!("the patch does not fit: {error}")))?;
    let defaults = Defaults { id: before.id, uid: before.uid, now: before.created_at.clone() };
    Process::from_value(&value, &defaults).map_err(|problems| {
        Rejected::BadEdit(problems.into_iter().map(|problem| problem.message).collect())
    })
}

fn settle_steps(before: &Process, after: &mut Process, now: &Timestamp, reasons: &mut Vec<String>) {
    for step in &mut after.steps {
        let old = before.step(&step.id);
        let from = old.map_or(StepStatus::Pending, |old| old.status);
        if from == step.status {
            continue;
        }
        if let Err(reason) = transition(&step.id, from, step.status) {
            reasons.push(reason.to_string());
            continue;
        }
        let instants =
            |step: &process_core::Step| (step.started_at.clone(), step.completed_at.clone());
        // A new step brings what its writer gave it; an old one whose writer touched the instants too.
        if old.is_some_and(|old| instants(old) == instants(step)) {
            let to = std::mem::replace(&mut step.status, from);
            enter(step, to, now);
        }
    }
}
