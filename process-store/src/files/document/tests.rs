//! Tests of documents in files, on a disk that counts.

use std::sync::Arc;

use process_core::{
    Process, ProcessId, RegistryFact, Step, StepId, Timestamp, Uid,
    document::{EntryKind, Splice},
    model::Defaults,
};
use process_engine::{EntryReason, Input, NewStep};

use super::Sheet;
use crate::{
    disk::{Disk, FaultDisk},
    files::{Files, Options, Record},
    lock::StdWaiter,
    store::Store,
};

const SHEET: &str = "/p/.ai/processes/proc-001.md";
const VIEW: &str = "/p/.ai/processes/proc-001.yaml";

fn now() -> Timestamp {
    Timestamp::parse("2026-02-10T10:00:00.000Z").unwrap()
}

fn id() -> ProcessId {
    ProcessId::from_number(1).unwrap()
}

/// Returns a project with one process and its document.
fn project() -> (FaultDisk, Files) {
    let (disk, files) = without_document();
    write(&files, 0, "", "# Plan\n\nOne\n\nTwo\n");
    (disk, files)
}

fn without_document() -> (FaultDisk, Files) {
    let disk = FaultDisk::new();
    disk.plant_folder("/p");
    disk.set_clock(1_770_717_600);
    let uids = || Uid::from_u128(7);
    let files =
        Files::new(Arc::new(disk.clone()), Arc::new(StdWaiter), "/p", Options::default(), uids);
    files.found().unwrap();
    let mut change = files.change(&now(), "ada").unwrap();
    let uid = Uid::from_u128(1);
    let mut process = Process::new(Defaults { id: id(), uid, now: now() }, "One", "");
    process.steps = vec![Step::new(StepId::parse("s1").unwrap(), "s1")];
    let input = Input::Create { process: Box::new(process), reason: "First".to_owned() };
    let facts = vec![RegistryFact::Switched { process: id() }];
    change.create(id(), vec![input], facts).unwrap();
    assert_eq!(change.finish(), []);
    (disk, files)
}

fn record(files: &Files) -> Record {
    files.read_process(id()).unwrap().unwrap()
}

/// Commits inputs, and returns what the change told.
fn commit(files: &Files, inputs: Vec<Input>) -> Vec<String> {
    let mut change = files.change(&now(), "ada").unwrap();
    let mut record = change.load(id()).unwrap();
    change.commit(&mut record, inputs).unwrap();
    change.finish().into_iter().map(|notice| notice.0).collect()
}

fn write(files: &Files, offset: usize, removed: &str, inserted: &str) {
    let reason = EntryReason { kind: EntryKind::Patch, of: None, ids: Vec::new(), note: None };
    let splice = Splice { offset, removed: removed.to_owned(), inserted: inserted.to_owned() };
    let told = commit(files, vec![Input::ChangeDocument { reason, splices: vec![splice] }]);
    assert_eq!(told, Vec::<String>::new());
}

fn add_step(files: &Files) -> Vec<String> {
    let step = NewStep { name: "More".to_owned(), ..NewStep::default() };
    commit(files, vec![Input::AddStep(step)])
}

fn text(disk: &FaultDisk, path: &str) -> String {
    String::from_utf8(disk.read(path.as_ref(), u64::MAX).unwrap()).unwrap()
}

#[test]
fn a_document_stands_beside_its_process_byte_for_byte() {
    let (disk, files) = project();
    assert_eq!(text(&disk, SHEET), "# Plan\n\nOne\n\nTwo\n");
    assert!(matches!(record(&files).found.document.sheet, Sheet::Current { entry: 1 }));
}

#[test]
fn a_process_without_a_document_has_no_file_for_it() {
    let (disk, files) = without_document();
    add_step(&files);
    assert!(disk.stat(SHEET.as_ref()).unwrap().is_none());
}

#[test]
fn a_hand_edit_is_shown_at_once_and_becomes_an_entry_with_the_next_change() {
    let (disk, files) = project();
    disk.plant(SHEET, "# Plan\n\nOne and a half\n\nTwo\n");
    assert_eq!(record(&files).shown_document().0, Some("# Plan\n\nOne and a half\n\nTwo\n"));
    assert_eq!(record(&files).execution.entry_last(), 1);
    assert_eq!(add_step(&files), Vec::<String>::new());
    let after = record(&files);
    assert_eq!(after.execution.document(), Some("# Plan\n\nOne and a half\n\nTwo\n"));
    assert_eq!(after.execution.entry_last(), 2);
    assert!(after.events.iter().any(|event| event.by == "file"));
}

#[test]
fn a_file_that_somebody_makes_is_the_beginning_of_a_document() {
    let (disk, files) = without_document();
    disk.plant(SHEET, "# Mine\n");
    add_step(&files);
    assert_eq!(record(&files).execution.document(), Some("# Mine\n"));
    assert_eq!(text(&disk, SHEET), "# Mine\n");
}

