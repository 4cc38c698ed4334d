//! One process in a simulation: its execution, its journal, and what the script has in store for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use process_core::{
    Event, Fact, ProcessStatus, StepId, Timestamp, Uid,
    definition::Definition,
    event::{RunFact, VisitId},
    money::Cost,
};
use serde_json::{Map, Value};

use super::scenario::{Answer, Scenario, Script};
use crate::{
    execution::Execution,
    input::{Decision, Input, Outcome, VisitRef},
    rejected::Rejected,
    run::{Run, VisitState},
};

/// Who acts where the scenario names nobody.
pub(super) const BY: &str = "simulation";

/// One process in a simulation.
pub(super) struct Actor<'a> {
    scenario: &'a Scenario,
    /// What stands before the id of a step in the scenario: nothing, or `STEP/` for each level.
    prefix: String,
    pub(super) execution: Execution,
    pub(super) events: Vec<Event>,
    attempts: Vec<Pending>,
    /// How many answers of a script were used up, by the key of the script.
    used: BTreeMap<String, usize>,
    decisions: Vec<PendingDecision>,
    /// Which decisions of a script were said, by the key of the script.
    said: BTreeMap<String, BTreeSet<usize>>,
    pub(super) children: Vec<Child<'a>>,
    /// Events at which the execution is thrown away.
    crash_at: BTreeSet<u64>,
    pub(super) refusals: Vec<String>,
    /// The end that the scenario tells, of a process that stands for nothing else.
    pub(super) script: Option<(Option<DateTime<Utc>>, Answer)>,
}

/// A process that a visit of a step started.
pub(super) struct Child<'a> {
    pub(super) visit: VisitId,
    pub(super) uid: Uid,
    pub(super) actor: Result<Box<Actor<'a>>, String>,
    pub(super) is_announced: bool,
    /// Whether its step does not wait for it any more.
    pub(super) is_unwanted: bool,
    /// What of its cost the step has counted.
    pub(super) counted: Cost,
}

/// An attempt that is performed, and what comes of it when.
struct Pending {
    dispatched: Dispatched,
    at: Option<DateTime<Utc>>,
    answer: Answer,
}

/// An attempt that was handed out.
struct Dispatched {
    visit: VisitId,
    attempt: u32,
    is_compensation: bool,
    token: u64,
    at: DateTime<Utc>,
    /// The number of the event that started it: what started first ends first.
    seq: u64,
}

impl Dispatched {
    fn new(visit: &VisitId, attempt: u32, token: u64, event: &Event) -> Self {
        let (visit, at, seq) = (visit.clone(), event.at.instant(), event.seq);
        Self { visit, attempt, is_compensation: false, token, at, seq }
    }
}

struct PendingDecision {
    visit: VisitId,
    at: DateTime<Utc>,
    key: String,
    index: usize,
    answer: Answer,
}

impl<'a> Actor<'a> {
    pub(super) fn new(scenario: &'a Scenario, prefix: String, crash_at: BTreeSet<u64>) -> Self {
        Self {
            scenario,
            prefix,
            execution: Execution::default(),
            events: Vec::new(),
            attempts: Vec::new(),
            used: BTreeMap::new(),
            decisions: Vec::new(),
            said: BTreeMap::new(),
            children: Vec::new(),
            crash_at,
            refusals: Vec::new(),
            script: None,
        }
    }

    pub(super) fn run(&self) -> Option<&Run> {
        self.execution.run()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.run().is_none_or(|run| run.end().is_some())
    }

    pub(super) fn definition(&self) -> Option<Arc<Definition>> {
        self.run().map(Run::definition_handle)
    }

