//! What a process that runs by a definition tells, as people read it.

use procside::{Approvals, Changed, ChildCost, CostReport, OpenApproval, Timestamp, VisitRef};
use serde_json::Value;

use super::{plain::plain, process::process_style};

/// The longest value that is shown, in characters.
const VALUE_CHARS_MAX: usize = 200;

/// The most waiting steps that are shown; `--json` has all of them.
const WAITING_SHOWN_MAX: usize = 100;

/// Returns where a process stands after a change, and what it waits for.
pub(crate) fn standing(changed: &Changed) -> String {
    let Some(run) = &changed.run else { return String::new() };
    let status = changed.process.status;
    let style = process_style(status);
    format!("Status: {style}{status}{style:#}\n{}", waiting(run))
}

/// Returns what a step that somebody took is about.
pub(crate) fn task(changed: &Changed, visit: &VisitRef) -> String {
    let run = changed.run.as_ref();
    let message = run.map(|run| &run["steps"][visit.step.as_str()]["message"]);
    match message.and_then(Value::as_str) {
        Some(message) => format!("  {}\n", plain(message)),
        None => String::new(),
    }
}

/// Returns what a run waits for, one a line.
pub(crate) fn waiting(run: &Value) -> String {
    let mut lines = String::new();
    let all: Vec<&Value> = items(&run["waiting"]).collect();
    for one in all.iter().take(WAITING_SHOWN_MAX) {
        let others = all.iter().filter(|other| other["step"] == one["step"]).take(2).count();
        let visit = one["visit"].as_u64().filter(|_| others > 1);
        let visit = visit.map(|visit| format!("#{visit}")).unwrap_or_default();
        let more = more_of(one);
        let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
        let (step, what) = (text(&one["step"]), what_for(one));
        lines.push_str(&format!("Waiting: {step}{visit} for {what}{more}\n"));
    }
    if all.len() > WAITING_SHOWN_MAX {
        lines.push_str(&format!("… and {} more; --json has all\n", all.len() - WAITING_SHOWN_MAX));
    }
    if let Some(error) = run["error"].as_str() {
        lines.push_str(&format!("Error: {}\n", plain(error)));
    }
    if let Some(error) = run["ending"]["error"].as_str() {
        lines.push_str(&format!("Ending: {} ({})\n", text(&run["ending"]["status"]), plain(error)));
    }
    lines
}

/// Returns the rest of what a run tells: what it was given and gave, what became of its steps, what
/// it cost.
pub(crate) fn run_details(run: &Value) -> String {
    let mut lines = String::from("\nRun\n");
    for (title, values) in [("Input", &run["input"]), ("Output", &run["outputs"])] {
        for (name, value) in values.as_object().into_iter().flatten() {
            lines.push_str(&format!("  {title} {}: {}\n", plain(name), shown(value)));
        }
    }
    for (id, step) in run["steps"].as_object().into_iter().flatten() {
        let facts = facts_of(step);
        if !facts.is_empty() {
            lines.push_str(&format!("  {}: {}\n", plain(id), facts.join(", ")));
        }
        if !step["output"].is_null() {
            lines.push_str(&format!("       {}\n", shown(&step["output"])));
        }
    }
    for warning in items(&run["warnings"]) {
        lines.push_str(&format!("  Warning: {}\n", text(warning)));
    }
    for said in items(&run["feedback"]) {
        let rating = said["rating"].as_u64().map(|rating| format!(" {rating} of 5"));
        let rating = rating.unwrap_or_default();
        lines.push_str(&format!(
            "  Feedback {}:{rating} {}\n",
            text(&said["step"]),
            text(&said["note"])
        ));
    }
    let limit = run["limit"].as_str().map(|limit| format!(" of {}", plain(limit)));
    lines.push_str(&format!("  Cost: {}{}\n", text(&run["cost"]), limit.unwrap_or_default()));
    lines.push_str(&waiting(run));
    lines
}

/// Returns what waits for a decision, each with how it is decided.
pub(crate) fn approvals(approvals: &Approvals) -> String {
    if approvals.approvals.is_empty() {
        return "Nothing waits for a decision.\n".to_owned();
    }
    let mut lines: String = approvals.approvals.iter().map(approval).collect();
    if approvals.has_more {
        lines.push_str("… and more\n");
    }
    lines
}

/// Returns what a process cost, step by step.
pub(crate) fn cost(report: &CostReport) -> String {
    let limit = report.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let mut lines = format!("{} {}{limit}\n", report.process, report.total);
    for (step, cost) in &report.steps {
        lines.push_str(&format!("  {step}  {cost}\n"));
    }
    children(&report.children, 1, &mut lines);
    lines
}

