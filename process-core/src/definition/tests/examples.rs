//! The examples of the project.

use super::{canonical, definition, placeless, read, told};
use crate::Severity;

/// The examples in canonical form.
const CANONICAL: [(&str, &str); 4] = [
    ("fact-check", include_str!("../../../../examples/fact-check.yaml")),
    ("market-open", include_str!("../../../../examples/market-open.yaml")),
    ("quality-flow", include_str!("../../../../examples/quality-flow.yaml")),
    ("reviewed-report", include_str!("../../../../examples/reviewed-report.yaml")),
];

/// The example that is full of other spellings.
pub(super) const DIALECT: &str = include_str!("../../../../examples/dialect.yaml");

#[test]
fn a_canonical_example_has_neither_errors_nor_other_spellings() {
    for (name, text) in CANONICAL {
        let read = read(text);
        let bad = |problem: &crate::Diagnostic| problem.severity < Severity::Info;
        assert!(!read.problems.iter().any(bad), "{name}\n{}", told(&read));
    }
}

#[test]
fn an_example_means_the_same_when_it_is_written_in_canonical_form() {
    for (_, text) in CANONICAL.into_iter().chain([("dialect", DIALECT)]) {
        let once = definition(text);
        assert_eq!(placeless(definition(&canonical(&once))), placeless(once));
    }
}
