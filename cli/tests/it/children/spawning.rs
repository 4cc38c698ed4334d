//! Starting children and looking at them.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{Nursery, REGISTRY, each, is_alive, list, pid_of, until};
use crate::project::{Project, signal};

/// The keys of the document, in its order.
const KEYS: [&str; 7] = ["pid", "command", "args", "namespace", "taskId", "startTime", "status"];

#[test]
fn spawn_returns_when_the_child_runs_and_the_child_outlives_it() {
    let nursery = Nursery::new();
    let child = nursery.spawn(&[], &["sh", "-c", "echo $$ here; sleep 1000"]);
    let pid = pid_of(&child);
    assert!(is_alive(pid));
    let keys: Vec<&String> = child.as_object().unwrap().keys().take(7).collect();
    assert_eq!(keys, KEYS);
    assert_eq!(child["command"], "sh");
    assert_eq!(child["args"], json!(["-c", "echo $$ here; sleep 1000"]));
    // "Default namespace `default`, task id `task-N`."
    assert_eq!((&child["namespace"], &child["taskId"]), (&json!("default"), &json!("task-1")));
    assert_eq!(child["status"], "running");
    // "Its output goes to log files."
    until("it has written", || {
        nursery.exists(".loopwork/logs/default/task-1.log")
            && nursery.read(".loopwork/logs/default/task-1.log") == format!("{pid} here\n")
    });
    let listed = nursery.children();
    assert_eq!(each(&listed, "pid"), [pid.to_string()]);
    let keys: Vec<&String> = listed[0].as_object().unwrap().keys().take(7).collect();
    assert_eq!(keys, KEYS);
    // In the file it stands as the document says.
    let entry = &nursery.registry()["processes"][0];
    let keys: Vec<&String> = entry.as_object().unwrap().keys().take(7).collect();
    assert_eq!(keys, KEYS);
}

#[test]
fn a_child_is_in_a_group_of_its_own_and_knows_its_run() {
    let nursery = Nursery::new();
    let child = nursery.spawn(&[], &["sh", "-c", "echo $PROCSIDE_RUN_ID; sleep 1000"]);
    let log = ".loopwork/logs/default/task-1.log";
    until("it has written", || nursery.exists(log) && !nursery.read(log).is_empty());
    assert_eq!(nursery.read(log).trim(), child["run_id"].as_str().unwrap());
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child["pid"])).unwrap();
    let group = stat.rsplit_once(") ").unwrap().1.split(' ').nth(2).unwrap().to_owned();
    assert_eq!(group, child["pid"].to_string());
    let mode = std::fs::metadata(nursery.path(log)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others cannot read what it writes");
}

#[test]
fn ps_hides_what_is_over_and_all_shows_it() {
    let nursery = Nursery::new();
    let lives = nursery.sleeper(&["--task", "lives"]);
    let ended = pid_of(&nursery.spawn(&["--task", "ended"], &["true"]));
    until("it has ended", || !is_alive(ended));
    let shown = list(nursery.data(&["ps"])["children"].take());
    assert_eq!(each(&shown, "pid"), [lives.to_string()]);
    let all = nursery.children();
    assert_eq!(each(&all, "taskId"), ["lives", "ended"]);
    // "Its entry stays until `clean` or removal: stopped, or stale if nobody saw the exit."
    assert_eq!(each(&all, "status"), ["running", "stale"]);
    let other = nursery.data(&["ps", "--namespace", "other", "--all"]);
    assert_eq!(other["children"], json!([]));
}

#[test]
fn a_task_has_one_child_at_a_time() {
    let nursery = Nursery::new();
    let pid = nursery.sleeper(&["--task", "FEAT-001"]);
    let again = ["spawn", "--task", "FEAT-001", "--", "sleep", "1"];
    let error = nursery.refused(4, "conflict", &again);
    assert_eq!(error["details"]["pid"], pid);
    assert!(error["message"].as_str().unwrap().contains(&pid.to_string()), "{error}");
    // In another namespace it is another task.
    nursery.sleeper(&["--namespace", "other", "--task", "FEAT-001"]);
    let error = nursery.refused(4, "conflict", &["kill", "FEAT-001"]);
    assert_eq!(error["details"]["pids"].as_array().unwrap().len(), 2);
    nursery.ok(&["kill", "FEAT-001", "--namespace", "default"]);
    assert!(!is_alive(pid));
    let next = nursery.sleeper(&["--task", "FEAT-001"]);
    let tasks = list(nursery.data(&["ps", "--all", "--namespace", "default"])["children"].take());
    assert_eq!(each(&tasks, "pid"), [next.to_string()], "the one before made room");
}

