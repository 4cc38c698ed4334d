//! What is to be done because of a stored event.

use process_core::{
    Event, Fact, ProcessId, Uid,
    event::{RunFact, VisitId},
};
use serde_json::Value;

/// Something to be done outside; doing it twice does no harm.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Write the file of this version, so that people can read it.
    KeepVersion {
        /// The number of the version.
        number: u64,
    },
    /// See that the process exists that a step asks for; it is known by its uid.
    OpenProcess {
        /// The visit that asks for it.
        visit: VisitId,
        /// Its uid, the same however often it is asked for.
        uid: Uid,
    },
    /// Perform an attempt, and bring its result with this token.
    Perform {
        /// The visit.
        visit: VisitId,
        /// The attempt, from 1.
        attempt: u32,
        /// What the result must name.
        token: u64,
        /// Whether it undoes the visit.
        is_compensation: bool,
    },
    /// Stop whatever still runs for a visit: an attempt, or a process of its own.
    Stop {
        /// The visit.
        visit: VisitId,
    },
    /// Tell somebody something, and settle it with the number of the event.
    Tell {
        /// The number of the event.
        effect: u64,
        /// What is told, and to whom.
        notice: Value,
    },
}

/// Returns the key that tells a repeat of an attempt from another one: `proc-001/step/visit/attempt`
/// (rule E6).
#[must_use]
pub fn idempotency_key(process: ProcessId, visit: &VisitId, attempt: u32) -> String {
    format!("{process}/{}/{}/{attempt}", visit.step, visit.visit)
}

/// Returns what a stored event asks to be done.
#[must_use]
pub fn effects(event: &Event) -> Vec<Effect> {
    match &event.fact {
        Fact::Run(fact) => effects_of_run(event.seq, fact),
        Fact::VersionImported { content } => vec![Effect::KeepVersion { number: content.number }],
        Fact::Versioned { version, .. } => vec![Effect::KeepVersion { number: *version }],
        Fact::Archived
        | Fact::Created { .. }
        | Fact::DecisionRecorded { .. }
        | Fact::DocumentChanged { .. }
        | Fact::Edited { .. }
        | Fact::EvidenceRecorded { .. }
        | Fact::Imported { .. }
        | Fact::LegacyRecorded { .. }
        | Fact::ProcessCompleted
        | Fact::ProcessFailed
        | Fact::ProcessPatched { .. }
        | Fact::ProcessReopened
        | Fact::ProcessStarted
        | Fact::Restored { .. }
        | Fact::RiskRecorded { .. }
        | Fact::StepAdded { .. }
        | Fact::StepCancelled { .. }
        | Fact::StepClaimed { .. }
        | Fact::StepCompleted { .. }
        | Fact::StepEdited { .. }
        | Fact::StepFailed { .. }
        | Fact::StepMoved { .. }
        | Fact::StepOutputAdded { .. }
        | Fact::StepReleased { .. }
        | Fact::StepRemoved { .. }
        | Fact::StepReset { .. }
        | Fact::StepSkipped { .. }
        | Fact::StepStarted { .. }
        | Fact::StepWaiting { .. }
        | Fact::Superseded { .. }
        | Fact::Unarchived => Vec::new(),
    }
}

fn effects_of_run(seq: u64, fact: &RunFact) -> Vec<Effect> {
    match fact {
        RunFact::ChildOpened { at, uid, .. } => {
            vec![Effect::OpenProcess { visit: at.clone(), uid: *uid }]
        }
        RunFact::CompensationStarted { at, attempt, token, .. } => vec![Effect::Perform {
            visit: at.clone(),
            attempt: *attempt,
            token: *token,
            is_compensation: true,
        }],
        RunFact::NoticeDue { notice } => {
            vec![Effect::Tell { effect: seq, notice: notice.clone() }]
        }
        RunFact::StepStarted { at, attempt, token, .. } => vec![Effect::Perform {
            visit: at.clone(),
            attempt: *attempt,
            token: *token,
            is_compensation: false,
        }],
        // The attempt is over, however it ended; where it still runs, nobody wants its result.
        RunFact::AttemptFailed { at, .. }
        | RunFact::StepCancelled { at, .. }
        | RunFact::StepCompleted { at, .. }
        | RunFact::StepFailed { at, .. }
        | RunFact::StepReleased { at }
        | RunFact::StepSkipped { at, .. } => vec![Effect::Stop { visit: at.clone() }],
        RunFact::Adopted { .. }
        | RunFact::ApprovalDecided { .. }
        | RunFact::ApprovalOpened { .. }
        | RunFact::ApprovalOverdue { .. }
        | RunFact::BudgetExceeded { .. }
        | RunFact::ChildStarted { .. }
        | RunFact::CompensationFailed { .. }
        | RunFact::CompensationRequested
        | RunFact::ContextSaved { .. }
        | RunFact::EffectSettled { .. }
        | RunFact::Ending { .. }
        | RunFact::FeedbackGiven { .. }
        | RunFact::GroupEnded { .. }
        | RunFact::GroupOpened { .. }
        | RunFact::Heartbeat { .. }
        | RunFact::ItemAdded { .. }
        | RunFact::LateCost { .. }
        | RunFact::MessageReceived { .. }
        | RunFact::Paused
        | RunFact::ProcessEnded { .. }
        | RunFact::RepeatScheduled { .. }
        | RunFact::Resumed
        | RunFact::Started(_)
        | RunFact::StepCompensated { .. }
        | RunFact::StepInDoubt { .. }
        | RunFact::StepReady { .. }
        | RunFact::StepsReset { .. }
        | RunFact::TimerStarted { .. }
        | RunFact::WaitStarted { .. } => Vec::new(),
    }
}
