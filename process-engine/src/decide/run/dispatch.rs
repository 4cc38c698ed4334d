//! Handing an attempt to a worker.

use process_core::event::RunFact;

use super::visit::{going, open_visit};
use crate::{
    flow::{Attempt, Deciding, work_of},
    input::VisitRef,
    rejected::Rejected,
    run::VisitState,
};

/// A visit that is ready is handed out once: what is to be done is evaluated, its token is stored.
pub(crate) fn dispatch(deciding: &mut Deciding<'_>, wanted: &VisitRef) -> Result<(), Rejected> {
    let key = ready(deciding, wanted)?;
    hand_out(deciding, key, None);
    Ok(())
}

/// Returns a visit that is ready and may be performed.
pub(super) fn ready(
    deciding: &Deciding<'_>,
    wanted: &VisitRef,
) -> Result<crate::run::Key, Rejected> {
    let run = going(deciding)?;
    if run.is_paused() || run.ending().is_some() {
        return Err(Rejected::NotDispatching);
    }
    let key = open_visit(run, wanted)?;
    let turn = run.visit(key).map(|visit| (visit.ready_seq, key.0, key.1));
    let is_ready = turn.is_some_and(|turn| run.ready.contains(&turn));
    if !is_ready || !run.is_in(key, VisitState::Ready) {
        let status = run.steps[key.0].status();
        return Err(Rejected::NotOpen { step: wanted.step.clone(), status });
    }
    if !run.can_pay(key) {
        return Err(Rejected::Budget { step: wanted.step.clone() });
    }
    Ok(key)
}

/// Hands a visit out, to a worker or to the holder of a claim.
pub(super) fn hand_out(
    deciding: &mut Deciding<'_>,
    key: crate::run::Key,
    holder: Option<(String, std::time::Duration)>,
) {
    let now = deciding.now;
    let Some(run) = deciding.run() else { return };
    let Some(visit) = run.visit(key) else { return };
    let definition = run.definition_handle();
    let step = &definition.steps[key.0];
    let mut work = None;
    if visit.work.is_none() {
        match work_of(&step.kind, &run.scope_of(key, now)) {
            Ok(rendered) => work = Some(rendered.into()),
            Err(failure) => {
                deciding.fail_visit(key, Attempt::unstarted(failure.to_string()));
                return;
            }
        }
    }
    let is_claimed = holder.is_some();
    let later = |delay: std::time::Duration| {
        let delta = chrono::TimeDelta::from_std(delay).unwrap_or(chrono::TimeDelta::MAX);
        now.checked_add_signed(delta)
    };
    let (holder, held_until) = match holder {
        Some((holder, lease)) => (Some(holder), later(lease)),
        None => (None, None),
    };
    // Work that was released is the same attempt; after a failure the next one begins.
    let is_again = visit.dispatch > 0;
    let (attempt, dispatch) =
        if is_again { (visit.attempt, visit.dispatch + 1) } else { (visit.attempt + 1, 1) };
    let fact = RunFact::StepStarted {
        at: run.at(key),
        attempt,
        dispatch,
        token: deciding.next_seq(),
        work,
        deadline: step.timeout.and_then(later),
        alive_until: step.heartbeat.filter(|_| !is_claimed).and_then(later),
        reserved: run.reserve_of(key.0),
        holder,
        held_until,
    };
    deciding.emit(fact);
}
