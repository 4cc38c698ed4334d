//! Configuration, doctor, and rebuilding the registry.

use procside::Procside;
use serde_json::json;

use crate::{
    answer::{Answer, Answered, FOUND_WRONG},
    text,
};

pub(crate) fn config(project: &Procside, settings: &[String]) -> Answered {
    let config =
        if settings.is_empty() { project.config()? } else { project.set_config(settings)? };
    let value = config.to_value();
    let lines = text::config(&value);
    Ok(Answer::new(json!({"config": value}), lines))
}

pub(crate) fn doctor(project: &Procside, fix: bool) -> Answered {
    let diagnosis = project.doctor(fix)?;
    let lines = text::problems(&diagnosis.problems);
    let exit = if diagnosis.is_healthy() { 0 } else { FOUND_WRONG };
    Ok(Answer::new(diagnosis.to_value(), lines).with_exit(exit))
}

pub(crate) fn reindex(project: &Procside) -> Answered {
    let count = project.reindex()?;
    Ok(Answer::new(json!({"processes": count}), format!("Indexed {count} processes\n")))
}
