//! What a simulation gave.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use process_core::{Fact, ProcessStatus, event::RunFact, time::duration_text};
use serde_json::{Map, Value, json};

use super::{actor::Actor, scenario::Scenario};
use crate::run::Run;

/// What a simulation gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// Where the process stands at its end.
    pub status: ProcessStatus,
    /// Whether the scenario expects anything.
    pub has_expectations: bool,
    /// What the scenario expected and did not find, a line each.
    pub unmet: Vec<String>,
    /// The whole result, as `simulate --json` shows it (docs/formats/scenario.md).
    pub data: Value,
}

impl Simulation {
    pub(super) fn of(
        actor: &Actor<'_>,
        scenario: &Scenario,
        now: DateTime<Utc>,
        stopped: Option<String>,
    ) -> Self {
        let mut data = Map::new();
        let status = actor.status();
        data.insert("status".to_owned(), status.as_str().into());
        let mut warnings = Vec::new();
        if let Some(run) = actor.run() {
            warnings.extend(run.warnings().iter().cloned());
            fill(&mut data, run, actor, scenario, now);
        }
        warnings.extend(actor.refusals.iter().map(|refusal| format!("refused: {refusal}")));
        warnings.extend(stopped);
        data.insert("warnings".to_owned(), warnings.into());
        data.insert("order".to_owned(), order(actor));
        let mut data = Value::Object(data);
        let expect = scenario.expect.as_ref();
        let unmet = expect.map(|expect| expect.unmet(&data)).unwrap_or_default();
        if let Value::Object(map) = &mut data {
            map.shift_remove("order");
            map.insert("unmet".to_owned(), unmet.clone().into());
        }
        Self { status, has_expectations: expect.is_some(), unmet, data }
    }
}

fn fill(
    data: &mut Map<String, Value>,
    run: &Run,
    actor: &Actor<'_>,
    scenario: &Scenario,
    now: DateTime<Utc>,
) {
    let waiting = run.waiting().into_iter().map(|waiting| {
        let mut one = json!({"step": waiting.step.as_str(), "for": waiting.waiting_for.as_str()});
        if let Some(condition) = run.until_text(waiting.step.as_str())
            && let Value::Object(map) = &mut one
        {
            map.insert("until".to_owned(), condition.into());
        }
        one
    });
    data.insert("waiting".to_owned(), waiting.collect());
    let steps = run.definition().steps.iter().filter_map(|step| {
        let id = step.id.as_str();
        Some((id.to_owned(), run.step(id)?.to_value()))
    });
    data.insert("steps".to_owned(), Value::Object(steps.collect()));
    let trace = actor.events.iter().map(|event| {
        let mut one = Map::new();
        one.insert("at".to_owned(), event.at.as_str().into());
        one.insert("seq".to_owned(), event.seq.into());
        one.insert("type".to_owned(), event.to_value()["type"].clone());
        let step = event.fact.step().map(|step| step.to_string());
        one.insert("step".to_owned(), step.into());
        Value::Object(one)
    });
    data.insert("trace".to_owned(), trace.collect());
    let outputs = run.end().map(|end| end.outputs.clone()).unwrap_or_default();
    data.insert("outputs".to_owned(), Value::Object(outputs));
    data.insert("cost".to_owned(), run.spent().to_string().into());
    let compensated = run.compensated().into_iter().map(|id| id.as_str().into());
    data.insert("compensated".to_owned(), Value::Array(compensated.collect()));
    let end = run.end().map_or(now, |end| end.at);
    let duration = (end - scenario.now).to_std().unwrap_or_default();
    data.insert("duration".to_owned(), duration_text(duration).into());
    if let Some(error) = run.end().and_then(|end| end.error.clone()) {
        data.insert("error".to_owned(), error.into());
    }
}

/// Returns the numbers of the events at which steps started and ended last: what came first at one
/// instant.
fn order(actor: &Actor<'_>) -> Value {
    let definition = actor.definition();
    let mut found: BTreeMap<String, (Option<u64>, Option<u64>)> = BTreeMap::new();
    for event in &actor.events {
        let Fact::Run(fact) = &event.fact else { continue };
        let Some(step) = fact.step() else { continue };
        let entry = found.entry(step.to_string()).or_default();
        match fact {
            RunFact::ApprovalOpened { .. }
            | RunFact::ChildOpened { .. }
            | RunFact::GroupOpened { .. }
            | RunFact::StepStarted { attempt: 1, dispatch: 1, .. }
            | RunFact::TimerStarted { .. }
            | RunFact::WaitStarted { .. } => {
                // Of a foreach or repeat the first start counts, of any other the last visit's.
                let is_group = definition.as_ref().is_some_and(|definition| {
                    let step = definition.step(step.as_str()).map(|(_, step)| step);
                    step.is_some_and(|step| step.foreach.is_some() || step.repeat.is_some())
                });
                entry.0 = entry.0.filter(|_| is_group).or(Some(event.seq));
            }
            RunFact::GroupEnded { .. }
            | RunFact::StepCancelled { .. }
            | RunFact::StepCompleted { .. }
            | RunFact::StepFailed { .. }
            | RunFact::StepSkipped { .. } => entry.1 = Some(event.seq),
            _ => {}
        }
    }
    let shown =
        found.into_iter().map(|(id, (start, end))| (id, json!({"start": start, "end": end})));
    Value::Object(shown.collect())
}
