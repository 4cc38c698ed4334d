//! Tests of views and the index, on a disk that counts.

use std::sync::Arc;

use process_core::{
    Process, ProcessId, RegistryFact, Step, StepId, Timestamp, Uid, model::Defaults, yaml,
};
use process_engine::{Execution, Input, NewStep};

use super::{Files, Options, Record, View};
use crate::{
    disk::{Disk, FaultDisk},
    error::ErrorKind,
    lock::StdWaiter,
    store::{Group, Store},
};

fn now() -> Timestamp {
    Timestamp::parse("2026-02-10T10:00:00.000Z").unwrap()
}

fn id(number: u32) -> ProcessId {
    ProcessId::from_number(number).unwrap()
}

/// Returns a project with one process of two steps.
fn project() -> (FaultDisk, Files) {
    let disk = FaultDisk::new();
    disk.plant_folder("/p");
    disk.set_clock(1_770_717_600);
    let uids = || Uid::from_u128(7);
    let files =
        Files::new(Arc::new(disk.clone()), Arc::new(StdWaiter), "/p", Options::default(), uids);
    files.found().unwrap();
    let mut change = files.change(&now(), "ada").unwrap();
    let uid = Uid::from_u128(1);
    let mut process = Process::new(Defaults { id: id(1), uid, now: now() }, "One", "");
    process.steps = ["s1", "s2"].map(|id| Step::new(StepId::parse(id).unwrap(), id)).to_vec();
    let input = Input::Create { process: Box::new(process), reason: "First".to_owned() };
    let facts = vec![RegistryFact::Switched { process: id(1) }];
    change.create(id(1), vec![input], facts).unwrap();
    assert_eq!(change.finish(), []);
    disk.set_clock(1_770_717_700);
    (disk, files)
}

fn record(files: &Files) -> Record {
    files.read_process(id(1)).unwrap().unwrap()
}

fn edit(disk: &FaultDisk, from: &str, to: &str) {
    let path = "/p/.ai/processes/proc-001.yaml";
    let text = String::from_utf8(disk.read(path.as_ref(), u64::MAX).unwrap()).unwrap();
    assert!(text.contains(from), "{text}");
    disk.plant(path, text.replacen(from, to, 1));
}

fn add_step(files: &Files, name: &str) {
    let mut change = files.change(&now(), "ada").unwrap();
    let mut record = change.load(id(1)).unwrap();
    let step = NewStep { name: name.to_owned(), ..NewStep::default() };
    change.commit(&mut record, vec![Input::AddStep(step)]).unwrap();
    let _ = change.finish();
}

#[test]
fn before_the_lock_is_held_only_the_folder_is_made() {
    // Whoever holds the lock removes left-overs: a file that is on its way would be one.
    let disk = FaultDisk::new();
    disk.plant_folder("/p");
    let uids = || Uid::from_u128(7);
    let options = Options::default();
    let files = Files::new(Arc::new(disk.clone()), Arc::new(StdWaiter), "/p", options, uids);
    files.found().unwrap();
    assert_eq!(disk.list("/p/.ai".as_ref()).unwrap(), []);
}

#[test]
fn a_file_that_says_what_the_journal_says_is_no_edit() {
    let (disk, files) = project();
    assert!(matches!(record(&files).found.view, View::Current { .. }));
    edit(&disk, "name: One", "name: \"One\" # quoted, and a comment");
    assert!(matches!(record(&files).found.view, View::Current { .. }));
}

#[test]
fn a_hand_edit_is_seen_by_its_content() {
    let (disk, files) = project();
    edit(&disk, "name: One", "name: Two");
    let View::Edited { patch, .. } = record(&files).found.view else { panic!("no edit") };
    let expected = serde_json::json!([{"op": "replace", "path": "/name", "value": "Two"}]);
    assert_eq!(patch, expected);
    assert_eq!(record(&files).shown(&now()).unwrap().0.name, "Two");
}

