//! What begins when a join is met: the condition is evaluated once, then the step opens (rules E1, E2).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use process_core::{
    Shared, StepId, StepStatus,
    definition::{GatewayKind, Join, StepKind},
    event::{ResetCause, RunFact, SkipReason, VisitId},
    expr::Expression,
};
use serde_json::{Map, Value, json};

use super::{Deciding, failure::Attempt};
use crate::run::{JoinState, Key, Run};

impl Deciding<'_> {
    /// Takes a loop that was chosen: everything from its target on stands at its beginning again.
    pub(super) fn take_loop(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        let Some((from, _)) = run.looping.first().copied() else { return false };
        let targets: Vec<usize> =
            run.looping.iter().filter(|way| way.0 == from).map(|way| way.1).collect();
        let mut region = BTreeSet::new();
        for target in &targets {
            region.append(&mut run.definition.graph.region(*target));
        }
        let steps: Vec<StepId> = region.iter().map(|step| run.id(*step)).collect();
        // What is open there is cancelled first, each visit by its own event.
        let open = region.iter().find_map(|step| {
            let visit = *run.open_visits(*step).first()?;
            Some(run.at((*step, visit)))
        });
        if let Some(at) = open {
            self.emit(RunFact::StepCancelled { at, in_doubt: false });
            return true;
        }
        let targets = targets.into_iter().map(|target| run.id(target)).collect();
        self.emit(RunFact::StepsReset { steps, cause: ResetCause::Loop, targets });
        true
    }

    /// Decides about the first step in file order whose join is met or out of reach.
    pub(super) fn decide_join(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        let Some(step) = run.joins.first().copied() else { return false };
        match run.join_state(step) {
            JoinState::OutOfReach(reason) => {
                let at = run.at((step, 0));
                self.emit(skipped(at, reason, None));
            }
            JoinState::Met => self.begin_step(step),
            // Nothing leads here: whoever queues a step has asked its join.
            JoinState::Undecided => return false,
        }
        true
    }

    fn begin_step(&mut self, step: usize) {
        let Some(run) = self.run() else { return };
        if let Some(winner) = run.early_winner(step, self.now)
            && winner != step
        {
            let at = run.at((step, 0));
            self.emit(RunFact::StepCancelled { at, in_doubt: false });
            return;
        }
        let definition = run.definition_handle();
        let step_definition = &definition.steps[step];
        let after = run.causes_of_next(step);
        if let Some(condition) = &step_definition.condition {
            let scope = crate::run::RunScope {
                run,
                now: Some(self.now),
                after: &after,
                own: None,
                item: None,
            };
            let held = condition.holds(&scope);
            let detail = match &held {
                Ok(true) => None,
                Ok(false) => Some(json!({
                    "condition": condition.source(),
                    "values": condition.seen(&scope),
                })),
                Err(_) => None,
            };
            match held {
                Ok(true) => {}
                Ok(false) => {
                    let at = run.at((step, 0));
                    self.emit(skipped(at, SkipReason::Condition, detail));
                    return;
                }
                Err(failure) => {
                    let key = run.next_visit(step);
                    let error = format!("the condition has no value: {failure}");
                    self.fail_visit(key, Attempt::unstarted(error));
                    return;
                }
            }
        }
        let after: Vec<VisitId> = after.into_iter().map(|key| run.at(key)).collect();
        if step_definition.foreach.is_some() {
            self.open_foreach(step, after);
            return;
        }
        let key = run.next_visit(step);
        let group = step_definition.repeat.as_ref().map(|_| run.next_group(step));
        let at = run.at(key);
        self.emit(RunFact::StepReady { at, after, group, index: None });
    }
}

impl Run {
    /// Returns the visits that lead to the next one of a step, where it matters which they are.
    pub(super) fn causes_of_next(&self, step: usize) -> Vec<Key> {
        let state = &self.steps[step];
        if let Some(forced) = state.forced {
            return vec![forced];
        }
        if self.step_definition(step).join == Join::Each {
            return state.arrivals.front().copied().into_iter().collect();
        }
        let graph = &self.definition.graph;
        let from = graph.incoming(step).iter().map(|&arc| graph.arcs()[arc].from);
        from.filter_map(|from| {
            let last = self.steps[from].visits.last_number();
            // Where each step before has one visit, there is nothing to tell apart.
            let matters = self.repeats[from] || last > 1 || !self.causes((from, last)).is_empty();
            (matters && self.steps[from].outcome.is_some()).then_some((from, last))
        })
        .collect()
    }

    /// Returns the number that the next foreach or repeat of a step gets.
    pub(super) fn next_group(&self, step: usize) -> u32 {
        self.steps[step].activation_last + 1
    }

    /// Returns the target of an event gateway for which a message is there already.
    ///
    /// The mailbox is looked at in the order of the routes, before any timer starts (rule E0).
    fn early_winner(&self, step: usize, now: DateTime<Utc>) -> Option<usize> {
        let gateway = self
            .event_gateways(step)
            .into_iter()
            .find(|gateway| self.steps[*gateway].outcome == Some(StepStatus::Completed))?;
        let StepKind::Gateway(definition) = &self.step_definition(gateway).kind else {
            return None;
        };
        debug_assert_eq!(definition.kind, GatewayKind::Event);
        let targets = definition.routes.iter().filter_map(|route| route.next.as_ref());
        targets.filter_map(|id| self.definition.graph.index(id.as_str())).find(|target| {
            let is_open = !self.steps[*target].is_over && self.has_message_for(*target);
            let condition = self.step_definition(*target).condition.as_ref();
            let holds = |it: &Expression| it.holds(&self.scope(now)).unwrap_or(false);
            is_open && condition.is_none_or(holds)
        })
    }
}

/// Returns the fact that a step is left out.
pub(super) fn skipped(at: VisitId, reason: SkipReason, detail: Option<Value>) -> RunFact {
    RunFact::StepSkipped {
        at,
        reason,
        detail: detail.map(Shared::from),
        output: None,
        error: None,
        cost: None,
    }
}

/// Returns a map with one key.
pub(super) fn map_of(key: &str, value: Value) -> Value {
    let mut map = Map::new();
    map.insert(key.to_owned(), value);
    Value::Object(map)
}
