//! Several programs count in one file under its lock, and some are killed while they do.

use std::fs;
use std::path::Path;
use std::time::Duration;

use process_store::disk::OsDisk;
use process_store::lock::{LockOptions, StdWaiter, acquire};
use process_store::replace::{Durability, replace};

use crate::program::{Draw, append, file, scaled, start, told};

const PROGRAMS: usize = 8;

/// Lets programs count to so many each, and checks that nothing is lost; `kills_percent` of the
/// increments end with a kill somewhere in the middle.
fn check(increments: usize, kills_percent: usize) {
    let folder = tempfile::tempdir().unwrap();
    let counter = folder.path().join("counter");
    fs::write(&counter, "0").unwrap();
    let done = |number: usize| -> usize {
        let path = folder.path().join(format!("done-{number}"));
        fs::read(path).map_or(0, |bytes| bytes.len())
    };
    let run = |number: usize, seed: usize| {
        let told = [
            ("NUMBER", number.to_string()),
            ("LEFT", (increments - done(number)).to_string()),
            ("KILLS_PERCENT", kills_percent.to_string()),
            ("SEED", seed.to_string()),
        ];
        start("increments", folder.path(), &told)
    };
    let killed: usize = std::thread::scope(|scope| {
        let programs: Vec<_> = (0..PROGRAMS)
            .map(|number| {
                scope.spawn(move || {
                    let mut killed = 0;
                    while !run(number, number + PROGRAMS * killed).wait().unwrap().success() {
                        killed += 1;
                        assert!(killed <= increments, "program {number} gets nowhere");
                    }
                    killed
                })
            })
            .collect();
        programs.into_iter().map(|program| program.join().unwrap()).sum()
    });
    let count: usize = fs::read_to_string(&counter).unwrap().parse().unwrap();
    let told: usize = (0..PROGRAMS).map(done).sum();
    assert_eq!(told, PROGRAMS * increments);
    // Who is killed may have counted without having told.
    assert!((told..=told + killed).contains(&count), "{count} of {told}, {killed} killed");
    assert_eq!(killed > 0, kills_percent > 0);
}

/// Counts, and dies at times.
pub(crate) fn increment() {
    let counter = file("counter");
    let done = file(&format!("done-{}", told::<usize>("NUMBER")));
    let kills_percent: u64 = told("KILLS_PERCENT");
    let mut draw = Draw::new(told::<u64>("SEED") + 1);
    let options = LockOptions { wait: Duration::from_secs(120), ..LockOptions::default() };
    for _ in 0..told::<usize>("LEFT") {
        // Where it dies; most do not get as far as that number.
        let death = if draw.below(100) < kills_percent { draw.below(5) } else { u64::MAX };
        die_if(death == 0);
        let lock = acquire(&OsDisk, &counter, &options, &StdWaiter).unwrap();
        die_if(death == 1);
        let count: usize = fs::read_to_string(&counter).unwrap().parse().unwrap();
        write(&counter, count + 1, || die_if(death == 2));
        die_if(death == 3);
        lock.release().unwrap();
        append(&done, ".");
        die_if(death == 4);
    }
}

fn write(counter: &Path, count: usize, before: impl FnOnce()) {
    before();
    replace(&OsDisk, counter, count.to_string().as_bytes(), Durability::Derived).unwrap();
}

fn die_if(is_time: bool) {
    if is_time {
        let this = rustix::process::getpid();
        rustix::process::kill_process(this, rustix::process::Signal::KILL).unwrap();
    }
}

#[test]
fn eight_programs_that_count_lose_nothing() {
    check(scaled(2_000), 0);
}

#[test]
fn eight_programs_that_are_killed_while_they_count_lose_nothing() {
    check(scaled(500), 5);
}
