//! Signs of life of an attempt, and attempts of which nobody knows (rule E6).

use process_core::{
    definition::Delivery,
    event::{RunFact, VisitId},
};

use super::{
    dispatch::hand_out,
    visit::{going, running},
};
use crate::{
    flow::{Attempt, Deciding},
    rejected::Rejected,
    run::{Key, Program},
};

/// How often one attempt is dispatched: what ends whoever performs it so often will do so again.
const DISPATCHES_MAX: u32 = 5;

/// A sign of life puts off the end of the attempt.
pub(crate) fn heartbeat(
    deciding: &mut Deciding<'_>,
    at: VisitId,
    token: u64,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let key = running(run, &at, token)?;
    let Some(heartbeat) = run.step_definition(key.0).heartbeat else { return Ok(()) };
    let delta = chrono::TimeDelta::from_std(heartbeat).unwrap_or(chrono::TimeDelta::MAX);
    let Some(until) = deciding.now.checked_add_signed(delta) else { return Ok(()) };
    deciding.emit(RunFact::Heartbeat { at, until });
    Ok(())
}

/// The program that performs an attempt is stored, so that it is found again after a crash.
pub(crate) fn child_spawned(
    deciding: &mut Deciding<'_>,
    at: VisitId,
    token: u64,
    program: Program,
) -> Result<(), Rejected> {
    running(going(deciding)?, &at, token)?;
    let Program { pid, start_time, boot_id } = program;
    deciding.emit(RunFact::ChildStarted { at, token, pid, start_time, boot_id });
    Ok(())
}

/// The same attempt is dispatched again under the same key, unless it may be performed only once.
pub(crate) fn lost(deciding: &mut Deciding<'_>, at: VisitId, token: u64) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let key = running(run, &at, token)?;
    let is_paused = run.is_paused();
    if run.ending().is_some() {
        deciding.emit(RunFact::StepCancelled { at, in_doubt: true });
        return Ok(());
    }
    let is_taken_back = deciding.take_back(key);
    // What was spent meanwhile may leave too little for it (rule E13).
    let can_pay = deciding.run().is_some_and(|run| run.can_pay(key));
    if is_taken_back && can_pay && !is_paused {
        hand_out(deciding, key, None);
    }
    Ok(())
}

/// Nobody knows what became of the attempt, nor whether it still runs: a person says.
pub(crate) fn doubt(deciding: &mut Deciding<'_>, at: VisitId, token: u64) -> Result<(), Rejected> {
    let run = going(deciding)?;
    running(run, &at, token)?;
    if run.ending().is_some() {
        deciding.emit(RunFact::StepCancelled { at, in_doubt: true });
    } else {
        deciding.emit(RunFact::StepInDoubt { at });
    }
    Ok(())
}

impl Deciding<'_> {
    /// Takes an attempt back of which nobody knows how far it came; returns whether it may be
    /// performed again.
    pub(crate) fn take_back(&mut self, key: Key) -> bool {
        let Some(run) = self.run() else { return false };
        let (at, dispatches) = (run.at(key), run.visit(key).map_or(0, |visit| visit.dispatch));
        let delivery = run.step_definition(key.0).delivery;
        if delivery == Delivery::AtMostOnce {
            self.emit(RunFact::StepInDoubt { at });
            return false;
        }
        if dispatches >= DISPATCHES_MAX {
            let error = format!("crash_loop: the attempt was dispatched {dispatches} times");
            self.fail_visit(key, Attempt::performed(error, None));
            return false;
        }
        self.emit(RunFact::StepReleased { at });
        true
    }
}
