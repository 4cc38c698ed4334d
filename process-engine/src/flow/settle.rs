//! The loop that goes on until nothing follows any more.

use process_core::{ProcessStatus, event::RunFact};
use serde_json::{Map, Value};

use super::Deciding;
use crate::run::VisitState;

impl Deciding<'_> {
    /// Draws every conclusion from the state as it is.
    pub(crate) fn settle(&mut self) {
        while self.conclude() {}
    }

    /// Draws one conclusion; `false` when there is none.
    fn conclude(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        if run.end.is_some() {
            return false;
        }
        if run.ending.is_some() {
            return self.go_on_ending();
        }
        if let Some((step, error)) = run.failing.clone() {
            let id = run.id(step);
            self.begin_ending(ProcessStatus::Failed, Some(id), error);
            return true;
        }
        self.cancel_next()
            || (!run_is_paused(self)
                && (self.take_loop()
                    || self.settle_groups()
                    || self.settle_approval()
                    || self.match_messages()
                    || self.settle_until()
                    || self.decide_join()
                    || self.open_next()
                    || self.note_budget()
                    || self.complete_process()))
    }

    /// Cancels what a completed step, or the winner of a race, cancels.
    fn cancel_next(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        let Some(step) = run.cancelling.first().copied() else { return false };
        let open = run.open_visits(step);
        // A visit first, then what is left of the step: groups, and what was never begun.
        let visit = open.first().copied().unwrap_or(0);
        let at = run.at((step, visit));
        self.emit(RunFact::StepCancelled { at, in_doubt: false });
        true
    }

    /// Ends the process when every step is over.
    fn complete_process(&mut self) -> bool {
        let Some(run) = self.run() else { return false };
        if run.not_over > 0 {
            return false;
        }
        let definition = run.definition_handle();
        let mut outputs = Map::new();
        let mut warnings = run.warnings.clone();
        for output in &definition.outputs {
            let value = output.value.value(&run.scope(self.now)).unwrap_or_else(|failure| {
                warnings.push(format!("output `{}` has no value: {failure}", output.name));
                Value::Null
            });
            outputs.insert(output.name.clone(), value);
        }
        if let Some(limit) = run.limit
            && run.spent > limit
        {
            warnings.push(format!("{} was spent, more than the budget of {limit}", run.spent));
        }
        self.announce(&definition.on_success, &outputs);
        self.emit(RunFact::ProcessEnded {
            status: ProcessStatus::Completed,
            outputs,
            error: None,
            warnings,
            left: Vec::new(),
            compensated: false,
        });
        true
    }
}

fn run_is_paused(deciding: &Deciding<'_>) -> bool {
    deciding.run().is_none_or(|run| run.paused)
}

impl crate::run::Run {
    /// Returns whether a visit is in this state.
    pub(crate) fn is_in(&self, key: crate::run::Key, state: VisitState) -> bool {
        self.visit(key).is_some_and(|visit| visit.state == state)
    }
}
