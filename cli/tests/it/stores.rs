//! The same commands wherever processes are kept: in files, and in one SQLite file.

use std::{
    io::{BufRead, BufReader},
    thread,
    time::{Duration, Instant},
};

use crate::project::{Project, column, finish, kill, step};

/// An SQLite file beside the project's folder.
pub(crate) const SQLITE: &str = "sqlite:kept.db";

/// Plays a scenario in files and in SQLite.
fn on_each(scenario: impl Fn(Project)) {
    for store in [None, Some(SQLITE)] {
        scenario(Project::kept_in(store));
    }
}

#[test]
fn processes_that_people_keep_are_the_same_in_every_store() {
    on_each(|project| {
        project.ok(&["init", "--name", "Work", "--template", "bugfix", "--tag", "red"]);
        let steps = project.process()["steps"].as_array().map_or(0, Vec::len);
        let last = format!("s{}", steps + 1);
        assert_eq!(project.data(&["add-step", "Last"])["step"]["id"], last.as_str());
        project.ok(&["step", "s1", "-s", "completed", "--note", "done"]);
        project.ok(&["claim", "s2", "--by", "bob"]);
        project.refused(4, "conflict", &["claim", "s2", "--by", "al"]);
        project.ok(&["release", "s2", "--by", "bob"]);
        project.ok(&["decide", "Which?", "This"]);
        project.ok(&["risk", "Late"]);
        project.ok(&["evidence", "note", "seen"]);
        assert_eq!(project.data(&["version", "--note", "second"])["version"], 2);
        project.ok(&["add-step", "Too much"]);
        project.ok(&["restore", "proc-001", "--version", "2"]);
        let process = project.process();
        assert_eq!(process["steps"].as_array().map(Vec::len), Some(steps + 1));
        assert_eq!(step(&process, "s1")["status"], "completed");
        let history = project.data(&["history"])["versions"].take();
        assert_eq!(column(&history, "version"), ["3", "2", "1"]);
        project.ok(&["diff", "proc-001", "1", "2"]);
        assert_eq!(project.data(&["status"])["active"], "proc-001");
        let events = project.data(&["log"])["events"].take();
        let revision = process["revision"].as_u64();
        assert_eq!(events.as_array().map(|events| events.len() as u64), revision);
        for args in [&["check"][..], &["gates"], &["missing"], &["render"], &["evolution"]] {
            assert!(project.run(args).code.is_some_and(|code| code < 2), "{args:?}");
        }
        let templates = project.data(&["templates"])["templates"].take();
        let bugfix = templates.as_array().into_iter().flatten().find(|it| it["id"] == "bugfix");
        assert_eq!(bugfix.map(|it| it["usageCount"].clone()), Some(1.into()));
        project.refused(3, "not_found", &["show", "proc-009"]);
        project.refused(3, "not_found", &["switch", "proc-009"]);
        project.ok(&["doctor"]);
        project.ok(&["reindex"]);
    });
}

#[test]
fn processes_come_and_go_and_are_listed_alike_in_every_store() {
    on_each(|project| {
        project.ok(&["init", "--name", "One", "--tag", "red"]);
        project.ok(&["add-step", "First"]);
        assert_eq!(project.data(&["clone", "proc-001"])["process"]["id"], "proc-002");
        project.ok(&["switch", "proc-002"]);
        assert_eq!(project.process()["name"], "One (copy)");
        project.ok(&["archive", "proc-001"]);
        project.refused(4, "conflict", &["switch", "proc-001"]);
        project.refused(4, "conflict", &["add-step", "X", "--process", "proc-001"]);
        let listed = |args: &[&str]| {
            column(&project.data(&[&["list"], args].concat())["processes"], "id").join(" ")
        };
        assert_eq!(listed(&[]), "proc-002");
        assert_eq!(listed(&["--all"]), "proc-001 proc-002");
        project.ok(&["restore", "proc-001"]);
        assert_eq!(listed(&["--search", "COPY"]), "proc-002");
        assert_eq!(listed(&["--tag", "red"]), "proc-001 proc-002");
        assert_eq!(listed(&["--status", "planned", "--limit", "1"]), "proc-001");
        let page = project.data(&["list", "--limit", "1"]);
        assert_eq!(page["next_cursor"], "proc-001");
        assert_eq!(listed(&["--cursor", "proc-001"]), "proc-002");
        let text = project.ok(&["export", "proc-001", "--format", "yaml", "--history"]).stdout;
        project.write("out.yaml", text);
        let data = project.data(&["import", "out.yaml", "--name", "Back"]);
        assert_eq!(
            (&data["process"]["id"], &data["process"]["name"]),
            (&"proc-003".into(), &"Back".into())
        );
        project.ok(&["templates", "new", "proc-001", "--id", "mine"]);
        project.ok(&["init", "--template", "mine"]);
        project.ok(&["templates", "remove", "mine"]);
        project.ok(&["config", "--set", "gates.has_steps=off"]);
        assert_eq!(project.data(&["config"])["config"]["gates"]["has_steps"], "off");
        assert_eq!(project.data(&["list"])["active"], "proc-004");
    });
}

