//! Quality gates: what each looks at, and what the exit code says.

use crate::project::{Project, texts};

/// A process that passes every gate.
fn flawless() -> Project {
    let project = Project::with_steps(&["Build", "Test the build", "Write the rollback plan"]);
    for step in ["s1", "s2", "s3"] {
        project.ok(&["step", step, "-s", "done"]);
    }
    project.ok(&["decide", "Q", "C"]);
    project.ok(&["evidence", "note", "E"]);
    project
}

fn failed(project: &Project, code: i32, args: &[&str]) -> Vec<String> {
    let data = project.data_with_exit(code, args);
    assert_eq!(data["passed"], code == 0, "{data}");
    let gates = data["gates"].as_array().into_iter().flatten();
    gates
        .filter(|gate| gate["passed"] == false)
        .map(|gate| {
            let word = |key: &str| gate[key].as_str().unwrap_or("?");
            format!("{} {}", word("severity"), word("gate"))
        })
        .collect()
}

#[test]
fn a_flawless_process_passes() {
    let project = flawless();
    assert!(failed(&project, 0, &["check"]).is_empty());
    assert!(failed(&project, 0, &["check", "--fail-on-warning"]).is_empty());
    assert!(failed(&project, 0, &["gates"]).is_empty());
    assert_eq!(project.ok(&["check"]).stdout, "proc-001 passed\n");
    assert!(texts(&project.data(&["missing"])["missing"]).is_empty());
    assert_eq!(project.ok(&["missing"]).stdout, "Nothing is missing.\n");
}

#[test]
fn errors_fail_and_warnings_fail_when_asked_for() {
    let project = Project::with_steps(&["Build"]);
    let warnings =
        ["has_evidence", "has_decisions", "no_pending_missing", "has_rollback", "has_validation"];
    let found = failed(&project, 1, &["check"]);
    assert!(found.contains(&"error all_steps_completed".to_owned()), "{found:?}");
    project.ok(&["step", "s1", "-s", "done"]);
    assert_eq!(failed(&project, 0, &["check"]), warnings.map(|gate| format!("warning {gate}")));
    assert_eq!(failed(&project, 0, &["gates"]).len(), 5);
    assert_eq!(project.run(&["check", "--fail-on-warning"]).code, Some(1));
    let empty = Project::new();
    assert!(failed(&empty, 1, &["check"]).contains(&"error has_steps".to_owned()));
}

#[test]
fn a_project_decides_how_much_a_gate_matters() {
    let project = Project::with_steps(&["Build"]);
    project.ok(&["step", "s1", "-s", "done"]);
    project.ok(&["config", "--set", "gates.has_decisions=error"]);
    assert!(failed(&project, 1, &["check"]).contains(&"error has_decisions".to_owned()));
    for gate in
        ["has_decisions", "has_evidence", "no_pending_missing", "has_rollback", "has_validation"]
    {
        project.ok(&["config", "--set", &format!("gates.{gate}=off")]);
    }
    assert!(failed(&project, 0, &["check", "--fail-on-warning"]).is_empty());
}

#[test]
fn missing_names_what_is_missing() {
    let project = Project::with_steps(&["Build"]);
    let missing = texts(&project.data(&["missing"])["missing"]);
    assert_eq!(
        missing,
        ["No decisions logged", "No evidence recorded", "No rollback procedure defined"]
    );
    project.ok(&["decide", "Q", "C"]);
    project.ok(&["evidence", "note", "E"]);
    project.ok(&["add-step", "Prepare the rollback"]);
    assert!(texts(&project.data(&["missing"])["missing"]).is_empty());
}
