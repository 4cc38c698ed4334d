//! What became of an effect.

use process_core::event::RunFact;

use crate::{flow::Deciding, rejected::Rejected};

/// An effect that is settled is not performed again (rule E0).
pub(crate) fn settle_effect(
    deciding: &mut Deciding<'_>,
    effect: u64,
    is_done: bool,
) -> Result<(), Rejected> {
    let run = deciding.run().ok_or(Rejected::NotStarted)?;
    if run.notices().contains_key(&effect) {
        deciding.emit(RunFact::EffectSettled { effect, is_done });
    }
    Ok(())
}
