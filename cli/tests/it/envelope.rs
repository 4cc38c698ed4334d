//! The answers for programs: one envelope a command, and one exit code a kind of error.

use serde_json::Value;

use crate::project::{Project, finish};

/// A project in which every command has something to say.
fn full() -> Project {
    let project = Project::nowhere();
    project.ok(&["init", "--template", "bugfix", "--name", "Full", "--tag", "a"]);
    project.ok(&["init", "--name", "Second"]);
    project.ok(&["switch", "proc-001"]);
    project.ok(&["templates", "new", "proc-001", "--id", "mine"]);
    project.ok(&["export", "proc-001", "--format", "yaml", "-o", "export.yaml"]);
    project.ok(&["version", "--note", "second"]);
    project.write("flow.yaml", "name: flow\ninput: {x: {}}\nsteps:\n  - {id: a, name: First}\n");
    project.write("flow.scenario.yaml", "expect: {status: completed}\n");
    project
}

/// Every command, and the keys of its data.
const COMMANDS: [(&[&str], &[&str]); 50] = [
    (&["init", "--name", "Third"], &["process"]),
    (&["list"], &["processes", "active", "next_cursor"]),
    (&["list", "--all", "--limit", "1"], &["processes", "active", "next_cursor"]),
    (&["status"], &["process", "active", "next", "ready", "missing"]),
    (&["status", "--all"], &["processes", "active"]),
    (&["show"], &["process", "active", "next", "ready", "missing"]),
    (&["show", "proc-002"], &["process", "active", "next", "ready", "missing"]),
    (&["switch", "proc-002"], &["process", "active"]),
    (&["archive", "proc-002"], &["process"]),
    (&["restore", "proc-002"], &["process"]),
    (&["restore", "proc-001", "--version", "1"], &["process"]),
    (&["clone", "proc-001"], &["process"]),
    (&["switch", "proc-001"], &["process", "active"]),
    (&["add-step", "One more", "--after", "s1"], &["process", "step"]),
    (&["step", "s1", "--status", "completed"], &["process", "step"]),
    (&["next"], &["process", "next", "ready"]),
    (&["claim", "s2"], &["process", "step"]),
    (&["release", "s2"], &["process", "step"]),
    (&["decide", "Which way?", "This one"], &["process"]),
    (&["risk", "It may rain"], &["process"]),
    (&["evidence", "note", "It works"], &["process"]),
    (&["missing"], &["missing"]),
    (&["render"], &["content"]),
    (&["render", "-f", "mermaid"], &["content"]),
    (&["render", "-o", "guide.md"], &["path"]),
    (&["version"], &["process", "version"]),
    (&["history"], &["process", "versions"]),
    (&["diff", "proc-001"], &["summary", "fields", "steps", "process", "from", "to"]),
    (&["diff", "proc-001", "1", "2"], &["summary", "fields", "steps", "process", "from", "to"]),
    (&["log"], &["process", "events"]),
    (&["evolution"], &["process", "versions"]),
    (&["export", "proc-001"], &["content"]),
    (&["export", "proc-001", "-o", "out.md"], &["path"]),
    (&["import", "export.yaml"], &["process"]),
    (&["templates"], &["templates"]),
    (&["templates", "list"], &["templates"]),
    (&["templates", "show", "mine"], &["template", "problems"]),
    (&["templates", "new", "proc-001", "--id", "other"], &["template"]),
    (&["templates", "remove", "other"], &["removed"]),
    (&["validate", "flow.yaml"], &["file", "problems"]),
    (&["validate", "flow.yaml", "mine"], &["files"]),
    (&["validate", "--fix", "flow.yaml"], &["file", "problems", "fixed", "written"]),
    (
        &["simulate", "flow.yaml"],
        &[
            "status",
            "waiting",
            "steps",
            "trace",
            "outputs",
            "cost",
            "compensated",
            "duration",
            "warnings",
            "unmet",
        ],
    ),
    (&["test", "flow.yaml"], &["passed", "failed", "results"]),
    (&["config"], &["config"]),
    (&["config", "--set", "gates.has_decisions=off"], &["config"]),
    (&["schema"], &["schema"]),
    (&["schema", "--definition"], &["schema"]),
    (&["completions", "bash"], &["script"]),
    (&["man", "pages"], &["pages"]),
];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

#[test]
fn every_command_answers_with_one_envelope_and_its_promised_keys() {
    let project = full();
    for (args, expected) in COMMANDS {
        let data = project.data(args);
        for key in expected {
            assert!(
                data.get(key).is_some(),
                "`{}` lacks `{key}`: {:?}",
                args.join(" "),
                keys(&data)
            );
        }
    }
    for args in [["gates"], ["check"]] {
        let data = project.data_with_exit(1, &args);
        assert_eq!(keys(&data), ["process", "passed", "gates"]);
    }
    let data = project.data(&["reindex"]);
    assert!(data.is_object(), "{data}");
}

