//! Finding what is wrong with a project's files, repairing it, and rebuilding the registry.

use process_core::Severity;
use process_store::files::Problem;
use serde_json::{Value, json};

use crate::{error::Error, project::Procside};

/// What the doctor found (docs/doctor.md).
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The problems, those that were repaired included.
    pub problems: Vec<Problem>,
}

impl Procside {
    /// Finds everything that is wrong with the project's files, and with `fix` repairs what can be.
    ///
    /// Without `fix`, or when the project shows only what it would do, nothing is written.
    ///
    /// # Errors
    /// `NotFound` when there is no project, `Locked` when somebody else writes. What is wrong with
    /// a file is a problem in the diagnosis, never an error.
    pub fn doctor(&self, fix: bool) -> Result<Diagnosis, Error> {
        let fix = fix && !self.is_dry();
        Ok(Diagnosis { problems: self.place.doctor(&self.now(), self.identity(), fix)? })
    }

    /// Writes `registry.yaml` anew from the journals, whatever it says, and returns how many
    /// processes it lists; one that does not parse is kept beside it.
    ///
    /// # Errors
    /// `NotFound`, `Locked`, and whatever the disk says.
    pub fn reindex(&self) -> Result<usize, Error> {
        if self.is_dry() {
            return Ok(self.place.catalog(&self.now())?.count()?);
        }
        Ok(self.place.reindex(&self.now(), self.identity())?)
    }
}

impl Diagnosis {
    /// Returns whether nothing is left that anybody has to look after.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.problems.iter().all(|problem| problem.fixed || problem.severity == Severity::Info)
    }

    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let problems: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| {
                json!({
                    "code": problem.code,
                    "severity": problem.severity.as_str(),
                    "path": problem.path,
                    "message": problem.message,
                    "fixed": problem.fixed,
                })
            })
            .collect();
        json!({ "problems": problems })
    }
}
