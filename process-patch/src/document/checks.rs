//! What must hold before anything is touched.

use std::ops::Range;

use serde_json::json;

use super::locate::Spot;
use super::text::{Document, hash};
use crate::batch::{Batch, Mode};
use crate::error::{ErrorKind, PatchError};
use crate::limits::QUOTED_BYTES_MAX;
use crate::patch::Patch;

impl Document {
    /// Checks the hashes of a batch against the document as it is.
    ///
    /// A section that is not there yet, or that a patch before may change, is checked when its
    /// patch has its turn; so are all when each patch stands for itself.
    pub(super) fn check_hashes(&self, batch: &Batch) -> Result<(), PatchError> {
        if let Some(wanted) = &batch.base_hash {
            let current = self.hash();
            if *wanted != current {
                return Err(stale("the document", wanted, &current, self.text()));
            }
        }
        match batch.mode {
            Mode::All => self.check_sections(batch),
            Mode::Each => Ok(()),
        }
    }

    fn check_sections(&self, batch: &Batch) -> Result<(), PatchError> {
        let has_hash = |patch: &Patch| patch.section_hash.is_some();
        let last = batch.patches.iter().rposition(|patch| patch.as_ref().is_ok_and(has_hash));
        let mut touched: Vec<Range<usize>> = Vec::new();
        for (index, patch) in batch.patches.iter().enumerate().take(last.map_or(0, |at| at + 1)) {
            let Ok(patch) = patch else { return Ok(()) };
            if patch.id.as_ref().is_some_and(|id| self.knows(id)) {
                continue;
            }
            // What a section that is not there yet touches is not known.
            let Ok(spot) = self.locate(&patch.location, patch.occurrence) else { return Ok(()) };
            if touched.iter().all(|other| other.end < spot.start || spot.end < other.start) {
                self.check_hash(patch, &spot).map_err(|error| error.of_patch(index))?;
            }
            touched.push(spot.start..spot.end);
        }
        Ok(())
    }

    /// Checks the hash of a section, if the patch names one.
    pub(super) fn check_hash(&self, patch: &Patch, spot: &Spot) -> Result<(), PatchError> {
        let Some(wanted) = &patch.section_hash else { return Ok(()) };
        let text = &self.text()[spot.start..spot.end];
        let current = hash(text);
        if *wanted == current {
            return Ok(());
        }
        let what = format!("the section `{}`", patch.location);
        Err(self.with_section(stale(&what, wanted, &current, text), spot))
    }
}

pub(super) fn stale(what: &str, wanted: &str, current: &str, text: &str) -> PatchError {
    let mut cut = text.len().min(QUOTED_BYTES_MAX);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    PatchError::new(
        ErrorKind::Stale,
        format!("{what} is not the one that the patches were made for"),
    )
    .hint("make them for the current text")
    .detail("expected", json!(wanted))
    .detail("hash", json!(current))
    .detail("text", json!(&text[..cut]))
    .detail("cut", json!(cut < text.len()))
}