#[test]
fn an_edit_of_an_older_revision_keeps_what_others_did_meanwhile() {
    let (disk, files) = project();
    let path = "/p/.ai/processes/proc-001.yaml";
    let old = disk.read(path.as_ref(), u64::MAX).unwrap();
    add_step(&files, "Theirs");
    let text = String::from_utf8(old).unwrap();
    disk.plant(path, text.replacen("name: One", "name: Mine", 1));
    let (process, _) = record(&files).shown(&now()).unwrap();
    assert_eq!(process.name, "Mine");
    assert_eq!(process.steps.len(), 3, "the step of the other side stays");
}

#[test]
fn an_edit_of_an_older_revision_that_clashes_is_refused_with_the_reason() {
    let (disk, files) = project();
    let path = "/p/.ai/processes/proc-001.yaml";
    let old = disk.read(path.as_ref(), u64::MAX).unwrap();
    edit(&disk, "name: One", "name: Theirs");
    add_step(&files, "Absorbs");
    let text = String::from_utf8(old).unwrap();
    disk.plant(path, text.replacen("name: One", "name: Mine", 1));
    let View::Invalid { problems } = record(&files).found.view else { panic!("not refused") };
    assert!(problems[0].message.contains("both sides changed `name`"), "{problems:?}");
    add_step(&files, "Rebuilds");
    let kept = disk.files();
    let rejected = "/p/.ai/processes/proc-001.yaml.rejected-1";
    let kept = String::from_utf8(kept[std::path::Path::new(rejected)].clone()).unwrap();
    assert!(kept.contains("name: Mine"));
    assert_eq!(record(&files).process().unwrap().name, "Theirs");
}

#[test]
fn a_step_added_by_hand_without_an_id_gets_one_that_was_never_given() {
    let (disk, files) = project();
    add_step(&files, "Third");
    let mut change = files.change(&now(), "ada").unwrap();
    let mut third = change.load(id(1)).unwrap();
    let step = StepId::parse("s3").unwrap();
    change.commit(&mut third, vec![Input::RemoveStep { step }]).unwrap();
    let _ = change.finish();
    edit(&disk, "decisions: []", "  - name: By hand\ndecisions: []");
    let (process, notices) = record(&files).shown(&now()).unwrap();
    assert_eq!(notices, [""; 0]);
    assert_eq!(process.steps.last().unwrap().id.as_str(), "s4");
}

#[test]
fn the_index_reads_no_process_that_has_not_changed() {
    let (disk, files) = project();
    let before = files.index(&now()).unwrap();
    assert!(before.outdated.is_empty(), "{:?}", before.outdated);
    edit(&disk, "name: One", "name: Two");
    let after = files.index(&now()).unwrap();
    assert_eq!(after.outdated, [id(1)]);
    assert_eq!(after.entry(id(1)).unwrap().name, "Two");
}

#[test]
fn a_registry_that_is_gone_empty_or_broken_is_rebuilt() {
    for broken in [None, Some(""), Some("a: [b"), Some("<<<<<<< HEAD\n"), Some("processes: 3\n")] {
        let (disk, files) = project();
        let path = std::path::Path::new("/p/.ai/registry.yaml");
        match broken {
            None => disk.remove_file(path).unwrap(),
            Some(text) => disk.plant(path, text),
        }
        assert_eq!(files.active().unwrap(), Some(id(1)), "{broken:?}");
        add_step(&files, "Rebuilds");
        let text = String::from_utf8(disk.read(path, u64::MAX).unwrap()).unwrap();
        assert!(text.contains("activeProcessId: proc-001"), "{broken:?}: {text}");
        if broken.is_some_and(|text| !text.is_empty()) {
            let kept = path.with_file_name("registry.yaml.corrupt-1");
            assert!(disk.files().contains_key(&kept), "{broken:?}");
        }
    }
}

