//! Hand edits: what people write into a process's file counts, and nothing of it is lost.

use serde_json::Value;

use crate::project::{Output, Project, column, step, texts};

const VIEW: &str = ".ai/processes/proc-001.yaml";
const REJECTED: &str = ".ai/processes/proc-001.yaml.rejected-1";
const CORRUPT: &str = ".ai/processes/proc-001.yaml.corrupt-1";

fn two_steps() -> Project {
    Project::with_steps(&["One", "Two"])
}

/// Edits, lets a command write, and returns the process after it.
fn check(from: &str, to: &str) -> (Project, Value) {
    let project = two_steps();
    project.edit(VIEW, from, to);
    let shown = project.process();
    project.ok(&["add-step", "Written"]);
    let process = project.process();
    for key in ["name", "goal", "status", "tags"] {
        assert_eq!(shown.get(key), process.get(key), "{key}: what is shown is what is absorbed");
    }
    assert_eq!(*step(&process, "s1"), *step(&shown, "s1"));
    let log = project.data(&["log"]);
    let edits =
        log["events"].as_array().into_iter().flatten().filter(|event| event["type"] == "edited");
    assert_eq!(edits.count(), 1, "{log}");
    (project, process)
}

#[test]
fn a_name_written_into_the_file_is_the_name() {
    let (project, process) = check("name: Work", "name: \"Work: by hand\"");
    assert_eq!(process["name"], "Work: by hand");
    assert_eq!(project.data(&["list"])["processes"][0]["name"], "Work: by hand");
    let log = project.data(&["log"]);
    let events = log["events"].as_array().into_iter().flatten();
    let edit = events.into_iter().find(|event| event["type"] == "edited").unwrap();
    assert!(edit["patch"].is_array(), "an RFC 6902 patch: {edit}");
}

#[test]
fn a_step_written_into_the_file_is_a_step() {
    let (project, process) =
        check("  - id: s2\n", "  - id: by-hand\n    name: In between\n  - id: s2\n");
    assert_eq!(column(&process["steps"], "id"), ["s1", "by-hand", "s2", "s3"]);
    let made = step(&process, "by-hand");
    assert_eq!((&made["name"], &made["status"]), (&"In between".into(), &"pending".into()));
    assert_eq!(project.data(&["step", "by-hand", "-s", "done"])["step"]["status"], "completed");
}

#[test]
fn a_status_written_into_the_file_brings_its_instants_along() {
    let project = two_steps();
    let text = project.read(VIEW);
    project.write(
        VIEW,
        text.replacen("status: pending", "status: completed", 1).replacen(
            "status: pending",
            "status: in_progress",
            1,
        ),
    );
    project.ok(&["evidence", "note", "x"]);
    let process = project.process();
    assert_eq!(step(&process, "s1")["status"], "completed");
    assert!(step(&process, "s1")["completedAt"].is_string(), "{process}");
    assert_eq!(step(&process, "s2")["status"], "in_progress");
    assert!(step(&process, "s2")["startedAt"].is_string(), "{process}");
    assert_eq!(process["status"], "in_progress", "the process follows");
    let view = project.read(VIEW);
    assert!(view.contains("completedAt: ") && view.contains("startedAt: "), "{view}");
}

#[test]
fn steps_are_removed_and_moved_by_hand() {
    let project = Project::with_steps(&["One", "Two", "Three"]);
    let block = |id: &str, name: &str| {
        format!(
            "  - id: {id}\n    name: {name}\n    inputs: []\n    outputs: []\n    checks: []\n    status: pending\n"
        )
    };
    project.edit(VIEW, &block("s1", "One"), "");
    project.edit(VIEW, &block("s3", "Three"), &(block("s3", "Three") + &block("s1", "One")));
    project.edit(VIEW, &block("s2", "Two"), "");
    assert_eq!(column(&project.process()["steps"], "id"), ["s3", "s1"]);
    project.ok(&["risk", "R"]);
    assert_eq!(column(&project.process()["steps"], "id"), ["s3", "s1"]);
    project.refused(4, "conflict", &["step", "s2", "-s", "done"]);
}

