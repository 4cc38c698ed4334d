//! A process as a Markdown guide that can be followed offline.

use crate::{
    model::{Process, Step},
    progress::{Progress, missing},
    status::StepStatus,
};

/// Returns the process as a Markdown guide: goal, steps with inputs, outputs and checks to tick
/// off, decisions, risks, evidence, and what is missing.
#[must_use]
pub fn markdown(process: &Process) -> String {
    let mut out = String::new();
    let progress = Progress::of(process);
    out.push_str(&format!("# {}\n\n", line(&process.name)));
    if !process.goal.is_empty() {
        out.push_str(&format!("> **Goal:** {}\n", line(&process.goal)));
    }
    out.push_str(&format!("> **Status:** {}\n", process.status));
    out.push_str(&format!(
        "> **Progress:** {} of {} steps ({} %)\n",
        progress.completed,
        progress.total,
        progress.percent()
    ));
    out.push_str(&format!("> **ID:** `{}`\n", process.id));
    if let Some(template) = &process.template {
        out.push_str(&format!("> **Template:** `{}`\n", line(template)));
    }
    if !process.tags.is_empty() {
        out.push_str(&format!("> **Tags:** {}\n", line(&process.tags.join(", "))));
    }
    out.push_str("\n## Steps\n\n");
    if process.steps.is_empty() {
        out.push_str("No steps yet.\n\n");
    }
    for (index, step) in process.steps.iter().enumerate() {
        write_step(&mut out, index + 1, step);
    }
    write_records(&mut out, process);
    let missing = missing(process);
    if !missing.is_empty() {
        out.push_str("## What is missing\n\n");
        for item in missing {
            out.push_str(&format!("- [ ] {}\n", line(&item)));
        }
        out.push('\n');
    }
    out.push_str(&format!("---\n_Last updated: {}_\n", process.updated_at));
    out
}

fn write_step(out: &mut String, number: usize, step: &Step) {
    let ticked = if step.status.has_ended() { "x" } else { " " };
    out.push_str(&format!("### {number}. {}\n\n", line(&step.name)));
    out.push_str(&format!("- [{ticked}] **{}** (`{}`)", step.status, step.id));
    if let Some(at) = step.completed_at.as_ref().or(step.started_at.as_ref()) {
        out.push_str(&format!(", {}", at.minute()));
    }
    out.push('\n');
    if let Some(description) = &step.description {
        let text = description.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "");
        out.push_str(&format!("\n{}\n", text.trim()));
    }
    for (title, items) in [("Inputs", &step.inputs), ("Outputs", &step.outputs)] {
        if !items.is_empty() {
            out.push_str(&format!("\n**{title}:**\n\n"));
            for item in items {
                out.push_str(&format!("- {}\n", item_text(item)));
            }
        }
    }
    if !step.checks.is_empty() {
        let ticked = if step.status == StepStatus::Completed { "x" } else { " " };
        out.push_str("\n**Checks:**\n\n");
        for check in &step.checks {
            out.push_str(&format!("- [{ticked}] {}\n", line(check)));
        }
    }
    out.push('\n');
}

fn write_records(out: &mut String, process: &Process) {
    if !process.decisions.is_empty() {
        out.push_str("## Decisions\n\n");
        for decision in &process.decisions {
            out.push_str(&format!("### {}\n\n", line(&decision.question)));
            out.push_str(&format!("**Choice:** {}\n", line(&decision.choice)));
            if !decision.options.is_empty() {
                out.push_str(&format!("\n**Options:** {}\n", line(&decision.options.join(", "))));
            }
            if !decision.rationale.is_empty() {
                out.push_str(&format!("\n**Rationale:** {}\n", line(&decision.rationale)));
            }
            out.push('\n');
        }
    }
    if !process.risks.is_empty() {
        out.push_str("## Risks\n\n| Risk | Impact | Mitigation | Status |\n|---|---|---|---|\n");
        for risk in &process.risks {
            out.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                cell(&risk.risk),
                cell(&risk.impact),
                cell(&risk.mitigation),
                cell(&risk.status)
            ));
        }
        out.push('\n');
    }
    if !process.evidence.is_empty() {
        out.push_str("## Evidence\n\n");
        for evidence in &process.evidence {
            out.push_str(&format!("- **{}** {}", line(&evidence.kind), line(&evidence.value)));
            if let Some(step) = &evidence.step_id {
                out.push_str(&format!(" (step `{}`)", line(step)));
            }
            if let Some(at) = &evidence.timestamp {
                out.push_str(&format!(", {}", at.minute()));
            }
            out.push('\n');
        }
        out.push('\n');
    }
}

/// Returns a text as one line: what a name holds must not become structure of the document.
///
/// What would begin an HTML tag or comment is written as `&lt;`, control characters are left out,
/// other signs stay as they are.
fn line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "");
    let mut line = String::new();
    let mut rest = words.chars().peekable();
    while let Some(c) = rest.next() {
        let begins_tag =
            |next: &char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
        if c == '<' && rest.peek().is_some_and(begins_tag) {
            line.push_str("&lt;");
        } else {
            line.push(c);
        }
    }
    line
}

/// Returns a text as one line that begins a list item, where more than tags would be structure.
fn item_text(text: &str) -> String {
    let line = line(text);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &line[..digits], &line[digits..]),
        Some('#' | '>' | '-' | '+' | '*' | '[' | '|' | '~' | '=' | '_') if digits == 0 => {
            format!("\\{line}")
        }
        Some('`') if line.starts_with("```") => format!("\\{line}"),
        _ => line,
    }
}

fn cell(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('|', "\\|")
}
