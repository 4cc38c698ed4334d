//! The document of a process, patches of the process, and taking both back.

use expect_test::expect;
use process_core::{
    StepStatus,
    document::{EntryKind, Splice},
};
use serde_json::{Value, json};

use super::bench::{Bench, restore, set, take};
use crate::{EntryReason, Execution, Input, RejectedKind};

fn reason(kind: EntryKind, of: Option<u64>) -> EntryReason {
    EntryReason { kind, of, ids: Vec::new(), note: None }
}

fn splice(offset: usize, removed: &str, inserted: &str) -> Splice {
    Splice { offset, removed: removed.to_owned(), inserted: inserted.to_owned() }
}

fn write(offset: usize, removed: &str, inserted: &str) -> Input {
    Input::ChangeDocument {
        reason: reason(EntryKind::Patch, None),
        splices: vec![splice(offset, removed, inserted)],
    }
}

fn patch(kind: EntryKind, of: Option<u64>, patch: Value) -> Input {
    Input::PatchProcess { reason: reason(kind, of), patch }
}

/// A bench whose process has a document of one line.
fn bench() -> Bench {
    let mut bench = Bench::with(&["a", "b"]);
    assert_eq!(bench.execution.document(), None);
    bench.does(write(0, "", "# Plan\n"));
    bench
}

#[test]
fn a_document_is_what_its_entries_make_of_nothing() {
    let mut bench = bench();
    expect![[r#"
        document_changed number=2 patch splices=[{"offset":7,"removed":"","inserted":"\nText\n"}]
    "#]]
    .assert_eq(&bench.does(write(7, "", "\nText\n")));
    assert_eq!(bench.execution.document(), Some("# Plan\n\nText\n"));
    assert_eq!(bench.execution.entry_last(), 2);
}

#[test]
fn splices_for_another_text_are_refused() {
    let mut bench = bench();
    let (kind, message) = bench.refuses(write(2, "Plot", "x"));
    assert_eq!(kind, RejectedKind::Conflict);
    assert_eq!(message, "the document is not the one that the change was made for");
}

#[test]
fn a_document_has_an_end() {
    let mut bench = bench();
    let (kind, message) = bench.refuses(write(0, "", &"x".repeat(2 << 20)));
    assert_eq!(kind, RejectedKind::Invalid);
    assert_eq!(message, "a document of 2097159 bytes is more than 2097152");
}

#[test]
fn versions_hold_the_document_and_give_it_back() {
    let mut bench = bench();
    bench.does(take("with a plan"));
    bench.does(write(2, "Plan", "Other"));
    let facts = bench.does(restore(2));
    let types: Vec<&str> =
        facts.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(types, ["restored", "document_changed", "versioned"]);
    assert_eq!(bench.execution.document(), Some("# Plan\n"));
    // Before there was a document there was none.
    bench.does(restore(1));
    assert_eq!(bench.execution.document(), Some(""));
}

#[test]
fn a_snapshot_holds_the_document() {
    let bench = bench();
    let snapshot = bench.execution.to_snapshot().unwrap();
    assert_eq!(Execution::from_snapshot(&snapshot).unwrap(), bench.execution);
}

#[test]
fn a_patch_of_the_process_is_taken_back_exactly() {
    let mut bench = bench();
    let before = bench.process().content();
    let changes = json!([
        {"op": "replace", "path": "/steps/0/status", "value": "completed"},
        {"op": "replace", "path": "/steps/1/status", "value": "completed"},
        {"op": "replace", "path": "/name", "value": "Other"},
    ]);
    bench.does(patch(EntryKind::Patch, None, changes));
    assert_eq!(bench.process().status.as_str(), "completed");
    assert_eq!(bench.step("a").status, StepStatus::Completed);
    let entry = bench.journal.last().map(|event| event.fact.clone());
    let Some(process_core::Fact::ProcessPatched { entry, inverse, .. }) = entry else {
        panic!("{entry:?} is no patch");
    };
    assert_eq!(entry.number, 2);
    bench.does(patch(EntryKind::Undo, Some(2), inverse));
    assert_eq!(bench.process().content(), before);
}

#[test]
fn a_patch_follows_the_rules_of_an_edit_with_every_reason() {
    let mut bench = bench();
    bench.does(set("a", StepStatus::Completed));
    let changes = json!([
        {"op": "replace", "path": "/steps/0/status", "value": "compensated"},
        {"op": "replace", "path": "/uid", "value": "00000000-0000-0000-0000-000000000007"},
    ]);
    let (kind, message) = bench.refuses(patch(EntryKind::Patch, None, changes));
    assert_eq!(kind, RejectedKind::Invalid);
    assert!(message.contains("`uid` cannot be changed") && message.contains("`a`"), "{message}");
}
