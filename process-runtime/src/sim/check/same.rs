//! Where two states differ, for people.

use process_engine::Execution;

/// How much of a line is shown.
const SHOWN_MAX: usize = 200;

/// Returns the first line in which two states differ.
pub(in crate::sim) fn difference(one: &Execution, other: &Execution) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let differ = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    let (one, other) = differ.unwrap_or(("one is longer", "than the other"));
    let short = |line: &str| line.trim().chars().take(SHOWN_MAX).collect::<String>();
    format!("`{}` and not `{}`", short(one), short(other))
}
