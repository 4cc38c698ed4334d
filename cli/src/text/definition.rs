//! What is wrong with definitions, as people read it.

use procside::{
    Diagnostic, FoundTemplate, Rewriting, Severity, Validation, definition::Definition,
};

use super::plain::plain;

/// Returns every problem of a file with its line, and how many there are.
pub(crate) fn problems_of(validation: &Validation) -> String {
    let mut lines = validation.rendered();
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines.push_str(&format!("{}: {}\n", plain(&validation.file), counted(&validation.problems)));
    lines
}

/// Returns the spellings that were rewritten, one a line.
pub(crate) fn rewriting(rewriting: &Rewriting) -> String {
    let file = plain(&rewriting.validation.file);
    if rewriting.fixed.is_empty() {
        return String::new();
    }
    let word = if rewriting.is_written { "rewrote" } else { "would rewrite" };
    let count = number(rewriting.fixed.len(), "spelling", "spellings");
    let mut lines = format!("{file}: {word} {count}\n");
    for problem in &rewriting.fixed {
        let hint = problem.hint.as_deref().map(|hint| format!(" ({})", plain(hint)));
        lines.push_str(&format!(
            "  line {}: {}{}\n",
            problem.place.line,
            plain(&problem.message),
            hint.unwrap_or_default()
        ));
    }
    lines
}

/// Returns the steps of a template that is a definition, each with its type and what it waits for,
/// and the problems that it has.
pub(super) fn steps_of(found: &FoundTemplate) -> Option<String> {
    let validation = found.definition.as_ref()?;
    let mut lines = validation.definition.as_deref().map(steps).unwrap_or_default();
    if !validation.problems.is_empty() {
        lines.push('\n');
        lines.push_str(&problems_of(validation));
    }
    Some(lines)
}

fn steps(definition: &Definition) -> String {
    let line = |step: &procside::definition::StepDefinition| {
        let name = step.name.as_deref().map(|name| format!(" {}", plain(name)));
        let after: Vec<&str> = step.depends_on.iter().map(|id| id.as_str()).collect();
        let after =
            if after.is_empty() { String::new() } else { format!(", after {}", after.join(", ")) };
        format!("  {}{}  {}{after}\n", step.id, name.unwrap_or_default(), step.kind.type_name())
    };
    definition.steps.iter().map(line).collect()
}

/// Returns how many problems of each severity there are.
fn counted(problems: &[Diagnostic]) -> String {
    let count = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let counts = [
        (count(Severity::Error), "error", "errors"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Dialect), "dialect spelling", "dialect spellings"),
        (count(Severity::Info), "remark", "remarks"),
    ];
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, one, many)| number(count, one, many)).collect();
    if counts.is_empty() { "no problems".to_owned() } else { counts.join(", ") }
}

fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
