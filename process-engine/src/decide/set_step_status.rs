//! Giving a step another status, by hand.

use process_core::{Evidence, Fact, StepId, StepStatus, Timestamp};
use serde_json::Map;

use super::{
    follow,
    text::{self, text},
};
use crate::{execution::Execution, rejected::Rejected};

/// What a person may make of a step, by where it stands; rows and columns in the order of
/// [`StepStatus::ALL`].
///
/// A person settles any step at any time, from any status to any other that a person can mean;
/// only what was compensated is undone work, which can but be done anew.
const ALLOWED: [(StepStatus, [bool; 8]); 8] = [
    //                       pend.  progr. wait.  compl. skip.  fail.  canc.  comp.
    (StepStatus::Pending, [false, true, true, true, true, true, true, false]),
    (StepStatus::InProgress, [true, false, true, true, true, true, true, false]),
    (StepStatus::Waiting, [true, true, false, true, true, true, true, false]),
    (StepStatus::Completed, [true, true, true, false, true, true, true, false]),
    (StepStatus::Skipped, [true, true, true, true, false, true, true, false]),
    (StepStatus::Failed, [true, true, true, true, true, false, true, false]),
    (StepStatus::Cancelled, [true, true, true, true, true, true, false, false]),
    (StepStatus::Compensated, [true, false, false, false, false, false, false, false]),
];

/// Checks a change of status against the table.
pub(crate) fn transition(id: &StepId, from: StepStatus, to: StepStatus) -> Result<(), Rejected> {
    let column = StepStatus::ALL.iter().position(|status| *status == to).unwrap_or_default();
    let row = ALLOWED.iter().find(|(status, _)| *status == from);
    match row {
        Some((_, row)) if row[column] => Ok(()),
        _ if from == to => Err(Rejected::AlreadyInStatus { step: id.clone(), status: from }),
        _ => Err(Rejected::Transition { step: id.clone(), from, to }),
    }
}

/// Returns the fact that a step gets this status; `None` for one that no hand gives.
fn status_fact(step: StepId, status: StepStatus, outputs: Vec<String>) -> Option<Fact> {
    let fact = match status {
        StepStatus::Pending => Fact::StepReset { step },
        StepStatus::InProgress => Fact::StepStarted { step },
        StepStatus::Waiting => Fact::StepWaiting { step },
        StepStatus::Completed => Fact::StepCompleted { step, outputs },
        StepStatus::Skipped => Fact::StepSkipped { step },
        StepStatus::Failed => Fact::StepFailed { step },
        StepStatus::Cancelled => Fact::StepCancelled { step },
        StepStatus::Compensated => return None,
    };
    Some(fact)
}

/// The status changes, outputs are added behind those there are, a note becomes evidence. With
/// outputs or a note, the status that the step has already is no conflict: it then stays.
pub(crate) fn set_step_status(
    execution: &Execution,
    now: &Timestamp,
    id: &StepId,
    status: StepStatus,
    outputs: Vec<String>,
    note: Option<String>,
) -> Result<Vec<Fact>, Rejected> {
    let (process, step) = execution.open_step(id)?;
    let outputs = text::outputs(outputs)?;
    let note = note.map(|note| text("a note", note)).transpose()?;
    let mut facts = Vec::new();
    let adds = !outputs.is_empty() || note.is_some();
    if step.status == status && adds {
        if !outputs.is_empty() {
            facts.push(Fact::StepOutputAdded { step: id.clone(), outputs });
        }
    } else {
        transition(id, step.status, status)?;
        let at_end = if status == StepStatus::Completed { outputs.clone() } else { Vec::new() };
        let refused = Rejected::Transition { step: id.clone(), from: step.status, to: status };
        let fact = status_fact(id.clone(), status, at_end).ok_or(refused)?;
        if status != StepStatus::Completed && !outputs.is_empty() {
            facts.push(Fact::StepOutputAdded { step: id.clone(), outputs });
        }
        facts.push(fact);
    }
    if let Some(value) = note {
        facts.push(Fact::EvidenceRecorded {
            evidence: Box::new(Evidence {
                kind: "note".to_owned(),
                value,
                timestamp: Some(now.clone()),
                step_id: Some(id.to_string()),
                extra: Map::new(),
            }),
        });
    }
    facts.extend(follow(process, id, Some(status)));
    Ok(facts)
}
