//! Cases of undo and redo.

use std::collections::BTreeMap;

use process_patch::history::{Decided, Entry, History, Stamp};
use process_patch::{Batch, Document, Options, PatchError};
use serde::Deserialize;
use serde_json::Value;

use super::case::{Named, run_all};
use super::check::{check_success, check_text, check_words, differ};

/// A document and what happens to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    rule: String,
    document: String,
    steps: Vec<BTreeMap<String, Value>>,
    expect: Expect,
}

/// What must come of the last step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    document: String,
    error: Option<String>,
    later: Option<Value>,
    entries: Option<usize>,
}

impl Named for Case {
    fn name(&self) -> &str {
        &self.name
    }

    fn rule(&self) -> &str {
        &self.rule
    }
}

#[test]
fn every_case_of_undo_comes_out_as_it_says() {
    run_all(&["history"], run);
}

fn run(case: &Case) -> Result<(), String> {
    let mut history = History::new(case.document.as_str());
    let (last, before) = case.steps.split_last().ok_or("there are no steps")?;
    for step in before {
        take(&mut history, step)?.map_err(|error| error.to_string())?;
    }
    let text = history.text().to_owned();
    match (take(&mut history, last)?, &case.expect.error) {
        (Ok(()), None) => {}
        (Err(error), Some(kind)) => {
            check_text(&text, history.text())?;
            check_words(&error)?;
            if error.kind.as_str() != kind {
                return Err(differ("result", kind, error.kind.as_str()));
            }
            if let Some(later) = &case.expect.later
                && error.details["later"] != *later
            {
                return Err(differ("later", later, &error.details["later"]));
            }
        }
        (came, _) => return Err(differ("result", &case.expect, &came)),
    }
    check_text(&case.expect.document, history.text())?;
    let count = history.entries().len();
    if let Some(wanted) = case.expect.entries
        && count != wanted
    {
        return Err(differ("number of entries", &wanted, &count));
    }
    let again = History::replay(case.document.as_str(), history.entries().to_vec());
    check_text(history.text(), again.map_err(|error| error.to_string())?.text())
}

/// Takes one step; a mistake of the case itself is the outer error.
fn take(
    history: &mut History,
    step: &BTreeMap<String, Value>,
) -> Result<Result<(), PatchError>, String> {
    let stamp = Stamp {
        id: format!("id-{}", history.revision() + 1),
        at: "2026-02-10T10:00:00Z".to_owned(),
        by: "ada".to_owned(),
        note: None,
    };
    let (word, value) = step.first_key_value().ok_or("a step is empty")?;
    let entry = match (word.as_str(), value) {
        ("patches", patches) => patch(history, stamp, patches)?,
        ("undo", Value::Number(number)) => {
            history.undo_entry(stamp, number.as_u64().ok_or("no number of an entry")?)
        }
        ("undo", _) => history.undo(stamp),
        ("redo", _) => history.redo(stamp),
        (other, _) => return Err(format!("`{other}` is no step")),
    };
    Ok(entry.and_then(|entry| history.append(entry)))
}

fn patch(
    history: &History,
    stamp: Stamp,
    patches: &Value,
) -> Result<Result<Entry, PatchError>, String> {
    let told = |error: PatchError| error.to_string();
    let batch = Batch::from_json(patches.clone()).map_err(told)?;
    let mut document = Document::new(history.text()).map_err(told)?;
    let options = Options { hashes: true, ..Options::default() };
    let applied = document.apply(&batch, options).map_err(told)?;
    check_success(history.text(), &document, &applied)?;
    match history.patch(stamp, Vec::new(), applied.splices).map_err(told)? {
        Decided::Append(entry) => Ok(Ok(*entry)),
        Decided::AlreadyApplied(number) => Err(format!("entry {number} has that id")),
    }
}
