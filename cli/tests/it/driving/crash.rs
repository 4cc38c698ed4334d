//! Drivers that are killed: what was done stays done, what was begun goes on.

use std::{thread, time::Duration};

use super::{Driver, counts, events, line_of};
use crate::project::{Project, column, scale, step};

/// How often a driver is killed.
const ROUNDS: u64 = 15;

const FLOW: &str = "name: Flow
steps:
  - {id: a, type: command, foreach: {in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], max_parallel: 2}, run: [sh, -c, 'sleep 0.05; echo $PROCSIDE_IDEMPOTENCY_KEY >> ended; echo {{ item }}']}
  - {id: t, type: timer, delay: 5s}
  - {id: look, type: human_approval, timeout: 48h}
  - {id: tell, type: notification, depends_on: [a, t], message: all told}
  - {id: part, type: sub_process, process: part, input: {x: 1}, depends_on: [a]}
outputs: [{name: items, value: '{{ steps.a.output }}'}]
";

const PART: &str = "id: part
name: Part
input: {x: {type: integer}}
steps:
  - {id: c, type: command, run: [sh, -c, 'echo $PROCSIDE_PROCESS >> parts; echo 5']}
outputs: [{name: v, value: '{{ steps.c.output + input.x }}'}]
";

/// Numbers that are the same in every run of a test.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

#[expect(clippy::print_stdout, reason = "whoever looks at a failure needs the seed")]
fn survives(args: &[&str], seed: u64) {
    println!("seed {seed}, {args:?}");
    let mut dice = Dice(seed);
    let project = Project::with_files(&[("flow.yaml", FLOW)]);
    project.ok(&["init", "--name", "Other"]);
    project.write(".ai/templates/part.yaml", PART);
    project.ok(&["run", "flow.yaml", "--detach"]);
    for _ in 0..ROUNDS * u64::from(scale()) {
        let driver = Driver::of(&project, args);
        thread::sleep(Duration::from_millis(20 + dice.throw(230)));
        driver.kill();
    }
    let data = project.data_with_exit(7, &["run", "proc-002"]);
    assert_eq!(column(&data["waiting"], "step"), ["look"], "{data}");
    assert_eq!(step(&data["process"], "part")["status"], "completed");
    let data = project.data(&["run", "proc-002", "--yes"]);
    let items: Vec<u64> = (1..=10).collect();
    assert_eq!(data["run"]["outputs"]["items"], serde_json::json!(items));
    assert_eq!(data["run"]["steps"]["part"]["output"]["v"], 6);
    let mut done = std::collections::BTreeMap::<String, usize>::new();
    let mut timer = (None, None);
    for event in events(&project, "proc-002") {
        let at = event["at"].as_str().unwrap_or_default().to_owned();
        match (event["type"].as_str(), event["step"].as_str()) {
            (Some("timer_started"), _) => timer.0 = event["until"].as_str().map(str::to_owned),
            (Some("step_completed"), Some(id)) => {
                *done.entry(format!("{id}#{}", event["visit"])).or_default() += 1;
                if id == "t" {
                    timer.1 = Some(at);
                }
            }
            _ => {}
        }
    }
    assert_eq!(done.len(), 10 + 4, "{done:?}");
    assert!(done.values().all(|count| *count == 1), "{done:?}");
    assert!(timer.1 >= timer.0, "never early: {timer:?}");
    // E6.18: what was begun is gone on with, wherever the driver was killed.
    let ended = counts(&project, "ended");
    assert_eq!(ended.len(), 10, "{ended:?}");
    assert!(ended.values().all(|count| *count == 1), "{ended:?}");
    let processes = project.data(&["list"])["processes"].take();
    assert_eq!(column(&processes, "id").len(), 3, "one child: {processes}");
    project.ok(&["doctor"]);
}

#[test]
fn everything_completes_however_often_work_is_killed() {
    survives(&["work"], 0x5eed_0001);
}

#[test]
fn everything_completes_however_often_run_is_killed() {
    survives(&["run", "proc-002"], 0x5eed_0002);
}

#[test]
fn undoing_goes_on_after_a_crash_and_each_step_is_undone() {
    let text = "name: F
steps:
  - {id: a, type: command, run: [echo], compensation: {type: command, run: [sh, -c, 'echo a >> undone']}}
  - {id: b, type: command, depends_on: [a], run: [echo], compensation: {type: command, run: [sh, -c, 'echo $$ > pid; test -e go || sleep 2; echo b >> undone']}}
  - {id: c, type: command, depends_on: [b], run: ['false']}
";
    let project = Project::with_files(&[("f.yaml", text)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let driver = Driver::work(&project);
    line_of(&project, "pid");
    driver.kill();
    project.write("go", "");
    let data = project.data_with_exit(1, &["run", "proc-001"]);
    assert_eq!(crate::project::texts(&data["compensated"]), ["b", "a"]);
    let undone = project.read("undone");
    assert!(undone.starts_with("b\n") && undone.matches('a').count() == 1, "{undone}");
}
