//! Going on where a driver before this one ended: the normal way to start.

use process_engine::{Process, ProcessId, Timestamp, VisitId};

use super::{core::Core, held::Place};

impl Core {
    /// Takes up what the state of a process asks for and nobody here does yet (rule E0).
    pub(super) fn recover(&mut self, now: &Timestamp, id: ProcessId) {
        let Some(held) = self.held.get_mut(&id) else { return };
        let process = held.execution().and_then(|execution| execution.process());
        if process.is_some_and(Process::is_archived) {
            // Whatever it asks for waits until it is taken back.
            return;
        }
        held.is_beginning = true;
        // Another program may have ended what is performed here.
        self.stop_stale(id);
        self.recover_attempts(now, id);
        self.recover_undoing(now, id);
        if let Some(held) = self.held.get_mut(&id) {
            held.is_beginning = false;
        }
        let Some(held) = self.held.get(&id) else { return };
        let Some(run) = held.execution().and_then(|execution| execution.run()) else { return };
        let notices: Vec<_> =
            run.notices().iter().map(|(effect, notice)| (*effect, notice.clone())).collect();
        let links = run.child_links();
        for (effect, notice) in notices {
            self.tell(id, effect, notice);
        }
        for link in links {
            self.seek_child(id, &link.visit);
        }
    }

    fn recover_attempts(&mut self, now: &Timestamp, id: ProcessId) {
        let Some(held) = self.held.get(&id) else { return };
        let Place::Here(execution) = &held.place else { return };
        let Some(run) = execution.run() else { return };
        let mut left = Vec::new();
        for (visit, found) in run.performed() {
            let Some(token) = found.token() else { continue };
            let ticket = held.attempts.get(&(visit.clone(), false));
            let is_mine = ticket.is_some_and(|ticket| {
                self.attempts.get(ticket).is_some_and(|attempt| attempt.token == token)
            });
            let step = run.definition().step(visit.step.as_str()).map(|(_, step)| step);
            // Who could not go on with it leaves it to somebody who can.
            let can_perform =
                step.is_some_and(|step| self.workers.slot_for(step, held.may_execute).is_some());
            if !is_mine && can_perform && !held.is_answered(&visit, token) {
                left.push(visit);
            }
        }
        for visit in left {
            self.take_up(now, id, visit);
        }
    }

    fn recover_undoing(&mut self, now: &Timestamp, id: ProcessId) {
        let Some(held) = self.held.get(&id) else { return };
        let Some(run) = held.execution().and_then(|execution| execution.run()) else { return };
        let Some(compensating) = run.compensating() else { return };
        let (Some(token), Some(visit)) = (compensating.token, run.undone_visit()) else { return };
        let attempt = compensating.attempt;
        let is_mine = held.attempts.get(&(visit.clone(), true)).is_some_and(|ticket| {
            self.attempts.get(ticket).is_some_and(|attempt| attempt.token == token)
        });
        // What was undone already and is not yet stored is not undone twice.
        let is_over = held.is_answered(&visit, token);
        if !is_mine && !is_over && !self.is_undone_by_child(id, &visit) {
            self.begin_attempt(now, id, visit, attempt, token, true);
        }
    }

    fn is_undone_by_child(&self, id: ProcessId, visit: &VisitId) -> bool {
        let child = self.held.get(&id).and_then(|held| held.children.get(visit));
        let child = child.and_then(|child| self.held.get(child));
        child.is_some_and(|child| child.undo.is_some())
    }
}
