//! Drivers that are told to end.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Driver, events, is_alive, line_of};
use crate::project::Project;

#[test]
fn work_ends_soon_with_its_programs_and_blames_nobody() {
    // One of them does not listen.
    let text = "name: F
steps:
  - {id: a, type: command, run: [sh, -c, 'test -e go && exit 0; echo $$ > pid-a; sleep 60 & wait']}
  - {id: b, type: command, run: [sh, -c, 'test -e go && exit 0; trap \"\" TERM; echo $$ > pid-b; while :; do sleep 0.2; done']}
";
    for wanted in [Signal::TERM, Signal::INT] {
        let project = Project::with_files(&[("f.yaml", text)]);
        project.ok(&["run", "f.yaml", "--detach"]);
        let driver = Driver::work(&project);
        let pids = [line_of(&project, "pid-a"), line_of(&project, "pid-b")];
        let since = Instant::now();
        driver.signal(wanted);
        let output = driver.wait();
        assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
        assert_eq!((output.code, output.stdout.as_str()), (Some(0), "Stopped.\n"));
        assert!(pids.iter().all(|pid| !is_alive(pid)));
        let failed = ["attempt_failed", "step_failed", "step_skipped", "step_cancelled"];
        let all = events(&project, "proc-001");
        assert!(all.iter().all(|event| !failed.iter().any(|one| event["type"] == *one)), "{all:?}");
        project.write("go", "");
        let data = project.data(&["run", "proc-001"]);
        assert_eq!(data["run"]["steps"]["a"]["attempts"], 1);
    }
}

#[test]
fn an_idle_worker_ends_at_once_and_answers_in_json_when_asked() {
    let project = Project::new();
    let driver = Driver::of(&project, &["work", "--json"]);
    std::thread::sleep(Duration::from_millis(300));
    let since = Instant::now();
    let output = driver.end();
    assert!(since.elapsed() < Duration::from_secs(2));
    assert_eq!(output.code, Some(0));
    assert_eq!(output.envelope()["data"]["stopped"], true);
}
