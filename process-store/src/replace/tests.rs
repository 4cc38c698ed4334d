//! Tests of atomic replacement and setting aside.

use std::path::Path;

use super::{Aside, Durability, copy_aside, is_temporary, keep_aside, remove_temporaries, replace};
use crate::disk::{Disk, Fault, FaultDisk, FileKind, Survival};
use crate::error::ErrorKind;

const OLD: &[u8] = b"old content";
const NEW: &[u8] = b"the new content, which is longer";

fn path() -> &'static Path {
    Path::new("/folder/file.yaml")
}

fn disk_with_old_file() -> FaultDisk {
    let disk = FaultDisk::new();
    disk.plant(path(), OLD);
    disk
}

fn content(disk: &FaultDisk) -> Vec<u8> {
    disk.read(path(), 1_000).unwrap()
}

fn temporaries(disk: &FaultDisk) -> usize {
    let entries = disk.list(Path::new("/folder")).unwrap();
    entries.iter().filter(|entry| is_temporary(&entry.name)).count()
}

#[test]
fn a_file_is_replaced_or_created_and_nothing_is_left_beside_it() {
    let disk = disk_with_old_file();
    let stat = replace(&disk, path(), NEW, Durability::Synced).unwrap();
    assert_eq!(content(&disk), NEW);
    assert_eq!(disk.stat(path()).unwrap(), Some(stat));
    let other = Path::new("/folder/other");
    replace(&disk, other, NEW, Durability::SyncedWithFolder).unwrap();
    assert_eq!(disk.files().len(), 2);
    disk.restart_after_power_cut(Survival::Nothing);
    assert_eq!(content(&disk), NEW);
    assert_eq!(disk.read(other, 99).unwrap(), NEW);
}

#[test]
fn each_durability_costs_its_syncs() {
    for (durability, files, folders) in [
        (Durability::Derived, 0, 0),
        (Durability::Synced, 1, 0),
        (Durability::SyncedWithFolder, 1, 1),
    ] {
        let disk = disk_with_old_file();
        replace(&disk, path(), NEW, durability).unwrap();
        assert_eq!((disk.counts().file_syncs, disk.counts().folder_syncs), (files, folders));
    }
}

#[test]
fn a_power_cut_at_every_operation_leaves_the_old_file_or_the_new_one() {
    let survivals = [Survival::Nothing, Survival::Everything, Survival::NamesOnly]
        .into_iter()
        .chain([Survival::TornLastWrite, Survival::ZeroedLastWrite])
        .chain((0..4).map(Survival::Prefix))
        .chain((0..50).map(Survival::Seeded));
    for survival in survivals {
        for fault in [Fault::PowerCut, Fault::Kill, Fault::TornWrite] {
            for at in 1.. {
                let disk = disk_with_old_file();
                disk.plan(fault, at);
                let result = replace(&disk, path(), NEW, Durability::SyncedWithFolder);
                let is_done = !disk.is_down();
                assert_eq!(result.is_ok(), is_done);
                disk.restart_after_power_cut(survival);
                let found = content(&disk);
                if is_done {
                    assert_eq!(found, NEW, "{fault:?} {survival:?}");
                    break;
                }
                assert!(found == OLD || found == NEW, "{fault:?} at {at}, {survival:?}");
                remove_temporaries(&disk, Path::new("/folder")).unwrap();
                assert_eq!(disk.files().len(), 1);
            }
        }
    }
}

#[test]
fn without_the_sync_a_power_cut_may_empty_the_file_which_is_why_derived_says_rebuildable() {
    let disk = disk_with_old_file();
    replace(&disk, path(), NEW, Durability::Derived).unwrap();
    disk.restart_after_power_cut(Survival::NamesOnly);
    assert_eq!(content(&disk), b"");
}

#[test]
fn an_error_keeps_the_old_file_and_removes_the_unfinished_one() {
    for (fault, kind) in
        [(Fault::NoSpace, ErrorKind::NoSpace), (Fault::SyncError, ErrorKind::Poisoned)]
    {
        let disk = disk_with_old_file();
        disk.plan(fault, 1);
        let error = replace(&disk, path(), NEW, Durability::Synced).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!((content(&disk).as_slice(), temporaries(&disk)), (OLD, 0));
    }
}

