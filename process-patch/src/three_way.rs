//! Patches that were made on an older text of the document.

use diffy::MergeOptions;
use serde::Serialize;
use serde_json::json;

use crate::applied::{Applied, Outcome, Status};
use crate::batch::{Batch, Mode};
use crate::document::{Document, Edit, Edited, Options, Spot};
use crate::error::{ErrorKind, PatchError};
use crate::patch::{Operation, Patch};

/// Bytes of two sections that are compared line by line: the work may grow with their product.
const MERGED_BYTES_MAX: usize = 1024 * 1024;

/// A section that was changed in two ways that do not go together.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Conflict {
    /// Which patch, from 0.
    pub index: usize,
    /// The full path of the section, as the patch's base has it.
    pub section: String,
    /// The text of the section that the patch was made on; empty when it created the section.
    pub base: String,
    /// The text of the section as it is; none when it is gone or cannot be told apart.
    pub ours: Option<String>,
    /// The text of the section as the patch would have it.
    pub theirs: String,
    /// Why the patch could not simply be applied.
    pub reason: String,
}

/// What came of patches that were made on an older text.
#[derive(Clone, Debug, PartialEq)]
pub enum ThreeWay {
    /// They did not go together with what happened since; nothing was changed.
    Conflicts(Vec<Conflict>),
    /// The document has them.
    Merged(Applied),
}

impl ThreeWay {
    /// Returns what was applied.
    ///
    /// # Errors
    /// `conflict` with the sections in its details.
    pub fn into_result(self) -> Result<Applied, PatchError> {
        let conflicts = match self {
            Self::Merged(applied) => return Ok(applied),
            Self::Conflicts(conflicts) => conflicts,
        };
        let sections: Vec<&str> = conflicts.iter().map(|one| one.section.as_str()).collect();
        let message = format!("the document was changed meanwhile in `{}`", sections.join("`, `"));
        let mut error = PatchError::new(ErrorKind::Conflict, message)
            .hint("make the patches for the current text")
            .detail("conflicts", json!(conflicts));
        error.index = conflicts.first().map(|one| one.index);
        Err(error)
    }
}

impl Conflict {
    /// Returns the section with both texts between markers, for people to choose.
    pub fn marked(&self) -> String {
        let ours = self.ours.as_deref().unwrap_or_default();
        MergeOptions::new().merge(&self.base, ours, &self.theirs).unwrap_or_else(|marked| marked)
    }
}

impl Document {
    /// Applies patches that were made on `base` to the document as it is by now.
    ///
    /// Each is applied where its location and text are found; where they are not, the texts of its
    /// section are merged line by line.
    /// All or nothing, whatever the mode of the batch says.
    ///
    /// # Errors
    /// What refuses the batch on its own base, and `stale` when `base` is not the text of its
    /// `base_hash`; then nothing is changed.
    pub fn apply_on_base(
        &mut self,
        base: &str,
        batch: &Batch,
        options: Options,
    ) -> Result<ThreeWay, PatchError> {
        let mut base = Document::new(base)?;
        // It must be a batch that applies where it was made.
        base.clone().apply(&Batch { mode: Mode::All, ..batch.clone() }, Options::default())?;
        let before = options.hashes.then(|| self.hash());
        if batch.id.as_ref().is_some_and(|id| self.knows(id)) {
            return Ok(ThreeWay::Merged(Applied::already(before, batch.patches.len())));
        }
        let mut applied = Applied::new(before);
        let mut conflicts = Vec::new();
        for (index, patch) in batch.patches.iter().enumerate() {
            let patch = patch.as_ref().map_err(Clone::clone)?;
            let from = applied.splices.len();
            let known = patch.id.as_ref().is_some_and(|id| self.knows(id));
            let then = Then::of(&mut base, patch, batch, options)?;
            if known {
                applied.outcomes.push(Outcome::new(Status::AlreadyApplied, from..from));
                applied.already_applied = true;
                continue;
            }
            match self.apply_since(patch, &then, batch, options) {
                Ok(edited) => applied.take(edited),
                Err(error) => conflicts.push(self.conflict(index, patch, then, &error)),
            }
        }
        if !conflicts.is_empty() {
            for splice in applied.splices.iter().rev() {
                self.replace(splice.offset, splice.inserted.len(), &splice.removed);
            }
            return Ok(ThreeWay::Conflicts(conflicts));
        }
        let ids = batch.patches.iter().flatten().filter_map(|patch| patch.id.clone());
        for id in ids.chain(batch.id.clone()) {
            self.remember(id);
        }
        applied.hash_after = options.hashes.then(|| self.hash());
        Ok(ThreeWay::Merged(applied))
    }

