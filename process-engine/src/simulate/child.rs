//! Processes that steps start: processes of their own in the same virtual time (rule E11).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use process_core::{
    Process, ProcessId, ProcessStatus, Timestamp, Uid,
    definition::Definition,
    event::{Parent, VisitId},
    model::Defaults,
    money::Cost,
};
use serde_json::{Map, Value};

use super::{
    actor::{Actor, BY, Child, later},
    scenario::Scenario,
};
use crate::{
    input::{ChildEnd, Input, Outcome, StartRun},
    run::{OpenChild, VisitState},
};

/// The most levels of processes that start processes: a template that starts itself has no end.
const LEVELS_MAX: usize = 16;

/// Finds a template by its name.
pub(super) type Templates<'t> = &'t dyn Fn(&str) -> Option<Arc<Definition>>;

/// What a process is started with.
pub(super) struct Beginning {
    pub(super) definition: Arc<Definition>,
    pub(super) number: u32,
    pub(super) uid: Uid,
    pub(super) input: Value,
    pub(super) trigger: Value,
    pub(super) parent: Option<Parent>,
    pub(super) limit: Option<Cost>,
}

/// Returns the input that starts a process.
pub(super) fn start_input(beginning: Beginning, now: DateTime<Utc>) -> Option<Input> {
    let id = ProcessId::from_number(beginning.number)?;
    let at = Timestamp::from_instant(now);
    let name = beginning.definition.name.clone();
    let goal = beginning.definition.description.clone().unwrap_or_default();
    let process = Process::new(Defaults { id, uid: beginning.uid, now: at }, name, goal);
    Some(Input::Start(Box::new(StartRun {
        definition: beginning.definition,
        process: Some(Box::new(process)),
        input: beginning.input,
        trigger: beginning.trigger,
        seed: 0,
        key: None,
        parent: beginning.parent,
        limit: beginning.limit,
        // Nobody waits in a simulation, unless the definition says so.
        stop_grace: Duration::ZERO,
    })))
}

impl<'a> Actor<'a> {
    /// Starts what steps ask for, ends what they do not want any more, and brings back results.
    /// Returns whether anything happened.
    pub(super) fn tend_children(
        &mut self,
        now: DateTime<Utc>,
        templates: Templates<'_>,
        count: &mut u32,
    ) -> bool {
        self.start_child(now, templates, count)
            || self.bring_back(now)
            || self.end_child(now)
            || self.undo_child(now)
    }

    fn start_child(
        &mut self,
        now: DateTime<Utc>,
        templates: Templates<'_>,
        count: &mut u32,
    ) -> bool {
        let Some((visit, wanted)) = self.wanted() else { return false };
        let uid = wanted.uid;
        *count += 1;
        let number = *count;
        let started = match self.replacement(&visit.step) {
            Some(_) => Ok(None),
            None => self.begin_child(now, templates, &visit, wanted, number),
        };
        let actor = match started {
            Ok(Some(actor)) => Ok(Box::new(actor)),
            Ok(None) => {
                let answer = self.next_answer(&visit);
                Ok(Box::new(scripted(self.scenario(), answer, now)))
            }
            Err(error) => Err(error),
        };
        let counted = Cost::ZERO;
        let (is_announced, is_unwanted) = (false, false);
        let own = visit.clone();
        self.children.push(Child { visit: own, uid, actor, is_announced, is_unwanted, counted });
        let id = ProcessId::from_number(number).map(|id| id.to_string()).unwrap_or_default();
        let given = self.give(now, BY, Input::ChildStarted { visit, process: id });
        self.note(given);
        true
    }

    /// Returns the first visit that waits for a process that does not exist yet.
    fn wanted(&self) -> Option<(VisitId, OpenChild)> {
        let run = self.run()?;
        let keys = run.open.iter().filter(|key| run.is_in(**key, VisitState::Child));
        keys.filter_map(|key| {
            let wanted = run.visit(*key)?.child()?;
            let is_new = !self.children.iter().any(|child| child.uid == wanted.uid);
            is_new.then(|| (run.at(*key), wanted.clone()))
        })
        .next()
    }

