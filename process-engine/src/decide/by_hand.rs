//! Which inputs concern a process as people keep it, and which the run by its definition.

use std::time::Duration;

use process_core::{Process, StepId, StepStatus, document::Splice};
use serde_json::Value;

use crate::{
    apply::patched,
    execution::Execution,
    input::{EntryReason, Import, Input, NewStep, VisitRef},
    rejected::Rejected,
};

/// An input that a process takes whether or not it runs by a definition; see [`Input`].
#[derive(Debug)]
pub(crate) enum ByHand {
    AddStep(NewStep),
    Archive,
    ChangeDocument { reason: EntryReason, splices: Vec<Splice> },
    Claim { step: StepId, lease: Duration },
    Create { process: Box<Process>, reason: String },
    Edit { patch: Value },
    EditStep { step: StepId, changes: Value },
    Import(Box<Import>),
    MoveStep { step: StepId, after: Option<StepId> },
    PatchProcess { reason: EntryReason, patch: Value },
    RecordDecision { question: String, choice: String, rationale: String, options: Vec<String> },
    RecordEvidence { kind: String, value: String, step: Option<StepId> },
    RecordRisk { risk: String, impact: String, mitigation: String },
    Release { step: StepId },
    RemoveStep { step: StepId },
    RestoreVersion { number: u64 },
    SetStepStatus { step: StepId, status: StepStatus, outputs: Vec<String>, note: Option<String> },
    TakeVersion { reason: String },
    Unarchive,
}

/// Where an input belongs.
#[derive(Debug)]
pub(crate) enum Sorted {
    /// To the process as people keep it.
    ByHand(ByHand),
    /// To the run by its definition.
    Run(Input),
}

/// Sorts an input: by hand, or else one of the run. Claims and statuses are the run's once there is
/// one, so that hand and machine never disagree.
pub(crate) fn by_hand(execution: &Execution, input: Input) -> Sorted {
    let runs = execution.run.is_some();
    // Only a run has visits: whoever names one means it.
    let names_visit = |step: &VisitRef| runs || step.visit.is_some();
    Sorted::ByHand(match input {
        Input::AddStep(step) => ByHand::AddStep(step),
        Input::Archive => ByHand::Archive,
        Input::ChangeDocument { reason, splices } => ByHand::ChangeDocument { reason, splices },
        Input::Claim { ref step, .. } | Input::Release { ref step } if names_visit(step) => {
            return Sorted::Run(input);
        }
        Input::Claim { step, lease } => ByHand::Claim { step: step.step, lease },
        Input::Create { process, reason } => ByHand::Create { process, reason },
        Input::Edit { patch } => ByHand::Edit { patch },
        Input::EditStep { step, changes } => ByHand::EditStep { step, changes },
        Input::Import(import) => ByHand::Import(import),
        Input::MoveStep { step, after } => ByHand::MoveStep { step, after },
        Input::PatchProcess { reason, patch } => ByHand::PatchProcess { reason, patch },
        Input::RecordDecision { question, choice, rationale, options } => {
            ByHand::RecordDecision { question, choice, rationale, options }
        }
        Input::RecordEvidence { kind, value, step } => ByHand::RecordEvidence { kind, value, step },
        Input::RecordRisk { risk, impact, mitigation } => {
            ByHand::RecordRisk { risk, impact, mitigation }
        }
        Input::Release { step } => ByHand::Release { step: step.step },
        Input::RemoveStep { step } => ByHand::RemoveStep { step },
        Input::RestoreVersion { number } => ByHand::RestoreVersion { number },
        Input::SetStepStatus { step, status, outputs, note } if runs => {
            // What a person wrote as outputs is what the step gives.
            let output = match outputs.as_slice() {
                [] => None,
                [one] => Some(serde_json::from_str(one).unwrap_or_else(|_| one.as_str().into())),
                several => Some(several.into()),
            };
            let step = VisitRef::step(step);
            return Sorted::Run(Input::Settle { step, status, output, note });
        }
        Input::SetStepStatus { step, status, outputs, note } => {
            ByHand::SetStepStatus { step, status, outputs, note }
        }
        Input::TakeVersion { reason } => ByHand::TakeVersion { reason },
        Input::Unarchive => ByHand::Unarchive,
        Input::AddItem { .. }
        | Input::Adopt(_)
        | Input::Cancel { .. }
        | Input::ChildEnded { .. }
        | Input::ChildStarted { .. }
        | Input::Compensate
        | Input::Decide { .. }
        | Input::Dispatch { .. }
        | Input::EffectSettled { .. }
        | Input::Feedback { .. }
        | Input::Doubt { .. }
        | Input::Heartbeat { .. }
        | Input::Spawned { .. }
        | Input::LateCost { .. }
        | Input::Lost { .. }
        | Input::Message(_)
        | Input::Pause
        | Input::Result { .. }
        | Input::Resume
        | Input::Retry { .. }
        | Input::SaveContext { .. }
        | Input::Settle { .. }
        | Input::Start(_)
        | Input::Tick
        | Input::Wake => return Sorted::Run(input),
    })
}

/// Refuses what would change the steps of a process whose definition says what they are.
pub(crate) fn leaves_steps_alone(execution: &Execution, input: &ByHand) -> Result<(), Rejected> {
    let changes = match input {
        ByHand::AddStep(_)
        | ByHand::EditStep { .. }
        | ByHand::MoveStep { .. }
        | ByHand::RemoveStep { .. }
        | ByHand::RestoreVersion { .. } => true,
        // Whatever is no patch of this process is refused for that.
        ByHand::Edit { patch } | ByHand::PatchProcess { patch, .. } => {
            execution.process.as_ref().is_some_and(|process| {
                let edited = patched(process, patch);
                edited.is_some_and(|it| it.steps != process.steps || it.status != process.status)
            })
        }
        ByHand::Archive
        | ByHand::ChangeDocument { .. }
        | ByHand::Claim { .. }
        | ByHand::Create { .. }
        | ByHand::Import(_)
        | ByHand::RecordDecision { .. }
        | ByHand::RecordEvidence { .. }
        | ByHand::RecordRisk { .. }
        | ByHand::Release { .. }
        | ByHand::SetStepStatus { .. }
        | ByHand::TakeVersion { .. }
        | ByHand::Unarchive => false,
    };
    if changes { Err(Rejected::Runs) } else { Ok(()) }
}
