//! Configuration, doctor, and rebuilding the registry.

use procside::{Procside, answers};

use crate::{
    answer::{Answer, Answered},
    text,
};

pub(crate) fn config(project: &Procside, settings: &[String]) -> Answered {
    let config =
        if settings.is_empty() { project.config()? } else { project.set_config(settings)? };
    let said = answers::config(&config);
    let lines = text::config(&said.data["config"]);
    Ok(Answer::of(said, lines))
}

pub(crate) fn doctor(project: &Procside, fix: bool) -> Answered {
    let diagnosis = project.doctor(fix)?;
    let lines = text::problems(&diagnosis.problems);
    Ok(Answer::of(answers::diagnosis(&diagnosis), lines))
}

pub(crate) fn reindex(project: &Procside) -> Answered {
    let count = project.reindex()?;
    Ok(Answer::of(answers::reindexed(count), format!("Indexed {count} processes\n")))
}
