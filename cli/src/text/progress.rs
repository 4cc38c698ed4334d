//! What happens to a process that is driven, a line each.

use procside::{Event, Fact, OpenApproval, ProcessId, Progress, RunFact, Status};
use serde_json::Value;

use super::plain;

/// The most characters of an error or message in a line.
const WIDTH_MAX: usize = 200;

/// Tells what happened to a process, or to one that it started.
pub(crate) fn progress(progress: &Progress, root: ProcessId) -> Vec<String> {
    lines(progress, |process| if process == root { String::new() } else { format!("{process} ") })
}

/// Tells what happened to any process.
pub(crate) fn progress_of_any(progress: &Progress) -> Vec<String> {
    lines(progress, |process| format!("{process} "))
}

fn lines(progress: &Progress, prefix: impl Fn(ProcessId) -> String) -> Vec<String> {
    match progress {
        Progress::Said { line } => vec![format!("» {}", plain(line))],
        Progress::Stored { process, events } => {
            let told = events.iter().filter_map(line);
            told.map(|line| format!("{}{line}", prefix(*process))).collect()
        }
        Progress::Trouble { process, message } => {
            vec![format!("{}! {}", prefix(*process), plain(message))]
        }
    }
}

fn line(event: &Event) -> Option<String> {
    let Fact::Run(fact) = &event.fact else { return None };
    let name = |step: &str, visit: u32| {
        if visit > 1 { format!("{step}#{visit}") } else { step.to_owned() }
    };
    let at = |at: &procside::VisitId| name(at.step.as_str(), at.visit);
    Some(match fact {
        RunFact::StepStarted { at: visit, attempt, .. } if *attempt > 1 => {
            format!("▸ {} (attempt {attempt})", at(visit))
        }
        RunFact::StepStarted { at: visit, .. } => format!("▸ {}", at(visit)),
        RunFact::StepCompleted { at: visit, cost, routes, .. } => {
            let cost = cost.map(|cost| format!(" cost {cost}")).unwrap_or_default();
            let routes = routes.as_ref().filter(|routes| !routes.is_empty()).map(|routes| {
                let ids: Vec<&str> = routes.iter().map(procside::StepId::as_str).collect();
                format!(" → {}", ids.join(", "))
            });
            format!("✓ {}{}{cost}", at(visit), routes.unwrap_or_default())
        }
        RunFact::AttemptFailed { at: visit, error, retry_at, .. } => {
            let again = retry_at.format("%H:%M:%S");
            format!("✗ {}: {}; again at {again}", at(visit), short(error))
        }
        RunFact::StepFailed { at: visit, error, .. } => {
            format!("✗ {}: {}", at(visit), short(error))
        }
        RunFact::StepSkipped { at: visit, reason, .. } => {
            format!("- {} skipped ({})", at(visit), reason.as_str())
        }
        RunFact::StepCancelled { at: visit, .. } => format!("- {} cancelled", at(visit)),
        RunFact::StepCompensated { at: visit, .. } => format!("↺ {} undone", at(visit)),
        RunFact::ApprovalOpened { at: visit, request, .. } => {
            format!("? {}: {}", at(visit), short(&request.title))
        }
        RunFact::ApprovalDecided { at: visit, decision, decided_by, .. } => {
            format!("! {} {} by {}", at(visit), decision.as_str(), plain(decided_by))
        }
        RunFact::TimerStarted { at: visit, until } => {
            format!("… {} until {}", at(visit), until.format("%Y-%m-%d %H:%M:%S UTC"))
        }
        RunFact::BudgetExceeded { at: visit, spent, limit } => {
            format!("! {} waits: {spent} of {limit} is spent", at(visit))
        }
        RunFact::ProcessEnded { status, error, .. } => {
            let error = error.as_ref().map(|error| format!(": {}", short(error)));
            format!("■ {status}{}", error.unwrap_or_default())
        }
        _ => return None,
    })
}

/// Tells how a process stands that is driven no further.
pub(crate) fn outcome(status: &Status) -> String {
    let process = &status.process;
    let mut lines = format!("{} {}: {}\n", process.id, plain(&process.name), process.status);
    let Some(run) = &status.run else { return lines };
    if let Some(outputs) = run["outputs"].as_object() {
        for (name, value) in outputs {
            let shown = match value {
                Value::String(text) => plain(text),
                value => plain(&value.to_string()),
            };
            lines.push_str(&format!("  {}: {shown}\n", plain(name)));
        }
    }
    if let Some(error) = run["error"].as_str() {
        lines.push_str(&format!("  error: {}\n", plain(error)));
    }
    for waiting in run["waiting"].as_array().into_iter().flatten() {
        let (step, what) = (waiting["step"].as_str(), waiting["for"].as_str());
        let is_trusted = waiting["why"] != "not_trusted";
        let what = what.filter(|_| is_trusted).unwrap_or("somebody to trust this project");
        let step = step.unwrap_or_default();
        lines.push_str(&format!("  {} waits for {}\n", plain(step), plain(what)));
    }
    lines
}

/// Asks for a decision.
pub(crate) fn question(approval: &OpenApproval, by: &str) -> String {
    let mut lines =
        format!("\n{} {}: {}\n", approval.process, approval.step, plain(&approval.title));
    if let Some(description) = &approval.description {
        lines.push_str(&format!("{}\n", plain(description)));
    }
    for artifact in &approval.artifacts {
        let shown = artifact.as_str().map_or_else(|| artifact.to_string(), str::to_owned);
        lines.push_str(&format!("  {}\n", plain(&shown)));
    }
    lines.push_str(&format!("decide as {}: ", plain(by)));
    lines
}

fn short(text: &str) -> String {
    let text = plain(text);
    match text.char_indices().nth(WIDTH_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
