//! Tests of taking and leaving the lock.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use expect_test::{Expect, expect};
use serde_json::json;

use super::acquire::acquire_among;
use super::identity::{Processes, Seen};
use super::visible::Record;
use super::{Identity, Lock, LockOptions, StdWaiter, Waiter, acquire};
use crate::disk::tests::TestFolder;
use crate::disk::{Disk, Fault, FaultDisk, OsDisk, Survival};
use crate::error::{Error, ErrorKind};
use crate::replace::{Durability, is_temporary, replace};

const TARGET: &str = "/project/registry.yaml";
const VISIBLE: &str = "/project/registry.yaml.lock";
const GUARD: &str = "/project/registry.yaml.lock.guard";

/// The time at which every test starts.
const START_SECS: i64 = 1_700_000_000;

/// A machine without time: sleeping moves the clock, and then something may happen.
struct World<'a> {
    slept: Mutex<Duration>,
    longest: Mutex<Duration>,
    on_sleep: Box<dyn Fn(Duration) + 'a>,
    this: Identity,
    others: BTreeMap<u32, Seen>,
}

impl Waiter for World<'_> {
    fn elapsed(&self) -> Duration {
        *self.slept.lock().unwrap()
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(START_SECS as u64) + self.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        let mut longest = self.longest.lock().unwrap();
        *longest = duration.max(*longest);
        let mut slept = self.slept.lock().unwrap();
        *slept += duration;
        (self.on_sleep)(*slept);
    }
}

impl Processes for World<'_> {
    fn this(&self) -> Identity {
        self.this.clone()
    }

    fn observe(&self, pid: u32) -> Seen {
        self.others.get(&pid).copied().unwrap_or(Seen::Gone)
    }

    fn command(&self, pid: u32) -> Option<String> {
        self.others.get(&pid).map(|_| format!("program-{pid}"))
    }

    fn is_stopped(&self, pid: u32) -> bool {
        pid == STOPPED
    }
}

/// Numbers of the machine of these tests.
const THIS: u32 = 100;
const ALIVE: u32 = 200;
const STOPPED: u32 = 201;
const ZOMBIE: u32 = 202;
const DEAD: u32 = 300;

fn identity(pid: u32) -> Identity {
    Identity {
        pid,
        start_time: Some(u64::from(pid)),
        boot_id: Some("boot".to_owned()),
        pid_namespace: Some(1),
        host: Some("host".to_owned()),
        command: Some(format!("procside {pid}")),
    }
}

fn world<'a>() -> World<'a> {
    let running = |pid: u32| (pid, Seen::Running { start_time: Some(u64::from(pid)) });
    World {
        slept: Mutex::default(),
        longest: Mutex::default(),
        on_sleep: Box::new(|_| {}),
        this: identity(THIS),
        others: BTreeMap::from([
            running(THIS),
            running(ALIVE),
            running(STOPPED),
            (ZOMBIE, Seen::Zombie),
        ]),
    }
}

fn project() -> FaultDisk {
    let disk = FaultDisk::new();
    disk.plant_folder("/project");
    disk.set_clock(START_SECS);
    disk
}

fn lock<'d>(disk: &'d dyn Disk, world: &World<'_>) -> Result<Lock<'d>, Error> {
    acquire_among(disk, Path::new(TARGET), &LockOptions::default(), world, world)
}

fn content(disk: &FaultDisk) -> String {
    String::from_utf8(disk.read(Path::new(VISIBLE), 1_000_000).unwrap()).unwrap()
}

fn ours(holder: Identity) -> String {
    let text = Record::new(holder, UNIX_EPOCH, 1_000_000).render();
    String::from_utf8(text).unwrap()
}

/// Meets a lock file of this age with this content, and tells how it ended.
fn check(content_found: &str, age_secs: i64, expect: Expect) {
    let disk = project();
    disk.set_clock(START_SECS - age_secs);
    disk.plant(VISIBLE, content_found);
    let world = world();
    let result = lock(&disk, &world);
    let outcome = match &result {
        Ok(_) => "taken".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    };
    let is_ours = content(&disk).starts_with("100\n");
    assert_eq!(is_ours, result.is_ok());
    expect.assert_eq(&format!("{outcome} after {} ms", world.elapsed().as_millis()));
    drop(result);
    assert_eq!(disk.stat(Path::new(VISIBLE)).unwrap().is_none(), is_ours);
    assert_eq!(
        disk.list(Path::new("/project")).unwrap().iter().filter(|e| is_temporary(&e.name)).count(),
        0
    );
}

