//! Quality gates, and what is missing.

use process_core::{
    ProcessId, Severity,
    gates::{Gate, GateResult},
    progress,
};
use serde_json::{Value, json};

use crate::{config::Config, error::Error, project::Procside};

/// What the gates found.
#[derive(Clone, Debug)]
pub struct Check {
    /// The process.
    pub process: ProcessId,
    /// Every gate that the project does not turn off.
    pub results: Vec<GateResult>,
    /// Whether the process passes.
    pub passed: bool,
}

impl Procside {
    /// Holds a process against the gates; warnings count as failures when asked for.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn check(&self, id: Option<ProcessId>, fail_on_warning: bool) -> Result<Check, Error> {
        let process = self.process(id)?;
        let config = Config::of(self.files())?;
        let results: Vec<GateResult> = Gate::ALL
            .into_iter()
            .filter_map(|gate| {
                let severity = config.severity_of(gate)?;
                Some(GateResult { severity, ..gate.run(&process) })
            })
            .collect();
        let fails = |result: &GateResult| {
            !result.passed && (result.severity == Severity::Error || fail_on_warning)
        };
        let passed = !results.iter().any(fails);
        Ok(Check { process: process.id, results, passed })
    }

    /// Returns what a process still lacks.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn missing(&self, id: Option<ProcessId>) -> Result<Vec<String>, Error> {
        Ok(progress::missing(&self.process(id)?))
    }
}

impl Check {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let gates: Vec<Value> = self
            .results
            .iter()
            .map(|result| {
                json!({
                    "gate": result.gate.as_str(),
                    "passed": result.passed,
                    "severity": result.severity.as_str(),
                    "message": result.message,
                })
            })
            .collect();
        json!({"process": self.process.to_string(), "passed": self.passed, "gates": gates})
    }
}
