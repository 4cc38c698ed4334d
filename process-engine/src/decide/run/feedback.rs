//! What somebody says about a step, so that others learn from it (rule E15).

use process_core::{StepId, event::RunFact};

use super::visit::place;
use crate::{decide::text::text, flow::Deciding, rejected::Rejected};

/// Feedback is taken at any time, also behind the end.
pub(crate) fn give_feedback(
    deciding: &mut Deciding<'_>,
    step: StepId,
    feedback: String,
) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    place(run, &step)?;
    let feedback = text("feedback", feedback)?;
    deciding.emit(RunFact::FeedbackGiven { step, feedback });
    Ok(())
}
