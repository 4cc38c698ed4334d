//! Journals that an earlier version wrote make the state that they made then (docs/formats/journal.md).

use std::{fmt::Write as _, fs, path::PathBuf};

use expect_test::expect_file;
use process_engine::{Event, Execution};
use serde_json::Value;

/// The journals of a format, by name.
fn journals() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/v1");
    let files = fs::read_dir(folder)
        .expect("the golden folder is there")
        .map(|entry| entry.expect("it can be listed").path());
    let mut journals: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect();
    journals.sort();
    journals
}

fn replayed(text: &str) -> Result<Execution, String> {
    let mut execution = Execution::default();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        execution.apply(&Event::from_value(&value)?);
    }
    Ok(execution)
}

/// What can be seen of a state: names of its own would change with the code.
fn shown(execution: &Execution) -> String {
    let mut text = format!("revision {}\n", execution.revision());
    let Some(run) = execution.run() else { return text };
    let _ = writeln!(text, "status {}, spent {}", run.status(), run.spent());
    for step in &run.definition().steps {
        let id = step.id.as_str();
        let Some(state) = run.step(id) else { continue };
        let reason = state.skip_reason().map(|it| it.as_str()).unwrap_or_default();
        let _ = writeln!(
            text,
            "step {id}: {} {reason} visits {} attempts {} cost {} output {} error {:?}",
            state.status(),
            state.visits(),
            state.attempts(),
            state.cost(),
            state.output().unwrap_or(&Value::Null),
            state.error(),
        );
    }
    for wait in run.waiting() {
        let _ = writeln!(text, "waits {}#{} {}", wait.step, wait.visit, wait.waiting_for.as_str());
    }
    for (step, visit) in run.dispatchable() {
        let _ = writeln!(text, "can begin {step}#{visit}");
    }
    let _ = writeln!(text, "wakes {:?}, undone {:?}", run.wakes_at(), run.compensated());
    if let Some(end) = run.end() {
        let _ = writeln!(text, "end {} {:?} {:?}", end.status, end.error, end.outputs);
    }
    run.warnings().iter().for_each(|warning| {
        let _ = writeln!(text, "warning {warning}");
    });
    text
}

#[test]
fn journals_of_version_1_make_the_state_that_they_made() {
    let journals = journals();
    assert!(journals.len() >= 10, "the folder was not found");
    for path in journals {
        let execution = replayed(&fs::read_to_string(&path).unwrap()).unwrap();
        assert!(execution.run().is_some(), "{}", path.display());
        expect_file![path.with_extension("txt")].assert_eq(&shown(&execution));
    }
}

/// A newer format is told from a broken one, before anything of it is taken.
#[test]
fn a_journal_of_a_newer_format_is_refused() {
    for path in journals() {
        let text = fs::read_to_string(&path).unwrap();
        let newer = text.replacen("\"format\": 1", "\"format\":1", 1);
        let newer = newer.replacen("\"format\":1", "\"format\":2", 1);
        let refused = replayed(&newer).unwrap_err();
        assert_eq!(refused, "journal format 2 is newer than 1: use a newer procside");
    }
}
