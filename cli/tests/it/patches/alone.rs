//! Documents that belong to no process and need no project.

use serde_json::{Value, json};

use super::{PLAN, append, file, update, with_stdin};
use crate::project::{Project, texts};

fn nowhere(text: &str) -> Project {
    let project = Project::nowhere();
    project.write("plan.md", text);
    project
}

#[test]
fn the_patched_document_is_printed_and_nothing_is_written() {
    let project = nowhere(PLAN);
    let patches =
        file(&project, &[append("## Steps", "- three"), update("## Risks", "None.", "Few.")]);
    let before = project.tree();
    let output = project.ok(&["patch", "plan.md", patches]);
    assert_eq!(output.stdout, PLAN.replace("- two\n", "- two\n- three\n").replace("None.", "Few."));
    assert_eq!(output.stderr, "");
    assert_eq!(project.tree(), before, "there was no project, and there is none");
    let data = project.data(&["patch", "plan.md", patches]);
    assert_eq!(data["document"], output.stdout.as_str());
    assert_eq!(data["splices"].as_array().map(Vec::len), Some(2));
    for key in ["hash_before", "hash_after", "changed", "matched_with", "warnings"] {
        assert!(data.get(key).is_some(), "{key} in {data}");
    }
    assert_eq!(project.tree(), before);
}

#[test]
fn in_place_replaces_the_file_and_prints_no_document() {
    let project = nowhere(PLAN);
    let patches = file(&project, &[append("## Steps", "- three")]);
    let data = project.data(&["patch", "plan.md", patches, "--in-place", "--dry-run"]);
    assert!(data.get("document").is_none(), "{data}");
    assert_eq!(project.read("plan.md"), PLAN, "a dry run writes nothing");
    let data = project.data(&["patch", "plan.md", patches, "--in-place"]);
    assert!(data.get("document").is_none(), "{data}");
    assert_eq!(project.read("plan.md"), PLAN.replace("- two\n", "- two\n- three\n"));
    // Nothing stays beside it.
    let names: Vec<String> = project.tree().into_keys().collect();
    assert_eq!(names, ["patches.json", "plan.md"]);
}

#[test]
fn a_batch_of_which_one_patch_is_refused_changes_nothing() {
    let project = nowhere(PLAN);
    let patches = file(&project, &[append("## Steps", "- three"), append("## Nothing", "x")]);
    let before = project.tree();
    let args = ["patch", "plan.md", patches, "--in-place", "--inverse", "back.json"];
    let error = project.refused(6, "location_not_found", &args);
    assert_eq!(error["details"]["index"], 1);
    assert_eq!(project.tree(), before, "neither the document nor its inverse");
}

#[test]
fn the_inverse_brings_every_byte_back_and_fits_that_text_alone() {
    let texts = [
        PLAN.to_owned(),
        PLAN.replace('\n', "\r\n"),
        PLAN.trim_end().to_owned(),
        format!("\u{feff}---\na: 1\n---\n{PLAN}"),
        PLAN.replace("None.", "Keine \u{e4}\u{1f600}  \t"),
    ];
    for text in texts {
        let project = nowhere(&text);
        let patches = file(
            &project,
            &[
                append("## Steps", "- three\n- four"),
                json!({"operation": "delete", "location": "## Risks"}),
                json!({"operation": "insert", "location": "# Plan", "content": "First.\n\n## New\n\nx"}),
            ],
        );
        project.ok(&["patch", "plan.md", patches, "--in-place", "--inverse", "back.json"]);
        let patched = project.read("plan.md");
        assert_ne!(patched, text);
        // The inverse of the inverse makes it anew.
        let back = ["patch", "plan.md", "back.json", "--in-place", "--inverse", "again.json"];
        project.ok(&back);
        assert_eq!(project.read("plan.md"), text);
        let error = project.refused(6, "stale", &back);
        assert_eq!(error["details"]["text"], text.as_str(), "{error}");
        assert_eq!(project.read("plan.md"), text);
        project.ok(&["patch", "plan.md", "again.json", "--in-place"]);
        assert_eq!(project.read("plan.md"), patched);
    }
}

