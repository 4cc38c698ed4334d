//! The beginning of a run, and its going on by another definition.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use process_core::{
    definition::{Definition, Join},
    event::Start,
    money::Cost,
};
use serde_json::Value;

use super::state::{ArcFate, ArcState, Held, Key, Mailbox, Run, StepState, VisitState};

impl Run {
    /// Returns the run at its beginning.
    pub(crate) fn new(
        definition: Arc<Definition>,
        start: &Start,
        about: Value,
        started_at: DateTime<Utc>,
    ) -> Self {
        let steps = definition.steps.len();
        let arcs = definition.graph.arcs().len();
        let own = definition.budget.as_ref().and_then(|budget| budget.cost);
        let mut run = Self {
            limit: least(own, start.limit),
            given_limit: start.limit,
            repeats: repeats(&definition),
            definition: Held(definition),
            former: Vec::new(),
            input: start.input.clone(),
            trigger: start.trigger.clone(),
            seed: start.seed,
            key: start.key.clone(),
            parent: start.parent.clone(),
            stop_grace: Duration::from_millis(start.stop_grace_ms),
            started_at,
            about,
            steps: vec![StepState::default(); steps],
            arcs: vec![ArcState::default(); arcs],
            joins: (0..steps).collect(),
            ready: Default::default(),
            opening: Default::default(),
            open: Default::default(),
            counts: [0; VisitState::SLOTS],
            groups: Default::default(),
            alarms: Default::default(),
            mutexes: BTreeMap::new(),
            waiters: BTreeMap::new(),
            untils: Default::default(),
            mailbox: Mailbox::default(),
            cancelling: Default::default(),
            looping: Vec::new(),
            undo: Vec::new(),
            compensating: None,
            compensated: Vec::new(),
            left: Vec::new(),
            not_over: steps,
            failing: None,
            ending: None,
            end: None,
            paused: false,
            spent: Cost::ZERO,
            reserved: Cost::ZERO,
            reserve_max: Cost::ZERO,
            costed_running: 0,
            notices: BTreeMap::new(),
            feedback: Vec::new(),
            warnings: Vec::new(),
        };
        run.count_all_arcs();
        run.reserve_max = run.most_reserved();
        for step in 0..steps {
            run.check_join(step);
        }
        run
    }

    /// Goes on by another definition: steps keep their state by their ids (rule E14).
    pub(crate) fn adopt(&mut self, definition: Arc<Definition>) {
        self.repeats = repeats(&definition);
        let old = std::mem::replace(&mut self.definition, Held(definition));
        let new = self.definition.clone();
        self.keep_text(&old);
        let place: Vec<Option<usize>> =
            old.steps.iter().map(|step| new.graph.index(step.id.as_str())).collect();
        let moved = |key: Key| place.get(key.0).copied().flatten().map(|step| (step, key.1));
        let mut steps = vec![StepState::default(); new.steps.len()];
        let states = std::mem::take(&mut self.steps);
        for (state, place) in states.into_iter().zip(&place) {
            if let Some(place) = place {
                steps[*place] = state;
            }
        }
        let arcs_before: BTreeMap<(usize, usize), ArcState> = old
            .graph
            .arcs()
            .iter()
            .zip(&self.arcs)
            .filter_map(|(arc, state)| Some(((place[arc.from]?, place[arc.to]?), *state)))
            .collect();
        self.steps = steps;
        self.arcs = vec![ArcState::default(); new.graph.arcs().len()];
        for step in &mut self.steps {
            step.arcs = Default::default();
            step.arrivals = step.arrivals.iter().filter_map(|key| moved(*key)).collect();
            for activation in step.activations.values_mut() {
                activation.after = activation.after.iter().filter_map(|key| moved(*key)).collect();
            }
            step.chosen = step.chosen.iter().filter_map(|step| place[*step]).collect();
        }
        for (index, arc) in new.graph.arcs().iter().enumerate() {
            if let Some(state) = arcs_before.get(&(arc.from, arc.to)) {
                self.arcs[index] = *state;
            }
        }
        self.move_indexes(&place, &old);
        self.count_open();
        self.count_all_arcs();
        self.reserve_max = self.most_reserved();
        self.not_over = self.steps.iter().filter(|step| !step.is_over).count();
        // A new arc from a step that is done is decided at once, and a new route is not taken.
        for step in 0..self.steps.len() {
            // One that nobody waits for has let its followers go, and will not do so again.
            if self.steps[step].released {
                self.decide_new_arcs(step);
            }
            if self.steps[step].closed {
                self.steps[step].closed = false;
                self.steps[step].is_over = false;
                self.not_over += 1;
                self.close(step);
            }
        }
        for (index, arc) in new.graph.arcs().iter().enumerate() {
            let is_new = !arcs_before.contains_key(&(arc.from, arc.to));
            let is_live = self.arcs[index].fate == ArcFate::Live;
            if is_new && is_live && new.steps[arc.to].join == Join::Each {
                let last = self.steps[arc.from].visits.last_number();
                self.steps[arc.to].arrivals.push_back((arc.from, last));
            }
        }
        for step in 0..self.steps.len() {
            self.check_join(step);
            self.close_if_over(step);
        }
        let own = new.budget.as_ref().and_then(|budget| budget.cost);
        let before = old.budget.as_ref().and_then(|budget| budget.cost);
        if own != before {
            self.limit = least(own, self.given_limit);
            let over: Vec<Key> = self.open.iter().copied().collect();
            for key in over {
                if let Some(visit) = self.visit_mut(key)
                    && std::mem::take(&mut visit.over_budget)
                {
                    self.steps[key.0].waiting = self.steps[key.0].waiting.saturating_sub(1);
                }
            }
        }
    }

