//! The indexes of what is open: kept with every change of a visit's state.

use super::{
    activation::is_nothing,
    state::{Alarm, Key, Run, VisitState},
};

impl Run {
    /// Moves a visit into another state.
    pub(super) fn enter(&mut self, key: Key, state: VisitState) {
        self.leave(key);
        let Some(visit) = self.visit_mut(key) else { return };
        visit.state = state;
        let seq = visit.ready_seq;
        self.counts[state.slot()] += 1;
        let step = &mut self.steps[key.0];
        match state {
            VisitState::Running => step.running += 1,
            _ if state.is_waiting() => step.waiting += 1,
            _ => {}
        }
        let turn = (seq, key.0, key.1);
        match state {
            VisitState::Ready => self.queue(turn),
            VisitState::Message => {
                if let Some((name, _)) = self.visit(key).and_then(|visit| visit.message.clone()) {
                    self.waiters.entry(name).or_default().insert(turn);
                }
            }
            VisitState::Until => {
                self.untils.insert(key);
            }
            VisitState::Retrying => self.free_mutex(key),
            VisitState::Approval
            | VisitState::Cancelled
            | VisitState::Child
            | VisitState::Compensated
            | VisitState::Completed
            | VisitState::Doubt
            | VisitState::Failed
            | VisitState::Running
            | VisitState::Skipped
            | VisitState::Timer
            | VisitState::Withdrawn => {}
        }
        if !state.is_open() {
            self.free_mutex(key);
        }
    }

    /// Takes a visit out of every index; its state is that of one that was withdrawn.
    pub(super) fn leave(&mut self, key: Key) {
        let Some(visit) = self.visit_mut(key) else { return };
        let state = std::mem::replace(&mut visit.state, VisitState::Withdrawn);
        let (seq, alarms) = (visit.ready_seq, std::mem::take(&mut visit.alarms));
        let reserved = std::mem::take(&mut visit.reserved);
        let was_held = std::mem::take(&mut visit.over_budget);
        for alarm in alarms {
            self.alarms.remove(&alarm);
        }
        if !state.is_open() {
            return;
        }
        let slot = &mut self.counts[state.slot()];
        *slot = slot.saturating_sub(1);
        let step = &mut self.steps[key.0];
        match state {
            VisitState::Running => step.running = step.running.saturating_sub(1),
            _ if state.is_waiting() || was_held => step.waiting = step.waiting.saturating_sub(1),
            _ => {}
        }
        let turn = (seq, key.0, key.1);
        match state {
            VisitState::Ready => {
                self.ready.remove(&turn);
                self.opening.remove(&turn);
                self.leave_queue(key, turn);
            }
            VisitState::Message => {
                let message = self.visit(key).and_then(|visit| visit.message.clone());
                if let Some((name, _)) = message
                    && let Some(waiters) = self.waiters.get_mut(&name)
                {
                    waiters.remove(&turn);
                    if waiters.is_empty() {
                        self.waiters.remove(&name);
                    }
                }
            }
            VisitState::Until => {
                self.untils.remove(&key);
            }
            VisitState::Running | VisitState::Child => {
                if !is_nothing(reserved) {
                    self.reserved = self.reserved.minus(reserved);
                }
                if self.definition.steps[key.0].is_costed() {
                    self.costed_running = self.costed_running.saturating_sub(1);
                }
            }
            VisitState::Approval
            | VisitState::Cancelled
            | VisitState::Compensated
            | VisitState::Completed
            | VisitState::Doubt
            | VisitState::Failed
            | VisitState::Retrying
            | VisitState::Skipped
            | VisitState::Timer
            | VisitState::Withdrawn => {}
        }
    }

    /// Ends the hold of a visit that has ended on its mutex.
    pub(super) fn settle_mutex(&mut self, key: Key) {
        if self.visit(key).is_none_or(|visit| !visit.state.is_open()) {
            self.free_mutex(key);
        }
    }

    pub(super) fn add_alarm(&mut self, key: Key, alarm: Alarm) {
        self.alarms.insert(alarm);
        if let Some(visit) = self.visit_mut(key) {
            visit.alarms.push(alarm);
        }
    }

    pub(super) fn remove_alarm(&mut self, is_it: impl Fn(&Alarm) -> bool) {
        self.alarms.retain(|alarm| !is_it(alarm));
    }

    /// Lets a visit begin: by itself, or when somebody takes it.
    pub(super) fn let_begin(&mut self, turn: super::ReadyTurn) {
        if self.is_performed(turn.1) {
            self.ready.insert(turn);
        } else {
            self.opening.insert(turn);
        }
    }

    /// Puts a ready visit where it may begin, or into the queue of its mutex.
    fn queue(&mut self, turn: super::ReadyTurn) {
        let key = (turn.1, turn.2);
        let Some(name) = self.definition.steps[key.0].mutex.clone() else {
            self.let_begin(turn);
            return;
        };
        let mutex = self.mutexes.entry(name.clone()).or_default();
        if mutex.holder == Some(key) {
            self.let_begin(turn);
            return;
        }
        mutex.queue.insert(turn);
        self.hand_on(&name);
    }

    fn leave_queue(&mut self, key: Key, turn: super::ReadyTurn) {
        if let Some(name) = &self.definition.steps[key.0].mutex
            && let Some(mutex) = self.mutexes.get_mut(name)
        {
            mutex.queue.remove(&turn);
        }
    }

    fn free_mutex(&mut self, key: Key) {
        let Some(name) = self.definition.steps[key.0].mutex.clone() else { return };
        if let Some(mutex) = self.mutexes.get_mut(&name)
            && mutex.holder == Some(key)
        {
            mutex.holder = None;
            self.hand_on(&name);
        }
    }

    /// Gives a free mutex to whoever has been ready longest.
    fn hand_on(&mut self, name: &str) {
        let Some(mutex) = self.mutexes.get_mut(name) else { return };
        if mutex.holder.is_none()
            && let Some(turn) = mutex.queue.pop_first()
        {
            mutex.holder = Some((turn.1, turn.2));
            self.let_begin(turn);
        }
    }
}
