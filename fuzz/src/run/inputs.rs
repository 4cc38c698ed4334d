//! Inputs of every kind, some of which fit, made by choices.

use std::time::Duration;

use process_core::event::{Decided, RunFact, VisitId};
use process_core::money::Cost;
use process_core::{Event, Fact, ProcessStatus, StepId, StepStatus};
use process_engine::{
    ChildEnd, Decision, Execution, Input, NewMessage, NewStep, Outcome, Run, VisitRef,
};
use serde_json::{Value, json};

use super::choices::Choices;
use super::definitions::{IDS, KEYS, MESSAGES, PEOPLE, definition};

/// What was asked of the world outside so far, whether or not somebody still waits for it.
#[derive(Default)]
pub(super) struct Asked {
    attempts: Vec<(VisitId, u64)>,
    children: Vec<VisitId>,
}

impl Asked {
    /// Notes what an event asks for.
    pub(super) fn note(&mut self, event: &Event) {
        let Fact::Run(fact) = &event.fact else { return };
        match fact {
            RunFact::StepStarted { at, token, .. }
            | RunFact::CompensationStarted { at, token, .. } => {
                self.attempts.push((at.clone(), *token));
            }
            RunFact::ChildOpened { at, .. } => self.children.push(at.clone()),
            _ => {}
        }
    }

    /// Returns an attempt and its token, more often a late one.
    fn attempt(&self, choices: &mut Choices<'_>) -> Option<(VisitId, u64)> {
        let back = if choices.is_one_in(4) { choices.below(8) } else { choices.below(2) };
        let index = self.attempts.len().checked_sub(back + 1);
        let (visit, token) = self.attempts.get(index.unwrap_or(0))?;
        let token = if choices.is_one_in(16) { token + 1 } else { *token };
        Some((visit.clone(), token))
    }

    /// Returns what is performed at last.
    pub(super) fn last_attempt(&self) -> Option<&(VisitId, u64)> {
        self.attempts.last()
    }
}

/// Returns an input and who asks for it.
pub(super) fn input(
    choices: &mut Choices<'_>,
    execution: &Execution,
    asked: &Asked,
) -> (Input, &'static str) {
    let by = choices.one(&PEOPLE);
    let input = match choices.byte() % 64 {
        0..=15 => dispatch(choices, execution.run()),
        16..=31 => result(choices, asked),
        32..=36 => approval(choices, execution.run()),
        37..=39 => message(choices),
        40..=42 => child(choices, asked),
        43..=45 => attempt(choices, asked),
        46..=51 => of_the_process(choices),
        52..=56 => of_a_step(choices),
        57 => Input::Claim { step: VisitRef::step(id(choices)), lease: choices.duration() },
        58 => Input::Release { step: VisitRef::step(id(choices)) },
        59..=61 => by_hand(choices),
        _ => Input::Tick,
    };
    (input, by)
}

fn dispatch(choices: &mut Choices<'_>, run: Option<&Run>) -> Input {
    let ready: Vec<VisitRef> = run
        .into_iter()
        .flat_map(Run::dispatchable)
        .map(|(step, visit)| VisitRef { step: step.clone(), visit: Some(visit) })
        .collect();
    match choices.any(&ready) {
        Some(step) if !choices.is_one_in(8) => Input::Dispatch { step: step.clone() },
        _ => Input::Dispatch { step: visit_ref(choices) },
    }
}

fn result(choices: &mut Choices<'_>, asked: &Asked) -> Input {
    let Some((visit, token)) = asked.attempt(choices) else { return Input::Tick };
    let outcome = if choices.is_one_in(4) {
        Outcome::Failed("it broke".to_owned())
    } else {
        Outcome::Completed(output(choices))
    };
    Input::Result { visit, token, outcome, cost: cost(choices) }
}

fn approval(choices: &mut Choices<'_>, run: Option<&Run>) -> Input {
    let waiting = run.map(Run::waiting).unwrap_or_default();
    let open =
        waiting.iter().map(|one| VisitRef { step: one.step.clone(), visit: Some(one.visit) });
    let open: Vec<VisitRef> = open.collect();
    let step = match choices.any(&open) {
        Some(step) if !choices.is_one_in(8) => step.clone(),
        _ => visit_ref(choices),
    };
    let decision = choices.one(&[Decided::Approved, Decided::Rejected]);
    let comment = choices.is_one_in(2).then(|| "because".to_owned());
    Input::Decide { step, decision: Decision { decision, comment, via: None } }
}

fn message(choices: &mut Choices<'_>) -> Input {
    let key = choices.is_one_in(2).then(|| choices.one(&KEYS).to_owned());
    let id = choices.is_one_in(4).then(|| "same".to_owned());
    let name = choices.one(&MESSAGES).to_owned();
    Input::Message(NewMessage { name, key, data: output(choices), id })
}

