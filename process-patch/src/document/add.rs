//! Append and insert: text is added, no byte is removed.

use super::edit::Edit;
use super::locate::Spot;
use super::place::Place;
use super::text::Document;
use crate::error::{ErrorKind, PatchError};
use crate::lines;
use crate::outline::Outline;
use crate::patch::Scope;
use crate::scan::Standing;

impl Document {
    pub(super) fn plan_append(
        &self,
        spot: &Spot,
        content: &str,
        scope: Scope,
    ) -> Result<Edit, PatchError> {
        let content = lines::trimmed(content);
        let outline = self.check_content(content, spot.level)?;
        let to = match scope {
            Scope::Section => spot.end,
            Scope::Body => self.lead_end(spot),
        };
        let headings = self.outline().headings();
        let follows = headings.get(headings.partition_point(|heading| heading.start() < to));
        let shallowest = outline.headings().iter().map(|heading| heading.level()).min();
        if let (Some(follows), Some(shallowest), Scope::Body) = (follows, shallowest, scope)
            && to < spot.end
            && follows.level() > shallowest
        {
            let title = follows.title(self.text());
            let message = format!("`{title}` would become a sub-section of the content");
            return Err(PatchError::new(ErrorKind::BreaksStructure, message)
                .hint("append to the whole section, without `scope`"));
        }
        let place = self.place_behind_text(spot, to);
        let mut edit = self.plan_block(spot, place, content)?;
        edit.warnings.extend(self.warning_of_last(spot, scope, &outline));
        Ok(edit)
    }

    /// Tells when the text comes to stand in a sub-section, which may not have been meant.
    fn warning_of_last(&self, spot: &Spot, scope: Scope, outline: &Outline) -> Option<String> {
        if scope == Scope::Body
            || outline.headings().first().is_some_and(|first| first.start() == 0)
        {
            return None;
        }
        let headings = self.outline().headings();
        let count = headings.partition_point(|heading| heading.start() < spot.end);
        let last = headings[..count].last().filter(|last| last.start() > spot.start)?;
        (spot.heading.is_some()).then(|| {
            format!("the text stands in the last sub-section, `{}`", last.title(self.text()))
        })
    }

    pub(super) fn plan_insert(&self, spot: &Spot, content: &str) -> Result<Edit, PatchError> {
        let content = lines::trimmed(content);
        let outline = self.check_content(content, spot.level)?;
        let Some(shallowest) = outline.headings().iter().map(|heading| heading.level()).min()
        else {
            return self.plan_block(spot, self.place_at_top(spot, content), content);
        };
        let first = spot.heading.map_or(0, |index| index + 1);
        let inside = self.outline().headings()[first..].iter();
        let to = inside
            .take_while(|heading| heading.start() < spot.end)
            .find(|heading| heading.level() <= shallowest)
            .map_or(spot.end, |heading| heading.start());
        let starts_with_heading =
            outline.headings().first().is_some_and(|heading| heading.start() == 0);
        if to != self.lead_end(spot) && !starts_with_heading {
            let message = "the text before the first heading of the content would stand in a \
                           sub-section";
            return Err(PatchError::new(ErrorKind::BreaksStructure, message)
                .hint("insert the text and the new sub-section by two patches"));
        }
        self.plan_block(spot, self.place_behind_text(spot, to), content)
    }

    /// Adds a block where one may stand.
    pub(super) fn plan_block(
        &self,
        spot: &Spot,
        place: Place,
        content: &str,
    ) -> Result<Edit, PatchError> {
        let at_end = place.at == self.text().len()
            || self.text()[place.at..].bytes().all(|byte| byte.is_ascii_whitespace());
        let open = self.outline().standing_at_end();
        if at_end && matches!(open, Standing::Fence | Standing::Html) {
            let what = if open == Standing::Fence { "a fence" } else { "HTML" };
            let message = format!("the document ends in {what} that is not closed");
            return Err(PatchError::new(ErrorKind::BreaksStructure, message)
                .hint("close it by an update first"));
        }
        Ok(Edit::insertion(spot.clone(), place.at, self.block(place, content)))
    }

    /// Checks a content by itself, and returns its headings.
    pub(super) fn check_content(&self, content: &str, level: u8) -> Result<Outline, PatchError> {
        if content.is_empty() {
            return Err(PatchError::invalid("`content` is empty"));
        }
        // What would be front matter at the beginning of a document is a break in its midst.
        let outline = Outline::of_part(content);
        if let Some(heading) = outline.headings().iter().find(|heading| heading.level() <= level) {
            let title = heading.title(content);
            let message = format!(
                "the content has the heading `{title}`, which is not below level {level} of its section"
            );
            return Err(PatchError::new(ErrorKind::LevelEscape, message).hint(
                "make it deeper, or name the section above, or leave out the section's own heading",
            ));
        }
        if outline.is_open_at_end() {
            let message =
                "the content opens a fence, a comment or other HTML and does not close it";
            return Err(PatchError::new(ErrorKind::BreaksStructure, message)
                .hint("the content may have been cut off"));
        }
        Ok(outline)
    }
}
