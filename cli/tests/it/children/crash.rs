//! Whoever starts a child may die at any moment.

use std::{process::Stdio, thread, time::Instant};

use super::{Nursery, until, with_argument};
use crate::project::{kill, scale};

#[test]
fn a_child_never_runs_unrecorded_whenever_spawn_is_killed() {
    let nursery = Nursery::new();
    let seconds = format!("{}.125", std::process::id());
    // As long as one takes that is left alone, and some more.
    let since = Instant::now();
    nursery.spawn(&[], &["sleep", &seconds]);
    let whole = since.elapsed() * 3 / 2;
    let rounds = 60 * scale();
    for round in 0..rounds {
        let mut spawn = nursery
            .command(&["spawn", "--", "sleep", &seconds])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before it does anything to after it is done.
        thread::sleep(whole * round / rounds);
        kill(spawn.id());
        spawn.wait().unwrap();
        // Whoever waited at a gate that closed ends without having run anything.
        until("nobody waits at a gate", || gates(&seconds).is_empty());
        let running = with_argument(&seconds);
        let recorded: Vec<u64> =
            nursery.children().iter().filter_map(|child| child["pid"].as_u64()).collect();
        for pid in &running {
            assert!(recorded.contains(&u64::from(*pid)), "{pid} runs and is not recorded");
        }
    }
    assert!(with_argument(&seconds).len() > 1, "some were started");
    nursery.ok(&["clean", "--yes"]);
    assert_eq!(with_argument(&seconds).len(), 0);
}

/// Returns those that wait at a gate with this program behind it: the shell has it among its
/// arguments and has not become it.
fn gates(seconds: &str) -> Vec<u32> {
    let is_shell = |pid: &u32| {
        std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "sh")
    };
    with_argument(seconds).into_iter().filter(is_shell).collect()
}
