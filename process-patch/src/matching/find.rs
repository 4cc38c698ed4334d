//! Finds the one place that a text means.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::canonical::Canonical;
use super::{exact, similar};
use crate::patch::Relaxation;

/// Bytes of a section that is searched in a relaxed way, letter by letter; longer ones exactly.
const RELAXED_BYTES_MAX: usize = 1024 * 1024;

/// Where a text stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Match {
    /// The bytes of the section; of whole lines with trailing blanks.
    pub(crate) range: Range<usize>,
    /// Whether it begins and ends where lines do.
    pub(crate) is_whole: bool,
    /// How far it had to be relaxed.
    pub(crate) relaxation: Relaxation,
}

/// What a search comes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// More than one place, with the first of them.
    Many(Vec<Range<usize>>),
    None,
    One(Match),
}

/// Looks for a text in a section: whole lines before parts of lines, exact before relaxed.
pub(crate) fn find(section: &str, wanted: &str, relaxation: Relaxation) -> Found {
    let relaxation = if section.len() > RELAXED_BYTES_MAX { Relaxation::Exact } else { relaxation };
    let levels = [Relaxation::Exact, Relaxation::Blanks, Relaxation::Signs];
    for level in levels.into_iter().filter(|level| *level <= relaxation) {
        let found = find_at(section, wanted, level);
        if found != Found::None {
            return found;
        }
    }
    if relaxation == Relaxation::Likeness { similar::find(section, wanted) } else { Found::None }
}

fn find_at(section: &str, wanted: &str, relaxation: Relaxation) -> Found {
    let text = Canonical::new(section, relaxation);
    let wanted = Canonical::new(wanted, relaxation).text;
    if wanted.is_empty() {
        return Found::None;
    }
    let whole = exact::whole_lines(&text.text, &wanted);
    let is_whole = !whole.is_empty();
    let ranges = if is_whole { whole } else { exact::anywhere(&text.text, &wanted) };
    let mut places: Vec<Range<usize>> = ranges
        .iter()
        .filter_map(|range| text.source(range))
        .filter(|place| !section[place.end..].starts_with(is_combining_mark))
        .collect();
    if is_whole && relaxation != Relaxation::Exact {
        for place in &mut places {
            place.end = with_trailing_blanks(section, place.clone());
        }
    }
    match places.as_slice() {
        [] => Found::None,
        [only] => Found::One(Match { range: only.clone(), is_whole, relaxation }),
        _ => Found::Many(places),
    }
}

/// Returns the end of a match of whole lines, behind blanks that were not compared.
pub(super) fn with_trailing_blanks(section: &str, place: Range<usize>) -> usize {
    if section[..place.end].ends_with(['\n', '\r']) {
        return place.end;
    }
    let rest = &section[place.end..];
    place.end + rest.find(['\n', '\r']).unwrap_or(rest.len())
}
