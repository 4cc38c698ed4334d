//! Adding, taking and finishing steps.

use procside::{Changed, NewStep, Procside};
use serde_json::json;

use super::parse;
use crate::{
    answer::{Answer, Answered},
    text,
};

pub(crate) fn add(
    project: &Procside,
    name: String,
    after: Option<String>,
    description: Option<String>,
    inputs: Vec<String>,
    outputs: Vec<String>,
    checks: Vec<String>,
) -> Answered {
    let after = after.as_deref().map(parse::step).transpose()?;
    let step = NewStep { name, description, after, inputs, outputs, checks };
    let changed = project.add_step(None, step)?;
    let lines = told(&changed, "added");
    Ok(answer(&changed, lines))
}

pub(crate) fn set_status(
    project: &Procside,
    step: &str,
    status: &str,
    outputs: Vec<String>,
    note: Option<String>,
) -> Answered {
    let (step, status) = (parse::step(step)?, parse::step_status(status)?);
    let changed = project.set_step_status(None, step.clone(), status, outputs, note)?;
    let now = changed.process.step(&step);
    let name = now.map(|step| text::plain(&step.name)).unwrap_or_default();
    Ok(answer(&changed, format!("{step} {name}: {status}\n")))
}

pub(crate) fn next(project: &Procside) -> Answered {
    let (process, steps) = project.ready(None)?;
    let lines = match steps.first() {
        Some(step) => text::step(step),
        None => "Nothing to take.\n".to_owned(),
    };
    let data = json!({
        "process": process.to_string(),
        "next": steps.first().map(procside::Step::to_value),
        "ready": steps.iter().map(|step| step.id.to_string()).collect::<Vec<_>>(),
    });
    Ok(Answer::new(data, lines))
}

pub(crate) fn claim(project: Procside, step: &str, lease: &str, by: Option<String>) -> Answered {
    let (step, lease) = (parse::step(step)?, parse::duration(lease)?);
    let changed = named(project, by).claim(None, step, lease)?;
    let until = changed.step().and_then(|step| step.claim.as_ref());
    let until = until.map(|claim| format!(" until {}", claim.until)).unwrap_or_default();
    let lines = format!("{}{until}\n", told(&changed, "claimed").trim_end());
    Ok(answer(&changed, lines))
}

pub(crate) fn release(project: Procside, step: &str, by: Option<String>) -> Answered {
    let changed = named(project, by).release(None, parse::step(step)?)?;
    let lines = told(&changed, "released");
    Ok(answer(&changed, lines))
}

fn answer(changed: &Changed, lines: String) -> Answer {
    Answer::new(changed.to_step_value(), lines).with_notices(changed.notices.clone())
}

fn named(project: Procside, by: Option<String>) -> Procside {
    match by {
        Some(by) => project.with_identity(by),
        None => project,
    }
}

fn told(changed: &Changed, what: &str) -> String {
    match changed.step() {
        Some(step) => format!("{} {}: {what}\n", step.id, text::plain(&step.name)),
        None => format!("{what}\n"),
    }
}
