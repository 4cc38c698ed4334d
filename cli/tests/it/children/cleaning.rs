//! Orphans, and cleaning them up.

use serde_json::json;

use super::{Bystander, Nursery, REGISTRY, each, is_alive, list, pid_of, until, with_argument};

/// What is changed in an entry.
type Change = fn(&mut serde_json::Value);

/// Starts a grandchild that leaves the group, and one that stays; both have the argument.
fn family(seconds: &str) -> String {
    format!("setsid sleep {seconds} & sleep {seconds} & echo; sleep {seconds}")
}

#[test]
fn a_hundred_children_are_cleaned_with_all_that_they_started() {
    let nursery = Nursery::new();
    let seconds = format!("{}.25", std::process::id());
    for _ in 0..100 {
        nursery.spawn(&[], &["sh", "-c", &family(&seconds)]);
    }
    until("all of them run", || with_argument(&seconds).len() == 300);
    assert_eq!(nursery.data(&["orphans"])["children"].as_array().unwrap().len(), 100);
    let data = nursery.data(&["clean", "--yes"]);
    assert_eq!(data["cleaned"].as_array().unwrap().len(), 100);
    assert_eq!((&data["failed"], &data["alreadyGone"]), (&json!([]), &json!([])));
    // "Then `clean --yes`: 0 left, setsid grandchildren included."
    assert_eq!(with_argument(&seconds), Vec::<u32>::new());
    assert_eq!(nursery.registry()["processes"], json!([]));
}

#[test]
fn without_yes_it_is_shown_what_would_be_done() {
    let nursery = Nursery::new();
    let pid = nursery.sleeper(&["--task", "lives"]);
    let ended = pid_of(&nursery.spawn(&["--task", "ended"], &["true"]));
    until("it has ended", || !is_alive(ended));
    let before = nursery.content();
    let output = nursery.ok(&["clean"]);
    assert!(output.stderr.contains("--yes"), "{}", output.stderr);
    let data = nursery.data(&["clean"]);
    assert_eq!(data["cleaned"][0]["pid"], pid);
    assert_eq!(data["alreadyGone"][0]["pid"], ended);
    assert_eq!(nursery.content(), before);
    assert!(is_alive(pid));
}

#[test]
fn only_the_namespace_that_is_named_is_cleaned() {
    let nursery = Nursery::new();
    let one = nursery.sleeper(&["--namespace", "one"]);
    let two = nursery.sleeper(&["--namespace", "two"]);
    let orphans = list(nursery.data(&["orphans", "--namespace", "two"])["children"].take());
    assert_eq!(each(&orphans, "pid"), [two.to_string()]);
    nursery.ok(&["clean", "--yes", "--namespace", "two"]);
    assert!(is_alive(one) && !is_alive(two));
    assert_eq!(each(&nursery.children(), "pid"), [one.to_string()]);
}

#[test]
fn what_a_child_left_running_is_an_orphan_and_is_cleaned() {
    let nursery = Nursery::new();
    let seconds = format!("{}.5", std::process::id());
    let script = format!("setsid sleep {seconds} & sleep 0.1");
    let child = pid_of(&nursery.spawn(&[], &["sh", "-c", &script]));
    until("it has ended", || !is_alive(child) && with_argument(&seconds).len() == 1);
    let orphans = list(nursery.data(&["orphans"])["children"].take());
    assert_eq!(orphans[0]["left"], json!(with_argument(&seconds)));
    let data = nursery.data(&["clean", "--yes"]);
    assert_eq!(each(&list(data["cleaned"].clone()), "pid"), [child.to_string()]);
    assert_eq!(with_argument(&seconds), Vec::<u32>::new());
}

#[test]
fn a_reused_number_is_never_signalled() {
    let bystander = Bystander::new();
    let nursery = Nursery::new();
    let child = nursery.sleeper(&["--task", "a"]);
    nursery.ok(&["kill", "a", "--grace", "1s"]);
    // The number is somebody else's by now, as far as the file says: the start differs.
    nursery.change_entry(|entry| {
        entry["pid"] = json!(bystander.pid());
        entry["status"] = json!("running");
        let start = entry["identity"]["start_time"].as_u64().unwrap();
        entry["identity"]["start_time"] = json!(start - 100);
        entry["identity"].as_object_mut().unwrap().remove("exit");
    });
    let listed = nursery.children();
    assert_eq!(listed[0]["status"], "stale", "{listed:?}");
    assert_eq!(nursery.data(&["orphans"])["children"], json!([]));
    let data = nursery.data(&["kill", &bystander.pid().to_string(), "--grace", "100ms"]);
    assert_eq!(data["alreadyGone"].as_array().unwrap().len(), 1);
    let data = nursery.data(&["clean", "--yes", "--grace", "100ms"]);
    assert_eq!(data["alreadyGone"].as_array().unwrap().len(), 1);
    assert!(is_alive(bystander.pid()) && !is_alive(child));
}

