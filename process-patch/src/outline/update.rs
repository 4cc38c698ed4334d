//! How the outline follows a splice: only what the splice touches is scanned again.

use super::whole::Outline;
use crate::scan::{Heading, Scanner, Sink, opaque_end, shift};

/// How far apart the places are kept where a scan may begin.
const FREE_EVERY: usize = 2048;

/// What a splice did to the outline.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The first heading that was taken out or put in.
    pub(crate) first: usize,
    /// The headings that were taken out, as they stood before.
    pub(crate) old: Vec<Heading>,
    /// How many were put in.
    pub(crate) new: usize,
    /// Whether a fence or HTML was open at the end of the text before.
    pub(crate) was_open: bool,
    /// Where the Markdown began before.
    pub(crate) opaque: usize,
}

impl Outline {
    /// Follows a splice that was made at `offset`; `text` is the text after it.
    pub(crate) fn update(
        &mut self,
        text: &str,
        offset: usize,
        removed: usize,
        inserted: usize,
    ) -> Change {
        let by = shift(removed, inserted);
        // The end of an open front matter may come from anywhere.
        if offset < self.opaque || opaque_end(text) != self.opaque {
            return self.rebuild(text);
        }
        let start = self.free_before(text, offset);
        let first = self.headings.partition_point(|heading| heading.end() <= start);
        let first_free = self.free.partition_point(|place| *place as usize <= start);
        let mut follower = Follower {
            found: Collector::new(start),
            headings: &self.headings[first..],
            free: &self.free[first_free..],
            behind: offset + inserted,
            behind_before: offset + removed,
            met: None,
        };
        let mut scanner = Scanner::new(text, start);
        let ended = scanner.run(&mut follower);
        let (found, met) = (follower.found, follower.met);
        let was_open = self.is_open;
        let (last, last_free) = match met {
            Some(place) => (
                first + self.headings[first..].partition_point(|heading| heading.start() < place),
                first_free
                    + self.free[first_free..].partition_point(|free| (*free as usize) < place),
            ),
            None => (self.headings.len(), self.free.len()),
        };
        if ended {
            self.end = scanner.standing();
            self.is_open = scanner.is_open();
        }
        for heading in &mut self.headings[last..] {
            *heading = heading.shifted(by);
        }
        for place in &mut self.free[last_free..] {
            *place = place.wrapping_add(by);
        }
        let new = found.headings.len();
        self.free.splice(first_free..last_free, found.free);
        let old = self.headings.splice(first..last, found.headings).collect();
        Change { first, old, new, was_open, opaque: self.opaque }
    }

    /// Scans everything: the splice touched what stands before the Markdown.
    fn rebuild(&mut self, text: &str) -> Change {
        let before = std::mem::replace(self, Self::new(text));
        Change {
            first: 0,
            new: self.headings.len(),
            old: before.headings,
            was_open: before.is_open,
            opaque: before.opaque,
        }
    }
}

/// Collects headings, and places where nothing is open.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) headings: Vec<Heading>,
    pub(super) free: Vec<u32>,
    last: usize,
}

impl Collector {
    pub(super) fn new(start: usize) -> Self {
        Self { headings: Vec::new(), free: Vec::new(), last: start }
    }
}

impl Sink for Collector {
    fn heading(&mut self, heading: Heading) {
        self.last = heading.end();
        self.headings.push(heading);
    }

    #[inline]
    fn free(&mut self, offset: usize) -> bool {
        if offset >= self.last + FREE_EVERY {
            self.last = offset;
            self.free.push(u32::try_from(offset).unwrap_or(u32::MAX));
        }
        true
    }
}

/// Scans on until it meets a place that the outline knew before.
struct Follower<'a> {
    found: Collector,
    /// What the outline knows behind the beginning of this scan.
    headings: &'a [Heading],
    free: &'a [u32],
    /// Where the untouched text behind the splice begins.
    behind: usize,
    /// Where it began before the splice.
    behind_before: usize,
    /// The place that was met, as an offset before the splice.
    met: Option<usize>,
}

impl Sink for Follower<'_> {
    fn heading(&mut self, heading: Heading) {
        self.found.heading(heading);
    }

    fn free(&mut self, offset: usize) -> bool {
        if offset >= self.behind {
            let before = self.behind_before + (offset - self.behind);
            while self.headings.first().is_some_and(|heading| heading.end() < before) {
                self.headings = &self.headings[1..];
            }
            while self.free.first().is_some_and(|place| (*place as usize) < before) {
                self.free = &self.free[1..];
            }
            if self.headings.first().is_some_and(|heading| heading.end() == before)
                || self.free.first().is_some_and(|place| *place as usize == before)
            {
                self.met = Some(before);
                return false;
            }
        }
        self.found.free(offset)
    }
}
