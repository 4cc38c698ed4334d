//! Bringing two branches of one journal together again.
//!
//! Two people worked on copies of a project, and their journals were merged line by line. Both
//! sides' events are kept, ordered by time, never against a side's own order. What the other side
//! made impossible is kept without effect, as [`Fact::Superseded`], and named.

use std::collections::BTreeMap;

use process_core::{
    Event, Fact, Process, StepId, StepStatus,
    difference::{self, StepChange},
    document::{self, Entry},
    event::RunFact,
};
use serde_json::Value;

use crate::{
    apply::patched,
    decide::{patch_between, status_follows},
    execution::Execution,
};

/// Two or more branches as one journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// All events, numbered anew from 1.
    pub events: Vec<Event>,
    /// What the sides disagree on, for people.
    pub disagreements: Vec<String>,
}

/// One branch, and how far it has been told.
struct Side<'a> {
    events: std::iter::Peekable<std::slice::Iter<'a, Event>>,
    /// The state as this branch alone knew it.
    own: Execution,
    /// Step ids of this branch that another branch gave to another step.
    ids: BTreeMap<StepId, StepId>,
    /// The numbers that entries of this branch got.
    entries: BTreeMap<u64, u64>,
}

/// Brings the sides together on top of the events that they have in common.
#[must_use]
pub fn merge(common: &[Event], sides: &[Vec<Event>]) -> Merged {
    let mut merged = Merged { events: common.to_vec(), disagreements: Vec::new() };
    let mut state = Execution::replay(common);
    let mut sides: Vec<Side<'_>> = sides
        .iter()
        .map(|events| Side {
            events: events.iter().peekable(),
            own: state.clone(),
            ids: BTreeMap::new(),
            entries: BTreeMap::new(),
        })
        .collect();
    while let Some((side, event)) = next(&mut sides) {
        let told = translate(side, event, &state);
        side.own.apply(event);
        let fact = told.unwrap_or_else(|reason| {
            let (seq, by, at) = (event.seq, &event.by, &event.at);
            merged.disagreements.push(format!("event {seq} of {by} at {at}: {reason}"));
            Fact::Superseded { event: event.to_value() }
        });
        push(&mut merged.events, &mut state, event, fact);
    }
    if let (Some(last), Some(process)) = (merged.events.last().cloned(), state.process())
        && step_statuses(&state) != step_statuses(&Execution::replay(common))
        && let Some(fact) = status_follows(process.status, step_statuses(&state).into_iter())
    {
        push(&mut merged.events, &mut state, &last, fact);
    }
    merged
}

fn step_statuses(execution: &Execution) -> Vec<StepStatus> {
    execution.process().iter().flat_map(|process| &process.steps).map(|step| step.status).collect()
}

fn push(events: &mut Vec<Event>, state: &mut Execution, like: &Event, fact: Fact) {
    let seq = state.revision + 1;
    let event = Event { seq, at: like.at.clone(), by: like.by.clone(), fact };
    state.apply(&event);
    events.push(event);
}

/// Takes the earliest event that is next on any side.
fn next<'s, 'a>(sides: &'s mut [Side<'a>]) -> Option<(&'s mut Side<'a>, &'a Event)> {
    let side = sides
        .iter_mut()
        .filter_map(|side| Some((side.events.peek()?.at.instant(), side)))
        .min_by_key(|(at, _)| *at)
        .map(|(_, side)| side)?;
    let event = side.events.next()?;
    Some((side, event))
}

