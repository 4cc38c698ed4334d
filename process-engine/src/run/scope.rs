//! What the expressions of a definition see of its run.

use std::{
    borrow::Cow,
    collections::{BTreeSet, VecDeque},
};

use chrono::{DateTime, Utc};
use process_core::{
    StepStatus, Timestamp,
    event::Decided,
    expr::{Known, Root, Scope, StepField},
};
use serde_json::{Map, Value};

use super::{
    StepState, Visit,
    state::{Key, Run},
};

/// The run as one visit sees it, or the process itself.
pub(crate) struct RunScope<'a> {
    pub(crate) run: &'a Run,
    /// `now`; none where it may not be read.
    pub(crate) now: Option<DateTime<Utc>>,
    /// The visits that led to what is evaluated.
    pub(crate) after: &'a [Key],
    /// The visit that is undone: its own step is read as that visit left it.
    pub(crate) own: Option<Key>,
    /// The item of a foreach, and its place.
    pub(crate) item: Option<(&'a Value, u32)>,
}

/// The most visits that are looked through for the one that led here.
const PATH_MAX: usize = 10_000;

impl Scope for RunScope<'_> {
    fn known(&self, root: &Root) -> Option<Known<'_>> {
        match root {
            Root::Input => Some(value(&self.run.input)),
            Root::Item => self.item.map(|(item, _)| value(item)),
            Root::ItemIndex => self.item.map(|(_, index)| owned(Value::from(index))),
            Root::Now => self.now.map(Known::Instant),
            Root::Process => Some(owned(self.process())),
            Root::Step(id, field) => {
                let index = self.run.definition.graph.index(id.as_str())?;
                self.field(index, *field)
            }
            Root::Trigger => Some(value(&self.run.trigger)),
        }
    }
}

