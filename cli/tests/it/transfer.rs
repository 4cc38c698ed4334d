//! Export and import: texts that stand alone, and nothing lost on the way.

use std::{fs::File, os::unix::fs::symlink};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};

use crate::project::{Project, column, finish};

/// A uid that no process has.
const OTHER_UID: &str = "018f0000-0000-7000-8000-000000000000";

/// A process with something of everything.
fn full() -> Project {
    let project = Project::nowhere();
    project.ok(&[
        "init",
        "--template",
        "bugfix",
        "--name",
        "Full: \"all\"",
        "--goal",
        "G # 1",
        "--tag",
        "t: u",
    ]);
    project.ok(&["step", "s1", "-s", "running"]);
    project.ok(&["step", "s1", "-s", "done", "--output", "o", "--note", "n"]);
    project.ok(&["claim", "s2", "--by", "bob", "--lease", "1h"]);
    project.ok(&["decide", "Which?", "This", "--rationale", "why", "--option", "That"]);
    project.ok(&["risk", "R", "--impact", "critical", "--mitigation", "M"]);
    project.ok(&["version", "--note", "second"]);
    project.edit(
        ".ai/processes/proc-001.yaml",
        "createdAt:",
        "x-own: {deep: [1, two]}\ncreatedAt:",
    );
    project.ok(&["add-step", "Last: emoji 🦀", "--description", "lines\nof text"]);
    project.ok(&["version", "--note", "third"]);
    project
}

/// A process without what every project gives itself.
fn without_ids(mut process: Value) -> Value {
    for key in ["id", "uid"] {
        process.as_object_mut().map(|map| map.remove(key));
    }
    process
}

fn shown(project: &Project, id: &str) -> Value {
    project.data(&["show", id])["process"].take()
}

fn history(project: &Project, id: &str) -> Vec<String> {
    let data = project.data(&["history", id]);
    let versions = data["versions"].as_array().into_iter().flatten();
    versions
        .map(|line| format!("{} {} {}", line["version"], line["reason"], line["snapshotAt"]))
        .collect()
}

#[test]
fn an_export_with_its_history_loses_nothing() {
    let source = full();
    for format in ["yaml", "json"] {
        let args = ["export", "proc-001", "--format", format, "--history"];
        let text = source.ok(&args).stdout;
        let target = Project::new();
        target.write("in", &text);
        let data = target.data(&["import", "in"]);
        assert_eq!(data["process"]["id"], "proc-002");
        assert_eq!(
            without_ids(shown(&target, "proc-002")),
            without_ids(shown(&source, "proc-001")),
            "{format}"
        );
        assert_eq!(
            shown(&target, "proc-002")["uid"],
            shown(&source, "proc-001")["uid"],
            "it is the same process"
        );
        assert_eq!(history(&target, "proc-002"), history(&source, "proc-001"));
        let events = |project: &Project, id: &str| project.data(&["log", id])["events"].take();
        let (mut new, old) = (events(&target, "proc-002"), events(&source, "proc-001"));
        new[0]["process"]["id"] = old[0]["process"]["id"].clone();
        assert_eq!(new, old, "{format}");
        assert_eq!(target.data(&["add-step", "X", "--process", "proc-002"])["step"]["id"], "s7");
        assert_eq!(target.data(&["version", "proc-002"])["version"], 4);
        target.ok(&["restore", "proc-002", "--version", "2"]);
        let difference = target.data(&["diff", "proc-002", "2", "5"]);
        assert_eq!(difference["summary"], "No changes", "{difference}");

        let again = target.data(&["import", "in"])["process"].take();
        assert_eq!(again["id"], "proc-003");
        assert_ne!(again["uid"], shown(&source, "proc-001")["uid"], "two may not have one uid");
    }
}

#[test]
fn an_export_without_history_brings_the_process_as_it_stands() {
    let source = full();
    for format in ["yaml", "json"] {
        source.ok(&["export", "proc-001", "--format", format, "-o", "out"]);
        assert_eq!(
            source.read("out"),
            source.ok(&["export", "proc-001", "--format", format]).stdout
        );
        let target = Project::nowhere();
        target.write("in", source.read("out"));
        target.ok(&["import", "in", "--name", "Named here"]);
        let (new, old) = (shown(&target, "proc-001"), shown(&source, "proc-001"));
        assert_eq!(new["name"], "Named here");
        for key in [
            "goal",
            "status",
            "template",
            "tags",
            "steps",
            "decisions",
            "risks",
            "evidence",
            "x-own",
            "createdAt",
        ] {
            assert_eq!(new[key], old[key], "{format}: {key}");
        }
        assert_eq!(history(&target, "proc-001").len(), 1, "a version of its own");
    }
}

