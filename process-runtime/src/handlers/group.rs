//! The group of operating-system processes that a program of ours leads, and its end.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, getpgrp, kill_process_group, test_kill_process_group},
};

use crate::children::all_processes;

/// The first pause while waiting for an end; most programs take about as long.
const PAUSE_FIRST: Duration = Duration::from_millis(2);

/// The longest pause while waiting for an end.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// How long the end of a killed group is waited for; the kernel may hold one in a disk forever.
pub(super) const KILLED_WAIT: Duration = Duration::from_secs(5);

/// A group that a program of ours leads: never our own, and never one of the system.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Group(Pid);

impl Group {
    /// Returns the group of a program that was started as the leader of one.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
        (!pid.is_init() && pid != getpgrp()).then_some(Self(pid))
    }

    pub(super) fn leader(self) -> Pid {
        self.0
    }

    /// Asks all of them to end.
    pub(crate) fn terminate(self) {
        self.signal(Signal::TERM);
        // Whoever is stopped hears of it only when he goes on.
        self.signal(Signal::CONT);
    }

    /// Ends all of them.
    pub(super) fn kill(self) {
        self.signal(Signal::KILL);
    }

    fn signal(self, signal: Signal) {
        // An error says that nobody is left, or nobody whom we may signal.
        let _ = kill_process_group(self.0, signal);
    }

    /// Waits until nobody is left, and ends by force who is left after the grace.
    ///
    /// Returns whether all are gone.
    pub(crate) fn vanish(self, grace: Duration) -> bool {
        if self.is_gone_within(grace) {
            return true;
        }
        self.kill();
        self.is_gone_within(KILLED_WAIT)
    }

    fn is_gone_within(self, wait: Duration) -> bool {
        let since = Instant::now();
        let mut pause = PAUSE_FIRST;
        while !self.is_gone() {
            if since.elapsed() >= wait {
                return false;
            }
            thread::sleep(pause.min(wait));
            pause = (pause * 2).min(PAUSE_MAX);
        }
        true
    }

    fn is_gone(self) -> bool {
        match test_kill_process_group(self.0) {
            Err(error) => error == Errno::SRCH,
            Ok(()) => self.has_only_zombies(),
        }
    }

    /// Returns whether all that is left has ended and waits for a parent who may never ask.
    pub(super) fn has_only_zombies(self) -> bool {
        let group = self.0.as_raw_nonzero().get().unsigned_abs();
        let mut seen = false;
        for (_, stat) in all_processes().filter(|(_, stat)| stat.group == group) {
            seen = true;
            if !stat.is_over() {
                return false;
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests;
