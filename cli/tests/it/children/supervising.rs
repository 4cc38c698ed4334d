//! Children that are kept running.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::{Nursery, is_alive, list, pid_of, until};
use crate::project::signal;

/// Returns the only child of a task, as it stands.
#[track_caller]
fn child(nursery: &Nursery, task: &str) -> Option<Value> {
    let mut found = nursery.children();
    found.retain(|child| child["taskId"] == task);
    assert!(found.len() <= 1, "{found:?}");
    found.pop()
}

fn owner_of(child: &Value) -> u32 {
    u32::try_from(child["owner"]["pid"].as_u64().expect("it has an owner")).unwrap()
}

const KEPT: [&str; 4] = ["--task", "web", "--restart", "always"];

#[test]
fn a_child_that_ends_is_started_again_and_somebody_looks_after_it() {
    let nursery = Nursery::new();
    let first = nursery.spawn(&KEPT, &["sleep", "1000"]);
    let supervisor = owner_of(&first);
    assert_eq!(
        (first["status"].as_str(), first["orphan"].as_bool()),
        (Some("running"), Some(false))
    );
    assert_eq!(first["restart"]["policy"], "always");
    assert!(is_alive(supervisor));
    assert_eq!(nursery.data(&["orphans"])["children"].as_array().unwrap().len(), 0);
    // Whoever has an owner is left alone.
    nursery.ok(&["clean", "--yes"]);
    assert!(is_alive(pid_of(&first)));
    signal(pid_of(&first), Signal::KILL);
    until("it runs again", || {
        child(&nursery, "web")
            .is_some_and(|next| pid_of(&next) != pid_of(&first) && next["status"] == "running")
    });
    let next = child(&nursery, "web").unwrap();
    assert_eq!(owner_of(&next), supervisor);
    assert_eq!(next["restart"]["restarts"], 1);
    nursery.refused(
        4,
        "conflict",
        &["spawn", "--task", "web", "--restart", "always", "--", "sleep", "1000"],
    );
    // "`kill TASK` ends child and supervisor, so that it is not restarted."
    nursery.ok(&["kill", "web"]);
    assert!(!is_alive(pid_of(&next)));
    until("nobody looks after it", || !is_alive(supervisor));
    let ended = child(&nursery, "web").unwrap();
    assert_eq!((ended["status"].as_str(), &ended["exit"]["signal"]), (Some("stopped"), &15.into()));
}

#[test]
fn on_failure_starts_again_only_what_failed() {
    let nursery = Nursery::new();
    let script = "test -e second && exit 0; touch second; exit 3";
    nursery.spawn(&["--task", "job", "--restart", "on-failure"], &["sh", "-c", script]);
    until("the second one has done it", || {
        child(&nursery, "job").is_some_and(|child| child["exit"]["code"] == 0)
    });
    let ended = child(&nursery, "job").unwrap();
    assert_eq!(
        (ended["status"].as_str(), &ended["restart"]["restarts"]),
        (Some("stopped"), &1.into())
    );
    until("nobody is left to look after it", || !is_alive(owner_of(&ended)));
    nursery.ok(&["clean", "--yes"]);
    assert_eq!(nursery.children().len(), 0);
}

#[test]
fn a_crash_loop_is_given_up_and_says_so() {
    let nursery = Nursery::new();
    let since = Instant::now();
    let first = nursery
        .spawn(&["--task", "crash", "--restart", "always"], &["sh", "-c", "echo run; exit 9"]);
    assert_eq!(first["taskId"], "crash");
    until("it was given up", || {
        child(&nursery, "crash").is_some_and(|child| child["restart"]["gave_up"] == true)
    });
    assert!(since.elapsed() < Duration::from_secs(15));
    let ended = child(&nursery, "crash").unwrap();
    assert_eq!(ended["status"], "stopped");
    assert!(ended["reason"].as_str().unwrap().contains("too often"), "{ended}");
    until("nobody looks after it", || !is_alive(owner_of(&ended)));
    let log = nursery.read(".loopwork/logs/default/crash.log");
    assert_eq!(log.lines().filter(|line| *line == "run").count(), 5, "{log}");
    assert!(log.contains("gave up"), "{log}");
    assert_eq!(nursery.run(&["children", "doctor"]).code, Some(1));
    // Whoever asks for it again gets it again.
    nursery.spawn(&["--task", "crash"], &["sleep", "1000"]);
}

