//! Arguments, each parsed once.

use std::time::Duration;

use procside::{
    Error, ErrorKind, ProcessId, ProcessStatus, StepId, StepStatus, TemplateId, VisitRef,
    time::parse_duration, yaml,
};
use serde_json::Value;

/// Parses the id of a process.
pub(crate) fn process(text: &str) -> Result<ProcessId, Error> {
    Ok(ProcessId::parse(text)?)
}

/// Parses the id of a process that may not be given.
pub(crate) fn optional_process(text: Option<String>) -> Result<Option<ProcessId>, Error> {
    text.as_deref().map(process).transpose()
}

/// Parses the id of a step.
pub(crate) fn step(text: &str) -> Result<StepId, Error> {
    Ok(StepId::parse(text)?)
}

/// Parses a step, or one of its visits.
pub(crate) fn visit(text: &str) -> Result<VisitRef, Error> {
    Ok(VisitRef::parse(text)?)
}

/// Parses JSON.
pub(crate) fn json(what: &str, text: &str) -> Result<Value, Error> {
    let read = yaml::read_json(text).map_err(|problem| {
        Error::new(ErrorKind::Invalid, format!("{what} is no JSON: {problem}"))
            .with_hint("put a text in double quotes inside single ones: '\"text\"'")
    })?;
    Ok(read.to_json())
}

/// Parses the id of a template.
pub(crate) fn template(text: &str) -> Result<TemplateId, Error> {
    Ok(TemplateId::parse(text)?)
}

/// Parses the status of a step.
pub(crate) fn step_status(text: &str) -> Result<StepStatus, Error> {
    StepStatus::parse(text).ok_or_else(|| no_status(text, &StepStatus::ALL.map(StepStatus::as_str)))
}

/// Parses the status of a process.
pub(crate) fn process_status(text: &str) -> Result<ProcessStatus, Error> {
    ProcessStatus::parse(text)
        .ok_or_else(|| no_status(text, &ProcessStatus::ALL.map(ProcessStatus::as_str)))
}

/// Parses a duration.
pub(crate) fn duration(text: &str) -> Result<Duration, Error> {
    parse_duration(text).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{text:?} is no duration"))
            .with_hint("write 500ms, 90s, 10m, 1h30m or 2d")
    })
}

fn no_status(text: &str, all: &[&str]) -> Error {
    Error::new(ErrorKind::Invalid, format!("{text:?} is no status"))
        .with_hint(format!("it is one of {}", all.join(", ")))
}
