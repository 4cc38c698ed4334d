//! Tests of judgements: every row of the table, and that nothing unverified is ever signalled.

use proptest::prelude::*;

use super::{Alive, Facts, IdentityMatch, OwnerState, Sameness, judge};
use crate::cleaning::cleaning_plan;
use crate::identity::{ChildIdentity, Exit};
use crate::info::{ProcessInfo, ProcessMetadata};
use crate::registry::ProcessRegistry;
use crate::status::ProcessStatus;

fn child(pid: u32) -> ProcessInfo {
    ProcessInfo::new(pid, ProcessMetadata::default())
}

fn ended(pid: u32) -> ProcessInfo {
    let exit = Some(Exit::of_code(0, 5));
    let identity = Some(ChildIdentity { exit, ..ChildIdentity::default() });
    ProcessInfo { identity, ..child(pid) }
}

/// Reads a row: namespace, boot, alive, identity, owner; a dash is any value.
fn rows(text: &str) -> Vec<Facts> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let all = all_facts();
    let fits = |facts: &Facts| {
        let told = [
            format!("{:?}", facts.namespace),
            format!("{:?}", facts.boot),
            format!("{:?}", facts.alive),
            format!("{:?}", facts.identity),
            format!("{:?}", facts.owner),
        ];
        words.iter().zip(told).all(|(word, told)| *word == "-" || *word == told.to_lowercase())
    };
    all.into_iter().filter(|facts| !facts.is_protected && fits(facts)).collect()
}

fn all_facts() -> Vec<Facts> {
    let mut all = Vec::new();
    let sameness = [Sameness::Other, Sameness::Same, Sameness::Unknown];
    for namespace in sameness {
        for boot in sameness {
            for alive in [Alive::Alive, Alive::Dead, Alive::Unknown, Alive::Zombie] {
                for identity in
                    [IdentityMatch::Differs, IdentityMatch::Matches, IdentityMatch::Unknown]
                {
                    let owners = [
                        OwnerState::Alive,
                        OwnerState::Dead,
                        OwnerState::This,
                        OwnerState::Unknown,
                    ];
                    for owner in owners {
                        for is_protected in [false, true] {
                            let facts =
                                Facts { alive, identity, owner, boot, namespace, is_protected };
                            all.push(facts);
                        }
                    }
                }
            }
        }
    }
    all
}

fn check(info: &ProcessInfo, row: &str, expected: &str) {
    let rows = rows(row);
    assert!(!rows.is_empty(), "{row}");
    for facts in rows {
        let judgement = judge(info, facts);
        let signal = if judgement.may_signal() { ", may be signalled" } else { "" };
        let (status, reason) = (judgement.status(), judgement.reason());
        let told = format!("{status}, {reason:?}, {:?}{signal}", judgement.certainty());
        assert_eq!(told, expected, "{facts:?}");
    }
}

#[test]
fn every_row_is_judged_as_the_table_says() {
    let info = child(7);
    //       namespace boot  alive identity owner
    check(&ended(7), "- - - - -", "stopped, ExitSeen, Certain");
    check(&info, "other   - - - -", "stale, Elsewhere, Unknown");
    check(&info, "same    other - - -", "stale, Rebooted, Certain");
    check(&info, "unknown other - - -", "stale, Elsewhere, Unknown");
    for boot in ["same", "unknown"] {
        let check_in = |namespace: &str, rest: &str, expected: &str| {
            check(&info, &format!("{namespace} {boot} {rest}"), expected);
        };
        for namespace in ["same", "unknown"] {
            check_in(namespace, "unknown - -", "stale, Unseen, Unknown");
            check_in(namespace, "alive unknown -", "stale, Unverified, Unknown");
        }
        for gone in ["dead", "zombie"] {
            check_in("same", &format!("{gone} - -"), "stale, Ended, Certain");
            check_in("unknown", &format!("{gone} - -"), "stale, Ended, Probable");
        }
        check_in("same", "alive differs -", "stale, NumberReused, Certain");
        check_in("unknown", "alive differs -", "stale, NumberReused, Probable");
    }
    check(&info, "same unknown alive matches -", "stale, Unverified, Unknown");
    check(&info, "unknown same alive matches -", "stale, Unverified, Unknown");
    check(&info, "unknown unknown alive matches -", "stale, Unverified, Unknown");
    for owner in ["alive", "this"] {
        let row = format!("same same alive matches {owner}");
        check(&info, &row, "running, OwnerLives, Certain, may be signalled");
    }
    check(&info, "same same alive matches dead", "orphaned, OwnerGone, Certain, may be signalled");
    check(
        &info,
        "same same alive matches unknown",
        "running, OwnerUnknown, Probable, may be signalled",
    );
}

#[test]
fn a_status_without_an_exit_counts_as_an_end_that_was_seen() {
    let info = ProcessInfo { status: ProcessStatus::Stopped, ..child(7) };
    check(&info, "- - - - -", "stopped, ExitSeen, Certain");
}

#[test]
fn what_is_protected_is_never_signalled() {
    let facts = Facts {
        alive: Alive::Alive,
        identity: IdentityMatch::Matches,
        owner: OwnerState::Dead,
        boot: Sameness::Same,
        namespace: Sameness::Same,
        is_protected: false,
    };
    assert!(judge(&child(2), facts).may_signal());
    assert!(!judge(&child(2), Facts { is_protected: true, ..facts }).may_signal());
    assert!(!judge(&child(1), facts).may_signal());
    assert!(!judge(&child(0), facts).may_signal());
}

fn is_verified(facts: Facts) -> bool {
    facts.alive == Alive::Alive
        && facts.identity == IdentityMatch::Matches
        && facts.boot == Sameness::Same
        && facts.namespace == Sameness::Same
        && !facts.is_protected
}

proptest! {
    #[test]
    fn nothing_that_is_not_verified_is_ever_signalled(
        pid in 0_u32..5,
        facts in proptest::sample::select(all_facts()),
        has_ended: bool,
        status in proptest::sample::select(vec!["running", "orphaned", "stale", "stopped", "odd"]),
    ) {
        let info = if has_ended { ended(pid) } else { child(pid) };
        let info = ProcessInfo { status: ProcessStatus::parse(status), ..info };
        let judgement = judge(&info, facts);
        let is_allowed = is_verified(facts) && pid > 1 && !has_ended && status != "stopped";
        prop_assert_eq!(judgement.may_signal(), is_allowed);

        let mut registry = ProcessRegistry::new();
        if registry.apply(&crate::Delta::Add(info)).is_ok() {
            let plan = cleaning_plan(&registry, None, |info| judge(info, facts));
            let is_orphan = facts.owner == OwnerState::Dead;
            prop_assert_eq!(!plan.signal.is_empty(), is_allowed && is_orphan);
        }
    }
}
