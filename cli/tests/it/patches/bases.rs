//! Patches that were made for an older text.

use serde_json::json;

use super::{PLAN, append, doc, entries, file, on_each_plan, update, write};

#[test]
fn a_patch_of_an_older_text_is_brought_to_the_one_of_today() {
    on_each_plan(|project| {
        let base = project.data(&["doc"])["hash"].as_str().expect("it is there").to_owned();
        project.ok(&["patch", file(project, &[append("## Steps", "- three")])]);
        let patches = file(project, &[update("## Risks", "None.", "One.")]);
        let data = project.data(&["patch", patches, "--base-hash", &base]);
        assert_eq!(data["number"], 3);
        let text = PLAN.replace("- two\n", "- two\n- three\n").replace("None.", "One.");
        assert_eq!(doc(project), text);
        // The hash may stand with the patches as well.
        let batch = json!({"base_hash": base, "patches": [update("## Steps", "- one", "- 1")]});
        project.ok(&["patch", write(project, &batch)]);
        assert_eq!(doc(project), text.replace("- one", "- 1"));
        assert_eq!(entries(project).len(), 4);
    });
}

#[test]
fn what_overlaps_is_a_conflict_that_shows_all_sides() {
    on_each_plan(|project| {
        let base = project.data(&["doc"])["hash"].as_str().expect("it is there").to_owned();
        project.ok(&["patch", file(project, &[update("## Risks", "None.", "Some.")])]);
        let ours = doc(project);
        let patches =
            file(project, &[append("## Steps", "- three"), update("## Risks", "None.", "Many.")]);
        let args = ["patch", patches, "--base-hash", &base, "--inverse", "back.json"];
        let error = project.refused(4, "conflict", &args);
        let conflict = &error["details"]["conflicts"][0];
        assert_eq!(conflict["index"], 1, "{error}");
        for (key, text) in [("base", "None."), ("ours", "Some."), ("theirs", "Many.")] {
            assert!(conflict[key].as_str().is_some_and(|side| side.contains(text)), "{error}");
        }
        assert_eq!(doc(project), ours, "no part of it was applied, and there are no markers");
        assert_eq!(entries(project), ["1 set", "2 patch"]);
        assert!(!project.exists("back.json"));
    });
}

#[test]
fn a_text_that_the_document_never_had_is_stale() {
    on_each_plan(|project| {
        let patches = file(project, &[append("## Steps", "- three")]);
        let other = "0".repeat(64);
        let error = project.refused(4, "stale", &["patch", patches, "--base-hash", &other]);
        assert_eq!(error["details"]["text"], PLAN, "{error}");
        assert_eq!(entries(project), ["1 set"]);
    });
}