#[test]
fn a_guide_stands_alone_and_is_for_people() {
    let project = full();
    let guide = project.ok(&["export", "proc-001"]).stdout;
    assert_eq!(project.ok(&["export", "proc-001", "--format", "md"]).stdout, guide);
    assert_eq!(project.ok(&["render"]).stdout, guide);
    for text in
        ["# Full: \"all\"", "G # 1", "Last: emoji 🦀", "Which?", "critical", "[x]", "[ ]", "second"]
    {
        if text == "second" {
            continue;
        }
        assert!(guide.contains(text), "{text}:\n{guide}");
    }
    project.refused(6, "invalid", &["export", "proc-001", "--format", "md", "--history"]);
    project.write("guide.md", &guide);
    let before = project.content();
    project.refused(6, "invalid", &["import", "guide.md"]);
    assert!(project.content() == before);
    let chart = project.ok(&["render", "--format", "mermaid"]).stdout;
    assert!(chart.starts_with("flowchart "), "{chart}");
}

#[test]
fn a_process_file_of_another_project_is_taken_in() {
    let source = full();
    let target = Project::new();
    target.write("in.yaml", source.read(".ai/processes/proc-001.yaml"));
    target.ok(&["import", "in.yaml"]);
    assert_eq!(shown(&target, "proc-002")["steps"], shown(&source, "proc-001")["steps"]);
    assert_eq!(target.data(&["list"])["active"], "proc-001", "an import does not switch");
}

#[test]
fn what_cannot_be_imported_leaves_the_project_as_it_was() {
    let whole = full().ok(&["export", "proc-001", "--format", "json", "--history"]).stdout;
    let mut value: Value = serde_json::from_str(&whole).unwrap();
    let mut damaged = |damage: &dyn Fn(&mut Value)| {
        let sound = value.clone();
        damage(&mut value);
        let text = value.to_string();
        value = sound;
        text
    };
    let cases = [
        String::new(),
        "name: [".to_owned(),
        "[]".to_owned(),
        "7".to_owned(),
        "name: x\nsteps: none\n".to_owned(),
        "name: x\nsteps: [{id: a, name: A}, {id: a, name: B}]\n".to_owned(),
        "name: x\nsteps: [{id: ../a, name: A}]\n".to_owned(),
        "name: x\nsteps: [{name: A, status: perfect}]\n".to_owned(),
        "name: [x]\n".to_owned(),
        "name: x\n<<<<<<< ours\n".to_owned(),
        "procside_export: 99\nevents: []\n".to_owned(),
        "procside_export: 1\n".to_owned(),
        "procside_export: 1\nevents: []\n".to_owned(),
        "procside_export: 1\nevents: [7]\n".to_owned(),
        damaged(&|value| value["events"][1]["seq"] = 7.into()),
        damaged(&|value| value["events"][2]["type"] = "no_such_event".into()),
        damaged(&|value| value["events"][2]["step"] = "../x".into()),
        damaged(&|value| {
            value["events"].as_array_mut().map(|events| events.remove(0));
        }),
        damaged(&|value| value["events"][0]["process"]["steps"] = 7.into()),
        damaged(&|value| value["events"][0]["at"] = "yesterday".into()),
        damaged(&|value| {
            let patch = json!([{"op": "replace", "path": "/id", "value": "proc-009"}]);
            *edit_of(value) = patch;
        }),
        damaged(&|value| {
            let patch = json!([{"op": "replace", "path": "/uid", "value": OTHER_UID}]);
            *edit_of(value) = patch;
        }),
        damaged(&|value| {
            *edit_of(value) = json!([{"op": "move", "from": "/name", "path": "/uid"}]);
        }),
        damaged(&|value| {
            let mut process = value["events"][0]["process"].clone();
            process["uid"] = OTHER_UID.into();
            let count = value["events"].as_array().map_or(0, Vec::len);
            let restored = json!({
                "seq": count + 1,
                "at": value["events"][0]["at"],
                "by": "eve",
                "type": "restored",
                "version": 1,
                "process": process,
            });
            value["events"].as_array_mut().expect("it is a list").push(restored);
        }),
    ];
    let project = Project::new();
    for text in cases {
        project.write("in", &text);
        let before = project.content();
        let shown: String = text.chars().take(300).collect();
        let output = project.run(&["import", "in", "--json"]);
        assert_eq!(output.code, Some(6), "{shown}: {output:#?}");
        let error = output.envelope()["error"].clone();
        assert!(error["message"].as_str().unwrap_or_default().contains("`in`"), "{error}");
        assert!(project.content() == before, "{shown}");
    }
    assert_eq!(column(&project.data(&["list", "--all"])["processes"], "id"), ["proc-001"]);
    let nowhere = Project::nowhere();
    let other = damaged(&|value| {
        *edit_of(value) = json!([{"op": "replace", "path": "/id", "value": "proc-009"}]);
    });
    for text in ["name: [", "name: [x]\n", "procside_export: 1\nevents: []\n", &other] {
        nowhere.write("in", text);
        nowhere.refused(6, "invalid", &["import", "in"]);
    }
    nowhere.refused(3, "not_found", &["import", "no-such-file"]);
    assert!(!nowhere.exists(".ai"), "no project is made for nothing");
}

