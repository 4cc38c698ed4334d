//! What a program sees of documents, patches and refusals.

use expect_test::{Expect, expect};
use serde_json::json;

use process_patch::{
    Applied, Batch, Document, ErrorKind, Input, Location, Operation, Options, Patch, PatchError,
    ProcessState, Relaxation, Status, limits,
};

const HASHED: Options = Options { hashes: true, relaxed: Relaxation::Exact };
const GUIDE: &str = "# Guide\n\n## Steps\n\n- Ask\n\n## Errors\n\n### Steps\n\nNone.\n";

fn document(text: &str) -> Document {
    Document::new(text).expect("it is short")
}

fn batch(patches: serde_json::Value) -> Batch {
    Batch::from_json(patches).expect("it is a batch")
}

fn apply(document: &mut Document, patches: serde_json::Value) -> Result<Applied, PatchError> {
    document.apply(&batch(patches), HASHED)
}

/// Compares what a language model is told with what is expected.
fn check_refusal(text: &str, patches: serde_json::Value, expected: Expect) {
    let mut document = document(text);
    let error = match Batch::from_json(patches) {
        Ok(batch) => document.apply(&batch, HASHED).expect_err("it is refused"),
        Err(error) => error,
    };
    assert_eq!(document.text(), text, "a refused batch changes nothing");
    expected.assert_eq(&error.for_model());
}

