//! Tests of the plan of a cleaning.

use expect_test::{Expect, expect};

use super::cleaning_plan;
use crate::info::{ProcessInfo, ProcessMetadata};
use crate::judge::{Alive, Facts, IdentityMatch, OwnerState, Sameness, judge};
use crate::name::Namespace;
use crate::registry::ProcessRegistry;
use crate::status::ProcessStatus;

/// What is known about each number.
fn facts(pid: u32) -> Facts {
    let verified = Facts {
        alive: Alive::Alive,
        identity: IdentityMatch::Matches,
        owner: OwnerState::Dead,
        boot: Sameness::Same,
        namespace: Sameness::Same,
        is_protected: false,
    };
    match pid {
        10 => Facts { owner: OwnerState::This, ..verified },
        11 => verified,
        12 => Facts { is_protected: true, ..verified },
        13 => Facts { alive: Alive::Dead, ..verified },
        14 => Facts { identity: IdentityMatch::Differs, ..verified },
        15 => Facts { identity: IdentityMatch::Unknown, ..verified },
        16 => Facts { namespace: Sameness::Other, ..verified },
        17 => Facts { owner: OwnerState::Unknown, ..verified },
        _ => Facts::default(),
    }
}

fn check(namespace: Option<&str>, expect: Expect) {
    let mut registry = ProcessRegistry::new();
    for pid in 10..20 {
        let namespace = Namespace::parse(if pid < 19 { "one" } else { "two" }).unwrap();
        registry.add(pid, ProcessMetadata { namespace, ..ProcessMetadata::default() }).unwrap();
    }
    registry.update_status(18, ProcessStatus::Stopped);
    let namespace = namespace.map(|name| Namespace::parse(name).unwrap());
    let plan = cleaning_plan(&registry, namespace.as_ref(), |info| judge(info, facts(info.pid)));
    let numbers = |infos: &[ProcessInfo]| {
        let numbers: Vec<String> = infos.iter().map(|info| info.pid.to_string()).collect();
        numbers.join(" ")
    };
    let mut told = format!("signal {}; gone {};\n", numbers(&plan.signal), numbers(&plan.gone));
    for (info, why) in &plan.failed {
        told.push_str(&format!("{}: {why}\n", info.pid));
    }
    let removed: Vec<u32> = plan.to_remove().map(|key| key.pid).collect();
    assert_eq!(removed, plan.gone.iter().map(|info| info.pid).collect::<Vec<u32>>());
    expect.assert_eq(&told);
}

#[test]
fn only_verified_orphans_are_signalled_and_what_is_gone_is_removed() {
    check(
        Some("one"),
        expect![[r#"
            signal 11; gone 13 14 18;
            12: its number is that of this program, of an ancestor of it, or of the system
            15: it cannot be verified: something has its number, and nobody can tell whether it is the child
            16: it cannot be verified: it was started on another host or in another namespace
        "#]],
    );
}

#[test]
fn without_a_namespace_all_are_cleaned_and_others_are_left_alone_with_one() {
    check(
        Some("two"),
        expect![[r#"
            signal ; gone ;
            19: it cannot be verified: nobody can tell whether anything has its number
        "#]],
    );
    check(
        None,
        expect![[r#"
            signal 11; gone 13 14 18;
            12: its number is that of this program, of an ancestor of it, or of the system
            15: it cannot be verified: something has its number, and nobody can tell whether it is the child
            16: it cannot be verified: it was started on another host or in another namespace
            19: it cannot be verified: nobody can tell whether anything has its number
        "#]],
    );
}
