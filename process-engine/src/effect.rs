//! What is to be done because of a stored event.

use process_core::{Event, Fact};

/// Something to be done outside; doing it twice does no harm.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Write the file of this version, so that people can read it.
    KeepVersion {
        /// The number of the version.
        number: u64,
    },
}

/// Returns what a stored event asks to be done.
#[must_use]
pub fn effects(event: &Event) -> Vec<Effect> {
    match &event.fact {
        Fact::VersionImported { content } => vec![Effect::KeepVersion { number: content.number }],
        Fact::Versioned { version, .. } => vec![Effect::KeepVersion { number: *version }],
        Fact::Archived
        | Fact::Created { .. }
        | Fact::DecisionRecorded { .. }
        | Fact::Edited { .. }
        | Fact::EvidenceRecorded { .. }
        | Fact::Imported { .. }
        | Fact::LegacyRecorded { .. }
        | Fact::ProcessCompleted
        | Fact::ProcessFailed
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
