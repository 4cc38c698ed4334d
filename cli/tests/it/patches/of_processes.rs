//! Patches of the process itself: RFC 6902 and RFC 7396.

use serde_json::{Value, json};

use super::{entries, on_each, with_stdin, write};
use crate::project::{Project, column, step};

#[track_caller]
fn patch(project: &Project, batch: &Value) -> Value {
    project.data(&["patch", "--process-patch", write(project, batch)])
}

#[test]
fn operations_name_steps_by_their_ids() {
    on_each(|project| {
        project.ok(&["add-step", "One"]);
        project.ok(&["add-step", "Two"]);
        let data = patch(
            project,
            &json!([
                {"op": "test", "path": "/name", "value": "Work"},
                {"op": "replace", "path": "/steps/by-id/s2/name", "value": "Second"},
                {"op": "add", "path": "/steps/by-id/s1/checks/-", "value": "It is green"},
                {"op": "move", "from": "/steps/0", "path": "/steps/1"},
                {"op": "add", "path": "/owner", "value": {"team": "x"}},
            ]),
        );
        assert_eq!(data["number"], 1);
        let process = project.process();
        assert_eq!(data["process"], process);
        assert_eq!(column(&process["steps"], "name"), ["Second", "One"]);
        assert_eq!(step(&process, "s1")["checks"], json!(["It is green"]));
        assert_eq!(process["owner"], json!({"team": "x"}), "unknown keys can be set as well");
        let events = project.data(&["log"])["events"].take();
        let last = events.as_array().and_then(|events| events.last()).expect("there are events");
        assert_eq!(last["type"], "process_patched", "{last}");
        assert!(last["patch"].is_array() && last["inverse"].is_array(), "{last}");
        project.ok(&["undo"]);
        let process = project.process();
        assert_eq!(column(&process["steps"], "name"), ["One", "Two"]);
        assert!(process.get("owner").is_none(), "{process}");
    });
}

#[test]
fn a_map_is_merged_and_null_removes() {
    on_each(|project| {
        patch(project, &json!({"name": "Other", "tags": ["a"], "owner": "me"}));
        let process = project.process();
        assert_eq!((&process["name"], &process["tags"]), (&json!("Other"), &json!(["a"])));
        patch(project, &json!({"owner": null}));
        assert!(project.process().get("owner").is_none());
        let data = patch(project, &json!({"name": "Other"}));
        assert_eq!(data["number"], Value::Null, "what changes nothing is no entry");
        assert_eq!(entries(project), ["1 patch", "2 patch"]);
        let args = ["patch", "--process-patch", "-", "--process", "proc-001"];
        let output = with_stdin(project, &args, "{\"name\": \"Third\"}");
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(project.process()["name"], "Third");
    });
}

#[test]
fn what_is_refused_changes_nothing_and_says_which_operation() {
    on_each(|project| {
        project.ok(&["add-step", "One"]);
        let before = project.process();
        let first = json!({"op": "replace", "path": "/name", "value": "x"});
        let cases = [
            ("location_not_found", json!({"op": "remove", "path": "/steps/by-id/s9"}), Some(1)),
            ("location_not_found", json!({"op": "remove", "path": "/steps/5"}), Some(1)),
            ("stale", json!({"op": "test", "path": "/goal", "value": "x"}), Some(1)),
            ("invalid_patch", json!({"op": "rename", "path": "/goal"}), Some(1)),
            ("invalid", json!({"op": "remove", "path": "/name"}), None),
            ("invalid", json!({"op": "replace", "path": "/id", "value": "proc-002"}), None),
            ("invalid", json!({"op": "replace", "path": "/uid", "value": "x"}), None),
            (
                "invalid",
                json!({"op": "add", "path": "/archivedAt", "value": "2026-01-01T00:00:00Z"}),
                None,
            ),
            ("invalid", json!({"op": "replace", "path": "/steps/0/status", "value": "odd"}), None),
        ];
        for (kind, operation, index) in cases {
            let patches = write(project, &json!([first, operation]));
            let output = project.run(&["patch", "--process-patch", patches, "--json"]);
            let error = output.envelope()["error"].take();
            assert_eq!(error["kind"], kind, "{operation}: {error}");
            let exit = if kind == "stale" { 4 } else { 6 };
            assert_eq!(output.code, Some(exit), "{operation}: {error}");
            if let Some(index) = index {
                assert_eq!(error["details"]["index"], index, "{error}");
            }
            assert_eq!(project.process(), before, "{operation}");
        }
        for broken in ["", "7", "\"x\"", "{"] {
            project.write("broken.json", broken);
            project.refused(6, "invalid_patch", &["patch", "--process-patch", "broken.json"]);
        }
        project.refused(3, "not_found", &["patch", "--process-patch", "none.json"]);
        assert!(entries(project).is_empty());
    });
}
