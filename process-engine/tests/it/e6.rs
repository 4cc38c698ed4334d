//! E6: attempts, their delays and their limits of time.

use std::time::Duration;

use process_core::{Fact, event::RunFact};
use process_engine::RejectedKind;

use crate::{
    check::check,
    harness::{Bench, instant},
};

const AGENT: &str = "{id: a, type: agent_task, agent: w, message: Go";

fn agent(more: &str) -> String {
    format!("steps:\n  - {AGENT}{more}}}\n")
}

/// Fails every attempt at once and returns the delays between them, in milliseconds.
fn delays(retry: &str, seed: u64) -> Vec<i64> {
    let text = agent(&format!(", retry: {retry}"));
    let mut bench = Bench::started_with(&text, |start| start.seed = seed);
    let (mut at_ms, mut delays) = (0, Vec::new());
    loop {
        bench.does(&format!("{at_ms}ms dispatch a / {at_ms}ms fail a no"));
        let failed = bench.journal.iter().rev().find_map(|event| match &event.fact {
            Fact::Run(RunFact::AttemptFailed { retry_at, .. }) => Some(*retry_at),
            Fact::Run(RunFact::StepFailed { .. }) => None,
            _ => None,
        });
        if bench.run().end().is_some() {
            return delays;
        }
        let now = instant(Duration::from_millis(at_ms)).instant();
        let delay = (failed.expect("another attempt follows") - now).num_milliseconds();
        delays.push(delay);
        at_ms += u64::try_from(delay).expect("later");
        bench.does(&format!("{at_ms}ms tick"));
    }
}

#[test]
fn e6_1_without_retry_there_is_one_attempt() {
    let mut bench = Bench::started(&agent(""));
    let ended = bench.kinds("0 dispatch a / 1m fail a no");
    assert_eq!(ended, "step_started a#1, step_failed a#1, ending a, process_ended");
    assert_eq!(bench.state("a").attempts(), 1);
}

#[test]
fn e6_2_a_fixed_delay_stays() {
    let delays = delays("{max_attempts: 4, initial_delay: 2s, backoff: fixed}", 0);
    assert_eq!(delays, [2_000, 2_000, 2_000]);
}

#[test]
fn e6_2_no_delay_is_longer_than_max_delay() {
    let retry = "{max_attempts: 5, initial_delay: 2s, backoff: linear, max_delay: 5s}";
    assert_eq!(delays(retry, 0), [2_000, 4_000, 5_000, 5_000]);
    let retry = "{max_attempts: 5, initial_delay: 2s, multiplier: 3, max_delay: 10s}";
    assert_eq!(delays(retry, 0), [2_000, 6_000, 10_000, 10_000]);
}

#[test]
fn e6_2_many_attempts_wait_no_longer_than_max_delay() {
    let retry = "{max_attempts: 90, initial_delay: 1h, max_delay: 2h}";
    let delays = delays(retry, 0);
    assert_eq!(delays.len(), 89);
    assert!(delays[1..].iter().all(|delay| *delay == 7_200_000), "{delays:?}");
}

#[test]
fn e6_3_nothing_said_is_exponential_with_the_multiplier_two() {
    assert_eq!(delays("{max_attempts: 5, initial_delay: 3s}", 0), [3_000, 6_000, 12_000, 24_000]);
    let retry = "{max_attempts: 4, initial_delay: 100ms, multiplier: 1.5}";
    assert_eq!(delays(retry, 0), [100, 150, 225]);
}

#[test]
fn e6_4_linear_backoff_grows_by_the_first_delay() {
    let retry = "{max_attempts: 5, initial_delay: 5s, backoff: linear}";
    assert_eq!(delays(retry, 0), [5_000, 10_000, 15_000, 20_000]);
}

#[test]
fn e6_5_there_is_no_jitter_unless_it_is_asked_for() {
    let retry = "{max_attempts: 4, initial_delay: 10s, backoff: fixed}";
    assert!((0..20).all(|seed| delays(retry, seed) == [10_000; 3]));
}

#[test]
fn e6_5_jitter_comes_from_the_seed() {
    let retry = "{max_attempts: 4, initial_delay: 10s, backoff: fixed, jitter: 0.5}";
    let all: Vec<Vec<i64>> = (0..20).map(|seed| delays(retry, seed)).collect();
    assert!((0..20).all(|seed| delays(retry, seed) == all[seed as usize]), "the same each time");
    assert!(all.iter().any(|delays| *delays != all[0]), "another seed is another chance");
    assert!(
        all.iter().any(|delays| delays[0] != delays[1]),
        "each attempt has a chance of its own"
    );
    let within = |delay: &i64| (5_000..=15_000).contains(delay);
    assert!(all.iter().flatten().all(within), "{all:?}");
}

#[test]
fn e6_5_jitter_keeps_the_cap() {
    let retry = "{max_attempts: 6, initial_delay: 8s, max_delay: 10s, jitter: 1}";
    let all = (0..20).flat_map(|seed| delays(retry, seed));
    assert!(all.into_iter().all(|delay| (0..=10_000).contains(&delay)));
}

/// E6.5, E8.7: a compensator is tried again by its own retry, jitter included.
#[test]
fn e6_5_the_retry_of_a_compensator_has_jitter_too() {
    let text = "steps:
  - {id: a, compensation: {type: manual, retry: {max_attempts: 2, initial_delay: 10m, backoff: fixed, jitter: 1}}}
  - {id: b, depends_on: [a]}
";
    let delay = |seed| {
        let mut bench = Bench::started_with(text, |start| start.seed = seed);
        bench.does("0 dispatch a / 0 ok a / 0 dispatch b / 0 fail b no / 0 fail a no");
        bench.wakes_at().expect("another attempt follows")
    };
    let all: Vec<String> = (0..20).map(delay).collect();
    assert!(all.iter().any(|delay| *delay != all[0]), "{all:?}");
}

