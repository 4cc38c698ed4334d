//! Definitions, without running anything: what is wrong with them, trials, tests.

use std::path::{Path, PathBuf};

use procside::{
    Definitions,
    answers::{self, Checked},
    parse,
};

use crate::{
    answer::{Answer, Answered},
    text,
    ui::Ui,
};

pub(crate) fn validate(definitions: &Definitions, files: &[PathBuf], fix: bool) -> Answered {
    let checked = definitions.check_files(files, fix)?;
    let mut lines = String::new();
    for one in &checked {
        if let Checked::Rewritten(rewriting) = one {
            lines.push_str(&text::rewriting(rewriting));
        }
        lines.push_str(&text::problems_of(one.validation()));
    }
    Ok(Answer::of(answers::checked(&checked), lines))
}

pub(crate) fn simulate(
    definitions: &Definitions,
    file: &Path,
    scenario: Option<&Path>,
    inputs: &[String],
) -> Answered {
    let inputs =
        inputs.iter().map(|input| parse::named_value(input)).collect::<Result<Vec<_>, _>>()?;
    let trial = definitions.simulate(file, scenario, &inputs)?;
    Ok(Answer::of(answers::trial(&trial), text::simulation(&trial.simulation)))
}

pub(crate) fn test(definitions: &Definitions, paths: &[PathBuf], ui: &Ui) -> Answered {
    let report = definitions.test(paths, &mut |tested| {
        if !ui.is_json() {
            // Whoever stops reading still gets the exit code.
            ui.stream(&text::tested(tested));
        }
    })?;
    let lines = format!("{} passed, {} failed\n", report.passed(), report.failed());
    Ok(Answer::of(answers::tests(&report), lines))
}
