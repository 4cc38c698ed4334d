//! YAML text to nodes.

use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::build;
use crate::yaml::canonical;
use crate::yaml::limits::check_length;
use crate::yaml::node::Node;

/// Reads one YAML document.
///
/// The core schema of YAML 1.2 applies: `yes`, `no`, `on`, `off` and timestamps are text, an empty
/// document is `Null`, keys are text as it was written (`1: x` has the key `1`).
/// An integer that fits neither `i64` nor `u64`, and a float out of the range of a double, is text,
/// so that no digit is lost; leading zeros and digits beyond the precision of a double are not kept.
/// Anchors and aliases are resolved; the tags of the core schema are obeyed.
///
/// # Errors
///
/// Returns the first problem.
/// Its code is `yaml` for text that is no YAML, else `conflict_markers`, `duplicate_key`,
/// `key_not_text`, `merge_key`, `number` (infinite or not a number), `several_documents`, `tag`,
/// or the name of a limit: `too_large`, `too_deep`, `too_many_values`, `aliases`.
pub fn read(text: &str) -> Result<Node, Diagnostic> {
    check(text)?;
    canonical::parse(text).map_or_else(|| build::parse(text), Ok)
}

/// Refuses a text that is not worth parsing.
pub(super) fn check(text: &str) -> Result<(), Diagnostic> {
    check_length(text)?;
    let Some(place) = conflict_marker(text) else {
        return Ok(());
    };
    Err(Diagnostic::error("conflict_markers", place, "an unresolved merge conflict").with_hint(
        "choose one of the two sides and remove the lines with <<<<<<<, ======= and >>>>>>>",
    ))
}

/// Finds the first conflict marker that a version control system left behind.
///
/// Such a line starts with `<<<<<<<` or `>>>>>>>`, followed by a blank or the end of the line.
pub fn conflict_marker(text: &str) -> Option<Place> {
    let at_line_start = |at: usize| at == 0 || text.as_bytes()[at - 1] == b'\n';
    let ends = |at: usize| {
        text.as_bytes().get(at + 7).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    };
    let first = |marker: &str| {
        text.match_indices(marker).map(|(at, _)| at).find(|at| at_line_start(*at) && ends(*at))
    };
    let at = match (first("<<<<<<<"), first(">>>>>>>")) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    Some(Place::new(u32::try_from(line).unwrap_or(u32::MAX), 1))
}
