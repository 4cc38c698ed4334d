//! What somebody says about a step, so that others learn from it (rule E15).

use process_core::{StepId, event::RunFact};

use super::visit::place;
use crate::{
    decide::text::{optional, text},
    flow::Deciding,
    rejected::Rejected,
};

/// The best rating; the worst is 1.
const RATING_MAX: u8 = 5;

/// Feedback is taken at any time, also behind the end.
pub(crate) fn give_feedback(
    deciding: &mut Deciding<'_>,
    step: StepId,
    rating: Option<u8>,
    feedback: String,
) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    place(run, &step)?;
    if rating.is_some_and(|rating| rating == 0 || rating > RATING_MAX) {
        let reason = format!("a rating is a whole number from 1 to {RATING_MAX}");
        return Err(Rejected::InvalidInput(vec![reason]));
    }
    let feedback = match rating {
        Some(_) => optional("feedback", feedback)?,
        None => text("feedback", feedback)?,
    };
    deciding.emit(RunFact::FeedbackGiven { step, rating, feedback });
    Ok(())
}
