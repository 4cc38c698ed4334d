//! The proof, after each patch, that nothing but the section was touched.

use super::edit::Edit;
use super::text::Document;
use crate::error::{ErrorKind, PatchError};
use crate::lines;
use crate::outline::Change;
use crate::patch::{Operation, Patch};
use crate::scan::{Heading, shift};

/// What was true, before a change, of the text that stands behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behind {
    /// Whether a fence or HTML is open where it begins; none where that is not judged.
    pub(super) was_open: Option<bool>,
    /// In how many quotes and list items it stands; none where that is not judged.
    pub(super) depth: Option<usize>,
}

impl Document {
    /// Checks a change that was made: the headings that it was not about, and what it left open.
    pub(super) fn guard(
        &self,
        edit: &Edit,
        patch: &Patch,
        change: &Change,
        behind_it: Behind,
    ) -> Result<(), PatchError> {
        let by = shift(edit.removed, edit.inserted.len());
        let behind = edit.at + edit.removed;
        // Headings that the change was not about, as they must stand.
        let kept: Vec<Heading> = change
            .old
            .iter()
            .filter_map(|heading| match () {
                () if heading.end() <= edit.at => Some(*heading),
                () if heading.start() >= behind => Some(heading.shifted(by)),
                () => None,
            })
            .collect();
        let now = &self.outline().headings()[change.first..change.first + change.new];
        for heading in &kept {
            if !now.iter().any(|other| same(heading, other)) {
                let title = self.old_title(edit, change, heading, by);
                let message = format!("the heading {title} would be no heading any more");
                return Err(broken(message).hint(
                    "close every fence and comment, and leave a blank line before the heading",
                ));
            }
        }
        for heading in now {
            if !kept.iter().any(|other| same(heading, other)) {
                self.check_added(edit, patch, heading)?;
            }
        }
        self.check_own_heading(edit, patch, change)?;
        self.check_opaque(edit, change)?;
        if self.depth_behind(edit, edit.at + edit.inserted.len()) != behind_it.depth {
            let message = "the text behind it would become part of a list item or quote";
            return Err(broken(message.to_owned())
                .hint("indent the content as that text, or put a paragraph between them"));
        }
        self.check_open(edit, change, behind_it.was_open)
    }

    /// Returns how deep the next text behind an insertion stands, if it is no heading.
    ///
    /// `from` is where the text begins that the insertion leaves behind it.
    pub(super) fn depth_behind(&self, edit: &Edit, from: usize) -> Option<usize> {
        let text = self.text();
        let next = lines::before_text(text, from, text.len());
        let headings = self.outline().headings();
        let is_heading = headings.binary_search_by_key(&next, Heading::start).is_ok();
        let judged = edit.removed == 0 && next < text.len() && !is_heading;
        judged.then(|| self.outline().depth_at(text, next))
    }

    /// Checks that no text becomes front matter, unless nothing but the added text is there.
    fn check_opaque(&self, edit: &Edit, change: &Change) -> Result<(), PatchError> {
        if self.outline().opaque_end() == change.opaque {
            return Ok(());
        }
        let blank = |text: &str| text.trim_matches(['\u{feff}', ' ', '\t', '\n', '\r']).is_empty();
        let text = self.text();
        if blank(&text[..edit.at]) && blank(&text[edit.at + edit.inserted.len()..]) {
            return Ok(());
        }
        Err(broken("the text at the top would become front matter".to_owned())
            .hint("write `***` for a break instead of `---`"))
    }

    /// Checks a heading that was not there before.
    fn check_added(&self, edit: &Edit, patch: &Patch, heading: &Heading) -> Result<(), PatchError> {
        let spot = &edit.spot;
        let title = heading.title(self.text());
        if heading.start() < spot.start {
            let message = format!("`{title}` would become a heading before the section");
            return Err(broken(message).hint("leave the line before the section as it is"));
        }
        let is_own = spot.heading.is_some() && heading.start() == spot.start;
        if heading.level() > spot.level || (is_own && heading.level() == spot.level) {
            return Ok(());
        }
        let end = edit.at + edit.inserted.len();
        let written = heading.start() < end && heading.end() > edit.at;
        if written && matches!(patch.operation, Operation::Update { .. }) {
            let message = format!(
                "the new content makes the heading `{title}`, which is not below its section"
            );
            return Err(PatchError::new(ErrorKind::LevelEscape, message)
                .hint("make it deeper, or name the section above"));
        }
        Err(broken(format!("`{title}` would become a heading beside the section"))
            .hint("make it deeper, or name the section above"))
    }

