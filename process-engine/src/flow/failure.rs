//! What follows when an attempt fails: another one, another way, or the end (rules E6, E7).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use process_core::{
    Shared, StepId,
    definition::{Backoff, OnError, Retry},
    event::{RunFact, SkipReason},
    money::Cost,
};
use serde_json::Value;

use super::Deciding;
use crate::run::{Key, Run};

/// How an attempt failed.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) error: String,
    pub(crate) cost: Option<Cost>,
    pub(crate) output: Option<Value>,
    /// Whether another attempt may follow.
    pub(crate) may_retry: bool,
}

impl Attempt {
    /// Returns the failure of a visit that came to no attempt: it is not tried again.
    pub(crate) fn unstarted(error: String) -> Self {
        Self { error, cost: None, output: None, may_retry: false }
    }

    /// Returns the failure of an attempt that was performed.
    pub(crate) fn performed(error: String, cost: Option<Cost>) -> Self {
        Self { error, cost, output: None, may_retry: true }
    }
}

impl Deciding<'_> {
    /// Records that a visit failed, and what follows.
    pub(crate) fn fail_visit(&mut self, key: Key, failed: Attempt) {
        let Some(run) = self.run() else { return };
        let at = run.at(key);
        let attempt = run.visit(key).map_or(0, |visit| visit.attempt);
        let (definition, place) = run.text_of(key);
        let step = &definition.steps[place];
        let Attempt { error, cost, output, may_retry } = failed;
        let output = output.map(Shared::from);
        if may_retry
            && attempt > 0
            && run.ending.is_none()
            && run.is_performed(key.0)
            && let Some(retry) = &step.retry
            && attempt < retry.max_attempts
        {
            let retry_at = later(self.now, retry_delay(retry, attempt, run.chance(key, attempt)));
            self.emit(RunFact::AttemptFailed { at, attempt, error, cost, retry_at });
            return;
        }
        let is_grouped = run.group_of(key).is_some();
        let (goto, error) = match &step.on_error {
            _ if is_grouped => (None, error),
            None | Some(OnError::FailProcess) => (None, error),
            Some(OnError::SkipStep) => {
                let reason = SkipReason::Error;
                let error = Some(error);
                self.emit(RunFact::StepSkipped { at, reason, detail: None, output, error, cost });
                return;
            }
            Some(OnError::Goto(target)) => match run.goto_limit(key.0, target) {
                None => (Some(target.clone()), error),
                Some(limit) => (None, format!("{limit}; before that: {error}")),
            },
        };
        self.emit(RunFact::StepFailed { at, attempt, error, cost, goto, output });
    }
}

impl Run {
    /// Returns why a failure may not go back once more, if it may not.
    pub(super) fn goto_limit(&self, step: usize, target: &StepId) -> Option<String> {
        let target = self.definition.graph.index(target.as_str())?;
        if self.definition.graph.is_back(step, target) { self.loop_limit(target) } else { None }
    }

    /// Returns a number from 0 to 1 that only the seed and the attempt decide.
    pub(super) fn chance(&self, key: Key, attempt: u32) -> f64 {
        let mut x = self.seed;
        for part in [key.0 as u64, u64::from(key.1), u64::from(attempt)] {
            // SplitMix64 (Steele, Lea and Flood, 2014).
            x = x.wrapping_add(part).wrapping_add(0x9e37_79b9_7f4a_7c15);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^= x >> 31;
        }
        // 53 bits are what a double holds.
        (x >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Returns how long it is waited before the attempt behind this one.
pub(super) fn retry_delay(retry: &Retry, attempt: u32, chance: f64) -> Duration {
    let first = retry.initial_delay.as_secs_f64();
    let seconds = match retry.backoff {
        Backoff::Exponential => {
            let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
            first * retry.multiplier.powi(exponent)
        }
        Backoff::Fixed => first,
        Backoff::Linear => first * f64::from(attempt),
    };
    // Jitter takes a part of the delay away, so that a cap stays one.
    let seconds = seconds * (1.0 - retry.jitter.clamp(0.0, 1.0) * chance);
    let delay = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let delay = retry.max_delay.map_or(delay, |most| delay.min(most));
    // Journals name milliseconds.
    Duration::from_millis(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
}

/// Returns the instant this much later, or the last one.
pub(super) fn later(now: DateTime<Utc>, delay: Duration) -> DateTime<Utc> {
    let delta = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
