//! What is seen of children in every condition.

use std::process::Command;

use procreg::{
    Alive, IdentityMatch, Owner, OwnerState, ProcessInfo, ProcessMetadata, Sameness, judge,
};

use super::{Stat, facts, identity_of, is_protected, owner, read_stat, run_id_of, this_owner};

fn entry(pid: u32) -> ProcessInfo {
    let identity = Some(identity_of(pid));
    ProcessInfo::new(pid, ProcessMetadata { identity, ..ProcessMetadata::default() })
}

#[test]
fn a_name_with_parentheses_and_blanks_is_skipped_whole() {
    let rest = "S 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 1";
    for name in ["sh", "a) R 1 (", "", ") Z 1 1", "x (y) z)"] {
        let stat = Stat::parse(&format!("42 ({name}) {rest}"));
        let expected = Stat { state: 'S', parent: 7, group: 42, start_time: 987_654 };
        assert_eq!(stat, Some(expected), "{name}");
    }
    for text in ["", "42 (sh", "42 (sh) S", "42 (sh) S x 1 1"] {
        assert_eq!(Stat::parse(text), None, "{text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_is_alive_then_a_zombie_then_gone() {
    let mut child =
        Command::new("sleep").arg("100").env(crate::children::RUN_ID, "run-1").spawn().unwrap();
    let info = entry(child.id());
    let seen = facts(&info);
    assert_eq!((seen.alive, seen.identity), (Alive::Alive, IdentityMatch::Matches));
    assert_eq!((seen.boot, seen.namespace), (Sameness::Same, Sameness::Same));
    assert!(judge(&info, seen).may_signal());
    while run_id_of(child.id()).is_none() {
        std::thread::yield_now();
    }
    assert_eq!(run_id_of(child.id()).as_deref(), Some("run-1"));
    child.kill().unwrap();
    while read_stat(child.id()).is_some_and(|stat| !stat.is_over()) {
        std::thread::yield_now();
    }
    assert_eq!(facts(&info).alive, Alive::Zombie, "a zombie is not alive");
    assert!(!judge(&info, facts(&info)).may_signal());
    child.wait().unwrap();
    assert_eq!(facts(&info).alive, Alive::Dead);
}

#[cfg(target_os = "linux")]
#[test]
fn another_start_time_boot_or_host_is_another_one() {
    let mut child = Command::new("sleep").arg("100").spawn().unwrap();
    let info = entry(child.id());
    let changed = |change: &dyn Fn(&mut procreg::ChildIdentity)| {
        let mut other = info.clone();
        change(other.identity.get_or_insert_default());
        facts(&other)
    };
    let reused = changed(&|identity| identity.start_time = Some(1));
    assert_eq!(reused.identity, IdentityMatch::Differs);
    assert_eq!(changed(&|identity| identity.boot_id = Some("x".into())).boot, Sameness::Other);
    assert_eq!(changed(&|identity| identity.host = Some("x".into())).namespace, Sameness::Other);
    let elsewhere = changed(&|identity| identity.pid_namespace = Some(1));
    assert_eq!(elsewhere.namespace, Sameness::Other);
    let mut bare = info.clone();
    bare.identity = None;
    let seen = facts(&bare);
    assert_eq!((seen.alive, seen.identity), (Alive::Alive, IdentityMatch::Unknown));
    assert!(!judge(&bare, seen).may_signal(), "what nobody can verify is not signalled");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn we_and_our_ancestors_are_protected_and_an_owner_is_told_from_another_one() {
    assert!([0, 1, std::process::id()].into_iter().all(is_protected));
    let parent = read_stat(std::process::id()).unwrap().parent;
    assert!(is_protected(parent) && !is_protected(u32::MAX));
    assert!(facts(&entry(parent)).is_protected);
    assert_eq!(owner(&this_owner()), OwnerState::This);
    let parent_stat = read_stat(parent).unwrap();
    let parent = Owner { pid: parent, ..Owner::default() };
    assert_eq!(owner(&parent), OwnerState::Unknown, "its start is not known");
    let start_time = Some(parent_stat.start_time);
    assert_eq!(owner(&Owner { start_time, ..parent.clone() }), OwnerState::Alive);
    assert_eq!(owner(&Owner { start_time: Some(1), ..parent }), OwnerState::Dead);
}