    /// Checks that the section keeps its heading, unless it goes as a whole.
    fn check_own_heading(
        &self,
        edit: &Edit,
        patch: &Patch,
        change: &Change,
    ) -> Result<(), PatchError> {
        let spot = &edit.spot;
        let Some(index) = spot.heading else { return Ok(()) };
        if index < change.first || edit.at >= spot.body {
            return Ok(());
        }
        let own = self.outline().headings().get(index).filter(|own| own.start() == spot.start);
        let left = spot.end + edit.inserted.len() - edit.removed.min(spot.end);
        let is_delete = matches!(patch.operation, Operation::Delete { .. });
        match own {
            Some(own) if own.level() == spot.level => Ok(()),
            _ if is_delete && self.is_gone(edit, left) => Ok(()),
            Some(own) if own.start() <= edit.at + edit.inserted.len() => {
                let message = format!(
                    "the section's own heading would become `{}`, of another level",
                    own.title(self.text())
                );
                Err(PatchError::new(ErrorKind::LevelEscape, message)
                    .hint("keep the level of the heading"))
            }
            _ => Err(broken("the section would lose its heading".to_owned())
                .hint("to remove a section, delete it without `content`")),
        }
    }

    /// Answers whether nothing is left of the section.
    fn is_gone(&self, edit: &Edit, end: usize) -> bool {
        let start = edit.spot.start.min(edit.at);
        let text = self.text();
        text.get(start..end.min(text.len())).is_none_or(|left| left.trim().is_empty())
    }

    /// Checks that what follows begins where it began before: in a fence or HTML, or not.
    fn check_open(
        &self,
        edit: &Edit,
        change: &Change,
        was_open: Option<bool>,
    ) -> Result<(), PatchError> {
        if self.outline().is_open_at_end() && !change.was_open {
            return Err(left_open());
        }
        let Some(was_open) = was_open else { return Ok(()) };
        let next = next_line(self.text(), edit.at + edit.inserted.len());
        match (was_open, self.outline().is_open_at(self.text(), next)) {
            (false, true) => Err(left_open()),
            (true, false) if !change.was_open => {
                Err(broken("the text behind it would no longer be code or HTML".to_owned())
                    .hint("replace the code or HTML as a whole"))
            }
            _ => Ok(()),
        }
    }

    /// Answers whether a fence or HTML is open where the next whole line begins, if there is one.
    pub(super) fn is_open_behind(&self, edit: &Edit) -> Option<bool> {
        let next = next_line(self.text(), edit.at + edit.removed);
        let judged = edit.removed > 0 && next < self.text().len();
        judged.then(|| self.outline().is_open_at(self.text(), next))
    }

    /// Returns how a heading was written that is none any more.
    fn old_title(&self, edit: &Edit, change: &Change, heading: &Heading, by: u32) -> String {
        let was_behind = change
            .old
            .iter()
            .any(|old| old.start() >= edit.at + edit.removed && same(&old.shifted(by), heading));
        let line = lines::number(self.text(), heading.start().min(self.text().len()));
        let title = heading.title(self.text());
        if was_behind { format!("`{title}`") } else { format!("`{title}` (line {line})") }
    }
}

fn same(left: &Heading, right: &Heading) -> bool {
    (left.start(), left.level(), left.key) == (right.start(), right.level(), right.key)
}

/// Returns where the first line at or behind an offset begins.
fn next_line(text: &str, offset: usize) -> usize {
    let begins = offset == 0 || text[..offset].ends_with(['\n', '\r']);
    if begins { offset } else { lines::next(text, offset) }
}

fn broken(message: String) -> PatchError {
    PatchError::new(ErrorKind::BreaksStructure, message)
}

fn left_open() -> PatchError {
    broken("a fence, a comment or other HTML would stay open and hide what follows".to_owned())
        .hint("the content may have been cut off")
}
