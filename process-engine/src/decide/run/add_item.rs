//! Another item for a foreach that runs (rule E5).

use process_core::{StepId, definition::OnError, event::RunFact};
use serde_json::Value;

use super::visit::{going, place};
use crate::{flow::Deciding, rejected::Rejected, run::Group};

/// An item is taken while the foreach runs, and refused before and after.
pub(crate) fn add_item(
    deciding: &mut Deciding<'_>,
    step: StepId,
    item: Value,
) -> Result<(), Rejected> {
    let run = going(deciding)?;
    let index = place(run, &step)?;
    let groups = run.groups.range((index, 0)..=(index, u32::MAX));
    let open = groups.filter(|group| {
        let activation = run.steps[index].activations.get(&group.1);
        let group = activation.and_then(|activation| activation.group.as_ref());
        let skips = run.step_definition(index).on_error == Some(OnError::SkipStep);
        match group {
            Some(Group::Foreach { error, .. }) => error.is_none() || skips,
            Some(Group::Repeat { .. }) | None => false,
        }
    });
    let group = open.map(|group| group.1).next_back();
    let Some(group) = group.filter(|_| run.ending().is_none()) else {
        let status = run.steps[index].status();
        return Err(Rejected::NotOpen { step, status });
    };
    deciding.emit(RunFact::ItemAdded { step, group, item });
    Ok(())
}
