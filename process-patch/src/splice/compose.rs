//! Makes one change of two that follow each other.
//!
//! Both are looked at in the text between them: there the first says what it inserted, and the
//! second what it removes. Regions that touch there become one region.

use crate::splice::delta::{Delta, Region};

/// The second change was not made for the text that the first one leaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Misfit;

pub(super) fn compose(first: Delta, second: Delta) -> Result<Delta, Misfit> {
    let mut regions = Vec::with_capacity(first.regions.len() + second.regions.len());
    let mut firsts = first.regions.into_iter().peekable();
    let mut seconds = second.regions.into_iter().peekable();
    // By how much the first change has moved the text that is reached.
    let mut shift = 0;
    loop {
        let first_start = firsts.peek().map(|region| region.start.saturating_add_signed(shift));
        let second_start = seconds.peek().map(|region| region.start);
        let Some(start) = first_start.into_iter().chain(second_start).min() else {
            return Ok(Delta { regions });
        };
        let old_start = start.saturating_add_signed(-shift);
        let mut cluster = Cluster { start, end: start, firsts: Vec::new(), seconds: Vec::new() };
        loop {
            let end = cluster.end;
            if let Some(region) =
                firsts.next_if(|region| region.start.saturating_add_signed(shift) <= end)
            {
                let at = region.start.saturating_add_signed(shift);
                shift += region.shift();
                cluster.end = end.max(at + region.inserted.len());
                cluster.firsts.push((at, region));
            } else if let Some(region) = seconds.next_if(|region| region.start <= end) {
                cluster.end = end.max(region.end());
                cluster.seconds.push((region.start, region));
            } else {
                break;
            }
        }
        regions.push(cluster.into_region(old_start)?);
    }
}

/// Regions of both changes with no kept text in between, by their places in the text in between.
struct Cluster {
    start: usize,
    end: usize,
    firsts: Vec<(usize, Region)>,
    seconds: Vec<(usize, Region)>,
}

impl Cluster {
    fn into_region(mut self, start: usize) -> Result<Region, Misfit> {
        if self.firsts.len() + self.seconds.len() == 1 {
            let alone = self.firsts.pop().or_else(|| self.seconds.pop());
            let (_, region) = alone.expect("one of the two has one");
            return Ok(Region { start, ..region });
        }
        let middle = self.middle()?;
        let mut sources = std::collections::BTreeSet::new();
        for (_, region) in self.firsts.iter().chain(&self.seconds) {
            sources.extend(&region.sources);
        }
        let before =
            self.firsts.iter().map(|(at, region)| (*at, &region.inserted, &region.removed));
        let removed = replaced(&middle, self.start, before)?;
        let after =
            self.seconds.iter().map(|(at, region)| (*at, &region.removed, &region.inserted));
        let inserted = replaced(&middle, self.start, after)?;
        let mut pieces = self.firsts.iter().chain(&self.seconds);
        let foremost = pieces.find(|(at, _)| *at == self.start);
        let is_line_start = foremost.is_some_and(|(_, region)| region.is_line_start);
        Ok(Region { start, removed, inserted, is_line_start, sources })
    }

    /// Returns the text in between: each byte of it was inserted by the first change or is removed
    /// by the second, and where both speak of it they must agree.
    fn middle(&self) -> Result<Vec<u8>, Misfit> {
        let mut middle = vec![0; self.end - self.start];
        for (at, region) in &self.seconds {
            let at = at - self.start;
            middle[at..at + region.removed.len()].copy_from_slice(region.removed.as_bytes());
        }
        let agreed = middle.clone();
        for (at, region) in &self.firsts {
            let at = at - self.start;
            middle[at..at + region.inserted.len()].copy_from_slice(region.inserted.as_bytes());
        }
        for (at, region) in &self.seconds {
            let at = at - self.start;
            let range = at..at + region.removed.len();
            if middle[range.clone()] != agreed[range] {
                return Err(Misfit);
            }
        }
        Ok(middle)
    }
}

/// Returns the text with each of the pieces replaced; pieces are (place, what stands there, what
/// comes in its place).
fn replaced<'a>(
    text: &[u8],
    start: usize,
    pieces: impl Iterator<Item = (usize, &'a String, &'a String)>,
) -> Result<String, Misfit> {
    let mut result = Vec::with_capacity(text.len());
    let mut done = 0;
    for (at, stands, comes) in pieces {
        let at = at - start;
        result.extend_from_slice(&text[done..at]);
        result.extend_from_slice(comes.as_bytes());
        done = at + stands.len();
    }
    result.extend_from_slice(&text[done..]);
    // Cut inside a character: the two cannot belong together.
    String::from_utf8(result).map_err(|_| Misfit)
}
