//! Which heading a location means.

use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::text::Document;
use crate::error::{ErrorKind, PatchError};
use crate::likeness::edits;
use crate::limits::{MATCHES_MAX, SUGGESTIONS_MAX};
use crate::lines;
use crate::location::{Location, Segment};
use crate::scan::normalized;

/// Headings that are compared for suggestions.
const COMPARED_MAX: usize = 5_000;

/// A section, or the root, with the bytes that belong to it.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The heading; none for the root.
    pub(crate) heading: Option<usize>,
    /// 0 for the root.
    pub(crate) level: u8,
    pub(crate) start: usize,
    /// Where the lead begins: behind the heading, or behind what is opaque.
    pub(crate) body: usize,
    pub(crate) end: usize,
}

impl Document {
    /// Finds the one section that a location means.
    pub(crate) fn locate(
        &self,
        location: &Location,
        occurrence: Option<usize>,
    ) -> Result<Spot, PatchError> {
        if location.is_root() {
            return match occurrence {
                None => Ok(self.root()),
                Some(_) => Err(PatchError::invalid("the root of the document has no `occurrence`")
                    .hint("leave it out")),
            };
        }
        let hits = self.hits(location);
        match (hits.as_slice(), occurrence) {
            ([only], None | Some(1)) => Ok(self.spot(*only)),
            ([], _) => Err(self.not_found(location)),
            (_, None) => Err(self.ambiguous(location, &hits)),
            (_, Some(number)) => match hits.get(number - 1) {
                Some(hit) => Ok(self.spot(*hit)),
                None => Err(self.too_few(location, number, &hits)),
            },
        }
    }

    pub(crate) fn root(&self) -> Spot {
        let body = self.outline().opaque_end();
        Spot { heading: None, level: 0, start: body, body, end: self.text().len() }
    }

    pub(crate) fn spot(&self, index: usize) -> Spot {
        let heading = self.outline().headings()[index];
        let range = self.outline().section(self.text(), index);
        Spot {
            heading: Some(index),
            level: heading.level(),
            start: range.start,
            body: heading.end(),
            end: range.end,
        }
    }

    /// Returns the headings that fit a location, in the order of the document.
    pub(crate) fn hits(&self, location: &Location) -> Vec<usize> {
        let Some((last, above)) = location.segments().split_last() else { return Vec::new() };
        let headings = self.outline().headings().iter().enumerate();
        let fitting = headings.filter(|(index, heading)| {
            heading.key == last.key && self.fits(*index, last) && self.is_below(*index, above)
        });
        fitting.map(|(index, _)| index).collect()
    }

    fn fits(&self, index: usize, segment: &Segment) -> bool {
        let heading = &self.outline().headings()[index];
        heading.key == segment.key
            && segment.level.is_none_or(|level| level == heading.level())
            && normalized(heading.text(self.text())) == segment.text
    }

    /// Answers whether the headings of a path stand above a heading, in order.
    fn is_below(&self, index: usize, above: &[Segment]) -> bool {
        let mut open = above.iter().rev().peekable();
        for ancestor in self.outline().ancestors(index) {
            match open.peek() {
                Some(segment) if self.fits(ancestor, segment) => {
                    open.next();
                }
                Some(_) => {}
                None => return true,
            }
        }
        open.peek().is_none()
    }

    pub(crate) fn line_of(&self, index: usize) -> usize {
        lines::number(self.text(), self.outline().headings()[index].start())
    }

    /// Returns heading, line and full path, as errors list them.
    pub(crate) fn listed(&self, index: usize) -> Value {
        json!({
            "location": self.outline().headings()[index].title(self.text()),
            "line": self.line_of(index),
            "path": self.outline().path(self.text(), index),
        })
    }

    fn ambiguous(&self, location: &Location, hits: &[usize]) -> PatchError {
        let listed: Vec<Value> = hits
            .iter()
            .take(MATCHES_MAX)
            .enumerate()
            .map(|(at, hit)| {
                let mut item = self.listed(*hit);
                item["occurrence"] = json!(at + 1);
                item["location"] = item["path"].clone();
                item
            })
            .collect();
        let places: Vec<String> = listed
            .iter()
            .map(|item| {
                format!("line {} (`{}`)", item["line"], item["path"].as_str().unwrap_or(""))
            })
            .collect();
        let message = format!("`{location}` fits {} headings: {}", hits.len(), places.join(", "));
        PatchError::new(ErrorKind::AmbiguousLocation, message)
            .at_line(self.line_of(hits[0]))
            .hint("name an ancestor too, as in `# A > ## B`, or give `occurrence`")
            .detail("matches", Value::Array(listed))
            .detail("count", json!(hits.len()))
    }

