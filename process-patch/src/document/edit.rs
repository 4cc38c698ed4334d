//! One patch: what it would change, the change, and the proof that nothing else changed.

use serde_json::json;

use super::guard::Behind;
use super::locate::Spot;
use super::text::Document;
use crate::applied::MatchedWith;
use crate::error::{ErrorKind, PatchError};
use crate::limits::QUOTED_BYTES_MAX;
use crate::lines;
use crate::patch::{Operation, Patch, Relaxation};
use crate::splice::Splice;

/// A change that is not made yet.
#[derive(Debug)]
pub(crate) struct Edit {
    /// The section that it belongs to.
    pub(crate) spot: Spot,
    pub(crate) at: usize,
    pub(crate) removed: usize,
    pub(crate) inserted: String,
    pub(crate) matched_with: Option<MatchedWith>,
    pub(crate) warnings: Vec<String>,
}

/// A change that was made.
#[derive(Debug)]
pub(crate) struct Edited {
    /// None when the document was so already.
    pub(crate) splice: Option<Splice>,
    pub(crate) matched_with: Option<MatchedWith>,
    pub(crate) warnings: Vec<String>,
}

impl Edit {
    pub(crate) fn insertion(spot: Spot, at: usize, inserted: String) -> Self {
        Self { spot, at, removed: 0, inserted, matched_with: None, warnings: Vec::new() }
    }
}

impl Document {
    /// Applies one patch; a refused one changes nothing.
    pub(crate) fn edit(
        &mut self,
        patch: &Patch,
        relaxation: Relaxation,
    ) -> Result<Edited, PatchError> {
        let edit = self.plan(patch, relaxation)?;
        self.make(edit, patch)
    }

    /// Makes a planned change, and takes it back when it touches more than its section.
    pub(crate) fn make(&mut self, edit: Edit, patch: &Patch) -> Result<Edited, PatchError> {
        let removed = &self.text()[edit.at..edit.at + edit.removed];
        if removed == edit.inserted {
            let Edit { matched_with, warnings, .. } = edit;
            return Ok(Edited { splice: None, matched_with, warnings });
        }
        let removed = removed.to_owned();
        self.check_length(edit.removed, edit.inserted.len())?;
        let was_open = self.is_open_behind(&edit);
        let depth = self.depth_behind(&edit, edit.at);
        let change = self.replace(edit.at, edit.removed, &edit.inserted);
        if let Err(error) = self.guard(&edit, patch, &change, Behind { was_open, depth }) {
            self.replace(edit.at, edit.inserted.len(), &removed);
            return Err(self.with_section(error, &edit.spot));
        }
        let splice = Splice { offset: edit.at, removed, inserted: edit.inserted };
        Ok(Edited {
            splice: Some(splice),
            matched_with: edit.matched_with,
            warnings: edit.warnings,
        })
    }

    /// Finds out what the patch would change.
    fn plan(&self, patch: &Patch, relaxation: Relaxation) -> Result<Edit, PatchError> {
        if patch.location.is_root() {
            self.check_root(patch)?;
        }
        let spot = match self.locate(&patch.location, patch.occurrence) {
            Ok(spot) => spot,
            Err(error) if error.kind == ErrorKind::LocationNotFound && patch.creates() => {
                return self.plan_creation(patch, error);
            }
            Err(error) => return Err(error),
        };
        self.check_hash(patch, &spot)?;
        let edit = match &patch.operation {
            Operation::Append { content, scope, .. } => self.plan_append(&spot, content, *scope),
            Operation::Insert { content, .. } => self.plan_insert(&spot, content),
            Operation::Update { old_content, new_content } => {
                self.plan_update(&spot, old_content, new_content, relaxation)
            }
            Operation::Delete { content: Some(content) } => {
                self.plan_delete(&spot, content, relaxation)
            }
            Operation::Delete { content: None } => Ok(self.plan_removal(&spot)),
        };
        edit.map_err(|error| self.with_section(error, &spot))
    }

    fn check_root(&self, patch: &Patch) -> Result<(), PatchError> {
        match patch.operation {
            Operation::Append { .. } | Operation::Insert { .. } => Ok(()),
            Operation::Delete { .. } | Operation::Update { .. } => {
                let name = patch.operation.name();
                let message = format!("{name} needs a heading, and the location is the root");
                Err(PatchError::new(ErrorKind::InvalidLocation, message)
                    .hint("name the heading of the section"))
            }
        }
    }

    /// Adds the text of the section as it is, which whoever tries again needs.
    pub(super) fn with_section(&self, error: PatchError, spot: &Spot) -> PatchError {
        if error.details.get("text").is_some() {
            return error;
        }
        let text = &self.text()[spot.start..spot.end];
        let mut cut = text.len().min(QUOTED_BYTES_MAX);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        let path =
            spot.heading.map(|index| self.outline().path(self.text(), index)).unwrap_or_default();
        let line = lines::number(self.text(), spot.start);
        let error = error
            .detail("section", json!({ "path": path, "line": line, "cut": cut < text.len() }))
            .detail("text", json!(&text[..cut]));
        if error.line.is_some() { error } else { error.at_line(line) }
    }
}

impl Patch {
    /// Answers whether a missing section is to be created.
    fn creates(&self) -> bool {
        match &self.operation {
            Operation::Append { create, .. } | Operation::Insert { create, .. } => {
                *create && self.section_hash.is_none() && self.occurrence.is_none_or(|at| at == 1)
            }
            Operation::Delete { .. } | Operation::Update { .. } => false,
        }
    }
}
