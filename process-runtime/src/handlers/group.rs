//! The group of operating-system processes that a program of ours leads, and its end.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, getpgrp, kill_process_group, test_kill_process_group},
};

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
    fn has_only_zombies(self) -> bool {
        let Ok(entries) = fs::read_dir("/proc") else { return false };
        let mut seen = 0_u32;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let number =
                name.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
            let Some(stat) = number.and_then(|number| number.parse().ok()).and_then(read_stat)
            else {
                continue;
            };
            if stat.group == self.0.as_raw_nonzero().get() {
                seen += 1;
                if !matches!(stat.state, 'Z' | 'X' | 'x') {
                    return false;
                }
            }
        }
        seen > 0
    }
}

/// What `/proc/PID/stat` tells, which it also tells of one that has ended and was not waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Stat {
    state: char,
    group: i32,
    /// In clock ticks since the boot.
    pub(super) start_time: u64,
}

pub(super) fn read_stat(pid: u32) -> Option<Stat> {
    let bytes = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // The name of the program stands in parentheses, and may contain some itself.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let group = fields.nth(1)?.parse().ok()?;
    let start_time = fields.nth(16)?.parse().ok()?;
    Some(Stat { state, group, start_time })
}

#[cfg(test)]
mod tests;
