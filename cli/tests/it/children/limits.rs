//! What a child may use.

use super::{Nursery, is_alive, pid_of, until};

#[test]
fn limits_hold_and_are_shown() {
    let nursery = Nursery::new();
    let script = "ulimit -v; ulimit -t; ulimit -n; echo";
    let limits = ["--limit", "memory=512M,cpu=60s", "--limit", "files=64"];
    let child = nursery.spawn(&limits, &["sh", "-c", script]);
    until("it has ended", || !is_alive(pid_of(&child)));
    assert_eq!(nursery.read(".loopwork/logs/default/task-1.log"), "524288\n60\n64\n\n");
    assert_eq!(child["limits"]["memory_bytes"], 512 << 20);
    assert_eq!(child["limits"]["files"], 64);
    for limit in [
        "memory",
        "memory=",
        "memory=lots",
        "speed=3",
        "cpu=soon",
        "files=-1",
        "memory=0",
        "memory=99999999999T",
    ] {
        nursery.refused(6, "invalid", &["spawn", "--limit", limit, "--", "true"]);
    }
}

#[test]
fn who_computes_too_long_is_ended_by_the_system() {
    let nursery = Nursery::new();
    let options = ["--limit", "cpu=1s", "--restart", "on-failure", "--task", "busy"];
    let child = nursery.spawn(&options, &["sh", "-c", "while :; do :; done"]);
    until("it was ended", || !is_alive(pid_of(&child)));
    nursery.ok(&["kill", "busy"]);
}