#[test]
fn an_export_goes_from_one_store_to_the_other() {
    let files = Project::kept_in(None);
    files.ok(&["init", "--name", "Moved"]);
    files.ok(&["add-step", "One"]);
    files.ok(&["export", "proc-001", "--format", "json", "--history", "-o", "out.json"]);
    let args = ["import", "out.json", "--store", SQLITE];
    files.ok(&args);
    let shown = files.data(&["show", "--store", SQLITE])["process"].take();
    assert_eq!(shown, files.process());
    assert_eq!(files.data(&["log", "--store", SQLITE])["events"], files.data(&["log"])["events"]);
}

#[test]
fn a_dry_run_writes_nothing_in_any_store() {
    on_each(|project| {
        let before = project.tree();
        project.data(&["init", "--name", "Work", "--dry-run"]);
        assert!(project.tree() == before, "init");
        project.ok(&["init", "--name", "Work"]);
        project.ok(&["add-step", "One"]);
        let before = project.content();
        let cases: [&[&str]; 7] = [
            &["init"],
            &["add-step", "Two"],
            &["step", "s1", "-s", "completed"],
            &["clone", "proc-001"],
            &["archive"],
            &["doctor", "--fix"],
            &["reindex"],
        ];
        for args in cases {
            project.data(&[args, &["--dry-run"]].concat());
            assert!(project.content() == before, "{args:?} wrote");
        }
    });
}

const FLOW: &str = "name: Flow
steps:
  - {id: a, type: command, run: 'echo one >> made', shell: true}
  - {id: review, type: human_approval, depends_on: [a]}
  - {id: hear, type: wait_for, message: go, depends_on: [review]}
  - {id: b, type: command, run: 'echo two >> made', shell: true, depends_on: [hear]}
";

#[test]
fn a_definition_runs_to_its_end_in_every_store() {
    on_each(|project| {
        project.write("flow.yaml", FLOW);
        let data = project.data_with_exit(7, &["run", "flow.yaml", "--key", "order-1"]);
        assert_eq!(data["process"]["id"], "proc-001");
        assert_eq!(project.read("made"), "one\n");
        let data = project.data_with_exit(7, &["run", "flow.yaml", "--key", "order-1"]);
        assert_eq!(data["process"]["id"], "proc-001", "a key starts a process once");
        let approvals = project.data(&["approvals"])["approvals"].take();
        assert_eq!(column(&approvals, "step"), ["review"]);
        project.ok(&["approve", "proc-001", "review"]);
        project.refused(4, "already_decided", &["approve", "proc-001", "review"]);
        project.ok(&["message", "go"]);
        project.ok(&["run", "proc-001"]);
        assert_eq!(project.process()["status"], "completed");
        assert_eq!(project.read("made"), "one\ntwo\n");
        assert_eq!(project.data(&["cost"])["total"], "0");
        project.refused(3, "not_found", &["message", "go"]);
        project.ok(&["doctor"]);
    });
}