#[test]
fn everything_edited_at_once_is_taken() {
    let project = two_steps();
    project.ok(&["decide", "Q", "C"]);
    let text = project.read(VIEW);
    let text = text
        .replace("name: Work", "name: Renamed")
        .replace("goal: \"\"", "goal: Aim high\ntags: [x, y]\nowner: ann")
        .replace("name: One", "name: Uno")
        .replace("    name: Two\n", "    name: Two\n    description: more\n    estimate: 3h\n")
        .replace("choice: C", "choice: D")
        .replace("risks: []", "risks:\n  - id: r1\n    risk: rain\n    impact: critical\n    mitigation: umbrella\n    status: identified");
    project.write(VIEW, &text);
    project.ok(&["step", "s1", "-s", "done"]);
    let process = project.process();
    assert_eq!(process["name"], "Renamed");
    assert_eq!(process["goal"], "Aim high");
    assert_eq!(texts(&process["tags"]), ["x", "y"]);
    assert_eq!(process["owner"], "ann");
    assert_eq!(step(&process, "s1")["name"], "Uno");
    assert_eq!(step(&process, "s1")["status"], "completed");
    assert_eq!(step(&process, "s2")["description"], "more");
    assert_eq!(step(&process, "s2")["estimate"], "3h");
    assert_eq!(process["decisions"][0]["choice"], "D");
    assert_eq!(process["risks"][0]["impact"], "critical");
}

/// Comments and unknown keys on every level of a process's file.
const RICH: &str = r#"# head of the file
id: proc-001   # the id
name: 'Single ''quoted'''
goal: "Double \"quoted\": with # no comment"
status: planned
owner: # who
  team: [infra, "on: call"]   # flow
  since: 2026-01-01
steps:
  # before the first step
  - id: s1
    name: One   # beside a name
    status: pending
    x-estimate: {hours: 3, "odd key": ~}
    # at the end of a step
  - id: s2
    name: |
      Two
      lines
    status: pending
    checks:
      # in a list
      - first   # beside an item
      - second
decisions:
  - id: d1
    question: Which?
    choice: This
    rationale: >
      folded
      text
    timestamp: 2026-02-10T10:00:00Z
    x-votes: 3
risks:
  - id: r1
    risk: Fire   # hot
    impact: critical
    mitigation: ""
    status: identified
    x-owner: bob
evidence:
  - type: note
    value: seen
    timestamp: 2026-02-10T10:00:00Z
    x-link: https://example.com/a?b=1#c
x-custom:
  deep:
    deeper: [1, 2.50, yes, "007", null]
createdAt: 2026-02-10T10:00:00Z
updatedAt: 2026-02-10T10:00:00Z
# the end
"#;

const KEPT: [&str; 31] = [
    "# head of the file\n",
    "   # the id\n",
    "name: 'Single ''quoted'''\n",
    "goal: \"Double \\\"quoted\\\": with # no comment\"\n",
    "owner: # who\n",
    "  team: [infra, \"on: call\"]   # flow\n",
    "  since: 2026-01-01\n",
    "  # before the first step\n",
    "name: One   # beside a name\n",
    "    x-estimate: {hours: 3, \"odd key\": ~}\n",
    "    # at the end of a step\n",
    "    name: |\n      Two\n      lines\n",
    "      # in a list\n",
    "      - first   # beside an item\n",
    "      - second\n",
    "    question: Which?\n",
    "    rationale: >\n      folded\n      text\n",
    "    timestamp: 2026-02-10T10:00:00Z\n    x-votes: 3\n",
    "    risk: Fire   # hot\n",
    "    impact: critical\n",
    "    mitigation: \"\"\n",
    "    x-owner: bob\n",
    "  - type: note\n",
    "    value: seen\n",
    "    x-link: https://example.com/a?b=1#c\n",
    "x-custom:\n",
    "  deep:\n",
    "    deeper: [1, 2.50, yes, \"007\", null]\n",
    "createdAt: 2026-02-10T10:00:00Z\n",
    "# the end\n",
    "    name: One",
];

