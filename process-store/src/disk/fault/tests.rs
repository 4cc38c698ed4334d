//! Tests of the disk that fails on request.

use std::path::Path;

use expect_test::{Expect, expect};

use super::{Fault, FaultDisk, Survival};
use crate::disk::{Disk, DiskFile};
use crate::error::ErrorKind;

/// Shows every file and its content, on one line.
fn show(disk: &FaultDisk) -> String {
    let files = disk.files();
    let shown = files.iter().map(|(path, bytes)| {
        format!("{}={}", path.display(), String::from_utf8_lossy(bytes).replace('\0', "0"))
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// A disk with a durable `/log` that holds "one", to which "two" and "three" were written, and
/// with names that were not synced: `/a` created (with "A", synced), then renamed to `/b`, and
/// moved from there to `/sub/c`.
fn busy_disk() -> (FaultDisk, Box<dyn DiskFile>) {
    let disk = FaultDisk::new();
    disk.plant("/log", "one");
    disk.plant_folder("/sub");
    let mut log = disk.open_append(Path::new("/log")).unwrap();
    log.write_all(b"two").unwrap();
    log.write_all(b"three").unwrap();
    let mut file = disk.create_new(Path::new("/a")).unwrap();
    file.write_all(b"A").unwrap();
    file.sync().unwrap();
    disk.rename(Path::new("/a"), Path::new("/b")).unwrap();
    disk.rename(Path::new("/b"), Path::new("/sub/c")).unwrap();
    (disk, log)
}

fn check(survival: Survival, expect: Expect) {
    let (disk, _log) = busy_disk();
    disk.restart_after_power_cut(survival);
    let first = show(&disk);
    disk.restart_after_power_cut(Survival::Nothing);
    assert_eq!(show(&disk), first, "what survived once is durable");
    expect.assert_eq(&first);
}

#[test]
fn a_power_cut_leaves_what_the_survival_says() {
    check(Survival::Nothing, expect!["/log=one"]);
    check(Survival::Everything, expect!["/log=onetwothree /sub/c=A"]);
    check(Survival::NamesOnly, expect!["/log=one /sub/c=A"]);
    check(Survival::Prefix(1), expect!["/log=onetwo /sub/c=A"]);
    check(Survival::Prefix(2), expect!["/log=onetwothree /sub/c=A"]);
    check(Survival::TornLastWrite, expect!["/log=onetwoth /sub/c=A"]);
    check(Survival::ZeroedLastWrite, expect!["/log=onetwoth000 /sub/c=A"]);
}

#[test]
fn a_rename_between_folders_is_in_both_or_in_none() {
    for seed in 0..200 {
        let (disk, _log) = busy_disk();
        disk.restart_after_power_cut(Survival::Seeded(seed));
        let names = ["/a", "/b", "/sub/c"];
        let found = names.iter().filter(|name| disk.files().contains_key(Path::new(name)));
        assert!(found.count() <= 1, "seed {seed}: {}", show(&disk));
    }
}

#[test]
fn synced_data_without_a_synced_name_may_lose_the_name() {
    let disk = FaultDisk::new();
    let mut file = disk.create_new(Path::new("/new")).unwrap();
    file.write_all(b"x").unwrap();
    file.sync().unwrap();
    disk.restart_after_power_cut(Survival::Nothing);
    assert_eq!(show(&disk), "");
}

#[test]
fn a_folder_sync_keeps_names_and_both_ends_of_a_move() {
    let (disk, _log) = busy_disk();
    disk.sync_folder(Path::new("/sub")).unwrap();
    disk.restart_after_power_cut(Survival::Nothing);
    assert_eq!(show(&disk), "/log=one /sub/c=A");
}

#[test]
fn a_killed_program_leaves_the_cache_and_nothing_works_until_the_restart() {
    let (disk, mut log) = busy_disk();
    disk.plan(Fault::Kill, disk.operations() + 2);
    log.write_all(b"four").unwrap();
    let error = log.write_all(b"five").unwrap_err();
    assert_eq!(error.to_string(), "cannot write `/log`: the program was killed");
    assert!(disk.is_down());
    assert!(disk.read(Path::new("/log"), 99).is_err());
    let lock = disk.try_lock(Path::new("/log"));
    assert!(lock.is_err());
    disk.restart();
    assert_eq!(show(&disk), "/log=onetwothreefour /sub/c=A");
    assert!(log.write_all(b"six").is_err(), "the handle belongs to the dead program");
    disk.restart_after_power_cut(Survival::Nothing);
    assert_eq!(show(&disk), "/log=one");
}

#[test]
fn a_restart_frees_locks_and_an_old_lock_frees_nothing() {
    let disk = FaultDisk::new();
    let old = disk.try_lock(Path::new("/guard")).unwrap().unwrap();
    disk.restart();
    let held = disk.try_lock(Path::new("/guard")).unwrap();
    assert!(held.is_some());
    drop(old);
    assert!(disk.try_lock(Path::new("/guard")).unwrap().is_none());
}

#[test]
fn a_torn_write_stores_its_half_and_kills() {
    let (disk, mut log) = busy_disk();
    disk.plan(Fault::TornWrite, disk.operations() + 1);
    assert!(log.write_all(b"1234").is_err());
    disk.restart();
    assert_eq!(show(&disk), "/log=onetwothree12 /sub/c=A");
}

#[test]
fn the_operation_of_a_power_cut_may_have_happened() {
    for (survival, expected) in
        [(Survival::Everything, "/log=onetwothree /sub/c=A"), (Survival::Nothing, "/log=one")]
    {
        let (disk, mut log) = busy_disk();
        disk.plan(Fault::PowerCut, disk.operations() + 1);
        assert!(log.sync().is_err());
        disk.restart_after_power_cut(survival);
        assert_eq!(show(&disk), expected);
    }
}

#[test]
fn a_full_disk_stores_half_until_there_is_room() {
    let (disk, mut log) = busy_disk();
    disk.plan(Fault::NoSpace, disk.operations() + 1);
    for _ in 0..2 {
        assert_eq!(log.write_all(b"xy").unwrap_err().kind(), ErrorKind::NoSpace);
    }
    disk.clear();
    log.write_all(b"z").unwrap();
    assert_eq!(show(&disk), "/log=onetwothreexxz /sub/c=A");
}

#[test]
fn a_failed_sync_poisons_its_handle_and_loses_what_was_not_synced() {
    let (disk, mut log) = busy_disk();
    disk.plan(Fault::SyncError, disk.syncs() + 1);
    let error = log.sync().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Poisoned);
    for result in [log.sync(), log.write_all(b"x"), log.set_len(0), log.len().map(|_| ())] {
        assert_eq!(result.unwrap_err().to_string(), error.to_string());
    }
    assert_eq!(disk.syncs(), 2, "a poisoned handle does not sync again");

    let mut again = disk.open_append(Path::new("/log")).unwrap();
    again.sync().unwrap();
    assert_eq!(show(&disk), "/log=onetwothree /sub/c=A");
    disk.restart_after_power_cut(Survival::Everything);
    assert_eq!(show(&disk), "/log=one /sub/c=A");
}

#[test]
fn a_failed_folder_sync_forgets_names() {
    let (disk, _log) = busy_disk();
    disk.plan(Fault::SyncError, disk.syncs() + 1);
    assert!(disk.sync_folder(Path::new("/")).is_err());
    disk.sync_folder(Path::new("/")).unwrap();
    disk.restart_after_power_cut(Survival::Nothing);
    assert_eq!(show(&disk), "/log=one");
}

#[test]
fn operations_are_counted_by_kind() {
    let (disk, mut log) = busy_disk();
    log.sync().unwrap();
    disk.sync_folder(Path::new("/")).unwrap();
    let counts = disk.counts();
    assert_eq!((counts.writes, counts.creates, counts.renames), (3, 1, 2));
    assert_eq!((counts.file_syncs, counts.folder_syncs, disk.syncs()), (2, 1, 3));
    assert_eq!(disk.operations(), 9);
}
