//! Versions, differences and events.

use std::{thread, time::Duration};

use procside::{Error, Log, ProcessId, Procside, REASON_DEFAULT, answers, parse};
use serde_json::json;

use crate::{
    answer::{Answer, Answered},
    text,
    ui::{self, Ui},
};

/// How long `log --follow` waits before it looks again.
const FOLLOW_PAUSE: Duration = Duration::from_millis(200);

pub(crate) fn take(project: &Procside, id: Option<String>, note: Option<String>) -> Answered {
    let id = parse::optional_process(id.as_deref())?;
    let reason = note.unwrap_or_else(|| REASON_DEFAULT.to_owned());
    let changed = project.take_version(id, reason)?;
    let number = changed.version().unwrap_or_default();
    let lines = format!("{} has version {number}\n", changed.process.id);
    Ok(Answer::of(answers::versioned(&changed), lines))
}

pub(crate) fn history(project: &Procside, id: Option<String>) -> Answered {
    let history = project.history(parse::optional_process(id.as_deref())?)?;
    let lines = text::history(&history);
    Ok(Answer::of(answers::history(&history), lines))
}

pub(crate) fn evolution(project: &Procside, id: Option<String>) -> Answered {
    let history = project.history(parse::optional_process(id.as_deref())?)?;
    let lines = text::evolution(&history);
    Ok(Answer::of(answers::evolution(&history), lines))
}

pub(crate) fn diff(project: &Procside, id: &str, from: Option<u64>, to: Option<u64>) -> Answered {
    let comparison = project.diff(Some(parse::process(id)?), from, to)?;
    let lines = text::comparison(&comparison);
    Ok(Answer::of(answers::comparison(&comparison), lines))
}

pub(crate) fn log(project: &Procside, id: Option<String>, follow: bool, ui: &Ui) -> Answered {
    let id = parse::optional_process(id.as_deref())?;
    // Looked at before the journal is read: what comes in between is read once more, never missed.
    let bytes = if follow { project.journal_bytes(id)? } else { 0 };
    let log = project.log(id)?;
    if !follow {
        let lines: String = log.events.iter().map(text::event).collect();
        return Ok(Answer::of(answers::log(&log), lines));
    }
    follow_events(project, log, bytes, ui)?;
    Ok(Answer::new(json!({}), ""))
}

/// Prints events as they happen, until it is interrupted or nobody reads any more.
fn follow_events(project: &Procside, log: Log, mut bytes: u64, ui: &Ui) -> Result<(), Error> {
    let (id, mut events) = (log.process, log.events);
    let mut seq = 0;
    loop {
        for event in &events {
            let line = if ui.is_json() { ui::line(&event.to_value()) } else { text::event(event) };
            if !ui.stream(&line) {
                return Ok(());
            }
            seq = event.seq;
        }
        bytes = changed_bytes(project, id, bytes)?;
        events = project.log_after(Some(id), seq)?.events;
    }
}

/// Waits until the journal has another length, and returns it.
fn changed_bytes(project: &Procside, id: ProcessId, known: u64) -> Result<u64, Error> {
    loop {
        thread::sleep(FOLLOW_PAUSE);
        let bytes = project.journal_bytes(Some(id))?;
        if bytes != known {
            return Ok(bytes);
        }
    }
}
