//! The way to a failed or cancelled end: what runs may end, what was done is undone (rules E7, E8).

use process_core::{ProcessStatus, StepId, event::RunFact, money::Cost};
use serde_json::{Map, Value};

use super::{
    Deciding,
    failure::{later, retry_delay},
    work,
};
use crate::run::{Key, Run, RunScope, VisitState};

impl Deciding<'_> {
    /// Begins the way to the end: nothing new starts from here on.
    pub(crate) fn begin_ending(
        &mut self,
        ending: ProcessStatus,
        step: Option<StepId>,
        error: String,
    ) {
        let Some(run) = self.run() else { return };
        let until = later(self.now, run.stop_grace);
        self.emit(RunFact::Ending { ending, step, error, until });
    }

    /// Does the next thing on the way to the end; `false` when it waits for something.
    pub(super) fn go_on_ending(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        let Some(ending) = &run.ending else { return false };
        let is_over = self.now >= ending.until;
        let waits = |key: &&Key| !run.is_in(**key, VisitState::Running);
        if let Some(key) = run.open.iter().find(waits) {
            let at = run.at(*key);
            self.emit(RunFact::StepCancelled { at, in_doubt: false });
            return true;
        }
        if let Some(key) = run.open.first() {
            if is_over {
                let at = run.at(*key);
                self.emit(RunFact::StepCancelled { at, in_doubt: true });
            }
            return is_over;
        }
        if let Some((step, _)) = run.groups.first() {
            let at = run.at((*step, 0));
            self.emit(RunFact::StepCancelled { at, in_doubt: false });
            return true;
        }
        if run.compensating.is_some() {
            return false;
        }
        if run.is_paused() && !run.undo.is_empty() {
            return false;
        }
        if let Some(key) = run.undo.last().copied() {
            self.start_compensation(key);
            return true;
        }
        self.end_badly();
        true
    }

    fn end_badly(&mut self) {
        let Some(run) = self.run() else { return };
        let Some(ending) = run.ending.clone() else { return };
        let definition = run.definition_handle();
        let warnings = run.warnings.clone();
        let mut left: Vec<StepId> = Vec::new();
        for key in &run.left {
            let id = run.id(key.0);
            if !left.contains(&id) {
                left.push(id);
            }
        }
        if ending.status == ProcessStatus::Failed {
            self.announce(&definition.on_failure, &Map::new());
        }
        self.emit(RunFact::ProcessEnded {
            status: ending.status,
            outputs: Map::new(),
            error: Some(ending.error),
            warnings,
            left,
            compensated: ending.is_compensation,
        });
    }

    /// Begins the next attempt to undo a visit.
    pub(super) fn start_compensation(&mut self, key: Key) {
        let Some(run) = self.run() else { return };
        let attempt = run.compensating.as_ref().map_or(1, |compensating| compensating.attempt + 1);
        let definition = run.definition_handle();
        let step = &definition.steps[key.0];
        let (at, token) = (run.at(key), self.next_seq());
        let Some(compensation) = &step.compensation else {
            let work = run.undo_of_child(key);
            self.emit(RunFact::CompensationStarted { at, attempt, token, work, deadline: None });
            return;
        };
        let deadline = compensation.timeout.map(|timeout| later(self.now, timeout));
        let scope = RunScope { own: Some(key), ..run.scope_of(key, self.now) };
        match work::work_of(&compensation.kind, &scope) {
            Ok(work) => {
                self.emit(RunFact::CompensationStarted { at, attempt, token, work, deadline });
            }
            Err(failure) => {
                let error = failure.to_string();
                self.emit(RunFact::CompensationFailed {
                    at,
                    attempt,
                    error,
                    cost: None,
                    retry_at: None,
                });
            }
        }
    }

    /// Records that an attempt to undo a visit failed, and what follows.
    pub(crate) fn fail_compensation(&mut self, error: String, cost: Option<Cost>) {
        let Some(run) = self.run() else { return };
        let Some(compensating) = &run.compensating else { return };
        let (key, attempt) = (compensating.visit, compensating.attempt);
        let definition = run.definition_handle();
        let compensation = definition.steps[key.0].compensation.as_ref();
        let retry = compensation.and_then(|compensation| compensation.retry.as_ref());
        let retry_at = retry
            .filter(|retry| attempt < retry.max_attempts)
            .map(|retry| later(self.now, retry_delay(retry, attempt, run.chance(key, attempt))));
        let at = run.at(key);
        self.emit(RunFact::CompensationFailed { at, attempt, error, cost, retry_at });
    }
}

impl Run {
    /// Returns the work of undoing a process that a step started: it undoes itself.
    fn undo_of_child(&self, key: Key) -> Value {
        let mut work = Map::new();
        work.insert("type".to_owned(), "compensate_process".into());
        if let Some(child) = self.visit(key).and_then(|visit| visit.child.as_ref()) {
            work.insert("uid".to_owned(), child.uid.to_string().into());
            work.insert("process".to_owned(), child.process.as_str().into());
        }
        Value::Object(work)
    }
}
