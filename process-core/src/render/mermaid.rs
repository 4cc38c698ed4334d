//! A process as a Mermaid flowchart.

use crate::{model::Process, status::StepStatus};

/// The longest label of a box, in characters; longer names are cut.
const LABEL_CHARS_MAX: usize = 120;

/// Returns the process as a Mermaid flowchart, one box a step, coloured by status.
#[must_use]
pub fn mermaid(process: &Process) -> String {
    let mut out = String::from("flowchart TD\n");
    out.push_str(&format!("  subgraph process[\"{}\"]\n    direction TB\n", label(&process.name)));
    if process.steps.is_empty() {
        out.push_str("    empty[\"No steps yet\"]\n");
    }
    for (index, step) in process.steps.iter().enumerate() {
        let number = index + 1;
        out.push_str(&format!(
            "    step{number}[\"{number}. {}\"]:::{}\n",
            label(&step.name),
            class(step.status)
        ));
    }
    for number in 1..process.steps.len() {
        out.push_str(&format!("    step{number} --> step{}\n", number + 1));
    }
    out.push_str("  end\n");
    for (class, colours) in [
        ("pending", "fill:#f4f4f5,stroke:#71717a,color:#3f3f46"),
        ("active", "fill:#fef3c7,stroke:#d97706,color:#78350f"),
        ("completed", "fill:#dcfce7,stroke:#16a34a,color:#14532d"),
        ("skipped", "fill:#e0e7ff,stroke:#6366f1,color:#312e81"),
        ("failed", "fill:#fee2e2,stroke:#dc2626,color:#7f1d1d"),
    ] {
        out.push_str(&format!("  classDef {class} {colours}\n"));
    }
    out
}

fn class(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Pending => "pending",
        StepStatus::InProgress | StepStatus::Waiting => "active",
        StepStatus::Completed => "completed",
        StepStatus::Skipped | StepStatus::Cancelled | StepStatus::Compensated => "skipped",
        StepStatus::Failed => "failed",
    }
}

/// Returns a text as a label: one line, every character that Mermaid reads as syntax written as its code.
fn label(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "");
    let mut label = String::new();
    for c in words.chars().take(LABEL_CHARS_MAX) {
        match c {
            '"' | '#' | '<' | '>' | '&' | ';' | '`' | '[' | ']' | '{' | '}' | '|' | '\\' => {
                label.push_str(&format!("#{};", u32::from(c)));
            }
            _ => label.push(c),
        }
    }
    if words.chars().count() > LABEL_CHARS_MAX {
        label.push('…');
    }
    label
}