#[test]
fn who_cannot_be_verified_is_not_signalled_and_fails() {
    let changes: [(&str, Change); 5] = [
        ("no identity", |entry| drop(entry.as_object_mut().unwrap().remove("identity"))),
        ("no start", |entry| entry["identity"]["start_time"] = json!(null)),
        ("another host", |entry| entry["identity"]["host"] = json!("elsewhere")),
        ("another namespace of numbers", |entry| entry["identity"]["pid_namespace"] = json!(1)),
        ("no boot", |entry| entry["identity"]["boot_id"] = json!(null)),
    ];
    for (what, change) in changes {
        let nursery = Nursery::new();
        let pid = nursery.sleeper(&[]);
        nursery.change_entry(change);
        // "An identity that cannot be verified is not signalled: `failed`, exit 1."
        let data = nursery.data_with_exit(1, &["clean", "--yes", "--grace", "100ms"]);
        assert_eq!(data["failed"][0]["pid"], pid, "{what}");
        assert!(data["failed"][0]["reason"].is_string());
        nursery.data_with_exit(1, &["kill", &pid.to_string(), "--grace", "100ms"]);
        assert!(is_alive(pid), "{what}");
        assert_eq!(nursery.children().len(), 1, "{what}: its entry stays");
        assert_eq!(nursery.run(&["children", "doctor"]).code, Some(1));
    }
}

#[test]
fn a_file_of_the_original_program_is_listed_and_only_the_dead_are_forgotten() {
    let bystander = Bystander::new();
    let nursery = Nursery::new();
    let mut dead = Bystander::new();
    let (alive, gone) = (bystander.pid(), dead.pid());
    let _ = dead.0.kill();
    let _ = dead.0.wait();
    let entry = |pid: u32| {
        json!({
            "pid": pid, "command": "claude", "args": ["--print"], "namespace": "default",
            "taskId": format!("FEAT-{pid}"), "startTime": 1_706_543_210_000_u64, "status": "running",
        })
    };
    let file = json!({
        "version": 1, "parentPid": 12345, "processes": [entry(alive), entry(gone)],
        "lastUpdated": 1_706_543_220_000_u64,
    });
    nursery.write(REGISTRY, format!("{file:#}"));
    assert_eq!(each(&nursery.children(), "status"), ["stale", "stale"]);
    nursery.refused(4, "conflict", &["spawn", "--task", &format!("FEAT-{alive}"), "--", "true"]);
    let data = nursery.data_with_exit(1, &["clean", "--yes", "--grace", "100ms"]);
    assert_eq!(each(&list(data["failed"].clone()), "pid"), [alive.to_string()]);
    assert_eq!(each(&list(data["alreadyGone"].clone()), "pid"), [gone.to_string()]);
    assert!(is_alive(alive));
    assert_eq!(each(&list(nursery.registry()["processes"].take()), "pid"), [alive.to_string()]);
}

#[test]
fn neither_the_system_nor_whoever_asks_is_ever_signalled() {
    let nursery = Nursery::new();
    // The child cleans up its own registry: it is an ancestor of the one who does.
    let program = env!("CARGO_BIN_EXE_procside");
    let script = format!("sleep 0.2; {program} clean --yes --grace 0s; echo $?; sleep 1000");
    let pid = pid_of(&nursery.spawn(&[], &["sh", "-c", &script]));
    let log = ".loopwork/logs/default/task-1.log";
    until("it has cleaned", || nursery.exists(log) && nursery.read(log).ends_with("1\n"));
    assert!(is_alive(pid));
    nursery.change_entry(|entry| entry["pid"] = json!(1));
    let stat = std::fs::read_to_string("/proc/1/stat").unwrap();
    let start: u64 = stat.rsplit_once(") ").unwrap().1.split(' ').nth(19).unwrap().parse().unwrap();
    nursery.change_entry(|entry| entry["identity"]["start_time"] = json!(start));
    nursery.data_with_exit(1, &["clean", "--yes", "--grace", "0s"]);
}