#[test]
fn a_registry_of_a_newer_version_is_left_alone() {
    let (disk, files) = project();
    let path = std::path::Path::new("/p/.ai/registry.yaml");
    disk.plant(path, "version: 2\nsomething: else\n");
    disk.remove_file("/p/.ai/history/global.yaml".as_ref()).unwrap();
    let Err(refused) = files.change(&now(), "ada") else { panic!("taken") };
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert_eq!(disk.read(path, u64::MAX).unwrap(), b"version: 2\nsomething: else\n");
}

#[test]
fn what_a_dead_program_left_undone_is_made_up_for_by_the_next_change() {
    let (disk, files) = project();
    let path = std::path::Path::new("/p/.ai/processes/proc-001.yaml");
    let old = disk.read(path, u64::MAX).unwrap();
    add_step(&files, "Third");
    disk.plant(path, old);
    let mut change = files.change(&now(), "ada").unwrap();
    let uid = Uid::from_u128(2);
    let process = Process::new(Defaults { id: id(2), uid, now: now() }, "Two", "");
    let input = Input::Create { process: Box::new(process), reason: "First".to_owned() };
    change.create(id(2), vec![input], Vec::new()).unwrap();
    let notices = change.finish();
    assert!(notices.iter().any(|notice| notice.0.contains("proc-001.yaml was behind")));
    let text = String::from_utf8(disk.read(path, u64::MAX).unwrap()).unwrap();
    assert!(text.contains("name: Third"));
    assert!(yaml::read(&text).is_ok());
}

/// Returns one more step of a process as a group.
fn group(execution: &Execution, name: &str) -> Group {
    let mut execution = execution.clone();
    let expected = execution.revision();
    let step = NewStep { name: name.to_owned(), ..NewStep::default() };
    let events = execution.advance(&now(), "ada", Input::AddStep(step)).unwrap();
    Group { id: id(1), expected, events, execution: Box::new(execution), becomes_active: false }
}

fn append(files: &Files, group: &Group) -> Result<(), crate::Error> {
    files.append(std::slice::from_ref(group)).remove(0)
}

#[test]
fn a_group_costs_three_syncs_and_no_reading_of_the_journal() {
    let (disk, files) = project();
    let execution = files.load(id(1)).unwrap().unwrap();
    let first = group(&execution, "First");
    append(&files, &first).unwrap();
    let before = disk.counts();
    append(&files, &group(&first.execution, "Second")).unwrap();
    let after = disk.counts();
    let syncs = after.file_syncs + after.folder_syncs - before.file_syncs - before.folder_syncs;
    assert!(syncs <= 3, "{syncs} syncs");
}

#[test]
fn a_hand_edit_is_a_conflict_until_it_is_loaded() {
    let (disk, files) = project();
    let execution = files.load(id(1)).unwrap().unwrap();
    let first = group(&execution, "First");
    append(&files, &first).unwrap();
    edit(&disk, "name: One", "name: Two");
    let refused = append(&files, &group(&first.execution, "Second")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict, "{refused}");
    let loaded = files.load(id(1)).unwrap().unwrap();
    assert_eq!(loaded.process().unwrap().name, "Two");
    assert_eq!(loaded.revision(), first.execution.revision() + 1);
    append(&files, &group(&loaded, "Second")).unwrap();
    assert_eq!(record(&files).process().unwrap().name, "Two");
}

#[test]
fn the_doctor_knows_what_a_program_that_drives_leaves() {
    let (disk, files) = project();
    assert!(files.take(id(1)).unwrap());
    files.reserve(3).unwrap();
    assert_eq!(files.doctor(&now(), "ada", false).unwrap(), []);
    files.leave(id(1));
    let left = disk.list("/p/.ai/drive".as_ref()).unwrap();
    let names: Vec<_> = left.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, [".gitignore", "reserved"]);
    let change = files.change(&now(), "ada").unwrap();
    assert_eq!(change.next_id().unwrap(), id(5), "a command gives no reserved number");
}