#[test]
fn a_lock_is_published_complete_and_gone_after_the_release() {
    let disk = project();
    let world = world();
    let lock = lock(&disk, &world).unwrap();
    assert!(lock.is_intact().unwrap());
    let text = content(&disk);
    assert!(text.starts_with("100\n{\"version\":1,\"pid\":100,"), "{text}");
    assert!(text.contains("\"since\":\"2023-11-14T22:13:20.000Z\""), "{text}");
    assert_eq!(world.elapsed(), Duration::ZERO);
    lock.release().unwrap();
    let names: Vec<_> = disk.files().into_keys().collect();
    assert_eq!(names, [Path::new(GUARD)], "the guard stays");
    assert_eq!(disk.syncs(), 0);
}

#[test]
fn a_foreign_lock_of_a_live_process_is_waited_for_and_taken_when_old() {
    check("200\n", 0, expect!["Locked after 5000 ms"]);
    check("200", 20, expect!["Locked after 5000 ms"]);
    check("200", 27, expect!["taken after 3027 ms"]);
    check("200", 31, expect!["taken after 0 ms"]);
    check("200", -3_600, expect!["Locked after 5000 ms"]);
    check("100", 0, expect!["Locked after 5000 ms"]);
}

#[test]
fn a_foreign_lock_of_a_dead_process_is_taken_at_once_at_any_age() {
    check("300\n", 0, expect!["taken after 0 ms"]);
    check("300", -3_600, expect!["taken after 0 ms"]);
    check("202", 0, expect!["taken after 0 ms"]);
    check("300\nwhatever", 0, expect!["taken after 0 ms"]);
}

#[test]
fn a_lock_file_that_names_nobody_is_waited_for_while_it_is_fresh() {
    let huge = "9".repeat(100_000);
    for text in ["", "garbage", "0", "-300", "99999999999", "\0\0\0\0", huge.as_str()] {
        check(text, 0, expect!["Locked after 5000 ms"]);
        check(text, -3_600, expect!["Locked after 5000 ms"]);
        check(text, 31, expect!["taken after 0 ms"]);
    }
}

#[test]
fn a_live_holder_of_ours_is_never_robbed_at_any_age() {
    for age_secs in [0, 31, 86_400, -3_600] {
        check(&ours(identity(ALIVE)), age_secs, expect!["Locked after 5000 ms"]);
        check(&ours(identity(STOPPED)), age_secs, expect!["Locked after 5000 ms"]);
    }
}

#[test]
fn a_dead_holder_of_ours_is_replaced_at_once() {
    check(&ours(identity(DEAD)), 0, expect!["taken after 0 ms"]);
    check(&ours(identity(DEAD)), -3_600, expect!["taken after 0 ms"]);
    check(&ours(identity(ZOMBIE)), 0, expect!["taken after 0 ms"]);
    let reused = Identity { start_time: Some(1), ..identity(ALIVE) };
    check(&ours(reused), 0, expect!["taken after 0 ms"]);
    let before_the_boot = Identity { boot_id: Some("earlier".to_owned()), ..identity(ALIVE) };
    check(&ours(before_the_boot), 0, expect!["taken after 0 ms"]);
    // The same process could not remove its own file earlier.
    check(&ours(identity(THIS)), 0, expect!["taken after 0 ms"]);
}

#[test]
fn a_holder_that_cannot_be_seen_is_unknown_and_only_one_kernel_proves_its_end() {
    let container = Identity { pid_namespace: Some(2), ..identity(DEAD) };
    check(&ours(container), 0, expect!["taken after 0 ms"]);
    let elsewhere = Identity {
        host: Some("other".to_owned()),
        boot_id: Some("its own".to_owned()),
        ..identity(DEAD)
    };
    check(&ours(elsewhere), 86_400, expect!["Locked after 5000 ms"]);
}

#[test]
fn another_lock_of_this_process_is_not_taken_for_a_left_over() {
    let disk = project();
    let world = world();
    let held = lock(&disk, &world).unwrap();
    // Somebody removes the guard, which alone keeps threads apart.
    disk.remove_file(Path::new(GUARD)).unwrap();
    assert_eq!(lock(&disk, &world).unwrap_err().kind(), ErrorKind::Locked);
    assert!(held.is_intact().unwrap());
}