impl RunScope<'_> {
    fn process(&self) -> Value {
        let mut about = self.run.about.clone();
        if let Value::Object(map) = &mut about {
            map.insert("status".to_owned(), self.run.status().as_str().into());
            map.insert("cost".to_owned(), self.run.spent.to_string().into());
        }
        about
    }

    fn field(&self, index: usize, field: StepField) -> Option<Known<'_>> {
        let step = &self.run.steps[index];
        // With a single visit there is nothing to choose from, and what the step gave stands there.
        let visit = match self.own {
            Some(own) if own.0 == index => self.run.visit(own),
            _ if step.visits.last_number() > 1 => self.visit_on_path(index),
            _ => None,
        };
        match field {
            StepField::All => Some(owned(self.all(step, visit))),
            StepField::Attempts => Some(owned(Value::from(match visit {
                Some(visit) => visit.attempt,
                None => step.last_visit().map_or(0, |visit| visit.attempt),
            }))),
            StepField::Comment => self.decided(step, visit, "comment"),
            StepField::CompletedAt => {
                let at = visit.map_or(step.ended_at(), |visit| visit.ended_at);
                at.map(Known::Instant)
            }
            StepField::Cost => Some(Known::Cost(visit.map_or(step.cost, |visit| visit.cost))),
            StepField::DecidedAt => self.decided(step, visit, "decided_at"),
            StepField::DecidedBy => self.decided(step, visit, "decided_by"),
            StepField::Decision => self.decided(step, visit, "decision"),
            StepField::Duration => {
                let (from, to) = match visit {
                    Some(visit) => (visit.started_at?, visit.ended_at?),
                    None => (step.started_at?, step.ended_at()?),
                };
                Some(Known::Milliseconds((to - from).num_milliseconds()))
            }
            StepField::Error => {
                let error = match visit {
                    Some(visit) => visit.error.as_deref(),
                    None => step.error.as_deref(),
                };
                error.map(|error| owned(error.into()))
            }
            StepField::Output => match visit {
                Some(visit) => Some(visit.output().map_or(owned(Value::Null), value)),
                None if step.status() == StepStatus::Skipped && step.output.is_none() => None,
                None if self.run.is_collecting(index) => None,
                None => Some(step.output().map_or(owned(Value::Null), value)),
            },
            StepField::SkipReason => {
                let reason = visit.map_or(step.skip_reason, |visit| visit.skip_reason);
                Some(owned(reason.map_or(Value::Null, |reason| reason.as_str().into())))
            }
            StepField::StartedAt => {
                let at = visit.map_or(step.started_at, |visit| visit.started_at);
                at.map(Known::Instant)
            }
            StepField::Status => {
                let status = visit.map_or_else(|| step.status(), Visit::status);
                Some(owned(status.as_str().into()))
            }
        }
    }

    fn decided<'a>(
        &'a self,
        step: &'a StepState,
        visit: Option<&'a Visit>,
        key: &str,
    ) -> Option<Known<'a>> {
        let output = visit.map_or(step.output(), Visit::output);
        output?.get(key).map(value)
    }

    /// Returns the visit of a step that led here, or the highest one that has ended.
    ///
    /// A step that collects several visits, as a foreach does, is read as a whole instead.
    fn visit_on_path(&self, step: usize) -> Option<&Visit> {
        let definition = &self.run.definition.steps[step];
        if definition.foreach.is_some() || definition.repeat.is_some() {
            return None;
        }
        // The nearest one is the latest: farther back lie earlier rounds of a loop.
        let mut open: VecDeque<Key> = self.after.iter().copied().collect();
        let mut looked = BTreeSet::new();
        while let Some(key) = open.pop_front() {
            if key.0 == step {
                return self.run.visit(key);
            }
            if !looked.insert(key) || looked.len() > PATH_MAX {
                continue;
            }
            open.extend(self.run.causes(key).iter().copied());
        }
        let visits = self.run.steps[step].visits.iter().rev();
        visits.into_iter().find(|visit| visit.ended_at.is_some())
    }

    fn all(&self, step: &StepState, visit: Option<&Visit>) -> Value {
        let mut map = Map::new();
        let output = visit.map_or(step.output(), Visit::output);
        let status = visit.map_or_else(|| step.status(), Visit::status);
        let reason = visit.map_or(step.skip_reason, |visit| visit.skip_reason);
        map.insert("status".to_owned(), status.as_str().into());
        map.insert("output".to_owned(), output.cloned().unwrap_or_default());
        map.insert("skip_reason".to_owned(), reason.map(|reason| reason.as_str()).into());
        map.insert("error".to_owned(), step.error.clone().into());
        map.insert("attempts".to_owned(), step.attempts.into());
        map.insert("cost".to_owned(), step.cost.to_string().into());
        Value::Object(map)
    }
}

impl Run {
    /// Returns whether a foreach that nobody waits for is still at work: it has given nothing yet.
    fn is_collecting(&self, step: usize) -> bool {
        let foreach = self.definition.steps[step].foreach.as_ref();
        foreach.is_some_and(|foreach| !foreach.wait) && self.steps[step].activations_open > 0
    }

    /// Returns the visits that led to a visit.
    pub(crate) fn causes(&self, key: Key) -> &[Key] {
        self.visit(key).map_or(&[], |visit| visit.after.as_slice())
    }
}

fn value(value: &Value) -> Known<'_> {
    Known::Value(Cow::Borrowed(value))
}

fn owned(value: Value) -> Known<'static> {
    Known::Value(Cow::Owned(value))
}

/// Returns the output of an approval (docs/formats/expressions.md).
pub(crate) fn decision(
    decision: Decided,
    comment: Option<&str>,
    by: &str,
    at: DateTime<Utc>,
) -> Value {
    let mut map = Map::new();
    map.insert("decision".to_owned(), decision.as_str().into());
    map.insert("comment".to_owned(), comment.into());
    map.insert("decided_by".to_owned(), by.into());
    let at = Timestamp::from_instant(at);
    map.insert("decided_at".to_owned(), at.as_str().into());
    Value::Object(map)
}