#[test]
fn line_endings_and_a_missing_last_newline_stay_as_they_are() {
    let project = nowhere(&PLAN.replace('\n', "\r\n"));
    let patches = file(&project, &[update("## Steps", "- one\n- two", "- one\n- 2")]);
    let printed = project.ok(&["patch", "plan.md", patches]).stdout;
    assert_eq!(printed, PLAN.replace("- two", "- 2").replace('\n', "\r\n"));
    let project = nowhere("# Plan\n\none");
    let patches = file(&project, &[update("# Plan", "one", "two")]);
    assert_eq!(project.ok(&["patch", "plan.md", patches]).stdout, "# Plan\n\ntwo");
}

#[test]
fn a_hyphen_is_stdin_for_the_patches_or_the_document_but_not_for_both() {
    let project = nowhere(PLAN);
    let patches = json!([append("## Steps", "- three")]).to_string();
    let expected = PLAN.replace("- two\n", "- two\n- three\n");
    assert_eq!(with_stdin(&project, &["patch", "plan.md", "-"], &patches).stdout, expected);
    project.write("patches.json", &patches);
    assert_eq!(with_stdin(&project, &["patch", "-", "patches.json"], PLAN).stdout, expected);
    for args in [&["patch", "-", "-"][..], &["patch", "-", "patches.json", "--in-place"]] {
        let output = with_stdin(&project, args, PLAN);
        assert_eq!(output.code, Some(6), "{output:#?}");
        assert!(!project.exists("-"));
    }
}

#[test]
fn what_is_no_utf_8_no_json_or_too_long_is_told_as_such() {
    let project = nowhere(PLAN);
    project.write("latin.md", b"# Plan\n\n\xe4\n");
    let patches = file(&project, &[append("# Plan", "x")]);
    let error = project.refused(6, "invalid_patch", &["patch", "latin.md", patches]);
    assert!(error["message"].as_str().is_some_and(|text| text.contains("byte 8")), "{error}");
    project.write("latin.json", b"[\"\xe4\"]");
    project.refused(6, "invalid_patch", &["patch", "plan.md", "latin.json"]);
    for broken in ["", "[", "{}", "7", "[{}]", "[1]", "\"x\"", "{\"patches\": 1}", "[] []"] {
        project.write("broken.json", broken);
        project.refused(6, "invalid_patch", &["patch", "plan.md", "broken.json"]);
    }
    project.write("long.md", "x".repeat((16 << 20) + 1));
    project.refused(6, "invalid_patch", &["patch", "long.md", patches]);
    assert_eq!(project.data(&["patch", "plan.md", file(&project, &[])])["document"], PLAN);
}

#[test]
fn what_is_not_there_or_no_file_is_told_as_such() {
    let project = nowhere(PLAN);
    let patches = file(&project, &[append("# Plan", "x")]);
    project.refused(3, "not_found", &["patch", "none.md", patches]);
    project.refused(3, "not_found", &["patch", "plan.md", "none.json"]);
    project.refused(3, "not_found", &["patch", patches]);
    project.refused(3, "not_found", &["patch", "proc-001", patches]);
    project.refused(3, "not_found", &["doc"]);
    project.refused(3, "not_found", &["undo"]);
    assert!(!project.exists(".ai"), "no project was made");
    // Where processes are kept does not matter to a file.
    project.ok(&["patch", "plan.md", patches, "--store", "sqlite:none.db"]);
    project.refused(3, "not_found", &["patch", patches, "--store", "sqlite:none.db"]);
    assert!(!project.exists("none.db"));
    std::fs::create_dir(project.path("folder.md")).expect("a folder can be made");
    project.refused(6, "invalid", &["patch", "folder.md", patches]);
    std::os::unix::fs::symlink("plan.md", project.path("link.md")).expect("a link can be made");
    project.refused(6, "invalid", &["patch", "link.md", patches, "--in-place"]);
    assert_eq!(project.read("plan.md"), PLAN);
}