    /// Applies a patch where it is found, or merges its section.
    fn apply_since(
        &mut self,
        patch: &Patch,
        then: &Then,
        batch: &Batch,
        options: Options,
    ) -> Result<Edited, PatchError> {
        if !then.created && !patch.location.is_root() {
            // A section that was there and is gone is not made anew behind someone's back.
            let spot = self.locate(&patch.location, patch.occurrence)?;
            let removes = matches!(patch.operation, Operation::Delete { content: None });
            if removes && self.text()[spot.start..spot.end].trim_end() != then.base.trim_end() {
                let message = "the section was changed, and is to be deleted";
                return Err(PatchError::new(ErrorKind::Conflict, message));
            }
        }
        let relaxation = patch.relaxed.or(batch.relaxed).unwrap_or(options.relaxed);
        let free = Patch { section_hash: None, ..patch.clone() };
        let refused = match self.edit(&free, relaxation) {
            Ok(edited) => return Ok(edited),
            Err(error) => error,
        };
        let mergeable =
            matches!(refused.kind, ErrorKind::ContentNotFound | ErrorKind::AmbiguousContent);
        if then.created || !mergeable {
            return Err(refused);
        }
        let spot = self.locate(&patch.location, patch.occurrence)?;
        let merged = self.merged(&spot, then).ok_or(refused)?;
        let ours = &self.text()[spot.start..spot.end];
        let edit = replacement(spot.clone(), ours, &merged);
        self.make(edit, patch)
    }

    /// Merges the texts of a section, if they go together.
    fn merged(&self, spot: &Spot, then: &Then) -> Option<String> {
        let ours = &self.text()[spot.start..spot.end];
        if ours.len().max(then.base.len()).max(then.theirs.len()) > MERGED_BYTES_MAX {
            return None;
        }
        // The end of a section is that of its place: blank lines, or the end of the document.
        let (body, end) = ours.split_at(ours.trim_end().len());
        let base = format!("{}\n", then.base.trim_end());
        let theirs = format!("{}\n", then.theirs.trim_end());
        let merged = diffy::merge(&base, &format!("{body}\n"), &theirs).ok()?;
        Some(format!("{}{end}", merged.strip_suffix('\n').unwrap_or(&merged)))
    }

    fn conflict(&self, index: usize, patch: &Patch, then: Then, error: &PatchError) -> Conflict {
        let spot = self.locate(&patch.location, patch.occurrence).ok();
        let Then { section, base, theirs, .. } = then;
        let ours = spot.map(|spot| self.text()[spot.start..spot.end].to_owned());
        Conflict { index, section, base, ours, theirs, reason: error.message.clone() }
    }
}

/// What a patch did where it was made.
struct Then {
    section: String,
    /// Whether it made the section.
    created: bool,
    base: String,
    theirs: String,
}

impl Then {
    fn of(
        base: &mut Document,
        patch: &Patch,
        batch: &Batch,
        options: Options,
    ) -> Result<Self, PatchError> {
        let spot = base.locate(&patch.location, patch.occurrence).ok();
        let (section, before) = match &spot {
            None => (patch.location.to_string(), String::new()),
            Some(spot) => {
                let path = spot.heading.map(|index| base.outline().path(base.text(), index));
                (path.unwrap_or_default(), base.text()[spot.start..spot.end].to_owned())
            }
        };
        let length = base.text().len();
        let relaxation = patch.relaxed.or(batch.relaxed).unwrap_or(options.relaxed);
        let free = Patch { section_hash: None, ..patch.clone() };
        let edited = base.edit(&free, relaxation)?;
        let theirs = match (&spot, &edited.splice) {
            (Some(spot), _) => {
                let end = (spot.end + base.text().len()).saturating_sub(length);
                base.text().get(spot.start..end).unwrap_or_default().to_owned()
            }
            (None, Some(splice)) => splice.inserted.clone(),
            (None, None) => String::new(),
        };
        Ok(Self { section, created: spot.is_none(), base: before, theirs })
    }
}

/// Makes one text of a section another, by the one splice that leaves what both begin and end with.
fn replacement(spot: Spot, ours: &str, merged: &str) -> Edit {
    let same =
        |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(a, b)| a == b).count();
    let mut ahead = same(&mut ours.bytes().zip(merged.bytes()));
    while !ours.is_char_boundary(ahead) || !merged.is_char_boundary(ahead) {
        ahead -= 1;
    }
    let (rest, other) = (&ours[ahead..], &merged[ahead..]);
    let mut behind = same(&mut rest.bytes().rev().zip(other.bytes().rev()));
    while !rest.is_char_boundary(rest.len() - behind)
        || !other.is_char_boundary(other.len() - behind)
    {
        behind -= 1;
    }
    let inserted = other[..other.len() - behind].to_owned();
    let mut edit = Edit::insertion(spot.clone(), spot.start + ahead, inserted);
    edit.removed = rest.len() - behind;
    edit
}
