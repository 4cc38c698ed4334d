//! A dry run shows what would be done and writes not a byte.

use crate::project::Project;

fn full() -> Project {
    let project = Project::nowhere();
    project.ok(&["init", "--template", "bugfix", "--name", "Full"]);
    project.ok(&["claim", "s2"]);
    project.ok(&["init", "--name", "Second"]);
    project.ok(&["switch", "proc-001"]);
    project.ok(&["init", "--name", "Away"]);
    project.ok(&["archive", "proc-003"]);
    project.ok(&["switch", "proc-001"]);
    project.ok(&["templates", "new", "proc-001", "--id", "mine"]);
    project.ok(&["export", "proc-001", "--format", "yaml", "-o", "export.yaml"]);
    project.ok(&["export", "proc-001", "--format", "json", "--history", "-o", "whole.json"]);
    project
}

const WRITERS: [&[&str]; 26] = [
    &["init", "--name", "Another"],
    &["init", "--template", "mine"],
    &["switch", "proc-002"],
    &["archive"],
    &["archive", "proc-002"],
    &["restore", "proc-003"],
    &["restore", "proc-001", "--version", "1"],
    &["clone", "proc-001"],
    &["add-step", "X", "--after", "s1"],
    &["step", "s1", "--status", "completed", "--output", "o", "--note", "n"],
    &["claim", "s1"],
    &["release", "s2"],
    &["decide", "Q", "C"],
    &["risk", "R", "--impact", "critical"],
    &["evidence", "note", "V", "--step", "s1"],
    &["version", "--note", "N"],
    &["render", "-o", "drawn.md"],
    &["export", "proc-001", "-o", "export.md"],
    &["import", "export.yaml", "--name", "I"],
    &["import", "whole.json"],
    &["templates", "new", "proc-001", "--id", "more"],
    &["templates", "remove", "mine"],
    &["config", "--set", "template=mine"],
    &["reindex"],
    &["doctor", "--fix"],
    &["man", "pages"],
];

#[test]
fn no_command_writes_a_byte() {
    let project = full();
    let before = project.tree();
    for args in WRITERS {
        let mut args = args.to_vec();
        args.push("--dry-run");
        project.data(&args);
        assert!(project.tree() == before, "`{}` wrote", args.join(" "));
        let output = project.ok(&args);
        assert!(output.stderr.contains("nothing was written"), "{output:#?}");
        assert!(project.tree() == before, "`{}` wrote", args.join(" "));
    }
}

#[test]
fn a_dry_run_shows_what_would_be() {
    let project = full();
    let data = project.data(&["add-step", "X", "--after", "s1", "--dry-run"]);
    assert_eq!(data["step"]["name"], "X");
    assert_eq!(data["process"]["steps"][1]["name"], "X");
    let data = project.data(&["init", "--name", "Another", "--dry-run"]);
    assert_eq!(data["process"]["id"], "proc-004");
    let data = project.data(&["step", "s1", "-s", "completed", "--dry-run"]);
    assert_eq!(data["step"]["status"], "completed");
    let data = project.data(&["import", "export.yaml", "--name", "I", "--dry-run"]);
    assert_eq!(data["process"]["name"], "I");
    let data = project.data(&["version", "--note", "N", "--dry-run"]);
    assert_eq!(data["version"], 2, "the number that it would have");
    let data = project.data(&["config", "--set", "gates.has_decisions=off", "--dry-run"]);
    assert_eq!(data["config"]["gates"]["has_decisions"], "off");
}

#[test]
fn a_dry_run_refuses_what_the_command_would_refuse() {
    let project = full();
    let before = project.tree();
    project.refused(3, "not_found", &["step", "s99", "-s", "completed", "--dry-run"]);
    project.refused(4, "conflict", &["claim", "s2", "--by", "al", "--dry-run"]);
    project.refused(4, "conflict", &["switch", "proc-003", "--dry-run"]);
    project.refused(6, "invalid", &["add-step", "", "--dry-run"]);
    project.refused(3, "not_found", &["templates", "remove", "bugfix", "--dry-run"]);
    assert!(project.tree() == before);
}

#[test]
fn where_there_is_no_project_a_dry_run_makes_none() {
    let project = Project::with_files(&[("p.yaml", "name: Found\nsteps: [{name: One}]\n")]);
    let before = project.tree();
    let data = project.data(&["init", "--name", "First", "--template", "bugfix", "--dry-run"]);
    assert_eq!(data["process"]["id"], "proc-001");
    assert_eq!(data["process"]["name"], "First");
    let data = project.data(&["import", "p.yaml", "--dry-run"]);
    assert_eq!(data["process"]["name"], "Found");
    assert!(project.tree() == before);
}

#[test]
fn a_dry_run_neither_absorbs_an_edit_nor_migrates_nor_adopts() {
    let edited = full();
    edited.edit(".ai/processes/proc-001.yaml", "name: Full", "name: By hand");
    let broken = full();
    broken.write(".ai/processes/proc-001.yaml", "name: [");
    let legacy = Project::with_files(&[(".ai/process.yaml", "id: main\nname: Old\nsteps: []\n")]);
    let foreign = Project::with_files(&[(".ai/processes/proc-001.yaml", "name: Old\nsteps: []\n")]);
    for project in [edited, broken, legacy, foreign] {
        let before = project.tree();
        let added = ["add-step", "X", "--process", "proc-001", "--dry-run"];
        assert_eq!(project.data(&added)["step"]["name"], "X");
        project.ok(&["list", "--dry-run"]);
        project.ok(&["show", "proc-001", "--dry-run"]);
        assert!(project.tree() == before);
    }
}
