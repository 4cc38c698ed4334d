//! What each operation answers: the data that `--json` shows, and the exit code (docs/cli.md).
//!
//! The command line and [`call`](crate::call) both take their answers from here, so that they cannot
//! differ.

use std::path::Path;

use process_core::{ProcessStatus, StepId, TemplateId, definition, schema as of_process};
use serde_json::{Value, json};

use crate::{
    answer::{Answered, FOUND_INVALID, FOUND_WRONG, WAITING},
    approvals::Approvals,
    config::Config,
    cost::CostReport,
    definitions::Validation,
    doctor::Diagnosis,
    document::{Patched, PatchedText, ProcessPatched, ShownDocument},
    gates::Check,
    list::Listing,
    log::Log,
    outcome::{Changed, Status, process_value},
    project::Procside,
    rewriting::Rewriting,
    simulate::{TestReport, Trial},
    steps::Ready,
    templates::{FoundTemplate, Templates},
    trust::TrustedProject,
    undo::{Patches, Turned},
    versions::{Comparison, History},
};

/// A definition that was read, or rewritten.
#[derive(Clone, Debug)]
pub enum Checked {
    /// It was read.
    Read(Validation),
    /// Its spellings were made canonical.
    Rewritten(Rewriting),
}

impl Checked {
    /// Returns what is to be said about it.
    #[must_use]
    pub fn validation(&self) -> &Validation {
        match self {
            Self::Read(validation) => validation,
            Self::Rewritten(rewriting) => &rewriting.validation,
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Read(validation) => validation.to_value(),
            Self::Rewritten(rewriting) => rewriting.to_value(),
        }
    }
}

/// Answers with a process that was changed.
#[must_use]
pub fn changed(changed: &Changed) -> Answered {
    Answered::new(changed.to_value()).with_notices(changed.notices.clone())
}

/// Answers with a process and the step that was changed last.
#[must_use]
pub fn changed_step(changed: &Changed) -> Answered {
    Answered::new(changed.to_step_value()).with_notices(changed.notices.clone())
}

/// Answers with a process and the step that was named, whatever else followed.
#[must_use]
pub fn step(changed: &Changed, step: &StepId) -> Answered {
    Answered::new(changed.to_value_of(step)).with_notices(changed.notices.clone())
}

/// Answers with the process that became the active one.
#[must_use]
pub fn switched(process: &Changed) -> Answered {
    let mut answered = changed(process);
    answered.data["active"] = process.process.id.to_string().into();
    answered
}

/// Answers with a process of which a version was taken.
#[must_use]
pub fn versioned(process: &Changed) -> Answered {
    let mut answered = changed(process);
    answered.data["version"] = process.version().unwrap_or_default().into();
    answered
}

/// Answers with a process as it stands.
#[must_use]
pub fn status(status: &Status) -> Answered {
    Answered::new(status.to_value()).with_notices(status.notices.clone())
}

/// Answers with a process that was driven as far as it goes.
#[must_use]
pub fn outcome(driven: &Status) -> Answered {
    status(driven).with_exit(exit_of(driven.process.status))
}

/// Answers with all processes that are not archived.
#[must_use]
pub fn statuses(listing: &Listing, statuses: &[Status]) -> Answered {
    let processes: Vec<Value> =
        statuses.iter().map(|status| process_value(&status.process)).collect();
    let notices = statuses.iter().flat_map(|status| status.notices.clone());
    Answered::new(json!({
        "processes": processes,
        "active": listing.active.map(|id| id.to_string()),
    }))
    .with_notices(listing.notices.clone())
    .with_notices(notices)
}

/// Answers with a page of processes.
#[must_use]
pub fn listing(listing: &Listing) -> Answered {
    Answered::new(listing.to_value()).with_notices(listing.notices.clone())
}

/// Answers with the steps that somebody can take.
#[must_use]
pub fn ready(ready: &Ready) -> Answered {
    Answered::new(ready.to_value())
}

/// Answers with what a process still lacks.
#[must_use]
pub fn missing(missing: &[String]) -> Answered {
    Answered::new(json!({ "missing": missing }))
}

/// Answers with what the gates found; exit 1 when a process does not pass.
#[must_use]
pub fn check(check: &Check) -> Answered {
    let exit = if check.passed { 0 } else { FOUND_WRONG };
    Answered::new(check.to_value()).with_exit(exit)
}

/// Answers with the versions of a process, newest first.
#[must_use]
pub fn history(history: &History) -> Answered {
    Answered::new(history.to_value())
}

/// Answers with how a process came to be, oldest version first.
#[must_use]
pub fn evolution(history: &History) -> Answered {
    Answered::new(history.to_evolution())
}

/// Answers with how two versions differ.
#[must_use]
pub fn comparison(comparison: &Comparison) -> Answered {
    Answered::new(comparison.to_value())
}

/// Answers with events.
#[must_use]
pub fn log(log: &Log) -> Answered {
    Answered::new(log.to_value()).with_notices(log.notices.clone())
}

/// Answers with what waits for a decision.
#[must_use]
pub fn approvals(approvals: &Approvals) -> Answered {
    Answered::new(approvals.to_value()).with_notices(approvals.notices.clone())
}

/// Answers with what a process cost.
#[must_use]
pub fn cost(report: &CostReport) -> Answered {
    Answered::new(report.to_value()).with_notices(report.notices.clone())
}

/// Answers with all templates.
#[must_use]
pub fn templates(templates: &Templates) -> Answered {
    Answered::new(templates.to_value()).with_notices(templates.notices.clone())
}

/// Answers with a template and the problems that it has as a definition.
#[must_use]
pub fn template(found: &FoundTemplate) -> Answered {
    Answered::new(json!({"template": found.to_value(), "problems": found.problems_value()}))
}

