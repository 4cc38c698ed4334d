//! Changing a registry by what it says at that moment.

use procreg::{Delta, ProcessRegistry};

use super::commit::{Change, Committed};
use super::open::Children;
use crate::error::{Error, ErrorKind};

impl Children {
    /// Makes the changes that are decided on by what the file says under its lock, all or none, and
    /// returns when they are durable; what decides refuses by its own error, and may be asked again.
    ///
    /// # Errors
    /// What `decide` refuses with, else as [`Children::commit`]; nothing was changed then.
    pub fn change<E: From<Error>>(
        &self,
        now_ms: u64,
        mut decide: impl FnMut(&ProcessRegistry) -> Result<Vec<Delta>, E>,
    ) -> Result<Committed, E> {
        let mut refusal = None;
        let committed = self.commit_with(|registry| match decide(registry) {
            Ok(deltas) => {
                let outcomes = registry.merge(&deltas).map_err(|refused| self.refused(&refused))?;
                Ok(Change { outcomes, now_ms })
            }
            Err(error) => {
                refusal = Some(error);
                Err(Error::new(ErrorKind::Conflict, "the change was not wanted any more"))
            }
        });
        match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(committed?),
        }
    }
}
