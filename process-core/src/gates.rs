//! Quality gates: what a process must show before it counts as done.

use crate::{
    diagnostic::Severity,
    model::Process,
    progress::{has_rollback, has_validation, missing},
};

/// One gate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gate {
    /// There is at least one step.
    HasSteps,
    /// Every step has ended well.
    AllStepsCompleted,
    /// Something shows that work was done.
    HasEvidence,
    /// At least one decision is on record.
    HasDecisions,
    /// Nothing is known to be missing.
    NoPendingMissing,
    /// A step says how to go back.
    HasRollback,
    /// A step tests or verifies the result.
    HasValidation,
}

/// What a gate found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GateResult {
    /// The gate.
    pub gate: Gate,
    /// Whether the process passes.
    pub passed: bool,
    /// How much it matters when it does not: error or warning.
    pub severity: Severity,
    /// What was found.
    pub message: String,
}

impl Gate {
    /// Every gate, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::HasSteps,
        Self::AllStepsCompleted,
        Self::HasEvidence,
        Self::HasDecisions,
        Self::NoPendingMissing,
        Self::HasRollback,
        Self::HasValidation,
    ];

    /// Returns the stable name, such as `has_steps`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HasSteps => "has_steps",
            Self::AllStepsCompleted => "all_steps_completed",
            Self::HasEvidence => "has_evidence",
            Self::HasDecisions => "has_decisions",
            Self::NoPendingMissing => "no_pending_missing",
            Self::HasRollback => "has_rollback",
            Self::HasValidation => "has_validation",
        }
    }

    /// Parses a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gate| gate.as_str() == text)
    }

    /// Returns how much the gate matters unless the project says otherwise.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::HasSteps | Self::AllStepsCompleted => Severity::Error,
            Self::HasEvidence
            | Self::HasDecisions
            | Self::NoPendingMissing
            | Self::HasRollback
            | Self::HasValidation => Severity::Warning,
        }
    }

    /// Holds a process against the gate.
    #[must_use]
    pub fn run(self, process: &Process) -> GateResult {
        let (passed, message) = self.judge(process);
        GateResult { gate: self, passed, severity: self.severity(), message }
    }

    fn judge(self, process: &Process) -> (bool, String) {
        match self {
            Self::HasSteps => counted(process.steps.len(), "step", "no steps defined"),
            Self::AllStepsCompleted => {
                let open: Vec<&str> = process
                    .steps
                    .iter()
                    .filter(|step| !step.status.has_ended())
                    .map(|step| step.name.as_str())
                    .collect();
                let message = match open.len() {
                    0 => "all steps have ended".to_owned(),
                    count => format!("{} not completed: {}", steps(count), listed(&open)),
                };
                (open.is_empty(), message)
            }
            Self::HasEvidence => {
                counted(process.evidence.len(), "piece of evidence", "no evidence recorded")
            }
            Self::HasDecisions => {
                counted(process.decisions.len(), "decision", "no decisions logged")
            }
            Self::NoPendingMissing => {
                let missing = missing(process);
                let texts: Vec<&str> = missing.iter().map(String::as_str).collect();
                let message = match texts.len() {
                    0 => "nothing is missing".to_owned(),
                    count => format!("{count} missing: {}", listed(&texts)),
                };
                (texts.is_empty(), message)
            }
            Self::HasRollback => {
                found(has_rollback(process), "a step for the way back", "no rollback step")
            }
            Self::HasValidation => {
                found(has_validation(process), "a validation step", "no validation step")
            }
        }
    }
}

fn counted(count: usize, what: &str, none: &str) -> (bool, String) {
    match count {
        0 => (false, none.to_owned()),
        1 => (true, format!("1 {what}")),
        _ if what.starts_with("piece") => (true, format!("{count} pieces of evidence")),
        _ => (true, format!("{count} {what}s")),
    }
}

fn found(passed: bool, yes: &str, no: &str) -> (bool, String) {
    (passed, if passed { yes } else { no }.to_owned())
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

/// The first three of a list; the rest is counted.
fn listed(texts: &[&str]) -> String {
    let shown = texts.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    if texts.len() > 3 { format!("{shown} and {} more", texts.len() - 3) } else { shown }
}

#[cfg(test)]
mod tests;
