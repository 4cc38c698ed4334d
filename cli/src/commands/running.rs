//! Processes that run by a definition: deciding, telling, stopping, trying again.

use std::path::Path;

use procside::{Changed, Decided, NewMessage, Procside, answers, parse};
use serde_json::json;

use super::{
    processes::answer,
    steps::{answer_of, named},
};
use crate::{
    answer::{Answer, Answered},
    args_running::Running,
    text,
};

pub(crate) fn run(project: Procside, folder: &Path, command: Running) -> Answered {
    match command {
        Running::AddItem { id, step, item } => add_item(&project, &id, &step, &item),
        Running::Adopt { id, file } => {
            let changed = project.adopt(Some(parse::process(&id)?), folder, &file)?;
            Ok(told(&changed, &format!("goes on by {}", text::plain(&file))))
        }
        Running::Approvals { limit } => approvals(&project, limit),
        Running::Approve { id, step, comment, by } => {
            decide(named(project, by), &id, &step, Decided::Approved, comment)
        }
        Running::Cancel { id, reason } => {
            let changed = project.cancel(parse::optional_process(id.as_deref())?, reason)?;
            Ok(told(&changed, "is cancelled"))
        }
        Running::Cost { id } => {
            let report = project.cost(parse::optional_process(id.as_deref())?)?;
            Ok(Answer::of(answers::cost(&report), text::cost(&report)))
        }
        Running::Feedback { id, step, rating, note } => {
            let (id, step) = (parse::process(&id)?, parse::step(&step)?);
            let changed = project.feedback(Some(id), step.clone(), Some(rating), note)?;
            let lines = format!("{step} was rated {rating} of 5\n");
            Ok(answer_of(&changed, &step.into(), lines))
        }
        Running::Message { name, to, key, data, id } => {
            message(&project, to, NewMessage { name, key, id, ..NewMessage::default() }, data)
        }
        Running::Pause { id } => {
            let changed = project.pause(parse::optional_process(id.as_deref())?)?;
            Ok(told(&changed, "is paused"))
        }
        Running::Reject { id, step, comment, by } => {
            decide(named(project, by), &id, &step, Decided::Rejected, comment)
        }
        Running::Resume { id } => {
            let changed = project.resume(parse::optional_process(id.as_deref())?)?;
            Ok(told(&changed, "goes on"))
        }
        Running::Retry { id, from, newest } => {
            let id = Some(parse::process(&id)?);
            let from = from.as_deref().map(parse::step).transpose()?;
            let changed =
                if newest { project.retry_newest(id, from)? } else { project.retry(id, from)? };
            Ok(told(&changed, "is tried again"))
        }
    }
}

fn add_item(project: &Procside, id: &str, step: &str, item: &str) -> Answered {
    let (id, step) = (parse::process(id)?, parse::step(step)?);
    let changed = project.add_item(Some(id), step.clone(), parse::json("the item", item)?)?;
    let lines = format!("{step} has another item\n");
    Ok(answer_of(&changed, &step.into(), lines))
}

fn approvals(project: &Procside, limit: Option<usize>) -> Answered {
    let approvals = project.listed_approvals(limit)?;
    let lines = text::approvals(&approvals);
    Ok(Answer::of(answers::approvals(&approvals), lines))
}

fn decide(
    project: Procside,
    id: &str,
    step: &str,
    decision: Decided,
    comment: Option<String>,
) -> Answered {
    let (id, visit) = (parse::process(id)?, parse::visit(step)?);
    let changed = project.decide_approval(Some(id), visit.clone(), decision, comment)?;
    let by = text::plain(project.identity());
    let mut lines = format!("{visit} is {} by {by}\n", decision.as_str());
    lines.push_str(&text::standing(&changed));
    Ok(answer_of(&changed, &visit, lines))
}

fn message(
    project: &Procside,
    to: Option<String>,
    message: NewMessage,
    data: Option<String>,
) -> Answered {
    let data = match data {
        Some(text) => parse::json("the data", &text)?,
        None => json!({}),
    };
    let name = text::plain(&message.name);
    let changed =
        project.message(parse::optional_process(to.as_deref())?, NewMessage { data, ..message })?;
    let what = if changed.events.is_empty() { "had the message" } else { "has the message" };
    Ok(told(&changed, &format!("{what} {name}")))
}

/// Returns the answer about a process, with where it stands.
fn told(changed: &Changed, what: &str) -> Answer {
    let name = text::plain(&changed.process.name);
    let mut lines = format!("{} {name} {what}\n", changed.process.id);
    lines.push_str(&text::standing(changed));
    answer(changed, lines)
}
