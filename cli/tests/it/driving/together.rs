//! Several programs at once: drivers beside each other, and people beside drivers.

use std::{fs, thread, time::Duration};

use super::{Driver, counts, events, line_of, status_of, until, until_status};
use crate::project::{Project, column, finish, step};

/// How soon a driver has noticed what another program did; 100 ms are promised, and the machine may
/// be busy.
const NOTICED: Duration = Duration::from_millis(1_500);

/// Two levels of commands, each of which leaves a line.
const WIDE: &str = "name: Wide
steps:
  - {id: a, type: command, foreach: {in: [1, 2, 3, 4, 5]}, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran']}
  - {id: b, type: command, depends_on: [a], run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> ran']}
";

/// Whatever people do moves it at once.
const WAITING: &str = "name: Waiting
steps:
  - {id: look, type: human_approval, timeout: 48h}
  - {id: looked, type: command, depends_on: [look], run: [sh, -c, 'date +%s%N > looked']}
  - {id: money, type: wait_for, message: paid}
  - {id: paid, type: command, depends_on: [money], run: [sh, -c, 'date +%s%N > paid']}
  - {id: long, type: command, run: [sh, -c, 'echo $$ > pid; sleep 60']}
";

fn now() -> Duration {
    std::time::UNIX_EPOCH.elapsed().unwrap()
}

/// Returns the instant that a step has written to a file.
fn instant_in(project: &Project, path: &str) -> Duration {
    Duration::from_nanos(line_of(project, path).parse().unwrap())
}

#[test]
fn two_workers_and_a_run_perform_each_step_once() {
    let project = Project::with_files(&[("wide.yaml", WIDE)]);
    project.ok(&["init", "--name", "Other"]);
    let (one, two) = (Driver::work(&project), Driver::work(&project));
    for _ in 0..4 {
        project.ok(&["run", "wide.yaml", "--detach"]);
    }
    assert_eq!(status_of(&project, "proc-001"), "planned", "what people keep is theirs");
    let data = project.data(&["run", "wide.yaml"]);
    assert_eq!(data["process"]["status"], "completed");
    for id in ["proc-002", "proc-003", "proc-004", "proc-005"] {
        until_status(&project, id, "completed");
    }
    let ran = counts(&project, "ran");
    assert_eq!(ran.len(), 5 * 6, "{ran:?}");
    assert!(ran.values().all(|count| *count == 1), "{ran:?}");
    for output in [one.end(), two.end()] {
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert!(!output.stderr.contains('!'), "nobody is in anybody's way: {output:#?}");
    }
}

#[test]
fn run_goes_on_where_another_driver_was_killed() {
    let project = Project::with_files(&[("f.yaml", WAITING)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let worker = Driver::work(&project);
    let pid = line_of(&project, "pid");
    let driver = Driver::of(&project, &["run", "proc-001", "--yes"]);
    thread::sleep(Duration::from_millis(300));
    worker.kill();
    // Nobody decides while somebody else drives; now it is this program that does.
    until("the killed worker's program is adopted", || {
        super::registry(&project)[0]["identity"]["owner"]["pid"] == driver.pid()
    });
    assert!(super::is_alive(&pid));
    assert_eq!(line_of(&project, "pid"), pid, "and not started again");
    let output = driver.end();
    assert_eq!(output.code, Some(130), "{output:#?}");
    assert!(!super::is_alive(&pid), "it ends with whoever drives it and is told to end");
}

#[test]
fn what_people_do_while_work_drives_is_noticed_at_once() {
    let project = Project::with_files(&[("f.yaml", WAITING)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let worker = Driver::work(&project);
    let pid = line_of(&project, "pid");
    project.ok(&["approve", "proc-001", "look"]);
    let since = now();
    let noticed = instant_in(&project, "looked").saturating_sub(since);
    assert!(noticed < NOTICED, "{noticed:?}");
    project.ok(&["message", "paid", "--process", "proc-001"]);
    let since = now();
    let noticed = instant_in(&project, "paid").saturating_sub(since);
    assert!(noticed < NOTICED, "{noticed:?}");
    // E7.2: what runs is asked to stop.
    project.ok(&["cancel", "proc-001"]);
    let gone = until("the program is ended", || !super::is_alive(&pid));
    assert!(gone < NOTICED, "{gone:?}");
    until_status(&project, "proc-001", "cancelled");
    assert_eq!(worker.end().code, Some(0));
}

#[test]
fn a_step_that_is_settled_by_hand_is_ended() {
    let project = Project::with_files(&[("f.yaml", WAITING)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let _worker = Driver::work(&project);
    let pid = line_of(&project, "pid");
    project.ok(&["step", "long", "--status", "completed", "--output", "\"by hand\""]);
    let gone = until("the program is ended", || !super::is_alive(&pid));
    assert!(gone < NOTICED, "{gone:?}");
    let shown = project.data(&["show"]);
    assert_eq!(shown["run"]["steps"]["long"]["output"], "by hand");
}

#[test]
fn a_paused_process_is_left_alone_until_it_goes_on() {
    let text = "name: F\nsteps:\n  - {id: look, type: human_approval}\n  - {id: b, type: command, depends_on: [look], run: [sh, -c, 'echo x > b']}\n";
    let project = Project::with_files(&[("f.yaml", text)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let _worker = Driver::work(&project);
    project.ok(&["pause", "proc-001"]);
    project.ok(&["approve", "proc-001", "look"]);
    thread::sleep(Duration::from_millis(500));
    assert!(!project.exists("b"));
    project.ok(&["resume", "proc-001"]);
    until_status(&project, "proc-001", "completed");
}

#[test]
fn of_six_decisions_one_holds() {
    let text = "name: F\nsteps:\n  - {id: look, type: human_approval, timeout: 48h}\n  - {id: more, type: human_approval}\n";
    for is_driven in [false, true] {
        let project = Project::with_files(&[("f.yaml", text)]);
        assert_eq!(project.run(&["run", "f.yaml"]).code, Some(7));
        let _worker = is_driven.then(|| Driver::work(&project));
        let decide = |index: u32| {
            let by = format!("person-{index}");
            let verb = if index.is_multiple_of(2) { "approve" } else { "reject" };
            project.command(&[verb, "proc-001", "more", "--by", &by, "--comment", "so"]).spawn()
        };
        let children: Vec<_> = (0..6).map(|index| decide(index).unwrap()).collect();
        let mut codes: Vec<_> = children.into_iter().map(|it| finish(it, "approve").code).collect();
        codes.sort();
        assert_eq!(codes, [0, 4, 4, 4, 4, 4].map(Some));
        let decided = events(&project, "proc-001");
        let decided = decided.iter().filter(|event| event["type"] == "approval_decided");
        assert_eq!(decided.count(), 1);
    }
}

#[test]
fn a_hand_edit_beside_a_worker_is_absorbed_and_not_lost() {
    let text = "name: F\nsteps:\n  - {id: a, type: command, foreach: {in: [1, 2, 3, 4, 5, 6, 7, 8], max_parallel: 1}, run: [sleep, '0.15']}\n  - {id: m, type: manual}\n";
    let project = Project::with_files(&[("f.yaml", text)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let worker = Driver::work(&project);
    let view = project.path(".ai/processes/proc-001.yaml");
    until("it runs", || project.read(".ai/processes/proc-001.yaml").contains("in_progress"));
    // An editor writes beside and renames; so the file is never half of one.
    let edited =
        project.read(".ai/processes/proc-001.yaml").replace("name: F\n", "name: Renamed by hand\n");
    let aside = project.path("edited.yaml");
    fs::write(&aside, edited).unwrap();
    fs::rename(&aside, &view).unwrap();
    until("all items are done", || {
        let shown = project.data(&["show"]);
        step(&shown["process"], "a")["status"] == "completed"
    });
    let shown = project.data(&["show"]);
    assert_eq!(shown["process"]["name"], "Renamed by hand");
    assert!(project.read(".ai/processes/proc-001.yaml").contains("Renamed by hand"));
    let edited = events(&project, "proc-001").into_iter().filter(|event| event["type"] == "edited");
    assert!(edited.count() >= 1);
    let done = events(&project, "proc-001");
    let done = done.iter().filter(|event| event["type"] == "step_completed").count();
    assert_eq!(done, 8, "nothing is done twice, nothing is lost");
    assert_eq!(worker.end().code, Some(0));
}

#[test]
fn run_sees_what_another_driver_finishes() {
    let text = "name: F\nsteps:\n  - {id: a, type: command, run: [sh, -c, 'echo x >> ran; sleep 0.5']}\n  - {id: m, type: manual, depends_on: [a]}\n";
    let project = Project::with_files(&[("f.yaml", text)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let runs: Vec<_> =
        (0..6).map(|_| Driver::of(&project, &["run", "proc-001", "--json"])).collect();
    for run in runs {
        let output = run.wait();
        assert_eq!(output.code, Some(7), "{output:#?}");
        assert_eq!(column(&output.envelope()["data"]["waiting"], "step"), ["m"]);
    }
    assert_eq!(project.read("ran").lines().count(), 1);
}
