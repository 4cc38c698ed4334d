//! E6: dispatches of an attempt, their tokens, and work that may not be done twice.

use process_core::{Fact, ProcessId, event::RunFact};
use process_engine::idempotency_key;

use crate::harness::Bench;

const RETRY: &str = "retry: {max_attempts: 3, initial_delay: 1m, backoff: fixed}";

fn agent(more: &str) -> String {
    format!("steps:\n  - {{id: a, type: agent_task, agent: w, message: Go{more}}}\n")
}

/// Returns attempt and dispatch of every start of a step.
fn dispatches(bench: &Bench) -> Vec<(u32, u32)> {
    let starts = bench.journal.iter().filter_map(|event| match &event.fact {
        Fact::Run(RunFact::StepStarted { attempt, dispatch, .. }) => Some((*attempt, *dispatch)),
        _ => None,
    });
    starts.collect()
}

#[test]
fn e6_10_the_key_of_an_attempt_names_process_step_visit_and_attempt() {
    let bench = Bench::started(&agent(""));
    let process = ProcessId::from_number(1).expect("1 is a process number");
    assert_eq!(idempotency_key(process, &bench.visit("a#2"), 3), "proc-001/a/2/3");
}

/// E6.10, E6.12: another dispatch of an attempt has the same key, another attempt has not.
#[test]
fn e6_10_the_key_stays_with_the_attempt() {
    let mut bench = Bench::started(&agent(&format!(", {RETRY}")));
    bench.does("0 dispatch a / 1m lost a / 2m fail a no / 3m dispatch a");
    assert_eq!(dispatches(&bench), [(1, 1), (1, 2), (2, 1)]);
}

