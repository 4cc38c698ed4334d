//! Tests of who a process id belongs to.

use super::{Identity, ProcessStat, Seen, Verdict, judge, parse_stat, shorten};

fn recorded() -> Identity {
    Identity {
        pid: 7,
        start_time: Some(99),
        boot_id: Some("boot".to_owned()),
        pid_namespace: Some(4),
        host: Some("host".to_owned()),
        command: None,
    }
}

const RUNNING: Seen = Seen::Running { start_time: Some(99) };

#[test]
fn every_row_of_the_verdicts() {
    let same = recorded();
    let other_host = Identity { host: Some("other".to_owned()), ..recorded() };
    let other_namespace = Identity { pid_namespace: Some(5), ..recorded() };
    let other_boot = Identity { boot_id: Some("later".to_owned()), ..recorded() };
    for (here, seen, verdict) in [
        (&other_host, Seen::Gone, Verdict::Unknown),
        (&other_host, RUNNING, Verdict::Unknown),
        (&other_namespace, Seen::Gone, Verdict::Unknown),
        (&other_boot, RUNNING, Verdict::Dead),
        (&same, Seen::Gone, Verdict::Dead),
        (&same, Seen::Zombie, Verdict::Dead),
        (&same, Seen::Running { start_time: Some(100) }, Verdict::Dead),
        (&same, RUNNING, Verdict::Alive),
        (&same, Seen::Running { start_time: None }, Verdict::Unknown),
    ] {
        assert_eq!(judge(&recorded(), here, seen), verdict, "{here:?} {seen:?}");
    }
    let unknown_start = Identity { start_time: None, ..recorded() };
    assert_eq!(judge(&unknown_start, &same, RUNNING), Verdict::Unknown);
}

#[test]
fn the_start_time_is_counted_from_the_last_parenthesis() {
    let rest = "S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 9 9";
    for name in ["sh", "a b", "a) S 1 (b", ")))", "S 1 2)"] {
        let stat = parse_stat(&format!("7 ({name}) {rest}\n"));
        assert_eq!(stat, Some(ProcessStat { state: 'S', start_time: 4711 }), "{name}");
    }
    for text in ["", "7 (sh", "7 (sh) ", "7 (sh) S 1 2 3"] {
        assert_eq!(parse_stat(text), None);
    }
}

#[test]
fn a_command_is_one_line_of_bounded_length() {
    assert_eq!(shorten("procside\0step\0a\nb\0\0"), "procside step a b");
    assert_eq!(shorten(&"ä".repeat(999)).chars().count(), 200);
}

#[cfg(target_os = "linux")]
#[test]
fn this_process_is_alive_and_an_ended_child_is_dead_also_as_a_zombie() {
    assert_eq!(Identity::of_this_process().verdict(), Verdict::Alive);
    let mut child =
        std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
    let identity = Identity::of(child.id()).unwrap();
    assert_eq!(identity.verdict(), Verdict::Alive);
    drop(child.stdin.take());
    // Waiting without reaping is not in the standard library, so the zombie is polled for.
    while identity.verdict() != Verdict::Dead {
        std::thread::yield_now();
    }
    child.wait().unwrap();
    assert_eq!(identity.verdict(), Verdict::Dead);
    let reused = Identity { start_time: Some(1), ..Identity::of_this_process() };
    assert_eq!(reused.verdict(), Verdict::Dead);
}