/// Returns the patch of the hand edit in an export.
fn edit_of(export: &mut Value) -> &mut Value {
    let events = export["events"].as_array_mut().expect("it is a list");
    let edited = events.iter_mut().find(|event| event["type"] == "edited");
    &mut edited.expect("something was edited by hand")["patch"]
}

#[test]
fn every_problem_of_an_import_is_told_at_once() {
    let text =
        "name: x\nsteps:\n  - {id: a, name: A, status: perfect}\n  - {id: a, name: B}\nrisks: 7\n";
    let project = Project::with_files(&[("in.yaml", text)]);
    let error = project.refused(6, "invalid", &["import", "in.yaml"]);
    let told = error.to_string();
    for part in ["in.yaml", "line 3", "perfect", "line 4", "line 5", "risks"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn an_export_is_written_whole_or_not_at_all() {
    let project = full();
    project.write("old.md", "old");
    project.ok(&["export", "proc-001", "-o", "old.md"]);
    assert!(project.read("old.md").starts_with("# Full"));
    for path in ["no/such/folder/x.md", ".", ".ai", "old.md/x"] {
        let before = project.tree();
        let output = project.run(&["export", "proc-001", "-o", path, "--json"]);
        assert!(matches!(output.code, Some(1 | 3 | 6)), "{path}: {output:#?}");
        output.envelope();
        assert!(project.tree() == before, "{path}");
    }
}

#[test]
fn an_export_is_never_written_through_what_is_no_file() {
    let project = full();
    project.write("outside", "mine");
    symlink("outside", project.path("link")).expect("a link can be made");
    symlink(".ai", project.path("door")).expect("a link can be made");
    mknodat(CWD, project.path("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
        .expect("a pipe can be made");
    let before = project.tree();
    for path in ["link", "pipe", "door", "door/registry.yaml", "door/history/new", ".ai/new.md"] {
        project.refused(6, "invalid", &["export", "proc-001", "-o", path]);
        project.refused(6, "invalid", &["render", "-o", path]);
        project.refused(6, "invalid", &["render", "-o", path, "--dry-run"]);
    }
    assert!(project.tree() == before);
}

#[test]
fn a_program_or_a_file_gets_every_byte_of_an_export() {
    let evil = "a\tb\u{1b}[31mc\u{9b}2J\u{7f}d\u{fffe}e\u{ffff}";
    let source = Project::nowhere();
    source.ok(&["init", "--name", evil]);
    source.ok(&["add-step", "One", "--description", evil]);
    for (format, history) in [("yaml", true), ("json", true), ("yaml", false), ("json", false)] {
        let mut args = vec!["export", "proc-001", "--format", format];
        args.extend(history.then_some("--history"));
        let content = source.data(&args)["content"].take();
        let file = File::create(source.path("out")).expect("it can be made");
        let mut command = source.command(&args);
        command.stdout(file);
        let output = finish(command.spawn().expect("it can be started"), "export");
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(content, source.read("out"), "to a file");
        assert_eq!(content, source.ok(&args).stdout, "to a program");
        let target = Project::nowhere();
        target.write("in", source.read("out"));
        target.ok(&["import", "in"]);
        let imported = shown(&target, "proc-001");
        assert_eq!(imported["name"], evil, "{args:?}");
        assert_eq!(imported["steps"][0]["description"], evil, "{args:?}");
    }
    for args in [["render", "-f", "md"], ["render", "-f", "mermaid"]] {
        assert_eq!(source.data(&args)["content"], source.ok(&args).stdout);
    }
}

#[test]
fn a_document_that_cannot_be_written_to_stdout_is_a_failure() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: this system has no /dev/full");
        return;
    };
    let project = Project::new();
    let mut command = project.command(&["export", "proc-001"]);
    command.stdout(full);
    let output = finish(command.spawn().expect("it can be started"), "export");
    assert_eq!(output.code, Some(1), "{output:#?}");
}
