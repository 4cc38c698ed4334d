//! Carries changes past what came later, or names what stands in the way.

use serde_json::json;

use crate::error::{ErrorKind, PatchError};
use crate::history::journal::History;
use crate::history::states::Way;
use crate::splice::{self, Delta, Misfit, Overlaps, Span, Splice};

impl History {
    /// Returns what has changed since a revision, in normal form (P20.7).
    ///
    /// # Errors
    /// `invalid_patch` when there is no such revision.
    pub fn since(&self, revision: u64) -> Result<Vec<Splice>, PatchError> {
        Ok(self.delta_since(revision)?.settled().into_splices())
    }

    /// Carries a change that was made for an older revision to the present text (P20.7).
    ///
    /// # Errors
    /// `conflict` when entries since then overlap, with their numbers in `details.later`;
    /// `invalid_patch` when there is no such revision, and `stale` when the change contradicts
    /// itself.
    pub fn carry(&self, splices: &[Splice], revision: u64) -> Result<Vec<Splice>, PatchError> {
        let contradictory = |_: Misfit| {
            PatchError::new(ErrorKind::Stale, "the splices of the change contradict each other")
        };
        let over = self.delta_since(revision)?.settled();
        let text = self.text_at(revision).unwrap_or_default();
        let change = Delta::of(splices).map_err(contradictory)?.placed(&text).settled();
        let rebased = change.rebased(&over).map_err(|overlaps| {
            conflict(format!("the change for revision {revision}"), overlaps)
        })?;
        Ok(rebased.into_splices())
    }

    /// Carries the inverse of an entry from the state after it to the present text.
    pub(super) fn past_later(&self, number: u64, since: usize) -> Result<Vec<Splice>, PatchError> {
        let change = self.delta(since, None).inverse().settled();
        let way: Vec<Way> = self.states.way_from(since);
        // One after the other is cheap, and mostly enough.
        let mut passing = change.clone();
        if way.iter().all(|way| self.carry_along(&mut passing, *way)) {
            return Ok(passing.into_splices());
        }
        // Together they may have put back what each of them alone disturbs.
        let steps = way.iter().map(|way| {
            let source = Some(self.states.last_to_go(*way) as u64 + 1);
            match *way {
                Way::Along(index) => self.delta(index, source),
                Way::Back(index) => self.delta(index, source).inverse(),
            }
        });
        let over = sum(steps.collect()).settled();
        let rebased = change
            .rebased(&over)
            .map_err(|overlaps| conflict(format!("entry {number}"), overlaps))?;
        Ok(rebased.into_splices())
    }

    /// Carries a change over one step of a way, in place; answers whether nothing overlaps.
    fn carry_along(&self, change: &mut Delta, way: Way) -> bool {
        let (Way::Along(index) | Way::Back(index)) = way;
        if let ([splice], [is_line_start]) =
            (self.entries()[index].splices.as_slice(), self.line_starts(index))
        {
            let Splice { offset, removed, inserted } = splice;
            let (removed, inserted) = match way {
                Way::Along(_) => (removed, inserted),
                Way::Back(_) => (inserted, removed),
            };
            let is_line_start = *is_line_start;
            return splice::carry(
                change,
                Span { start: *offset, removed, inserted, is_line_start },
            );
        }
        let over = match way {
            Way::Along(_) => self.delta(index, None),
            Way::Back(_) => self.delta(index, None).inverse(),
        };
        match change.rebased(&over.settled()) {
            Ok(rebased) => {
                *change = rebased;
                true
            }
            Err(_) => false,
        }
    }

    fn delta_since(&self, revision: u64) -> Result<Delta, PatchError> {
        if revision > self.revision() {
            let message = format!("there is no revision {revision}: the last one is");
            return Err(PatchError::invalid(format!("{message} {}", self.revision())));
        }
        let later = self.entries().iter().filter(|entry| entry.number > revision);
        let later = later.map(|entry| {
            let index = usize::try_from(entry.number - 1).unwrap_or(usize::MAX);
            self.delta(index, Some(entry.number))
        });
        Ok(sum(later.collect()))
    }

    /// Returns what an entry changed, with the lines that begin there noted.
    fn delta(&self, index: usize, source: Option<u64>) -> Delta {
        Delta::of_source(&self.entries()[index].splices, source)
            .expect("each entry fitted the text when it was appended")
            .placed_as(self.line_starts(index))
    }
}

/// Returns one change of many that follow each other, by halves.
fn sum(mut deltas: Vec<Delta>) -> Delta {
    while deltas.len() > 1 {
        let mut halves = deltas.into_iter();
        let mut next = Vec::with_capacity(halves.len().div_ceil(2));
        while let Some(first) = halves.next() {
            next.push(match halves.next() {
                Some(second) => {
                    first.then(second).expect("each entry fitted the text when it was appended")
                }
                None => first,
            });
        }
        deltas = next;
    }
    deltas.pop().unwrap_or_default()
}

fn conflict(what: String, overlaps: Overlaps) -> PatchError {
    let later = overlaps.sources;
    let named: Vec<String> = later.iter().take(5).map(u64::to_string).collect();
    let more = if later.len() > named.len() { " and others" } else { "" };
    let message = format!("{what} overlaps what came later: entry {}{more}", named.join(", "));
    let details = json!({ "later": later, "overlaps": overlaps.shown });
    let hint = "undo the later ones first, or change the place by hand";
    PatchError::new(ErrorKind::Conflict, message).hint(hint).with_details(details)
}