    fn too_few(&self, location: &Location, number: usize, hits: &[usize]) -> PatchError {
        let listed = hits.iter().take(MATCHES_MAX).map(|hit| self.listed(*hit)).collect();
        let message = format!(
            "`{location}` has no occurrence {number}; {} heading{} it",
            hits.len(),
            if hits.len() == 1 { " fits" } else { "s fit" }
        );
        PatchError::new(ErrorKind::LocationNotFound, message)
            .hint(format!("`occurrence` is from 1 to {}", hits.len()))
            .detail("suggestions", Value::Array(listed))
    }

    pub(crate) fn not_found(&self, location: &Location) -> PatchError {
        let near = self.near(location);
        let message = format!("no heading fits `{location}`");
        let error = PatchError::new(ErrorKind::LocationNotFound, message);
        let titles: Vec<String> = near
            .iter()
            .map(|index| self.outline().headings()[*index].title(self.text()))
            .map(|title| format!("`{title}`"))
            .collect();
        let listed = near.iter().map(|index| self.listed(*index)).collect();
        let error = error.detail("suggestions", Value::Array(listed));
        if titles.is_empty() {
            error.hint(self.way_to_a_heading(location))
        } else {
            error.hint(format!("did you mean {}?", titles.join(" or ")))
        }
    }

    /// Returns what to do about a location to which nothing in the document is near.
    fn way_to_a_heading(&self, location: &Location) -> String {
        let title = location.to_string();
        if location.segments().len() == 1 && title.contains(" > ") {
            return "the headings of a path need their `#`, as in `# A > ## B`".to_owned();
        }
        match self.outline().headings() {
            [] => "the document has no headings; its root is \"\"".to_owned(),
            [first, ..] => {
                let title = first.title(self.text());
                format!("take a heading of the document as it stands, such as `{title}`")
            }
        }
    }

    /// Returns headings that may have been meant, the likeliest first.
    fn near(&self, location: &Location) -> Vec<usize> {
        let Some(wanted) = location.segments().last() else { return Vec::new() };
        let folded = folded(&wanted.text);
        let mut scored: Vec<(usize, usize)> = Vec::new();
        for (index, heading) in self.outline().headings().iter().enumerate().take(COMPARED_MAX) {
            let text = normalized(heading.text(self.text()));
            let other_level =
                usize::from(wanted.level.is_some_and(|level| level != heading.level()));
            let score = if text == wanted.text {
                other_level
            } else if self::folded(&text) == folded {
                2 + other_level
            } else {
                let distance = edits(&self::folded(&text), &folded);
                if distance > edits_max(&folded) {
                    continue;
                }
                4 + 2 * distance + other_level
            };
            scored.push((score, index));
        }
        scored.sort_unstable();
        scored.into_iter().take(SUGGESTIONS_MAX).map(|(_, index)| index).collect()
    }

    /// Returns the first heading inside a range of headings that differs in case, Unicode form or
    /// level alone.
    pub(crate) fn near_equal(
        &self,
        wanted: &Segment,
        headings: std::ops::Range<usize>,
    ) -> Option<usize> {
        let folded = folded(&wanted.text);
        let among = &self.outline().headings()[headings.clone()];
        let found = among.iter().position(|heading| {
            heading.key == wanted.key || self::folded(heading.text(self.text())) == folded
        });
        found.map(|at| headings.start + at)
    }
}

/// Returns a text without the differences that a reader may overlook: case and Unicode form.
fn folded(text: &str) -> String {
    let compatible: String = normalized(text).nfkc().collect();
    normalized(&compatible.to_uppercase().to_lowercase())
}

/// Returns how many slips of the pen a heading may have and still be suggested.
fn edits_max(text: &str) -> usize {
    (text.chars().count() / 4).clamp(1, 4)
}
