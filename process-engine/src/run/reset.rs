//! Steps that stand at their beginning again: loops, retries, a person's word (rule E4).

use std::collections::BTreeSet;

use process_core::{
    definition::Join,
    event::{ResetCause, VisitId},
};

use super::{
    VisitState,
    state::{ArcFate, Key, Run, StepState},
};

impl Run {
    /// Sets steps back; arcs from steps outside keep their state.
    pub(super) fn reset(&mut self, steps: &BTreeSet<usize>, cause: ResetCause, targets: &[usize]) {
        for &step in steps {
            self.withdraw_all(step);
            self.set_back(step);
        }
        let definition = self.definition.clone();
        for &step in steps {
            for &arc in definition.graph.outgoing(step) {
                let (to, kind) =
                    (definition.graph.arcs()[arc].to, definition.graph.arcs()[arc].kind);
                if steps.contains(&to) {
                    self.set_arc(arc, to, kind, ArcFate::Open);
                    self.arcs[arc].used = false;
                }
            }
        }
        for &step in steps {
            let given = definition.graph.incoming(step).iter().filter(|&&arc| {
                let state = self.arcs[arc];
                state.fate == ArcFate::Live && state.used && cause == ResetCause::Loop
            });
            let spent = given.count();
            self.steps[step].arcs.spent = u32::try_from(spent).unwrap_or(u32::MAX);
            if cause != ResetCause::Loop && definition.steps[step].join == Join::Each {
                self.bring_back_arrivals(step);
            }
        }
        let from = self.looping.first().map(|(from, _)| *from);
        let from = from.map(|from| (from, self.steps[from].visits.last_number()));
        for &target in targets {
            self.steps[target].loops += 1;
            self.steps[target].forced = from;
        }
        for &step in steps {
            self.check_join(step);
            self.close_if_over(step);
        }
        // A loop from a step that is set back with the others will be chosen anew.
        let taken = from.map(|from| from.0);
        self.looping.retain(|way| Some(way.0) != taken && !steps.contains(&way.0));
        if cause == ResetCause::Loop {
            return;
        }
        // What waited for a decision when the process ended is decided when it goes on.
        for step in 0..self.steps.len() {
            self.check_join(step);
        }
        (self.failing, self.ending, self.end) = (None, None, None);
        self.left.retain(|key| !steps.contains(&key.0));
        self.compensated.retain(|key| !steps.contains(&key.0));
    }

    /// A step that is run anew by hand gets its visits from the arcs that are live.
    fn bring_back_arrivals(&mut self, step: usize) {
        let definition = self.definition.clone();
        for &arc in definition.graph.incoming(step) {
            let from = definition.graph.arcs()[arc].from;
            if self.arcs[arc].fate == ArcFate::Live {
                let last = self.steps[from].visits.last_number();
                self.steps[step].arrivals.push_back((from, last));
            }
        }
    }

    /// Drops what is open of a step.
    fn withdraw_all(&mut self, step: usize) {
        let open: Vec<Key> = self.open.range((step, 0)..=(step, u32::MAX)).copied().collect();
        for key in open {
            self.leave(key);
            self.open.remove(&key);
            if let Some(visit) = self.visit_mut(key) {
                (visit.state, visit.token) = (VisitState::Withdrawn, None);
            }
            self.settle_mutex(key);
        }
        let groups: Vec<_> = self.groups.range((step, 0)..=(step, u32::MAX)).copied().collect();
        for group in groups {
            self.groups.remove(&group);
        }
        self.remove_alarm(|alarm| alarm.step == step);
    }

    fn set_back(&mut self, step: usize) {
        let old = std::mem::take(&mut self.steps[step]);
        if old.is_over {
            self.not_over += 1;
        }
        self.cancelling.remove(&step);
        self.steps[step] = StepState {
            arcs: old.arcs,
            activation_last: old.activation_last,
            visits: old.visits,
            loops: old.loops,
            attempts: old.attempts,
            cost: old.cost,
            output: old.output,
            ..StepState::default()
        };
    }

    /// Returns the visits that the events name.
    pub(super) fn keys(&self, visits: &[VisitId]) -> Vec<Key> {
        visits.iter().filter_map(|visit| self.key(visit)).collect()
    }
}
