//! Programs that outlive their driver: the next one goes on with them.

use serde_json::Value;

use super::{Driver, counts, events, is_alive, line_of, registry, until, until_status};
use crate::project::{Project, kill, step};

/// A step that says that it was begun, and ends when it may.
const WAITS: &str = "echo $0 >> begun; while [ ! -e go ]; do sleep 0.05; done; echo $T";

fn dispatches(project: &Project) -> usize {
    events(project, "proc-001").iter().filter(|event| event["type"] == "step_started").count()
}

/// Starts a process, waits until its programs run, and kills the driver.
fn left(text: &str, programs: usize) -> Project {
    let project = Project::with_files(&[("f.yaml", text)]);
    project.ok(&["run", "f.yaml", "--detach"]);
    let driver = Driver::of(&project, &["work", "--concurrency", "100"]);
    until("its programs run", || {
        project.path("begun").exists() && counts(&project, "begun").len() == programs
    });
    driver.kill();
    project
}

/// E6.16, E6.18.
#[test]
fn a_program_that_outlives_its_driver_is_adopted_and_not_started_again() {
    let project = left(
        "name: F
steps:
  - {id: a, type: command, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> begun; echo $$ > pid; while [ ! -e go ]; do sleep 0.05; done; echo from a; exit 3'], on_error: skip_step}
  - {id: b, type: command, delivery: at_most_once, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> begun; while [ ! -e go ]; do sleep 0.05; done; echo from b']}
",
        2,
    );
    let pid = line_of(&project, "pid");
    assert!(is_alive(&pid), "it outlives its driver");
    let all = events(&project, "proc-001");
    let children: Vec<&Value> =
        all.iter().filter(|event| event["type"] == "child_started").collect();
    for child in &children {
        assert!(child["start_time"].is_u64() && child["boot_id"].is_string(), "{child}");
    }
    let mut tasks: Vec<String> = registry(&project)
        .iter()
        .map(|child| format!("{} {}", child["taskId"], child["status"]))
        .collect();
    tasks.sort();
    assert_eq!(
        tasks,
        [r#""proc-001/a/1/1" "running""#, r#""proc-001/b/1/1" "running""#],
        "the contract: `work` registers every child"
    );
    let driver = Driver::work(&project);
    until("they are adopted", || {
        registry(&project).iter().all(|child| child["identity"]["owner"]["pid"] == driver.pid())
    });
    project.write("go", "");
    until_status(&project, "proc-001", "completed");
    drop(driver.end());
    assert_eq!(dispatches(&project), 2, "neither was performed again");
    assert!(counts(&project, "begun").values().all(|count| *count == 1));
    let shown = project.data(&["show"]);
    assert_eq!(shown["run"]["steps"]["b"]["output"]["text"], "from b");
    let error = shown["run"]["steps"]["a"]["error"].to_string();
    assert!(error.contains("ended with exit code 3"), "{shown}");
    assert_eq!(registry(&project), Vec::<Value>::new(), "what is over is forgotten");
    let left = std::fs::read_dir(project.path(".loopwork/runs")).unwrap().count();
    assert_eq!(left, 0, "nothing is left of it");
}

/// E6.18.
#[test]
fn what_ended_while_nobody_drove_gives_its_result() {
    let text = format!(
        "name: F\nsteps:\n  - {{id: a, type: command, run: [sh, -c, '{WAITS} done', a]}}\n"
    );
    let project = left(&text, 1);
    project.write("go", "");
    let child = registry(&project)[0]["pid"].to_string();
    until("it has ended", || !is_alive(&child));
    let data = project.data(&["run", "proc-001"]);
    assert_eq!(step(&data["process"], "a")["status"], "completed");
    assert_eq!(data["run"]["steps"]["a"]["output"]["text"], "done");
    assert_eq!((dispatches(&project), counts(&project, "begun").len()), (1, 1));
    assert_eq!(project.read("begun"), "a\n");
}

#[test]
fn a_program_with_a_secret_is_adopted_and_its_secret_stays_hidden() {
    let text = format!(
        "name: F\nsteps:\n  - {{id: a, type: command, run: [sh, -c, 'echo first $T; {WAITS}', a], env: {{T: '${{HOME}}'}}}}\n"
    );
    let project = left(&text, 1);
    project.write("go", "");
    // While it runs, what it wrote is nowhere but in memory.
    let data = project.data(&["run", "proc-001"]);
    assert_eq!(data["run"]["steps"]["a"]["status"], "completed", "{data}");
    assert!(counts(&project, "begun").values().all(|count| *count <= 2));
}

/// E6.12, E6.17.
#[test]
fn what_ended_without_a_result_is_performed_again_under_the_same_key() {
    let text = "name: F
steps:
  - {id: a, type: command, run: [sh, -c, 'echo $PROCSIDE_IDEMPOTENCY_KEY >> begun; test -e go && exit 0; sleep 60']}
";
    let project = left(text, 1);
    let child = registry(&project)[0]["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
    // Whoever would have written its exit down is killed; the program itself goes on.
    kill(child.expect("it has a number"));
    project.write("go", "");
    let data = project.data(&["run", "proc-001"]);
    assert_eq!(data["process"]["status"], "completed");
    assert_eq!(
        counts(&project, "begun").into_iter().collect::<Vec<_>>(),
        [("proc-001/a/1/1".to_owned(), 2)]
    );
    assert_eq!(dispatches(&project), 2);
    assert_eq!(data["run"]["steps"]["a"]["attempts"], 1, "it is not counted by retry");
}

/// E6.15.
#[test]
fn what_may_be_performed_once_only_and_left_no_result_waits_for_a_person() {
    let text = "name: F
steps:
  - {id: a, type: command, delivery: at_most_once, run: [sh, -c, 'echo x >> begun; sleep 60']}
";
    let project = left(text, 1);
    let child = registry(&project)[0]["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
    kill(child.expect("it has a number"));
    let data = project.data_with_exit(7, &["run", "proc-001"]);
    assert_eq!(data["waiting"][0]["for"], "person", "{data}");
    assert_eq!(project.read("begun").lines().count(), 1);
    project.ok(&["step", "a", "--status", "completed"]);
    assert_eq!(project.data(&["run", "proc-001"])["process"]["status"], "completed");
}

#[test]
fn a_hundred_children_of_a_killed_driver_are_all_adopted_and_none_is_started_twice() {
    let items: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let text = format!(
        "name: F
steps:
  - {{id: a, type: command, foreach: {{in: [{}], max_parallel: 100}}, run: [sh, -c, 'echo $0 >> begun; while [ ! -e go ]; do sleep 0.2; done; echo $0', '{{{{ item }}}}']}}
",
        items.join(", ")
    );
    let project = left(&text, 100);
    let driver = Driver::of(&project, &["work", "--concurrency", "100"]);
    until("all are adopted", || {
        let children = registry(&project);
        children.len() == 100
            && children.iter().all(|child| child["identity"]["owner"]["pid"] == driver.pid())
    });
    project.write("go", "");
    until_status(&project, "proc-001", "completed");
    drop(driver);
    let begun = counts(&project, "begun");
    assert_eq!(begun.len(), 100, "none is lost");
    assert!(begun.values().all(|count| *count == 1), "none is started twice: {begun:?}");
    assert_eq!(dispatches(&project), 100);
}