#[test]
fn comments_and_unknown_keys_survive_every_command_on_every_level() {
    let project = Project::with_files(&[(VIEW, RICH)]);
    let commands: [&[&str]; 14] = [
        &["add-step", "Three", "--after", "s1"],
        &["step", "s1", "-s", "running"],
        &["step", "s1", "-s", "done", "--output", "o", "--note", "n"],
        &["claim", "s2", "--by", "bob"],
        &["release", "s2", "--by", "bob"],
        &["decide", "Q", "C"],
        &["risk", "R"],
        &["evidence", "file", "f", "--step", "s2"],
        &["version", "--note", "v"],
        &["switch", "proc-001"],
        &["archive", "proc-001"],
        &["restore", "proc-001"],
        &["reindex"],
        &["doctor", "--fix"],
    ];
    for args in commands {
        let mut args = args.to_vec();
        args.extend(["--process", "proc-001"]);
        project.ok(&args);
        let archived = args[0] == "archive";
        let view = if archived { ".ai/processes/archived/proc-001.yaml" } else { VIEW };
        let text = project.read(view);
        for kept in KEPT {
            assert!(text.contains(kept), "`{}` lost {kept:?}:\n{text}", args.join(" "));
        }
    }
    let process = project.process();
    assert_eq!(process["x-custom"]["deep"]["deeper"].to_string(), r#"[1,2.5,"yes","007",null]"#);
    assert_eq!(process["owner"]["team"][1], "on: call");
    assert_eq!(step(&process, "s1")["x-estimate"]["hours"], 3);
    assert_eq!(process["decisions"][0]["x-votes"], 3);
    assert_eq!(process["risks"][0]["x-owner"], "bob");
    assert_eq!(process["evidence"][0]["x-link"], "https://example.com/a?b=1#c");

    let others = ["clone", "proc-001"];
    assert_eq!(project.data(&others)["process"]["x-custom"], process["x-custom"]);
    project.ok(&["step", "s1", "-s", "pending", "--process", "proc-001"]);
    project.ok(&["restore", "proc-001", "--version", "1"]);
    let process = project.data(&["show", "proc-001"])["process"].take();
    assert_eq!(process["x-custom"]["deep"]["deeper"][3], "007", "in a version too");
    assert_eq!(step(&process, "s1")["x-estimate"]["hours"], 3);
}

#[test]
fn a_step_change_touches_only_the_lines_that_it_changes() {
    let project = Project::with_files(&[(VIEW, RICH)]);
    project.ok(&["step", "s2", "-s", "running", "--process", "proc-001"]);
    project.ok(&["switch", "proc-001"]);
    let before = project.read(VIEW);
    project.ok(&["step", "s1", "-s", "done"]);
    let after = project.read(VIEW);
    let old: Vec<&str> =
        before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
    let new: Vec<&str> =
        after.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    assert!(old.len() <= 3 && new.len() <= 4, "{old:#?}\nbecame {new:#?}");
    let order = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .filter_map(|line| line.split(':').next())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(order(&before), order(&after), "the order of keys is stable");
}

#[test]
fn a_command_that_reads_shows_an_edit_and_absorbs_nothing() {
    let project = two_steps();
    project.edit(VIEW, "name: Work", "name: By hand");
    project.edit(VIEW, "name: One", "name: Uno");
    let before = project.tree();
    assert_eq!(project.process()["name"], "By hand");
    assert_eq!(project.data(&["list"])["processes"][0]["name"], "By hand");
    assert_eq!(project.data(&["status"])["process"]["name"], "By hand");
    assert_eq!(project.data(&["next"])["next"]["name"], "Uno");
    assert!(project.ok(&["render"]).stdout.contains("By hand"));
    assert!(project.ok(&["export", "proc-001"]).stdout.contains("Uno"));
    let data = project.data(&["diff", "proc-001", "1"]);
    assert!(data["fields"].to_string().contains("By hand"), "{data}");
    for args in
        [&["log"][..], &["history"], &["evolution"], &["templates"], &["config"], &["missing"]]
    {
        project.ok(args);
    }
    project.run(&["gates"]);
    project.run(&["check"]);
    assert!(project.tree() == before, "the lock is not even taken");
}

fn check_kept(project: &Project, output: &Output, kept: &str, text: &str, reasons: &[&str]) {
    assert_eq!(project.read(kept), text, "kept byte for byte");
    assert!(output.stderr.contains(kept.rsplit('/').next().unwrap_or(kept)), "{output:#?}");
    for reason in reasons {
        assert!(output.stderr.contains(reason), "{reason:?} is not told: {}", output.stderr);
    }
}

#[test]
fn an_invalid_edit_is_kept_beside_and_every_reason_is_told() {
    let project = two_steps();
    let text = project
        .read(VIEW)
        .replacen("status: pending", "status: perfect", 1)
        .replacen("  - id: s2\n", "  - id: s1\n", 1)
        .replace("name: Work\n", "name: [1]\n");
    project.write(VIEW, &text);
    let shown = project.ok(&["show"]);
    assert!(shown.stdout.contains("Work"), "the journal's state is shown: {shown:#?}");
    assert!(shown.stderr.contains("perfect"), "and why the edit is not: {shown:#?}");
    assert_eq!(project.read(VIEW), text, "a reader moves nothing");

    let output = project.ok(&["add-step", "Three"]);
    check_kept(&project, &output, REJECTED, &text, &["perfect", "s1", "name"]);
    let process = project.process();
    assert_eq!(process["name"], "Work");
    assert_eq!(column(&process["steps"], "name"), ["One", "Two", "Three"]);
    assert!(project.read(VIEW).contains("name: Work\n"), "rebuilt from the journal");

    project.edit(VIEW, "name: Work", "name: {}");
    project.ok(&["add-step", "Four"]);
    assert!(project.exists(".ai/processes/proc-001.yaml.rejected-2"), "the first one stays");
    assert_eq!(project.read(REJECTED), text);
}

#[test]
fn an_edit_that_makes_no_sense_where_the_process_stands_is_rejected() {
    let cases = [
        ("status: pending", "status: compensated"),
        ("  - id: s1\n", "  - id: ../s1\n"),
        ("id: proc-001\n", "id: proc-002\n"),
        ("steps:\n", "steps: none\nstep:\n"),
        ("revision: 4", "revision: four"),
    ];
    for (from, to) in cases {
        let project = two_steps();
        let text = project.read(VIEW).replacen(from, to, 1);
        assert_ne!(text, project.read(VIEW), "{from}");
        project.write(VIEW, &text);
        let output = project.ok(&["add-step", "Three"]);
        check_kept(&project, &output, REJECTED, &text, &[]);
        assert_eq!(column(&project.process()["steps"], "name"), ["One", "Two", "Three"], "{to}");
    }
}

#[test]
fn broken_yaml_is_never_taken_for_an_edit() {
    for broken in ["name: [", "a: b: c", "%", "- : -\n  x", "\"", "&a", "", "\0", "<<<<<<< x\n"] {
        let project = two_steps();
        let before = project.process();
        project.write(VIEW, broken);
        assert_eq!(project.process()["steps"], before["steps"], "{broken:?}");
        assert_eq!(project.read(VIEW), broken, "a reader moves nothing");
        project.ok(&["add-step", "Three"]);
        if !broken.is_empty() {
            let kept = project.exists(CORRUPT) || project.exists(REJECTED);
            assert!(kept, "{broken:?} is gone: {:?}", project.tree().keys());
        }
        let process = project.process();
        assert_eq!(process["name"], "Work");
        assert_eq!(column(&process["steps"], "name"), ["One", "Two", "Three"], "{broken:?}");
    }
    let project = two_steps();
    project.write(VIEW, "name: x\nsteps: [\n");
    let output = project.ok(&["add-step", "Three"]);
    check_kept(&project, &output, CORRUPT, "name: x\nsteps: [\n", &["line"]);
}

#[test]
fn conflict_markers_are_named_with_their_line() {
    let project = two_steps();
    let text = project.read(VIEW).replacen(
        "name: Work\n",
        "<<<<<<< ours\nname: Work\n=======\nname: Theirs\n>>>>>>> theirs\n",
        1,
    );
    project.write(VIEW, &text);
    let shown = project.ok(&["show"]);
    assert!(shown.stderr.contains("line 2") && shown.stderr.contains("conflict"), "{shown:#?}");
    let output = project.ok(&["add-step", "Three"]);
    check_kept(&project, &output, CORRUPT, &text, &["line 2", "conflict"]);
    assert_eq!(project.process()["name"], "Work");
}

#[test]
fn an_edit_of_an_older_revision_is_rebased() {
    let project = two_steps();
    let old = project.read(VIEW);
    project.ok(&["step", "s1", "-s", "done"]);
    project.ok(&["add-step", "Three"]);
    project.write(
        VIEW,
        old.replacen("name: Work", "name: By hand", 1).replacen("name: Two", "name: Dos", 1),
    );
    for _ in 0..2 {
        let process = project.process();
        assert_eq!(process["name"], "By hand");
        assert_eq!(column(&process["steps"], "name"), ["One", "Dos", "Three"]);
        assert_eq!(step(&process, "s1")["status"], "completed", "what happened since stays");
        project.ok(&["evidence", "note", "x"]);
    }
    let stale = project.read(VIEW);
    project.ok(&["add-step", "Four"]);
    project.write(VIEW, &stale);
    project.ok(&["add-step", "Five"]);
    let names = column(&project.process()["steps"], "name");
    assert_eq!(names, ["One", "Dos", "Three", "Four", "Five"], "an old file is no edit");
}

#[test]
fn edits_of_several_processes_at_once_are_all_taken() {
    let project = two_steps();
    project.ok(&["init", "--name", "Second"]);
    project.ok(&["init", "--name", "Third"]);
    project.edit(VIEW, "name: Work", "name: First by hand");
    project.edit(".ai/processes/proc-002.yaml", "name: Second", "name: Second by hand");
    project.edit(".ai/processes/proc-003.yaml", "name: Third", "name: Third by hand");
    let expected = ["First by hand", "Second by hand", "Third by hand"];
    assert_eq!(column(&project.data(&["list"])["processes"], "name"), expected);
    project.ok(&["add-step", "X"]);
    assert_eq!(column(&project.data(&["list"])["processes"], "name"), expected);
    project.ok(&["add-step", "X", "--process", "proc-001"]);
    project.ok(&["add-step", "X", "--process", "proc-002"]);
    assert_eq!(column(&project.data(&["list"])["processes"], "name"), expected);
}

#[test]
fn an_edit_is_kept_when_the_command_behind_it_is_refused() {
    let project = two_steps();
    project.edit(VIEW, "name: Work", "name: By hand");
    project.refused(3, "not_found", &["step", "s99", "-s", "done"]);
    assert_eq!(project.process()["name"], "By hand");
    project.ok(&["add-step", "Three"]);
    assert_eq!(project.process()["name"], "By hand");
    assert_eq!(project.data(&["list"])["processes"][0]["name"], "By hand");
}

#[test]
fn a_file_that_was_deleted_comes_back() {
    let project = two_steps();
    let before = project.process();
    std::fs::remove_file(project.path(VIEW)).unwrap();
    assert_eq!(project.process()["steps"], before["steps"]);
    project.ok(&["add-step", "Three"]);
    assert!(project.read(VIEW).contains("name: Three"));
}

#[test]
fn a_file_in_another_dress_says_the_same() {
    let project = two_steps();
    let text = project.read(VIEW).replace('\n', "\r\n");
    project.write(VIEW, format!("\u{feff}{text}"));
    let log = || project.data(&["log"])["events"].as_array().map(Vec::len);
    let before = log();
    project.ok(&["switch", "proc-001"]);
    assert_eq!(log(), before, "line ends are no edit");
    project.ok(&["add-step", "Three"]);
    assert_eq!(column(&project.process()["steps"], "name"), ["One", "Two", "Three"]);
    assert!(!project.exists(CORRUPT) && !project.exists(REJECTED));
}
