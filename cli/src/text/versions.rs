//! Versions, differences and events as people read them.

use procside::{
    Comparison, Event, History, VersionLine,
    difference::{Difference, StepChange},
};
use serde_json::Value;

use super::plain::{plain, plain_document};

/// The longest value of a field that a difference shows, in characters.
const VALUE_CHARS_MAX: usize = 100;

/// Returns the versions, newest first: number, day, reason, what changed.
pub(crate) fn history(history: &History) -> String {
    if history.versions.is_empty() {
        return format!("{} has no versions.\n", history.process.id);
    }
    let blocks: Vec<String> = history.versions.iter().map(version).collect();
    format!("Version History: {}\n\n{}", plain(&history.process.name), blocks.join("\n"))
}

/// Returns the versions, oldest first, each with everything that changed.
pub(crate) fn evolution(history: &History) -> String {
    let mut lines = format!("Evolution: {}\n", plain(&history.process.name));
    for line in history.versions.iter().rev() {
        lines.push('\n');
        lines.push_str(&version(line));
        if let Some(found) = &line.difference {
            lines.push_str(&difference(found));
        }
    }
    lines
}

/// Returns what lies between two states.
pub(crate) fn comparison(comparison: &Comparison) -> String {
    let to = comparison.to.map_or("now".to_owned(), |to| format!("v{to}"));
    let mut lines = format!(
        "{} v{} → {to}: {}\n{}",
        comparison.process,
        comparison.from,
        comparison.summary(),
        difference(&comparison.difference)
    );
    for found in &comparison.document.sections {
        let sign = match found.change {
            "added" => '+',
            "removed" => '-',
            _ => '~',
        };
        let section = if found.section.is_empty() { "(before the first)" } else { &found.section };
        lines.push_str(&format!("  {sign} section {}\n", plain(section)));
    }
    lines.push_str(&plain_document(&comparison.document.lines));
    lines
}

/// Returns an event as a line: number, instant, who, what.
pub(crate) fn event(event: &Event) -> String {
    let value = event.to_value();
    let kind = value["type"].as_str().unwrap_or_default();
    let step = event.fact.step().map(|step| format!(" {step}")).unwrap_or_default();
    let rest = ["reason", "source", "holder"]
        .iter()
        .find_map(|key| value[*key].as_str())
        .map(|text| format!(" ({})", plain(text)));
    format!(
        "{:>5}  {}  {}{step}{}  by {}\n",
        event.seq,
        event.at,
        kind,
        rest.unwrap_or_default(),
        plain(&event.by)
    )
}

fn version(line: &VersionLine) -> String {
    let current = if line.is_current { " (current)" } else { "" };
    format!(
        "v{}{current} - {}\nReason: {}\nChanges: {}\n",
        line.version.number,
        line.version.snapshot_at.day(),
        plain(&line.version.reason),
        line.changes
    )
}

fn difference(difference: &Difference) -> String {
    let mut lines = String::new();
    for change in &difference.fields {
        lines.push_str(&format!(
            "  ~ {}: {} → {}\n",
            plain(&change.field),
            value(change.from.as_ref()),
            value(change.to.as_ref())
        ));
    }
    for change in &difference.steps {
        let line = match change {
            StepChange::Added { step, .. } => format!("+ {} {}", step.id, plain(&step.name)),
            StepChange::Removed { step, .. } => format!("- {} {}", step.id, plain(&step.name)),
            StepChange::Moved { id, from, to } => {
                format!("~ {id} moved: {} → {}", from + 1, to + 1)
            }
            StepChange::Renamed { id, from, to } => {
                format!("~ {id} renamed: {} → {}", plain(from), plain(to))
            }
            StepChange::Status { id, change, .. } | StepChange::Changed { id, change } => format!(
                "~ {id} {}: {} → {}",
                plain(&change.field),
                value(change.from.as_ref()),
                value(change.to.as_ref())
            ),
        };
        lines.push_str(&format!("  {line}\n"));
    }
    lines
}

fn value(value: Option<&Value>) -> String {
    let text = match value {
        None => return "(none)".to_owned(),
        Some(Value::String(text)) => plain(text),
        Some(Value::Array(items)) => return format!("{} items", items.len()),
        Some(other) => plain(&other.to_string()),
    };
    if text.chars().count() > VALUE_CHARS_MAX {
        let cut: String = text.chars().take(VALUE_CHARS_MAX).collect();
        format!("{cut}…")
    } else {
        text
    }
}
