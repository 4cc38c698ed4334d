//! The doctor: what it finds, what it repairs, and what it leaves alone.

use std::fs;

use crate::project::{Project, column};

const VIEW: &str = ".ai/processes/proc-001.yaml";
const JOURNAL: &str = ".ai/history/proc-001.yaml";

fn sound() -> Project {
    let project = Project::with_steps(&["One", "Two"]);
    project.ok(&["version", "--note", "second"]);
    project.ok(&["init", "--name", "Second"]);
    project.ok(&["templates", "new", "proc-001", "--id", "mine"]);
    project
}

#[test]
fn a_sound_project_has_no_problems_and_is_not_touched() {
    let project = sound();
    let before = project.tree();
    let data = project.data(&["doctor"]);
    assert!(data["problems"].as_array().is_some_and(Vec::is_empty), "{data}");
    assert_eq!(project.ok(&["doctor"]).stdout, "No problems.\n");
    assert!(project.tree() == before);
    project.ok(&["doctor", "--fix"]);
    assert!(project.tree() == before, "there is nothing to repair");
}

/// Damages a project; the doctor must name the file, change nothing, then repair it and be content.
fn check(what: &str, damage: &dyn Fn(&Project), file: &str) -> Project {
    let project = sound();
    damage(&project);
    let before = project.content();
    let data = project.data_with_exit(1, &["doctor"]);
    let problems = data["problems"].as_array().expect("a list");
    assert!(problems.iter().any(|problem| problem.to_string().contains(file)), "{what}: {data}");
    for problem in problems {
        for key in ["severity", "code", "message", "fixed"] {
            assert!(problem.get(key).is_some(), "{key}: {problem}");
        }
        assert_eq!(problem["fixed"], false);
    }
    assert!(project.content() == before, "{what}: the doctor alone repairs nothing");
    project.data_with_exit(1, &["doctor", "--fix", "--dry-run"]);
    assert!(project.content() == before, "{what}: nor does a dry run");
    let data = project.data(&["doctor", "--fix"]);
    assert!(column(&data["problems"], "fixed").contains(&"true".to_owned()), "{what}: {data}");
    let left = project.data(&["doctor"]);
    let severities = column(&left["problems"], "severity");
    assert!(severities.iter().all(|severity| severity == "info"), "{what}: {left}");
    assert_eq!(column(&project.data(&["list"])["processes"], "name"), ["Work", "Second"], "{what}");
    let shown = project.data(&["show", "proc-001"]);
    assert_eq!(column(&shown["process"]["steps"], "name"), ["One", "Two"], "{what}");
    project
}

#[test]
fn what_is_derived_is_found_and_rebuilt() {
    check("no view", &|project| fs::remove_file(project.path(VIEW)).unwrap(), "proc-001");
    check("an empty registry", &|project| project.write(".ai/registry.yaml", ""), "registry.yaml");
    check(
        "a broken registry",
        &|project| project.write(".ai/registry.yaml", "processes: ["),
        "registry.yaml",
    );
    check(
        "a forged registry",
        &|project| project.edit(".ai/registry.yaml", "name: Work", "name: Forged"),
        "registry.yaml",
    );
    check(
        "no version file",
        &|project| fs::remove_file(project.path(".ai/versions/proc-001/v2-second.yaml")).unwrap(),
        "proc-001",
    );
    let project =
        check("a broken view", &|project| project.write(VIEW, "name: ["), "proc-001.yaml");
    assert_eq!(project.read(".ai/processes/proc-001.yaml.corrupt-1"), "name: [");
}

#[test]
fn an_unabsorbed_edit_that_cannot_be_taken_is_found() {
    let invalid = |project: &Project| {
        let text = project.read(VIEW).replacen("status: pending", "status: perfect", 1);
        project.write(VIEW, text);
    };
    let project = check("an invalid edit", &invalid, "proc-001.yaml");
    assert!(project.read(".ai/processes/proc-001.yaml.rejected-1").contains("perfect"));
}

#[test]
fn a_broken_journal_is_found_and_never_made_up() {
    let project = sound();
    let text = project.read(JOURNAL).replacen("Initial", "initial", 1);
    project.write(JOURNAL, &text);
    for args in [&["doctor"][..], &["doctor", "--fix"]] {
        let output = project.run(&[args, &["--json"]].concat());
        assert_eq!(output.code, Some(1), "{args:?}: {output:#?}");
        let data = output.envelope()["data"].take();
        let problems = data["problems"].to_string();
        assert!(problems.contains("history/proc-001.yaml") && problems.contains('2'), "{data}");
    }
    let kept: Vec<String> = project.tree().into_values().collect();
    assert!(kept.contains(&text), "the lines that are left are kept byte for byte");
}

#[test]
fn what_was_kept_aside_is_information_only() {
    let project = sound();
    project.write(VIEW, "name: [");
    project.ok(&["add-step", "X", "--process", "proc-001"]);
    let data = project.data(&["doctor"]);
    let severities = column(&data["problems"], "severity");
    assert!(severities.iter().all(|severity| severity == "info"), "{data}");
    assert!(data.to_string().contains("corrupt-1"), "{data}");
    let again = project.content();
    project.ok(&["doctor", "--fix"]);
    assert!(project.content() == again, "kept files stay");
}

#[test]
fn a_leftover_of_a_crash_is_cleaned_up() {
    let project = sound();
    let text = project.read(JOURNAL);
    project.write(JOURNAL, format!("{text}- {{\"seq\":6,\"at\":"));
    let output = project.run(&["doctor", "--json"]);
    assert!(matches!(output.code, Some(0 | 1)), "{output:#?}");
    assert!(output.stdout.contains("history/proc-001.yaml"), "{output:#?}");
    project.ok(&["doctor", "--fix"]);
    assert_eq!(project.read(JOURNAL), text);
}

#[test]
fn reindex_writes_the_registry_anew_whatever_it_says() {
    let project = sound();
    let expected = project.data(&["list", "--all"]);
    for text in ["", "processes: [", "version: 1\nprocesses: []\n"] {
        project.write(".ai/registry.yaml", text);
        let data = project.data(&["reindex"]);
        assert_eq!(data["processes"], 2, "{data}");
        assert!(project.read(".ai/registry.yaml").contains("name: Second"));
        assert_eq!(project.data(&["list", "--all"]), expected);
    }
    fs::remove_file(project.path(".ai/registry.yaml")).unwrap();
    project.ok(&["reindex"]);
    assert_eq!(project.data(&["list", "--all"]), expected);
}