    /// Gives the execution an input, stores what follows, and sees what it asks for.
    ///
    /// Returns whether the input outlived the crashes that the scenario has in store.
    pub(super) fn give(
        &mut self,
        now: DateTime<Utc>,
        by: &str,
        input: Input,
    ) -> Result<bool, Rejected> {
        let is_own = marker(&input);
        let now = Timestamp::from_instant(now);
        let events = self.execution.advance(&now, by, input)?;
        let own = events.iter().find(|event| is_own(event)).map(|event| event.seq);
        let from = self.events.len();
        self.events.extend(events);
        let last = self.events.len() as u64;
        let crash = self.crash_at.range(from as u64 + 1..).next().copied().filter(|at| *at <= last);
        if let Some(seq) = crash {
            self.crash_at.remove(&seq);
            // What was decided behind the crash was never stored.
            self.events.truncate(usize::try_from(seq).unwrap_or(usize::MAX));
            self.execution = Execution::replay(&self.events);
        }
        let survives = own.is_none_or(|own| own <= self.events.len() as u64);
        for index in from..self.events.len() {
            self.see(index);
        }
        self.forget();
        if crash.is_some() {
            // Whoever opens a journal first draws the conclusions that are due.
            self.give(now.instant(), BY, Input::Tick)?;
        }
        Ok(survives)
    }

    /// Looks up what the script has for what an event asks for.
    fn see(&mut self, index: usize) {
        let event = self.events[index].clone();
        let at = event.at.instant();
        let Fact::Run(fact) = &event.fact else { return };
        match fact {
            RunFact::StepStarted { at: visit, attempt, token, .. } => {
                let answer = self.answer(visit, *attempt, false);
                self.plan(Dispatched::new(visit, *attempt, *token, &event), answer);
            }
            RunFact::CompensationStarted { at: visit, attempt, token, work, .. } => {
                let key = format!("{}{}/compensation", self.prefix, visit.step);
                let is_child = work["type"] == "compensate_process";
                if is_child && !self.scenario.steps.contains_key(&key) && self.has_child(visit) {
                    return;
                }
                let answer = self.answer(visit, *attempt, true);
                let undo = Dispatched::new(visit, *attempt, *token, &event);
                self.plan(Dispatched { is_compensation: true, ..undo }, answer);
            }
            RunFact::ApprovalOpened { at: visit, .. } => self.plan_decisions(visit, at),
            _ => {}
        }
    }

    fn plan(&mut self, dispatched: Dispatched, answer: Answer) {
        let at = (!answer.hangs).then(|| later(dispatched.at, answer.takes));
        self.attempts.push(Pending { dispatched, at, answer });
    }

    /// Returns what comes of an attempt. A visit and attempt that come again after a crash get the
    /// same answer.
    fn answer(&mut self, visit: &VisitId, attempt: u32, is_compensation: bool) -> Answer {
        let rest = if is_compensation { "/compensation" } else { "" };
        let key = format!("{}{}{rest}", self.prefix, visit.step);
        let Some(script) = self.scenario.steps.get(&key) else { return Answer::default() };
        let item =
            self.run().and_then(|run| run.step(visit.step.as_str())?.visit(visit.visit)?.item());
        if let Some(item) = item.filter(|_| !is_compensation) {
            let attempt = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
            return script.answer_for(item as usize, attempt);
        }
        let used = self.used.entry(key).or_default();
        let answer = script.answer(*used);
        *used += 1;
        answer
    }

    fn plan_decisions(&mut self, visit: &VisitId, opened: DateTime<Utc>) {
        let key = format!("{}{}", self.prefix, visit.step);
        let Some(script) = self.scenario.steps.get(&key) else { return };
        let answers = script.all();
        let said = self.said.entry(key.clone()).or_default();
        let mut left: Vec<usize> =
            (0..answers.len()).filter(|index| !said.contains(index)).collect();
        if left.is_empty() {
            // The last one repeats.
            left.extend(answers.len().checked_sub(1));
        }
        for index in left {
            let answer = answers[index].clone();
            let at = later(opened, answer.after);
            let key = key.clone();
            self.decisions.push(PendingDecision { visit: visit.clone(), at, key, index, answer });
        }
        self.decisions.sort_by_key(|pending| (pending.at, pending.index));
    }

