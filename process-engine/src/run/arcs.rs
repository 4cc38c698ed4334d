//! Arcs: which are live, which are dead, and whose join that meets (rule E1).

use process_core::{
    StepStatus,
    definition::{ArcKind, Join},
    event::SkipReason,
};

use super::{
    activation::Fate,
    state::{ArcCounts, ArcFate, Run},
};

/// What the join of a step says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JoinState {
    /// The step begins.
    Met,
    /// The step can never begin.
    OutOfReach(SkipReason),
    /// It depends on what is still open, or was decided before.
    Undecided,
}

impl Run {
    /// Returns what the join of a step says.
    pub(crate) fn join_state(&self, step: usize) -> JoinState {
        let (Some(state), Some(definition)) =
            (self.steps.get(step), self.definition.steps.get(step))
        else {
            return JoinState::Undecided;
        };
        if state.forced.is_some() {
            return JoinState::Met;
        }
        let arcs = state.arcs;
        let each = definition.join == Join::Each;
        if (state.fired && !each) || state.closed {
            return JoinState::Undecided;
        }
        if arcs.goto_total > 0 && arcs.goto_live == 0 {
            // A goto guards its target, whatever the other arcs say.
            return match arcs.goto_open {
                0 if !state.fired => JoinState::OutOfReach(SkipReason::Route),
                _ => JoinState::Undecided,
            };
        }
        if arcs.total == 0 && !each {
            return JoinState::Met;
        }
        let fresh = arcs.live - arcs.spent;
        let dead = if arcs.by_route > 0 { SkipReason::Route } else { SkipReason::Upstream };
        match definition.join {
            Join::All | Join::AllCompleted if arcs.open > 0 => JoinState::Undecided,
            Join::All if arcs.live > 0 => JoinState::Met,
            Join::AllCompleted if arcs.live == arcs.total => JoinState::Met,
            Join::All | Join::AllCompleted => JoinState::OutOfReach(dead),
            Join::Any => wanted(1, fresh, arcs.open),
            Join::Count(wanted_count) => wanted(wanted_count, fresh, arcs.open),
            Join::Each if !state.arrivals.is_empty() => JoinState::Met,
            Join::Each if arcs.open > 0 || state.fired => JoinState::Undecided,
            Join::Each if arcs.total == 0 => JoinState::Met,
            Join::Each => JoinState::OutOfReach(SkipReason::Upstream),
        }
    }

    /// Puts a step where a decision on its join is waited for, or takes it away from there.
    pub(super) fn check_join(&mut self, step: usize) {
        match self.join_state(step) {
            JoinState::Met | JoinState::OutOfReach(_) => self.joins.insert(step),
            JoinState::Undecided => self.joins.remove(&step),
        };
    }

    /// Tells the followers of a step how it ended, once nothing of it can change that.
    pub(super) fn close_if_over(&mut self, step: usize) {
        let (Some(state), Some(definition)) =
            (self.steps.get(step), self.definition.steps.get(step))
        else {
            return;
        };
        let more_to_come = state.activations_open > 0
            || (definition.join == Join::Each
                && !state.arcs.is_barred()
                && (!state.arrivals.is_empty() || (state.arcs.open > 0 && state.forced.is_none())));
        // A foreach that nobody waits for has let its followers go when it began.
        if !more_to_come && state.outcome.is_some() {
            self.close(step);
        }
        self.note_over(step);
    }

    /// Decides the arcs that start from a step.
    pub(super) fn close(&mut self, step: usize) {
        if self.steps[step].closed {
            return;
        }
        self.steps[step].closed = true;
        self.joins.remove(&step);
        if !self.steps[step].released {
            self.decide_arcs(step);
        }
        self.note_over(step);
    }

    /// Lets the followers of a step go on that does not make them wait for its end.
    pub(super) fn release(&mut self, step: usize) {
        self.steps[step].any_live = true;
        if !std::mem::replace(&mut self.steps[step].released, true) {
            self.decide_arcs(step);
        }
        let last = self.steps[step].visits.last_number();
        self.announce_visit((step, last), &Fate::of(StepStatus::Completed));
    }

    /// Decides the arcs of a step that has let its followers go and that came since.
    pub(super) fn decide_new_arcs(&mut self, step: usize) {
        self.decide_arcs_that(step, |fate| fate == ArcFate::Open);
    }

    fn decide_arcs(&mut self, step: usize) {
        self.decide_arcs_that(step, |_| true);
    }

