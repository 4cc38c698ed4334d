//! What the tests of definitions have in common.

use std::fmt::Write as _;

use crate::{
    Severity,
    definition::{Definition, ReadDefinition, read_text},
    yaml,
};

/// Reads a text that is YAML.
pub(super) fn read(text: &str) -> ReadDefinition {
    read_text(text).unwrap_or_else(|problem| panic!("{problem}\n{text}"))
}

/// Returns problems as people read them, a line each.
pub(super) fn told(read: &ReadDefinition) -> String {
    let mut lines = String::new();
    for problem in &read.problems {
        let place = problem.place;
        let severity = problem.severity.as_str();
        let (code, message) = (problem.code, &problem.message);
        write!(lines, "{}:{} {severity} {code}: {message}", place.line, place.column)
            .unwrap_or_else(|error| panic!("{error}"));
        if let Some(hint) = &problem.hint {
            lines.push_str(&format!(" ({hint})"));
        }
        lines.push('\n');
    }
    lines
}

/// Reads a definition without errors.
pub(super) fn definition(text: &str) -> Definition {
    let read = read(text);
    let errors = read.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert!(!errors, "{}", told(&read));
    read.definition.unwrap_or_else(|| panic!("no definition"))
}

/// Returns a definition without the places of its steps, which differ from text to text.
pub(super) fn placeless(mut definition: Definition) -> Definition {
    for step in &mut definition.steps {
        step.place = crate::Place::UNKNOWN;
    }
    definition
}

/// Returns the canonical YAML of a definition.
pub(super) fn canonical(definition: &Definition) -> String {
    yaml::write(&definition.to_value())
}
