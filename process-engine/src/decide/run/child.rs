//! The end of a process that a step started (rule E11).

use process_core::{
    ProcessStatus,
    definition::StepKind,
    event::{RunFact, VisitId},
};
use serde_json::{Map, Value};

use super::visit::{going, place};
use crate::{
    flow::{Attempt, Deciding},
    input::ChildEnd,
    rejected::Rejected,
    run::{Run, VisitState},
};

/// A step that does not wait completes as soon as the process is there.
pub(crate) fn child_started(
    deciding: &mut Deciding<'_>,
    at: VisitId,
    process: String,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let key = (place(run, &at.step)?, at.visit);
    if run.is_in(key, VisitState::Child) && !run.waits_for_child(key.0) {
        let mut output = Map::new();
        output.insert("process".to_owned(), process.into());
        deciding.emit(RunFact::StepCompleted {
            at,
            output: Value::Object(output).into(),
            cost: None,
            routes: None,
            back: Vec::new(),
            message: None,
        });
    }
    Ok(())
}

/// The result of the process is the result of the step; what it cost counts once.
pub(crate) fn child_ended(
    deciding: &mut Deciding<'_>,
    at: VisitId,
    end: ChildEnd,
) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    let key = (place(run, &at.step)?, at.visit);
    if run.has_left_child(&at) {
        // Nobody waits for what it gives; what it cost is part of the whole.
        let uid = run.visit(key).and_then(|visit| visit.child.as_ref()).map(|child| child.uid);
        let (token, _) = uid.unwrap_or_default().halves();
        let cost = end.cost.unwrap_or_default();
        if !cost.is_zero() {
            return super::late_cost(deciding, at, token, cost);
        }
        if run.has_loose_child(&at) {
            return Ok(());
        }
    }
    let run = going(deciding)?;
    if !run.is_in(key, VisitState::Child) {
        let status = run.steps[key.0].status();
        return Err(Rejected::NotOpen { step: at.step, status });
    }
    let definition = run.definition_handle();
    let output_key = match &definition.steps[key.0].kind {
        StepKind::SubProcess(child) => child.output_key.clone(),
        _ => None,
    };
    if end.status == ProcessStatus::Completed {
        let output = match output_key {
            Some(name) => {
                let mut map = Map::new();
                map.insert(name, end.output);
                Value::Object(map)
            }
            None => end.output,
        };
        deciding.emit(RunFact::StepCompleted {
            at,
            output: output.into(),
            cost: end.cost,
            routes: None,
            back: Vec::new(),
            message: None,
        });
    } else {
        let error = end.error.unwrap_or_else(|| format!("the process is {}", end.status));
        deciding.fail_visit(key, Attempt { cost: end.cost, ..Attempt::unstarted(error) });
    }
    Ok(())
}

impl Run {
    /// Returns whether a step waits for the process that it starts.
    fn waits_for_child(&self, step: usize) -> bool {
        match &self.step_definition(step).kind {
            StepKind::SubProcess(child) => child.wait,
            _ => true,
        }
    }

    /// Returns whether a visit has ended before the process that it started.
    fn has_left_child(&self, at: &VisitId) -> bool {
        let visit = self.key(at).and_then(|key| self.visit(key));
        let left = visit.filter(|visit| visit.child.is_some() && !visit.is_child_counted);
        left.is_some_and(|visit| !visit.state.is_open()) && !self.is_child_taken(at)
    }

    /// Returns whether the end of the process that a visit started was its own end.
    pub(crate) fn is_child_taken(&self, at: &VisitId) -> bool {
        let Some(key) = self.key(at) else { return false };
        let has_ended =
            self.is_in(key, VisitState::Completed) || self.is_in(key, VisitState::Compensated);
        has_ended && self.waits_for_child(key.0)
    }

    /// Returns whether a visit has completed and left the process that it started alone.
    pub(crate) fn has_loose_child(&self, at: &VisitId) -> bool {
        let Some(key) = self.key(at) else { return false };
        let has_completed = self.is_in(key, VisitState::Completed);
        has_completed && !self.waits_for_child(key.0)
    }
}