    fn decide_arcs_that(&mut self, step: usize, is_asked: impl Fn(ArcFate) -> bool) {
        let definition = self.definition.clone();
        for &arc in definition.graph.outgoing(step) {
            if !is_asked(self.arcs[arc].fate) {
                continue;
            }
            let (to, kind) = (definition.graph.arcs()[arc].to, definition.graph.arcs()[arc].kind);
            let fate = self.fate_of(step, to, kind);
            self.set_arc(arc, to, kind, fate);
            self.check_join(to);
            // A step that may be visited several times may have waited only for this.
            self.close_if_over(to);
        }
    }

    fn fate_of(&self, from: usize, to: usize, kind: ArcKind) -> ArcFate {
        let state = &self.steps[from];
        match kind {
            ArcKind::Dependency if state.any_live => ArcFate::Live,
            ArcKind::Dependency => ArcFate::Dead,
            ArcKind::Goto | ArcKind::Route if state.chosen.contains(&to) => ArcFate::Live,
            ArcKind::Route if state.routed => ArcFate::DeadByRoute,
            ArcKind::Route => ArcFate::Dead,
            ArcKind::Goto => ArcFate::DeadByRoute,
        }
    }

    pub(super) fn set_arc(&mut self, arc: usize, to: usize, kind: ArcKind, fate: ArcFate) {
        self.count_arc(arc, to, kind, false);
        self.arcs[arc].fate = fate;
        self.count_arc(arc, to, kind, true);
    }

    /// Counts an arc in or out of the counts of the step to which it leads.
    pub(super) fn count_arc(&mut self, arc: usize, to: usize, kind: ArcKind, is_in: bool) {
        let state = self.arcs[arc];
        let counts = &mut self.steps[to].arcs;
        let mut count = |slot: fn(&mut ArcCounts) -> &mut u32| {
            let slot = slot(counts);
            *slot = if is_in { *slot + 1 } else { slot.saturating_sub(1) };
        };
        count(|counts| &mut counts.total);
        let is_goto = kind == ArcKind::Goto;
        if is_goto {
            count(|counts| &mut counts.goto_total);
        }
        match state.fate {
            ArcFate::Open => {
                count(|counts| &mut counts.open);
                if is_goto {
                    count(|counts| &mut counts.goto_open);
                }
            }
            ArcFate::Live => {
                count(|counts| &mut counts.live);
                if is_goto {
                    count(|counts| &mut counts.goto_live);
                }
            }
            ArcFate::DeadByRoute => count(|counts| &mut counts.by_route),
            ArcFate::Dead => {}
        }
    }

    /// Tells followers that want a visit for each visit of this step that there was one.
    pub(super) fn announce_visit(&mut self, visit: super::Key, fate: &Fate) {
        if !fate.is_live() && fate.chosen.is_empty() {
            return;
        }
        let definition = self.definition.clone();
        for &arc in definition.graph.outgoing(visit.0) {
            let (to, kind) = (definition.graph.arcs()[arc].to, definition.graph.arcs()[arc].kind);
            if definition.steps[to].join != Join::Each {
                continue;
            }
            let is_live = match kind {
                ArcKind::Dependency => fate.is_live(),
                ArcKind::Goto | ArcKind::Route => fate.chosen.contains(&to),
            };
            if is_live && !self.steps[to].closed {
                self.arcs[arc].used = true;
                self.steps[to].arrivals.push_back(visit);
                self.check_join(to);
            }
        }
    }

    /// Notes whether a step is over: its followers know, and nothing of it is open.
    pub(super) fn note_over(&mut self, step: usize) {
        let state = &mut self.steps[step];
        let is_over = state.closed && state.activations_open == 0;
        if is_over != state.is_over {
            state.is_over = is_over;
            self.not_over = if is_over { self.not_over - 1 } else { self.not_over + 1 };
        }
        if is_over {
            self.cancelling.remove(&step);
        }
    }
}

impl ArcCounts {
    /// Returns whether a goto guards the step and was not taken.
    fn is_barred(&self) -> bool {
        self.goto_total > 0 && self.goto_live == 0 && self.goto_open == 0
    }
}

fn wanted(wanted: u32, live: u32, open: u32) -> JoinState {
    if live >= wanted {
        JoinState::Met
    } else if live + open < wanted {
        JoinState::OutOfReach(SkipReason::Upstream)
    } else {
        JoinState::Undecided
    }
}
