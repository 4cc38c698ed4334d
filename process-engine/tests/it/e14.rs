//! E14: where a process stands, pausing it, ending it.

use crate::{check::check, harness::Bench};

const ALL: &str = "steps:
  - {id: ap, type: human_approval}
  - {id: ti, type: timer, delay: 1h}
  - {id: me, type: wait_for, message: paid}
  - {id: do, type: command, run: [ls], delivery: at_most_once}
  - {id: su, type: sub_process, process: child}
  - {id: un, type: wait_for, until: \"steps.ti.status == 'completed'\"}
  - {id: re, retry: {max_attempts: 2, initial_delay: 1h}}
";

#[test]
fn e14_2_a_process_that_was_not_started_is_planned() {
    let mut bench = Bench::planned("steps: [{id: a}]");
    bench.does("0 start");
    let process = bench.execution.process().expect("there is a process");
    assert_eq!(process.steps.len(), 1);
    assert_eq!(process.status.as_str(), "in_progress");
}

#[test]
fn e14_3_a_process_is_in_progress_while_something_can_be_claimed() {
    let mut bench = Bench::started("steps: [{id: ap, type: human_approval}, {id: a}]");
    assert_eq!(bench.status(), "in_progress");
    bench.does("0 claim a 1h");
    assert_eq!(bench.status(), "in_progress");
    bench.does("1m ok a");
    assert_eq!(bench.status(), "waiting");
}

#[test]
fn e14_4_a_process_that_waits_lists_every_cause() {
    let mut bench = Bench::started(ALL);
    bench.does("0 dispatch do / 0 lost do / 0 dispatch re / 0 fail re no");
    assert_eq!(bench.status(), "waiting");
    assert_eq!(
        bench.waiting(),
        "ap#1 approval, ti#1 timer, me#1 message, do#1 person, su#1 sub_process, un#1 until, re#1 retry"
    );
    let statuses = "ap: waiting, ti: waiting, me: waiting, do: waiting, su: waiting, un: waiting, \
                    re: waiting";
    assert_eq!(bench.steps(), statuses);
}

#[test]
fn e16_2_with_only_a_false_until_the_process_is_blocked() {
    let until = "steps:
  - {id: a}
  - {id: u, type: wait_for, until: steps.a.output.n > 1}
";
    let mut bench = Bench::started(until);
    bench.does("0 dispatch a / 1m ok a {\"n\": 1}");
    assert_eq!(bench.status(), "blocked");
    assert_eq!(bench.waiting(), "u#1 until");
    assert_eq!(bench.run().until_text("u"), Some("steps.a.output.n > 1"));
    assert_eq!(bench.wakes_at(), None);
    // A person may still move it.
    bench.does("2m skip u");
    assert_eq!(bench.status(), "completed");
}

#[test]
fn e16_2_an_until_with_a_timeout_is_not_blocked() {
    let until = "steps:
  - {id: a}
  - {id: u, type: wait_for, until: steps.a.output.n > 1, timeout: 1h}
";
    let mut bench = Bench::started(until);
    bench.does("0 dispatch a / 1m ok a {\"n\": 1}");
    assert_eq!(bench.status(), "waiting");
    assert_eq!(bench.wakes_at().as_deref(), Some("1h"));
}

/// E16.2: a step that stands behind it in the queue of a mutex wakes nobody.
#[test]
fn e16_2_who_waits_for_the_mutex_of_a_false_until_is_blocked_too() {
    let until = "steps:
  - {id: a}
  - {id: u, type: wait_for, until: steps.a.output.n > 1, mutex: m, depends_on: [a]}
  - {id: q, mutex: m, depends_on: [a]}
";
    let mut bench = Bench::started(until);
    bench.does("0 dispatch a / 1m ok a {\"n\": 1}");
    assert_eq!(bench.dispatchable(), "");
    assert_eq!(bench.status(), "blocked");
}

#[test]
fn e14_10_a_paused_process_dispatches_nothing_and_takes_no_route() {
    let text = "steps:
  - {id: a}
  - {id: g, type: gateway, depends_on: [a], routes: [{default: true, next: b}]}
  - {id: b}
  - {id: c}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 1m pause");
    assert_eq!(bench.status(), "paused");
    assert_eq!(bench.dispatchable(), "");
    assert!(bench.refuses("2m dispatch c").starts_with("Conflict"));
    assert!(bench.refuses("2m claim c 1h").starts_with("Conflict"));
    assert_eq!(bench.kinds("3m ok a"), "step_completed a#1");
    assert_eq!(bench.steps(), "a: completed, g: pending, b: pending, c: pending");
    let resumed = bench.kinds("4m resume");
    assert_eq!(resumed, "resumed, step_ready g#1, step_completed g#1, step_ready b#1");
    assert_eq!(bench.dispatchable(), "c#1, b#1");
}

/// E14.10: a loss while it is paused is no dispatch.
#[test]
fn e14_10_what_is_lost_while_paused_is_not_dispatched_again() {
    let mut bench = Bench::started("steps:\n  - {id: a, type: command, run: [ls]}\n");
    bench.does("0 dispatch a / 1m pause");
    assert!(!bench.kinds("2m lost a").contains("step_started"));
    bench.does("3m resume");
    assert_eq!(bench.dispatchable(), "a#1");
    assert!(bench.does("4m dispatch a").contains("attempt=1 dispatch=2"));
}

/// E14.10: an attempt that fails while the process is paused undoes nothing before it goes on.
#[test]
fn e14_10_nothing_is_undone_while_paused() {
    let text = "steps:
  - {id: a, compensation: {type: manual}}
  - {id: b, depends_on: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 0 ok a / 0 dispatch b / 1m pause");
    let failed = bench.kinds("2m fail b no");
    assert!(!failed.contains("compensation_started"), "{failed}");
    assert!(bench.kinds("3m resume").contains("compensation_started a#1"));
    bench.does("4m ok a");
    assert_eq!(bench.steps(), "a: compensated, b: failed");
}

#[test]
fn e14_10_decisions_and_messages_are_taken_while_paused() {
    let text = "steps:
  - {id: ap, type: human_approval}
  - {id: me, type: wait_for, message: paid}
";
    let mut bench = Bench::started(text);
    bench.does("0 pause / 1m approve ap / 2m message paid");
    assert_eq!(bench.refuses("3m approve ap"), "AlreadyDecided: approval `ap` is decided already");
    bench.does("4m resume");
    assert_eq!(bench.steps(), "ap: completed, me: completed");
}

#[test]
fn e14_10_cancel_is_taken_while_paused() {
    let mut bench = Bench::started("steps: [{id: a}]");
    bench.does("0 pause / 1m cancel");
    assert_eq!(bench.status(), "cancelled");
}

#[test]
fn e14_11_what_came_due_fires_at_resume_in_due_order() {
    let text = "steps:
  - {id: t1, type: timer, delay: 10m}
  - {id: t2, type: timer, delay: 5m}
  - {id: t3, type: timer, delay: 30m}
";
    let mut bench = Bench::started(text);
    bench.does("1m pause");
    assert_eq!(bench.does("15m tick"), "");
    assert_eq!(bench.kinds("20m resume"), "resumed, step_completed t2#1, step_completed t1#1");
    assert_eq!(bench.wakes_at().as_deref(), Some("30m"));
}

#[test]
fn e14_11_timeouts_of_attempts_fire_while_paused() {
    let text = "steps:\n  - {id: a, timeout: 5m, retry: {max_attempts: 2, initial_delay: 1m}}\n";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 1m pause");
    assert_eq!(bench.wakes_at().as_deref(), Some("5m"));
    assert_eq!(bench.kinds("5m tick"), "attempt_failed a#1");
    assert_eq!(bench.does("9m tick"), "", "the next attempt comes when it goes on");
    assert_eq!(bench.kinds("10m resume"), "resumed, step_ready a#1");
}

/// E14.11, E9.13: the clock of an approval runs on, and a decision behind its end is none.
#[test]
fn e14_11_a_decision_behind_its_timeout_is_a_conflict_while_paused() {
    let text = "steps:\n  - {id: ap, type: human_approval, timeout: 5m, on_error: skip_step}\n";
    let mut bench = Bench::started(text);
    bench.does("1m pause");
    let taken = bench.tries("6m approve ap").is_ok();
    bench.does("10m resume");
    assert_eq!(bench.step("ap"), "skipped error", "the timeout came first; taken: {taken}");
    assert!(!taken);
}

/// E14.11: what came due before the message came is due before it.
#[test]
fn e14_11_a_message_behind_the_timeout_of_its_wait_is_too_late() {
    let text =
        "steps:\n  - {id: a, type: wait_for, message: paid, timeout: 5m, on_error: skip_step}\n";
    let mut bench = Bench::started(text);
    bench.does("1m pause / 6m message paid / 10m resume");
    assert_eq!(bench.step("a"), "skipped error");
}

/// E14.11: what came before its time was over is in time, however late the process goes on.
#[test]
fn e14_11_what_came_in_time_counts_at_resume() {
    let text = "steps:
  - {id: ap, type: human_approval, timeout: 5m}
  - {id: a, type: wait_for, message: paid, timeout: 5m}
";
    let mut bench = Bench::started(text);
    bench.does("1m pause / 4m approve ap / 4m message paid / 10m resume");
    assert_eq!(bench.steps(), "ap: completed, a: completed");
}

#[test]
fn e14_10_pause_and_resume_twice_are_conflicts() {
    let mut bench = Bench::started("steps: [{id: a}]");
    assert!(bench.refuses("0 resume").starts_with("Conflict"));
    bench.does("0 pause");
    assert!(bench.refuses("1m pause").starts_with("Conflict"));
    bench.does("2m resume");
    assert_eq!(bench.status(), "in_progress");
}

#[test]
fn e14_12_cancel_takes_effect_at_once() {
    let text = "steps: [{id: ap, type: human_approval}, {id: t, type: timer, delay: 1h}, {id: a}]";
    let mut bench = Bench::started(text);
    let ended = bench.kinds("1m cancel");
    assert_eq!(ended, "ending, step_cancelled ap#1, step_cancelled t#1, process_ended");
    assert_eq!(bench.steps(), "ap: cancelled, t: cancelled, a: pending");
    assert_eq!(bench.wakes_at(), None);
}

#[test]
fn e14_12_cancel_of_a_finished_process_is_a_conflict() {
    let mut bench = Bench::started("steps: [{id: a}]");
    bench.does("0 dispatch a / 0 ok a");
    assert_eq!(bench.refuses("1m cancel"), "Conflict: the process is completed");
    let mut bench = Bench::started("steps: [{id: a}]");
    bench.does("0 cancel");
    assert_eq!(bench.refuses("1m cancel"), "Conflict: the process is cancelled");
}

/// E7.16: while it is on its way to its end.
#[test]
fn e7_16_a_second_cancel_changes_nothing() {
    let mut bench = Bench::started("steps: [{id: a}]");
    bench.does("0 dispatch a / 1m cancel");
    assert_eq!(bench.status(), "in_progress");
    assert_eq!(bench.does("1m5s cancel"), "");
    assert_eq!(bench.wakes_at().as_deref(), Some("1m10s"));
    let ended = bench.does("1m10s tick");
    assert!(ended.starts_with("1m10s step_cancelled a#1 in_doubt=true\n"), "{ended}");
    assert_eq!(bench.status(), "cancelled");
}

/// E7.12: what ends within the grace counts, and is undone.
#[test]
fn e7_12_a_result_within_the_grace_counts() {
    let mut bench = Bench::started("steps: [{id: a, compensation: {type: manual}}]");
    bench.does("0 dispatch a / 1m cancel");
    let done = bench.kinds("1m9s ok a");
    assert_eq!(done, "step_completed a#1, compensation_started a#1");
    assert!(bench.kinds("2m ok a").ends_with("process_ended"));
    assert_eq!(bench.step("a"), "compensated");
    check(
        "stop_grace: 1m\nsteps: [{id: a}]\n",
        "{steps: {a: {takes: 90s}}, cancel_at: 60s,
          expect: {status: cancelled, duration: 90s, steps: {a: completed}}}",
    );
}

/// E7.13, E0.6: the end of the grace is due like any other instant, also when nobody asked for it.
#[test]
fn e7_13_a_result_behind_the_grace_is_refused() {
    for command in ["ok a", "message paid", "context a {\"n\": 1}", "lost a"] {
        let mut bench = Bench::started("steps: [{id: a}]");
        bench.does("0 dispatch a / 1m cancel");
        assert!(bench.refuses(&format!("2m {command}")).starts_with("Conflict"), "{command}");
        bench.does("2m tick");
        assert_eq!(bench.step("a"), "cancelled", "{command}");
    }
}

#[test]
fn e14_16_nothing_is_taken_behind_the_end() {
    let mut bench = Bench::started("steps: [{id: a}]");
    bench.does("0 dispatch a / 0 ok a");
    for command in ["dispatch a", "claim a 1m", "pause", "resume", "message paid", "ok a", "lost a"]
    {
        let refused = bench.refuses(&format!("1m {command}"));
        assert_eq!(refused, "Conflict: the process is completed", "{command}");
    }
    assert_eq!(bench.does("1m tick"), "");
}