    /// Drops what nobody waits for any more; what a late attempt cost is still counted.
    fn forget(&mut self) {
        let Some(run) = self.execution.run() else { return };
        let is_current = |pending: &Pending| {
            if pending.dispatched.is_compensation {
                let token = run.compensating().and_then(|compensating| compensating.token);
                return token == Some(pending.dispatched.token);
            }
            let visit = run.step(pending.dispatched.visit.step.as_str());
            visit
                .and_then(|step| step.visit(pending.dispatched.visit.visit))
                .is_some_and(|visit| visit.token() == Some(pending.dispatched.token))
        };
        let mut late: Vec<(VisitId, u64, Cost, DateTime<Utc>)> = Vec::new();
        for pending in self.attempts.iter().filter(|pending| !is_current(pending)) {
            let visit = run.step(pending.dispatched.visit.step.as_str());
            let visit = visit.and_then(|step| step.visit(pending.dispatched.visit.visit));
            let is_late = visit.is_some_and(|visit| {
                let is_same = visit.attempt() == pending.dispatched.attempt
                    && !pending.dispatched.is_compensation;
                let error = visit.error().unwrap_or_default();
                is_same && (error.starts_with("timeout") || error.starts_with("heartbeat"))
            });
            let is_done = self
                .events
                .last()
                .is_some_and(|event| pending.at.is_some_and(|at| at <= event.at.instant()));
            if let (true, false, Some(cost)) = (is_late, is_done, pending.answer.cost) {
                let at = self.events.last().map(|event| event.at.instant()).unwrap_or_default();
                late.push((pending.dispatched.visit.clone(), pending.dispatched.token, cost, at));
            }
        }
        self.attempts.retain(is_current);
        self.decisions.retain(|pending| {
            let step = run.step(pending.visit.step.as_str());
            let visit = step.and_then(|step| step.visit(pending.visit.visit));
            visit.is_some_and(|visit| visit.state() == VisitState::Approval)
        });
        for (visit, token, cost, at) in late {
            // Refused only when it was counted before.
            let _ = self.give(at, BY, Input::LateCost { visit, token, cost });
        }
    }

    /// Hands out what is ready; there is always a worker. Returns whether there was anything.
    pub(super) fn hand_out(&mut self, now: DateTime<Utc>) -> bool {
        let Some(run) = self.run() else { return false };
        let next = run
            .dispatchable()
            .next()
            .map(|(step, visit)| VisitRef { step: step.clone(), visit: Some(visit) });
        match next {
            Some(step) => self.give(now, BY, Input::Dispatch { step }).is_ok(),
            None => false,
        }
    }

    /// Delivers the first result that is there at this instant.
    pub(super) fn deliver_result(&mut self, now: DateTime<Utc>) -> bool {
        let due = self
            .attempts
            .iter()
            .enumerate()
            .filter(|(_, pending)| pending.at.is_some_and(|at| at <= now))
            .min_by_key(|(_, pending)| (pending.at, pending.dispatched.seq))
            .map(|(index, _)| index);
        let Some(index) = due else { return false };
        let pending = &self.attempts[index];
        let (visit, token) = (pending.dispatched.visit.clone(), pending.dispatched.token);
        let answer = pending.answer.clone();
        if let Some(context) = answer.context {
            let visit = visit.clone();
            let saved = self.give(now, BY, Input::SaveContext { visit, token, context });
            self.note(saved);
        }
        let outcome = match answer.error {
            Some(error) => Outcome::Failed(error),
            None => Outcome::Completed(answer.output.unwrap_or_else(|| Value::Object(Map::new()))),
        };
        let input = Input::Result { visit, token, outcome, cost: answer.cost };
        let given = self.give(now, BY, input);
        if given.is_err() {
            self.attempts.retain(|pending| pending.dispatched.token != token);
        }
        self.note(given);
        true
    }

