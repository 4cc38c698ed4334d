//! The headings of a text, with the places between them where a scan may begin.

use super::update::Collector;
use crate::lines;
use crate::scan::{Heading, Scanner, Standing, opaque_end};

/// The top-level headings of a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outline {
    pub(super) headings: Vec<Heading>,
    /// Places where nothing is open, far from headings, in order.
    pub(super) free: Vec<u32>,
    pub(super) opaque: usize,
    pub(super) end: Standing,
    /// Whether a fence or HTML is open at the end, however deep it is.
    pub(super) is_open: bool,
}

impl Outline {
    /// Scans a text of at most 4 GiB.
    pub fn new(text: &str) -> Self {
        Self::from(text, opaque_end(text))
    }

    /// Scans a text that is to stand inside of another: it has no front matter.
    pub(crate) fn of_part(text: &str) -> Self {
        Self::from(text, 0)
    }

    fn from(text: &str, opaque: usize) -> Self {
        let mut collector = Collector::new(opaque);
        let mut scanner = Scanner::new(text, opaque);
        scanner.run(&mut collector);
        Self {
            headings: collector.headings,
            free: collector.free,
            opaque,
            end: scanner.standing(),
            is_open: scanner.is_open(),
        }
    }

    /// Returns the headings in the order of the text.
    pub fn headings(&self) -> &[Heading] {
        &self.headings
    }

    /// Returns where the Markdown begins: behind a byte-order mark and front matter.
    pub fn opaque_end(&self) -> usize {
        self.opaque
    }

    /// Returns what is still open at the end of the text.
    pub fn standing_at_end(&self) -> Standing {
        self.end
    }

    /// Answers whether a fence or HTML is open at the end of the text, however deep it is.
    pub(crate) fn is_open_at_end(&self) -> bool {
        self.is_open
    }

    /// Returns what is open at the beginning of the line that holds the offset.
    ///
    /// `text` is the text of the outline; inside of what is opaque the answer is [`Standing::Html`].
    pub fn standing_at(&self, text: &str, offset: usize) -> Standing {
        self.scanned_to(text, offset).map_or(Standing::Html, |scanner| scanner.standing())
    }

    /// Answers whether a fence or HTML is open there, however deep it is.
    pub(crate) fn is_open_at(&self, text: &str, offset: usize) -> bool {
        self.scanned_to(text, offset).is_none_or(|scanner| scanner.is_open())
    }

    /// Returns in how many quotes and list items the line stands that holds the offset.
    pub(crate) fn depth_at(&self, text: &str, offset: usize) -> usize {
        self.scanned_to(text, offset).map_or(0, |mut scanner| {
            scanner.step(&mut Collector::new(0));
            scanner.depth()
        })
    }

    /// Scans to the beginning of the line that holds the offset.
    fn scanned_to<'a>(&self, text: &'a str, offset: usize) -> Option<Scanner<'a>> {
        if offset < self.opaque {
            return None;
        }
        let start = lines::start(text, offset).max(self.opaque);
        let mut scanner = Scanner::new(text, self.free_before(text, start));
        let mut ignored = Collector::new(0);
        while scanner.at() < start {
            scanner.step(&mut ignored);
        }
        Some(scanner)
    }

    /// Returns the last place at or before the offset where nothing is open, whatever follows.
    pub(crate) fn free_before(&self, text: &str, offset: usize) -> usize {
        // A place right behind a lone CR would move if an LF came in between.
        let certain =
            |place: usize| place < offset || (place == offset && text[..place].ends_with('\n'));
        let count = self.headings.partition_point(|heading| heading.end() <= offset);
        let mut headings = self.headings[..count].iter().rev().map(|heading| heading.end());
        let count = self.free.partition_point(|place| *place as usize <= offset);
        let mut free = self.free[..count].iter().rev().map(|place| *place as usize);
        let heading = headings.find(|place| certain(*place)).unwrap_or(self.opaque);
        heading.max(free.find(|place| certain(*place)).unwrap_or(self.opaque))
    }
}