#[test]
fn tasks_without_a_name_get_the_next_free_one_also_at_once() {
    let nursery = Nursery::new();
    let starts: Vec<_> = (0..10)
        .map(|_| nursery.command(&["spawn", "--json", "--", "sleep", "1000"]).spawn().unwrap())
        .collect();
    for start in starts {
        assert_eq!(crate::project::finish(start, "spawn").code, Some(0));
    }
    let mut tasks = each(&nursery.children(), "taskId");
    tasks.sort_by_key(|task| task.len());
    let expected: Vec<String> = (1..=10).map(|number| format!("task-{number}")).collect();
    let sorted = |mut tasks: Vec<String>| {
        tasks.sort();
        tasks
    };
    assert_eq!(sorted(tasks), sorted(expected));
}

#[test]
fn what_cannot_be_started_is_refused_and_leaves_nothing() {
    let nursery = Nursery::new();
    nursery.write("text", "no program");
    let long = "x".repeat(100_000);
    let cases: [(&[&str], &str); 7] = [
        (&["no-such-program-anywhere"], "no-such-program-anywhere"),
        (&["./none"], "./none"),
        (&["./text"], "./text"),
        (&["."], "."),
        (&[""], "program"),
        (&["echo", &long, &long], "long"),
        (&["/"], "/"),
    ];
    for (command, word) in cases {
        let args = [&["spawn", "--"], command].concat();
        let error = nursery.refused(6, "invalid", &args);
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
    assert_eq!(nursery.run(&["spawn"]).code, Some(2));
    assert_eq!(nursery.run(&["spawn", "--restart", "sometimes", "--", "true"]).code, Some(2));
    assert_eq!(nursery.children().len(), 0);
    assert!(!nursery.exists(".loopwork/logs/default/task-1.log"), "the name is free");
}

#[test]
fn names_are_parsed_once_and_any_text_that_can_be_shown_is_one() {
    let nursery = Nursery::new();
    for name in ["", "a\nb", "a\u{7}", &"x".repeat(201)] {
        nursery.refused(6, "invalid", &["spawn", "--task", name, "--", "true"]);
        nursery.refused(6, "invalid", &["spawn", "--namespace", name, "--", "true"]);
        nursery.refused(6, "invalid", &["ps", "--namespace", name]);
    }
    for name in ["proc-001/a/1/1", "../../etc", "..", "ä ö", "-x", "%2F", ".", "a.log"] {
        let namespace = format!("--namespace={name}");
        let task = format!("--task={name}");
        let child = nursery.spawn(&[&namespace, &task], &["sh", "-c", "echo here"]);
        until("it has ended", || !is_alive(pid_of(&child)));
        let log = nursery.path(".loopwork").join(child["log"].as_str().unwrap());
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "here\n", "{name}");
        assert!(log.canonicalize().unwrap().starts_with(nursery.path(".loopwork/logs")));
    }
}

#[test]
fn the_registry_lies_in_the_project_or_where_it_is_told() {
    let project = Project::new();
    std::fs::create_dir_all(project.path("deep/er")).unwrap();
    let data = project.data(&["-C", "deep/er", "spawn", "--", "pwd"]);
    let pid = pid_of(&data["child"]);
    until("it has ended", || !is_alive(pid));
    assert!(project.exists(REGISTRY) && !project.exists("deep/er/.loopwork"));
    // It runs where it was started.
    let root = project.root().display();
    assert_eq!(project.read(".loopwork/logs/default/task-1.log"), format!("{root}/deep/er\n"));
    let data = project.data(&["spawn", "--registry", "own/reg.json", "--", "true"]);
    assert_eq!(data["child"]["taskId"], "task-1");
    assert!(project.exists("own/reg.json") && project.exists("own/logs/default/task-1.log"));
    let listed = project.data(&["ps", "--all", "--registry", "own/reg.json"]);
    assert_eq!(listed["children"].as_array().unwrap().len(), 1);
}