#[test]
fn a_folder_is_not_replaced_and_a_link_is_replaced_itself() {
    let disk = FaultDisk::new();
    disk.plant_folder("/folder/file.yaml");
    let error = replace(&disk, path(), NEW, Durability::Synced).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRegular);
    assert_eq!(disk.operations(), 0);
    disk.plant_link(path());
    replace(&disk, path(), NEW, Durability::Synced).unwrap();
    assert_eq!(disk.stat(path()).unwrap().unwrap().kind, FileKind::File);
}

#[test]
fn only_our_unfinished_files_are_temporary() {
    for name in [".a.yaml.tmp-1-2", ".registry.yaml.lock.tmp-4194304-0", "..tmp-x.tmp-1-1"] {
        assert!(is_temporary(name), "{name}");
    }
    for name in ["a.tmp-1-2", ".tmp-1-2", "..tmp-1", ".a.tmp-1-", ".a.tmp--1", ".a.tmp-1-2x", ""] {
        assert!(!is_temporary(name), "{name}");
    }
}

#[test]
fn left_over_temporaries_are_removed_and_nothing_else() {
    let disk = disk_with_old_file();
    disk.plant("/folder/.file.yaml.tmp-7-1", "half");
    disk.plant("/folder/.other.tmp", "mine");
    let removed = remove_temporaries(&disk, Path::new("/folder")).unwrap();
    assert_eq!(removed, [".file.yaml.tmp-7-1"]);
    assert_eq!(disk.files().len(), 2);
}

#[test]
fn a_taken_temporary_name_is_passed_over() {
    let disk = disk_with_old_file();
    replace(&disk, path(), NEW, Durability::Derived).unwrap();
    let process_id = std::process::id();
    for number in 0..200 {
        disk.plant(format!("/folder/.file.yaml.tmp-{process_id}-{number}"), "left");
    }
    replace(&disk, path(), OLD, Durability::Derived).unwrap();
    assert_eq!((content(&disk).as_slice(), temporaries(&disk)), (OLD, 200));
}

#[test]
fn whatever_has_the_name_is_kept_aside_under_the_next_number() {
    let disk = disk_with_old_file();
    let keep = || {
        let kept = keep_aside(&disk, path(), Aside::Corrupt).unwrap();
        kept.to_str().unwrap().to_owned()
    };
    assert_eq!(keep(), "/folder/file.yaml.corrupt-1");
    disk.plant_link(path());
    assert_eq!(keep(), "/folder/file.yaml.corrupt-2");
    disk.plant_fifo(path());
    disk.plant("/folder/file.yaml.corrupt-7", "");
    disk.plant("/folder/file.yaml.corrupt-x", "");
    disk.plant("/folder/file.yaml.corrupt-99999", "");
    assert_eq!(keep(), "/folder/file.yaml.corrupt-8");
    disk.plant_folder(path());
    disk.plant("/folder/file.yaml.corrupt-9999", "");
    assert_eq!(keep(), "/folder/file.yaml.corrupt-3", "the lowest gap, when the last is in use");
    let error = keep_aside(&disk, path(), Aside::Corrupt).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn kept_files_are_never_overwritten_also_when_all_numbers_are_in_use() {
    let disk = disk_with_old_file();
    for number in 1..=9_999 {
        disk.plant(format!("/folder/file.yaml.rejected-{number}"), "");
    }
    let error = keep_aside(&disk, path(), Aside::Rejected).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(content(&disk), OLD);
}

#[test]
fn a_copy_kept_aside_is_synced_and_a_failed_one_is_removed() {
    let disk = disk_with_old_file();
    let kept = copy_aside(&disk, path(), b"edit", Aside::Rejected).unwrap();
    assert_eq!(kept, Path::new("/folder/file.yaml.rejected-1"));
    assert_eq!(disk.counts().file_syncs, 1);
    assert_eq!(content(&disk), OLD);
    disk.plan(Fault::NoSpace, disk.operations() + 1);
    assert!(copy_aside(&disk, path(), b"edit", Aside::Rejected).is_err());
    assert_eq!(disk.files().len(), 2);
}