fn children(costs: &[ChildCost], level: usize, lines: &mut String) {
    for child in costs {
        let id = child.process.map_or("(not there)".to_owned(), |id| id.to_string());
        let indent = "  ".repeat(level);
        let (step, visit) = &child.step;
        lines.push_str(&format!("{indent}{id} ({step}#{visit})  {}\n", child.total));
        children(&child.children, level + 1, lines);
    }
}

fn approval(approval: &OpenApproval) -> String {
    let (process, step) = (approval.process, &approval.step);
    let mut lines = format!("{process} {step}  {}\n", plain(&approval.title));
    if let Some(description) = &approval.description {
        lines.push_str(&format!("       {}\n", plain(description)));
    }
    for artifact in &approval.artifacts {
        lines.push_str(&format!("       See: {}\n", shown(artifact)));
    }
    let who = match approval.approvers.as_slice() {
        [] => "anybody".to_owned(),
        approvers => plain(&approvers.join(", ")),
    };
    lines.push_str(&format!("       By: {who}, {} needed", approval.needed));
    if !approval.decided.is_empty() {
        lines.push_str(&format!(", decided by {}", plain(&approval.decided.join(", "))));
    }
    lines.push('\n');
    let since = approval.since.as_ref().map(Timestamp::minute).unwrap_or_default();
    lines.push_str(&format!("       Since: {since}"));
    if let Some(deadline) = &approval.deadline {
        lines.push_str(&format!(", until {}", deadline.minute()));
    }
    if approval.is_overdue {
        lines.push_str(", overdue");
    }
    lines.push_str(&format!("; {}\n", rejection(&approval.on_reject)));
    lines
}

fn rejection(on_reject: &str) -> &'static str {
    match on_reject {
        "continue" => "a rejection goes on",
        "skip" => "a rejection skips the step",
        _ => "a rejection fails the process",
    }
}

fn what_for(one: &Value) -> String {
    match one["for"].as_str() {
        Some("until") => format!("`{}`", text(&one["until"])),
        Some("message") => match one["key"].as_str() {
            Some(key) => format!("message {} with key {}", text(&one["name"]), plain(key)),
            None => format!("message {}", text(&one["name"])),
        },
        Some("sub_process") => format!("sub-process {}", text(&one["process"])),
        Some("work") if one["why"] == "not_trusted" => "somebody to trust this project".to_owned(),
        Some("work") => "somebody to take it".to_owned(),
        Some("person") => "a person to say how it ended".to_owned(),
        Some(other) => plain(other),
        None => String::new(),
    }
}

fn more_of(one: &Value) -> Vec<String> {
    let mut more = Vec::new();
    let approvers: Vec<String> = items(&one["approvers"]).map(text).collect();
    if !approvers.is_empty() {
        more.push(format!("by {}", approvers.join(", ")));
    }
    if one["for"] == "approval" {
        more.push(rejection(one["on_reject"].as_str().unwrap_or_default()).to_owned());
    }
    more.extend(one["error"].as_str().map(plain));
    let deadline = one["deadline"].as_str().and_then(Timestamp::parse);
    more.extend(deadline.map(|at| format!("until {}", at.minute())));
    more
}

fn facts_of(step: &Value) -> Vec<String> {
    let mut facts = Vec::new();
    let status = step["status"].as_str().unwrap_or_default();
    if status == "pending" {
        return facts;
    }
    facts.push(plain(status));
    facts.extend(step["skip_reason"].as_str().map(|reason| format!("because of {reason}")));
    for key in ["visits", "attempts"] {
        let count = step[key].as_u64().unwrap_or_default();
        if count > 1 {
            facts.push(format!("{count} {key}"));
        }
    }
    let cost = step["cost"].as_str().filter(|cost| *cost != "0");
    facts.extend(cost.map(|cost| format!("cost {}", plain(cost))));
    facts.extend(step["error"].as_str().map(plain));
    facts.extend(
        step["compensation_error"].as_str().map(|error| format!("not undone: {}", plain(error))),
    );
    facts
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or_default())
}

fn shown(value: &Value) -> String {
    let all = value.as_str().map_or_else(|| plain(&value.to_string()), plain);
    if all.chars().count() <= VALUE_CHARS_MAX {
        return all;
    }
    let cut: String = all.chars().take(VALUE_CHARS_MAX).collect();
    format!("{cut}…")
}
