//! Gates, checks, and what is missing.

use procside::{Procside, answers};

use crate::{
    answer::{Answer, Answered},
    text,
};

pub(crate) fn missing(project: &Procside) -> Answered {
    let missing = project.missing(None)?;
    let mut lines: String =
        missing.iter().map(|item| format!("- {}\n", text::plain(item))).collect();
    if missing.is_empty() {
        lines = "Nothing is missing.\n".to_owned();
    }
    Ok(Answer::of(answers::missing(&missing), lines))
}

pub(crate) fn check(project: &Procside, fail_on_warning: bool) -> Answered {
    let check = project.check(None, fail_on_warning)?;
    let word = if check.passed { "passed" } else { "failed" };
    let failed = text::gates(check.results.iter().filter(|result| !result.passed));
    Ok(Answer::of(answers::check(&check), format!("{} {word}\n{failed}", check.process)))
}

pub(crate) fn gates(project: &Procside) -> Answered {
    let check = project.check(None, false)?;
    Ok(Answer::of(answers::check(&check), text::gates(check.results.iter())))
}
