//! Batches: patches in order, each on the text that the ones before it left.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::stale;
use super::text::Document;
use crate::applied::{Applied, Outcome, Status};
use crate::batch::{Batch, Input, Mode};
use crate::error::PatchError;
use crate::inverse::Inverse;
use crate::limits::PATCHES_MAX;
use crate::patch::{Patch, Relaxation};
use crate::splice::Splice;

/// What is asked of an application besides the patches.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// Whether the document is hashed before and after; an inverse needs that.
    pub hashes: bool,
    /// How far texts to find may differ, where neither patch nor batch says so.
    pub relaxed: Relaxation,
}

impl Document {
    /// Applies what a file of patches holds.
    ///
    /// # Errors
    /// As [`Document::apply`] and [`Document::apply_inverse`].
    pub fn apply_input(&mut self, input: &Input, options: Options) -> Result<Applied, PatchError> {
        match input {
            Input::Batch(batch) => self.apply(batch, options),
            Input::Inverse(inverse) => self.apply_inverse(inverse, options),
        }
    }

    /// Applies a batch.
    ///
    /// # Errors
    /// What refused the batch, with the index of the patch; then nothing is changed.
    /// With [`Mode::Each`] only the batch itself can be refused; see [`Outcome`] for its patches.
    pub fn apply(&mut self, batch: &Batch, options: Options) -> Result<Applied, PatchError> {
        if batch.patches.len() > PATCHES_MAX {
            let message = format!("the batch has more than {PATCHES_MAX} patches");
            return Err(PatchError::invalid(message).hint("apply them in several batches"));
        }
        let before = options.hashes.then(|| self.hash());
        if batch.id.as_ref().is_some_and(|id| self.knows(id)) {
            return Ok(Applied::already(before, batch.patches.len()));
        }
        let repeats = repeats(batch);
        if batch.mode == Mode::All
            && let Some((index, error)) = repeats.first_key_value()
        {
            return Err(error.clone().of_patch(*index));
        }
        self.check_hashes(batch)?;
        let mut applied = Applied::new(before);
        let mut ids = Vec::new();
        for (index, patch) in batch.patches.iter().enumerate() {
            let result = match repeats.get(&index) {
                None => self.apply_next(patch, batch, options, &mut applied, &mut ids),
                Some(error) => Err(error.clone()),
            };
            match result {
                Ok(()) => {}
                Err(error) if batch.mode == Mode::Each => {
                    applied.refuse(error.of_patch(index));
                }
                Err(error) => {
                    self.take_back(&applied, &ids);
                    return Err(error.of_patch(index));
                }
            }
        }
        if let Some(id) = &batch.id {
            self.remember(id.clone());
        }
        applied.hash_after = options.hashes.then(|| self.hash());
        Ok(applied)
    }

    /// Applies the way back of patches.
    ///
    /// # Errors
    /// `stale` when the document is not the one that it belongs to; then nothing is changed.
    pub fn apply_inverse(
        &mut self,
        inverse: &Inverse,
        options: Options,
    ) -> Result<Applied, PatchError> {
        let current = self.hash();
        if !inverse.base_hash.eq_ignore_ascii_case(&current) {
            return Err(stale("the document", &inverse.base_hash, &current, self.text()));
        }
        self.apply_splices(&inverse.splices, options)
    }

    /// Makes splices, each on the text that the one before left.
    ///
    /// # Errors
    /// As [`Document::splice_all`].
    pub fn apply_splices(
        &mut self,
        splices: &[Splice],
        options: Options,
    ) -> Result<Applied, PatchError> {
        let mut applied = Applied::new(options.hashes.then(|| self.hash()));
        self.splice_all(splices)?;
        applied.splices = splices.to_vec();
        applied.hash_after = options.hashes.then(|| self.hash());
        Ok(applied)
    }

    fn apply_next(
        &mut self,
        patch: &Result<Patch, PatchError>,
        batch: &Batch,
        options: Options,
        applied: &mut Applied,
        ids: &mut Vec<String>,
    ) -> Result<(), PatchError> {
        let patch = patch.as_ref().map_err(Clone::clone)?;
        let from = applied.splices.len();
        if patch.id.as_ref().is_some_and(|id| self.knows(id)) {
            applied.outcomes.push(Outcome::new(Status::AlreadyApplied, from..from));
            applied.already_applied = true;
            return Ok(());
        }
        let relaxation = patch.relaxed.or(batch.relaxed).unwrap_or(options.relaxed);
        let edited = self.edit(patch, relaxation)?;
        applied.take(edited);
        if let Some(id) = &patch.id {
            self.remember(id.clone());
            ids.push(id.clone());
        }
        Ok(())
    }

    fn take_back(&mut self, applied: &Applied, ids: &[String]) {
        for splice in applied.splices.iter().rev() {
            self.replace(splice.offset, splice.inserted.len(), &splice.removed);
        }
        for id in ids {
            self.forget(id);
        }
    }
}

/// Finds the patches whose id one before them has: they would be passed over silently.
fn repeats(batch: &Batch) -> BTreeMap<usize, PatchError> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut repeats = BTreeMap::new();
    for (index, patch) in batch.patches.iter().enumerate() {
        let Ok(Patch { id: Some(id), .. }) = patch else { continue };
        if !seen.insert(id) {
            let message = format!("the id `{id}` stands twice in the batch");
            repeats.insert(index, PatchError::invalid(message).hint("give each patch its own"));
        }
    }
    repeats
}
