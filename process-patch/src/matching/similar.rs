//! Finds the lines that are most like a text, when nothing else is near.

use std::ops::Range;

use super::canonical::Canonical;
use super::find::{Found, Match, with_trailing_blanks};
use crate::likeness::{edits_between, ratio};
use crate::patch::Relaxation;

/// How like the lines must be.
const LIKENESS_MIN: f64 = 0.9;
/// How much less like everything else must be.
const GAP_MIN: f64 = 0.05;
/// Characters of a text that is looked for in this way: comparing grows with their square.
const CHARS_MAX: usize = 4_000;
/// Pairs of characters that are compared in all; then the text counts as not found.
const PAIRS_MAX: usize = 400_000_000;

pub(super) fn find(section: &str, wanted: &str) -> Found {
    let text = Canonical::new(section, Relaxation::Likeness);
    let wanted = Canonical::new(wanted, Relaxation::Likeness).text;
    let takes_end = wanted.ends_with('\n');
    let core: Vec<char> = wanted.trim_matches('\n').chars().collect();
    if core.is_empty() || core.len() > CHARS_MAX {
        return Found::None;
    }
    let count = core.iter().filter(|letter| **letter == '\n').count() + 1;
    let Some(scored) = scores(&text.text, &core, count) else { return Found::None };
    let fits: Vec<&(f64, Range<usize>)> =
        scored.iter().filter(|(likeness, _)| *likeness >= LIKENESS_MIN).collect();
    let Some((best, place)) = fits.iter().copied().max_by(|left, right| left.0.total_cmp(&right.0))
    else {
        return Found::None;
    };
    let near: Vec<Range<usize>> = scored
        .iter()
        .filter(|(likeness, _)| *likeness > best - GAP_MIN)
        .filter_map(|(_, range)| text.source(range))
        .collect();
    let Some(mut range) = text.source(place) else { return Found::None };
    if near.len() > 1 {
        return Found::Many(near);
    }
    range.end = with_trailing_blanks(section, range.clone());
    if takes_end {
        let rest = &section[range.end..];
        range.end += if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
    }
    Found::One(Match { range, is_whole: true, relaxation: Relaxation::Likeness })
}

/// Returns how like each run of so many lines is, if it may be like enough to count.
fn scores(text: &str, core: &[char], count: usize) -> Option<Vec<(f64, Range<usize>)>> {
    let least = LIKENESS_MIN - GAP_MIN;
    let mut scored = Vec::new();
    let mut pairs = 0;
    let lines: Vec<Range<usize>> = line_ranges(text);
    for window in lines.windows(count) {
        let (Some(first), Some(last)) = (window.first(), window.last()) else { continue };
        let range = first.start..last.end;
        let letters: Vec<char> = text[range.clone()].chars().collect();
        let longer = letters.len().max(core.len());
        if ratio(letters.len().min(core.len()), longer) < least || !may_fit(&letters, core, least) {
            continue;
        }
        pairs += letters.len() * core.len();
        if pairs > PAIRS_MAX {
            return None;
        }
        let likeness = 1.0 - ratio(edits_between(&letters, core), longer);
        if likeness >= least {
            scored.push((likeness, range));
        }
    }
    Some(scored)
}

/// Answers, cheaply, whether two texts have letters enough in common.
fn may_fit(left: &[char], right: &[char], least: f64) -> bool {
    let mut counts = [0_i32; 64];
    for letter in left {
        counts[*letter as usize % 64] += 1;
    }
    for letter in right {
        counts[*letter as usize % 64] -= 1;
    }
    let surplus: u32 =
        counts.iter().filter(|count| **count > 0).map(|count| count.unsigned_abs()).sum();
    let longer = left.len().max(right.len());
    1.0 - ratio(surplus as usize, longer) >= least
}

fn line_ranges(text: &str) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut ranges = Vec::new();
    for line in text.split('\n') {
        ranges.push(from..from + line.len());
        from += line.len() + 1;
    }
    ranges
}