#[test]
fn a_file_that_was_left_behind_by_a_program_that_died_is_no_edit() {
    let (disk, files) = project();
    let (sheet, view) = (text(&disk, SHEET), text(&disk, VIEW));
    write(&files, 8, "One", "1");
    // Neither file was written behind the journal.
    disk.plant(SHEET, sheet.clone());
    disk.plant(VIEW, view.clone());
    assert!(matches!(record(&files).found.document.sheet, Sheet::Stale));
    // Nor one of the two.
    disk.plant(SHEET, "# Plan\n\n1\n\nTwo\n");
    assert!(matches!(record(&files).found.document.sheet, Sheet::Current { .. }));
    disk.plant(SHEET, sheet);
    add_step(&files);
    assert_eq!(text(&disk, SHEET), "# Plan\n\n1\n\nTwo\n");
    assert_eq!(record(&files).execution.entry_last(), 2);
}

#[test]
fn an_edit_back_to_an_older_text_is_an_edit() {
    let (disk, files) = project();
    let old = text(&disk, SHEET);
    write(&files, 8, "One", "1");
    disk.plant(SHEET, old.clone());
    add_step(&files);
    assert_eq!(record(&files).execution.document(), Some(old.as_str()));
    assert_eq!(record(&files).execution.entry_last(), 3);
}

#[test]
fn an_edit_of_an_older_revision_keeps_what_others_did_elsewhere() {
    let (disk, files) = project();
    let view = text(&disk, VIEW);
    write(&files, 8, "One", "1");
    disk.plant(VIEW, view);
    disk.plant(SHEET, "# Plan\n\nOne\n\nTwo, by hand\n");
    add_step(&files);
    assert_eq!(text(&disk, SHEET), "# Plan\n\n1\n\nTwo, by hand\n");
}

#[test]
fn an_edit_that_clashes_is_kept_beside_and_told() {
    let (disk, files) = project();
    let view = text(&disk, VIEW);
    write(&files, 8, "One", "1");
    disk.plant(VIEW, view);
    disk.plant(SHEET, "# Plan\n\nOnce\n\nTwo\n");
    let (shown, reasons) = {
        let record = record(&files);
        let (text, reasons) = record.shown_document();
        (text.map(str::to_owned), reasons)
    };
    assert_eq!(shown.as_deref(), Some("# Plan\n\n1\n\nTwo\n"));
    assert_eq!(reasons.len(), 1);
    let told = add_step(&files);
    assert!(told[0].contains("proc-001.md.rejected-1"), "{told:?}");
    assert_eq!(text(&disk, &format!("{SHEET}.rejected-1")), "# Plan\n\nOnce\n\nTwo\n");
    assert_eq!(text(&disk, SHEET), "# Plan\n\n1\n\nTwo\n");
}

#[test]
fn what_is_no_text_is_kept_beside() {
    let (disk, files) = project();
    disk.plant(SHEET, [0xff, 0xfe]);
    let told = add_step(&files);
    assert!(told[0].contains("proc-001.md.corrupt-1"), "{told:?}");
    assert_eq!(text(&disk, SHEET), "# Plan\n\nOne\n\nTwo\n");
}

#[test]
fn a_document_goes_into_the_archive_and_comes_back() {
    let (disk, files) = project();
    commit(&files, vec![Input::Archive]);
    assert!(disk.stat(SHEET.as_ref()).unwrap().is_none());
    assert_eq!(text(&disk, "/p/.ai/processes/archived/proc-001.md"), "# Plan\n\nOne\n\nTwo\n");
    commit(&files, vec![Input::Unarchive]);
    assert_eq!(text(&disk, SHEET), "# Plan\n\nOne\n\nTwo\n");
}

#[test]
fn a_driver_takes_a_hand_edit_in_with_its_next_load() {
    let (disk, files) = project();
    disk.plant(SHEET, "# Plan\n\nOne\n\nThree\n");
    let execution = files.load(id()).unwrap().unwrap();
    assert_eq!(execution.document(), Some("# Plan\n\nOne\n\nThree\n"));
}

#[test]
fn a_write_of_the_file_that_fails_loses_nothing_and_is_made_up_for() {
    let (disk, files) = project();
    let view = text(&disk, VIEW);
    // The document cannot be written: a folder stands in its place.
    disk.remove_file(SHEET.as_ref()).unwrap();
    disk.plant_folder(SHEET);
    let told = add_step(&files);
    assert!(told[0].contains("proc-001.md"), "{told:?}");
    assert_ne!(text(&disk, VIEW), view);
    assert_eq!(text(&disk, SHEET), "# Plan\n\nOne\n\nTwo\n");
}
