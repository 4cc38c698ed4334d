//! Trials of definitions as people read them.

use anstyle::AnsiColor;
use procside::{Simulation, StepStatus, Tested, Timestamp, time::duration_text};
use serde_json::Value;

use super::{
    plain::plain,
    process::{process_style, step_mark},
};

/// The most events that are shown; `--json` has all of them.
const EVENTS_SHOWN_MAX: usize = 1_000;

/// The longest value that is shown, in characters.
const VALUE_CHARS_MAX: usize = 200;

/// Returns what happened when, how every step ended, and what the whole gave.
pub(crate) fn simulation(simulation: &Simulation) -> String {
    let data = &simulation.data;
    let mut lines = timeline(&data["trace"]);
    lines.push_str("\nSteps\n");
    for (id, step) in data["steps"].as_object().into_iter().flatten() {
        lines.push_str(&step_line(id, step));
    }
    lines.push('\n');
    for (name, value) in data["outputs"].as_object().into_iter().flatten() {
        lines.push_str(&format!("Output {}: {}\n", plain(name), shown(value)));
    }
    for waiting in items(&data["waiting"]) {
        let until = waiting["until"].as_str().map(|until| format!(" until {}", plain(until)));
        lines.push_str(&format!(
            "Waiting: {} for {}{}\n",
            text(&waiting["step"]),
            text(&waiting["for"]),
            until.unwrap_or_default()
        ));
    }
    let compensated: Vec<String> = items(&data["compensated"]).map(text).collect();
    if !compensated.is_empty() {
        lines.push_str(&format!("Compensated: {}\n", compensated.join(", ")));
    }
    for warning in items(&data["warnings"]) {
        lines.push_str(&format!("Warning: {}\n", text(warning)));
    }
    if let Some(error) = data["error"].as_str() {
        lines.push_str(&format!("Error: {}\n", plain(error)));
    }
    lines.push_str(&format!("Cost: {}\n", text(&data["cost"])));
    lines.push_str(&format!("Duration: {}\n", text(&data["duration"])));
    let style = process_style(simulation.status);
    lines.push_str(&format!("Status: {style}{}{style:#}\n", simulation.status));
    lines.push_str(&expectations(simulation));
    lines
}

/// Returns what became of a scenario, with what was not as expected below.
pub(crate) fn tested(tested: &Tested) -> String {
    let (word, style) = if tested.has_passed() {
        ("ok", AnsiColor::Green.on_default())
    } else {
        ("FAILED", AnsiColor::Red.on_default())
    };
    let mut lines = format!("{style}{word:<6}{style:#}  {}\n", plain(&tested.file));
    for line in tested.errors.iter().chain(&tested.unmet) {
        lines.push_str(&format!("        {}\n", plain(line)));
    }
    lines
}

fn timeline(trace: &Value) -> String {
    let events: Vec<&Value> = items(trace).collect();
    let start = events.first().and_then(|event| instant(event));
    let since = |event: &Value| {
        let passed = start.as_ref().zip(instant(event));
        let passed = passed.and_then(|(start, at)| (at.instant() - start.instant()).to_std().ok());
        passed.map(duration_text).unwrap_or_default()
    };
    let mut lines = String::from("Timeline\n");
    for event in events.iter().take(EVENTS_SHOWN_MAX) {
        let what = text(&event["type"]);
        let line = match event["step"].as_str() {
            Some(step) => format!("{:>10}  {what:<22}{}", since(event), plain(step)),
            None => format!("{:>10}  {what}", since(event)),
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    if events.len() > EVENTS_SHOWN_MAX {
        lines.push_str(&format!(
            "            and {} more; --json has all\n",
            events.len() - EVENTS_SHOWN_MAX
        ));
    }
    lines
}

fn step_line(id: &str, step: &Value) -> String {
    let status = step["status"].as_str().unwrap_or_default();
    let (mark, style) = step_mark(StepStatus::parse(status).unwrap_or(StepStatus::Pending));
    let mut more = Vec::new();
    more.extend(step["skip_reason"].as_str().map(|reason| format!("because of {reason}")));
    for (key, few) in [("visits", 1), ("attempts", 1)] {
        let count = step[key].as_u64().unwrap_or_default();
        if count > few {
            more.push(format!("{count} {key}"));
        }
    }
    more.extend(step["error"].as_str().map(plain));
    let more = more.iter().map(|more| format!(", {more}")).collect::<String>();
    format!("  {style}{mark}{style:#} {}  {style}{status}{style:#}{more}\n", plain(id))
}

fn expectations(simulation: &Simulation) -> String {
    if !simulation.has_expectations {
        return String::new();
    }
    if simulation.unmet.is_empty() {
        return "As expected.\n".to_owned();
    }
    let unmet = simulation.unmet.iter().map(|line| format!("  {}\n", plain(line)));
    format!("Not as expected\n{}", unmet.collect::<String>())
}

fn instant(event: &Value) -> Option<Timestamp> {
    Timestamp::parse(event["at"].as_str()?)
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or_default())
}

fn shown(value: &Value) -> String {
    let all = plain(&value.to_string());
    if all.chars().count() <= VALUE_CHARS_MAX {
        return all;
    }
    let cut: String = all.chars().take(VALUE_CHARS_MAX).collect();
    format!("{cut}…")
}
