//! Tests of shared commits: many threads, few syncs, and each is told about its own.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use procreg::Outcome;

use super::{FOREIGN, PATH, add, numbers, open, project_with};
use crate::children::ChildrenWriter;
use crate::disk::{Disk, Fault};
use crate::error::ErrorKind;
use crate::lock::{LockOptions, StdWaiter, acquire};

/// How many threads write at once.
const THREADS: u32 = 100;

/// Lets many threads ask for something while nobody can commit, and returns what each was told; every tenth asks
/// for what is refused.
fn crowd(writer: &ChildrenWriter, disk: &dyn Disk) -> Vec<Result<Vec<Outcome>, ErrorKind>> {
    let held = acquire(disk, Path::new(PATH), &LockOptions::default(), &StdWaiter).unwrap();
    thread::scope(|scope| {
        let asked: Vec<_> = (0..THREADS)
            .map(|number| {
                let pid = if number % 10 == 0 { 0 } else { 1_000 + number };
                scope.spawn(move || {
                    let committed = writer.commit(vec![add(pid)], 5);
                    committed.map(|done| done.outcomes).map_err(|error| error.kind())
                })
            })
            .collect();
        // One of them waits for the lock, all others for that one.
        while writer.waiting() + 1 < THREADS as usize {
            thread::yield_now();
        }
        drop(held);
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn a_hundred_threads_share_one_commit_and_each_is_answered_for_itself() {
    let disk = project_with(FOREIGN);
    let writer = ChildrenWriter::new(open(&disk));
    let told = crowd(&writer, &disk);
    for (number, told) in told.into_iter().enumerate() {
        let expected =
            if number % 10 == 0 { Err(ErrorKind::Invalid) } else { Ok(vec![Outcome::Changed]) };
        assert_eq!(told, expected);
    }
    assert_eq!(numbers(writer.children()).len(), 91);
    assert_eq!(disk.syncs(), 2, "one of the file, one of its folder");
}

#[test]
fn a_commit_that_fails_is_told_to_all_that_share_it_and_the_next_one_works() {
    let disk = project_with(FOREIGN);
    let writer = ChildrenWriter::new(open(&disk));
    // Whichever sync fails, the disk is in order from then on.
    disk.plan(Fault::SyncError, 1);
    let told = crowd(&writer, &disk);
    assert!(told.iter().all(|told| *told == Err(ErrorKind::Poisoned)), "{told:?}");
    assert_eq!(numbers(writer.children()), [51]);
    writer.commit(vec![add(5_000)], 6).unwrap();
    assert_eq!(numbers(writer.children()), [51, 5_000]);
}

#[test]
fn a_panic_of_one_does_not_stop_the_others() {
    let disk = project_with(FOREIGN);
    let writer = ChildrenWriter::new(open(&disk));
    let clone = Arc::new(writer.clone());
    let turn = thread::spawn(move || {
        let _turn = clone.take_turn();
        std::panic::resume_unwind(Box::new("as if a commit had panicked"));
    });
    assert!(turn.join().is_err());
    assert!(writer.commit(vec![add(70)], 1).is_ok());
}
