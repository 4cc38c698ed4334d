//! Prints a path as it is written in an expression.

use std::fmt;

use super::{Read, Root, StepField};

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Input => f.write_str("input")?,
            Root::Item => f.write_str("item")?,
            Root::ItemIndex => f.write_str("item_index")?,
            Root::Now => f.write_str("now")?,
            Root::Process => f.write_str("process")?,
            Root::Trigger => f.write_str("trigger")?,
            Root::Step(id, field) => {
                if id.as_str().contains('.') {
                    write!(f, "steps['{id}']")?;
                } else {
                    write!(f, "steps.{id}")?;
                }
                if *field != StepField::All {
                    write!(f, ".{}", field_name(*field))?;
                }
            }
        }
        self.path.iter().try_for_each(|key| {
            let first = key.chars().next();
            let is_word = key.chars().all(|c| c.is_alphanumeric() || c == '_');
            if key.parse::<i64>().is_ok() {
                write!(f, "[{key}]")
            } else if is_word && first.is_some_and(|c| !c.is_ascii_digit()) {
                write!(f, ".{key}")
            } else {
                write!(f, "['{}']", key.replace('\\', "\\\\").replace('\'', "\\'"))
            }
        })
    }
}

fn field_name(field: StepField) -> &'static str {
    match field {
        StepField::All => "",
        StepField::Attempts => "attempts",
        StepField::Comment => "comment",
        StepField::CompletedAt => "completed_at",
        StepField::Cost => "cost",
        StepField::DecidedAt => "decided_at",
        StepField::DecidedBy => "decided_by",
        StepField::Decision => "decision",
        StepField::Duration => "duration",
        StepField::Error => "error",
        StepField::Output => "output",
        StepField::SkipReason => "skip_reason",
        StepField::StartedAt => "started_at",
        StepField::Status => "status",
    }
}
