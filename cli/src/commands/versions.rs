//! Versions, differences and events.

use std::{thread, time::Duration};

use procside::{Error, Event, ProcessId, Procside};
use serde_json::json;

use super::{parse, processes::answer};
use crate::{
    answer::{Answer, Answered},
    text,
    ui::Ui,
};

/// How long `log --follow` waits before it looks again.
const FOLLOW_PAUSE: Duration = Duration::from_millis(200);

pub(crate) fn take(project: &Procside, id: Option<String>, note: Option<String>) -> Answered {
    let id = parse::optional_process(id)?;
    let reason = note.unwrap_or_else(|| "Manual version".to_owned());
    let changed = project.take_version(id, reason)?;
    let number = changed.version().unwrap_or_default();
    let lines = format!("{} has version {number}\n", changed.process.id);
    let mut answer = answer(&changed, lines);
    answer.data["version"] = json!(number);
    Ok(answer)
}

pub(crate) fn history(project: &Procside, id: Option<String>) -> Answered {
    let history = project.history(parse::optional_process(id)?)?;
    let lines = text::history(&history);
    Ok(Answer::new(history.to_value(), lines))
}

pub(crate) fn evolution(project: &Procside, id: Option<String>) -> Answered {
    let history = project.history(parse::optional_process(id)?)?;
    let lines = text::evolution(&history);
    Ok(Answer::new(history.to_evolution(), lines))
}

pub(crate) fn diff(project: &Procside, id: &str, from: Option<u64>, to: Option<u64>) -> Answered {
    let comparison = project.diff(Some(parse::process(id)?), from, to)?;
    let lines = text::comparison(&comparison);
    Ok(Answer::new(comparison.to_value(), lines))
}

pub(crate) fn log(project: &Procside, id: Option<String>, follow: bool, ui: &Ui) -> Answered {
    let log = project.log(parse::optional_process(id)?)?;
    if !follow {
        let lines: String = log.events.iter().map(text::event).collect();
        return Ok(Answer::new(log.to_value(), lines).with_notices(log.notices));
    }
    follow_events(project, log.process, log.events, ui)?;
    Ok(Answer::new(json!({}), ""))
}

/// Prints events as they happen, until it is interrupted or nobody reads any more.
fn follow_events(
    project: &Procside,
    id: ProcessId,
    mut events: Vec<Event>,
    ui: &Ui,
) -> Result<(), Error> {
    let mut seq = 0;
    loop {
        for event in &events {
            let line =
                if ui.is_json() { format!("{}\n", event.to_value()) } else { text::event(event) };
            if !ui.stream(&line) {
                return Ok(());
            }
            seq = event.seq;
        }
        thread::sleep(FOLLOW_PAUSE);
        events = project.log_after(Some(id), seq)?.events;
    }
}
