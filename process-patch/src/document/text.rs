//! The text with everything that is kept up to date beside it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::error::{ErrorKind, PatchError};
use crate::limits::DOCUMENT_BYTES_MAX;
use crate::lines::Endings;
use crate::outline::{Change, Outline};
use crate::splice::Splice;

/// A Markdown document.
///
/// Nothing but splices changes its text, and every byte outside of them stays.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    outline: Outline,
    endings: Endings,
    /// Ids of batches and patches that were applied.
    ids: BTreeSet<String>,
}

impl Document {
    /// Takes a text in.
    ///
    /// # Errors
    /// `invalid_patch` when it is over 16 MiB.
    pub fn new(text: impl Into<String>) -> Result<Self, PatchError> {
        let text = text.into();
        if text.len() > DOCUMENT_BYTES_MAX {
            let message = format!("the document is over {DOCUMENT_BYTES_MAX} bytes");
            return Err(PatchError::invalid(message).hint("split it into several documents"));
        }
        let outline = Outline::new(&text);
        let endings = Endings::count(&text);
        Ok(Self { text, outline, endings, ids: BTreeSet::new() })
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Gives the text back.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Returns the headings.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Returns the SHA-256 of the text in hexadecimal digits.
    pub fn hash(&self) -> String {
        hash(&self.text)
    }

    /// Takes note that the batch or patch of this id was applied.
    pub fn remember(&mut self, id: impl Into<String>) {
        self.ids.insert(id.into());
    }

    /// Answers whether the batch or patch of this id was applied.
    pub fn knows(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn forget(&mut self, id: &str) {
        self.ids.remove(id);
    }

    /// Makes splices, each on the text that the one before left; all or none.
    ///
    /// # Errors
    /// `stale` when a splice removes what does not stand there; then nothing is changed.
    /// `invalid_patch` when the document would be over 16 MiB.
    pub fn splice_all(&mut self, splices: &[Splice]) -> Result<(), PatchError> {
        for (count, splice) in splices.iter().enumerate() {
            if let Err(error) = self.checked_splice(splice) {
                for made in splices[..count].iter().rev() {
                    self.replace(made.offset, made.inserted.len(), &made.removed);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn checked_splice(&mut self, splice: &Splice) -> Result<(), PatchError> {
        let end = splice.offset.checked_add(splice.removed.len());
        let stands = end.and_then(|end| self.text.get(splice.offset..end));
        if stands != Some(splice.removed.as_str()) {
            let message = format!("the text at byte {} is not what goes there", splice.offset);
            return Err(PatchError::new(ErrorKind::Stale, message)
                .hint("apply the splices to the text that they were made for"));
        }
        self.check_length(splice.removed.len(), splice.inserted.len())?;
        self.replace(splice.offset, splice.removed.len(), &splice.inserted);
        Ok(())
    }

    pub(super) fn check_length(&self, removed: usize, inserted: usize) -> Result<(), PatchError> {
        if self.text.len() - removed + inserted > DOCUMENT_BYTES_MAX {
            let message = format!("the document would be over {DOCUMENT_BYTES_MAX} bytes");
            return Err(PatchError::invalid(message).hint("split it into several documents"));
        }
        Ok(())
    }

    /// Replaces bytes, and has everything else follow.
    pub(crate) fn replace(&mut self, offset: usize, removed: usize, inserted: &str) -> Change {
        let before = self.endings_around(offset, removed);
        if removed == 0 {
            self.text.insert_str(offset, inserted);
        } else {
            self.text.replace_range(offset..offset + removed, inserted);
        }
        let after = self.endings_around(offset, inserted.len());
        self.endings.replace(before, after);
        self.outline.update(&self.text, offset, removed, inserted.len())
    }

    /// Counts the line endings of a part with a byte on each side, since a CR LF may be cut.
    fn endings_around(&self, offset: usize, length: usize) -> Endings {
        let is_inside = |at: usize| self.text.is_char_boundary(at);
        let from = (0..offset).rev().find(|at| is_inside(*at)).unwrap_or(0);
        let end = offset + length;
        let to = (end + 1..=self.text.len()).find(|at| is_inside(*at)).unwrap_or(end);
        Endings::count(&self.text[from..to])
    }

    /// Returns the line ending of most lines.
    pub(super) fn ending(&self) -> &'static str {
        self.endings.majority()
    }
}

/// Returns the SHA-256 of a text in hexadecimal digits.
pub fn hash(text: &str) -> String {
    let mut written = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a text cannot fail.
        let _ = write!(written, "{byte:02x}");
    }
    written
}
