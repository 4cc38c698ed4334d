//! Sections: what belongs to a heading.

use std::ops::Range;

use super::whole::Outline;
use crate::scan::Heading;

impl Outline {
    /// Returns the place of the first heading behind the section of the heading at `index`.
    pub(crate) fn after_section(&self, index: usize) -> usize {
        let Some(heading) = self.headings.get(index) else { return self.headings.len() };
        let behind = &self.headings[index + 1..];
        let length = behind.iter().position(|other| other.level() <= heading.level());
        length.map_or(self.headings.len(), |length| index + 1 + length)
    }

    /// Returns where the heading at `index` begins; the length of the text when there is none.
    pub(crate) fn start_or_end(&self, index: usize, text: &str) -> usize {
        self.headings.get(index).map_or(text.len(), Heading::start)
    }

    /// Returns the bytes of the section of the heading at `index`, sub-sections included.
    pub fn section(&self, text: &str, index: usize) -> Range<usize> {
        let start = self.start_or_end(index, text);
        start..self.start_or_end(self.after_section(index), text)
    }

    /// Returns the headings above the one at `index`, the nearest first.
    pub fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let mut level = self.headings.get(index).map_or(0, Heading::level);
        let mut behind = index.min(self.headings.len());
        std::iter::from_fn(move || {
            let before = &self.headings[..behind];
            behind = before.iter().rposition(|heading| heading.level() < level)?;
            level = self.headings[behind].level();
            Some(behind)
        })
    }

    /// Returns the full path of the heading at `index`, as a location writes it.
    pub fn path(&self, text: &str, index: usize) -> String {
        let mut indices: Vec<usize> = self.ancestors(index).collect();
        indices.reverse();
        indices.push(index);
        let titles = indices.iter().filter_map(|at| self.headings.get(*at));
        titles.map(|heading| heading.title(text)).collect::<Vec<_>>().join(" > ")
    }
}