    fn begin_child(
        &mut self,
        now: DateTime<Utc>,
        templates: Templates<'_>,
        visit: &VisitId,
        wanted: OpenChild,
        number: u32,
    ) -> Result<Option<Actor<'a>>, String> {
        let prefix = self.child_prefix(&visit.step);
        if prefix.matches('/').count() > LEVELS_MAX {
            return Err(format!("more than {LEVELS_MAX} processes start each other"));
        }
        let definition = templates(&wanted.process)
            .ok_or_else(|| format!("not_found: there is no template `{}`", wanted.process))?;
        let own = self.execution.process().map(|process| process.uid).unwrap_or_default();
        let beginning = Beginning {
            definition,
            number,
            uid: wanted.uid,
            input: wanted.input,
            trigger: Value::Object(Map::new()),
            parent: Some(Parent { uid: own, visit: visit.clone() }),
            limit: wanted.limit,
        };
        let mut actor = Actor::new(self.scenario(), prefix, BTreeSet::new());
        let input = start_input(beginning, now).ok_or("there are too many processes")?;
        actor.give(now, BY, input).map_err(|rejected| rejected.to_string())?;
        Ok(Some(actor))
    }

    /// Brings the end of a process back to the step that waits for it.
    fn bring_back(&mut self, now: DateTime<Utc>) -> bool {
        let ended = self.children.iter_mut().find(|child| {
            let has_ended = child.actor.as_ref().map_or(true, |actor| actor.has_ended_at(now));
            !child.is_announced && has_ended
        });
        let Some(child) = ended else { return false };
        child.is_announced = true;
        let (visit, end) = (child.visit.clone(), child.end());
        let is_unwanted = child.is_unwanted;
        child.counted = end.cost.unwrap_or_default();
        let wants = self.run().is_some_and(|run| {
            run.key(&visit).is_some_and(|key| run.is_in(key, VisitState::Child))
        });
        let is_loose = self.run().is_some_and(|run| run.has_loose_child(&visit));
        if wants || is_loose || is_unwanted {
            let given = self.give(now, BY, Input::ChildEnded { visit, end });
            self.note(given);
        }
        true
    }

    /// Cancels a process whose step does not wait for it any more.
    fn end_child(&mut self, now: DateTime<Utc>) -> bool {
        let Some(run) = self.execution.run() else { return false };
        let unwanted = self.children.iter().position(|child| {
            let waits = run.key(&child.visit).is_some_and(|key| run.is_in(key, VisitState::Child));
            let goes_on = child.actor.as_ref().is_ok_and(|actor| !actor.has_ended_at(now));
            goes_on
                && !child.is_unwanted
                && !child.is_announced
                && !waits
                && !run.has_loose_child(&child.visit)
        });
        let Some(index) = unwanted else { return false };
        self.children[index].is_unwanted = true;
        if let Ok(actor) = &mut self.children[index].actor
            && actor.run().is_some()
        {
            let reason = Some("the step does not wait for it any more".to_owned());
            let given = actor.give(now, BY, Input::Cancel { reason });
            actor.note(given);
        }
        true
    }

    /// Lets a completed process undo itself, and tells the step when it has.
    fn undo_child(&mut self, now: DateTime<Utc>) -> bool {
        let Some(run) = self.execution.run() else { return false };
        let Some(compensating) = run.compensating() else { return false };
        let Some(token) = compensating.token else { return false };
        if compensating.work["type"] != "compensate_process" {
            return false;
        }
        let visit = run.at(compensating.visit);
        let uid = compensating.work["uid"].as_str().map(str::to_owned);
        let child = self.children.iter_mut().find(|child| Some(child.uid.to_string()) == uid);
        let Some(child) = child else { return false };
        let counted = child.counted;
        let Ok(actor) = &mut child.actor else { return false };
        let Some(run) = actor.run() else { return false };
        let is_undone = run.end().map(|end| end.is_compensated);
        // What it spent on undoing itself comes on top of what it cost before.
        let cost = run.spent().minus(counted);
        let cost = (!cost.is_zero()).then_some(cost);
        let outcome = match is_undone {
            Some(true) => Outcome::Completed(Value::Null),
            Some(false) => match actor.give(now, BY, Input::Compensate) {
                Ok(_) => return true,
                Err(rejected) => Outcome::Failed(rejected.to_string()),
            },
            None => return false,
        };
        let given = self.give(now, BY, Input::Result { visit, token, outcome, cost });
        self.note(given);
        true
    }
}

/// Returns an actor that stands for a process of which the scenario tells only the end.
fn scripted<'a>(
    scenario: &'a Scenario,
    answer: super::scenario::Answer,
    now: DateTime<Utc>,
) -> Actor<'a> {
    let mut actor = Actor::new(scenario, String::new(), BTreeSet::new());
    let at = (!answer.hangs).then(|| later(now, answer.takes));
    actor.script = Some((at, answer));
    actor
}

impl Actor<'_> {
    /// Returns whether the process has come to its end at this instant.
    fn has_ended_at(&self, now: DateTime<Utc>) -> bool {
        match &self.script {
            Some((at, _)) => at.is_some_and(|at| at <= now),
            None => self.has_ended(),
        }
    }
}

impl Child<'_> {
    /// Returns how the process ended, as its step takes it.
    fn end(&self) -> ChildEnd {
        let failed = |error: String| ChildEnd {
            status: ProcessStatus::Failed,
            output: Value::Null,
            cost: None,
            error: Some(error),
        };
        let actor = match &self.actor {
            Ok(actor) => actor,
            Err(error) => return failed(error.clone()),
        };
        if let Some((_, answer)) = &actor.script {
            return match &answer.error {
                Some(error) => ChildEnd { cost: answer.cost, ..failed(error.clone()) },
                None => ChildEnd {
                    status: ProcessStatus::Completed,
                    output: answer.output.clone().unwrap_or_else(|| Value::Object(Map::new())),
                    cost: answer.cost,
                    error: None,
                },
            };
        }
        let Some(run) = actor.run() else { return failed("it was never started".to_owned()) };
        let end = run.end();
        ChildEnd {
            status: actor.status(),
            output: Value::Object(end.map(|end| end.outputs.clone()).unwrap_or_default()),
            cost: Some(run.spent()),
            error: end.and_then(|end| end.error.clone()),
        }
    }
}
