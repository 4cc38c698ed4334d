//! The lines that are nearest to a text that was not found.

use crate::likeness::{pairs, shared};
use crate::lines;

/// Lines that are looked at.
const LINES_MAX: usize = 20_000;
/// Lines that are told.
const CLOSEST_MAX: usize = 3;
/// How much a line must have in common with the text.
const SHARED_MIN: f64 = 0.4;

/// Returns the closest lines of a section, the nearest first: number from 0, and text.
pub(crate) fn closest_lines<'a>(section: &'a str, wanted: &str) -> Vec<(usize, &'a str)> {
    let parts: Vec<Vec<u16>> = lines::of(wanted)
        .map(|(_, line)| line.trim())
        .filter(|line| !line.is_empty())
        .take(CLOSEST_MAX)
        .map(pairs)
        .collect();
    let mut scored: Vec<(f64, usize, &str)> = Vec::new();
    for (number, (_, line)) in lines::of(section).enumerate().take(LINES_MAX) {
        let own = pairs(line.trim());
        let best = parts.iter().map(|part| shared(part, &own)).fold(0.0, f64::max);
        if best >= SHARED_MIN {
            scored.push((best, number, line));
        }
    }
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    scored.into_iter().take(CLOSEST_MAX).map(|(_, number, line)| (number, line)).collect()
}
