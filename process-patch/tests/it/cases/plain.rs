//! Cases of one document and one batch.

use process_patch::{Applied, Batch, Document, Options, PatchError, Relaxation};

use super::case::{Case, run_all};
use super::check::{check_error, check_success, check_text, differ};

const FILES: [&str; 13] = [
    "append",
    "batch",
    "creation",
    "delete",
    "designer_examples",
    "guard",
    "insert",
    "inserted_text",
    "location",
    "relaxed",
    "scanner",
    "settled",
    "update",
];

#[test]
fn every_case_comes_out_as_it_says() {
    let count = run_all(&FILES, run);
    assert!(count > 400, "only {count} cases were found");
}

fn run(case: &Case) -> Result<(), String> {
    let mut document = Document::new(case.document.as_str()).map_err(|error| error.to_string())?;
    for id in &case.seen {
        document.remember(id.as_str());
    }
    let result = apply(case, &mut document);
    match result {
        Ok(applied) => {
            if case.expect.error.is_some() || !case.expect.error_in.is_empty() {
                let text = document.text();
                return Err(differ("result", &case.expect, &format!("the text {text:?}")));
            }
            check_success(&case.document, &document, &applied)?;
            check_text(case.expect.document.as_deref().unwrap_or(&case.document), document.text())?;
            check_result(case, &document, &applied)
        }
        Err(error) => {
            check_text(&case.document, document.text())?;
            check_error(&case.expect, &error)
        }
    }
}

fn apply(case: &Case, document: &mut Document) -> Result<Applied, PatchError> {
    let batch = Batch::from_json(case.patches.clone())?;
    let relaxed = Relaxation::of_level(case.relaxed)?;
    document.apply(&batch, Options { hashes: true, relaxed })
}

fn check_result(case: &Case, document: &Document, applied: &Applied) -> Result<(), String> {
    let expect = &case.expect;
    if let Some(wanted) = &expect.headings {
        let text = document.text();
        let headings: Vec<String> =
            document.outline().headings().iter().map(|heading| heading.title(text)).collect();
        if headings != *wanted {
            return Err(differ("headings", wanted, &headings));
        }
    }
    if let Some(wanted) = &expect.each {
        let words: Vec<&str> =
            applied.outcomes.iter().map(|outcome| outcome.status.as_str()).collect();
        if words != *wanted {
            return Err(differ("words for each patch", wanted, &words));
        }
    }
    if let Some(wanted) = expect.already_applied {
        let is_repeat = applied.already_applied
            || applied.outcomes.iter().any(|outcome| outcome.status.as_str() == "already_applied");
        if is_repeat != wanted {
            return Err(differ("already_applied", &wanted, &is_repeat));
        }
    }
    if let Some(wanted) = expect.matched_with {
        let levels: Vec<u8> = applied
            .outcomes
            .iter()
            .map(|outcome| outcome.matched_with.as_ref().map_or(0, |found| found.level))
            .collect();
        if !levels.contains(&wanted) {
            return Err(differ("matched_with", &wanted, &levels));
        }
    }
    Ok(())
}
