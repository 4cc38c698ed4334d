//! Making, listing, showing and putting away processes.

use procside::{Answered as Said, Changed, Error, Filter, NewProcess, Procside, answers, parse};
use serde_json::Value;

use crate::{
    answer::{Answer, Answered},
    text,
    ui::Ui,
};

pub(crate) fn init(
    project: &Procside,
    name: Option<String>,
    goal: Option<String>,
    template: Option<String>,
    tags: Vec<String>,
) -> Answered {
    let template = template.as_deref().map(parse::template).transpose()?;
    let changed = project.init(NewProcess { name, goal, template, tags })?;
    let process = &changed.process;
    let mut lines = String::new();
    if let Some(template) = &process.template {
        lines.push_str(&format!(
            "Loaded template: {} ({} steps, {} risks)\n",
            text::plain(template),
            process.steps.len(),
            process.risks.len()
        ));
    }
    lines.push_str(&format!(
        "Initialized {} {} in {}\n",
        process.id,
        text::plain(&process.name),
        project.database().unwrap_or_else(|| project.root().join(".ai")).display()
    ));
    Ok(answer(&changed, lines))
}

pub(crate) fn filter(
    all: bool,
    status: Option<String>,
    tag: Option<String>,
    search: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
) -> Result<Filter, Error> {
    let status = status.as_deref().map(parse::process_status).transpose()?;
    Ok(Filter { all, status, tag, search, limit, cursor })
}

pub(crate) fn list(project: &Procside, filter: &Filter, ui: &Ui) -> Answered {
    let listing = project.list(filter)?;
    // A list may be long: only what is printed is made.
    if ui.is_json() {
        return Ok(Answer::of(answers::listing(&listing), ""));
    }
    let mut lines = text::listing(&listing);
    if listing.processes.is_empty() {
        lines = "No processes.\n".to_owned();
    }
    if let Some(cursor) = &listing.next_cursor {
        lines.push_str(&format!("… more with --cursor {cursor}\n"));
    }
    Ok(Answer::of(Said::new(Value::Null), lines).with_notices(listing.notices))
}

pub(crate) fn status(project: &Procside, all: bool) -> Answered {
    if !all {
        let status = project.status(None)?;
        let lines = text::status(&status, project.identity());
        return Ok(Answer::of(answers::status(&status), lines));
    }
    let (listing, statuses) = project.status_of_all()?;
    let lines: String = statuses
        .iter()
        .map(|status| format!("{}\n", text::status(status, project.identity())))
        .collect();
    Ok(Answer::of(answers::statuses(&listing, &statuses), lines))
}

pub(crate) fn show(project: &Procside, id: Option<String>) -> Answered {
    let status = project.status(parse::optional_process(id.as_deref())?)?;
    let lines = text::process(&status);
    Ok(Answer::of(answers::status(&status), lines))
}

pub(crate) fn switch(project: &Procside, id: &str) -> Answered {
    let changed = project.switch(parse::process(id)?)?;
    let lines = said(&changed, "is now active");
    Ok(Answer::of(answers::switched(&changed), lines))
}

pub(crate) fn archive(project: &Procside, id: Option<String>) -> Answered {
    let changed = project.archive(parse::optional_process(id.as_deref())?)?;
    let lines = said(&changed, "is archived");
    Ok(answer(&changed, lines))
}

pub(crate) fn restore(project: &Procside, id: &str, version: Option<u64>) -> Answered {
    let id = parse::process(id)?;
    let Some(number) = version else {
        let changed = project.unarchive(id)?;
        let lines = said(&changed, "is taken back from the archive");
        return Ok(answer(&changed, lines));
    };
    let changed = project.restore_version(id, number)?;
    let lines = said(&changed, &format!("has the content of version {number} again"));
    Ok(answer(&changed, lines))
}

pub(crate) fn clone(project: &Procside, id: &str, name: Option<String>) -> Answered {
    let source = parse::process(id)?;
    let changed = project.clone_process(source, name)?;
    let lines = said(&changed, &format!("is cloned from {source}"));
    Ok(answer(&changed, lines))
}

/// Returns the answer of a command that changed a process.
pub(crate) fn answer(changed: &Changed, text: impl Into<String>) -> Answer {
    Answer::of(answers::changed(changed), text)
}

fn said(changed: &Changed, what: &str) -> String {
    format!("{} {} {what}\n", changed.process.id, text::plain(&changed.process.name))
}
