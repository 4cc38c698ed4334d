//! Whether and when a child is started again, so that one that crashes at once does not do so for
//! ever.

use serde::{Deserialize, Deserializer};

use crate::identity::Exit;
use crate::json::{Field, Kept, Key, Presence, Shown, Writer, record};
use crate::limits::CRASHES_MAX;

#[cfg(test)]
mod tests;

/// When a child that ended is started again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum RestartPolicy {
    /// However it ended.
    Always,
    /// Never.
    #[default]
    Never,
    /// When it did not end with code 0.
    OnFailure,
    /// What another version wrote, which this one takes for never.
    Other(Box<str>),
}

/// How long to wait before a restart, and when to give up; times are in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backoff {
    /// The wait before the first restart; each further one is twice as long.
    pub delay_ms: u64,
    /// The longest wait.
    pub delay_ms_max: u64,
    /// So many ends within the window are too many.
    pub crashes_max: u32,
    /// The window; a child that ran longer starts with a clean slate.
    pub window_ms: u64,
}

/// What is remembered between restarts; it is the value of `restart` in an identity.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RestartState {
    /// The policy.
    pub policy: RestartPolicy,
    /// How often it was started again since its last clean slate.
    pub restarts: u64,
    /// When it ended, in milliseconds since 1970: the last times only.
    pub crashes: Vec<u64>,
    /// Keys of other versions.
    pub kept: Kept,
}

/// What to do about a child that ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Restart {
    /// Start it again after so many milliseconds.
    After(u64),
    /// It crashed so often within the window that it is left alone.
    GiveUp {
        /// How often.
        crashes: u32,
    },
    /// Its policy leaves it ended.
    No,
}

impl Default for Backoff {
    /// Returns 100 ms doubling up to 30 s, and the end of it after 5 crashes within 60 s.
    fn default() -> Backoff {
        Backoff { delay_ms: 100, delay_ms_max: 30_000, crashes_max: 5, window_ms: 60_000 }
    }
}

impl Backoff {
    /// Decides about a child that ran from `started_ms` to the end that was seen, and remembers it.
    ///
    /// | policy | end | crashes in the window, this one included | decision |
    /// |---|---|---|---|
    /// | never | any | any | no |
    /// | on failure | code 0 | any | no |
    /// | on failure | anything else | fewer than `crashes_max` | after the delay |
    /// | on failure | anything else | `crashes_max` | give up |
    /// | always | any | fewer than `crashes_max` | after the delay |
    /// | always | any | `crashes_max` | give up |
    ///
    /// A run longer than the window forgets what was before it.
    /// A clock that went back counts as no time at all.
    #[must_use]
    pub fn after_exit(&self, state: &mut RestartState, started_ms: u64, exit: &Exit) -> Restart {
        let is_wanted = match &state.policy {
            RestartPolicy::Always => true,
            RestartPolicy::Never | RestartPolicy::Other(_) => false,
            RestartPolicy::OnFailure => !exit.is_success(),
        };
        if !is_wanted {
            return Restart::No;
        }
        if exit.at.saturating_sub(started_ms) > self.window_ms {
            state.restarts = 0;
            state.crashes.clear();
        }
        state.crashes.push(exit.at);
        state.crashes.retain(|at| exit.at.saturating_sub(*at) <= self.window_ms);
        let surplus = state.crashes.len().saturating_sub(CRASHES_MAX);
        state.crashes.drain(..surplus);
        let crashes = u32::try_from(state.crashes.len()).unwrap_or(u32::MAX);
        if crashes >= self.crashes_max {
            return Restart::GiveUp { crashes };
        }
        let doublings = u32::try_from(state.restarts).unwrap_or(u32::MAX);
        let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        state.restarts = state.restarts.saturating_add(1);
        Restart::After(self.delay_ms.saturating_mul(factor).min(self.delay_ms_max))
    }
}

impl RestartPolicy {
    /// Reads a policy; what is not known is [`RestartPolicy::Other`].
    #[must_use]
    pub fn parse(text: &str) -> RestartPolicy {
        match text {
            "always" => RestartPolicy::Always,
            "never" => RestartPolicy::Never,
            "on_failure" => RestartPolicy::OnFailure,
            other => RestartPolicy::Other(other.into()),
        }
    }

    /// Returns the text that stands in a file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            RestartPolicy::Always => "always",
            RestartPolicy::Never => "never",
            RestartPolicy::OnFailure => "on_failure",
            RestartPolicy::Other(text) => text,
        }
    }
}

impl Field for RestartPolicy {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Key::deserialize(deserializer).map(|Key(policy)| RestartPolicy::parse(&policy))
    }
}

impl Shown for RestartPolicy {
    fn presence(&self) -> Presence {
        if *self == RestartPolicy::Never { Presence::Blank } else { Presence::Set }
    }

    fn put(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }
}

record!(RestartState { "policy" => policy, "restarts" => restarts, "crashes" => crashes });
