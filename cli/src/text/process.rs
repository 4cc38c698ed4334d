//! Processes and steps as people read them.

use anstyle::{AnsiColor, Style};
use procside::{Listing, Process, ProcessStatus, Status, Step, StepStatus};

use super::{
    plain::{fitted, plain},
    run::{run_details, waiting},
};

/// The width of the progress bar, in characters.
const BAR_WIDTH: usize = 20;

/// The widest a name stands in a list before it is cut, in characters.
const NAME_WIDTH_MAX: usize = 48;

/// Returns a list of processes, one a line: `* ` or two blanks, id, name, status, progress.
pub(crate) fn listing(listing: &Listing) -> String {
    let width = |of: &dyn Fn(&procside::registry::ProcessEntry) -> usize| {
        listing.processes.iter().map(of).max().unwrap_or(0)
    };
    let ids = width(&|entry| entry.id.to_string().len());
    let names = width(&|entry| entry.name.chars().count()).min(NAME_WIDTH_MAX);
    let statuses = width(&|entry| entry.status.as_str().len());
    let mut lines = String::new();
    for entry in &listing.processes {
        let mark = if listing.active == Some(entry.id) { "* " } else { "  " };
        let style = process_style(entry.status);
        let archived = if entry.archived { "  (archived)" } else { "" };
        lines.push_str(&format!(
            "{mark}{:ids$}  {}  {style}{:statuses$}{style:#}  {}%{archived}\n",
            entry.id.to_string(),
            fitted(&entry.name, names),
            entry.status,
            entry.progress,
        ));
    }
    lines
}

/// Returns how far a process is, what is next, and what waits for whom.
pub(crate) fn status(status: &Status, identity: &str) -> String {
    let process = &status.process;
    let mut lines = head(status);
    for step in &process.steps {
        lines.push_str(&step_line(step));
    }
    let held = process.steps.iter().filter_map(|step| Some((step, step.claim.as_ref()?)));
    for (step, claim) in held {
        let whose = if claim.by == identity { "you".to_owned() } else { plain(&claim.by) };
        lines.push_str(&format!("Held: {} by {whose} until {}\n", step.id, claim.until));
    }
    lines.push_str(&status.run.as_ref().map(waiting).unwrap_or_default());
    let next = status.ready.first();
    match next.and_then(|next| Some((next, process.step(&next.step)?))) {
        Some((next, step)) => lines.push_str(&format!("Next: {next} {}\n", plain(&step.name))),
        None if process.status == ProcessStatus::Completed => {
            lines.push_str("Next: nothing, it is done\n")
        }
        None => lines.push_str("Next: nothing to take\n"),
    }
    lines
}

/// Returns a process whole.
pub(crate) fn process(status: &Status) -> String {
    let process = &status.process;
    let mut lines = head(status);
    if !process.steps.is_empty() {
        lines.push_str("\nSteps\n");
    }
    for one in &process.steps {
        lines.push_str(&step(one));
    }
    lines.push_str(&status.run.as_ref().map(run_details).unwrap_or_default());
    records(process, &mut lines);
    if !status.missing.is_empty() {
        lines.push_str("\nMissing\n");
        for item in &status.missing {
            lines.push_str(&format!("  - {}\n", plain(item)));
        }
    }
    lines
}

/// Returns a step with what it takes and gives.
pub(crate) fn step(step: &Step) -> String {
    let mut lines = step_line(step);
    if let Some(description) = &step.description {
        lines.push_str(&format!("       {}\n", plain(description)));
    }
    for (title, items) in
        [("Inputs", &step.inputs), ("Outputs", &step.outputs), ("Checks", &step.checks)]
    {
        if !items.is_empty() {
            lines.push_str(&format!("       {title}: {}\n", plain(&items.join(", "))));
        }
    }
    lines
}

fn head(status: &Status) -> String {
    let process = &status.process;
    let bold = Style::new().bold();
    let style = process_style(process.status);
    let active = if status.active == Some(process.id) { " (active)" } else { "" };
    let mut lines = format!("{bold}{} {}{bold:#}{active}\n", process.id, plain(&process.name));
    if !process.goal.is_empty() {
        lines.push_str(&format!("Goal: {}\n", plain(&process.goal)));
    }
    lines.push_str(&format!("Status: {style}{}{style:#}\n", process.status));
    if let Some(template) = &process.template {
        lines.push_str(&format!("Template: {}\n", plain(template)));
    }
    if !process.tags.is_empty() {
        lines.push_str(&format!("Tags: {}\n", plain(&process.tags.join(", "))));
    }
    if let Some(at) = &process.archived_at {
        lines.push_str(&format!("Archived: {}\n", at.minute()));
    }
    let progress = status.progress;
    lines.push_str(&format!(
        "Progress: {} {}/{} steps ({}%)\n",
        progress.bar(BAR_WIDTH),
        progress.completed,
        progress.total,
        progress.percent()
    ));
    lines
}

fn step_line(step: &Step) -> String {
    let (mark, style) = step_mark(step.status);
    format!(
        "  {style}{mark}{style:#} {}  {} {style}{}{style:#}\n",
        step.id,
        plain(&step.name),
        step.status
    )
}

fn records(process: &Process, lines: &mut String) {
    if !process.decisions.is_empty() {
        lines.push_str("\nDecisions\n");
    }
    for decision in &process.decisions {
        lines.push_str(&format!(
            "  {} {} → {}\n",
            plain(&decision.id),
            plain(&decision.question),
            plain(&decision.choice)
        ));
        if !decision.rationale.is_empty() {
            lines.push_str(&format!("       {}\n", plain(&decision.rationale)));
        }
    }
    if !process.risks.is_empty() {
        lines.push_str("\nRisks\n");
    }
    for risk in &process.risks {
        lines.push_str(&format!(
            "  {} {} ({}, {})\n",
            plain(&risk.id),
            plain(&risk.risk),
            plain(&risk.impact),
            plain(&risk.status)
        ));
        if !risk.mitigation.is_empty() {
            lines.push_str(&format!("       Mitigation: {}\n", plain(&risk.mitigation)));
        }
    }
    if !process.evidence.is_empty() {
        lines.push_str("\nEvidence\n");
    }
    for evidence in &process.evidence {
        let step = evidence.step_id.as_ref().map(|id| format!(" ({})", plain(id)));
        lines.push_str(&format!(
            "  [{}] {}{}\n",
            plain(&evidence.kind),
            plain(&evidence.value),
            step.unwrap_or_default()
        ));
    }
}

pub(super) fn process_style(status: ProcessStatus) -> Style {
    let color = match status {
        ProcessStatus::Planned => return Style::new(),
        ProcessStatus::InProgress => AnsiColor::Yellow,
        ProcessStatus::Waiting | ProcessStatus::Paused | ProcessStatus::Blocked => AnsiColor::Cyan,
        ProcessStatus::Completed => AnsiColor::Green,
        ProcessStatus::Failed | ProcessStatus::Cancelled => AnsiColor::Red,
    };
    color.on_default()
}

pub(super) fn step_mark(status: StepStatus) -> (char, Style) {
    match status {
        StepStatus::Pending => ('○', Style::new()),
        StepStatus::InProgress => ('◐', AnsiColor::Yellow.on_default()),
        StepStatus::Waiting => ('◔', AnsiColor::Cyan.on_default()),
        StepStatus::Completed => ('●', AnsiColor::Green.on_default()),
        StepStatus::Skipped | StepStatus::Compensated => ('◌', AnsiColor::Blue.on_default()),
        StepStatus::Failed | StepStatus::Cancelled => ('✗', AnsiColor::Red.on_default()),
    }
}