    /// Returns the most that a step of the definition reserves.
    pub(super) fn most_reserved(&self) -> Cost {
        let budgets = self.definition.steps.iter().filter_map(|step| step.budget.as_ref());
        budgets.filter_map(|budget| budget.cost).max().unwrap_or_default()
    }

    /// Lets what is open go on by the text that it began with.
    fn keep_text(&mut self, old: &Held) {
        let text = self.former.len();
        let open: Vec<Key> = self.open.iter().copied().collect();
        for key in &open {
            if let Some(visit) = self.visit_mut(*key) {
                visit.text = visit.text.or(Some(text));
            }
        }
        if !open.is_empty() {
            self.former.push(old.clone());
        }
    }

    /// Counts what is open anew: a step that is gone took its visits with it.
    fn count_open(&mut self) {
        self.counts = [0; VisitState::SLOTS];
        (self.reserved, self.costed_running) = (Cost::ZERO, 0);
        let open: Vec<Key> = self.open.iter().copied().collect();
        for key in open {
            let Some(visit) = self.visit(key) else { continue };
            let (state, reserved) = (visit.state, visit.reserved);
            self.counts[state.slot()] += 1;
            if matches!(state, VisitState::Running | VisitState::Child) {
                self.reserved = self.reserved.plus(reserved).unwrap_or(self.reserved);
                self.costed_running += u32::from(self.definition.steps[key.0].is_costed());
            }
        }
    }

    fn count_all_arcs(&mut self) {
        let definition = self.definition.clone();
        for (index, arc) in definition.graph.arcs().iter().enumerate() {
            self.count_arc(index, arc.to, arc.kind, true);
        }
    }

    fn move_indexes(&mut self, place: &[Option<usize>], old: &Definition) {
        let moved = |key: Key| place.get(key.0).copied().flatten().map(|step| (step, key.1));
        let turn = |turn: &super::ReadyTurn| Some((turn.0, place[turn.1]?, turn.2));
        self.joins.clear();
        self.ready = self.ready.iter().filter_map(turn).collect();
        self.opening = self.opening.iter().filter_map(turn).collect();
        self.open = self.open.iter().filter_map(|key| moved(*key)).collect();
        self.groups = self.groups.iter().filter_map(|group| moved(*group)).collect();
        let alarms = std::mem::take(&mut self.alarms);
        let place_of = |step: usize| {
            // The alarms of the process itself stand behind those of all steps.
            if step >= old.steps.len() { Some(self.definition.steps.len()) } else { place[step] }
        };
        let moved_alarm =
            |alarm: &super::Alarm| Some(super::Alarm { step: place_of(alarm.step)?, ..*alarm });
        self.alarms = alarms.iter().filter_map(moved_alarm).collect();
        for step in &mut self.steps {
            for visit in step.visits.iter_mut() {
                visit.after = visit.after.iter().filter_map(|key| moved(*key)).collect();
                visit.alarms = visit
                    .alarms
                    .iter()
                    .filter_map(|alarm| {
                        let step = place.get(alarm.step).copied().flatten()?;
                        Some(super::Alarm { step, ..*alarm })
                    })
                    .collect();
            }
        }
        for mutex in self.mutexes.values_mut() {
            mutex.holder = mutex.holder.and_then(moved);
            mutex.queue = mutex.queue.iter().filter_map(turn).collect();
        }
        for waiters in self.waiters.values_mut() {
            *waiters = waiters.iter().filter_map(turn).collect();
        }
        self.untils = self.untils.iter().filter_map(|key| moved(*key)).collect();
        self.cancelling = self.cancelling.iter().filter_map(|step| place[*step]).collect();
        for list in [&mut self.undo, &mut self.compensated, &mut self.left] {
            *list = list.iter().filter_map(|key| moved(*key)).collect();
        }
        if let Some(compensating) = &mut self.compensating
            && let Some(visit) = moved(compensating.visit)
        {
            compensating.visit = visit;
        }
        self.looping =
            self.looping.iter().filter_map(|way| Some((place[way.0]?, place[way.1]?))).collect();
        self.failing = self.failing.take().and_then(|(step, why)| Some((place[step]?, why)));
    }
}

/// Returns which steps may be visited more than once: behind a loop, or behind a join of each.
pub(super) fn repeats(definition: &Definition) -> Vec<bool> {
    let graph = &definition.graph;
    let each =
        (0..definition.steps.len()).filter(|step| definition.steps[*step].join == Join::Each);
    let mut open: Vec<usize> = graph.back().iter().map(|way| way.1).chain(each).collect();
    let mut repeats = vec![false; definition.steps.len()];
    while let Some(step) = open.pop() {
        if !std::mem::replace(&mut repeats[step], true) {
            open.extend(graph.followers(step));
        }
    }
    repeats
}

fn least(a: Option<Cost>, b: Option<Cost>) -> Option<Cost> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}