/// Refuses what another side has settled before: the first end of a visit, or of a run, stands.
fn still_fits(fact: &RunFact, state: &Execution) -> Result<(), String> {
    let Some(run) = state.run() else {
        let begins = matches!(fact, RunFact::Started(_));
        return if begins { Ok(()) } else { Err("the process was not started".to_owned()) };
    };
    match fact {
        RunFact::Started(_) => Err("the process was started before".to_owned()),
        RunFact::ProcessEnded { .. } if run.end().is_some() => {
            Err("the process has ended before".to_owned())
        }
        RunFact::ApprovalDecided { at, .. }
        | RunFact::AttemptFailed { at, .. }
        | RunFact::StepCancelled { at, .. }
        | RunFact::StepCompleted { at, .. }
        | RunFact::StepFailed { at, .. }
        | RunFact::StepSkipped { at, .. }
        | RunFact::StepStarted { at, .. } => {
            let visit = run.step(at.step.as_str()).and_then(|step| step.visit(at.visit));
            match visit {
                Some(visit) if !visit.state().is_open() => {
                    Err(format!("visit {} of step `{}` has ended before", at.visit, at.step))
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Returns what an event of a side says in the state that all sides made together.
fn translate(side: &mut Side<'_>, event: &Event, state: &Execution) -> Result<Fact, String> {
    let mut fact = event.fact.clone();
    let Some(process) = state.process() else {
        let begins = fact.process().is_some() || matches!(fact, Fact::LegacyRecorded { .. });
        return if begins { Ok(fact) } else { Err("there is no process yet".to_owned()) };
    };
    match &mut fact {
        Fact::StepAdded { step, index, content } => {
            if process.step(step).is_some() || state.removed.contains(step) {
                let free = state.free_step_id();
                side.ids.insert(step.clone(), free.clone());
                (*step, content.id) = (free.clone(), free);
            }
            *index = place(side, *index, None, process);
        }
        Fact::StepMoved { step, index } => {
            *index = place(side, *index, Some(step), process);
            *step = known(side, step, process)?;
        }
        Fact::StepEdited { step, .. } | Fact::StepOutputAdded { step, .. } => {
            *step = known(side, step, process)?
        }
        Fact::StepCancelled { step }
        | Fact::StepClaimed { step, .. }
        | Fact::StepCompleted { step, .. }
        | Fact::StepFailed { step }
        | Fact::StepReleased { step }
        | Fact::StepRemoved { step }
        | Fact::StepReset { step }
        | Fact::StepSkipped { step }
        | Fact::StepStarted { step }
        | Fact::StepWaiting { step } => {
            let was = status_of(&side.own, step);
            *step = known(side, step, process)?;
            if let Some(now) = process.step(step).map(|step| step.status) {
                difference::first_end_stands(step, was, now)?;
            }
        }
        Fact::DocumentChanged { entry, splices } => {
            let own = side.own.document().unwrap_or_default();
            let theirs = state.document().unwrap_or_default();
            *splices = document::rebased(splices, own, theirs)
                .ok_or("the other side changed the same part of the document")?;
            number(side, entry, state);
        }
        Fact::Edited { patch } => *patch = rebased(side, event, process)?,
        Fact::ProcessPatched { entry, patch, inverse } => {
            *patch = rebased(side, event, process)?;
            let after = patched(process, patch).ok_or("it makes no process any more")?;
            *inverse = patch_between(&after, process);
            number(side, entry, state);
        }
        Fact::DecisionRecorded { decision } => {
            renumber(&mut decision.id, "d", process.decisions.iter().map(|one| one.id.as_str()));
        }
        Fact::RiskRecorded { risk } => {
            renumber(&mut risk.id, "r", process.risks.iter().map(|one| one.id.as_str()));
        }
        Fact::EvidenceRecorded { evidence } => {
            let step = evidence.step_id.as_deref().and_then(|id| StepId::parse(id).ok());
            if let Some(other) = step.and_then(|id| side.ids.get(&id)) {
                evidence.step_id = Some(other.to_string());
            }
        }
        Fact::Versioned { .. } => return version(side, event, state),
        Fact::VersionImported { content } => {
            if state.version(content.number).is_some() {
                content.number = state.next_version();
            }
        }
        Fact::Run(fact) => still_fits(fact, state)?,
        Fact::ProcessCompleted
        | Fact::ProcessFailed
        | Fact::ProcessReopened
        | Fact::ProcessStarted => {
            let statuses = process.steps.iter().map(|step| step.status);
            // It follows from steps, and what follows from those of all sides is told in the end.
            if status_follows(process.status, statuses).as_ref() != Some(&event.fact) {
                return Ok(Fact::Superseded { event: event.to_value() });
            }
        }
        Fact::Restored { version, .. } => {
            if side.own.process().map(Process::content) != Some(process.content()) {
                return Err(format!(
                    "restoring version {version} would undo what the other side did"
                ));
            }
        }
        Fact::Archived if process.is_archived() => {
            return Err("the other side archived it already".to_owned());
        }
        Fact::Unarchived if !process.is_archived() => {
            return Err("the other side took it back already".to_owned());
        }
        Fact::Created { .. } | Fact::Imported { .. } => {
            return Err("the process exists already".to_owned());
        }
        Fact::Archived
        | Fact::Unarchived
        | Fact::LegacyRecorded { .. }
        | Fact::Superseded { .. } => {}
    }
    Ok(fact)
}

/// Gives an entry of a side the next number of the merged state.
fn number(side: &mut Side<'_>, entry: &mut Entry, state: &Execution) {
    let number = state.entry_last() + 1;
    side.entries.insert(entry.number, number);
    entry.number = number;
    entry.of = entry.of.map(|of| side.entries.get(&of).copied().unwrap_or(of));
}

fn status_of(execution: &Execution, step: &StepId) -> Option<StepStatus> {
    Some(execution.process()?.step(step)?.status)
}

/// Returns the id under which a step of a side stands in the merged state.
fn known(side: &Side<'_>, step: &StepId, process: &Process) -> Result<StepId, String> {
    let id = side.ids.get(step).unwrap_or(step);
    if process.step(id).is_some() {
        Ok(id.clone())
    } else {
        Err(format!("step `{id}` was removed by the other side"))
    }
}

/// Returns the place in the merged list that says what this one says in the list of the side: the
/// end, or behind the same step; both lists are counted without the step that moves.
fn place(side: &Side<'_>, index: usize, moved: Option<&StepId>, process: &Process) -> usize {
    let merged_id = |id: &StepId| side.ids.get(id).unwrap_or(id).clone();
    let own: Vec<StepId> = side
        .own
        .process()
        .iter()
        .flat_map(|process| &process.steps)
        .filter(|step| Some(&step.id) != moved)
        .map(|step| merged_id(&step.id))
        .collect();
    let moved = moved.map(merged_id);
    let merged: Vec<&StepId> = process
        .steps
        .iter()
        .map(|step| &step.id)
        .filter(|id| Some(*id) != moved.as_ref())
        .collect();
    if index >= own.len() {
        return merged.len();
    }
    let before = own[..index].iter().rev();
    let behind = before.filter_map(|id| merged.iter().position(|other| *other == id)).next();
    behind.map_or(0, |position| position + 1)
}

/// Returns the patch that makes of the merged state what an edit made of the side's own.
///
/// Patches name steps by place, and places differ between the sides: so the edit is told by step id.
fn rebased(side: &Side<'_>, event: &Event, process: &Process) -> Result<Value, String> {
    let mut after = side.own.clone();
    after.apply(event);
    let (Some(before), Some(after)) = (side.own.process(), after.process()) else {
        return Err("there was nothing to edit".to_owned());
    };
    let mut change = difference::difference(before, after);
    change.steps.iter_mut().for_each(|step| rename(step, &side.ids));
    let result = difference::rebase(&change, before, process)?;
    serde_json::to_value(json_patch::diff(&process.to_value(), &result.to_value()))
        .map_err(|error| error.to_string())
}

fn rename(change: &mut StepChange, ids: &BTreeMap<StepId, StepId>) {
    let id = match change {
        StepChange::Added { step, .. } | StepChange::Removed { step, .. } => &mut step.id,
        StepChange::Changed { id, .. }
        | StepChange::Moved { id, .. }
        | StepChange::Renamed { id, .. }
        | StepChange::Status { id, .. } => id,
    };
    if let Some(other) = ids.get(id) {
        *id = other.clone();
    }
}

fn renumber<'a>(id: &mut String, letter: &str, taken: impl Iterator<Item = &'a str> + Clone) {
    if taken.clone().any(|other| other == id) {
        let numbers = taken.filter_map(|id| id.strip_prefix(letter)?.parse::<u64>().ok());
        *id = format!("{letter}{}", numbers.max().unwrap_or(0).saturating_add(1));
    }
}

/// A version holds what its side saw, under the next number when the other side took that one.
fn version(side: &Side<'_>, event: &Event, state: &Execution) -> Result<Fact, String> {
    let mut after = side.own.clone();
    after.apply(event);
    let Some(taken) = after.versions().last() else {
        return Err("the version held nothing".to_owned());
    };
    let mut content = taken.clone();
    if state.version(content.number).is_some() {
        content.number = state.next_version();
    }
    Ok(Fact::VersionImported { content: content.into() })
}

#[cfg(test)]
mod tests;