#[test]
fn e6_6_the_timeout_runs_from_the_start_of_the_attempt() {
    let mut bench = Bench::started(&agent(", timeout: 5m"));
    assert_eq!(bench.wakes_at(), None, "it does not run while the step waits for a worker");
    let started = bench.does("30m dispatch a");
    assert_eq!(started, "30m step_started a#1 attempt=1 dispatch=1 deadline=35m");
    assert_eq!(bench.wakes_at().as_deref(), Some("35m"));
}

#[test]
fn e6_6_the_timeout_does_not_run_while_the_step_waits_for_a_mutex() {
    let mut bench = Bench::started(
        "steps:\n  - {id: a, mutex: m, timeout: 5m}\n  - {id: b, mutex: m, timeout: 5m}\n",
    );
    bench.does("0 dispatch a / 4m ok a / 9m tick");
    assert!(bench.does("20m dispatch b").ends_with("deadline=25m"));
}

/// E6.6: each attempt has the whole timeout.
#[test]
fn e6_6_the_timeout_holds_for_each_attempt() {
    let retry = ", timeout: 5m, retry: {max_attempts: 2, initial_delay: 1m}";
    let mut bench = Bench::started(&agent(retry));
    bench.does("0 dispatch a / 4m fail a no / 5m tick");
    assert!(bench.does("6m dispatch a").ends_with("attempt=2 dispatch=1 deadline=11m"));
    assert_eq!(bench.kinds("11m ok a"), "step_completed a#1, process_ended");
}

#[test]
fn e6_7_an_attempt_that_takes_exactly_its_timeout_is_in_time() {
    let mut bench = Bench::started(&agent(", timeout: 5m"));
    bench.does("0 dispatch a / 5m message other / 5m ok a");
    assert_eq!(bench.step("a"), "completed");
    check(&agent(", timeout: 5m"), "{steps: {a: {takes: 5m}}, expect: {status: completed}}");
    check(&agent(", timeout: 5m"), "{steps: {a: {takes: 5m1ms}}, expect: {status: failed}}");
}

#[test]
fn e6_7_a_millisecond_later_is_too_late() {
    let mut bench = Bench::started(&agent(", timeout: 5m"));
    bench.does("0 dispatch a");
    let refused = bench.tries("5m1ms ok a").expect_err("it is too late");
    assert_eq!(refused.kind(), RejectedKind::Conflict);
    assert_eq!(bench.kinds("5m1ms tick"), "step_failed a#1, ending a, process_ended");
}

#[test]
fn e6_8_a_timeout_counts_as_an_attempt() {
    let retry = ", timeout: 5m, retry: {max_attempts: 2, initial_delay: 1m}";
    let mut bench = Bench::started(&agent(retry));
    bench.does("0 dispatch a");
    assert!(bench.does("5m tick").ends_with("retry_at=6m"));
    bench.does("6m dispatch a");
    assert_eq!(bench.kinds("11m tick"), "step_failed a#1, ending a, process_ended");
    assert_eq!(bench.state("a").attempts(), 2);
}

#[test]
fn e6_8_a_missed_heartbeat_counts_as_an_attempt() {
    let retry = ", heartbeat: 1m, retry: {max_attempts: 2, initial_delay: 1m}";
    let mut bench = Bench::started(&agent(retry));
    bench.does("0 dispatch a / 50s beat a / 1m40s beat a");
    assert_eq!(bench.does("2m39s tick"), "");
    assert_eq!(bench.kinds("2m40s tick"), "attempt_failed a#1");
    bench.does("3m40s dispatch a");
    assert!(bench.refuses("3m50s beat a token=3").starts_with("Conflict"));
    assert_eq!(bench.kinds("4m40s tick"), "step_failed a#1, ending a, process_ended");
}

/// E6.9: what a timed-out attempt reports is spent, and counts once.
#[test]
fn e6_9_the_cost_of_a_timed_out_attempt_counts() {
    let retry = ", timeout: 5m, retry: {max_attempts: 2, initial_delay: 1m}";
    let mut bench = Bench::started(&agent(retry));
    bench.does("0 dispatch a / 5m tick");
    let old = bench.token("a");
    assert!(bench.refuses("5m30s ok a cost=0.10").starts_with("Conflict"));
    bench.does(&format!("5m30s latecost a cost=0.10 token={old}"));
    bench.does("6m dispatch a / 7m ok a cost=0.20");
    assert_eq!(bench.spent(), "0.30");
    check(
        &agent(retry),
        "{steps: {a: [{takes: 6m, cost: '0.10'}, {takes: 1m, cost: '0.20'}]},
          expect: {status: completed, cost: '0.30', duration: 7m}}",
    );
}

/// E6.5: an instant of a retry that cannot be written is still read back.
#[test]
fn e6_2_a_delay_past_every_calendar_is_journalled() {
    let retry = ", retry: {max_attempts: 60, initial_delay: 36500d, multiplier: 1000}";
    let mut bench = Bench::started(&agent(retry));
    bench.does("0 dispatch a / 0 fail a no / 36500d dispatch a / 36500d fail a no");
    bench.does("36500d tick");
    assert_eq!(bench.status(), "waiting");
}
