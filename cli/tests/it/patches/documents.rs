//! Documents of processes, wherever they are kept.

use serde_json::{Value, json};

use super::{PLAN, append, doc, entries, file, on_each, on_each_plan, update, with_stdin, write};
use crate::project::{Project, column};

#[test]
fn a_process_has_no_document_until_the_first_patch_makes_it() {
    on_each(|project| {
        project.refused(3, "not_found", &["doc"]);
        let insert = json!({"operation": "insert", "location": "# Plan", "content": "All of it."});
        let patches = file(project, &[insert]);
        let data = project.data(&["patch", patches, "--by", "ada", "--note", "at last"]);
        assert_eq!((&data["process"], &data["number"]), (&json!("proc-001"), &json!(1)));
        assert_eq!(data["document"], "# Plan\n\nAll of it.\n");
        assert_eq!(doc(project), "# Plan\n\nAll of it.\n");
        let shown = project.data(&["doc"]);
        assert_eq!(shown["document"], "# Plan\n\nAll of it.\n");
        assert_eq!(shown["hash"], data["hash_after"]);
        let entry = project.data(&["patches"])["patches"][0].take();
        assert_eq!((&entry["by"], &entry["note"]), (&json!("ada"), &json!("at last")));
        assert_eq!((&entry["kind"], &entry["target"]), (&json!("patch"), &json!("document")));
        let events = project.data(&["log"])["events"].take();
        assert_eq!(column(&events, "type").last().map(String::as_str), Some("document_changed"));
        project.ok(&["doctor"]);
    });
}

#[test]
fn the_document_lies_beside_the_process_and_goes_with_it_to_the_archive() {
    let project = Project::new();
    project.write("plan.md", PLAN);
    project.ok(&["doc", "--set", "plan.md"]);
    assert_eq!(project.read(".ai/processes/proc-001.md"), PLAN);
    let before = project.process();
    assert!(before.get("document").is_none(), "`show` tells of the process alone: {before}");
    project.ok(&["archive"]);
    assert!(!project.exists(".ai/processes/proc-001.md"));
    assert_eq!(project.read(".ai/processes/archived/proc-001.md"), PLAN);
    assert_eq!(doc(&project), PLAN);
    project.ok(&["restore", "proc-001"]);
    assert_eq!(project.read(".ai/processes/proc-001.md"), PLAN);
    assert!(!project.exists(".ai/processes/archived/proc-001.md"));
    project.ok(&["doctor"]);
}

#[test]
fn an_archived_process_takes_no_patch() {
    on_each_plan(|project| {
        project.ok(&["archive"]);
        let patches = file(project, &[append("## Steps", "- three")]);
        let args = ["patch", "proc-001", patches, "--inverse", "back.json"];
        project.refused(4, "conflict", &args);
        assert!(!project.exists("back.json"), "nothing to take back");
        project.refused(4, "conflict", &["doc", "proc-001", "--set", patches]);
        project.refused(4, "conflict", &["undo", "proc-001"]);
        let rename = write(project, &json!({"name": "Other"}));
        project.refused(4, "conflict", &["patch", "--process-patch", rename, "proc-001"]);
        assert_eq!(doc(project), PLAN);
    });
}

#[test]
fn versions_hold_the_document_and_bring_it_back() {
    on_each_plan(|project| {
        project.ok(&["version", "--note", "with the plan"]);
        let patches = file(
            project,
            &[
                json!({"operation": "delete", "location": "## Risks"}),
                append("## Steps", "- three"),
                append("", "## Costs\n\nNone."),
            ],
        );
        project.ok(&["patch", patches]);
        project.ok(&["version"]);

        let diff = project.data(&["diff", "proc-001", "2", "3"]);
        assert_eq!(diff["summary"], "document changed");
        let found: Vec<(String, String)> = column(&diff["document"]["sections"], "section")
            .into_iter()
            .zip(column(&diff["document"]["sections"], "change"))
            .collect();
        let told = |section: &str, change: &str| (section.to_owned(), change.to_owned());
        assert_eq!(
            found,
            [
                told("# Plan > ## Steps", "changed"),
                told("# Plan > ## Risks", "removed"),
                told("# Plan > ## Costs", "added"),
            ]
        );
        let lines = diff["document"]["lines"].as_str().expect("lines are a text");
        assert!(lines.starts_with("--- a/proc-001.md\n+++ b/proc-001.md\n@@ "), "{lines}");
        assert!(lines.contains("\n+- three\n"), "{lines}");
        let text = project.ok(&["diff", "proc-001", "2", "3"]).stdout;
        assert!(text.contains("  ~ section # Plan > ## Steps\n") && text.contains("\n+- three\n"));
        // A version without a document counts as an empty one.
        let first = project.data(&["diff", "proc-001", "1", "2"])["document"].take();
        assert_eq!(column(&first["sections"], "change"), ["added", "added", "added"]);
        let none = project.data(&["diff", "proc-001", "3"])["document"].take();
        assert_eq!(none, json!({"sections": [], "lines": ""}));
        let history = project.data(&["history"])["versions"].take();
        let changes = column(&history, "changes");
        assert_eq!(changes, ["document changed", "document changed", "Process created"]);

        let after = doc(project);
        project.ok(&["restore", "proc-001", "--version", "2"]);
        assert_eq!(doc(project), PLAN);
        project.ok(&["restore", "proc-001", "--version", "1"]);
        assert_eq!(doc(project), "");
        project.ok(&["restore", "proc-001", "--version", "3"]);
        assert_eq!(doc(project), after);
        assert!(entries(project).last().is_some_and(|last| last.ends_with("restore")));
        project.ok(&["doctor"]);
    });
}

