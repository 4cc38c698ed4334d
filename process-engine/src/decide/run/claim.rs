//! A person or agent that takes a step, or lets go of it.

use std::time::Duration;

use super::{
    dispatch::{hand_out, ready},
    visit::{going, open_visit},
};
use crate::{flow::Deciding, input::VisitRef, rejected::Rejected, run::VisitState};

/// A claim is a dispatch to its holder; the holder may renew it.
pub(crate) fn claim_visit(
    deciding: &mut Deciding<'_>,
    by: &str,
    wanted: &VisitRef,
    lease: Duration,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let key = open_visit(run, wanted)?;
    let holder = run.visit(key).and_then(|visit| visit.holder.clone());
    if run.is_in(key, VisitState::Running) {
        if holder.as_deref() != Some(by) {
            return Err(held(run, key, holder));
        }
        if run.is_paused() || run.ending().is_some() {
            return Err(Rejected::NotDispatching);
        }
        // A renewal is another dispatch of the attempt that is under way.
        hand_out(deciding, key, Some((by.to_owned(), lease)));
        return Ok(());
    }
    let key = ready(deciding, wanted)?;
    hand_out(deciding, key, Some((by.to_owned(), lease)));
    Ok(())
}

/// Only the holder lets go.
pub(crate) fn release_visit(
    deciding: &mut Deciding<'_>,
    by: &str,
    wanted: &VisitRef,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let key = open_visit(run, wanted)?;
    let holder = run.visit(key).and_then(|visit| visit.holder.clone());
    match &holder {
        None => Err(Rejected::NotHeld(wanted.step.clone())),
        Some(holder) if holder != by => Err(held(run, key, Some(holder.clone()))),
        Some(_) => {
            deciding.take_back(key);
            Ok(())
        }
    }
}

fn held(run: &crate::run::Run, key: crate::run::Key, holder: Option<String>) -> Rejected {
    let until = run.visit(key).and_then(|visit| {
        let lease = |alarm: &&crate::run::Alarm| alarm.kind == crate::run::AlarmKind::Lease;
        visit.alarms.iter().find(lease).map(|alarm| alarm.at)
    });
    let Some((by, until)) = holder.zip(until) else {
        let status = run.steps[key.0].status();
        return Rejected::NotOpen { step: run.id(key.0), status };
    };
    let until = process_core::Timestamp::from_instant(until);
    Rejected::Held { step: run.id(key.0), by, until }
}
