//! The same operations, called by name from a program: they answer what the command line answers.

use std::{collections::BTreeMap, fs, path::Path};

use procside::{Procside, Surroundings, call};
use serde_json::{Map, Value, json};

use crate::project::{Project, USER};

/// A definition that stops at an approval.
const FLOW: &str = "\
name: flow
input: {topic: {type: string}}
steps:
  - {id: write, type: command, run: [echo, \"{{ input.topic }}\"]}
  - {id: review, type: human_approval, depends_on: write, on_reject: continue}
  - {id: items, type: agent_task, agent: nobody, message: m, depends_on: review, foreach: {in: [1], as: n}}
  - {id: word, type: wait_for, message: word, depends_on: items}
";

/// Commands in order, and the same as calls: options and arguments by name.
fn script() -> Vec<(Vec<&'static str>, &'static str, Value)> {
    vec![
        (
            vec!["init", "--name", "First", "--template", "bugfix", "--tag", "a", "--tag", "b"],
            "init",
            json!({"name": "First", "template": "bugfix", "tag": ["a", "b"]}),
        ),
        (vec!["init", "--name", "Second"], "init", json!({"name": "Second"})),
        (vec!["switch", "proc-001"], "switch", json!({"id": "proc-001"})),
        (
            vec!["list", "--status", "planned", "--limit", "1"],
            "list",
            json!({"status": "planned", "limit": 1}),
        ),
        (vec!["list", "--limit", "0"], "list", json!({"limit": 0})),
        (vec!["status", "--all"], "status", json!({"all": true})),
        (
            vec!["add-step", "One more", "--after", "s1", "--checks", "x", "y", "--dry-run"],
            "add-step",
            json!({"name": "One more", "after": "s1", "checks": ["x", "y"], "dry_run": true}),
        ),
        (
            vec!["add-step", "One more", "--after", "s1", "--checks", "x", "y"],
            "add-step",
            json!({"name": "One more", "after": "s1", "checks": ["x", "y"]}),
        ),
        (
            vec!["step", "s1", "--status", "completed", "--output", "a.md", "--note", "Done"],
            "step",
            json!({"id": "s1", "status": "completed", "output": "a.md", "note": "Done"}),
        ),
        (vec!["step", "s1", "--status", "frob"], "step", json!({"id": "s1", "status": "frob"})),
        (vec!["next"], "next", json!({})),
        (vec!["claim", "s2", "--by", "bob"], "claim", json!({"step": "s2", "by": "bob"})),
        (vec!["claim", "s2", "--by", "al"], "claim", json!({"step": "s2", "by": "al"})),
        (vec!["release", "s2", "--by", "bob"], "release", json!({"step": "s2", "by": "bob"})),
        (
            vec!["decide", "Which?", "This", "--option", "That"],
            "decide",
            json!({"question": "Which?", "choice": "This", "option": ["That"]}),
        ),
        (vec!["risk", "Rain"], "risk", json!({"text": "Rain"})),
        (
            vec!["evidence", "note", "It works"],
            "evidence",
            json!({"type": "note", "value": "It works"}),
        ),
        (vec!["missing"], "missing", json!({})),
        (vec!["check", "--fail-on-warning"], "check", json!({"fail_on_warning": true})),
        (vec!["gates"], "gates", json!({})),
        (vec!["render", "-f", "mermaid"], "render", json!({"format": "mermaid"})),
        (vec!["version", "--note", "v"], "version", json!({"note": "v"})),
        (vec!["version"], "version", json!({})),
        (vec!["history"], "history", json!({})),
        (vec!["evolution"], "evolution", json!({})),
        (vec!["diff", "proc-001", "1", "2"], "diff", json!({"id": "proc-001", "v1": 1, "v2": 2})),
        (
            vec!["restore", "proc-001", "--version", "1"],
            "restore",
            json!({"id": "proc-001", "version": 1}),
        ),
        (vec!["clone", "proc-001"], "clone", json!({"id": "proc-001"})),
        (vec!["archive", "proc-003"], "archive", json!({"id": "proc-003"})),
        (vec!["patch", "plan.json"], "patch", json!({"names": ["plan.json"]})),
        (
            vec!["patch", "proc-001", "more.json", "--note", "n", "--by", "al"],
            "patch",
            json!({"id": "proc-001", "patches": [{"operation": "append", "location": "# Plan", "content": "More."}], "note": "n", "by": "al"}),
        ),
        (vec!["patch", "bad.json"], "patch", json!({"patches": "bad.json"})),
        (
            vec!["patch", "note.md", "note.json"],
            "patch",
            json!({"file": "note.md", "patches": "note.json"}),
        ),
        (
            vec!["patch", "note.md", "note.json", "--in-place"],
            "patch",
            json!({"names": ["note.md", "note.json"], "in_place": true}),
        ),
        (
            vec!["patch", "--process-patch", "merge.json"],
            "patch",
            json!({"process-patch": {"goal": "Better"}}),
        ),
        (vec!["doc"], "doc", json!({})),
        (vec!["doc", "proc-002"], "doc", json!({"id": "proc-002"})),
        (vec!["undo"], "undo", json!({})),
        (vec!["redo"], "redo", json!({})),
        (vec!["undo", "--patch", "99"], "undo", json!({"patch": 99})),
        (vec!["doc", "--set", "note.md"], "doc", json!({"set": "note.md"})),
        (vec!["patches"], "patches", json!({})),
        (vec!["log"], "events", json!({})),
        (
            vec!["export", "proc-001", "--format", "json"],
            "export",
            json!({"id": "proc-001", "format": "json"}),
        ),
        (vec!["import", "import.yaml"], "import", json!({"file": "import.yaml"})),
        (vec!["templates"], "templates", json!({})),
        (
            vec!["templates", "new", "proc-001", "--id", "mine"],
            "templates new",
            json!({"from_process": "proc-001", "id": "mine"}),
        ),
        (vec!["templates", "show", "mine"], "templates show", json!({"id": "mine"})),
        (vec!["templates", "remove", "mine"], "templates remove", json!({"id": "mine"})),
        (
            vec!["validate", "flow.yaml", "bugfix"],
            "validate",
            json!({"files": ["flow.yaml", "bugfix"]}),
        ),
        (vec!["validate", "wrong.yaml"], "validate", json!({"file": "wrong.yaml"})),
        (
            vec!["simulate", "flow.yaml", "--input", "topic=x"],
            "simulate",
            json!({"file": "flow.yaml", "input": {"topic": "x"}}),
        ),
        (
            vec!["config", "--set", "gates.has_decisions=off"],
            "config",
            json!({"set": ["gates.has_decisions=off"]}),
        ),
        (vec!["trust"], "trust", json!({})),
        (
            vec!["run", "flow.yaml", "--input", "topic=x", "--key", "k"],
            "run",
            json!({"source": "flow.yaml", "input": {"topic": "x"}, "key": "k"}),
        ),
        (vec!["approvals"], "approvals", json!({})),
        (
            vec!["approve", "proc-005", "review", "--by", "ann"],
            "approve",
            json!({"id": "proc-005", "step": "review", "by": "ann"}),
        ),
        (
            vec!["reject", "proc-005", "review"],
            "reject",
            json!({"id": "proc-005", "step": "review"}),
        ),
        (
            vec!["add-item", "proc-005", "items", "2"],
            "add-item",
            json!({"id": "proc-005", "step": "items", "item": 2}),
        ),
        (
            vec!["step", "items", "--status", "completed", "--output", "{\"a\": 1}"],
            "step",
            json!({"id": "items", "status": "completed", "output": {"a": 1}}),
        ),
        (
            vec!["message", "word", "--data", "{\"said\": 1}"],
            "message",
            json!({"name": "word", "data": {"said": 1}}),
        ),
        (
            vec!["feedback", "proc-005", "write", "--rating", "5"],
            "feedback",
            json!({"id": "proc-005", "step": "write", "rating": 5}),
        ),
        (vec!["pause"], "pause", json!({})),
        (vec!["resume"], "resume", json!({})),
        (vec!["cancel", "--reason", "enough"], "cancel", json!({"reason": "enough"})),
        (vec!["retry", "proc-005"], "retry", json!({"id": "proc-005"})),
        (
            vec!["adopt", "proc-005", "flow.yaml"],
            "adopt",
            json!({"id": "proc-005", "file": "flow.yaml"}),
        ),
        (vec!["cost", "proc-005"], "cost", json!({"id": "proc-005"})),
        (vec!["show", "proc-005"], "show", json!({"id": "proc-005"})),
        (vec!["show", "proc-999"], "show", json!({"id": "proc-999"})),
        (vec!["show", "../x"], "show", json!({"id": "../x"})),
        (vec!["show", "--process", "proc-002"], "show", json!({"process": "proc-002"})),
        (vec!["schema", "--definition"], "schema", json!({"definition": true})),
        (vec!["reindex"], "reindex", json!({})),
        (vec!["doctor"], "doctor", json!({})),
        (vec!["trust", "--revoke"], "trust", json!({"revoke": true})),
        (vec!["trust", "--list"], "trust", json!({"list": true})),
        (vec!["list", "--frob"], "list", json!({"frob": true})),
        (vec!["switch"], "switch", json!({})),
        (vec!["frob"], "frob", json!({})),
    ]
}

fn lay_out(root: &Path) {
    let plan = r##"[{"operation": "insert", "location": "# Plan", "content": "Text."}]"##;
    let more = r##"[{"operation": "append", "location": "# Plan", "content": "More."}]"##;
    for (path, text) in [
        ("flow.yaml", FLOW),
        ("flow.scenario.yaml", "expect: {status: waiting}\n"),
        ("wrong.yaml", "name: wrong\nsteps:\n  - {id: a, depends_on: [b]}\n"),
        ("plan.json", plan),
        ("more.json", more),
        ("bad.json", r##"[{"operation": "update", "location": "# No", "content": "x"}]"##),
        ("merge.json", r#"{"goal": "Better"}"#),
        ("note.md", "# Note\n\nHere.\n"),
        ("note.json", r##"[{"operation": "append", "location": "# Note", "content": "There."}]"##),
        ("import.yaml", "id: proc-050\nname: Other\ngoal: x\nsteps: []\n"),
    ] {
        fs::write(root.join(path), text).expect("the folder can be written");
    }
}

/// Puts signs in the place of what differs from run to run, wherever it stands.
fn masked(value: &Value, root: &str) -> Value {
    match value {
        Value::Object(map) => {
            let keys = [
                "uid",
                "at",
                "createdAt",
                "updatedAt",
                "startedAt",
                "completedAt",
                "snapshotAt",
                "since",
                "until",
                "identifiedAt",
                "decidedAt",
                "lastUsed",
                "started_at",
                "completed_at",
                "decided_at",
                "deadline",
                "duration",
                "timestamp",
                "pid",
                "start_time",
                "token",
                "seed",
                "ready_at",
                "sum",
                "check",
                "archivedAt",
            ];
            let masked = |(key, value): (&String, &Value)| {
                let is_one = keys.contains(&key.as_str()) && !value.is_null();
                (key.clone(), if is_one { "*".into() } else { masked(value, root) })
            };
            Value::Object(map.iter().map(masked).collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(|value| masked(value, root)).collect(),
        Value::String(text) => Value::String(without_chance(&text.replace(root, "ROOT"))),
        other => other.clone(),
    }
}

/// Takes instants and uids out of a text that holds some.
fn without_chance(text: &str) -> String {
    let is_of_one = |c: char| c.is_ascii_hexdigit() || ":-.TZ".contains(c);
    let words = text.split_inclusive(|c: char| !is_of_one(c));
    let is_chance = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_hexdigit).count();
        let signs = word.chars().filter(|c| "-:".contains(*c)).count();
        (digits >= 14 && signs >= 4) || (digits == 64)
    };
    words.map(|word| if is_chance(word) { "*" } else { word }).collect()
}

fn masked_envelope(envelope: &Value, root: &Path) -> Value {
    let mut envelope = masked(envelope, &root.display().to_string());
    if envelope["error"]["kind"] == "usage" {
        // The words are those of whoever reads the request.
        envelope["error"] = json!({"kind": "usage"});
    }
    envelope
}

#[test]
fn a_call_answers_what_the_command_answers() {
    let by_command = Project::nowhere();
    let by_call = Project::nowhere();
    lay_out(by_command.root());
    lay_out(by_call.root());
    let system = Surroundings::of_the_system();
    let host = system.by.split_once('@').map_or("unknown", |(_, host)| host);
    let surroundings = Surroundings {
        by: format!("{USER}@{host}"),
        user_folder: Some(by_call.root().join(".config/procside")),
        ..system.clone()
    };
    let project = Procside::open_or_new(by_call.root(), surroundings).expect("the folder is there");
    let mut exits = BTreeMap::new();
    let mut differences = Vec::new();
    for (line, op, args) in script() {
        // A call means paths as `-C` does.
        let folder = by_command.root().display().to_string();
        let mut with_json = line.clone();
        with_json.extend(["--json", "-C", &folder]);
        let output = by_command.run(&with_json);
        let called = call(&project, &json!({"op": op, "args": args}));
        let said = masked_envelope(&output.envelope(), by_command.root());
        let answered = masked_envelope(&called.envelope, by_call.root());
        let line = line.join(" ");
        if said != answered || output.code != Some(i32::from(called.exit)) {
            let code = output.code;
            differences
                .push(format!("`{line}` ({code:?}, {}):\n  {said}\n  {answered}", called.exit));
        }
        assert_eq!(called.error.is_some(), answered["ok"] == false);
        *exits.entry(called.exit).or_insert(0) += 1;
    }
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
    // Every way to end has been there.
    assert!([0, 1, 2, 3, 4, 6, 7].iter().all(|exit| exits.contains_key(exit)), "{exits:?}");
}
