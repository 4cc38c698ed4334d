//! Every way in which patches are refused: the same for a file and for the document of a process.

use serde_json::{Value, json};

use super::{append, file, on_each, update};
use crate::project::Project;

/// A document in which every mistake can be made.
const TEXT: &str = "# Plan\n\nThe start.\n\n## Steps\n\nOne.\n\nOne.\n\n## Notes\n\nA.\n\n# Other\n\n## Notes\n\nB.\n";

/// Each kind, with a patch that is refused so.
fn cases() -> Vec<(&'static str, Value)> {
    vec![
        ("ambiguous_content", update("## Steps", "One.", "Two.")),
        ("ambiguous_location", append("## Notes", "x")),
        ("ambiguous_parent", json!({"operation": "insert", "location": "### New", "content": "x"})),
        ("breaks_structure", append("## Steps", "```\nopen")),
        ("content_not_found", update("## Steps", "Three.", "Two.")),
        ("invalid_location", append("####### Deep", "x")),
        ("invalid_patch", json!({"operation": "append", "location": "## Steps"})),
        ("invalid_patch", json!({"operation": "rewrite", "location": "## Steps"})),
        ("level_escape", append("## Steps", "## Another")),
        ("location_not_found", append("## Step", "x")),
        (
            "stale",
            json!({"operation": "append", "location": "## Steps", "content": "x", "section_hash": "0".repeat(64)}),
        ),
    ]
}

#[track_caller]
fn check(project: &Project, target: &str) {
    let before = project.content();
    for (kind, patch) in cases() {
        // A patch before it makes the index one that says something.
        let patches = file(project, &[update("# Plan", "The start.", "The begin."), patch.clone()]);
        let error = project.refused(6, kind, &["patch", target, patches]);
        assert_eq!(error["details"]["index"], 1, "{patch}: {error}");
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        assert!(error["details"]["for_model"].is_string(), "{error}");
        if !matches!(kind, "invalid_location" | "invalid_patch") {
            assert!(error["hint"].is_string(), "{kind}: {error}");
        }
        let output = project.run(&["patch", target, patches]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(6), ""), "{output:#?}");
        assert!(output.stderr.starts_with("error: "), "{output:#?}");
        project.write("patches.json", "");
        assert_eq!(project.content(), before, "{kind} changed something");
    }
}

#[test]
fn every_kind_has_its_name_its_index_and_advice() {
    let project = Project::nowhere();
    project.write("plan.md", TEXT);
    project.write("patches.json", "");
    check(&project, "plan.md");
}

#[test]
fn a_process_refuses_the_same() {
    on_each(|project| {
        project.write("plan.md", TEXT);
        project.write("patches.json", "");
        project.ok(&["doc", "--set", "plan.md"]);
        let entries = project.data(&["patches"]);
        check_in_store(project);
        assert_eq!(project.data(&["patches"]), entries, "what is refused is no entry");
        assert_eq!(super::doc(project), TEXT);
    });
}

/// In SQLite the files of the database change whatever is done; only what is kept counts.
#[track_caller]
fn check_in_store(project: &Project) {
    for (kind, patch) in cases() {
        let patches = file(project, &[update("# Plan", "The start.", "The begin."), patch.clone()]);
        let output = project.run(&["patch", "proc-001", patches, "--json"]);
        let error = &output.envelope()["error"];
        assert_eq!(error["kind"], kind, "{error}");
        let code = if kind == "stale" { 4 } else { 6 };
        assert_eq!(output.code, Some(code), "{kind}: {error}");
        assert_eq!(error["details"]["index"], 1, "{patch}: {error}");
    }
}

#[test]
fn suggestions_and_places_are_told() {
    let project = Project::nowhere();
    project.write("plan.md", TEXT);
    let refused = |kind: &str, patch: Value| {
        let patches = file(&project, &[patch]);
        project.refused(6, kind, &["patch", "plan.md", patches])["details"].take()
    };
    let details = refused("location_not_found", append("## Step", "x"));
    assert!(details["suggestions"].to_string().contains("Steps"), "{details}");
    let details = refused("ambiguous_location", append("## Notes", "x"));
    assert_eq!(details["matches"].as_array().map(Vec::len), Some(2), "{details}");
    let details = refused("ambiguous_content", update("## Steps", "One.", "Two."));
    assert_eq!(details["matches"].as_array().map(Vec::len), Some(2), "{details}");
}