#[test]
fn a_project_that_cannot_be_read_does_not_stand_in_the_way_of_a_file() {
    let project = nowhere(PLAN);
    let patches = file(&project, &[append("## Steps", "- three")]);
    let expected = PLAN.replace("- two\n", "- two\n- three\n");
    project.write(".procside.yaml", "store: nonsense:\n  - x");
    assert_eq!(project.ok(&["patch", "plan.md", patches]).stdout, expected);
    project.write(".ai/registry.yaml", "format: 99\nbroken: [");
    assert_eq!(project.ok(&["patch", "plan.md", patches]).stdout, expected);
}

#[test]
fn the_three_shapes_of_a_batch_do_the_same() {
    let project = nowhere(PLAN);
    let patches = json!([append("## Steps", "- three")]);
    let printed = |batch: &Value| {
        project.write("batch.json", batch.to_string());
        project.ok(&["patch", "plan.md", "batch.json"]).stdout
    };
    let expected = PLAN.replace("- two\n", "- two\n- three\n");
    assert_eq!(printed(&patches), expected);
    assert_eq!(printed(&json!({"patches": patches})), expected);
    assert_eq!(printed(&json!({"mini_process": {"patches": patches}})), expected);
}

#[test]
fn each_patch_may_have_a_result_of_its_own() {
    let project = nowhere(PLAN);
    let patches = json!([append("## Nothing", "x"), append("## Steps", "- three")]);
    project.write("each.json", json!({"mode": "each", "patches": patches}).to_string());
    let data = project.data(&["patch", "plan.md", "each.json"]);
    assert_eq!(data["document"], PLAN.replace("- two\n", "- two\n- three\n"));
    assert_eq!(data["patches"][0]["status"], "refused", "{data}");
    assert_eq!(data["patches"][0]["error"]["kind"], "location_not_found", "{data}");
    assert_eq!(data["patches"][1], json!({"status": "applied"}));
}

#[test]
fn a_base_hash_and_relaxed_matching_are_options_as_well() {
    let project = nowhere("# Plan\n\nIt\u{2019}s here.\n");
    let patches = file(&project, &[update("# Plan", "It's here.", "Gone.")]);
    project.refused(6, "content_not_found", &["patch", "plan.md", patches]);
    let data = project.data(&["patch", "plan.md", patches, "--relaxed", "2"]);
    assert_eq!(data["document"], "# Plan\n\nGone.\n");
    assert!(!texts(&data["matched_with"]).is_empty(), "{data}");
    assert_eq!(project.run(&["patch", "plan.md", patches, "--relaxed", "4"]).code, Some(2));
    let hash = data["hash_before"].as_str().expect("it is there").to_owned();
    let args = ["patch", "plan.md", patches, "--relaxed", "2", "--base-hash"];
    project.ok(&[&args[..], &[hash.as_str()]].concat());
    project.ok(&[&args[..], &[hash.to_uppercase().as_str()]].concat());
    let other = "0".repeat(64);
    let error = project.refused(6, "stale", &[&args[..], &[other.as_str()]].concat());
    assert_eq!(error["details"]["hash"], hash.as_str());
    assert_eq!(error["details"]["index"], Value::Null);
}

#[test]
fn the_difference_is_shown_line_by_line() {
    let project = nowhere(PLAN);
    let patches = file(&project, &[append("## Steps", "- three")]);
    let printed = project.ok(&["patch", "plan.md", patches, "--diff"]).stdout;
    assert_eq!(
        printed,
        "--- a/plan.md\n+++ b/plan.md\n@@ -6,6 +6,7 @@\n \n - one\n - two\n+- three\n \n ## Risks\n \n"
    );
    assert_eq!(project.read("plan.md"), PLAN);
}

#[test]
fn a_file_of_the_project_is_never_replaced() {
    let project = Project::new();
    let patches = file(&project, &[append("", "# Plan")]);
    project.ok(&["patch", patches]);
    let before = project.content();
    let own = ".ai/processes/proc-001.md";
    project.refused(6, "invalid", &["patch", own, patches, "--in-place"]);
    project.refused(6, "invalid", &["patch", own, patches, "--inverse", ".ai/back.json"]);
    assert_eq!(project.content(), before);
    assert_eq!(project.ok(&["patch", own, patches]).stdout, "# Plan\n\n# Plan\n");
}