#[test]
fn e6_11_each_dispatch_has_a_token_of_its_own() {
    let mut bench = Bench::started(&agent(&format!(", {RETRY}")));
    let mut tokens = Vec::new();
    for command in ["0 dispatch a", "1m lost a", "2m fail a no / 3m dispatch a", "4m lost a"] {
        bench.does(command);
        tokens.push(bench.token("a"));
        let running = bench.run().running();
        let stored = running.first().and_then(|(_, _, visit)| visit.token());
        assert_eq!(stored, tokens.last().copied(), "it is stored with the dispatch");
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
}

#[test]
fn e6_12_a_loss_dispatches_the_same_attempt_again() {
    let mut bench = Bench::started(&agent(", timeout: 5m"));
    bench.does("0 dispatch a");
    let old = bench.token("a");
    let again = bench.does("3m lost a");
    let expected = "3m step_released a#1\n3m step_started a#1 attempt=1 dispatch=2 deadline=8m";
    assert_eq!(again, expected);
    assert!(bench.refuses(&format!("4m ok a token={old}")).starts_with("Conflict"));
    assert_eq!(bench.kinds("8m ok a"), "step_completed a#1, process_ended");
    assert_eq!(bench.state("a").attempts(), 1);
}

/// E6.12: not counted by retry, also behind an attempt that failed.
#[test]
fn e6_12_a_loss_of_the_second_attempt_is_still_the_second() {
    let mut bench = Bench::started(&agent(&format!(", {RETRY}")));
    bench.does("0 dispatch a / 1m fail a no / 2m dispatch a / 3m lost a");
    assert_eq!(dispatches(&bench), [(1, 1), (2, 1), (2, 2)]);
    assert_eq!(bench.state("a").attempts(), 2);
}

#[test]
fn e6_12_the_end_of_a_lease_dispatches_the_same_attempt_again() {
    let mut bench = Bench::started("steps:\n  - {id: a, timeout: 1h}\n");
    bench.does("0 claim a 10m");
    assert_eq!(bench.kinds("10m tick"), "step_released a#1");
    assert_eq!(bench.status(), "in_progress");
    let claimed = bench.does("12m claim a 10m by=ben");
    let expected =
        "12m step_started a#1 attempt=1 dispatch=2 deadline=1h12m holder=ben held_until=22m";
    assert_eq!(claimed, expected);
}

/// E6.12: after an attempt that failed, the end of a lease is no attempt either.
#[test]
fn e6_12_the_end_of_a_lease_is_no_attempt_behind_a_failure() {
    let mut bench = Bench::started(&format!("steps:\n  - {{id: a, {RETRY}}}\n"));
    bench.does("0 claim a 10m / 1m fail a no / 2m claim a 10m / 12m tick / 13m claim a 10m");
    assert_eq!(dispatches(&bench), [(1, 1), (2, 1), (2, 2)]);
}

#[test]
fn e6_13_the_sixth_dispatch_is_a_crash_loop() {
    let mut bench = Bench::started(&agent(""));
    bench.does("0 dispatch a / 1m lost a / 2m lost a / 3m lost a / 4m lost a");
    assert_eq!(dispatches(&bench).len(), 5);
    assert_eq!(bench.kinds("5m lost a"), "step_failed a#1, ending a, process_ended");
    assert!(bench.state("a").error().unwrap_or_default().contains("crash_loop"));
}

/// E6.13: the end of a lease is counted like a crash.
#[test]
fn e6_13_the_fifth_lease_that_ends_is_a_crash_loop() {
    let mut bench = Bench::started("steps:\n  - {id: a}\n");
    for lease in 0..5 {
        bench.does(&format!("{lease}m claim a 30s"));
    }
    bench.does("5m tick");
    assert_eq!(dispatches(&bench).len(), 5);
    assert_eq!(bench.step("a"), "failed");
    assert!(bench.state("a").error().unwrap_or_default().contains("crash_loop"));
}

/// E6.13: each attempt is counted for itself.
#[test]
fn e6_13_the_next_attempt_is_counted_anew() {
    let mut bench = Bench::started(&agent(&format!(", {RETRY}")));
    bench.does("0 dispatch a / 1m lost a / 2m lost a / 3m lost a / 4m fail a no");
    bench.does("5m dispatch a / 6m lost a / 7m lost a / 8m lost a / 9m lost a");
    assert_eq!(bench.kinds("10m lost a"), "attempt_failed a#1");
    assert_eq!(bench.state("a").attempts(), 2);
}

#[test]
fn e6_14_a_result_with_an_old_token_is_refused() {
    let mut bench = Bench::started(&agent(&format!(", {RETRY}")));
    bench.does("0 dispatch a");
    let first = bench.token("a");
    bench.does("1m fail a no / 2m dispatch a");
    for verb in ["ok", "fail", "beat", "context", "lost"] {
        let refused = bench.refuses(&format!("3m {verb} a token={first}"));
        assert!(refused.starts_with("Conflict: the token"), "{refused}");
    }
    assert_eq!(bench.kinds("3m ok a"), "step_completed a#1, process_ended");
}

#[test]
fn e6_14_a_late_cost_is_recorded_once() {
    let mut bench = Bench::started(&agent(""));
    bench.does("0 dispatch a");
    let old = bench.token("a");
    bench.does("1m lost a");
    let late = format!("latecost a cost=0.10 token={old}");
    assert_eq!(bench.does(&format!("2m {late}")), "2m late_cost a#1 cost=0.10");
    assert!(bench.refuses(&format!("2m {late}")).starts_with("Conflict"));
    bench.does("3m ok a cost=0.20");
    assert_eq!(bench.spent(), "0.30");
    assert!(bench.refuses(&format!("4m {late}")).starts_with("Conflict"));
}

/// E6.14: also behind the end of the process, for the worker may come back at any time.
#[test]
fn e6_14_a_late_cost_counts_behind_the_end() {
    let mut bench = Bench::started(&agent(""));
    bench.does("0 dispatch a / 1m cancel / 11m tick");
    assert_eq!(bench.status(), "cancelled");
    bench.does("12m latecost a cost=0.10");
    assert_eq!(bench.spent(), "0.10");
}

/// E6.14: a result that counted has brought its cost; a repeat of it brings none.
#[test]
fn e6_14_the_cost_of_a_result_that_counted_is_not_late() {
    let text = "steps:
  - {id: a, type: agent_task, agent: w, message: Go}
  - {id: b, depends_on: [a]}
";
    let mut bench = Bench::started(text);
    bench.does("0 dispatch a / 1m ok a cost=0.10");
    assert!(bench.refuses("2m ok a cost=0.10").starts_with("Conflict"));
    let _ = bench.tries("2m latecost a cost=0.10");
    assert_eq!(bench.spent(), "0.10");
}

/// E6.14: nor one of an attempt that failed and told its cost.
#[test]
fn e6_14_the_cost_of_a_failure_that_counted_is_not_late() {
    let mut bench = Bench::started(&agent(&format!(", {RETRY}")));
    bench.does("0 dispatch a");
    let first = bench.token("a");
    bench.does("1m fail a no cost=0.10");
    let _ = bench.tries(&format!("1m latecost a cost=0.10 token={first}"));
    assert_eq!(bench.spent(), "0.10");
}

/// E6.14: a token that was never given is none of the process's.
#[test]
fn e6_14_a_late_cost_needs_a_token_that_was_given() {
    let mut bench = Bench::started(&agent(""));
    bench.does("0 dispatch a");
    assert!(bench.refuses("1m latecost a cost=0.10 token=99").starts_with("Conflict"));
}

#[test]
fn e6_15_at_most_once_waits_for_a_person_when_it_is_in_doubt() {
    let mut bench = Bench::started(&agent(", delivery: at_most_once"));
    bench.does("0 dispatch a");
    let old = bench.token("a");
    assert_eq!(bench.kinds("1m lost a"), "step_in_doubt a#1");
    assert_eq!(bench.status(), "waiting");
    assert_eq!(bench.waiting(), "a#1 person");
    assert_eq!(bench.dispatchable(), "");
    assert!(bench.refuses("2m dispatch a").starts_with("Conflict"));
    assert!(bench.refuses("2m claim a 10m").starts_with("Conflict"));
    let _ = bench.tries(&format!("2m lost a token={old}"));
    assert_eq!(bench.waiting(), "a#1 person");
    assert_eq!(bench.kinds("3m complete a"), "step_completed a#1, process_ended");
}

/// E6.15: a person says that it was not done.
#[test]
fn e6_15_a_person_may_say_that_it_failed() {
    let mut bench = Bench::started(&agent(", delivery: at_most_once"));
    bench.does("0 dispatch a / 1m lost a");
    assert_eq!(bench.kinds("3m failed a no"), "step_failed a#1, ending a, process_ended");
}

/// E6.15: the end of a lease leaves it in doubt as well.
#[test]
fn e6_15_the_end_of_a_lease_leaves_at_most_once_in_doubt() {
    let mut bench = Bench::started("steps:\n  - {id: a, delivery: at_most_once}\n");
    bench.does("0 claim a 10m");
    assert_eq!(bench.kinds("10m tick"), "step_in_doubt a#1");
    assert_eq!(bench.waiting(), "a#1 person");
}

/// E6.15: whoever asks for it, and however it came back, it is dispatched once.
#[test]
fn e6_15_at_most_once_is_never_dispatched_twice() {
    for (first, then) in [("claim a 10m", "10m tick"), ("claim a 10m", "5m release a")] {
        let mut bench = Bench::started("steps:\n  - {id: a, delivery: at_most_once}\n");
        bench.does(&format!("0 {first} / {then}"));
        let _ = bench.tries("20m dispatch a");
        let _ = bench.tries("20m claim a 10m");
        assert_eq!(dispatches(&bench), [(1, 1)], "{first}, {then}");
    }
}

#[test]
fn e6_21_what_an_expression_gives_names_no_secret() {
    let text = "
input: {whole: {type: string}, tail: {type: string}, end: {type: string}, plain: {type: string}}
steps:
  - id: a
    type: command
    run: [cat]
    env: {OWN: '${KEY}', WHOLE: '{{ input.whole }}', MIXED: '${KEY} {{ input.whole }}'}
    stdin: 'a${{ input.tail }} {{ input.end }}{KEY} {{ input.plain }}'
  - id: b
    type: notification
    channel: webhook
    message: '{{ input.whole }}'
    url: 'https://x/{{ input.whole }}'
    headers: {Authorization: 'Bearer ${KEY}', Other: '{{ input.whole }}'}
";
    let mut bench = Bench::started_with(text, |start| {
        start.input = serde_json::json!({
            "whole": "${KEY}", "tail": "{KEY}", "end": "$", "plain": "$5 {ok}"
        });
    });
    bench.does("0 dispatch a / 0 dispatch b");
    let work = |step: &str| bench.state(step).last_visit().unwrap().work().unwrap().clone();
    let (a, b) = (work("a"), work("b"));
    assert_eq!(
        a["env"],
        serde_json::json!({"OWN": "${KEY}", "WHOLE": "$${KEY}", "MIXED": "${KEY} $${KEY}"})
    );
    assert_eq!(a["stdin"], "a$${KEY} $${KEY} $5 {ok}");
    assert_eq!(b["url"], "https://x/$${KEY}");
    assert_eq!(
        b["headers"],
        serde_json::json!({"Authorization": "Bearer ${KEY}", "Other": "$${KEY}"})
    );
    // Where no secret is read, what stands there stays as it is.
    assert_eq!(b["message"], "${KEY}");
}