    /// Delivers the first decision that is said at this instant.
    pub(super) fn deliver_decision(&mut self, now: DateTime<Utc>) -> bool {
        let Some(index) = self.decisions.iter().position(|pending| pending.at <= now) else {
            return false;
        };
        let pending = self.decisions.remove(index);
        let (key, index) = (pending.key.clone(), pending.index);
        let Some(decision) = pending.answer.decision else { return true };
        let by = pending.answer.by.clone().unwrap_or_else(|| self.next_approver(&pending.visit));
        let comment = pending.answer.comment.clone();
        let visit = pending.visit.clone();
        let decision = Decision { decision, comment, via: None };
        let given = self.give(now, &by, Input::Decide { step: visit.into(), decision });
        match &given {
            Ok(false) => self.decisions.insert(0, pending),
            Ok(true) | Err(_) => {
                self.said.entry(key).or_default().insert(index);
            }
        }
        self.note(given);
        true
    }

    /// Returns the first approver who has said nothing.
    fn next_approver(&self, visit: &VisitId) -> String {
        let step = self.run().and_then(|run| run.step(visit.step.as_str()));
        let approval = step.and_then(|step| step.visit(visit.visit)?.approval());
        let next = approval.and_then(|(request, votes)| {
            let asked = request.approvers.iter();
            asked.clone().find(|one| !votes.contains(&one.as_str())).cloned()
        });
        next.unwrap_or_else(|| BY.to_owned())
    }

    /// Keeps a refusal as something worth knowing.
    pub(super) fn note(&mut self, given: Result<bool, Rejected>) {
        if let Err(rejected) = given {
            self.refusals.push(rejected.to_string());
        }
    }

    /// Returns when something happens next, by itself or by the script.
    pub(super) fn next_at(&self) -> Option<DateTime<Utc>> {
        let own = self.run().and_then(Run::wakes_at);
        let results = self.attempts.iter().filter_map(|pending| pending.at);
        let decisions = self.decisions.iter().map(|pending| pending.at);
        own.into_iter().chain(results).chain(decisions).min()
    }

    /// Returns the script that stands for a process of its own, if one does.
    pub(super) fn replacement(&self, step: &StepId) -> Option<&'a Script> {
        let scenario: &'a Scenario = self.scenario;
        scenario.steps.get(&format!("{}{step}", self.prefix))
    }

    pub(super) fn next_answer(&mut self, visit: &VisitId) -> Answer {
        self.answer(visit, 1, false)
    }

    pub(super) fn child_prefix(&self, step: &StepId) -> String {
        format!("{}{step}/", self.prefix)
    }

    pub(super) fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    fn has_child(&self, visit: &VisitId) -> bool {
        self.children.iter().any(|child| child.visit == *visit && child.actor.is_ok())
    }

    pub(super) fn status(&self) -> ProcessStatus {
        self.run().map_or(ProcessStatus::Planned, Run::status)
    }
}

/// Returns how to tell the event that an input itself is, from those that were due before it.
fn marker(input: &Input) -> fn(&Event) -> bool {
    match input {
        Input::AddItem { .. } => {
            |event| is(event, |fact| matches!(fact, RunFact::ItemAdded { .. }))
        }
        Input::Cancel { .. } => |event| is(event, |fact| matches!(fact, RunFact::Ending { .. })),
        Input::Decide { .. } => {
            |event| is(event, |fact| matches!(fact, RunFact::ApprovalDecided { .. }))
        }
        Input::Message(_) => {
            |event| is(event, |fact| matches!(fact, RunFact::MessageReceived { .. }))
        }
        _ => |_| false,
    }
}

fn is(event: &Event, is_it: fn(&RunFact) -> bool) -> bool {
    matches!(&event.fact, Fact::Run(fact) if is_it(fact))
}

/// Returns the instant this much later, or the last one.
pub(super) fn later(at: DateTime<Utc>, delay: std::time::Duration) -> DateTime<Utc> {
    let delta = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
    at.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
