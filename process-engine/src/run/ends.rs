//! How visits end, and what that means for the step, its followers and the process.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use process_core::{
    Shared, StepId, StepStatus,
    definition::{ArcKind, GatewayKind, StepKind},
    event::{SkipReason, VisitId},
    money::Cost,
};

use super::{
    VisitState,
    activation::Fate,
    state::{Key, Run},
};

impl Run {
    pub(super) fn complete(
        &mut self,
        at: &VisitId,
        output: &Shared,
        cost: Option<Cost>,
        routes: Option<BTreeSet<usize>>,
        back: Vec<usize>,
        now: DateTime<Utc>,
    ) {
        let Some(key) = self.open_key(at) else { return };
        self.note_start(key, now);
        self.count_cost(key, Some(cost.unwrap_or_default()));
        if let Some(visit) = self.visit_mut(key) {
            visit.output = Some(output.clone());
            visit.error = None;
        }
        let has_child = self.visit(key).is_some_and(|visit| visit.child.is_some());
        if self.definition.steps[key.0].compensation.is_some() || has_child {
            self.undo.push(key);
        }
        // A foreach or repeat cancels others when the whole of it completes.
        if self.group_of(key).is_none() {
            self.cancel_others(key.0);
        }
        let loops = !back.is_empty();
        self.looping.extend(back.into_iter().map(|target| (key.0, target)));
        let fate = Fate {
            routed: routes.is_some(),
            chosen: routes.unwrap_or_default(),
            ..Fate::of(StepStatus::Completed)
        };
        if loops {
            // What follows is reset at once: nothing of it may begin.
            self.end_without_followers(key, VisitState::Completed, fate, now);
        } else {
            self.end_visit(key, VisitState::Completed, fate, now);
        }
    }

    pub(super) fn fail(
        &mut self,
        at: &VisitId,
        error: &str,
        cost: Option<Cost>,
        goto: Option<&StepId>,
        output: Option<&Shared>,
        now: DateTime<Utc>,
    ) {
        let Some(key) = self.key(at) else { return };
        self.ensure_visit(key);
        if !self.open.contains(&key) {
            return;
        }
        self.note_start(key, now);
        self.count_cost(key, cost);
        if let Some(visit) = self.visit_mut(key) {
            visit.error = Some(error.to_owned());
            visit.output = output.cloned();
        }
        let is_grouped = self.group_of(key).is_some();
        let chosen = goto.and_then(|id| self.definition.graph.index(id.as_str()));
        let fate = Fate { chosen: chosen.into_iter().collect(), ..Fate::of(StepStatus::Failed) };
        let mut loops = false;
        if !is_grouped {
            if goto.is_none() {
                self.note_failure(key.0, &Some(error.to_owned()));
            }
            loops = self.take_loop(key.0, &fate);
        }
        if loops {
            self.end_without_followers(key, VisitState::Failed, fate, now);
        } else {
            self.end_visit(key, VisitState::Failed, fate, now);
        }
    }

    pub(super) fn skip(&mut self, at: &VisitId, reason: SkipReason, now: DateTime<Utc>) {
        let Some(key) = self.key(at) else { return };
        let fate = Fate::skipped(reason);
        if key.1 == 0 {
            self.end_unopened(key.0, &fate, now);
            return;
        }
        self.ensure_visit(key);
        if reason != SkipReason::Manual {
            self.note_start(key, now);
        }
        self.end_visit(key, VisitState::Skipped, fate, now);
    }

    pub(super) fn cancel(&mut self, at: &VisitId, in_doubt: bool, now: DateTime<Utc>) {
        let Some(key) = self.key(at) else { return };
        let fate = Fate::of(StepStatus::Cancelled);
        if key.1 > 0 {
            self.end_visit(key, VisitState::Cancelled, fate, now);
            if in_doubt {
                let id = &at.step;
                self.warnings.push(format!("step `{id}` was ended while it ran: in doubt"));
            }
            return;
        }
        let groups: Vec<u32> = self.steps[key.0].activations.keys().copied().collect();
        for group in groups {
            self.end_group(key.0, group, fate.clone(), now);
        }
        if !self.steps[key.0].closed {
            self.steps[key.0].arrivals.clear();
            self.steps[key.0].fired = true;
            self.joins.remove(&key.0);
            self.settle_step(key.0, &fate, now);
            self.close(key.0);
        }
    }

    /// Makes the visit of a step whose join was met and that came no further.
    pub(super) fn ensure_visit(&mut self, key: Key) {
        if self.is_next(key) {
            let after = Vec::new();
            let activation = self.activate(key.0, after, None);
            self.open_visit(key, activation, None, 0);
        }
    }

    /// Returns the foreach or repeat that a visit belongs to.
    pub(crate) fn group_of(&self, key: Key) -> Option<u32> {
        let number = self.visit(key)?.activation;
        let activation = self.steps[key.0].activations.get(&number)?;
        activation.group.as_ref().map(|_| number)
    }

    /// Ends a visit whose followers are reset before they hear of it.
    pub(super) fn end_without_followers(
        &mut self,
        key: Key,
        state: VisitState,
        fate: Fate,
        now: DateTime<Utc>,
    ) {
        self.steps[key.0].closed = true;
        self.end_visit(key, state, fate, now);
    }

    pub(super) fn note_failure(&mut self, step: usize, error: &Option<String>) {
        if self.failing.is_none() && self.ending.is_none() {
            self.failing = Some((step, error.clone().unwrap_or_default()));
        }
    }

    /// Notes a loop, when a failure goes back; returns whether it does.
    pub(super) fn take_loop(&mut self, step: usize, fate: &Fate) -> bool {
        let back = fate.chosen.iter().find(|to| self.definition.graph.is_back(step, **to));
        let target = back.copied();
        self.looping.extend(target.map(|target| (step, target)));
        target.is_some()
    }

    /// Asks for the cancelling of what a completed step cancels, and of those that lost to it.
    pub(super) fn cancel_others(&mut self, step: usize) {
        let definition = self.definition.clone();
        let cancels = &definition.steps[step].cancels;
        let cancelled = cancels.iter().filter_map(|id| definition.graph.index(id.as_str()));
        let over: Vec<usize> = cancelled.chain(self.losers(step)).collect();
        self.cancelling.extend(over.into_iter().filter(|other| !self.steps[*other].is_over));
    }

    /// Returns the other targets of the event gateways of which this step is one.
    pub(super) fn losers(&self, step: usize) -> Vec<usize> {
        let gateways = self.event_gateways(step);
        let targets = gateways.into_iter().flat_map(|gateway| {
            let routes = self.definition.steps[gateway].routes();
            routes.iter().filter_map(|route| route.next.as_ref())
        });
        let places = targets.filter_map(|id| self.definition.graph.index(id.as_str()));
        places.filter(|other| *other != step).collect()
    }

    /// Returns the event gateways that lead to a step.
    pub(crate) fn event_gateways(&self, step: usize) -> Vec<usize> {
        let graph = &self.definition.graph;
        let routes = graph.incoming(step).iter().map(|&arc| graph.arcs()[arc]);
        routes
            .filter(|arc| arc.kind == ArcKind::Route)
            .map(|arc| arc.from)
            .filter(|from| {
                matches!(&self.definition.steps[*from].kind,
                    StepKind::Gateway(gateway) if gateway.kind == GatewayKind::Event)
            })
            .collect()
    }
}
