//! Taking changes back and making them anew.

use serde_json::json;

use super::{PLAN, append, doc, entries, file, on_each, on_each_plan, update, write};
use crate::project::{Project, column};

#[test]
fn undo_and_redo_walk_over_the_entries_of_the_document() {
    on_each_plan(|project| {
        let mut texts = vec![String::new(), PLAN.to_owned()];
        for content in ["- three", "- four"] {
            project.ok(&["patch", file(project, &[append("## Steps", content)])]);
            texts.push(doc(project));
        }
        for number in (0..3).rev() {
            let data = project.data(&["undo", "--by", "ada"]);
            assert_eq!(data["of"], number + 1);
            assert_eq!(data["document"], texts[number].as_str());
            assert_eq!(doc(project), texts[number]);
        }
        project.refused(4, "conflict", &["undo"]);
        for text in &texts[1..] {
            assert_eq!(project.data(&["redo"])["document"], text.as_str());
        }
        project.refused(4, "conflict", &["redo"]);
        assert_eq!(
            entries(project),
            [
                "1 set",
                "2 patch",
                "3 patch",
                "4 undo of 3",
                "5 undo of 2",
                "6 undo of 1",
                "7 redo of 1",
                "8 redo of 2",
                "9 redo of 3"
            ]
        );
        let by = column(&project.data(&["patches"])["patches"], "by");
        assert_eq!(by[3], "ada");
        project.ok(&["doctor"]);
    });
}

#[test]
fn a_new_patch_ends_redo_but_the_old_branch_stays_reachable() {
    on_each_plan(|project| {
        project.ok(&["patch", file(project, &[append("## Steps", "- three")])]);
        project.ok(&["undo"]);
        project.ok(&["patch", file(project, &[update("## Risks", "None.", "One.")])]);
        project.refused(4, "conflict", &["redo"]);
        project.ok(&["redo", "--patch", "2"]);
        let text = PLAN.replace("- two\n", "- two\n- three\n").replace("None.", "One.");
        assert_eq!(doc(project), text);
        assert_eq!(entries(project), ["1 set", "2 patch", "3 undo of 2", "4 patch", "5 redo of 2"]);
    });
}

#[test]
fn an_older_entry_is_taken_back_alone_or_its_followers_are_named() {
    on_each_plan(|project| {
        project.ok(&["patch", file(project, &[update("## Risks", "None.", "One.")])]);
        project.ok(&["patch", file(project, &[append("## Steps", "- three")])]);
        project.ok(&["patch", file(project, &[update("## Risks", "One.", "One or two.")])]);
        let before = doc(project);
        let error = project.refused(4, "conflict", &["undo", "--patch", "2"]);
        assert_eq!(error["details"]["later"], json!([4]), "{error}");
        assert_eq!(doc(project), before);
        project.ok(&["undo", "--patch", "3"]);
        assert_eq!(doc(project), PLAN.replace("None.", "One or two."));
        project.ok(&["undo", "--patch", "4"]);
        project.ok(&["undo", "--patch", "2"]);
        assert_eq!(doc(project), PLAN);
        project.refused(4, "conflict", &["undo", "--patch", "2"]);
        project.refused(4, "conflict", &["redo", "--patch", "1"]);
        project.refused(6, "invalid", &["undo", "--patch", "5"]);
        project.refused(3, "not_found", &["undo", "--patch", "99"]);
        project.refused(3, "not_found", &["redo", "--patch", "0"]);
        assert_eq!(project.run(&["undo", "--patch", "x"]).code, Some(2));
    });
}

#[test]
fn entries_of_the_document_and_of_the_process_are_counted_together() {
    on_each(|project| {
        project.ok(&["add-step", "One"]);
        project.ok(&["patch", file(project, &[append("", "# Plan")])]);
        let rename = write(
            project,
            &json!([
                {"op": "replace", "path": "/steps/by-id/s1/name", "value": "First"},
                {"op": "add", "path": "/goal", "value": "Good"},
            ]),
        );
        project.ok(&["patch", "--process-patch", rename]);
        project.ok(&["patch", file(project, &[append("# Plan", "x")])]);
        let targets = column(&project.data(&["patches"])["patches"], "target");
        assert_eq!(targets, ["document", "process", "document"]);
        let name = || project.process()["steps"][0]["name"].clone();
        assert_eq!(project.data(&["undo"])["of"], 3);
        let undone = project.data(&["undo"]);
        assert_eq!((&undone["of"], undone.get("document")), (&json!(2), None));
        assert_eq!((name(), project.process()["goal"].clone()), (json!("One"), json!("")));
        assert_eq!(doc(project), "# Plan\n");
        assert_eq!(project.data(&["redo"])["of"], 2);
        assert_eq!(name(), "First");
        assert_eq!(project.data(&["redo"])["of"], 3);
        assert_eq!(doc(project), "# Plan\n\nx\n");
        project.ok(&["undo", "--patch", "2"]);
        assert_eq!(name(), "One");
        assert_eq!(
            project.refused(4, "conflict", &["undo", "--patch", "1"])["details"]["later"],
            json!([3])
        );
    });
}

#[test]
fn an_entry_of_the_process_is_taken_back_from_under_later_ones() {
    on_each(|project| {
        project.ok(&["add-step", "One"]);
        let patch = |batch: serde_json::Value| {
            project.ok(&["patch", "--process-patch", write(project, &batch)]);
        };
        patch(json!({"name": "Second", "goal": "Good"}));
        patch(json!([{"op": "replace", "path": "/name", "value": "Third"}]));
        project.ok(&["add-step", "Two"]);
        let error = project.refused(4, "conflict", &["undo", "--patch", "1"]);
        assert_eq!(error["details"]["later"], json!([2]), "{error}");
        project.ok(&["undo", "--patch", "2"]);
        project.ok(&["undo", "--patch", "1"]);
        let process = project.process();
        assert_eq!((&process["name"], &process["goal"]), (&json!("Work"), &json!("")));
        assert_eq!(column(&process["steps"], "name"), ["One", "Two"], "the others stay");
        project.ok(&["doctor"]);
    });
}

#[test]
fn a_process_without_entries_has_nothing_to_turn() {
    let project = Project::with_steps(&["One"]);
    assert_eq!(project.data(&["patches"])["patches"], json!([]));
    project.refused(4, "conflict", &["undo"]);
    project.refused(4, "conflict", &["redo"]);
    project.refused(3, "not_found", &["undo", "--patch", "1"]);
    assert!(project.ok(&["patches"]).stdout.contains("nothing"));
}