#[test]
fn a_dry_run_starts_ends_and_writes_nothing() {
    let nursery = Nursery::new();
    let child = nursery.data(&["--dry-run", "spawn", "--task", "a", "--", "touch", "ran"]);
    assert_eq!(child["child"]["taskId"], "a");
    assert!(nursery.tree().is_empty(), "{:?}", nursery.tree());
    let pid = nursery.sleeper(&["--task", "a"]);
    let before = nursery.content();
    nursery.refused(4, "conflict", &["--dry-run", "spawn", "--task", "a", "--", "true"]);
    nursery.ok(&["--dry-run", "kill", "a"]);
    nursery.ok(&["--dry-run", "clean", "--yes"]);
    assert!(is_alive(pid));
    assert_eq!(nursery.content(), before);
}

#[test]
fn strict_writes_the_keys_of_the_document_only() {
    let nursery = Nursery::new();
    let pid = pid_of(&nursery.spawn(&["--strict", "--task", "FEAT-001"], &["sleep", "1000"]));
    let registry = nursery.registry();
    let root: Vec<&String> = registry.as_object().unwrap().keys().collect();
    assert_eq!(root, ["version", "parentPid", "processes", "lastUpdated"]);
    let entry: Vec<&String> = registry["processes"][0].as_object().unwrap().keys().collect();
    assert_eq!(entry, KEYS);
    // It is verified all the same, by what stands beside.
    let listed = nursery.data(&["ps", "--strict"]);
    assert_eq!(listed["children"][0]["status"], "running");
    nursery.ok(&["clean", "--yes", "--strict"]);
    assert!(!is_alive(pid));
}

#[test]
fn kill_ends_by_number_or_task_and_says_so() {
    let nursery = Nursery::new();
    let pid = nursery.sleeper(&["--task", "a"]);
    let data = nursery.data(&["kill", &pid.to_string()]);
    assert!(!is_alive(pid));
    assert_eq!(data["cleaned"][0]["pid"], pid);
    assert_eq!(data["child"]["status"], "stopped", "somebody saw its end");
    let data = nursery.data(&["kill", "a"]);
    assert_eq!(data["alreadyGone"][0]["pid"], pid);
    // "Exit codes: unknown task or pid 3, invalid 6."
    nursery.refused(3, "not_found", &["kill", "none"]);
    nursery.refused(3, "not_found", &["kill", "1"]);
    nursery.refused(3, "not_found", &["logs", "none"]);
    nursery.refused(6, "invalid", &["kill", "a", "--grace", "soon"]);
    let stubborn = nursery
        .spawn(&["--task", "b"], &["sh", "-c", "trap '' TERM; echo; while :; do sleep 1000; done"]);
    let log = ".loopwork/logs/default/b.log";
    until("it does not listen", || nursery.exists(log) && !nursery.read(log).is_empty());
    nursery.ok(&["kill", "b", "--grace", "100ms"]);
    assert!(!is_alive(pid_of(&stubborn)));
}

#[test]
fn a_stopped_child_is_alive_and_what_only_reads_writes_nothing() {
    let nursery = Nursery::new();
    let pid = nursery.sleeper(&["--task", "a"]);
    signal(pid, rustix::process::Signal::STOP);
    let ended = pid_of(&nursery.spawn(&["--task", "b"], &["true"]));
    until("it has ended", || !is_alive(ended));
    let before = nursery.content();
    assert_eq!(each(&nursery.children(), "status"), ["running", "stale"]);
    nursery.ok(&["orphans"]);
    nursery.ok(&["clean"]);
    nursery.ok(&["logs", "a"]);
    nursery.run(&["children", "doctor"]);
    assert_eq!(nursery.content(), before);
    nursery.ok(&["kill", "a"]);
    assert!(!is_alive(pid));
}
