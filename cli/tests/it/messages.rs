//! Messages: to a process that is named, to the one that waits, to the only one that may.

use crate::project::{Project, texts};

const PAID: &str = "name: Order
steps:
  - {id: pack}
  - {id: paid, type: wait_for, message: paid, depends_on: [pack]}
";

fn status(project: &Project, process: &str) -> String {
    let shown = project.data(&["show", process]);
    shown["process"]["status"].as_str().unwrap_or_default().to_owned()
}

/// E12.6
#[test]
fn a_message_goes_to_the_process_that_has_waited_longest() {
    let project = Project::started(PAID);
    project.start("flow.yaml", None);
    for process in ["proc-002", "proc-001"] {
        project.ok(&["step", "pack", "-s", "completed", "--process", process]);
    }
    let data = project.data(&["message", "paid", "-d", "{\"amount\": 12.5}"]);
    assert_eq!(data["process"]["id"], "proc-002");
    assert_eq!(data["run"]["steps"]["paid"]["output"].to_string(), "{\"amount\":12.5}");
    assert_eq!(project.data(&["message", "paid"])["process"]["id"], "proc-001");
    project.refused(3, "not_found", &["message", "paid"]);
}

/// E12.7
#[test]
fn a_message_that_nobody_waits_for_is_kept_where_only_one_may() {
    let project = Project::started(PAID);
    let data = project.data(&["message", "paid"]);
    assert_eq!(data["process"]["status"], "in_progress");
    assert_eq!(
        project.data(&["step", "pack", "-s", "completed"])["process"]["status"],
        "completed"
    );
    project.start("flow.yaml", None);
    project.start("flow.yaml", None);
    let error = project.refused(4, "conflict", &["message", "paid"]);
    assert_eq!(texts(&error["details"]["processes"]), ["proc-002", "proc-003"]);
    project.ok(&["message", "paid", "proc-003"]);
    project.ok(&["message", "paid", "--process", "proc-002"]);
    project.refused(3, "not_found", &["message", "shipped"]);
    project.refused(4, "conflict", &["message", "paid", "proc-001"]);
}

#[test]
fn a_message_that_comes_again_under_its_id_changes_nothing() {
    let project = Project::started(PAID);
    project.start("flow.yaml", None);
    for process in ["proc-001", "proc-002"] {
        project.ok(&["step", "pack", "-s", "completed", "--process", process]);
    }
    for _ in 0..2 {
        let data = project.data(&["message", "paid", "--id", "m1"]);
        assert_eq!(data["process"]["id"], "proc-001", "{data}");
    }
    assert_eq!(status(&project, "proc-002"), "waiting");
    project.ok(&["message", "paid", "--id", "m2"]);
    assert_eq!(status(&project, "proc-002"), "completed");
}

#[test]
fn a_key_finds_the_step_that_waits_for_it() {
    let project = Project::started(
        "name: Order\nsteps:\n  - {id: paid, type: wait_for, message: paid, correlation: A-1}\n",
    );
    let waiting = project.data(&["show"])["waiting"].take();
    assert_eq!((&waiting[0]["name"], &waiting[0]["key"]), (&"paid".into(), &"A-1".into()));
    let data = project.data(&["message", "paid", "--key", "A-1"]);
    assert_eq!(data["process"]["status"], "completed");
}

#[test]
fn the_data_of_a_message_is_json() {
    let project = Project::started(PAID);
    let error = project.refused(6, "invalid", &["message", "paid", "--data", "plenty"]);
    assert!(error["hint"].is_string(), "{error}");
    project.refused(6, "invalid", &["message", ""]);
}
