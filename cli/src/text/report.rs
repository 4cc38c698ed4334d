//! Gates, templates, configuration and the doctor's findings as people read them.

use procside::{FoundTemplate, Problem, gate::GateResult};
use serde_json::Value;

use super::{
    definition::steps_of,
    plain::{fitted, plain},
};

/// Returns gates, one a line.
pub(crate) fn gates<'a>(results: impl Iterator<Item = &'a GateResult>) -> String {
    let line = |result: &GateResult| {
        let word = if result.passed { "pass" } else { result.severity.as_str() };
        format!("  {:<8}{:<21}{}\n", word, result.gate.as_str(), plain(&result.message))
    };
    results.map(line).collect()
}

/// Returns the templates, one a line.
pub(crate) fn templates(templates: &[FoundTemplate]) -> String {
    let ids = templates.iter().map(|found| found.template.id.as_str().len()).max().unwrap_or(0);
    let names =
        templates.iter().map(|found| found.template.name.chars().count()).max().unwrap_or(0);
    let line = |found: &FoundTemplate| {
        let last = found.last_used.as_ref().map(|at| format!(", last {}", at.day()));
        format!(
            "{}  {}  {:<7}  {:<10}  {} steps  used {}{}\n",
            fitted(found.template.id.as_str(), ids),
            fitted(&found.template.name, names.min(40)),
            found.source,
            found.kind(),
            found.template.steps.len(),
            found.usage_count,
            last.unwrap_or_default()
        )
    };
    templates.iter().map(line).collect()
}

/// Returns a template with its steps and risks.
pub(crate) fn template(found: &FoundTemplate) -> String {
    let template = &found.template;
    let mut lines = format!("{} {}\n", template.id, plain(&template.name));
    if !template.goal.is_empty() {
        lines.push_str(&format!("Goal: {}\n", plain(&template.goal)));
    }
    lines.push_str(&format!("Source: {}\n", found.path.as_deref().unwrap_or(found.source)));
    lines.push_str(&format!("Kind: {}\n", found.kind()));
    match steps_of(found) {
        Some(steps) => lines.push_str(&steps),
        None => template.steps.iter().for_each(|step| lines.push_str(&super::step(&step.step))),
    }
    for risk in &template.risks {
        let (id, what) = (plain(&risk.id), plain(&risk.risk));
        lines.push_str(&format!("  {id} {what} ({})\n", plain(&risk.impact)));
    }
    lines
}

/// Returns the configuration, one key a line.
pub(crate) fn config(value: &Value) -> String {
    let mut lines = String::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) => {
                for (name, value) in inner {
                    lines.push_str(&format!("{key}.{name}={}\n", bare(value)));
                }
            }
            _ => lines.push_str(&format!("{key}={}\n", bare(value))),
        }
    }
    lines
}

/// Returns what the doctor found, one a line.
pub(crate) fn problems(problems: &[Problem]) -> String {
    if problems.is_empty() {
        return "No problems.\n".to_owned();
    }
    let line = |problem: &Problem| {
        let fixed = if problem.fixed { " (fixed)" } else { "" };
        format!(
            "{:<8}{:<22}{}: {}{fixed}\n",
            problem.severity.as_str(),
            problem.code,
            plain(&problem.path),
            plain(&problem.message)
        )
    };
    problems.iter().map(line).collect()
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), plain)
}
