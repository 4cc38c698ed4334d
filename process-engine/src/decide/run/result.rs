//! What came of an attempt.

use process_core::{
    event::{RunFact, VisitId},
    money::Cost,
};

use super::visit::{going, place, running};
use crate::{
    decide::text::{OUTPUT_BYTES_MAX, bytes_of},
    flow::{Attempt, Deciding},
    input::Outcome,
    rejected::Rejected,
};

/// A result counts when it names the token of the running attempt; any other is refused.
pub(crate) fn take_result(
    deciding: &mut Deciding<'_>,
    at: VisitId,
    token: u64,
    outcome: Outcome,
    cost: Option<Cost>,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    if let Some(compensating) = run.compensating()
        && compensating.token == Some(token)
        && compensating.visit == (place(run, &at.step)?, at.visit)
    {
        match outcome {
            Outcome::Completed(_) => deciding.emit(RunFact::StepCompensated { at, cost }),
            Outcome::Failed(error) => deciding.fail_compensation(error, cost),
        }
        return Ok(());
    }
    let key = running(run, &at, token)?;
    if cost.is_some_and(|cost| run.spent.plus(cost).is_none()) {
        return Err(Rejected::BadCost { step: at.step });
    }
    match outcome {
        Outcome::Completed(output) => {
            let bytes = bytes_of(&output);
            if bytes > OUTPUT_BYTES_MAX {
                let error = format!("output: {bytes} bytes, and {OUTPUT_BYTES_MAX} are the most");
                deciding.fail_visit(key, Attempt::performed(error, cost));
                return Ok(());
            }
            deciding.emit(RunFact::StepCompleted {
                at,
                output: output.into(),
                cost,
                routes: None,
                back: Vec::new(),
                message: None,
            });
        }
        Outcome::Failed(error) => deciding.fail_visit(key, Attempt::performed(error, cost)),
    }
    Ok(())
}
