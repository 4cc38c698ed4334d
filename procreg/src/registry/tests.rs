//! Tests of the registry: its seven verbs, numbers that are used again, and changes by several.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::ProcessRegistry;
use crate::delta::{Delta, Outcome, Refused};
use crate::identity::{ChildIdentity, Exit, Owner};
use crate::info::{ProcessInfo, ProcessMetadata};
use crate::key::{EntryKey, Which};
use crate::limits::{COMMAND_BYTES_MAX, ENTRIES_MAX};
use crate::name::Namespace;
use crate::status::ProcessStatus;

fn metadata(namespace: &str, start_time: u64) -> ProcessMetadata {
    ProcessMetadata {
        command: "claude".to_owned(),
        namespace: Namespace::parse(namespace).unwrap(),
        start_time,
        ..ProcessMetadata::default()
    }
}

fn identified(ticks: u64, start_time: u64) -> ProcessMetadata {
    let identity = ChildIdentity {
        start_time: Some(ticks),
        boot_id: Some("boot".to_owned()),
        ..ChildIdentity::default()
    };
    ProcessMetadata { identity: Some(identity), ..metadata("default", start_time) }
}

fn check(registry: &ProcessRegistry, expect: Expect) {
    let entries = registry.list().map(|info| {
        let ticks = info.identity.as_ref().and_then(|identity| identity.start_time);
        format!("{} {} {:?} {}", info.pid, info.start_time, ticks, info.status)
    });
    expect.assert_eq(&entries.collect::<Vec<_>>().join(", "));
}

#[test]
fn children_are_added_found_listed_and_removed() {
    let mut registry = ProcessRegistry::new();
    assert!(registry.is_empty());
    registry.add(7, metadata("one", 1)).unwrap();
    registry.add(8, metadata("two", 2)).unwrap();
    registry.add(9, metadata("one", 3)).unwrap();
    assert_eq!(registry.get(8).unwrap().start_time, 2);
    assert!(registry.get(10).is_none());
    let one = Namespace::parse("one").unwrap();
    let numbers: Vec<u32> = registry.list_by_namespace(&one).map(|info| info.pid).collect();
    assert_eq!(numbers, [7, 9]);
    assert_eq!(registry.remove(7).unwrap().pid, 7);
    assert!(registry.remove(7).is_none());
    assert_eq!(registry.update_status(9, ProcessStatus::Stopped), Outcome::Changed);
    assert_eq!(registry.update_status(9, ProcessStatus::Stopped), Outcome::Unchanged);
    assert_eq!(registry.update_status(9, ProcessStatus::Running), Outcome::Superseded);
    assert_eq!(registry.update_status(7, ProcessStatus::Running), Outcome::Missing);
    check(&registry, expect!["8 2 None running, 9 3 None stopped"]);
    registry.clear();
    assert!(registry.is_empty() && registry.get(8).is_none());
}

#[test]
fn a_number_that_is_used_again_makes_the_old_entry_stale() {
    let mut registry = ProcessRegistry::new();
    registry.add(7, identified(100, 1)).unwrap();
    registry.add(7, identified(200, 2)).unwrap();
    check(&registry, expect!["7 1 Some(100) stale, 7 2 Some(200) running"]);
    assert_eq!(registry.get(7).unwrap().start_time, 2);

    registry.add(7, metadata("default", 3)).unwrap();
    registry.update_status(7, ProcessStatus::Stopped);
    registry.add(7, metadata("default", 4)).unwrap();
    check(
        &registry,
        expect!["7 1 Some(100) stale, 7 2 Some(200) stale, 7 3 None stopped, 7 4 None running"],
    );
    assert_eq!(registry.remove(7).unwrap().start_time, 4);
    assert_eq!(registry.get(7).unwrap().start_time, 3, "all are over, so the newest");
}

#[test]
fn the_entry_of_the_same_child_is_replaced() {
    let mut registry = ProcessRegistry::new();
    assert_eq!(registry.add(7, identified(100, 1)).unwrap(), Outcome::Changed);
    assert_eq!(registry.add(7, identified(100, 1)).unwrap(), Outcome::Unchanged);
    assert_eq!(registry.add(7, identified(100, 5)).unwrap(), Outcome::Changed);
    check(&registry, expect!["7 5 Some(100) running"]);
    // Who was added before it could be identified is known by the time of the start.
    registry.add(8, metadata("default", 9)).unwrap();
    registry.add(8, identified(300, 9)).unwrap();
    check(&registry, expect!["7 5 Some(100) running, 8 9 Some(300) running"]);
}

#[test]
fn a_key_means_one_of_those_that_had_the_number() {
    let mut registry = ProcessRegistry::new();
    registry.add(7, identified(100, 1)).unwrap();
    registry.add(7, identified(200, 2)).unwrap();
    let keys: Vec<EntryKey> = registry.list().map(ProcessInfo::key).collect();
    assert_ne!(keys[0], keys[1]);
    assert_eq!(registry.entry(&keys[0]).unwrap().start_time, 1);
    let other = EntryKey { pid: 7, which: Which::StartedAt(1) };
    assert!(registry.entry(&other).is_none(), "it has an identity, which decides");
    let exit = Exit::of_signal(9, 4);
    assert_eq!(
        registry.merge(&[Delta::SeenExit(keys[0].clone(), exit), Delta::Remove(keys[1].clone())]),
        Ok(vec![Outcome::Changed, Outcome::Changed])
    );
    check(&registry, expect!["7 1 Some(100) stopped"]);
}

