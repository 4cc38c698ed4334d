//! Changing a process as a document.

use expect_test::{Expect, expect};
use process_core::{ProcessStatus, StepStatus};
use serde_json::{Value, json};

use super::bench::{Bench, at, claim, edit, id, remove, set};
use crate::RejectedKind;

/// Edits a process of the steps `a` (completed at 10:01), `b` and `c`.
fn check(patch: Value, expect: Expect) -> Bench {
    let mut bench = Bench::with(&["a", "b", "c"]);
    bench.does(set("a", StepStatus::Completed));
    let said = match bench.tries("ada", edit(patch)) {
        Ok(facts) => facts,
        Err(rejected) => {
            assert_eq!(rejected.kind(), RejectedKind::Invalid);
            rejected.to_string()
        }
    };
    expect.assert_eq(&said);
    bench
}

#[test]
fn the_event_holds_the_smallest_change() {
    check(
        json!([
            {"op": "replace", "path": "/name", "value": "Move out"},
            {"op": "add", "path": "/owner", "value": {"name": "ben"}},
            {"op": "replace", "path": "/goal", "value": ""},
        ]),
        expect![[r#"
            edited patch=[{"op":"replace","path":"/name","value":"Move out"},{"op":"add","path":"/owner","value":{"name":"ben"}}]
        "#]],
    );
}

#[test]
fn an_edit_that_changes_nothing_is_no_event() {
    check(json!([]), expect![""]);
    check(json!([{"op": "replace", "path": "/revision", "value": 99}]), expect![""]);
}

#[test]
fn a_status_set_by_hand_brings_its_instants_along() {
    let bench = check(
        json!([
            {"op": "replace", "path": "/steps/1/status", "value": "in_progress"},
            {"op": "replace", "path": "/steps/2/status", "value": "done"},
            {"op": "replace", "path": "/steps/0/status", "value": "pending"},
        ]),
        expect![[r#"
            edited patch=[{"op":"replace","path":"/steps/0/status","value":"pending"},{"op":"remove","path":"/steps/0/completedAt"},{"op":"replace","path":"/steps/1/status","value":"in_progress"},{"op":"add","path":"/steps/1/startedAt","value":"2026-02-10T10:02:00.000Z"},{"op":"replace","path":"/steps/2/status","value":"completed"},{"op":"add","path":"/steps/2/completedAt","value":"2026-02-10T10:02:00.000Z"}]
        "#]],
    );
    assert_eq!(bench.step("b").started_at, Some(at("10:02")));
    assert_eq!(bench.step("c").completed_at, Some(at("10:02")));
    assert_eq!(bench.step("a").completed_at, None);
}

#[test]
fn instants_that_the_edit_sets_itself_stand() {
    let bench = check(
        json!([
            {"op": "replace", "path": "/steps/1/status", "value": "completed"},
            {"op": "add", "path": "/steps/1/completedAt", "value": "2026-02-09T00:00:00Z"},
        ]),
        expect![[r#"
            edited patch=[{"op":"replace","path":"/steps/1/status","value":"completed"},{"op":"add","path":"/steps/1/completedAt","value":"2026-02-09T00:00:00Z"}]
        "#]],
    );
    let completed_at = bench.step("b").completed_at.as_ref().map(process_core::Timestamp::as_str);
    assert_eq!(completed_at, Some("2026-02-09T00:00:00Z"));
}

#[test]
fn ending_a_step_by_hand_ends_its_claim() {
    let mut bench = Bench::with(&["a", "b"]);
    bench.does(claim("a", 60));
    bench.does(edit(json!([{"op": "replace", "path": "/steps/0/status", "value": "completed"}])));
    assert_eq!(bench.step("a").claim, None);
}

#[test]
fn the_status_of_the_process_follows_unless_the_edit_sets_it() {
    let ended = |status: Option<&str>| {
        let mut patch = json!([
            {"op": "replace", "path": "/steps/1/status", "value": "completed"},
            {"op": "replace", "path": "/steps/2/status", "value": "skipped"},
        ]);
        if let (Some(status), Some(list)) = (status, patch.as_array_mut()) {
            list.push(json!({"op": "replace", "path": "/status", "value": status}));
        }
        patch
    };
    let bench = check(
        ended(None),
        expect![[r#"
        edited patch=[{"op":"replace","path":"/steps/1/status","value":"completed"},{"op":"add","path":"/steps/1/completedAt","value":"2026-02-10T10:02:00.000Z"},{"op":"replace","path":"/steps/2/status","value":"skipped"},{"op":"add","path":"/steps/2/completedAt","value":"2026-02-10T10:02:00.000Z"}]
        process_completed
    "#]],
    );
    assert_eq!(bench.process().status, ProcessStatus::Completed);
    let bench = check(
        ended(Some("paused")),
        expect![[r#"
        edited patch=[{"op":"replace","path":"/status","value":"paused"},{"op":"replace","path":"/steps/1/status","value":"completed"},{"op":"add","path":"/steps/1/completedAt","value":"2026-02-10T10:02:00.000Z"},{"op":"replace","path":"/steps/2/status","value":"skipped"},{"op":"add","path":"/steps/2/completedAt","value":"2026-02-10T10:02:00.000Z"}]
    "#]],
    );
    assert_eq!(bench.process().status, ProcessStatus::Paused);
}

#[test]
fn a_status_set_by_hand_stays_while_the_steps_do() {
    let mut bench = check(
        json!([{"op": "replace", "path": "/status", "value": "completed"}]),
        expect![[r#"
            edited patch=[{"op":"replace","path":"/status","value":"completed"}]
        "#]],
    );
    bench.does(edit(json!([{"op": "replace", "path": "/goal", "value": "Boxes"}])));
    assert_eq!(bench.process().status, ProcessStatus::Completed);
    bench.does(set("b", StepStatus::InProgress));
    assert_eq!(bench.process().status, ProcessStatus::InProgress);
}

#[test]
fn every_reason_against_an_edit_is_told_at_once() {
    let mut bench = Bench::with(&["a", "gone", "c"]);
    bench.does(remove("gone"));
    let (kind, message) = bench.refuses(edit(json!([
        {"op": "replace", "path": "/uid", "value": "00000000-0000-0000-0000-00000000000f"},
        {"op": "add", "path": "/archivedAt", "value": "2026-02-10T10:00:00Z"},
        {"op": "add", "path": "/steps/-", "value": {"id": "gone", "name": "Back"}},
        {"op": "replace", "path": "/steps/0/status", "value": "compensated"},
    ])));
    assert_eq!(kind, RejectedKind::Invalid);
    expect![[r#"
        `uid` cannot be changed
        `archivedAt` is set by `procside archive` and `restore`
        step id `gone` was used before and is not reused
        step `a` is pending and cannot become compensated by hand"#]]
    .assert_eq(&message.replace("; ", "\n"));
}

#[test]
fn every_mistake_of_the_document_is_told_at_once() {
    check(
        json!([
            {"op": "replace", "path": "/name", "value": 7},
            {"op": "replace", "path": "/steps/1/status", "value": "odd"},
            {"op": "replace", "path": "/steps/2/id", "value": "a"},
            {"op": "replace", "path": "/id", "value": "proc-002"},
        ]),
        expect![[
            r#"`id` is "proc-002", but this is the place of proc-001; `name` of a process must be text, not a number; step `b` has the unknown status "odd"; step id `a` stands twice"#
        ]],
    );
}

#[test]
fn what_is_no_patch_or_does_not_fit_is_refused() {
    check(
        json!({"op": "remove"}),
        expect!["the patch is no RFC 6902 patch: invalid type: map, expected a sequence"],
    );
    check(
        json!([{"op": "remove", "path": "/nothing"}]),
        expect![
            "the patch does not fit: operation '/0' failed at path '/nothing': path is invalid"
        ],
    );
    check(
        json!([{"op": "replace", "path": "", "value": []}]),
        expect!["a process must be a map, not a list"],
    );
}

#[test]
fn a_patch_that_cannot_be_undone_is_refused_like_any_other() {
    check(
        json!([
            {"op": "move", "from": "/name", "path": ""},
            {"op": "add", "path": "/", "value": null},
        ]),
        expect!["the patch does not fit: operation '/1' failed at path '/': path is invalid"],
    );
}

#[test]
fn steps_are_added_moved_and_removed_by_their_ids() {
    let mut bench = check(
        json!([
            {"op": "move", "from": "/steps/2", "path": "/steps/0"},
            {"op": "remove", "path": "/steps/2"},
            {"op": "add", "path": "/steps/1", "value": {"id": "s5", "name": "Five", "status": "completed"}},
        ]),
        expect![[r#"
            edited patch=[{"op":"replace","path":"/steps/0/id","value":"c"},{"op":"replace","path":"/steps/0/name","value":"C"},{"op":"replace","path":"/steps/0/status","value":"pending"},{"op":"remove","path":"/steps/0/completedAt"},{"op":"replace","path":"/steps/1/id","value":"s5"},{"op":"replace","path":"/steps/1/name","value":"Five"},{"op":"replace","path":"/steps/1/status","value":"completed"},{"op":"replace","path":"/steps/2/id","value":"a"},{"op":"replace","path":"/steps/2/name","value":"A"},{"op":"replace","path":"/steps/2/status","value":"completed"},{"op":"add","path":"/steps/2/completedAt","value":"2026-02-10T10:01:00.000Z"}]
        "#]],
    );
    assert_eq!(bench.order(), "c s5 a");
    assert_eq!(bench.refuses(set("b", StepStatus::Completed)).1, "step `b` was removed");
    assert_eq!(bench.process().position(&id("s5")), Some(1));
}
