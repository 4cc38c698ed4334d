//! Arguments as people and programs write them, each parsed once.

use std::time::Duration;

use process_core::{
    ProcessId, ProcessStatus, StepId, StepStatus, TemplateId, time::parse_duration, yaml,
};
use process_engine::VisitRef;
use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// Parses the id of a process.
///
/// # Errors
/// `Invalid` for a text that is none.
pub fn process(text: &str) -> Result<ProcessId, Error> {
    Ok(ProcessId::parse(text)?)
}

/// Parses the id of a process that may not be given.
///
/// # Errors
/// `Invalid` for a text that is none.
pub fn optional_process(text: Option<&str>) -> Result<Option<ProcessId>, Error> {
    text.map(process).transpose()
}

/// Parses the id of a step.
///
/// # Errors
/// `Invalid` for a text that is none.
pub fn step(text: &str) -> Result<StepId, Error> {
    Ok(StepId::parse(text)?)
}

/// Parses a step, or one of its visits.
///
/// # Errors
/// `Invalid` for a text that is neither.
pub fn visit(text: &str) -> Result<VisitRef, Error> {
    Ok(VisitRef::parse(text)?)
}

/// Parses JSON.
///
/// # Errors
/// `Invalid` for anything else; `what` names it.
pub fn json(what: &str, text: &str) -> Result<Value, Error> {
    let read = yaml::read_json(text).map_err(|problem| {
        Error::new(ErrorKind::Invalid, format!("{what} is no JSON: {problem}"))
            .with_hint("put a text in double quotes inside single ones: '\"text\"'")
    })?;
    Ok(read.to_json())
}

/// Parses the id of a template.
///
/// # Errors
/// `Invalid` for a text that is none.
pub fn template(text: &str) -> Result<TemplateId, Error> {
    Ok(TemplateId::parse(text)?)
}

/// Parses the status of a step.
///
/// # Errors
/// `Invalid` for a word that is none.
pub fn step_status(text: &str) -> Result<StepStatus, Error> {
    StepStatus::parse(text).ok_or_else(|| no_status(text, &StepStatus::ALL.map(StepStatus::as_str)))
}

/// Parses the status of a process.
///
/// # Errors
/// `Invalid` for a word that is none.
pub fn process_status(text: &str) -> Result<ProcessStatus, Error> {
    ProcessStatus::parse(text)
        .ok_or_else(|| no_status(text, &ProcessStatus::ALL.map(ProcessStatus::as_str)))
}

/// Parses a duration.
///
/// # Errors
/// `Invalid` for a text that is none.
pub fn duration(text: &str) -> Result<Duration, Error> {
    parse_duration(text).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{text:?} is no duration"))
            .with_hint("write 500ms, 90s, 10m, 1h30m or 2d")
    })
}

/// Splits the name and the value of an input, `NAME=VALUE`.
///
/// # Errors
/// `Invalid` for a text without a name.
pub fn named_value(text: &str) -> Result<(String, String), Error> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{text:?} gives no input a value"))
            .with_hint("write --input NAME=VALUE")
    })?;
    Ok((name.to_owned(), value.to_owned()))
}

fn no_status(text: &str, all: &[&str]) -> Error {
    Error::new(ErrorKind::Invalid, format!("{text:?} is no status"))
        .with_hint(format!("it is one of {}", all.join(", ")))
}
