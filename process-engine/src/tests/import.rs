//! Taking in processes that were made elsewhere.

use expect_test::expect;
use process_core::{Process, Step, StepStatus, Version, version::NUMBER_MAX};
use serde_json::{Map, json};

use super::bench::{Bench, add, at, create, edit, id, process, restore, set, take};
use crate::{Import, Input, LegacyEntry, RejectedKind};

fn import(process: Process) -> Import {
    Import {
        process,
        source: "file".to_owned(),
        document: None,
        versions: Vec::new(),
        entries: Vec::new(),
        version_reason: None,
    }
}

fn version(number: u64) -> Version {
    Version {
        number,
        snapshot_at: at("08:00"),
        reason: format!("old {number}"),
        process: json!({"id": "main", "name": "Old", "steps": [{"name": "One"}]}),
        document: None,
        extra: Map::new(),
    }
}

fn check(import: Import) -> Bench {
    let mut bench = Bench::empty();
    bench.does(Input::Import(Box::new(import)));
    bench
}

#[test]
fn the_past_comes_first_each_entry_at_its_own_time() {
    let entry = |time: &str| LegacyEntry {
        at: at(time),
        kind: "step_add".to_owned(),
        entry: json!({"raw": "text\n"}),
    };
    let bench = check(Import {
        entries: vec![entry("07:00"), entry("07:30")],
        versions: vec![version(1), version(3)],
        version_reason: Some("Migrated from single-process format".to_owned()),
        ..import(process())
    });
    let lines: String = bench
        .journal
        .iter()
        .map(|event| {
            format!(
                "{} {} {}\n",
                event.seq,
                &event.at.as_str()[11..16],
                super::bench::told(&event.fact)
            )
        })
        .collect();
    expect![[r#"
        1 07:00 legacy_recorded step_add entry={"raw":"text\n"}
        2 07:30 legacy_recorded step_add entry={"raw":"text\n"}
        3 10:00 imported file
        4 10:00 version_imported
        5 10:00 version_imported
        6 10:00 versioned version=4 Migrated from single-process format
    "#]]
    .assert_eq(&lines);
    let numbers: Vec<u64> =
        bench.execution.versions().iter().map(|version| version.number).collect();
    assert_eq!(numbers, [1, 3, 4]);
}

#[test]
fn an_imported_process_keeps_its_instant_of_change() {
    let mut process = process();
    process.updated_at = at("03:00");
    let bench = check(import(process));
    assert_eq!(bench.process().updated_at, at("03:00"));
    assert_eq!(bench.process().revision, 1);
}

#[test]
fn imported_versions_can_be_restored_and_counted_on() {
    let mut bench = check(Import { versions: vec![version(7)], ..import(process()) });
    bench.does(restore(7));
    assert_eq!((bench.process().name.as_str(), bench.order().as_str()), ("Old", "s1"));
    assert_eq!(bench.process().uid, process().uid);
    bench.does(take("next"));
    let numbers: Vec<u64> =
        bench.execution.versions().iter().map(|version| version.number).collect();
    assert_eq!(numbers, [7, 8, 9]);
}

#[test]
fn behind_the_highest_number_there_is_no_version() {
    let mut bench = check(Import { versions: vec![version(NUMBER_MAX)], ..import(process()) });
    for input in [take("one more"), restore(NUMBER_MAX)] {
        let (kind, message) = bench.refuses(input);
        assert_eq!(kind, RejectedKind::Invalid);
        assert_eq!(message, "a process has at most 10000 versions");
    }
}

#[test]
fn versions_with_numbers_that_cannot_be_are_all_named() {
    let versions = vec![version(0), version(1), version(u64::MAX)];
    let import = Import { versions, ..import(process()) };
    let (kind, message) = Bench::empty().refuses(Input::Import(Box::new(import)));
    assert_eq!(kind, RejectedKind::Invalid);
    expect!["version 0 is none of 1 to 999999999; version 18446744073709551615 is none of 1 to 999999999"].assert_eq(&message);
}

#[test]
fn numbers_of_imported_steps_are_not_given_again() {
    let mut process = process();
    process.steps = vec![Step::new(id("s40"), "Forty")];
    let mut bench = check(import(process));
    bench.does(add("Next"));
    assert_eq!(bench.order(), "s40 s41");
}

#[test]
fn an_edit_of_other_things_leaves_an_imported_status_alone() {
    let mut process = process();
    process.status = process_core::ProcessStatus::Completed;
    process.steps = vec![Step::new(id("a"), "A")];
    let mut bench = check(import(process));
    let goal = json!([{"op": "replace", "path": "/goal", "value": "New"}]);
    expect![[r#"
        edited patch=[{"op":"replace","path":"/goal","value":"New"}]
    "#]]
    .assert_eq(&bench.does(edit(goal)));
    expect![[r#"
        step_started a
        process_reopened
    "#]]
    .assert_eq(&bench.does(set("a", StepStatus::InProgress)));
}

#[test]
fn a_process_is_made_only_once() {
    let again = "the process exists already";
    let mut bench = Bench::with(&["a"]);
    let create = create(process());
    assert_eq!(bench.refuses(create), (RejectedKind::Conflict, again.to_owned()));
    let import = Input::Import(Box::new(import(process())));
    assert_eq!(bench.refuses(import), (RejectedKind::Conflict, again.to_owned()));
}
