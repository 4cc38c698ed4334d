//! A section that is missing is created.

use serde_json::Value;

use super::edit::Edit;
use super::locate::Spot;
use super::text::Document;
use crate::error::{ErrorKind, PatchError};
use crate::lines;
use crate::location::{Location, Segment};
use crate::outline::Outline;
use crate::patch::{Operation, Patch};
use crate::scan::{Heading, normalized};

impl Document {
    /// Plans a new section; `missing` is why the location was not found.
    pub(super) fn plan_creation(
        &self,
        patch: &Patch,
        missing: PatchError,
    ) -> Result<Edit, PatchError> {
        let (Operation::Append { content, .. } | Operation::Insert { content, .. }) =
            &patch.operation
        else {
            return Err(missing);
        };
        let Some((last, above)) = patch.location.segments().split_last() else {
            return Err(missing);
        };
        let Some(level) = last.level else {
            return Err(missing
                .hint(format!("to create the section, give its level, as in `## {}`", last.text)));
        };
        let parent = self.parent(above)?;
        if level <= parent.level {
            let message = format!("`{}` is not below its parent", last.title());
            return Err(PatchError::new(ErrorKind::InvalidLocation, message)
                .hint("give it more `#` than its parent has"));
        }
        let inside = self.headings_of(&parent);
        if self.near_equal(last, inside.clone()).is_some() {
            return Err(missing);
        }
        if self.is_path(last) {
            return Err(missing.hint("the headings of a path need their `#`, as in `# A > ## B`"));
        }
        self.check_chain(&patch.location, level, inside)?;
        let content = without_own_heading(lines::trimmed(content), last, level);
        let title = last.title();
        let block = if content.is_empty() {
            title
        } else {
            self.check_content(content, level)?;
            format!("{title}\n\n{content}")
        };
        let place = self.place_behind_text(&parent, parent.end);
        self.plan_block(&parent, place, &block)
    }

    /// Finds the section that the new one is to stand in.
    fn parent(&self, above: &[Segment]) -> Result<Spot, PatchError> {
        if above.is_empty() {
            return Ok(self.root());
        }
        let titles: Vec<String> = above.iter().map(Segment::title).collect();
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        self.locate(&Location::of_segments(&titles)?, None)
    }

    /// Answers whether a text looks like a path whose first heading is there.
    fn is_path(&self, segment: &Segment) -> bool {
        let Some((first, _)) = segment.text.split_once(" > ") else { return false };
        let headings = self.outline().headings();
        headings.iter().any(|heading| normalized(heading.text(self.text())) == normalized(first))
    }

    fn headings_of(&self, spot: &Spot) -> std::ops::Range<usize> {
        match spot.heading {
            None => 0..self.outline().headings().len(),
            Some(index) => index + 1..self.outline().after_section(index),
        }
    }

    /// Checks that the shallower headings are ancestors of each other: one place is the only one.
    fn check_chain(
        &self,
        location: &Location,
        level: u8,
        inside: std::ops::Range<usize>,
    ) -> Result<(), PatchError> {
        let headings = self.outline().headings();
        let shallower: Vec<usize> = inside.filter(|at| headings[*at].level() < level).collect();
        let is_chain =
            shallower.windows(2).all(|pair| headings[pair[0]].level() < headings[pair[1]].level());
        if is_chain {
            return Ok(());
        }
        let parents: Vec<Value> = shallower.iter().take(20).map(|at| self.listed(*at)).collect();
        let message =
            format!("`{location}` is missing, and it could be created in several sections");
        Err(PatchError::new(ErrorKind::AmbiguousParent, message)
            .hint("name the parent too, as in `# A > ## B`")
            .detail("parents", Value::Array(parents)))
    }
}

/// Takes the heading off a content that begins with it.
fn without_own_heading<'a>(content: &'a str, own: &Segment, level: u8) -> &'a str {
    let outline = Outline::of_part(content);
    let first: Option<&Heading> = outline.headings().first();
    match first {
        Some(first)
            if first.start() == 0
                && first.level() == level
                && normalized(first.text(content)) == own.text =>
        {
            lines::trimmed(&content[first.end()..])
        }
        _ => content,
    }
}
