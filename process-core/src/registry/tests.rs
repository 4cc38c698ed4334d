//! Tests of the registry.

use expect_test::{Expect, expect};
use serde_json::json;

use super::{ProcessEntry, Registry};
use crate::{
    id::ProcessId,
    samples::{FULL, process, told},
    yaml,
};

fn read(text: &str) -> Result<Registry, String> {
    let node = yaml::read(text).map_err(|problem| problem.to_string())?;
    Registry::read(&node).map_err(|problems| told(&problems))
}

/// What reading a registry says: every problem, or its text as it is written again.
fn check(text: &str, expect: Expect) {
    let said = read(text).map(|registry| yaml::write(&registry.to_value()));
    expect.assert_eq(&said.unwrap_or_else(|problems| problems));
}

fn entry(number: u32, name: &str) -> ProcessEntry {
    let mut process = process("name: x\n");
    process.id = ProcessId::from_number(number).expect("a process number");
    process.name = name.to_owned();
    ProcessEntry::of(&process)
}

#[test]
fn a_registry_of_the_original_program_keeps_every_value() {
    let original = "\
version: 1
activeProcessId: proc-002
processes:
  - id: proc-002
    name: \"Shelves: oak (yes/no)\"
    goal: Room for books
    status: planned
    template: refactor
    createdAt: 2026-11-21T08:08:50.909Z
    updatedAt: 2026-11-21T08:08:50.909Z
    progress: 17
    tags: []
    archived: true
    archivedAt: 2026-11-21T08:08:55.676Z
    colour: green
templates:
  - id: shelf
    name: Shelf
    source: local
    path: templates/shelf.yaml
    lastUsed: 2026-11-21T08:08:50.909Z
    usageCount: 2
    stars: 5
theme: dark
";
    let written = read(original).map(|registry| registry.to_value());
    let expected = yaml::read(original).map(|node| node.to_json());
    assert_eq!(written.ok(), expected.ok());
}

#[test]
fn every_mistake_is_told_with_its_line() {
    check(
        "version: 2\nprocesses:\n  - id: ../x\n    name: a\n    status: planned\n  - id: proc-001\n    status: asleep\n  - 7\ntemplates: none\n",
        expect![[r#"
            newer_format line 1: the registry is from a newer version
            wrong_type line 9: `templates` of a registry must be a list, not text
            bad_id line 3: "../x" is no process id: it is `proc-` and a number of at least three digits, such as proc-001
            unknown_status line 7: an entry has no known status
            missing_key line 6: entry `proc-001` has no `name`
            wrong_type line 8: a process entry must be a map, not a number
        "#]],
    );
}

#[test]
fn an_empty_map_is_a_registry_of_nothing() {
    check(
        "{}\n",
        expect![[r#"
        version: 1
        processes: []
        templates: []
    "#]],
    );
}

#[test]
fn an_entry_shows_the_process_and_list_prints_no_lengths() {
    let mut entry = ProcessEntry::of(&process(FULL));
    (entry.revision, entry.journal_bytes, entry.view_bytes) = (Some(12), Some(900), Some(800));
    expect![[r#"
        id: proc-001
        name: Move the post office
        goal: Letters arrive as before
        status: in_progress
        template: infra-deploy
        createdAt: 2026-02-10T09:00:00Z
        updatedAt: 2026-02-11T08:00:00Z
        progress: 50
        tags:
          - post
          - summer
        archived: true
        archivedAt: 2026-03-01T00:00:00Z
        uid: 0194f2a0-0000-7000-8000-000000000001
        revision: 12
        journal_bytes: 900
        view_bytes: 800
    "#]]
    .assert_eq(&yaml::write(&entry.to_value()));
    for key in ["revision", "journal_bytes", "view_bytes"] {
        assert_eq!(entry.to_shown_value().get(key), None, "{key}");
    }
}

#[test]
fn entries_stand_by_number_and_keep_unknown_keys_when_they_are_replaced() {
    let mut registry = Registry::default();
    for number in [1_000, 2, 30] {
        registry.put(entry(number, "first"));
    }
    registry.processes[1].extra.insert("colour".to_owned(), json!("green"));
    registry.put(entry(30, "second"));
    let shown: Vec<String> =
        registry.processes.iter().map(|entry| format!("{} {}", entry.id, entry.name)).collect();
    assert_eq!(shown, ["proc-002 first", "proc-030 second", "proc-1000 first"]);
    let id = ProcessId::from_number(30).expect("a process number");
    let colour = registry.entry(id).and_then(|entry| entry.extra.get("colour")).cloned();
    assert_eq!(colour, Some(json!("green")));
}
