//! Definitions, without running anything: what is wrong with them, trials, tests.

use std::path::{Path, PathBuf};

use procside::{Definitions, Error, ErrorKind, ProcessStatus, Simulation, Validation};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Answered, FOUND_INVALID, FOUND_WRONG, WAITING},
    text,
    ui::Ui,
};

pub(crate) fn validate(definitions: &Definitions, files: &[PathBuf], fix: bool) -> Answered {
    let mut values = Vec::with_capacity(files.len());
    let mut lines = String::new();
    let mut exit = 0;
    for file in files {
        let (value, validation) = if fix {
            let rewriting = definitions.fix(file)?;
            lines.push_str(&text::rewriting(&rewriting));
            (rewriting.to_value(), rewriting.validation)
        } else {
            let validation = definitions.validate(file)?;
            (validation.to_value(), validation)
        };
        lines.push_str(&text::problems_of(&validation));
        exit = exit.max(exit_of_validation(&validation));
        values.push(value);
    }
    let data = match <[Value; 1]>::try_from(values) {
        Ok([value]) => value,
        Err(values) => json!({"files": values}),
    };
    Ok(Answer::new(data, lines).with_exit(exit))
}

pub(crate) fn simulate(
    definitions: &Definitions,
    file: &Path,
    scenario: Option<&Path>,
    inputs: &[String],
) -> Answered {
    let inputs = inputs.iter().map(|input| named_value(input)).collect::<Result<Vec<_>, _>>()?;
    let trial = definitions.simulate(file, scenario, &inputs)?;
    let lines = text::simulation(&trial.simulation);
    let exit = exit_of_simulation(&trial.simulation);
    Ok(Answer::new(trial.simulation.data, lines).with_notices(trial.notices).with_exit(exit))
}

pub(crate) fn test(definitions: &Definitions, paths: &[PathBuf], ui: &Ui) -> Answered {
    let report = definitions.test(paths, &mut |tested| {
        if !ui.is_json() {
            // Whoever stops reading still gets the exit code.
            ui.stream(&text::tested(tested));
        }
    })?;
    let (passed, failed) = (report.passed(), report.failed());
    let exit = if failed == 0 { 0 } else { FOUND_WRONG };
    let lines = format!("{passed} passed, {failed} failed\n");
    Ok(Answer::new(report.to_value(), lines).with_notices(report.notices).with_exit(exit))
}

fn exit_of_validation(validation: &Validation) -> u8 {
    if validation.has_errors() { FOUND_INVALID } else { 0 }
}

fn exit_of_simulation(simulation: &Simulation) -> u8 {
    if simulation.has_expectations {
        return if simulation.unmet.is_empty() { 0 } else { FOUND_WRONG };
    }
    match simulation.status {
        ProcessStatus::Completed => 0,
        ProcessStatus::Cancelled | ProcessStatus::Failed => FOUND_WRONG,
        ProcessStatus::Blocked
        | ProcessStatus::InProgress
        | ProcessStatus::Paused
        | ProcessStatus::Planned
        | ProcessStatus::Waiting => WAITING,
    }
}

/// Splits `NAME=VALUE`.
pub(super) fn named_value(text: &str) -> Result<(String, String), Error> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{text:?} gives no input a value"))
            .with_hint("write --input NAME=VALUE")
    })?;
    Ok((name.to_owned(), value.to_owned()))
}
