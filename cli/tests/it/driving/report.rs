//! The examples that need nothing, run for real.

use std::path::Path;

use crate::project::{Project, step};

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    std::fs::read_to_string(path).expect("the example is there")
}

#[test]
fn the_report_is_made_by_one_command() {
    let project =
        Project::with_files(&[("report.yaml", &example("report.yaml")), ("notes.txt", "")]);
    let output = project.ok(&["run", "report.yaml", "--yes"]);
    assert!(output.stdout.contains("path: reports/proc-001.md"), "{output:#?}");
    assert!(output.stdout.contains("# This machine and this folder"), "{output:#?}");
    let report = project.read("reports/proc-001.md");
    assert!(report.starts_with("# This machine and this folder\n\n- Machine: "), "{report}");
    assert!(report.contains("- Files here: 2"), "{report}");
    let data = project.data(&["show"]);
    assert_eq!(data["run"]["steps"]["disk"]["attempts"], 2);
    assert_eq!(data["run"]["outputs"]["report"].as_str(), Some(report.trim_end()));
}

#[test]
fn the_report_waits_for_its_reader() {
    let project = Project::with_files(&[("report.yaml", &example("report.yaml"))]);
    let args = ["run", "report.yaml", "-i", "title=Mine", "-i", "wanted_mb=1000000000"];
    let data = project.data_with_exit(7, &args);
    assert_eq!(step(&data["process"], "no_room")["status"], "completed");
    assert!(project.data(&["approvals"])["approvals"][0]["title"].is_string());
    project.ok(&["reject", "proc-001", "review", "--comment", "not yet"]);
    let data = project.data(&["run", "proc-001"]);
    assert!(data["run"]["outputs"]["path"].is_null());
    assert!(!project.exists("reports"));
}
