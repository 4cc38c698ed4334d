//! Adding, taking and finishing steps.

use procside::{Changed, NewStep, Procside, VisitRef, answers, parse};

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
    let (visit, status) = (parse::visit(step)?, parse::step_status(status)?);
    let changed = project.set_step_status(None, visit.clone(), status, outputs, note)?;
    let now = changed.process.step(&visit.step);
    let name = now.map(|step| text::plain(&step.name)).unwrap_or_default();
    let mut lines = format!("{visit} {name}: {status}\n");
    lines.push_str(&text::standing(&changed));
    Ok(answer_of(&changed, &visit, lines))
}

pub(crate) fn next(project: &Procside) -> Answered {
    let ready = project.ready(None)?;
    let lines = match ready.steps.first() {
        Some((visit, step)) if visit.visit.is_some() => {
            format!("{}       Visit: {visit}\n", text::step(step))
        }
        Some((_, step)) => text::step(step),
        None => "Nothing to take.\n".to_owned(),
    };
    Ok(Answer::of(answers::ready(&ready), lines))
}

pub(crate) fn claim(project: Procside, step: &str, lease: &str, by: Option<String>) -> Answered {
    let (visit, lease) = (parse::visit(step)?, parse::duration(lease)?);
    let changed = named(project, by).claim(None, visit.clone(), lease)?;
    let until = changed.process.step(&visit.step).and_then(|step| step.claim.as_ref());
    let until = until.map(|claim| format!(" until {}", claim.until)).unwrap_or_default();
    let mut lines = format!("{}{until}\n", told_of(&changed, &visit, "claimed").trim_end());
    lines.push_str(&text::task(&changed, &visit));
    Ok(answer_of(&changed, &visit, lines))
}

pub(crate) fn release(project: Procside, step: &str, by: Option<String>) -> Answered {
    let visit = parse::visit(step)?;
    let changed = named(project, by).release(None, visit.clone())?;
    let lines = told_of(&changed, &visit, "released");
    Ok(answer_of(&changed, &visit, lines))
}

/// Returns the answer about a step that was named, whatever else followed.
pub(super) fn answer_of(changed: &Changed, visit: &VisitRef, lines: String) -> Answer {
    Answer::of(answers::step(changed, &visit.step), lines)
}

fn answer(changed: &Changed, lines: String) -> Answer {
    Answer::of(answers::changed_step(changed), lines)
}

pub(super) fn named(project: Procside, by: Option<String>) -> Procside {
    match by {
        Some(by) => project.with_identity(by),
        None => project,
    }
}

fn told_of(changed: &Changed, visit: &VisitRef, what: &str) -> String {
    let step = changed.process.step(&visit.step);
    let name = step.map(|step| text::plain(&step.name)).unwrap_or_default();
    format!("{visit} {name}: {what}\n")
}

fn told(changed: &Changed, what: &str) -> String {
    match changed.step() {
        Some(step) => format!("{} {}: {what}\n", step.id, text::plain(&step.name)),
        None => format!("{what}\n"),
    }
}
