//! Tests of the plan of an adoption: every row of the table.

use expect_test::{Expect, expect};

use super::adoption_plan;
use crate::delta::Delta;
use crate::identity::Exit;
use crate::info::ProcessMetadata;
use crate::judge::{Alive, Facts, IdentityMatch, OwnerState, Sameness, judge};
use crate::key::EntryKey;
use crate::name::{Namespace, TaskId};
use crate::registry::ProcessRegistry;

/// Adds children in the namespace `one`, task `t`, each told by a word, and plans.
fn check(children: &str, expect: Expect) {
    let mut registry = ProcessRegistry::new();
    let task = TaskId::parse("t").unwrap();
    let words: Vec<&str> = children.split_whitespace().collect();
    for (at, word) in words.iter().enumerate() {
        let namespace = if *word == "elsewhere" { "two" } else { "one" };
        let metadata = ProcessMetadata {
            namespace: Namespace::parse(namespace).unwrap(),
            task_id: Some(task.clone()),
            start_time: at as u64,
            ..ProcessMetadata::default()
        };
        let pid = 100 + at as u32;
        registry.add(pid, metadata).unwrap();
        if *word == "exited" {
            let exit = Exit::of_code(3, 9);
            registry.apply(&Delta::SeenExit(EntryKey::newest(pid), exit)).unwrap();
        }
    }
    let verified = Facts {
        alive: Alive::Alive,
        identity: IdentityMatch::Matches,
        owner: OwnerState::Dead,
        boot: Sameness::Same,
        namespace: Sameness::Same,
        is_protected: false,
    };
    let facts = |pid: u32| match words[pid as usize - 100] {
        "orphaned" => verified,
        "owned" => Facts { owner: OwnerState::Alive, ..verified },
        "own" => Facts { owner: OwnerState::This, ..verified },
        "unowned" => Facts { owner: OwnerState::Unknown, ..verified },
        "gone" => Facts { alive: Alive::Dead, ..verified },
        _ => Facts { identity: IdentityMatch::Unknown, ..verified },
    };
    let plan = adoption_plan(
        &registry,
        &Namespace::parse("one").unwrap(),
        [&task],
        |info| judge(info, facts(info.pid)),
        |info| facts(info.pid).owner == OwnerState::This,
    );
    let [(planned, adoption)] = plan.as_slice() else { panic!("one task, one answer") };
    assert_eq!(*planned, task);
    let told = match adoption {
        super::Adoption::Adopt(key) => format!("adopt {}", key.pid),
        super::Adoption::CannotTell { key, why } => format!("cannot tell {}: {why:?}", key.pid),
        super::Adoption::Start => "start".to_owned(),
        super::Adoption::TakeExit(key, exit) => {
            format!("take the exit of {}: {:?}", key.pid, exit.code)
        }
    };
    expect.assert_eq(&told);
}

#[test]
fn every_row_is_planned_as_the_table_says() {
    check("orphaned", expect!["adopt 100"]);
    check("unowned", expect!["adopt 100"]);
    check("own", expect!["adopt 100"]);
    check("owned", expect!["cannot tell 100: Owned"]);
    check("orphaned orphaned", expect!["cannot tell 100: Several"]);
    check("unverified", expect!["cannot tell 100: Unverified(Unverified)"]);
    check("exited", expect!["take the exit of 100: Some(3)"]);
    check("gone", expect!["start"]);
    check("", expect!["start"]);
}

#[test]
fn one_that_lives_goes_before_what_was_and_what_was_last_goes_before_the_rest() {
    check("exited orphaned", expect!["adopt 101"]);
    check("orphaned exited", expect!["adopt 100"]);
    check("unverified orphaned", expect!["adopt 101"]);
    check("exited unverified", expect!["cannot tell 101: Unverified(Unverified)"]);
    check("gone exited", expect!["take the exit of 101: Some(3)"]);
    check("exited gone", expect!["start"]);
    check("elsewhere", expect!["start"]);
}