#[test]
fn an_end_is_recorded_once_and_stays() {
    let mut registry = ProcessRegistry::new();
    registry.add(7, metadata("default", 1)).unwrap();
    let key = registry.get(7).unwrap().key();
    let seen = |code| Delta::SeenExit(key.clone(), Exit::of_code(code, 5));
    assert_eq!(registry.apply(&seen(3)), Ok(Outcome::Changed));
    assert_eq!(registry.apply(&seen(4)), Ok(Outcome::Unchanged));
    let info = registry.get(7).unwrap();
    assert_eq!((info.exit().unwrap().code, &info.status), (Some(3), &ProcessStatus::Stopped));
    let stale = Delta::UpdateStatus(key, ProcessStatus::Stale);
    assert_eq!(registry.apply(&stale), Ok(Outcome::Superseded));
}

#[test]
fn an_adoption_changes_the_owner_and_keeps_the_end() {
    let mut registry = ProcessRegistry::new();
    registry.add(7, identified(100, 1)).unwrap();
    let key = registry.get(7).unwrap().key();
    registry.apply(&Delta::SeenExit(key.clone(), Exit::of_code(0, 2))).unwrap();
    let owner = Some(Owner { pid: 50, ..Owner::default() });
    let identity = ChildIdentity { owner, ..identified(100, 1).identity.unwrap() };
    assert_eq!(registry.apply(&Delta::SetIdentity(key, identity)), Ok(Outcome::Changed));
    let identity = registry.get(7).unwrap().identity.clone().unwrap();
    assert_eq!(identity.owner.unwrap().pid, 50);
    assert!(identity.exit.unwrap().is_success());
}

#[test]
fn a_namespace_is_cleared_by_itself() {
    let mut registry = ProcessRegistry::new();
    registry.add(7, metadata("one", 1)).unwrap();
    registry.add(8, metadata("two", 2)).unwrap();
    let clear = |name: &str| Delta::Clear { namespace: Some(Namespace::parse(name).unwrap()) };
    assert_eq!(registry.apply(&clear("three")), Ok(Outcome::Unchanged));
    assert_eq!(registry.apply(&clear("one")), Ok(Outcome::Changed));
    check(&registry, expect!["8 2 None running"]);
    assert_eq!(registry.apply(&Delta::Clear { namespace: None }), Ok(Outcome::Changed));
    assert!(registry.is_empty());
}

#[test]
fn what_is_over_a_limit_is_refused_and_nothing_of_its_group_is_made() {
    let mut registry = ProcessRegistry::new();
    for pid in [0, u32::MAX] {
        assert_eq!(registry.add(pid, metadata("one", 1)), Err(Refused::NoPid { pid }));
    }
    let long = ProcessMetadata { args: vec!["x".repeat(COMMAND_BYTES_MAX)], ..metadata("one", 1) };
    let add = |pid, metadata| Delta::Add(ProcessInfo::new(pid, metadata));
    let group = [add(7, metadata("one", 1)), add(8, long)];
    let bytes = COMMAND_BYTES_MAX + "claude".len();
    assert_eq!(registry.merge(&group), Err(Refused::CommandTooLong { pid: 8, bytes }));
    assert!(registry.is_empty());

    for pid in 1..ENTRIES_MAX as u32 {
        registry.add(pid, ProcessMetadata::default()).unwrap();
    }
    let pid = 200_001;
    let two = [add(200_000, metadata("one", 1)), add(pid, metadata("one", 1))];
    assert_eq!(registry.merge(&two), Err(Refused::Full { pid }));
    assert_eq!(registry.len(), ENTRIES_MAX - 1);
    registry.merge(&two[..1]).unwrap();
    let same = registry.get(5).unwrap().clone();
    assert_eq!(registry.merge(&[Delta::Add(same)]), Ok(vec![Outcome::Unchanged]));
}

fn deltas(first_pid: u32) -> impl Strategy<Value = Vec<Delta>> {
    let delta = (0_u32..8, 0_u64..3, 0_u8..5).prop_map(move |(pid, start, what)| {
        let pid = first_pid + pid;
        let info = ProcessInfo::new(pid, identified(start, start));
        let key = info.key();
        match what {
            0 | 1 => Delta::Add(info),
            2 => Delta::Remove(key),
            3 => Delta::SeenExit(key, Exit::of_code(0, 9)),
            _ => Delta::UpdateStatus(key, ProcessStatus::Stale),
        }
    });
    proptest::collection::vec(delta, 0..20)
}

proptest! {
    #[test]
    fn two_parents_keep_both_their_sets_however_their_commits_interleave(
        one in deltas(100),
        two in deltas(200),
        order in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let alone = |deltas: &[Delta]| {
            let mut registry = ProcessRegistry::new();
            registry.merge(deltas).unwrap();
            registry.list().cloned().collect::<Vec<_>>()
        };
        let mut registry = ProcessRegistry::new();
        let (mut left, mut right) = (one.iter(), two.iter());
        for is_left in order {
            let next = if is_left { left.next() } else { right.next() };
            if let Some(delta) = next {
                registry.apply(delta).unwrap();
            }
        }
        for delta in left.chain(right) {
            registry.apply(delta).unwrap();
        }
        let of = |first: u32| {
            let infos = registry.list().filter(|info| (first..first + 100).contains(&info.pid));
            infos.cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(of(100), alone(&one));
        prop_assert_eq!(of(200), alone(&two));
    }
}