#[test]
fn the_keys_of_what_is_shown_are_spelled_as_they_are_stored() {
    let project = full();
    let process = project.process();
    for key in [
        "id",
        "name",
        "goal",
        "status",
        "template",
        "tags",
        "steps",
        "decisions",
        "risks",
        "evidence",
        "createdAt",
        "updatedAt",
        "uid",
        "revision",
        "archived",
        "progress",
    ] {
        assert!(process.get(key).is_some(), "no {key} in {process}");
    }
    let list = project.data(&["list"]);
    for key in ["id", "name", "goal", "status", "createdAt", "updatedAt", "progress", "archived"] {
        assert!(list["processes"][0].get(key).is_some(), "no {key} in {list}");
    }
    let history = project.data(&["history"]);
    for key in ["version", "snapshotAt", "reason", "changes"] {
        assert!(history["versions"][0].get(key).is_some(), "no {key} in {history}");
    }
    let log = project.data(&["log"]);
    for key in ["seq", "at", "by", "type"] {
        assert!(log["events"][0].get(key).is_some(), "no {key} in {log}");
    }
    let claimed = project.data(&["claim", "s1", "--by", "bob"]);
    assert_eq!(claimed["step"]["claim"]["by"], "bob");
    assert!(claimed["step"]["claim"]["until"].is_string(), "{claimed}");
}

