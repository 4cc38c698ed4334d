//! Tests of reading and writing a process.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Process, STEPS_MAX, Step};
use crate::{
    samples::{FULL, any_process, at, defaults, process, read, told},
    yaml,
};

/// What reading a text says: every problem, or what the process is written as again.
fn check(text: &str, expect: Expect) {
    let said = match read(text) {
        Ok(process) => yaml::write(&process.to_value()),
        Err(problems) => told(&problems),
    };
    expect.assert_eq(&said);
}

/// The values of a text, without those that a process gets when its file has none.
fn values_of(text: &str) -> Value {
    yaml::read(text).unwrap_or_else(|problem| panic!("{problem}")).to_json()
}

#[test]
fn ten_different_mistakes_are_told_at_once_each_with_its_line() {
    check(
        "\
id: proc-002
goal: 7
status: finito
tags: [post, 3]
steps:
  - id: S1
  - id: s2
    status: maybe
  - id: s2
  - just a text
  - startedAt: yesterday
    claim: {until: 2026-02-10T10:00:00Z}
decisions:
  - choice: none
risks: many
evidence:
  - type: note
revision: -1
uid: 12
",
        expect![[r#"
            id_mismatch line 1: `id` is "proc-002", but this is the place of proc-001
            wrong_type line 19: `uid` of a process must be text, not a number
            unknown_status line 3: the process has the unknown status "finito"
            missing_key line 1: a process has no `name`
            wrong_type line 2: `goal` of a process must be text, not a number
            wrong_type line 4: `tags` of a process must be a list of texts, not a number
            bad_id line 6: "S1" is no step id: it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ -
            unknown_status line 8: step `s2` has the unknown status "maybe"
            duplicate_id line 9: step id `s2` stands twice
            wrong_type line 10: a step must be a map, not text
            bad_instant line 11: `startedAt` of step `s4` is no instant such as 2026-02-10T10:00:00Z
            missing_key line 12: a claim has no `by`
            missing_key line 14: a decision has no `question`
            wrong_type line 15: `risks` of a process must be a list, not text
            missing_key line 17: a piece of evidence has no `value`
            wrong_type line 18: `revision` of a process must be a whole number of zero or more, not a number
        "#]],
    );
}

#[test]
fn one_mistake_is_told_once() {
    for (mistake, line) in [
        ("steps:\n  - claim:\n      by: ada\n      until: soon\n", 5),
        ("steps:\n  - claim:\n      by: ada\n      until: 7\n", 5),
        ("steps:\n  - claim:\n      by: ada\n", 4),
        ("steps:\n  - name: []\n", 3),
        ("decisions:\n  - question: 1\n", 3),
        ("uid: x\n", 2),
    ] {
        let problems = read(&format!("name: x\n{mistake}")).expect_err(mistake);
        assert_eq!(problems.len(), 1, "{mistake}: {}", told(&problems));
        assert_eq!(problems[0].place.line, line, "{mistake}: {}", told(&problems));
    }
}

#[test]
fn a_number_where_text_belongs_comes_with_advice() {
    let problems = read("name: 2026\n").expect_err("a number is no name");
    assert_eq!(problems[0].hint.as_deref(), Some("put quotes around it"));
}

#[test]
fn what_is_no_map_is_no_process() {
    check("- name: x\n", expect!["wrong_type line 1: a process must be a map, not a list\n"]);
    check("", expect!["wrong_type line 1: a process must be a map, not nothing\n"]);
}

#[test]
fn a_process_with_everything_in_it_is_written_as_it_was_read() {
    let before = process(FULL);
    let text = yaml::write(&before.to_value());
    assert_eq!(values_of(&text), values_of(FULL));
    assert_eq!(process(&text), before);
}

#[test]
fn unknown_keys_of_every_level_survive_reading_and_writing_twice() {
    let once = yaml::write(&process(FULL).to_value());
    let twice = yaml::write(&process(&once).to_value());
    assert_eq!(once, twice);
    for (pointer, value) in [
        ("/owner", json!("ben")),
        ("/missing", json!(["address of the new office"])),
        ("/steps/0/effort", json!({"hours": 3, "by": ["ada", "ben"]})),
        ("/steps/1/claim/desk", json!(4)),
        ("/decisions/0/voters", json!(3)),
        ("/risks/0/odds", json!(0.25)),
        ("/evidence/0/sha", json!(null)),
    ] {
        assert_eq!(values_of(&twice).pointer(pointer), Some(&value), "{pointer}");
    }
}

#[test]
fn a_file_of_the_original_program_keeps_every_value() {
    let original = "\
id: proc-001
name: \"Open the reading room: west → east (on/off)\"
goal: Books stay 'findable' # on purpose
status: planned
template: infra-deploy
steps:
  - id: s1
    name: Count the shelves
    description: Also the ones in the cellar
    inputs:
      - floor plan
    outputs:
      - shelf list
    checks:
      - counted twice
    status: completed
    startedAt: 2026-11-21T08:08:51.330Z
    completedAt: 2026-11-21T08:08:52.048Z
  - id: s2
    name: Carry the books
    inputs: []
    outputs: []
    checks: []
    status: in_progress
    startedAt: 2026-11-21T08:08:52.509Z
decisions:
  - id: d1
    question: Trolley or belt?
    choice: belt
    rationale: \"Fewer stairs: good # not a comment\"
    timestamp: 2026-11-21T08:08:53.035Z
risks:
  - id: r1
    risk: \"Belt stops: no power\"
    impact: critical
    mitigation: \"\"
    status: identified
    identifiedAt: 2026-11-21T08:08:50.898Z
evidence:
  - type: note
    value: |
      two lines
      of note
    timestamp: 2026-11-21T08:08:51.733Z
createdAt: 2026-11-21T08:08:50.909Z
updatedAt: 2026-11-21T08:08:50.909Z
";
    let mut expected = values_of(original);
    expected["uid"] = json!("00000000-0000-0000-0000-000000000000");
    expected["revision"] = json!(0);
    let read_again = values_of(&yaml::write(&process(original).to_value()));
    assert_eq!(read_again, expected);
}

#[test]
fn statuses_of_other_programs_are_written_canonically() {
    check(
        "name: x\nstatus: waiting_approval\nsteps:\n  - {status: Running}\n  - {status: done}\ncreatedAt: 2026-02-10T10:00:00Z\n",
        expect![[r#"
            id: proc-001
            name: x
            goal: ""
            status: waiting
            steps:
              - id: s1
                name: s1
                inputs: []
                outputs: []
                checks: []
                status: in_progress
              - id: s2
                name: s2
                inputs: []
                outputs: []
                checks: []
                status: completed
            decisions: []
            risks: []
            evidence: []
            createdAt: 2026-02-10T10:00:00Z
            updatedAt: 2026-02-10T10:00:00Z
            uid: 00000000-0000-0000-0000-000000000000
            revision: 0
        "#]],
    );
}

#[test]
fn steps_without_ids_get_numbers_that_no_other_step_has() {
    let process = process(
        "name: x\nsteps:\n  - name: a\n  - {id: s2, name: b}\n  - name: c\n  - {id: pack, name: d}\n  - name: e\n",
    );
    let ids: Vec<&str> = process.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["s1", "s2", "s3", "pack", "s4"]);
}

#[test]
fn a_null_counts_as_absent_and_stays_in_the_file() {
    let process = process("name: x\ntemplate: null\nsteps:\n  - {description: ~, startedAt: ~}\n");
    assert_eq!((process.template.as_ref(), process.steps[0].description.as_ref()), (None, None));
    let value = process.to_value();
    assert_eq!(value.get("template"), Some(&Value::Null));
    assert_eq!(value.pointer("/steps/0/startedAt"), Some(&Value::Null));
}

#[test]
fn a_null_where_something_is_always_written_is_replaced_by_it() {
    let first = process("name: x\ngoal: ~\nsteps: ~\nstatus: ~\n").to_value();
    assert_eq!((&first["goal"], &first["steps"]), (&json!(""), &json!([])));
    let again = Process::from_value(&first, &defaults()).map(|process| process.to_value());
    assert_eq!(again.map_err(|problems| told(&problems)), Ok(first));
}

#[test]
fn a_step_with_a_bad_id_takes_no_number_from_the_others() {
    check(
        "name: x\nsteps:\n  - {id: S1}\n  - name: a\n  - name: b\n",
        expect![[r#"
            bad_id line 3: "S1" is no step id: it starts with a small letter or digit and holds at most 64 of a-z 0-9 . _ -
        "#]],
    );
}

#[test]
fn ten_thousand_steps_are_read_and_one_more_is_refused() {
    let with = |count: usize| format!("name: x\nsteps:\n{}", "  - name: y\n".repeat(count));
    assert_eq!(process(&with(STEPS_MAX)).steps.len(), STEPS_MAX);
    check(
        &with(STEPS_MAX + 1),
        expect!["too_many_steps line 3: 10001 steps are more than the limit of 10000\n"],
    );
}

#[test]
fn a_file_from_before_there_were_several_processes_gets_the_id_of_its_place() {
    let node = yaml::read("id: main\nname: x\n").unwrap_or_else(|problem| panic!("{problem}"));
    assert!(Process::read(&node, &defaults()).is_err());
    let process = Process::read_any_id(&node, &defaults()).map(|process| process.id.to_string());
    assert_eq!(process.as_deref().map_err(|all| told(all)), Ok("proc-001"));
}

#[test]
fn the_content_leaves_out_what_nobody_writes_by_hand() {
    let one = process(FULL);
    let mut other = one.clone();
    (other.revision, other.updated_at) = (99, at("2030-01-01T00:00:00Z"));
    assert_ne!(one.to_value(), other.to_value());
    assert_eq!(one.content(), other.content());
    other.uid = crate::Uid::from_u128(7);
    assert_ne!(one.content(), other.content());
}

#[test]
fn a_claim_holds_until_its_instant_and_not_at_it() {
    let process = process(FULL);
    let held = |now: &str| process.steps[1].held_by(&at(now)).map(|claim| claim.by.as_str());
    assert_eq!(held("2026-02-11T08:59:59.999Z"), Some("ada"));
    assert_eq!(held("2026-02-11T09:00:00Z"), None);
    assert_eq!(held("2026-02-11T10:00:00+01:00"), None);
}

#[test]
fn a_step_of_a_journal_line_tells_all_its_problems() {
    let problems = Step::from_value(&json!({"id": "A", "status": "x", "inputs": 3}));
    let codes: Vec<&str> = problems.expect_err("three").iter().map(|one| one.code).collect();
    assert_eq!(codes, ["bad_id", "unknown_status", "wrong_type"]);
}

proptest! {
    #[test]
    fn any_process_is_read_back_from_json_and_from_yaml(process in any_process()) {
        let value = process.to_value();
        let from_json = Process::from_value(&value, &defaults());
        prop_assert_eq!(from_json.as_ref(), Ok(&process));
        prop_assert_eq!(read(&yaml::write(&value)), Ok(process));
    }
}
