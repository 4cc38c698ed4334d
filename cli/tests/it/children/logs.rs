//! What children write.

use std::fs::{self, File};

use serde_json::json;

use super::{Nursery, is_alive, pid_of, until};
use crate::project::finish;

const LOG: &str = ".loopwork/logs/default/a.log";

/// Longer than a log may get.
const LONG: u64 = 11 << 20;

#[test]
fn both_outputs_stand_in_one_log_across_starts() {
    let nursery = Nursery::new();
    for round in ["one", "two"] {
        let script = format!("echo {round}; echo bad >&2");
        let child = nursery.spawn(&["--task", "a"], &["sh", "-c", &script]);
        until("it has ended", || !is_alive(pid_of(&child)));
    }
    assert_eq!(nursery.ok(&["logs", "a"]).stdout, "one\nbad\ntwo\nbad\n");
    let data = nursery.data(&["logs", "a"]);
    assert_eq!(data["logs"][0]["text"], "one\nbad\ntwo\nbad\n");
    assert_eq!(data["child"]["taskId"], "a");
    // It outlives the entry.
    nursery.ok(&["clean", "--yes"]);
    let data = nursery.data(&["logs", "a"]);
    assert_eq!((&data["child"], &data["logs"][0]["left_out"]), (&json!(null), &json!(0)));
}

#[test]
fn follow_goes_on_until_the_child_has_ended() {
    let nursery = Nursery::new();
    let script = "echo first; while ! test -e go; do sleep 0.01; done; echo last";
    nursery.spawn(&["--task", "a"], &["sh", "-c", script]);
    until("it has written", || nursery.exists(LOG) && nursery.read(LOG) == "first\n");
    let follow = nursery.command(&["logs", "a", "--follow"]).spawn().unwrap();
    let lines = nursery.command(&["logs", "a", "--follow", "--json"]).spawn().unwrap();
    nursery.write("go", "");
    assert_eq!(finish(follow, "logs").stdout, "first\nlast\n");
    let lines = finish(lines, "logs").stdout;
    assert!(lines.contains("first\\n") && lines.contains("last\\n"), "{lines}");
}

#[test]
fn a_long_log_is_put_away_in_passing_and_at_a_start() {
    let nursery = Nursery::new();
    let pid = nursery.sleeper(&["--task", "a"]);
    let grow =
        || File::options().append(true).open(nursery.path(LOG)).unwrap().set_len(LONG).unwrap();
    grow();
    let output = nursery.ok(&["ps"]);
    assert!(output.stdout.contains(&pid.to_string()));
    assert_eq!(fs::metadata(nursery.path(LOG)).unwrap().len(), 0, "its child writes on in it");
    assert_eq!(fs::metadata(nursery.path(&format!("{LOG}.1"))).unwrap().len(), LONG);
    nursery.ok(&["kill", "a"]);
    grow();
    nursery.sleeper(&["--task", "a"]);
    assert_eq!(fs::metadata(nursery.path(LOG)).unwrap().len(), 0);
    assert_eq!(fs::metadata(nursery.path(&format!("{LOG}.2"))).unwrap().len(), LONG);
}

#[test]
fn who_is_kept_running_has_its_log_put_away_while_it_writes() {
    let nursery = Nursery::new();
    let script = "head -c 12000000 /dev/zero; while :; do echo more; sleep 0.01; done";
    nursery.spawn(&["--task", "a", "--restart", "always"], &["sh", "-c", script]);
    until("it was put away", || nursery.exists(&format!("{LOG}.1")));
    until("it goes on", || {
        fs::read(nursery.path(LOG)).is_ok_and(|text| text.starts_with(b"more\n"))
    });
    nursery.ok(&["kill", "a"]);
}

#[test]
fn of_a_long_log_the_end_is_shown_and_that_is_said() {
    let nursery = Nursery::new();
    nursery.write(LOG, format!("{}\nthe end\n", "x".repeat(2 << 20)));
    let output = nursery.ok(&["logs", "a"]);
    assert_eq!(output.stdout, "the end\n");
    assert!(output.stderr.contains("left out"), "{}", output.stderr);
}