#[test]
fn a_supervisor_that_is_killed_leaves_an_orphan_which_the_next_one_adopts() {
    let nursery = Nursery::new();
    let first = nursery.spawn(&KEPT, &["sleep", "1000"]);
    let pid = pid_of(&first);
    signal(owner_of(&first), Signal::KILL);
    until("it is an orphan", || !is_alive(owner_of(&first)));
    assert!(is_alive(pid));
    let orphans = list(nursery.data(&["orphans"])["children"].take());
    assert_eq!((pid_of(&orphans[0]), orphans[0]["status"].as_str()), (pid, Some("orphaned")));
    assert_eq!(child(&nursery, "web").unwrap()["status"], "orphaned");
    // Without somebody to look after it, a second one is refused; another program, too.
    nursery.refused(4, "conflict", &["spawn", "--task", "web", "--", "sleep", "1000"]);
    let other = ["spawn", "--task", "web", "--restart", "always", "--", "sleep", "999"];
    nursery.refused(4, "conflict", &other);
    let again =
        nursery.data(&["spawn", "--task", "web", "--restart", "always", "--", "sleep", "1000"]);
    assert_eq!((again["adopted"].as_bool(), pid_of(&again["child"])), (Some(true), pid));
    let adopted = child(&nursery, "web").unwrap();
    assert_eq!(adopted["status"], "running");
    assert_ne!(owner_of(&adopted), owner_of(&first));
    // Its end is seen by whoever adopted it, and it is started again.
    signal(pid, Signal::KILL);
    until("it runs again", || {
        child(&nursery, "web")
            .is_some_and(|next| pid_of(&next) != pid && next["status"] == "running")
    });
    nursery.ok(&["kill", "web"]);
}

#[test]
fn a_supervisor_that_is_asked_to_end_ends_its_child() {
    let nursery = Nursery::new();
    let first = nursery.spawn(&KEPT, &["sleep", "1000"]);
    signal(owner_of(&first), Signal::TERM);
    until("both are gone", || !is_alive(owner_of(&first)) && !is_alive(pid_of(&first)));
    assert_eq!(child(&nursery, "web").unwrap()["status"], "stopped");
    // "Ended: starts anew."
    let next = nursery.spawn(&KEPT, &["sleep", "1000"]);
    nursery.ok(&["kill", &pid_of(&next).to_string()]);
}

#[test]
fn kill_also_ends_the_wait_before_a_restart() {
    let nursery = Nursery::new();
    nursery.spawn(&["--task", "crash", "--restart", "always"], &["sh", "-c", "echo run; exit 9"]);
    let restarting = |child: &Value| {
        child["status"] == "stopped" && child["restart"]["restarts"].as_u64() >= Some(3)
    };
    until("it waits", || child(&nursery, "crash").is_some_and(|child| restarting(&child)));
    let waiting = child(&nursery, "crash").unwrap();
    assert!(is_alive(owner_of(&waiting)));
    // What is about to be started again is nobody's to forget.
    nursery.ok(&["clean", "--yes"]);
    nursery.ok(&["kill", "crash"]);
    until("nobody looks after it", || !is_alive(owner_of(&waiting)));
    let runs = nursery.read(".loopwork/logs/default/crash.log").matches("run\n").count();
    assert!(runs < 5, "{runs}");
    assert_eq!(child(&nursery, "crash").unwrap()["status"], "stopped");
}

#[test]
fn what_a_child_left_is_ended_before_it_is_started_again() {
    let nursery = Nursery::new();
    let seconds = format!("{}.75", std::process::id());
    let script = format!("setsid sleep {seconds} & echo; sleep 1000");
    let first = nursery.spawn(&KEPT, &["sh", "-c", &script]);
    until("both run", || super::with_argument(&seconds).len() == 1);
    signal(pid_of(&first), Signal::KILL);
    until("it runs again", || {
        child(&nursery, "web")
            .is_some_and(|next| pid_of(&next) != pid_of(&first) && next["status"] == "running")
    });
    until("the second one has started its own", || super::with_argument(&seconds).len() == 1);
    nursery.ok(&["kill", "web"]);
    assert_eq!(super::with_argument(&seconds).len(), 0);
}

#[test]
fn a_program_that_cannot_be_started_is_told_and_nobody_stays() {
    let nursery = Nursery::new();
    let args = ["spawn", "--task", "web", "--restart", "always", "--", "no-such-program"];
    nursery.refused(6, "invalid", &args);
    assert_eq!(nursery.children().len(), 0);
    assert!(!nursery.exists(".loopwork/processes.json.lock"));
}