#[test]
fn anything_but_a_file_is_refused_at_once() {
    for path in [VISIBLE, GUARD] {
        for plant in [
            |disk: &FaultDisk, path: &str| disk.plant_link(path),
            |disk: &FaultDisk, path: &str| disk.plant_fifo(path),
            |disk: &FaultDisk, path: &str| disk.plant_folder(path),
        ] {
            let disk = project();
            plant(&disk, path);
            let world = world();
            let error = lock(&disk, &world).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotRegular);
            assert_eq!(error.path(), Some(Path::new(path)));
            assert_eq!(world.elapsed(), Duration::ZERO);
            assert_eq!(
                disk.files()
                    .keys()
                    .filter(|path| !path.ends_with("registry.yaml.lock.guard"))
                    .count(),
                0
            );
        }
    }
}

#[test]
fn a_held_guard_is_waited_for_and_the_holder_named() {
    let disk = project();
    let holder = World { this: identity(ALIVE), ..world() };
    let held = lock(&disk, &holder).unwrap();
    let world = world();
    let error = lock(&disk, &world).unwrap_err();
    expect!["cannot lock `/project/registry.yaml`: process 200 holds the lock (`procside 200`) since 2023-11-14T22:13:20.000Z"]
        .assert_eq(error.message());
    expect!["repeat when process 200 has finished, or end it"].assert_eq(error.hint().unwrap());
    let details = json!({"holder":
        {"pid": 200, "command": "procside 200", "since": "2023-11-14T22:13:20.000Z"}});
    assert_eq!(error.details(), Some(&details));
    assert_eq!(world.elapsed(), Duration::from_secs(5));
    assert!(*world.longest.lock().unwrap() <= Duration::from_millis(10));
    drop(held);
    assert!(lock(&disk, &world).is_ok());
}

#[test]
fn advice_depends_on_the_holder() {
    let advice = |text: &str, age_secs: i64| {
        let disk = project();
        disk.set_clock(START_SECS - age_secs);
        disk.plant(VISIBLE, text);
        let world = world();
        let error = lock(&disk, &world).unwrap_err();
        assert!(*world.longest.lock().unwrap() <= Duration::from_millis(100));
        format!("{}; hint: {}", error.message().replace(TARGET, "T"), error.hint().unwrap())
    };
    expect!["cannot lock `T`: process 201 holds the lock (`procside 201`) since 1970-01-01T00:00:00.000Z; hint: process 201 is stopped: let it go on with `kill -CONT 201`, or end it"]
        .assert_eq(&advice(&ours(identity(STOPPED)), 0));
    expect!["cannot lock `T`: process 200 holds the lock (`program-200`) since 2023-11-14T22:13:20.000Z; hint: repeat later; a lock of another program is taken over after 30 seconds"]
        .assert_eq(&advice("200", 0));
    expect!["cannot lock `T`: somebody unnamed holds the lock since 2023-11-14T23:13:20.000Z; hint: its time lies in the future; if nobody uses it, remove `/project/registry.yaml.lock`"]
        .assert_eq(&advice("", -3_600));
    let elsewhere = Identity { host: Some("other".to_owned()), boot_id: None, ..identity(7) };
    expect!["cannot lock `T`: process 7 holds the lock (`procside 7`) since 1970-01-01T00:00:00.000Z; hint: it was taken on other; if that program has ended, remove `/project/registry.yaml.lock`"]
        .assert_eq(&advice(&ours(elsewhere), 0));
}

#[test]
fn a_lock_that_is_freed_meanwhile_is_got() {
    let disk = project();
    disk.plant(VISIBLE, "200");
    let freed = disk.clone();
    let on_sleep = move |slept: Duration| {
        if slept > Duration::from_millis(700) {
            let _ = freed.remove_file(Path::new(VISIBLE));
        }
    };
    let world = World { on_sleep: Box::new(on_sleep), ..world() };
    let held = lock(&disk, &world).unwrap();
    assert!(world.elapsed() < Duration::from_millis(900));
    assert!(held.is_intact().unwrap());
}

