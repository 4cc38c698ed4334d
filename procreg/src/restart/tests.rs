//! Tests of restarts: every row of the table, and the bound of a crash loop.

use proptest::prelude::*;

use super::{Backoff, Restart, RestartPolicy, RestartState};
use crate::identity::Exit;

fn state(policy: &str) -> RestartState {
    RestartState { policy: RestartPolicy::parse(policy), ..RestartState::default() }
}

/// Lets a child crash again and again, each time after so many milliseconds, and tells what
/// becomes of it.
fn crash(policy: &str, exit: &Exit, run_ms: u64, times: usize) -> Vec<Restart> {
    let mut state = state(policy);
    let mut now_ms = 1_000_000;
    let mut told = Vec::new();
    for _ in 0..times {
        let started_ms = now_ms;
        now_ms += run_ms;
        let exit = Exit { at: now_ms, ..exit.clone() };
        let restart = Backoff::default().after_exit(&mut state, started_ms, &exit);
        told.push(restart);
        if let Restart::After(delay_ms) = restart {
            now_ms += delay_ms;
        }
    }
    told
}

#[test]
fn a_policy_decides_by_the_end() {
    let failed = [Exit::of_code(1, 0), Exit::of_signal(9, 0), Exit::default()];
    for exit in failed {
        assert_eq!(crash("never", &exit, 1, 1), [Restart::No]);
        assert_eq!(crash("sometimes", &exit, 1, 1), [Restart::No]);
        assert_eq!(crash("on_failure", &exit, 1, 1), [Restart::After(100)]);
        assert_eq!(crash("always", &exit, 1, 1), [Restart::After(100)]);
    }
    let done = Exit::of_code(0, 0);
    assert_eq!(crash("never", &done, 1, 1), [Restart::No]);
    assert_eq!(crash("on_failure", &done, 1, 1), [Restart::No]);
    assert_eq!(crash("always", &done, 1, 1), [Restart::After(100)]);
}

#[test]
fn a_crash_loop_gets_slower_and_then_ends() {
    use Restart::{After, GiveUp};

    for policy in ["on_failure", "always"] {
        let told = crash(policy, &Exit::of_code(1, 0), 0, 6);
        let end = GiveUp { crashes: 5 };
        assert_eq!(told[..5], [After(100), After(200), After(400), After(800), end]);
        assert_eq!(told[5], GiveUp { crashes: 6 });
    }
}

#[test]
fn the_wait_grows_to_its_limit_where_the_window_lets_it() {
    let told = crash("always", &Exit::of_code(1, 0), 20_000, 12);
    let delays: Vec<u64> = told
        .iter()
        .map(|restart| match restart {
            Restart::After(delay_ms) => *delay_ms,
            Restart::GiveUp { .. } | Restart::No => 0,
        })
        .collect();
    assert_eq!(delays[..9], [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600]);
    assert_eq!(delays[9..], [30_000, 30_000, 30_000]);
}

#[test]
fn a_run_longer_than_the_window_starts_with_a_clean_slate() {
    let backoff = Backoff::default();
    let mut state = state("always");
    for at in [10, 20, 30, 40] {
        assert!(matches!(
            backoff.after_exit(&mut state, at, &Exit::of_code(1, at)),
            Restart::After(_)
        ));
    }
    let long = Exit::of_code(1, 40 + 60_001);
    assert_eq!(backoff.after_exit(&mut state, 40, &long), Restart::After(100));
    assert_eq!((state.restarts, state.crashes.len()), (1, 1));
}

#[test]
fn a_clock_that_goes_back_frees_nobody() {
    let backoff = Backoff::default();
    let mut state = state("always");
    for at in [9_000_000, 8_000_000, 7_000_000, 6_000_000] {
        let _ = backoff.after_exit(&mut state, 9_500_000, &Exit::of_code(1, at));
    }
    let last = backoff.after_exit(&mut state, 9_500_000, &Exit::of_code(1, 5_000_000));
    assert_eq!(last, Restart::GiveUp { crashes: 5 });
}

proptest! {
    #[test]
    fn no_sequence_restarts_more_often_than_the_window_allows(
        runs in proptest::collection::vec(0_u64..70_000, 1..200),
    ) {
        let backoff = Backoff::default();
        let mut state = state("always");
        let mut now_ms = 0;
        let mut restarts = Vec::new();
        for run_ms in runs {
            let started_ms = now_ms;
            now_ms += run_ms;
            match backoff.after_exit(&mut state, started_ms, &Exit::of_code(1, now_ms)) {
                Restart::After(delay_ms) => {
                    prop_assert!((100..=30_000).contains(&delay_ms));
                    restarts.push(now_ms);
                    now_ms += delay_ms;
                }
                Restart::GiveUp { crashes } => {
                    prop_assert!(crashes >= 5);
                    break;
                }
                Restart::No => prop_assert!(false, "always means always"),
            }
            prop_assert!(state.crashes.len() <= crate::limits::CRASHES_MAX);
        }
        for five in restarts.windows(5) {
            prop_assert!(five[4] - five[0] > 60_000 || five[4] - five[3] > 60_000);
        }
    }
}
