//! Projects that the original program left: every command works on them, nothing of them is lost.

use std::{fs, path::Path};

use serde_json::Value;

use crate::project::{Project, column, step};

const VIEW: &str = ".ai/processes/proc-001.yaml";

/// Returns a copy of a fixture; its folder `ai` is the project's `.ai`.
pub(crate) fn fixture(name: &str) -> Project {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures");
    let project = Project::copy_of(&fixtures.join(name));
    fs::rename(project.path("ai"), project.path(".ai")).expect("both lie in one folder");
    project
}

/// Every value below another: the path to each leaf, and the leaf.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(value, &format!("{path}/{key}"), found));
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| leaves(value, &format!("{path}/{index}"), found)),
        leaf => found.push((path.to_owned(), leaf.clone())),
    }
}

#[test]
fn what_the_original_wrote_is_shown_as_it_stands() {
    let project = fixture("original");
    let before = project.tree();
    let list = project.data(&["list", "--all"]);
    assert_eq!(list["active"], "proc-003");
    assert_eq!(column(&list["processes"], "id"), ["proc-001", "proc-002", "proc-003"]);
    assert_eq!(column(&list["processes"], "archived"), ["false", "true", "false"]);
    assert_eq!(list["processes"][1]["archivedAt"], "2026-03-03T18:00:00.303Z");
    assert_eq!(list["processes"][0]["tags"].to_string(), r#"["shop","phase: one"]"#);
    assert_eq!(list["processes"][2]["name"], "Oven: gas → electric (yes/no)");
    assert_eq!(project.process()["id"], "proc-003");

    let process = project.data(&["show", "proc-001"])["process"].take();
    assert_eq!(process["landlord"], "Mr. O'Neil: ask first");
    assert_eq!(process["risks"][0]["impact"], "critical");
    assert_eq!(step(&process, "s2")["name"], "Build: counter & shelves");
    assert_eq!(step(&process, "s2")["builder"]["phone"], "0171 23");
    assert_eq!(step(&process, "s3")["name"], "Hire 'early' people");
    assert_eq!(process["decisions"][0]["rationale"], "Cheaper, sunny: and # not a comment");
    assert_eq!(process["evidence"][0]["stepId"], "s1");
    assert_eq!(process["createdAt"], "2026-03-02T06:30:00.101Z");

    let history = project.data(&["history", "proc-001"]);
    assert_eq!(column(&history["versions"], "version"), ["2", "1"]);
    assert_eq!(history["versions"][0]["snapshotAt"], "2026-03-04T17:30:00.000Z");
    assert_eq!(history["versions"][0]["changes"], "+1 step, 1 step completed");
    let templates = project.data(&["templates"]);
    assert_eq!(templates["templates"][0]["id"], "night-shift");
    assert_eq!(templates["templates"][0]["usageCount"], 3);
    assert!(project.tree() == before, "commands that read change nothing");
}

#[test]
fn every_command_works_on_it() {
    let commands: [&[&str]; 30] = [
        &["list"],
        &["status"],
        &["status", "--all"],
        &["show", "proc-002"],
        &["switch", "proc-001"],
        &["archive", "proc-001"],
        &["restore", "proc-002"],
        &["restore", "proc-001", "--version", "1"],
        &["clone", "proc-001"],
        &["clone", "proc-002"],
        &["add-step", "Paint the sign"],
        &["step", "s1", "-s", "done"],
        &["next"],
        &["claim", "s1"],
        &["decide", "Q", "C"],
        &["risk", "R"],
        &["evidence", "note", "E", "--step", "s1"],
        &["missing"],
        &["render"],
        &["render", "-f", "mermaid"],
        &["version", "proc-001", "--note", "N"],
        &["diff", "proc-001", "1", "2"],
        &["diff", "proc-001"],
        &["log", "proc-001"],
        &["evolution", "proc-001"],
        &["export", "proc-001", "--format", "yaml", "--history"],
        &["templates", "show", "night-shift"],
        &["init", "--template", "night-shift"],
        &["config"],
        &["reindex"],
    ];
    for args in commands {
        let project = fixture("original");
        let data = project.data(args);
        assert!(data.is_object(), "{args:?}");
        let list = project.data(&["list", "--all"]);
        assert!(list["processes"].as_array().is_some_and(|all| all.len() >= 3), "{args:?}: {list}");
        let shown = project.data(&["show", "proc-001"]);
        assert_eq!(shown["process"]["createdAt"], "2026-03-02T06:30:00.101Z", "{args:?}");
    }
}

#[test]
fn after_a_change_every_field_and_every_comment_is_still_there() {
    let project = fixture("original");
    let before = project.data(&["show", "proc-001"])["process"].take();
    let text = project.read(VIEW);
    project.ok(&["step", "s3", "--status", "in_progress", "--process", "proc-001"]);
    let after = project.data(&["show", "proc-001"])["process"].take();
    let mut expected = Vec::new();
    leaves(&before, "", &mut expected);
    let changed = ["/steps/2/status", "/status", "/updatedAt", "/revision", "/uid"];
    for (path, value) in expected {
        if !changed.contains(&path.as_str()) {
            assert_eq!(after.pointer(&path), Some(&value), "{path}");
        }
    }
    let new = project.read(VIEW);
    for line in text.lines().filter(|line| !line.contains("status:") && !line.contains("updatedAt"))
    {
        assert!(new.contains(line), "lost {line:?}:\n{new}");
    }
    assert!(new.contains("\n  # The builder comes on Mondays only.\n  - id: s2\n"), "{new}");
}

#[test]
fn its_active_process_its_archive_and_its_versions_are_taken_along() {
    let project = fixture("original");
    assert_eq!(project.data(&["step", "s1", "-s", "done"])["process"]["id"], "proc-003");
    project.refused(4, "conflict", &["add-step", "X", "--process", "proc-002"]);
    let back = project.data(&["restore", "proc-002"]);
    assert_eq!(back["process"]["archived"], false);

    let data = project.data(&["version", "proc-001", "--note", "Third"]);
    assert_eq!(data["version"], 3);
    for name in ["v1.yaml", "v2.yaml", "v3-third.yaml"] {
        assert!(project.exists(&format!(".ai/versions/proc-001/{name}")), "{name}");
    }
    let data = project.data(&["restore", "proc-001", "--version", "1"]);
    assert_eq!(column(&data["process"]["steps"], "id"), ["s1", "s2"]);
    let history = project.data(&["history", "proc-001"]);
    assert_eq!(column(&history["versions"], "version"), ["4", "3", "2", "1"]);
    assert_eq!(history["versions"][3]["snapshotAt"], "2026-03-02T06:30:00.101Z");
    assert_eq!(project.data(&["init", "--name", "New"])["process"]["id"], "proc-004");
}

#[test]
fn the_registry_keeps_what_it_does_not_know() {
    let project = fixture("original");
    project.ok(&["add-step", "X", "--process", "proc-001"]);
    let list = project.data(&["list", "--all"]);
    assert_eq!(list["active"], "proc-003");
    assert_eq!(list["processes"][0]["tags"].to_string(), r#"["shop","phase: one"]"#);
    assert_eq!(list["processes"][1]["archivedAt"], "2026-03-03T18:00:00.303Z");
    fs::remove_file(project.path(".ai/registry.yaml")).unwrap();
    project.ok(&["reindex"]);
    let list = project.data(&["list", "--all"]);
    assert_eq!(list["active"], "proc-003", "the registry can be rebuilt, this too");
    assert_eq!(list["processes"][0]["tags"].to_string(), r#"["shop","phase: one"]"#);
    assert_eq!(list["processes"][1]["archived"], true);
    let templates = project.data(&["templates"]);
    assert_eq!(templates["templates"][0]["usageCount"], 3);
}

#[test]
fn a_version_file_that_cannot_be_read_is_named_and_never_skipped() {
    let project = fixture("original");
    project.write(".ai/versions/proc-001/v7.yaml", "version: [");
    project.write(".ai/versions/proc-001/notes.txt", "mine");
    let before = project.content();
    let error = project.refused(6, "corrupt", &["add-step", "X", "--process", "proc-001"]);
    let names_it = |text: &str| text.contains("proc-001/v7.yaml");
    assert!(names_it(error["message"].as_str().unwrap_or_default()), "{error}");
    let shown = project.ok(&["show", "proc-001"]);
    assert!(names_it(&shown.stderr), "looking goes on, and says so: {}", shown.stderr);
    assert!(
        project.content().get(".ai/processes/proc-001.yaml")
            == before.get(".ai/processes/proc-001.yaml")
    );
    project.ok(&["show", "proc-002"]);
    fs::remove_file(project.path(".ai/versions/proc-001/v7.yaml")).unwrap();
    project.ok(&["add-step", "X", "--process", "proc-001"]);
    assert_eq!(project.read(".ai/versions/proc-001/notes.txt"), "mine");
}