#[test]
fn the_file_of_somebody_who_took_it_from_us_is_left_alone() {
    let disk = project();
    let world = world();
    let held = lock(&disk, &world).unwrap();
    disk.plant(VISIBLE, "200");
    assert!(!held.is_intact().unwrap());
    held.release().unwrap();
    assert_eq!(content(&disk), "200");
}

#[test]
fn without_hard_links_the_file_is_renamed_into_place() {
    let disk = project();
    disk.forbid_hard_links();
    let world = world();
    let held = lock(&disk, &world).unwrap();
    assert!(held.is_intact().unwrap());
    drop(held);
    disk.plant(VISIBLE, "200");
    assert_eq!(lock(&disk, &world).unwrap_err().kind(), ErrorKind::Locked);
    assert_eq!(disk.files().len(), 2);
}

#[test]
fn network_file_systems_are_refused_unless_allowed() {
    let disk = project();
    disk.become_network();
    let world = world();
    let error = lock(&disk, &world).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NetworkFileSystem);
    assert_eq!(disk.operations(), 0);
    let options = LockOptions { allow_network: true, ..LockOptions::default() };
    assert!(acquire_among(&disk, Path::new(TARGET), &options, &world, &world).is_ok());
}

#[test]
fn no_time_to_wait_still_tries_once() {
    let disk = project();
    let world = world();
    let options = LockOptions { wait: Duration::ZERO, ..LockOptions::default() };
    let held = acquire_among(&disk, Path::new(TARGET), &options, &world, &world).unwrap();
    let error = acquire_among(&disk, Path::new(TARGET), &options, &world, &world).unwrap_err();
    assert_eq!((error.kind(), world.elapsed()), (ErrorKind::Locked, Duration::ZERO));
    drop(held);
}

#[test]
fn a_crash_at_every_operation_leaves_a_lock_that_the_next_one_gets() {
    for fault in [Fault::Kill, Fault::PowerCut, Fault::TornWrite] {
        for at in 1.. {
            let disk = project();
            disk.plan(fault, at);
            let doomed = World { this: identity(DEAD), ..world() };
            let result = lock(&disk, &doomed).map(Lock::release);
            let is_done = !disk.is_down();
            assert_eq!(matches!(result, Ok(Ok(()))), is_done);
            if fault == Fault::PowerCut {
                disk.restart_after_power_cut(Survival::Everything);
            } else {
                disk.restart();
            }
            let world = world();
            assert!(lock(&disk, &world).is_ok(), "{fault:?} at {at}");
            assert_eq!(world.elapsed(), Duration::ZERO);
            if is_done {
                break;
            }
        }
    }
}

#[test]
fn an_empty_file_that_a_power_cut_left_is_gone_after_half_a_minute() {
    let disk = project();
    let doomed = World { this: identity(DEAD), ..world() };
    std::mem::forget(lock(&disk, &doomed).unwrap());
    disk.restart_after_power_cut(Survival::NamesOnly);
    assert_eq!(content(&disk), "");
    let world = world();
    assert_eq!(lock(&disk, &world).unwrap_err().kind(), ErrorKind::Locked);
    *world.slept.lock().unwrap() = Duration::from_secs(31);
    assert!(lock(&disk, &world).is_ok());
}

#[test]
fn threads_that_count_in_a_file_lose_nothing() {
    const THREADS: u32 = 8;
    const ROUNDS: u32 = 200;

    let folder = TestFolder::new();
    let target = folder.path("counter");
    fs::write(&target, "0").unwrap();
    // Eight busy threads on a slow disk; the waiting time is not what is tested here.
    let options = LockOptions { wait: Duration::from_secs(120), ..LockOptions::default() };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let lock = acquire(&OsDisk, &target, &options, &StdWaiter).unwrap();
                    let bytes = OsDisk.read(&target, 99).unwrap();
                    let count: u32 = std::str::from_utf8(&bytes).unwrap().parse().unwrap();
                    let bytes = (count + 1).to_string();
                    replace(&OsDisk, &target, bytes.as_bytes(), Durability::Derived).unwrap();
                    lock.release().unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_to_string(&target).unwrap(), (THREADS * ROUNDS).to_string());
    let names: Vec<_> = OsDisk.list(target.parent().unwrap()).unwrap();
    let names: Vec<_> = names.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["counter", "counter.lock.guard"]);
}
