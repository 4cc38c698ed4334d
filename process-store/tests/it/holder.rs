//! A program that holds the lock and is stopped, or killed.

use std::fs::{self, File};
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use process_store::ErrorKind;
use process_store::disk::OsDisk;
use process_store::lock::{LockOptions, StdWaiter, acquire};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{append, file, start, wait_until};

fn start_holder(folder: &Path) -> Child {
    let holder = start("holder", folder, &[]);
    wait_until("the holder has the lock", || folder.join("held").exists());
    holder
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Takes the lock and keeps it until it is killed.
pub(crate) fn hold() {
    let lock = acquire(&OsDisk, &file("target"), &LockOptions::default(), &StdWaiter).unwrap();
    append(&file("held"), ".");
    // Longer than any test takes; whoever forgets to kill it is not stuck for ever.
    thread::sleep(Duration::from_secs(120));
    drop(lock);
}

#[test]
fn a_holder_that_is_stopped_is_not_robbed_however_old_its_lock_is() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    let mut holder = start_holder(folder.path());
    signal(&holder, Signal::STOP);
    let visible = folder.path().join("target.lock");
    let before = fs::read(&visible).unwrap();
    let old = SystemTime::now() - Duration::from_secs(40);
    File::options().append(true).open(&visible).unwrap().set_modified(old).unwrap();

    let start = Instant::now();
    let error = acquire(&OsDisk, &target, &LockOptions::default(), &StdWaiter).unwrap_err();
    let waited = start.elapsed();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert_eq!(error.details().unwrap()["holder"]["pid"], holder.id());
    assert!(error.hint().unwrap().contains("kill -CONT"), "{:?}", error.hint());
    assert!(waited >= Duration::from_secs(5), "{waited:?}");
    assert!(waited < Duration::from_secs(10), "{waited:?}");
    assert_eq!(fs::read(&visible).unwrap(), before);

    holder.kill().unwrap();
    holder.wait().unwrap();
    let start = Instant::now();
    let lock = acquire(&OsDisk, &target, &LockOptions::default(), &StdWaiter).unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(lock.is_intact().unwrap());
}

#[test]
fn the_lock_of_a_holder_that_is_killed_is_taken_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    let mut holder = start_holder(folder.path());
    let waiting = thread::spawn(move || {
        let lock = acquire(&OsDisk, &target, &LockOptions::default(), &StdWaiter).unwrap();
        let got = Instant::now();
        lock.release().unwrap();
        got
    });
    thread::sleep(Duration::from_millis(50));
    let killed = Instant::now();
    // Not waited for yet: a zombie holds nothing.
    holder.kill().unwrap();
    let waited = waiting.join().unwrap().duration_since(killed);
    assert!(waited < Duration::from_secs(1), "{waited:?}");
    holder.wait().unwrap();
}
