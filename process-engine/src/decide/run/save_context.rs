//! What an attempt keeps for the next one (rule E15).

use process_core::event::{RunFact, VisitId};
use serde_json::Value;

use super::visit::{going, running};
use crate::{decide::text::bytes_of, flow::Deciding, rejected::Rejected};

/// The most that an attempt keeps, in bytes: it stands in the journal each time.
const CONTEXT_BYTES_MAX: usize = 1024 * 1024;

/// Only the running attempt keeps something; the last word counts.
pub(crate) fn save_context(
    deciding: &mut Deciding<'_>,
    at: VisitId,
    token: u64,
    context: Value,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    running(run, &at, token)?;
    if bytes_of(&context) > CONTEXT_BYTES_MAX {
        return Err(Rejected::BadText { what: "a context", bytes_max: CONTEXT_BYTES_MAX });
    }
    deciding.emit(RunFact::ContextSaved { at, context });
    Ok(())
}