#[test]
fn a_version_file_holds_the_document() {
    let project = Project::new();
    project.write("plan.md", PLAN.replace('\n', "\r\n"));
    project.ok(&["doc", "--set", "plan.md"]);
    project.ok(&["version", "--note", "Plan"]);
    let version = project.read(".ai/versions/proc-001/v2-plan.yaml");
    assert!(version.contains("\ndocument: "), "{version}");
    project.write("plan.md", "");
    project.ok(&["doc", "--set", "plan.md"]);
    project.ok(&["restore", "proc-001", "--version", "2"]);
    assert_eq!(doc(&project), PLAN.replace('\n', "\r\n"));
}

#[test]
fn a_dry_run_answers_and_writes_nothing() {
    let project = Project::new();
    project.write("plan.md", PLAN);
    let patches = file(&project, &[append("", "# Plan")]);
    let dry = |args: &[&str]| {
        let before = project.content();
        let data = project.data(&[args, &["--dry-run"]].concat());
        assert_eq!(project.content(), before, "{args:?}");
        data
    };
    let data = dry(&["patch", patches, "--inverse", "back.json"]);
    assert_eq!((&data["document"], &data["number"]), (&json!("# Plan\n"), &json!(1)));
    dry(&["doc", "--set", "plan.md"]);
    project.ok(&["doc", "--set", "plan.md"]);
    let patches = file(&project, &[append("## Steps", "- three")]);
    let data = dry(&["patch", patches, "--diff"]);
    assert_eq!(data["document"], PLAN.replace("- two\n", "- two\n- three\n"));
    assert_eq!(dry(&["undo"])["document"], "");
    let rename = write(&project, &json!({"name": "Other"}));
    assert_eq!(dry(&["patch", "--process-patch", rename])["process"]["name"], "Other");
    assert_eq!(entries(&project), ["1 set"]);
}

#[test]
fn setting_a_document_is_one_entry_and_any_bytes_come_back() {
    let texts = [
        "",
        "no newline",
        "a\r\nb\r\n",
        "\u{feff}# X\n",
        "tab\t\u{1b}[31m \u{85}\u{2028}\n",
        " \n \n",
    ];
    on_each(|project| {
        for text in texts {
            project.write("any.md", text);
            project.ok(&["doc", "--set", "any.md", "--note", "why"]);
            assert_eq!(doc(project), text);
            assert_eq!(project.data(&["doc"])["document"], text);
        }
        let output = with_stdin(project, &["doc", "--set", "-"], PLAN);
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(doc(project), PLAN);
        let count = entries(project).len();
        assert!(with_stdin(project, &["doc", "--set", "-"], PLAN).stdout.contains("stays"));
        assert_eq!(entries(project).len(), count, "the same text is no entry");
        project.write("latin.md", b"\xe4");
        project.refused(6, "invalid_patch", &["doc", "--set", "latin.md"]);
        project.refused(3, "not_found", &["doc", "--set", "none.md"]);
        project.write("long.md", "x".repeat((2 << 20) + 1));
        project.refused(6, "invalid", &["doc", "--set", "long.md"]);
        project.write("long.md", "x\n".repeat(1 << 20));
        project.ok(&["doc", "--set", "long.md"]);
        let patches = file(project, &[append("", "y")]);
        project.refused(6, "invalid", &["patch", patches]);
    });
}

