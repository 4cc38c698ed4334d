//! What an attempt cost whose result came too late.

use process_core::{
    event::{RunFact, VisitId},
    money::Cost,
};

use super::visit::place;
use crate::{flow::Deciding, rejected::Rejected};

/// The cost of each attempt counts once, also when nobody wants its result any more.
pub(crate) fn late_cost(
    deciding: &mut Deciding<'_>,
    at: VisitId,
    token: u64,
    cost: Cost,
) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    let key = (place(run, &at.step)?, at.visit);
    let visit = run.visit(key).ok_or_else(|| Rejected::OldToken { step: at.step.clone() })?;
    let is_child = visit.child.is_some() && !visit.is_child_counted;
    let is_late = visit.uncounted.contains(&token) && visit.token != Some(token);
    if !is_child && !is_late {
        return Err(Rejected::OldToken { step: at.step.clone() });
    }
    if run.spent.plus(cost).is_none() {
        return Err(Rejected::BadCost { step: at.step });
    }
    deciding.emit(RunFact::LateCost { at, token, cost });
    Ok(())
}
