//! A registry in any condition, and locks of others.

use std::{
    fs,
    os::unix::fs::symlink,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{Bystander, Nursery, REGISTRY, is_alive, until};

/// What puts something in place of the registry.
type Maker = fn(&Nursery);

const LOCK: &str = ".loopwork/processes.json.lock";

#[test]
fn what_stands_in_place_of_the_registry_is_neither_followed_nor_waited_for() {
    let makers: [(&str, Maker); 3] = [
        ("a folder", |nursery| fs::create_dir_all(nursery.path(REGISTRY)).unwrap()),
        ("a pipe", |nursery| {
            let made = Command::new("mkfifo").arg(nursery.path(REGISTRY)).status();
            assert!(made.unwrap().success());
        }),
        ("a link", |nursery| {
            nursery.write("elsewhere.json", r#"{"version":1,"processes":[]}"#);
            symlink(nursery.path("elsewhere.json"), nursery.path(REGISTRY)).unwrap();
        }),
    ];
    for (what, make) in makers {
        let nursery = Nursery::new();
        fs::create_dir(nursery.path(".loopwork")).unwrap();
        make(&nursery);
        for args in [
            &["ps"][..],
            &["orphans"],
            &["clean", "--yes"],
            &["kill", "a"],
            &["spawn", "--", "touch", "ran"],
        ] {
            let output = nursery.run(args);
            assert!(matches!(output.code, Some(1 | 6)), "{what}: {args:?}: {output:?}");
        }
        assert!(!nursery.exists("ran"), "{what}: nothing ran");
        if what == "a link" {
            assert_eq!(nursery.read("elsewhere.json"), r#"{"version":1,"processes":[]}"#);
        }
    }
}

#[test]
fn a_newer_version_is_left_untouched() {
    let nursery = Nursery::new();
    let text = r#"{"version": 2, "processes": [], "more": true}"#;
    nursery.write(REGISTRY, text);
    for args in [&["ps"][..], &["orphans"], &["clean", "--yes"], &["spawn", "--", "touch", "ran"]] {
        nursery.refused(6, "invalid", args);
    }
    assert_eq!(nursery.read(REGISTRY), text);
    assert!(!nursery.exists("ran"));
}

#[test]
fn a_broken_registry_is_kept_its_backup_used_and_that_is_said() {
    let nursery = Nursery::new();
    let one = nursery.sleeper(&["--task", "one"]);
    nursery.sleeper(&["--task", "two"]);
    nursery.write(REGISTRY, "{\"version\": 1, \"proc");
    let output = nursery.ok(&["ps"]);
    assert!(output.stdout.contains(&one.to_string()), "{output:?}");
    assert!(output.stderr.contains("processes.json.bak"), "{output:?}");
    assert_eq!(nursery.read(REGISTRY), "{\"version\": 1, \"proc", "reading changes nothing");
    let output = nursery.ok(&["spawn", "--task", "three", "--", "sleep", "1000"]);
    assert!(output.stderr.contains("processes.json.corrupt-1"), "{output:?}");
    assert_eq!(nursery.read(".loopwork/processes.json.corrupt-1"), "{\"version\": 1, \"proc");
    let output = nursery.ok(&["ps"]);
    assert!(output.stderr.is_empty() && output.stdout.contains("three"), "{output:?}");
}

#[test]
fn entries_that_are_none_stay_and_the_others_are_used() {
    let nursery = Nursery::new();
    let entry = json!({"pid": 4_000_000, "command": "a\u{1b}[2J\nb", "args": ["\u{7}"], "namespace": "n\nm", "taskId": "t\nu", "startTime": 1, "status": "dancing"});
    let file = json!({"version": 1, "processes": [entry, 7, {"pid": "x"}, null], "own": [1]});
    nursery.write(REGISTRY, file.to_string());
    let output = nursery.ok(&["ps", "--all"]);
    assert!(!output.stdout.contains('\u{1b}') && !output.stdout.contains('\u{7}'), "{output:?}");
    nursery.sleeper(&["--task", "mine"]);
    let after = nursery.registry();
    assert_eq!(after["own"], json!([1]));
    let entries = super::list(after["processes"].clone());
    assert_eq!(entries.len(), 5);
    assert_eq!(json!(entries[1..4]), json!([7, {"pid": "x"}, null]));
}

#[test]
fn a_lock_of_somebody_who_lives_is_waited_for_and_then_named() {
    let nursery = Nursery::new();
    nursery.sleeper(&["--task", "a"]);
    let holder = Bystander::new();
    nursery.write(LOCK, holder.pid().to_string());
    let since = Instant::now();
    let error = nursery.refused(5, "locked", &["spawn", "--", "touch", "ran"]);
    assert!(since.elapsed() >= Duration::from_secs(5), "{:?}", since.elapsed());
    assert_eq!(error["details"]["holder"]["pid"], holder.pid());
    assert!(!nursery.exists("ran"), "nothing ran that was not recorded");
    // What only reads never fails on a lock.
    for args in [&["ps"][..], &["orphans"], &["clean"], &["logs", "a"], &["children", "doctor"]] {
        let since = Instant::now();
        assert_eq!(nursery.run(args).code, Some(0), "{args:?}");
        assert!(since.elapsed() < Duration::from_secs(4), "{args:?} waited");
    }
    drop(holder);
    // A dead holder's lock is taken at once.
    let since = Instant::now();
    nursery.ok(&["spawn", "--", "touch", "ran"]);
    assert!(since.elapsed() < Duration::from_secs(2));
    until("it ran", || nursery.exists("ran"));
}

#[test]
fn logs_that_are_links_or_pipes_are_refused_before_anything_runs() {
    let nursery = Nursery::new();
    nursery.write("target", "precious");
    fs::create_dir_all(nursery.path(".loopwork/logs/default")).unwrap();
    symlink(nursery.path("target"), nursery.path(".loopwork/logs/default/a.log")).unwrap();
    let output = nursery.run(&["spawn", "--task", "a", "--", "touch", "ran"]);
    assert!(matches!(output.code, Some(1 | 6)), "{output:?}");
    assert_eq!(nursery.read("target"), "precious");
    assert!(!nursery.exists("ran"));
    fs::remove_file(nursery.path(".loopwork/logs/default/a.log")).unwrap();
    let child = super::pid_of(&nursery.spawn(&["--task", "a"], &["touch", "ran"]));
    until("it ran", || nursery.exists("ran") && !is_alive(child));
}

#[test]
fn nothing_is_written_through_a_link_in_place_of_the_folder() {
    let nursery = Nursery::new();
    fs::create_dir(nursery.path("elsewhere")).unwrap();
    symlink(nursery.path("elsewhere"), nursery.path(".loopwork")).unwrap();
    let output = nursery.run(&["spawn", "--", "touch", "ran"]);
    assert!(matches!(output.code, Some(1 | 6)), "{output:?}");
    assert_eq!(fs::read_dir(nursery.path("elsewhere")).unwrap().count(), 0);
    assert!(!nursery.exists("ran"));
}
