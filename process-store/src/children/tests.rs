//! Tests of the registry in its file, on a disk in memory.

mod broken;
mod crash;
mod strict;
mod writer;

use std::path::Path;
use std::sync::Arc;

use expect_test::{Expect, expect};
use procreg::{
    ChildIdentity, Delta, EntryKey, Namespace, Outcome, ProcessInfo, ProcessMetadata, ProcessStatus,
};

use super::commit::Change;
use super::{Children, ChildrenOptions};
use crate::disk::{Disk, FaultDisk};
use crate::error::ErrorKind;
use crate::lock::{LockOptions, StdWaiter, acquire};

const PATH: &str = "/project/.loopwork/processes.json";
const BACKUP: &str = "/project/.loopwork/processes.json.bak";
const SIDE: &str = "/project/.loopwork/processes.json.procside";

/// A registry as another program writes it.
const FOREIGN: &str = r#"{
  "version": 1,
  "parentPid": 50,
  "processes": [
    {
      "pid": 51,
      "mood": "fine",
      "status": "running",
      "command": "node",
      "args": [],
      "namespace": "one",
      "startTime": 5
    }
  ],
  "extra": {"deep": [1.0]},
  "lastUpdated": 6
}"#;

fn project() -> FaultDisk {
    let disk = FaultDisk::new();
    disk.plant_folder("/project");
    disk
}

fn project_with(text: &str) -> FaultDisk {
    let disk = project();
    disk.plant(PATH, text);
    disk
}

fn open(disk: &FaultDisk) -> Children {
    Children::open(Arc::new(disk.clone()), PATH, ChildrenOptions::default()).unwrap()
}

fn open_strict(disk: &FaultDisk) -> Children {
    let options = ChildrenOptions { strict: true, ..ChildrenOptions::default() };
    Children::open(Arc::new(disk.clone()), PATH, options).unwrap()
}

fn child(pid: u32) -> ProcessInfo {
    let identity = ChildIdentity { start_time: Some(u64::from(pid)), ..ChildIdentity::default() };
    let metadata = ProcessMetadata {
        command: "sh".to_owned(),
        namespace: Namespace::parse("one").unwrap(),
        start_time: 7,
        identity: Some(identity),
        ..ProcessMetadata::default()
    };
    ProcessInfo::new(pid, metadata)
}

fn add(pid: u32) -> Delta {
    Delta::Add(child(pid))
}

fn text(disk: &FaultDisk, path: &str) -> String {
    String::from_utf8(disk.read(Path::new(path), 1 << 20).unwrap()).unwrap()
}

/// Tells the numbers of a registry as it is read.
fn numbers(children: &Children) -> Vec<u32> {
    children.read().unwrap().registry.list().map(|info| info.pid).collect()
}