#[test]
fn an_editor_changes_the_document() {
    on_each_plan(|project| {
        let edit = |script: &str| {
            project.write("editor.sh", format!("#!/bin/sh\n{script}\n"));
            let mut command = project.command(&["doc", "--edit", "--note", "by hand"]);
            command.env("EDITOR", "sh editor.sh").env("TMPDIR", project.root());
            crate::project::finish(command.spawn().expect("it can be started"), "doc --edit")
        };
        let output = edit("printf 'The end.\\n' >> \"$1\"");
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(doc(project), format!("{PLAN}The end.\n"));
        assert_eq!(entries(project), ["1 set", "2 set"]);
        let left = |project: &Project| -> Vec<String> {
            let names = project.tree().into_keys();
            names.filter(|name| name.starts_with("proc-001-")).collect()
        };
        assert!(left(project).is_empty(), "the text that was edited does not stay");
        let output = edit("true");
        assert!(output.stdout.contains("stays"), "{output:#?}");
        assert_eq!(entries(project).len(), 2);
        // What cannot be taken is kept for whoever wrote it.
        let output = edit("printf 'lost?\\n' >> \"$1\"; exit 1");
        assert_eq!(output.code, Some(1), "{output:#?}");
        assert!(output.stderr.contains("hint: your text is in"), "{output:#?}");
        assert_eq!(left(project).len(), 1);
        assert_eq!(entries(project).len(), 2);
        // What others changed elsewhere meanwhile stays.
        let patches = file(project, &[append("## Steps", "- three")]);
        let script = format!(
            "EDITOR= {} patch {patches} -q >/dev/null && printf 'Really.\\n' >> \"$1\"",
            env!("CARGO_BIN_EXE_procside")
        );
        let output = edit(&script);
        assert_eq!(output.code, Some(0), "{output:#?}");
        let text = PLAN.replace("- two\n", "- two\n- three\n");
        assert_eq!(doc(project), format!("{text}The end.\nReally.\n"));
        let output = project.run(&["doc", "--edit"]);
        assert_eq!(output.code, Some(6), "no editor is named: {output:#?}");
    });
}

#[test]
fn an_id_that_was_applied_is_applied_once() {
    on_each_plan(|project| {
        let batch = json!({"id": "b1", "patches": [append("## Steps", "- three")]});
        let patches = write(project, &batch);
        let number = |data: &Value| data["number"].clone();
        assert_eq!(number(&project.data(&["patch", patches])), json!(2));
        let again = project.data(&["patch", patches]);
        assert_eq!(
            (number(&again), &again["already_applied"]),
            (Value::Null, &json!(true)),
            "{again}"
        );
        assert!(project.ok(&["patch", patches]).stdout.contains("already"));
        // An undo does not make an id new.
        project.ok(&["undo"]);
        assert_eq!(number(&project.data(&["patch", patches])), Value::Null);
        assert_eq!(doc(project), PLAN);
        let mut one = append("## Steps", "- four");
        one["id"] = json!("p1");
        let mut two = append("## Steps", "- five");
        two["id"] = json!("p2");
        project.ok(&["patch", file(project, &[one.clone()])]);
        project.ok(&["patch", file(project, &[one, two])]);
        assert_eq!(doc(project), PLAN.replace("- two\n", "- two\n- four\n- five\n"));
        let ids = column(&project.data(&["patches"])["patches"], "id");
        assert_eq!(ids, ["null", "b1", "null", "p1", "p2"]);
    });
}

#[test]
fn the_inverse_of_a_process_s_patch_fits_until_something_else_is_changed() {
    on_each_plan(|project| {
        let patches = file(project, &[append("## Steps", "- three")]);
        project.ok(&["patch", patches, "--inverse", "back.json"]);
        project.ok(&["patch", "back.json"]);
        assert_eq!(doc(project), PLAN);
        let error = project.refused(4, "stale", &["patch", "back.json"]);
        assert_eq!(error["details"]["text"], PLAN);
        assert_eq!(entries(project), ["1 set", "2 patch", "3 patch"]);
        project.refused(6, "invalid", &["patch", "proc-001", patches, "--in-place"]);
        // Where the inverse cannot be written, nothing is changed.
        std::fs::create_dir_all(project.path("folder")).expect("a folder can be made");
        project.refused(6, "invalid", &["patch", patches, "--inverse", "folder"]);
        assert_eq!(doc(project), PLAN);
    });
}

#[test]
fn several_processes_have_documents_of_their_own() {
    on_each_plan(|project| {
        project.ok(&["init", "--name", "Other"]);
        let patches = file(project, &[append("", "# Other")]);
        project.ok(&["patch", patches]);
        project.ok(&["patch", "proc-001", file(project, &[update("## Risks", "None.", "One.")])]);
        assert_eq!(project.ok(&["doc"]).stdout, "# Other\n");
        assert_eq!(doc(project), PLAN.replace("None.", "One."));
        project.ok(&["clone", "proc-001"]);
        project.refused(3, "not_found", &["doc", "proc-003"]);
        project.refused(3, "not_found", &["doc", "proc-009"]);
        project.refused(6, "invalid", &["doc", "nonsense"]);
        project.refused(3, "not_found", &["patches", "proc-009"]);
    });
}