fn child(choices: &mut Choices<'_>, asked: &Asked) -> Input {
    let Some(visit) = choices.any(&asked.children).cloned() else { return Input::Tick };
    if choices.is_one_in(3) {
        return Input::ChildStarted { visit, process: "proc-002".to_owned() };
    }
    let ends = [ProcessStatus::Completed, ProcessStatus::Failed, ProcessStatus::Cancelled];
    let status = choices.one(&ends);
    let error = choices.is_one_in(2).then(|| "the child broke".to_owned());
    let (output, cost) = (output(choices), cost(choices));
    Input::ChildEnded { visit, end: ChildEnd { status, output, cost, error } }
}

fn attempt(choices: &mut Choices<'_>, asked: &Asked) -> Input {
    let Some((visit, token)) = asked.attempt(choices) else { return Input::Tick };
    match choices.below(4) {
        0 => Input::Heartbeat { visit, token },
        1 => Input::Lost { visit, token },
        2 => Input::SaveContext { visit, token, context: output(choices) },
        _ => match cost(choices) {
            Some(cost) => Input::LateCost { visit, token, cost },
            None => Input::Heartbeat { visit, token },
        },
    }
}

fn of_the_process(choices: &mut Choices<'_>) -> Input {
    match choices.below(9) {
        0 => Input::Pause,
        1..=3 => Input::Resume,
        4 => Input::Cancel { reason: choices.is_one_in(2).then(|| "enough".to_owned()) },
        5 => Input::Retry { from: choices.is_one_in(2).then(|| id(choices)) },
        6 => Input::Compensate,
        7 => {
            let effect = u64::from(choices.byte());
            Input::EffectSettled { effect, is_done: choices.is_one_in(2) }
        }
        _ => definition(choices).map_or(Input::Tick, Input::Adopt),
    }
}

fn of_a_step(choices: &mut Choices<'_>) -> Input {
    match choices.below(4) {
        0 => Input::AddItem { step: id(choices), item: output(choices) },
        1 => {
            Input::Feedback { step: id(choices), rating: Some(4), feedback: "well done".to_owned() }
        }
        _ => {
            let output = choices.is_one_in(2).then(|| output(choices));
            let note = choices.is_one_in(2).then(|| "by hand".to_owned());
            Input::Settle { step: visit_ref(choices), status: status(choices), output, note }
        }
    }
}

/// Returns what people ask of a process whether or not it runs by a definition.
fn by_hand(choices: &mut Choices<'_>) -> Input {
    let note = || "a note".to_owned();
    match choices.below(12) {
        0 => Input::AddStep(NewStep { name: note(), ..NewStep::default() }),
        1 => Input::Archive,
        2 | 3 => Input::Unarchive,
        4 => {
            let patch = json!([
                {"op": "replace", "path": "/name", "value": "Patched"},
                {"op": "remove", "path": format!("/steps/{}", choices.below(3))},
            ]);
            Input::Edit { patch }
        }
        5 => Input::EditStep { step: id(choices), changes: json!({"name": "Edited"}) },
        6 => {
            let after = choices.is_one_in(2).then(|| id(choices));
            Input::MoveStep { step: id(choices), after }
        }
        7 => {
            let (kind, value) = ("note".to_owned(), note());
            Input::RecordEvidence { kind, value, step: Some(id(choices)) }
        }
        8 => Input::RemoveStep { step: id(choices) },
        9 => Input::RestoreVersion { number: u64::from(choices.byte() % 4) },
        10 => {
            let (step, status) = (id(choices), status(choices));
            Input::SetStepStatus { step, status, outputs: vec![note()], note: Some(note()) }
        }
        _ => Input::TakeVersion { reason: note() },
    }
}

fn id(choices: &mut Choices<'_>) -> StepId {
    StepId::parse(choices.one(&IDS)).expect("each is the id of a step")
}

fn visit_ref(choices: &mut Choices<'_>) -> VisitRef {
    let visit = choices.is_one_in(2).then(|| 1 + u32::from(choices.byte() % 3));
    VisitRef { step: id(choices), visit }
}

fn status(choices: &mut Choices<'_>) -> StepStatus {
    choices.one(&[
        StepStatus::Completed,
        StepStatus::Skipped,
        StepStatus::Failed,
        StepStatus::Pending,
        StepStatus::Cancelled,
        StepStatus::InProgress,
        StepStatus::Waiting,
    ])
}

fn output(choices: &mut Choices<'_>) -> Value {
    let outputs =
        [json!({"n": 1}), json!({"n": 2}), json!({}), json!(null), json!([1]), json!("n")];
    outputs[choices.below(outputs.len())].clone()
}

fn cost(choices: &mut Choices<'_>) -> Option<Cost> {
    choices.one(&[None, None, Some("0.0123"), Some("0.10"), Some("2")]).and_then(Cost::parse)
}

/// Returns how long it takes until the next input comes.
pub(super) fn pause(choices: &mut Choices<'_>) -> Duration {
    if choices.is_one_in(2) { choices.duration() } else { Duration::ZERO }
}