#[test]
fn a_model_is_told_which_headings_there_are() {
    // P3.5, P11.2
    check_refusal(
        GUIDE,
        json!([{"operation": "append", "location": "Steps", "content": "x"}]),
        expect![[r#"
            Patch 0 was refused (ambiguous_location): `Steps` fits 2 headings: line 3 (`# Guide > ## Steps`), line 9 (`# Guide > ## Errors > ### Steps`). Nothing was changed.
            Hint: name an ancestor too, as in `# A > ## B`, or give `occurrence`.
            It fits:
            - `# Guide > ## Steps` (line 3)
            - `# Guide > ## Errors > ### Steps` (line 9)
        "#]],
    );
    // P3.6
    check_refusal(
        GUIDE,
        json!([{"operation": "delete", "location": "## Error"}]),
        expect![[r#"
            Patch 0 was refused (location_not_found): no heading fits `## Error`. Nothing was changed.
            Hint: did you mean `## Errors`?
            Did you mean:
            - `## Errors` (line 7)
        "#]],
    );
}

#[test]
fn a_model_is_told_the_text_of_the_section() {
    // P7.3, P11.1, P11.2
    check_refusal(
        GUIDE,
        json!([{"operation": "update", "location": "## Steps", "old_content": "- Asks", "new_content": "- Answer"}]),
        expect![[r#"
            Patch 0 was refused (content_not_found): the text to find does not stand in `## Steps`. Nothing was changed.
            Hint: the closest is line 5: `- Ask`.
            The closest lines:
            - `- Ask` (line 5)
            The current text:
            ```markdown
            ## Steps

            - Ask

            ```
        "#]],
    );
}

#[test]
fn the_result_tells_lines_splices_and_hashes() {
    // P10.7
    let mut guide = document(GUIDE);
    let applied = apply(
        &mut guide,
        json!([
            {"operation": "append", "location": "## Steps", "content": "- Answer"},
            {"operation": "insert", "location": "### Steps", "content": "One.\n\nTwo."},
            {"operation": "delete", "location": "### Steps", "content": "None."},
        ]),
    )
    .expect("it applies");
    let told = applied.to_json(guide.text());
    assert_eq!(told["changed"], json!([{"start": 6, "end": 6}, {"start": 11, "end": 14}]));
    assert_eq!(told["splices"].as_array().map(Vec::len), Some(3));
    assert_eq!(told["hash_before"], json!(document(GUIDE).hash()));
    assert_eq!(told["hash_after"], json!(guide.hash()));
}

#[test]
fn an_inverse_is_read_again_and_fits_one_text_only() {
    // P10.8
    let mut guide = document(GUIDE);
    let applied = apply(&mut guide, json!([{"operation": "delete", "location": "## Steps"}]));
    let inverse = applied.expect("it applies").inverse().expect("hashes were asked for");
    let written = serde_json::to_string(&inverse).expect("it can be written");
    let input = Input::read(&written).expect("the same command reads it");
    assert_eq!(input, Input::Inverse(inverse));
    let error = document(GUIDE).apply_input(&input, HASHED).expect_err("another text");
    assert_eq!(error.kind, ErrorKind::Stale);
    guide.apply_input(&input, HASHED).expect("its own text");
    assert_eq!(guide.text(), GUIDE);
}

#[test]
fn every_patch_has_its_own_result_when_asked_for() {
    // P10.4
    let mut guide = document(GUIDE);
    let batch = batch(json!({"mode": "each", "patches": [
        {"operation": "append", "location": "## None", "content": "x"},
        {"operation": "update", "location": "## Steps", "old_content": "- Ask", "new_content": "- Ask"},
        {"operation": "append", "location": "## Steps"},
        {"operation": "append", "location": "## Steps", "content": "- Answer"},
    ]}));
    let applied = guide.apply(&batch, HASHED).expect("the batch itself is fine");
    let words: Vec<&str> = applied.outcomes.iter().map(|one| one.status.as_str()).collect();
    assert_eq!(words, ["location_not_found", "unchanged", "invalid_patch", "applied"]);
    let Status::Refused(error) = &applied.outcomes[2].status else { panic!("it is refused") };
    assert_eq!(error.index, Some(2));
}

#[test]
fn ids_are_remembered_only_when_the_batch_holds() {
    // P10.6
    let mut guide = document(GUIDE);
    let named = json!({"operation": "append", "location": "## Steps", "content": "- x", "id": "p"});
    let wrong = json!({"operation": "delete", "location": "## None"});
    apply(&mut guide, json!([named, wrong])).expect_err("the second is refused");
    assert!(!guide.knows("p"));
    apply(&mut guide, json!([named])).expect("it applies");
    let again = apply(&mut guide, json!([named])).expect("a repeat is a success");
    assert!(again.already_applied && again.splices.is_empty());
}

#[test]
fn a_stale_text_is_told() {
    // P10.5
    let mut guide = document(GUIDE);
    let wrong = "0".repeat(64);
    let error = apply(&mut guide, json!({"base_hash": wrong, "patches": []})).expect_err("stale");
    assert_eq!((error.kind, error.index), (ErrorKind::Stale, None));
    assert_eq!(error.details["hash"], json!(guide.hash()));
    assert_eq!(error.details["text"], json!(GUIDE));
}

#[test]
fn what_exceeds_a_limit_is_refused() {
    // P1.1, P10.1, P10.2
    let kind = |result: Result<Batch, PatchError>| result.map_err(|error| error.kind);
    assert!(Document::new("x".repeat(limits::DOCUMENT_BYTES_MAX)).is_ok());
    let error = Document::new("x".repeat(limits::DOCUMENT_BYTES_MAX + 1)).map(|_| ());
    assert_eq!(error.map_err(|error| error.kind), Err(ErrorKind::InvalidPatch));
    let long = "x".repeat(limits::CONTENT_BYTES_MAX + 1);
    let patch = json!({"operation": "append", "location": "", "content": long});
    assert_eq!(kind(Batch::from_json(json!([patch]))), Err(ErrorKind::InvalidPatch));
    let patch = json!({"operation": "delete", "location": "# A"});
    let many = vec![patch; limits::PATCHES_MAX + 1];
    assert_eq!(kind(Batch::from_json(json!(many))), Err(ErrorKind::InvalidPatch));
    let text = "x".repeat(limits::DOCUMENT_BYTES_MAX - 4);
    let mut full = document(&text);
    let add = json!([{"operation": "append", "location": "", "content": "four"}]);
    let error = apply(&mut full, add).expect_err("the document is full");
    assert_eq!(error.kind, ErrorKind::InvalidPatch);
    assert!(full.text() == text);
}

#[test]
fn a_patch_is_written_as_it_is_read() {
    // P10.2
    for text in [
        r###"{"operation":"append","location":"## A","content":"x","scope":"body","create":true}"###,
        r###"{"operation":"insert","location":["# A","## B > # C"],"content":"x","create":false}"###,
        r###"{"operation":"update","location":"A","old_content":"a","new_content":"b","occurrence":2}"###,
        r###"{"operation":"delete","location":"# A","id":"p","relaxed":2}"###,
    ] {
        let patch: Patch = serde_json::from_str(text).expect("it is a patch");
        assert_eq!(serde_json::to_string(&patch).expect("it can be written"), text);
    }
    let location = Location::parse("# A > ## B").expect("it is a path");
    let patch = Patch::new(location, Operation::Delete { content: None });
    let written = serde_json::to_value(&patch).expect("it can be written");
    assert_eq!(written["location"], json!(["# A", "## B"]));
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    // P10.2
    let text =
        r###"[{"operation": "append", "location": "# A", "content": "x", "content": "y"}]"###;
    let error = Batch::read(text).expect_err("one would hide the other");
    assert!(error.message.contains("`content` stands twice"), "{}", error.message);
}

#[test]
fn sections_with_text_are_completed() {
    // P14.1, P14.2
    let text = "# Guide\n\nIntro.\n\n## Overview\n\nx\n\n## Steps\n\n### One\n\ny\n\n## Errors\n\n### Two\n";
    let state = ProcessState::of(&document(text), &["## Monitoring", "Steps"], 12);
    assert_eq!(
        serde_json::to_value(&state).expect("it can be written"),
        json!({
            "completion_percentage": 50,
            "sections_completed": ["Overview", "Steps"],
            "sections_pending": ["Errors", "Monitoring"],
            "total_patches_applied": 12,
        })
    );
    let state = ProcessState::of(&document(""), &[], 0);
    assert_eq!(state.completion_percentage, 0);
    let state = ProcessState::of(&document("## A\n\nx\n\n## B\n"), &[], 0);
    assert_eq!(
        (state.sections_completed, state.sections_pending),
        (vec!["A".into()], vec!["B".into()])
    );
}

#[test]
fn a_section_that_is_gone_is_not_taken_for_one_that_looks_alike() {
    // P13.4
    let base = "# T\n\n## A\n\n- one\n- two\n\n## B\n\nb\n";
    let now = "# T\n\n## B\n\nb\n\n## C\n\n- one\n- two\n";
    for patch in [
        json!({"operation": "append", "location": "## A", "content": "- three"}),
        json!({"operation": "insert", "location": "## A", "content": "- zero"}),
        json!({"operation": "update", "location": "## A", "old_content": "- two", "new_content": "- 2"}),
    ] {
        let mut document = document(now);
        let merged = document.apply_on_base(base, &batch(json!([patch])), HASHED);
        let error = merged.expect("it applies on its base").into_result().expect_err("it is gone");
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert_eq!(error.details["conflicts"][0]["section"], json!("# T > ## A"));
        assert_eq!(error.details["conflicts"][0]["ours"], json!(null));
        assert_eq!(document.text(), now);
    }
}

#[test]
fn a_changed_section_is_not_deleted_behind_its_back() {
    // P13.4
    let base = "# T\n\n## A\n\na\n";
    let mut document = document("# T\n\n## A\n\na and more\n");
    let batch = batch(json!([{"operation": "delete", "location": "## A"}]));
    let merged = document.apply_on_base(base, &batch, HASHED).expect("it applies on its base");
    assert!(merged.into_result().is_err());
}
