//! Documents that go with their process into a file and out of it again.

use serde_json::{Value, json};

use super::{PLAN, append, doc, file, on_each_plan, write};
use crate::project::{Project, column};

fn patched(project: &Project) {
    project.ok(&["add-step", "One"]);
    project.ok(&["patch", file(project, &[append("## Steps", "- three")])]);
    project.ok(&["version", "--note", "three"]);
    project.ok(&["patch", "--process-patch", write(project, &json!({"goal": "Good"}))]);
    project.ok(&["undo"]);
    project.ok(&["undo"]);
}

#[test]
fn with_its_history_a_process_brings_its_document_entries_and_versions() {
    on_each_plan(|project| {
        patched(project);
        for format in ["yaml", "json"] {
            project.ok(&["export", "proc-001", "--format", format, "--history", "-o", "out.txt"]);
            for store in ["files", "sqlite:other.db"] {
                let other = Project::nowhere();
                other.write("in.txt", project.read("out.txt"));
                other.ok(&["import", "in.txt", "--store", store]);
                let same = |args: &[&str]| {
                    let args = [args, &["--store", store]].concat();
                    assert_eq!(
                        project.data(&args[..args.len() - 2]),
                        other.data(&args),
                        "{args:?}"
                    );
                };
                same(&["doc"]);
                same(&["patches"]);
                same(&["history"]);
                same(&["log"]);
                same(&["diff", "proc-001", "1", "2"]);
                let redone = other.data(&["redo", "--store", store]);
                assert_eq!(redone["document"], PLAN.replace("- two\n", "- two\n- three\n"));
            }
        }
    });
}

#[test]
fn without_its_history_a_process_brings_its_document() {
    let texts = [
        PLAN.to_owned(),
        String::new(),
        PLAN.replace('\n', "\r\n"),
        "\u{feff}a \u{85}\u{2028}\t \n\n \n".to_owned(),
        "---\na: 1\n---\n\u{7f}".to_owned(),
    ];
    on_each_plan(|project| {
        for text in &texts {
            project.write("any.md", text);
            project.ok(&["doc", "--set", "any.md"]);
            for format in ["yaml", "json"] {
                project.ok(&["export", "proc-001", "--format", format, "-o", "out.txt"]);
                let other = Project::nowhere();
                other.write("in.txt", project.read("out.txt"));
                other.ok(&["import", "in.txt"]);
                assert_eq!(doc(&other), *text, "{format}");
                let process = other.process();
                assert!(process.get("document").is_none(), "{process}");
                // The version that is taken holds it.
                let entries = other.data(&["patches"])["patches"].take();
                assert_eq!(column(&entries, "kind"), ["set"]);
                other.write("any.md", "Other");
                other.ok(&["doc", "--set", "any.md"]);
                other.ok(&["restore", "proc-001", "--version", "1"]);
                assert_eq!(doc(&other), *text);
            }
        }
    });
}

#[test]
fn a_hand_edit_of_the_document_goes_with_the_process() {
    let project = Project::new();
    project.write(".ai/processes/proc-001.md", PLAN);
    project.ok(&["export", "proc-001", "--format", "json", "-o", "out.txt"]);
    let other = Project::nowhere();
    other.write("in.txt", project.read("out.txt"));
    other.ok(&["import", "in.txt", "--dry-run"]);
    assert!(!other.exists(".ai"));
    other.ok(&["import", "in.txt", "--name", "Other"]);
    assert_eq!(doc(&other), PLAN);
    assert_eq!(other.read(".ai/processes/proc-001.md"), PLAN);
    // A process without a document says nothing of one.
    let none = Project::new();
    let text = none.ok(&["export", "proc-001", "--format", "yaml"]).stdout;
    assert!(!text.contains("document"), "{text}");
}

#[test]
fn a_key_document_that_is_no_text_stays_an_unknown_key() {
    let project = Project::new();
    let patch = |value: Value| {
        project.ok(&["patch", "--process-patch", write(&project, &json!({"document": value}))]);
    };
    patch(json!({"page": 1}));
    project.ok(&["export", "proc-001", "--format", "json", "-o", "out.txt"]);
    project.ok(&["import", "out.txt"]);
    let shown = project.data(&["show", "proc-002"]);
    assert_eq!(shown["process"]["document"], json!({"page": 1}));
    project.refused(3, "not_found", &["doc", "proc-002"]);
    // Where it could be taken for the document, nothing is guessed.
    patch(json!("text"));
    project.refused(6, "invalid", &["export", "proc-001", "--format", "json"]);
    project.ok(&["export", "proc-001", "--format", "json", "--history"]);
    project.ok(&["export", "proc-001"]);
    patch(json!({"page": 1}));
    project.ok(&["patch", "proc-001", file(&project, &[append("", "# Plan")])]);
    project.refused(6, "invalid", &["export", "proc-001", "--format", "yaml"]);
}

#[test]
fn an_export_whose_patch_makes_another_process_of_it_is_refused() {
    let project = Project::new();
    project.ok(&["patch", "--process-patch", write(&project, &json!({"goal": "Good"}))]);
    project.ok(&["export", "proc-001", "--format", "json", "--history", "-o", "out.json"]);
    project.edit(
        "out.json",
        "\"path\": \"/goal\",\n          \"value\": \"Good\"",
        "\"path\": \"/uid\",\n          \"value\": \"0195f0c4-2b00-7c3e-9d2a-6f1b8e40a7d1\"",
    );
    let error = project.refused(6, "invalid", &["import", "out.json"]);
    assert!(
        error["message"].as_str().is_some_and(|text| text.contains("another process")),
        "{error}"
    );
}
