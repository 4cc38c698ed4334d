//! Saying a difference in a few words.

use serde_json::Value;

use super::{Difference, FieldChange, StepChange};
use crate::id::StepId;

impl Difference {
    /// Returns the difference in a few words, such as `+1 step, 2 steps completed`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        self.summarise_steps(&mut parts);
        // What becomes of the process follows from its steps and is said only where they are silent.
        let follows = |field: &str| field == "status" && !self.steps.is_empty();
        for change in self.fields.iter().filter(|change| !follows(&change.field)) {
            summarise_field(change, &mut parts);
        }
        if parts.is_empty() { "No changes".to_owned() } else { parts.join(", ") }
    }

    fn summarise_steps(&self, parts: &mut Vec<String>) {
        let count = |fits: &dyn Fn(&StepChange) -> bool| {
            self.steps.iter().filter(|change| fits(change)).count()
        };
        for (sign, added) in [("+", true), ("-", false)] {
            let changed = count(&|change| match change {
                StepChange::Added { .. } => added,
                StepChange::Removed { .. } => !added,
                _ => false,
            });
            if changed > 0 {
                parts.push(format!("{sign}{}", plural(changed, "step")));
            }
        }
        for (status, verb) in [
            ("completed", "completed"),
            ("skipped", "skipped"),
            ("failed", "failed"),
            ("cancelled", "cancelled"),
            ("compensated", "compensated"),
            ("pending", "reset"),
            // Being worked on is worth a word only where nothing came of it yet.
            ("in_progress", "started"),
            ("waiting", "waiting"),
        ] {
            let changed = count(&|change| {
                matches!(change, StepChange::Status { change, .. }
                    if change.to == Some(Value::from(status)))
            });
            let is_said = !matches!(verb, "started" | "waiting") || parts.is_empty();
            if changed > 0 && is_said {
                parts.push(format!("{} {verb}", plural(changed, "step")));
            }
        }
        let renamed = count(&|change| matches!(change, StepChange::Renamed { .. }));
        let moved = count(&|change| matches!(change, StepChange::Moved { .. }));
        for (changed, verb) in [(renamed, "renamed"), (moved, "moved"), (self.edited(), "changed")]
        {
            if changed > 0 {
                parts.push(format!("{} {verb}", plural(changed, "step")));
            }
        }
    }

    /// Counts the steps with changes that no other word of the summary tells.
    fn edited(&self) -> usize {
        // A change of status brings its own instants, claim and outputs along.
        let has_new_status = |id: &StepId| {
            self.steps
                .iter()
                .any(|change| matches!(change, StepChange::Status { id: other, .. } if other == id))
        };
        let follows = |id: &StepId, field: &str| {
            matches!(field, "startedAt" | "completedAt" | "claim")
                || (field == "outputs" && has_new_status(id))
        };
        let mut ids: Vec<_> = self
            .steps
            .iter()
            .filter_map(|change| match change {
                StepChange::Changed { id, change } if !follows(id, &change.field) => Some(id),
                _ => None,
            })
            .collect();
        ids.dedup();
        ids.len()
    }
}

fn summarise_field(change: &FieldChange, parts: &mut Vec<String>) {
    let length =
        |value: &Option<Value>| value.as_ref().and_then(Value::as_array).map_or(0, Vec::len);
    let (before, after) = (length(&change.from), length(&change.to));
    let part = match change.field.as_str() {
        "decisions" => listed(before, after, "decision"),
        "risks" => listed(before, after, "risk"),
        "evidence" => listed(before, after, "evidence"),
        "archivedAt" if change.to.is_some() => "archived".to_owned(),
        "archivedAt" => "taken back from the archive".to_owned(),
        field => format!("{field} changed"),
    };
    parts.push(part);
}

fn listed(before: usize, after: usize, what: &str) -> String {
    let many = |count| {
        if what == "evidence" { format!("{count} evidence") } else { plural(count, what) }
    };
    match after.checked_sub(before) {
        Some(0) => format!("{what} changed"),
        Some(more) => format!("+{}", many(more)),
        None => format!("-{}", many(before - after)),
    }
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
