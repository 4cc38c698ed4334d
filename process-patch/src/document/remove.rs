//! Update and delete: text is found, and goes.

use std::ops::Range;

use super::edit::Edit;
use super::locate::Spot;
use super::text::Document;
use crate::error::PatchError;
use crate::lines;
use crate::matching::Match;
use crate::patch::Relaxation;

impl Document {
    pub(super) fn plan_update(
        &self,
        spot: &Spot,
        old_content: &str,
        new_content: &str,
        relaxation: Relaxation,
    ) -> Result<Edit, PatchError> {
        let found = self.find(spot, old_content, Some(new_content), relaxation)?;
        let matched = &self.text()[found.range.clone()];
        let mut inserted = lines::with_ending(new_content, self.ending());
        if same_lines(matched, new_content) || old_content == new_content {
            // At most line endings differ, and those are the document's.
            inserted = matched.to_owned();
        } else {
            self.repair_ends(&found, &mut inserted);
        }
        let matched_with = self.matched_with(&found);
        let mut edit = Edit::insertion(spot.clone(), found.range.start, inserted);
        edit.removed = found.range.len();
        edit.matched_with = matched_with;
        Ok(edit)
    }

    /// Gives the new text the line endings at its ends that keep lines as they are.
    ///
    /// Two lines become one only where the new text says so, and no blank line comes unasked.
    fn repair_ends(&self, found: &Match, inserted: &mut String) {
        let matched = &self.text()[found.range.clone()];
        let behind = &self.text()[found.range.end..];
        let ends = |text: &str| text.ends_with(['\n', '\r']);
        let begins_line = self.begins_line(found.range.start);
        if ends(matched) {
            let vanishes = inserted.is_empty() && begins_line;
            if !ends(inserted) && !vanishes {
                inserted.push_str(ending_of(matched));
            }
        } else if found.is_whole && behind.starts_with(['\n', '\r']) {
            // The lines end already.
            inserted.truncate(without_ending(inserted).len());
        }
        let follows = if inserted.is_empty() { behind } else { inserted.as_str() };
        if !begins_line && !is_line_end(follows) {
            inserted.insert_str(0, &matched[..lines::ending_at(matched)]);
        }
    }

    /// Returns what goes with a part of a line: not the endings at its edges that part lines.
    fn part_of_lines(&self, range: Range<usize>) -> Range<usize> {
        let part = &self.text()[range.clone()];
        let end = range.start + part.trim_end_matches(['\n', '\r']).len();
        let joins = !self.begins_line(range.start) && !is_line_end(&self.text()[end..]);
        let start = range.start + if joins { lines::ending_at(part) } else { 0 };
        start..end.max(start)
    }

    pub(super) fn plan_delete(
        &self,
        spot: &Spot,
        content: &str,
        relaxation: Relaxation,
    ) -> Result<Edit, PatchError> {
        let found = self.find(spot, content, None, relaxation)?;
        let matched_with = self.matched_with(&found);
        let mut range = found.range;
        if found.is_whole {
            range = self.without_redundant_blanks(self.whole_lines(range));
        } else {
            range = self.part_of_lines(range);
        }
        let mut edit = Edit::insertion(spot.clone(), range.start, String::new());
        edit.removed = range.len();
        edit.matched_with = matched_with;
        Ok(edit)
    }

    /// Takes out a section with its sub-sections, up to the heading behind it.
    ///
    /// At the end of the document the blank run before it separates nothing any more.
    pub(super) fn plan_removal(&self, spot: &Spot) -> Edit {
        let opaque = self.outline().opaque_end();
        let start = if spot.end == self.text().len() {
            lines::behind_text(self.text(), opaque, spot.start)
        } else {
            spot.start
        };
        let mut edit = Edit::insertion(spot.clone(), start, String::new());
        edit.removed = spot.end - start;
        edit
    }

    fn begins_line(&self, offset: usize) -> bool {
        let before = &self.text()[..offset];
        before.is_empty() || before.ends_with(['\n', '\r']) || before == "\u{feff}"
    }

    /// Returns the lines of a match, with the ending of the last one.
    fn whole_lines(&self, range: Range<usize>) -> Range<usize> {
        if self.text()[range.clone()].ends_with(['\n', '\r']) {
            return range;
        }
        range.start..lines::next(self.text(), range.end)
    }

    /// Adds a run of blank lines when there is one on each side: the shorter of the two.
    ///
    /// At the end of the document the run before the lines goes, at its beginning the one behind.
    fn without_redundant_blanks(&self, lines: Range<usize>) -> Range<usize> {
        let text = self.text();
        let opaque = self.outline().opaque_end();
        let before = lines::behind_text(text, opaque, lines.start);
        let after = lines::before_text(text, lines.end, text.len());
        let ahead = lines::of(&text[before..lines.start]).count();
        let behind = lines::of(&text[lines.end..after]).count();
        let at_start = before == opaque && matches!(&text[..opaque], "" | "\u{feff}");
        let at_end = after == text.len();
        match (at_start, at_end) {
            (true, true) => before..after,
            (true, false) => lines.start..after,
            (false, true) if behind == 0 => before..lines.end,
            (false, _) if ahead == 0 || behind == 0 => lines,
            (false, _) if ahead < behind => before..lines.end,
            (false, _) => lines.start..after,
        }
    }
}

/// Answers whether a line ends right here.
fn is_line_end(text: &str) -> bool {
    text.is_empty() || text.starts_with(['\n', '\r'])
}

/// Answers whether two texts differ in their line endings alone.
fn same_lines(left: &str, right: &str) -> bool {
    left == right
        || (left.contains('\r') || right.contains('\r'))
            && lines::with_ending(left, "\n") == lines::with_ending(right, "\n")
}

/// Takes one line ending off the end of lines.
fn without_ending(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r'])).unwrap_or(text)
}

fn ending_of(matched: &str) -> &str {
    if matched.ends_with("\r\n") { "\r\n" } else { &matched[matched.len() - 1..] }
}
