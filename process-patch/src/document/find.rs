//! Which text of a section an update or a delete means.

use std::ops::Range;

use serde_json::{Value, json};

use super::locate::Spot;
use super::text::Document;
use crate::applied::MatchedWith;
use crate::error::{ErrorKind, PatchError};
use crate::limits::MATCHES_MAX;
use crate::lines;
use crate::matching::{Found, Match, closest_lines, find};
use crate::patch::Relaxation;

/// Bytes of a line that an error shows.
const SHOWN_BYTES_MAX: usize = 200;

impl Document {
    /// Finds the one place of a text in a section; the range is one of the document.
    pub(super) fn find(
        &self,
        spot: &Spot,
        wanted: &str,
        new: Option<&str>,
        relaxation: Relaxation,
    ) -> Result<Match, PatchError> {
        let section = &self.text()[spot.start..spot.end];
        match find(section, wanted, relaxation) {
            Found::One(mut found) => {
                found.range = found.range.start + spot.start..found.range.end + spot.start;
                Ok(found)
            }
            Found::Many(places) => Err(self.many(spot, &places)),
            Found::None => Err(self.none(spot, wanted, new)),
        }
    }

    /// Returns what is told of a match that had to be relaxed.
    pub(super) fn matched_with(&self, found: &Match) -> Option<MatchedWith> {
        (found.relaxation != Relaxation::Exact).then(|| MatchedWith {
            level: found.relaxation.level(),
            text: self.text()[found.range.clone()].to_owned(),
        })
    }

    fn many(&self, spot: &Spot, places: &[Range<usize>]) -> PatchError {
        let listed: Vec<Value> = places
            .iter()
            .take(MATCHES_MAX)
            .map(|place| self.shown_line(spot.start + place.start))
            .collect();
        let lines: Vec<String> = listed.iter().map(|item| item["line"].to_string()).collect();
        let more = if places.len() > MATCHES_MAX { " and more" } else { "" };
        let message =
            format!("the text stands more than once: on lines {}{more}", lines.join(", "));
        PatchError::new(ErrorKind::AmbiguousContent, message)
            .at_line(lines::number(self.text(), spot.start + places[0].start))
            .hint("take in lines around it, or name a deeper section")
            .detail("matches", Value::Array(listed))
    }

    fn none(&self, spot: &Spot, wanted: &str, new: Option<&str>) -> PatchError {
        let section = &self.text()[spot.start..spot.end];
        let first = lines::number(self.text(), spot.start);
        let closest: Vec<Value> = closest_lines(section, wanted)
            .into_iter()
            .map(|(number, line)| json!({ "line": first + number, "text": shown(line) }))
            .collect();
        let title = match spot.heading {
            Some(index) => self.outline().headings()[index].title(self.text()),
            None => "the document".to_owned(),
        };
        let message = format!("the text to find does not stand in `{title}`");
        let mut error = PatchError::new(ErrorKind::ContentNotFound, message);
        let stands = new
            .filter(|new| !new.trim().is_empty())
            .is_some_and(|new| find(section, new, Relaxation::Exact) != Found::None);
        if stands {
            error =
                error.hint("`new_content` already stands there; the patch may have been applied");
        } else if let Some(path) = self.elsewhere(wanted) {
            error = error.hint(format!("it stands in `{path}`"));
        } else if let Some(near) = closest.first() {
            let text = near["text"].as_str().unwrap_or_default();
            error = error.hint(format!("the closest is line {}: `{text}`", near["line"]));
        } else {
            error = error.hint("copy the text from the section as it stands");
        }
        error.detail("closest", Value::Array(closest))
    }

    /// Returns the path of the section in which a text stands, if it stands only once.
    fn elsewhere(&self, wanted: &str) -> Option<String> {
        let Found::One(found) = find(self.text(), wanted, Relaxation::Exact) else { return None };
        let headings = self.outline().headings();
        let count = headings.partition_point(|heading| heading.start() <= found.range.start);
        Some(self.outline().path(self.text(), count.checked_sub(1)?))
    }

    fn shown_line(&self, offset: usize) -> Value {
        let start = lines::start(self.text(), offset);
        let line = &self.text()[start..lines::end(self.text(), offset)];
        json!({ "line": lines::number(self.text(), offset), "text": shown(line) })
    }
}

/// Cuts a line that is too long to be shown.
fn shown(line: &str) -> &str {
    let mut cut = line.len().min(SHOWN_BYTES_MAX);
    while !line.is_char_boundary(cut) {
        cut -= 1;
    }
    &line[..cut]
}