fn names(disk: &FaultDisk) -> Vec<String> {
    let files = disk.files().into_keys();
    files.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_missing_file_is_empty_and_made_with_its_folder_by_the_first_change() {
    let disk = project();
    let children = open(&disk);
    assert!(children.read().unwrap().registry.is_empty());
    assert_eq!(disk.operations(), 0, "a reader writes nothing");
    let committed = children.commit(&[add(70)], 1_000).unwrap();
    assert_eq!(committed.outcomes, [Outcome::Changed]);
    let loaded = children.read().unwrap();
    assert_eq!((&loaded.registry, loaded.notices.len()), (&*committed.registry, 0));
    assert_eq!(loaded.registry.parent_pid(), Some(std::process::id()));
    assert_eq!((loaded.registry.revision(), loaded.registry.last_updated()), (1, Some(1_000)));
    assert_eq!(names(&disk), ["processes.json", "processes.json.lock.guard"]);
}

#[test]
fn a_commit_syncs_the_file_and_its_folder_once_each() {
    let disk = project_with(FOREIGN);
    let children = open(&disk);
    children.commit(&[add(70)], 1_000).unwrap();
    assert_eq!((disk.counts().file_syncs, disk.counts().folder_syncs), (1, 1));
    let before = disk.counts();
    let none = [Delta::Remove(EntryKey::newest(99)), add(70)];
    let committed = children.commit(&none, 2_000).unwrap();
    assert_eq!(committed.outcomes, [Outcome::Missing, Outcome::Unchanged]);
    assert_eq!(disk.counts().syncs(), before.syncs(), "what changes nothing writes nothing");
    assert_eq!(committed.registry.revision(), 1);
}

#[test]
fn what_other_programs_wrote_stays_where_it_was() {
    let disk = project_with(FOREIGN);
    let children = open(&disk);
    children.commit(&[add(70)], 1_000).unwrap();
    let foreign_again = children.commit(&[Delta::Remove(child(70).key())], 6).unwrap();
    assert_eq!(foreign_again.registry.revision(), 2);
    let pid = format!("\"parentPid\": {}", std::process::id());
    let expected = FOREIGN
        .replace("\"parentPid\": 50", &pid)
        .replace("\"lastUpdated\": 6", "\"lastUpdated\": 6,\n  \"revision\": 2");
    assert_eq!(text(&disk, PATH), format!("{expected}\n"));
}

#[test]
fn the_previous_content_is_kept_and_no_file_is_ever_missing() {
    let disk = project_with(FOREIGN);
    let children = open(&disk);
    children.commit(&[add(70)], 1_000).unwrap();
    assert_eq!(text(&disk, BACKUP), FOREIGN);
    let first = text(&disk, PATH);
    children.commit(&[add(71)], 1_000).unwrap();
    assert_eq!(text(&disk, BACKUP), first);
    assert_eq!(numbers(&children), [51, 70, 71]);

    let without_links = project_with(FOREIGN);
    without_links.forbid_hard_links();
    open(&without_links).commit(&[add(70)], 1_000).unwrap();
    assert_eq!(text(&without_links, BACKUP), FOREIGN);
}

#[test]
fn two_parents_on_one_file_keep_both_their_sets() {
    let disk = project();
    let (one, two) = (open(&disk), open(&disk));
    for pid in 100..110 {
        one.commit(&[add(pid)], 1).unwrap();
        two.commit(&[add(pid + 100)], 1).unwrap();
    }
    one.commit(&[Delta::Remove(child(100).key())], 1).unwrap();
    let stale = Delta::UpdateStatus(child(201).key(), ProcessStatus::Stale);
    two.commit(&[Delta::Remove(child(200).key()), stale], 1).unwrap();
    let registry = one.read().unwrap().registry;
    assert_eq!(registry.list().count(), 18);
    assert_eq!((registry.revision(), registry.get(201).unwrap().status.as_str()), (22, "stale"));
}

#[test]
fn a_refused_change_writes_nothing_of_its_group() {
    let disk = project_with(FOREIGN);
    let children = open(&disk);
    let error = children.commit(&[add(70), add(0)], 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    expect!["cannot change `/project/.loopwork/processes.json`: 0 is no number of a child"]
        .assert_eq(error.message());
    assert_eq!(text(&disk, PATH), FOREIGN);
    assert_eq!(names(&disk), ["processes.json", "processes.json.lock.guard"]);
}

#[test]
fn left_overs_of_dead_writers_are_removed_and_nothing_else() {
    let disk = project_with(FOREIGN);
    for name in
        [".processes.json.tmp-1-2", ".processes.json.bak.tmp-1-2", ".other.json.tmp-1-2", "notes"]
    {
        disk.plant(format!("/project/.loopwork/{name}"), "");
    }
    open(&disk).commit(&[add(70)], 1).unwrap();
    assert_eq!(
        names(&disk),
        [
            ".other.json.tmp-1-2",
            "notes",
            "processes.json",
            "processes.json.bak",
            "processes.json.lock.guard"
        ]
    );
}

#[test]
fn a_held_lock_is_waited_for_and_its_holder_named() {
    let disk = project_with(FOREIGN);
    let lock = LockOptions { wait: std::time::Duration::ZERO, ..LockOptions::default() };
    let options = ChildrenOptions { lock, ..ChildrenOptions::default() };
    let children = Children::open(Arc::new(disk.clone()), PATH, options).unwrap();
    let held = acquire(&disk, Path::new(PATH), &LockOptions::default(), &StdWaiter).unwrap();
    let error = children.commit(&[add(70)], 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert_eq!(error.details().unwrap()["holder"]["pid"], std::process::id());
    assert_eq!(children.read().unwrap().registry.list().count(), 1, "a reader needs no lock");
    drop(held);
    assert!(children.commit(&[add(70)], 1).is_ok());
}

#[test]
fn a_writer_whose_lock_was_taken_away_begins_anew() {
    let disk = project_with(FOREIGN);
    let children = open(&disk);
    let lock = "/project/.loopwork/processes.json.lock";
    let mut calls = 0;
    let committed = children.commit_with(|registry| {
        calls += 1;
        if calls == 1 {
            // Another program breaks in, writes, and is done before anybody looks.
            disk.plant(lock, "999999999");
            disk.plant(PATH, FOREIGN.replace("51", "52"));
        }
        Ok(Change { outcomes: registry.merge(&[add(70)]).unwrap(), now_ms: 1 })
    });
    assert!(committed.is_ok());
    assert_eq!((calls, numbers(&children)), (2, vec![52, 70]));
    let error = children.commit_with(|registry| {
        disk.plant(lock, "999999999");
        Ok(Change { outcomes: registry.merge(&[add(71)]).unwrap(), now_ms: 1 })
    });
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(numbers(&children), [52, 70]);
}

fn check_error(disk: &FaultDisk, expect: Expect) {
    let children = open(disk);
    let before = disk.files();
    let read = children.read().map(|loaded| loaded.registry.len());
    let commit = children.commit(&[add(70)], 1).map(|_| ());
    let told = [read.map(|_| ()), commit].map(|result| match result {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{:?}: {}", error.kind(), error.message()),
    });
    expect.assert_eq(&told.join("\n"));
    let mut after = disk.files();
    after.retain(|path, _| before.contains_key(path));
    assert_eq!(after, before, "nothing that was there is changed");
}

#[test]
fn what_cannot_be_understood_or_is_no_file_is_left_alone() {
    let newer = project_with(&FOREIGN.replace("\"version\": 1", "\"version\": 2"));
    check_error(
        &newer,
        expect![[r#"
        Invalid: cannot read `/project/.loopwork/processes.json`: its version is 2, and this program reads version 1
        Invalid: cannot read `/project/.loopwork/processes.json`: its version is 2, and this program reads version 1"#]],
    );
    let folder = project();
    folder.plant_folder(PATH);
    check_error(
        &folder,
        expect![[r#"
        NotRegular: cannot read `/project/.loopwork/processes.json`: it is a folder, not a file
        NotRegular: cannot read `/project/.loopwork/processes.json`: it is a folder, not a file"#]],
    );
    let link = project();
    link.plant_link(PATH);
    check_error(
        &link,
        expect![[r#"
        NotRegular: cannot read `/project/.loopwork/processes.json`: it is a link, not a file
        NotRegular: cannot read `/project/.loopwork/processes.json`: it is a link, not a file"#]],
    );
    let pipe = project();
    pipe.plant_fifo(PATH);
    check_error(
        &pipe,
        expect![[r#"
        NotRegular: cannot read `/project/.loopwork/processes.json`: it is a pipe or a device, not a file
        NotRegular: cannot read `/project/.loopwork/processes.json`: it is a pipe or a device, not a file"#]],
    );
    let linked_folder = project();
    linked_folder.plant_link("/project/.loopwork");
    check_error(
        &linked_folder,
        expect![[r#"
        NotRegular: cannot read `/project/.loopwork/processes.json`: not a directory
        NotRegular: cannot write to `/project/.loopwork`: it is a link, not a folder"#]],
    );
    let file_as_folder = project();
    file_as_folder.plant("/project/.loopwork", "");
    check_error(
        &file_as_folder,
        expect![[r#"
        NotRegular: cannot read `/project/.loopwork/processes.json`: not a directory
        NotRegular: cannot write to `/project/.loopwork`: it is a file, not a folder"#]],
    );
    check_error(
        &FaultDisk::new(),
        expect![[r#"
        ok
        NotFound: cannot create folder `/project/.loopwork`: no such file or folder"#]],
    );
    let error = Children::open(Arc::new(project()), "/", ChildrenOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
