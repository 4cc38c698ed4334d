//! Another definition for a process that runs, and trying again by it.

use crate::project::{Project, texts};

const OLD: &str = "name: Flow
steps:
  - {id: a}
  - {id: b, depends_on: [a]}
";

fn begun() -> Project {
    let project = Project::started(OLD);
    project.ok(&["step", "a", "-s", "completed", "--output", "{\"n\": 1}"]);
    project
}

#[test]
fn what_is_done_stays_done() {
    let project = begun();
    project.write("new.yaml", "name: Flow\nsteps: [{id: a}, {id: b, depends_on: [a]}, {id: c}]\n");
    let before = project.tree();
    let shown = project.data(&["adopt", "proc-001", "new.yaml", "--dry-run"]);
    assert!(project.tree() == before);
    assert_eq!(shown["run"]["steps"]["c"]["status"], "pending");
    let data = project.data(&["adopt", "proc-001", "new.yaml"]);
    assert_eq!(data["run"]["steps"]["a"]["output"]["n"], 1);
    assert_eq!(data["process"]["definition"], "new.yaml");
    assert_eq!(data["process"]["steps"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_definition_in_which_that_has_no_place_is_refused_with_every_reason() {
    let project = begun();
    project.ok(&["claim", "b"]);
    project.write("new.yaml", "name: Flow\nsteps: [{id: c}]\n");
    let error = project.refused(4, "conflict", &["adopt", "proc-001", "new.yaml"]);
    assert_eq!(texts(&error["details"]["reasons"]).len(), 2, "{error}");
    project.write("new.yaml", "name: Flow\nsteps: [{id: c, depends_on: [x]}, {id: c}]\n");
    let error = project.refused(6, "invalid", &["adopt", "proc-001", "new.yaml"]);
    assert!(texts(&error["details"]["problems"]).len() > 1, "{error}");
    project.refused(3, "not_found", &["adopt", "proc-001", "nowhere.yaml"]);
}

#[test]
fn what_failed_is_tried_again_by_the_definition_as_it_stands_today() {
    let project = begun();
    let failed = project.data(&["step", "b", "-s", "failed", "--note", "no paper"]);
    assert_eq!(failed["process"]["status"], "failed");
    assert_eq!(failed["run"]["error"].as_str().map(|error| error.contains("no paper")), Some(true));
    project.edit("flow.yaml", "{id: b, depends_on: [a]}", "{id: b, depends_on: [a], name: Better}");
    let data = project.data(&["retry", "proc-001", "--newest"]);
    assert_eq!(data["process"]["status"], "in_progress");
    let log = project.data(&["events"]);
    let kinds = crate::project::column(&log["events"], "type");
    assert!(
        kinds.ends_with(&["adopted".into(), "steps_reset".into(), "step_ready".into()]),
        "{kinds:?}"
    );
    project.ok(&["step", "b", "-s", "completed"]);
    assert_eq!(project.process()["status"], "completed");
    project.refused(4, "conflict", &["retry", "proc-001"]);
    project.refused(4, "conflict", &["adopt", "proc-001", "flow.yaml"]);
    let again = project.data(&["retry", "proc-001", "--from", "b"]);
    assert_eq!(again["run"]["steps"]["b"]["status"], "pending");
}
