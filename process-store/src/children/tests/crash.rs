//! Tests of crashes: at every operation of a commit, the old registry is there or the next one.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use procreg::Delta;

use super::{BACKUP, FOREIGN, PATH, SIDE, add, child, open, open_strict, project};
use crate::children::Children;
use crate::disk::{Fault, FaultDisk, Survival};
use crate::error::ErrorKind;
use crate::lock::Waiter;

/// Each way in which a registry may lie there before the commit.
const STARTS: [fn() -> (FaultDisk, bool); 5] = [
    || (project(), false),
    || {
        let disk = project();
        open(&disk).commit(&[add(60), add(61)], 1).unwrap();
        (disk, false)
    },
    || {
        let disk = project();
        open_strict(&disk).commit(&[add(60), add(61)], 1).unwrap();
        (disk, true)
    },
    || {
        let disk = project();
        open_strict(&disk).commit(&[add(60), add(61)], 1).unwrap();
        (disk, false)
    },
    || {
        let disk = project();
        disk.plant(PATH, "{\"version\": 1, \"processes\": [");
        disk.plant(BACKUP, FOREIGN);
        (disk, false)
    },
];

/// A clock that only sleeping moves, at once.
#[derive(Default)]
struct Quick(Mutex<Duration>);

impl Waiter for Quick {
    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn now(&self) -> SystemTime {
        // Long after the disk's: what a power cut left of a lock is old.
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

fn open_as(disk: &FaultDisk, is_strict: bool) -> Children {
    let children = if is_strict { open_strict(disk) } else { open(disk) };
    children.with_waiter(Arc::new(Quick::default()))
}

fn change() -> [Delta; 2] {
    [add(70), Delta::Remove(child(60).key())]
}

/// Tells each child with what is known about its start.
fn seen(children: &Children) -> Vec<(u32, Option<u64>)> {
    let registry = children.read().unwrap().registry;
    let start = |info: &procreg::ProcessInfo| info.identity.as_ref()?.start_time;
    registry.list().map(|info| (info.pid, start(info))).collect()
}

fn survivals() -> impl Iterator<Item = Survival> {
    [Survival::Nothing, Survival::Everything, Survival::NamesOnly, Survival::TornLastWrite]
        .into_iter()
        .chain([Survival::ZeroedLastWrite])
        .chain((0..6).map(Survival::Prefix))
        .chain((0..12).map(Survival::Seeded))
}

/// Commits while this goes wrong at this operation, and looks afterwards; true if nothing did.
fn check(
    start: fn() -> (FaultDisk, bool),
    fault: Fault,
    at: u64,
    survival: Option<Survival>,
) -> bool {
    let (disk, is_strict) = start();
    let children = open_as(&disk, is_strict);
    let before = seen(&children);
    let clean = {
        let (disk, _) = start();
        let children = open_as(&disk, is_strict);
        children.commit(&change(), 5).unwrap();
        seen(&children)
    };
    disk.plan(fault, disk.operations() + at);
    let result = children.commit(&change(), 5);
    let is_done = !disk.is_down();
    match survival {
        Some(survival) => disk.restart_after_power_cut(survival),
        None => disk.restart(),
    }
    let context = format!("{fault:?} at {at}, {survival:?}");
    let found = seen(&children);
    if result.is_ok() {
        // Also if it died on its way out.
        assert_eq!(found, clean, "{context}");
    } else {
        assert!(!is_done, "{context}");
        assert!(found == before || found == clean, "{context}: {found:?}");
    }
    // Whatever was left, the next commit works, loses nothing and leaves nothing half done.
    children.commit(&[add(80)], 6).unwrap();
    let mut expected = found;
    expected.push((80, Some(80)));
    assert_eq!(seen(&children), expected, "{context}");
    let left = disk.files().into_keys().filter(|path| path.to_str().unwrap().contains(".tmp-"));
    assert_eq!(left.count(), 0, "{context}");
    is_done
}

#[test]
fn a_kill_at_every_operation_leaves_the_old_registry_or_the_next_one() {
    for start in STARTS {
        for fault in [Fault::Kill, Fault::TornWrite] {
            for at in 1.. {
                if check(start, fault, at, None) {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_power_cut_at_every_operation_leaves_the_old_registry_or_the_next_one() {
    for start in STARTS {
        for survival in survivals() {
            for fault in [Fault::Kill, Fault::PowerCut] {
                for at in 1.. {
                    if check(start, fault, at, Some(survival)) {
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn a_full_or_failing_disk_is_an_error_that_leaves_the_old_registry() {
    for start in STARTS {
        for (fault, kind) in
            [(Fault::NoSpace, ErrorKind::NoSpace), (Fault::SyncError, ErrorKind::Poisoned)]
        {
            for at in 1.. {
                let (disk, is_strict) = start();
                let children = open_as(&disk, is_strict);
                let before = seen(&children);
                let first =
                    if fault == Fault::SyncError { disk.syncs() } else { disk.operations() };
                let all = disk.operations();
                disk.plan(fault, first + at);
                let result = children.commit(&change(), 5);
                let is_done = result.is_ok();
                disk.clear();
                if let Err(error) = result {
                    assert_eq!(error.kind(), kind, "{fault:?} at {at}: {error}");
                    let found = seen(&children);
                    let is_old = found == before
                        || (kind == ErrorKind::Poisoned && found.contains(&(70, Some(70))));
                    assert!(is_old, "{fault:?} at {at}: {found:?}");
                    children.commit(&change(), 6).unwrap();
                }
                assert!(seen(&children).contains(&(70, Some(70))));
                assert!(disk.operations() > all);
                if is_done {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_second_file_alone_is_no_registry() {
    let disk = project();
    open_strict(&disk).commit(&[add(60)], 1).unwrap();
    let side = disk.files()[std::path::Path::new(SIDE)].clone();
    let other = project();
    other.plant(SIDE, side);
    assert_eq!(seen(&open_strict(&other)), []);
}