#[test]
fn every_kind_of_error_has_its_exit_code() {
    let project = full();
    project.ok(&["add-step", "Held"]);
    project.ok(&["claim", "s1", "--by", "bob"]);
    project.ok(&["archive", "proc-002"]);
    project.write("alone.yaml", "name: alone\nsteps:\n  - {id: a, name: First}\n");
    project.write("wrong.yaml", "name: wrong\nsteps:\n  - {id: a, depends_on: [b]}\n");
    let cases: [(i32, &str, &[&str]); 43] = [
        (3, "not_found", &["show", "proc-999"]),
        (3, "not_found", &["status", "--process", "proc-999"]),
        (3, "not_found", &["switch", "proc-999"]),
        (3, "not_found", &["archive", "proc-999"]),
        (3, "not_found", &["restore", "proc-999"]),
        (3, "not_found", &["clone", "proc-999"]),
        (3, "not_found", &["export", "proc-999"]),
        (3, "not_found", &["add-step", "X", "--process", "proc-999"]),
        (3, "not_found", &["add-step", "X", "--after", "s99"]),
        (3, "not_found", &["step", "s99", "--status", "completed"]),
        (3, "not_found", &["claim", "s99"]),
        (3, "not_found", &["release", "s99"]),
        (3, "not_found", &["evidence", "note", "x", "--step", "s99"]),
        (3, "not_found", &["restore", "proc-001", "--version", "99"]),
        (3, "not_found", &["diff", "proc-001", "1", "99"]),
        (3, "not_found", &["init", "--template", "no-such-template"]),
        (3, "not_found", &["templates", "show", "no-such-template"]),
        (3, "not_found", &["templates", "remove", "no-such-template"]),
        (3, "not_found", &["import", "no-such-file.yaml"]),
        (3, "not_found", &["validate", "no-such-file.yaml"]),
        (3, "not_found", &["validate", "flow.yaml", "no-such-file.yaml"]),
        (3, "not_found", &["simulate", "no-such-file.yaml"]),
        (3, "not_found", &["simulate", "flow.yaml", "--scenario", "no-such-file.yaml"]),
        (3, "not_found", &["test", "no-such-folder"]),
        (3, "not_found", &["test", "alone.yaml"]),
        (4, "conflict", &["claim", "s1", "--by", "al"]),
        (4, "conflict", &["release", "s1", "--by", "al"]),
        (4, "conflict", &["restore", "proc-001"]),
        (4, "conflict", &["archive", "proc-002"]),
        (4, "conflict", &["add-step", "X", "--process", "proc-002"]),
        (4, "conflict", &["switch", "proc-002"]),
        (4, "conflict", &["templates", "new", "proc-001", "--id", "mine"]),
        (6, "invalid", &["show", "../x"]),
        (6, "invalid", &["step", "../x", "--status", "completed"]),
        (6, "invalid", &["step", "s1", "--status", "frobbed"]),
        (6, "invalid", &["claim", "s1", "--lease", "soon"]),
        (6, "invalid", &["risk", "x", "--impact", "enormous"]),
        (6, "invalid", &["init", "--template", "../x"]),
        (6, "invalid", &["config", "--set", "nonsense=1"]),
        (6, "invalid", &["simulate", "wrong.yaml"]),
        (6, "invalid", &["simulate", "flow.yaml", "--input", "nonsense"]),
        (6, "invalid", &["simulate", "flow.yaml", "--input", "unknown=1"]),
        (6, "invalid", &["validate", "--fix", "bugfix"]),
    ];
    for (code, kind, args) in cases {
        let before = project.tree();
        let error = project.refused(code, kind, args);
        let message = error["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty() && !message.ends_with('.'), "{error}");
        assert!(project.tree() == before, "`{}` was refused and wrote", args.join(" "));

        let output = project.run(args);
        assert_eq!(output.code, Some(code));
        assert_eq!(output.stdout, "", "stdout is data");
        assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_a_usage_error_in_json_too() {
    let project = full();
    let cases: [&[&str]; 8] = [
        &["frob"],
        &[],
        &["list", "--frob"],
        &["step", "s1"],
        &["switch"],
        &["diff", "proc-001", "one"],
        &["completions", "tcl"],
        &["export", "proc-001", "--format", "pdf"],
    ];
    for args in cases {
        let error = project.refused(2, "usage", args);
        assert!(error["hint"].is_string(), "{error}");
        let output = project.run(args);
        assert_eq!(output.code, Some(2), "{output:#?}");
        assert_eq!(output.stdout, "");
        assert!(!output.stderr.is_empty());
    }
    for args in [["--json", "frob"], ["frob", "--json"]] {
        let output = project.run(&args);
        assert_eq!(output.envelope()["error"]["kind"], "usage");
    }
}

#[test]
fn without_a_project_every_command_but_init_and_import_says_not_found() {
    let project = Project::nowhere();
    let cases: [&[&str]; 9] = [
        &["list"],
        &["status"],
        &["show", "proc-001"],
        &["add-step", "X"],
        &["version"],
        &["log"],
        &["doctor"],
        &["config"],
        &["reindex"],
    ];
    for args in cases {
        let error = project.refused(3, "not_found", args);
        assert!(error["hint"].as_str().unwrap_or_default().contains("init"), "{error}");
    }
    assert!(project.tree().is_empty());
    project.ok(&["completions", "bash"]);
    project.ok(&["schema"]);
    let other = full();
    for args in [["validate", "flow.yaml"], ["simulate", "flow.yaml"], ["test", "flow.yaml"]] {
        std::fs::copy(other.path("flow.yaml"), project.path("flow.yaml")).unwrap();
        std::fs::copy(other.path("flow.scenario.yaml"), project.path("flow.scenario.yaml"))
            .unwrap();
        let before = project.tree();
        project.ok(&args);
        assert!(project.tree() == before, "{args:?} needs no project and makes none");
    }
}

#[test]
fn options_stand_before_or_after_the_command() {
    let project = Project::with_steps(&["One"]);
    project.ok(&["init", "--name", "Second"]);
    let expected = project.data(&["show", "proc-001"]);
    for args in [
        ["--json", "--process", "proc-001", "show"],
        ["show", "--json", "--process", "proc-001"],
        ["--process", "proc-001", "show", "--json"],
    ] {
        assert_eq!(project.ok(&args).envelope()["data"], expected, "{args:?}");
    }
    let before = project.tree();
    for args in [["--dry-run", "add-step", "X"], ["add-step", "X", "--dry-run"]] {
        project.ok(&args);
        assert!(project.tree() == before);
    }

    let other = Project::nowhere();
    let root = project.root().to_string_lossy().into_owned();
    for args in [
        ["-C", &root, "list", "--json"],
        ["list", "-C", &root, "--json"],
        ["list", "--json", "-C", &root],
    ] {
        assert_eq!(other.ok(&args).envelope()["data"]["active"], "proc-002");
    }
    other.write("deep/er/file", "");
    project.write("sub/folder/file", "");
    let deep = project.path("sub/folder").to_string_lossy().into_owned();
    assert_eq!(project.data(&["-C", &deep, "list"])["active"], "proc-002", "found by walking up");
}

#[test]
fn the_process_is_chosen_by_argument_then_option_then_environment_then_what_is_active() {
    let project = Project::new();
    for name in ["Second", "Third", "Fourth"] {
        project.ok(&["init", "--name", name]);
    }
    let shown = |args: &[&str], variable: Option<&str>| {
        let mut command = project.command(args);
        if let Some(id) = variable {
            command.env("PROCSIDE_PROCESS", id);
        }
        let output = finish(command.spawn().expect("it can be started"), &args.join(" "));
        output.envelope()["data"]["process"]["name"].clone()
    };
    assert_eq!(shown(&["show", "--json"], None), "Fourth");
    assert_eq!(shown(&["show", "--json"], Some("proc-003")), "Third");
    assert_eq!(shown(&["show", "--json", "--process", "proc-002"], Some("proc-003")), "Second");
    let all = ["show", "proc-001", "--json", "--process", "proc-002"];
    assert_eq!(shown(&all, Some("proc-003")), "Work");
}

#[test]
fn a_name_that_looks_like_an_option_is_given_behind_two_dashes() {
    let project = Project::new();
    let data = project.data(&["add-step", "--", "--json"]);
    assert_eq!(data["step"]["name"], "--json");
    let output = project.run(&["add-step", "--", "--json", "--frob"]);
    assert_eq!(output.code, Some(2));
    assert_eq!(output.stdout, "", "behind the dashes nothing is an option");
}
