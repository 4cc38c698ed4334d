//! Lock files that dead programs left, and several that find them at once: one gets the lock.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use process_store::disk::OsDisk;
use process_store::lock::{Identity, LockOptions, StdWaiter, acquire};
use serde_json::json;

use crate::program::{append, file, scaled, start, told, wait_until};

const CONTENDERS: usize = 8;

/// Leaves the lock file of a program that is gone; every kind of it in turn.
fn leave(target: &Path, kind: usize, dead_pid: u32) {
    let lock = target.with_extension("lock");
    let text = match kind % 5 {
        0 => dead_pid.to_string(),
        1 => format!("{dead_pid}\n"),
        2 => ours_of_another_boot(dead_pid),
        3 => String::new(),
        _ => "garbage".to_owned(),
    };
    fs::write(&lock, text).unwrap();
    if kind % 5 >= 3 {
        let old = SystemTime::now() - Duration::from_secs(40);
        File::options().append(true).open(&lock).unwrap().set_modified(old).unwrap();
    }
}

fn ours_of_another_boot(pid: u32) -> String {
    let Identity { host, pid_namespace, .. } = Identity::of_this_process();
    let record = json!({
        "version": 1,
        "pid": pid,
        "start_time": 1,
        "boot_id": "another",
        "pid_namespace": pid_namespace,
        "host": host,
        "since": "2026-01-01T00:00:00.000Z",
        "nonce": 1,
    });
    format!("{pid}\n{record}\n")
}

#[test]
fn of_eight_that_find_a_stale_lock_one_gets_it() {
    let rounds = scaled(300);
    let folder = tempfile::tempdir().unwrap();
    let mut dead = Command::new("true").spawn().unwrap();
    dead.wait().unwrap();
    for round in 0..rounds {
        leave(&folder.path().join(format!("round-{round}")), round, dead.id());
    }
    let told = [("ROUNDS", rounds.to_string())];
    let contenders: Vec<_> =
        (0..CONTENDERS).map(|_| start("stale", folder.path(), &told)).collect();
    wait_until("all contenders are there", || {
        fs::read(folder.path().join("ready")).is_ok_and(|bytes| bytes.len() == CONTENDERS)
    });
    fs::write(folder.path().join("go"), "").unwrap();
    for mut contender in contenders {
        assert!(contender.wait().unwrap().success());
    }
    for round in 0..rounds {
        let winners = fs::read(folder.path().join(format!("winners-{round}"))).unwrap();
        assert_eq!(winners, b"+", "round {round}");
        assert!(!folder.path().join(format!("round-{round}.lock")).exists());
    }
}

/// Fights for the lock of every round; whoever has it first, wins.
pub(crate) fn contend() {
    let options = LockOptions { wait: Duration::from_secs(120), ..LockOptions::default() };
    append(&file("ready"), ".");
    wait_until("the others are there", || file("go").exists());
    for round in 0..told::<usize>("ROUNDS") {
        let lock =
            acquire(&OsDisk, &file(&format!("round-{round}")), &options, &StdWaiter).unwrap();
        let winners = file(&format!("winners-{round}"));
        if !winners.exists() {
            // Long enough for a second one to slip in, if it could.
            thread::sleep(Duration::from_millis(1));
            append(&winners, "+");
        }
        assert!(lock.is_intact().unwrap());
        lock.release().unwrap();
    }
}
