//! Definitions of several shapes, and processes that run by them without a store.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use process_core::definition::{self, Definition};
use process_core::event::{RunFact, VisitId};
use process_core::expr::{Known, Root, Scope, StepField};
use process_core::model::Defaults;
use process_core::{Event, Fact, Process, ProcessStatus, Timestamp, Uid};
use process_engine::{Execution, Input, Outcome, StartRun, VisitRef};
use serde_json::{Value, json};

use crate::support::project::{Failed, instant, process_id};

/// The most steps of a definition, so that is how many the largest ones have.
pub(crate) const STEPS_MAX: u32 = 10_000;

/// Three steps, one after the other, that say what is to be done in plain words.
pub(crate) const THREE_STEPS: &str = "\
name: report
steps:
  - {id: draft, type: agent_task, agent: writer, message: Write the draft}
  - {id: check, type: agent_task, agent: reader, message: Read the draft, depends_on: [draft]}
  - {id: print, type: agent_task, agent: writer, message: Print the draft, depends_on: [check]}
";

/// The same three steps, each with a condition and with values in what it says.
pub(crate) const THREE_STEPS_WITH_EXPRESSIONS: &str = "\
name: report
input: {topic: {type: string, default: bees}}
steps:
  - id: draft
    type: agent_task
    agent: writer
    message: Write about {{ input.topic }}
    condition: input.topic != ''
  - id: check
    type: agent_task
    agent: reader
    message: Read {{ steps.draft.output.file }} about {{ input.topic }}
    depends_on: draft
    condition: \"{{ steps.draft.output.score }} >= 80\"
  - id: print
    type: agent_task
    agent: writer
    message: Print {{ steps.draft.output.file }}
    depends_on: check
    condition: \"{{ steps.check.output.score }} >= 80 and {{ steps.draft.status }} == 'completed'\"
";

/// One step for each of the items that the process is given, between two others.
pub(crate) const FOREACH: &str = "\
name: letters
input: {names: {type: array, required: true}}
steps:
  - {id: first}
  - {id: each, depends_on: first, foreach: {in: \"{{ input.names }}\"}}
  - {id: last, depends_on: each}
";

/// A condition as people write them.
pub(crate) const CONDITION: &str =
    "{{ steps.draft.output.score }} >= 80 and {{ input.topic }} != 'wasps'";

/// Returns so many steps, one after the other.
///
/// # Errors
/// Never in practice: text can be written.
pub(crate) fn chain(steps: u32) -> Result<String, Failed> {
    let mut text = "name: chain\nsteps:\n  - {id: s0}\n".to_owned();
    for step in 1..steps {
        writeln!(text, "  - {{id: s{step}, depends_on: [s{}]}}", step - 1)?;
    }
    Ok(text)
}

/// Returns so many steps side by side, between one before and one behind all of them.
///
/// # Errors
/// Never in practice: text can be written.
pub(crate) fn fan_out(width: u32) -> Result<String, Failed> {
    let mut text = "name: fan\nsteps:\n  - {id: first}\n".to_owned();
    for step in 0..width {
        writeln!(text, "  - {{id: s{step}, depends_on: [first]}}")?;
    }
    let all: Vec<String> = (0..width).map(|step| format!("s{step}")).collect();
    writeln!(text, "  - {{id: last, depends_on: [{}]}}", all.join(", "))?;
    Ok(text)
}

/// Returns what the process of [`FOREACH`] is given for so many items.
pub(crate) fn names(count: u32) -> Value {
    json!({"names": (0..count).map(|number| format!("name {number}")).collect::<Vec<_>>()})
}

/// Reads a definition that has no mistakes.
///
/// # Errors
/// The first mistake.
pub(crate) fn definition(text: &str) -> Result<Arc<Definition>, Failed> {
    let read = definition::read_text(text).map_err(|problem| problem.to_string())?;
    if let Some(problem) = read.problems.iter().find(|problem| problem.is_error()) {
        return Err(problem.to_string().into());
    }
    Ok(Arc::new(read.definition.ok_or("the text is no definition")?))
}

/// Returns a process that was started, and what happened to it.
///
/// # Errors
/// When the input is none of the definition's.
pub(crate) fn started(
    definition: &Arc<Definition>,
    input: Value,
) -> Result<(Execution, Vec<Event>), Failed> {
    let now = instant()?;
    let mut execution = Execution::default();
    let start = start(definition.clone(), input, &now)?;
    let events = execution.advance(&now, BY, start)?;
    Ok((execution, events))
}

/// Hands out every step that is ready and lets it complete, until the process has.
///
/// All that is ready is handed out before the first result comes, as with enough workers.
///
/// # Errors
/// When the process comes to no end, or to another one.
pub(crate) fn run(
    execution: &mut Execution,
    now: &Timestamp,
    mut keep: impl FnMut(Vec<Event>),
) -> Result<u32, Failed> {
    let mut steps = 0;
    let mut running: Vec<(VisitId, u64)> = Vec::new();
    loop {
        while let Some(step) = next(execution) {
            let events = execution.advance(now, BY, Input::Dispatch { step })?;
            running.extend(events.iter().filter_map(attempt));
            keep(events);
        }
        if running.is_empty() {
            break;
        }
        for (visit, token) in running.drain(..) {
            let outcome = Outcome::Completed(json!({"score": 90, "file": "draft.md"}));
            let input = Input::Result { visit, token, outcome, cost: None };
            keep(execution.advance(now, BY, input)?);
            steps += 1;
        }
    }
    let status = execution.run().map(process_engine::Run::status);
    if status == Some(ProcessStatus::Completed) {
        Ok(steps)
    } else {
        Err(format!("the process is {status:?} after {steps} steps").into())
    }
}

/// What an expression of [`THREE_STEPS_WITH_EXPRESSIONS`] sees.
pub(crate) struct Seen {
    input: Value,
    output: Value,
}

impl Default for Seen {
    fn default() -> Self {
        let output = json!({"score": 90, "file": "draft.md"});
        Self { input: json!({"topic": "bees"}), output }
    }
}

impl Scope for Seen {
    fn known(&self, root: &Root) -> Option<Known<'_>> {
        let value = match root {
            Root::Input => &self.input,
            Root::Step(_, StepField::Output) => &self.output,
            Root::Item
            | Root::ItemIndex
            | Root::Now
            | Root::Process
            | Root::Step(..)
            | Root::Trigger => return None,
        };
        Some(Known::Value(Cow::Borrowed(value)))
    }
}

/// Who asks for everything.
const BY: &str = "bench";

fn start(definition: Arc<Definition>, input: Value, now: &Timestamp) -> Result<Input, Failed> {
    let defaults = Defaults { id: process_id(1)?, uid: Uid::nil(), now: now.clone() };
    let process = Process::new(defaults, definition.name.clone(), "");
    Ok(Input::Start(Box::new(StartRun {
        definition,
        process: Some(Box::new(process)),
        input,
        trigger: json!({"type": "manual"}),
        seed: 7,
        key: None,
        parent: None,
        limit: None,
        stop_grace: Duration::from_secs(10),
    })))
}

fn next(execution: &Execution) -> Option<VisitRef> {
    let (step, visit) = execution.run()?.dispatchable().next()?;
    Some(VisitRef { step: step.clone(), visit: Some(visit) })
}

/// Returns the attempt that an event starts, and what its result must name.
fn attempt(event: &Event) -> Option<(VisitId, u64)> {
    let Fact::Run(RunFact::StepStarted { at, token, .. }) = &event.fact else { return None };
    Some((at.clone(), *token))
}
