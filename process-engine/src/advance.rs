//! Inputs of a run: judged, then carried to where nothing follows any more.

use process_core::{Event, Timestamp};

use crate::{
    decide::run as decide,
    execution::Execution,
    flow::{AtLimit, Deciding},
    input::Input,
    rejected::Rejected,
};

impl Execution {
    /// Decides an input of the run and applies what follows.
    ///
    /// What was due before it happens first (rule E0); a refused input takes that back.
    pub(crate) fn advance_run(
        &mut self,
        now: &Timestamp,
        by: &str,
        input: Input,
    ) -> Result<Vec<Event>, Rejected> {
        let at_limit = if input == Input::Tick { AtLimit::Over } else { AtLimit::InTime };
        let is_settled = self.aside.is_settled;
        let mut deciding = Deciding::new(self, now, by);
        // Nothing is due most of the time: then a refusal has nothing to take back.
        let backup =
            (!is_settled || deciding.is_due(at_limit)).then(|| deciding.execution().clone());
        if backup.is_some() {
            deciding.catch_up(at_limit);
        }
        let judged = judge(&mut deciding, by, input);
        if let Err(rejected) = judged {
            if let Some(backup) = backup {
                *self = backup;
            }
            self.aside.is_settled = is_settled;
            return Err(rejected);
        }
        deciding.catch_up(at_limit);
        Ok(deciding.finish())
    }
}

fn judge(deciding: &mut Deciding<'_>, by: &str, input: Input) -> Result<(), Rejected> {
    if deciding.execution().process().is_some_and(process_core::Process::is_archived) {
        return Err(Rejected::Archived);
    }
    match input {
        Input::AddItem { step, item } => decide::add_item(deciding, step, item),
        Input::Adopt(definition) => decide::adopt(deciding, definition),
        Input::Cancel { reason } => decide::cancel(deciding, reason),
        Input::ChildEnded { visit, end } => decide::child_ended(deciding, visit, end),
        Input::ChildStarted { visit, process } => decide::child_started(deciding, visit, process),
        Input::Claim { step, lease } => decide::claim_visit(deciding, by, &step, lease),
        Input::Compensate => decide::compensate(deciding),
        Input::Decide { step, decision } => decide::decide_approval(deciding, by, &step, decision),
        Input::Dispatch { step } => decide::dispatch(deciding, &step),
        Input::Doubt { visit, token } => decide::doubt(deciding, visit, token),
        Input::EffectSettled { effect, is_done } => {
            decide::settle_effect(deciding, effect, is_done)
        }
        Input::Feedback { step, rating, feedback } => {
            decide::give_feedback(deciding, step, rating, feedback)
        }
        Input::Heartbeat { visit, token } => decide::heartbeat(deciding, visit, token),
        Input::LateCost { visit, token, cost } => decide::late_cost(deciding, visit, token, cost),
        Input::Lost { visit, token } => decide::lost(deciding, visit, token),
        Input::Message(message) => decide::receive_message(deciding, message),
        Input::Pause => decide::pause(deciding),
        Input::Release { step } => decide::release_visit(deciding, by, &step),
        Input::Result { visit, token, outcome, cost } => {
            decide::take_result(deciding, visit, token, outcome, cost)
        }
        Input::Resume => decide::resume(deciding),
        Input::Retry { from } => decide::retry(deciding, from.as_ref()),
        Input::SaveContext { visit, token, context } => {
            decide::save_context(deciding, visit, token, context)
        }
        Input::Settle { step, status, output, note } => {
            decide::settle_step(deciding, &step, status, output, note)
        }
        Input::Spawned { visit, token, program } => {
            decide::child_spawned(deciding, visit, token, program)
        }
        Input::Start(start) => decide::start(deciding, *start),
        Input::Tick | Input::Wake if deciding.run().is_some() => Ok(()),
        Input::Tick | Input::Wake => Err(Rejected::NotStarted),
        // These are decided by hand, whether or not there is a run.
        Input::AddStep(_)
        | Input::Archive
        | Input::ChangeDocument { .. }
        | Input::Create { .. }
        | Input::Edit { .. }
        | Input::EditStep { .. }
        | Input::Import(_)
        | Input::MoveStep { .. }
        | Input::PatchProcess { .. }
        | Input::RecordDecision { .. }
        | Input::RecordEvidence { .. }
        | Input::RecordRisk { .. }
        | Input::RemoveStep { .. }
        | Input::RestoreVersion { .. }
        | Input::SetStepStatus { .. }
        | Input::TakeVersion { .. }
        | Input::Unarchive => Err(Rejected::Runs),
    }
}
