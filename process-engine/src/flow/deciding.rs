//! A decision in the making: events are recorded and applied one after the other.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use process_core::{
    Event, Fact, StepId, Timestamp,
    definition::{Definition, StepDefinition},
    event::{GroupEnd, RunFact, VisitId},
};

use super::changed::Changed;
use crate::{
    execution::Execution,
    run::{Key, Run, RunScope},
};

/// A decision in the making.
pub(crate) struct Deciding<'a> {
    execution: &'a mut Execution,
    pub(crate) now: DateTime<Utc>,
    at: &'a Timestamp,
    by: &'a str,
    events: Vec<Event>,
    /// What changed since expressions that wait were looked at; all of it after a replay.
    pub(super) changed: Changed,
}

impl<'a> Deciding<'a> {
    pub(crate) fn new(execution: &'a mut Execution, now: &'a Timestamp, by: &'a str) -> Self {
        let everything = !std::mem::replace(&mut execution.aside.is_settled, true);
        Self {
            execution,
            now: now.instant(),
            at: now,
            by,
            events: Vec::new(),
            changed: Changed { everything, ..Changed::default() },
        }
    }

    pub(crate) fn finish(self) -> Vec<Event> {
        self.events
    }

    /// Records a fact and applies it.
    pub(crate) fn emit(&mut self, fact: RunFact) {
        let place = self.place_of(&fact);
        self.note(&fact, place);
        let event = Event {
            seq: self.execution.revision() + 1,
            at: self.at.clone(),
            by: self.by.to_owned(),
            fact: Fact::Run(fact),
        };
        self.execution.apply_at(&event, place);
        let told = self.ended_step(&event, place);
        self.events.push(event);
        if let Some((step, status)) = told {
            self.inform(step, status);
        }
    }

    /// Returns the step that an event ended, when somebody is to know.
    fn ended_step(&self, event: &Event, place: Option<usize>) -> Option<(usize, &'static str)> {
        let Fact::Run(fact) = &event.fact else { return None };
        let (visit, status) = match fact {
            RunFact::GroupEnded { end, .. } => match end {
                GroupEnd::Completed => (None, "completed"),
                GroupEnd::Failed | GroupEnd::Goto(_) => (None, "failed"),
                GroupEnd::Skipped | GroupEnd::SkippedByHand => (None, "skipped"),
            },
            RunFact::StepCancelled { at, .. } => (Some(at.visit), "cancelled"),
            RunFact::StepCompleted { at, .. } => (Some(at.visit), "completed"),
            RunFact::StepFailed { at, .. } => (Some(at.visit), "failed"),
            RunFact::StepSkipped { at, .. } => (Some(at.visit), "skipped"),
            _ => return None,
        };
        let run = self.run()?;
        let step = place?;
        // Items and turns are no end of their step.
        if visit.is_some_and(|visit| run.group_of((step, visit)).is_some()) {
            return None;
        }
        let definition = run.step_definition(step);
        let is_told = !definition.informed.is_empty() || !definition.monitors.is_empty();
        is_told.then_some((step, status))
    }

    /// Returns the place of the step that a fact is about; all that look for it share one look.
    fn place_of(&self, fact: &RunFact) -> Option<usize> {
        self.run()?.definition.graph.index(fact.step()?.as_str())
    }

    /// Notes what a fact changes, for those who wait for it.
    fn note(&mut self, fact: &RunFact, place: Option<usize>) {
        if let Some(step) = place {
            self.changed.steps.insert(step);
            if let Some(run) = self.execution.run() {
                let groups = run.groups.range((step, 0)..=(step, u32::MAX)).copied();
                self.changed.groups.extend(groups);
            }
        }
        if let (RunFact::GroupOpened { group, .. }, Some(step)) = (fact, place) {
            self.changed.groups.insert((step, *group));
        }
        if let RunFact::StepsReset { steps, .. } = fact
            && let Some(run) = self.execution.run()
        {
            let places = steps.iter().filter_map(|id| run.definition.graph.index(id.as_str()));
            self.changed.steps.insert_all(places);
        }
        match fact {
            RunFact::MessageReceived { name, .. }
            | RunFact::WaitStarted { name: Some(name), .. } => {
                self.changed.messages.insert(name.clone());
            }
            _ => {}
        }
        self.changed.is_process = true;
    }

    /// Returns the run; there is none before it was started.
    pub(crate) fn run(&self) -> Option<&Run> {
        self.execution.run()
    }

    /// Returns the number of the event that is recorded next.
    pub(crate) fn next_seq(&self) -> u64 {
        self.execution.revision() + 1
    }

    /// Keeps a definition at hand that the next event names.
    pub(crate) fn prepare(&mut self, definition: Arc<Definition>) {
        self.execution.aside.prepared = Some(definition);
    }

    /// Returns the steps of which something changed.
    pub(crate) fn changed_steps(&self) -> Vec<usize> {
        self.changed.steps.as_slice().to_vec()
    }

    /// Looks at everything that waits, not only at what changed.
    pub(crate) fn look_at_everything(&mut self) {
        self.changed.everything = true;
    }

    pub(crate) fn execution(&self) -> &Execution {
        self.execution
    }
}

impl Run {
    pub(crate) fn step_definition(&self, step: usize) -> &StepDefinition {
        &self.definition.steps[step]
    }

    /// Returns the definition by which a visit began, whatever was adopted since, and the place of
    /// its step there.
    pub(crate) fn text_of(&self, key: Key) -> (Arc<Definition>, usize) {
        let former = self.visit(key).and_then(|visit| self.former.get(visit.text?));
        let id = self.definition.steps[key.0].id.as_str();
        match former.and_then(|former| Some((former, former.step(id)?.0))) {
            Some((former, step)) => (former.0.clone(), step),
            None => (self.definition.0.clone(), key.0),
        }
    }

    pub(crate) fn id(&self, step: usize) -> StepId {
        self.definition.steps[step].id.clone()
    }

    pub(crate) fn at(&self, key: Key) -> VisitId {
        VisitId { step: self.id(key.0), visit: key.1 }
    }

    /// Returns the number that the next visit of a step gets.
    pub(crate) fn next_visit(&self, step: usize) -> Key {
        (step, self.steps[step].visits.last_number() + 1)
    }

    /// Returns what a visit sees.
    pub(crate) fn scope_of(&self, key: Key, now: DateTime<Utc>) -> RunScope<'_> {
        let (after, item) = (self.causes(key), self.item_of(key));
        RunScope { run: self, now: Some(now), after, own: None, item }
    }

    /// Returns the item of a foreach that a visit is for, and its place.
    pub(crate) fn item_of(&self, key: Key) -> Option<(&serde_json::Value, u32)> {
        let visit = self.visit(key)?;
        Some((visit.item.as_ref()?, visit.index?))
    }

    /// Returns what the process itself sees.
    pub(crate) fn scope(&self, now: DateTime<Utc>) -> RunScope<'_> {
        RunScope { run: self, now: Some(now), after: &[], own: None, item: None }
    }

    pub(crate) fn definition_handle(&self) -> Arc<Definition> {
        self.definition.0.clone()
    }
}
