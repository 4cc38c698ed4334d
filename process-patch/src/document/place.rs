//! Where added text stands, and the blank lines around it.

use super::locate::Spot;
use super::text::Document;
use crate::lines;
use crate::scan::{leading_list, trailing_list};

/// A place for a block of text: the beginning of a line, or the end of the document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) at: usize,
    /// Where the text that follows ends, as far as a list there may go.
    pub(super) limit: usize,
}

impl Document {
    /// Returns the place behind the last text before `to`.
    pub(super) fn place_behind_text(&self, spot: &Spot, to: usize) -> Place {
        let floor = self.text_start(spot, to);
        Place { at: lines::behind_text(self.text(), floor, to), limit: to }
    }

    /// Returns the place right below the heading, or at the top of a list that the content joins.
    pub(super) fn place_at_top(&self, spot: &Spot, content: &str) -> Place {
        let end = self.lead_end(spot);
        let first = Place { at: lines::before_text(self.text(), spot.body, end), limit: end };
        if first.at < end && self.joins_after(first, content) {
            return first;
        }
        Place { at: spot.body, limit: end }
    }

    /// Returns where the first sub-heading begins.
    pub(super) fn lead_end(&self, spot: &Spot) -> usize {
        let first = spot.heading.map_or(0, |index| index + 1);
        self.outline().start_or_end(first, self.text()).min(spot.end)
    }

    /// Returns the beginning of the block before `to` that blank lines are looked for behind.
    fn text_start(&self, spot: &Spot, to: usize) -> usize {
        let headings = self.outline().headings();
        let count = headings.partition_point(|heading| heading.start() < to);
        let heading = headings[..count].last().map_or(0, |heading| heading.end());
        heading.max(spot.body.min(to))
    }

    /// Makes a block of a content: in the document's endings, with blank lines where none are.
    pub(super) fn block(&self, place: Place, content: &str) -> String {
        let ending = self.ending();
        let text = self.text();
        let mut block = String::with_capacity(content.len() + 8);
        let before = &text[..place.at];
        let begins = place.at == self.outline().opaque_end() && is_at_mark(before);
        if !begins {
            if !before.ends_with(['\n', '\r']) {
                block.push_str(ending);
            }
            let is_blank = lines::is_blank(last_line(before));
            if !is_blank && !self.joins_before(place, content) {
                block.push_str(ending);
            }
        }
        block.push_str(&lines::with_ending(content, ending));
        block.push_str(ending);
        let follows =
            place.at < text.len() && !lines::is_blank(&text[place.at..lines::end(text, place.at)]);
        if follows && !self.joins_after(place, content) {
            block.push_str(ending);
        }
        block
    }

    /// Answers whether the content begins with an item of the tight list before it.
    fn joins_before(&self, place: Place, content: &str) -> bool {
        let Some(item) = leading_list(content, 0, content.len()) else { return false };
        let from = self.outline().free_before(self.text(), place.at);
        let list = trailing_list(self.text(), from, place.at);
        list.is_some_and(|list| list.sign == item.sign && !list.is_loose)
    }

    /// Answers whether the content ends with an item of the tight list behind it.
    fn joins_after(&self, place: Place, content: &str) -> bool {
        let Some(item) = trailing_list(content, 0, content.len()) else { return false };
        let list = leading_list(self.text(), place.at, place.limit);
        list.is_some_and(|list| list.sign == item.sign && !list.is_loose)
    }
}

/// Answers whether nothing but a byte-order mark stands here.
fn is_at_mark(before: &str) -> bool {
    before.is_empty() || before == "\u{feff}"
}

/// Returns the last line before a place: the one that the place ends, if it is within none.
fn last_line(before: &str) -> &str {
    let line =
        before.strip_suffix("\r\n").or_else(|| before.strip_suffix(['\n', '\r'])).unwrap_or(before);
    &line[lines::start(line, line.len())..]
}