#[test]
fn work_that_is_killed_goes_on_in_every_store() {
    on_each(|project| {
        project.write(
            "flow.yaml",
            "name: Flow\nsteps:\n  - {id: a, type: command, run: 'echo a >> made', shell: true}\n  \
             - {id: w, type: wait, duration: 2s, depends_on: [a]}\n  \
             - {id: b, type: command, run: 'echo b >> made', shell: true, depends_on: [w]}\n",
        );
        project.ok(&["run", "flow.yaml", "--detach"]);
        let first = project.command(&["work"]).spawn().expect("it starts");
        until("the first step is done", || step(&project.process(), "a")["status"] == "completed");
        kill(first.id());
        finish(first, "work");
        let second = project.command(&["work"]).spawn().expect("it starts");
        until("all is done", || project.process()["status"] == "completed");
        kill(second.id());
        finish(second, "work");
        assert_eq!(project.read("made"), "a\nb\n");
    });
}

/// Waits until something holds; it fails the test when it takes too long.
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn events_are_followed_in_every_store() {
    on_each(|project| {
        project.ok(&["init", "--name", "Work"]);
        let mut child = project.command(&["log", "--follow", "--json"]).spawn().expect("it starts");
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let mut next = || lines.next().and_then(Result::ok).unwrap_or_default();
        assert!(next().contains("\"created\""));
        next();
        project.ok(&["add-step", "One"]);
        assert!(next().contains("\"One\""));
        kill(child.id());
        let _ = child.wait();
    });
}

#[test]
fn a_store_that_is_not_there_is_made_only_by_what_makes_processes() {
    let project = Project::new();
    let before = project.content();
    for args in [&["list"][..], &["show"], &["add-step", "One"], &["doctor"], &["work"], &["log"]] {
        let error = project.refused(3, "not_found", &[args, &["--store", SQLITE]].concat());
        let said = format!("{} {}", error["message"], error["hint"]);
        assert!(said.contains("kept.db") && said.contains("init"), "{said}");
    }
    for store in ["", "postgres:x", "sqlite:", "kept.db"] {
        let error = project.refused(6, "invalid", &["list", "--store", store]);
        assert!(error["hint"].to_string().contains("sqlite:FILE"), "{error}");
    }
    assert!(project.content() == before, "something was written");
    project.write("other.db", "no database at all, but text that is long enough to be looked at");
    project.refused(6, "corrupt", &["list", "--store", "sqlite:other.db"]);
    let doctor = project.data_with_exit(1, &["doctor", "--store", "sqlite:other.db"]);
    assert_eq!(column(&doctor["problems"], "code"), ["store_unreadable"]);
}

#[test]
fn the_configuration_names_a_store_and_the_option_wins() {
    let project = Project::nowhere();
    project.write(".procside.yaml", "store: sqlite:kept.db\n");
    project.write("below/x", "");
    project.ok(&["init", "--name", "Kept"]);
    assert!(project.exists("kept.db") && !project.exists(".ai/history"), "{:?}", project.tree());
    assert_eq!(project.data(&["show", "-C", "below"])["process"]["name"], "Kept");
    assert_eq!(project.data(&["list", "--store", "files"])["processes"], serde_json::json!([]));
    project.ok(&["init", "-C", "below", "--store", "sqlite:own.db", "--name", "Own"]);
    assert!(project.exists("below/own.db") && !project.exists("below/.ai"));
    project.write(".procside.yaml", "store: postgres\n");
    let error = project.refused(6, "invalid", &["list"]);
    assert!(error["message"].to_string().contains("`store`"), "{error}");
    project.write(".procside.yaml", "gates: [\nstore: sqlite:kept.db\n");
    project.refused(6, "invalid", &["list"]);
    project.write(".procside.yaml", "");
    project.ok(&["config", "--set", "store=sqlite:kept.db", "--set", "concurrency=3"]);
    let config = project.data(&["config"])["config"].take();
    assert_eq!((&config["store"], &config["concurrency"]), (&"sqlite:kept.db".into(), &3.into()));
    assert_eq!(project.process()["name"], "Kept");
    project.refused(6, "invalid", &["config", "--set", "store=nowhere"]);
}

#[test]
fn a_project_that_was_copied_is_not_trusted_because_its_store_is_new() {
    let original = Project::new();
    let copy = Project::copy_of(original.root());
    copy.ok(&["init", "--store", SQLITE]);
    let trusted = copy.data(&["trust", "--list"])["projects"].take();
    let here = copy.root().display().to_string();
    assert!(!column(&trusted, "path").contains(&here), "{trusted}");
}