/// Answers with a template that was made.
#[must_use]
pub fn template_kept(found: &FoundTemplate) -> Answered {
    Answered::new(json!({"template": found.to_value()}))
}

/// Answers that a template was removed.
#[must_use]
pub fn template_removed(id: &TemplateId) -> Answered {
    Answered::new(json!({"removed": id.to_string()}))
}

/// Answers with a text.
#[must_use]
pub fn content(content: &str) -> Answered {
    Answered::new(json!({ "content": content }))
}

/// Answers with the file to which a text was written.
#[must_use]
pub fn written(path: &Path) -> Answered {
    Answered::new(json!({"path": path.display().to_string()}))
}

/// Answers with the configuration as it takes effect.
#[must_use]
pub fn config(config: &Config) -> Answered {
    Answered::new(json!({"config": config.to_value()}))
}

/// Answers with what is wrong with a project; exit 1 when something is that matters.
#[must_use]
pub fn diagnosis(diagnosis: &Diagnosis) -> Answered {
    let exit = if diagnosis.is_healthy() { 0 } else { FOUND_WRONG };
    Answered::new(diagnosis.to_value()).with_exit(exit)
}

/// Answers with how many processes the registry lists.
#[must_use]
pub fn reindexed(count: usize) -> Answered {
    Answered::new(json!({ "processes": count }))
}

/// Answers with the JSON Schema of a process file, or with that of a definition.
#[must_use]
pub fn schema(is_of_definition: bool) -> Answered {
    let schema = if is_of_definition {
        definition::definition_schema()
    } else {
        of_process::process_schema()
    };
    Answered::new(json!({ "schema": schema }))
}

/// Answers with what is wrong with definitions; exit 6 when one cannot be used.
#[must_use]
pub fn checked(checked: &[Checked]) -> Answered {
    let data = match checked {
        [one] => one.to_value(),
        several => json!({"files": several.iter().map(Checked::to_value).collect::<Vec<_>>()}),
    };
    let is_unusable = checked.iter().any(|one| one.validation().has_errors());
    Answered::new(data).with_exit(if is_unusable { FOUND_INVALID } else { 0 })
}

/// Answers with how a trial went; exit 1 when it did not come as expected.
#[must_use]
pub fn trial(trial: &Trial) -> Answered {
    let simulation = &trial.simulation;
    let exit = match (simulation.has_expectations, simulation.unmet.is_empty()) {
        (true, true) => 0,
        (true, false) => FOUND_WRONG,
        (false, _) => exit_of(simulation.status),
    };
    Answered::new(simulation.data.clone()).with_notices(trial.notices.clone()).with_exit(exit)
}

/// Answers with what became of scenarios; exit 1 when one did not come as expected.
#[must_use]
pub fn tests(report: &TestReport) -> Answered {
    let exit = if report.failed() == 0 { 0 } else { FOUND_WRONG };
    Answered::new(report.to_value()).with_notices(report.notices.clone()).with_exit(exit)
}

/// Answers with the document of a process.
#[must_use]
pub fn document(document: &ShownDocument) -> Answered {
    Answered::new(document.to_value()).with_notices(document.notices.clone())
}

/// Answers with the document of a process behind a change.
#[must_use]
pub fn patched(patched: &Patched) -> Answered {
    Answered::new(patched.to_value())
        .with_notices(patched.text.applied.warnings())
        .with_notices(patched.notices.clone())
}

/// Answers with a text behind its patches.
#[must_use]
pub fn patched_text(patched: &PatchedText) -> Answered {
    Answered::new(patched.to_value()).with_notices(patched.applied.warnings())
}

/// Answers with a file that was replaced by its patched text, which is not repeated.
#[must_use]
pub fn patched_in_place(patched: &PatchedText) -> Answered {
    let mut answered = patched_text(patched);
    if let Value::Object(data) = &mut answered.data {
        data.shift_remove("document");
    }
    answered
}

/// Answers with a process behind a patch of itself.
#[must_use]
pub fn process_patched(patched: &ProcessPatched) -> Answered {
    Answered::new(patched.to_value()).with_notices(patched.changed.notices.clone())
}

/// Answers with the entries of a process.
#[must_use]
pub fn patches(patches: &Patches) -> Answered {
    Answered::new(patches.to_value()).with_notices(patches.notices.clone())
}

/// Answers with an entry that was taken back, or made anew.
#[must_use]
pub fn turned(turned: &Turned) -> Answered {
    Answered::new(turned.to_value()).with_notices(turned.changed.notices.clone())
}

/// Answers that a project is trusted.
#[must_use]
pub fn trusted(project: &Procside) -> Answered {
    Answered::new(json!({"path": project.root().display().to_string(), "trusted": true}))
}

/// Answers that a project is not trusted any more.
#[must_use]
pub fn revoked(project: &Procside, was_trusted: bool) -> Answered {
    let path = project.root().display().to_string();
    Answered::new(json!({"path": path, "trusted": false, "was_trusted": was_trusted}))
}

/// Answers with the projects that are trusted.
#[must_use]
pub fn trusted_projects(projects: &[TrustedProject]) -> Answered {
    let projects: Vec<Value> = projects.iter().map(TrustedProject::to_value).collect();
    Answered::new(json!({ "projects": projects }))
}

/// Returns the exit code that goes with where a process stands.
fn exit_of(status: ProcessStatus) -> u8 {
    match status {
        ProcessStatus::Completed => 0,
        ProcessStatus::Cancelled | ProcessStatus::Failed => FOUND_WRONG,
        ProcessStatus::Blocked
        | ProcessStatus::InProgress
        | ProcessStatus::Paused
        | ProcessStatus::Planned
        | ProcessStatus::Waiting => WAITING,
    }
}
