//! A hold on an operating-system process: while it is held, its number means nobody else.

#[cfg(target_os = "linux")]
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::{
    io::Errno,
    process::{Pid, Signal},
};

use super::seen::{Stat, read_stat};

/// How often is looked for an end where the system does not tell of it.
const LOOK: Duration = Duration::from_millis(10);

/// Whoever had a number when it was opened.
///
/// On Linux a descriptor stands for it, so that a signal reaches it or nobody. Where there is no such
/// thing, its start time is compared directly before each signal.
#[derive(Debug)]
pub(crate) struct Handle {
    pid: Pid,
    start_time: u64,
    #[cfg(target_os = "linux")]
    fd: Option<OwnedFd>,
}

impl Handle {
    /// Opens whoever lives and has this number; nothing when nobody does, or nobody can tell.
    pub(crate) fn open(pid: u32) -> Option<Self> {
        let number = Pid::from_raw(i32::try_from(pid).ok()?)?;
        #[cfg(target_os = "linux")]
        let fd = match rustix::process::pidfd_open(number, rustix::process::PidfdFlags::empty()) {
            Ok(fd) => Some(fd),
            // An old kernel, or one that is told to refuse.
            Err(Errno::NOSYS | Errno::PERM) => None,
            Err(_) => return None,
        };
        let handle = Self {
            pid: number,
            start_time: read_stat(pid)?.start_time,
            #[cfg(target_os = "linux")]
            fd,
        };
        // What was read is about it if it lives still.
        handle.is_alive().then_some(handle)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    pub(crate) fn start_time(&self) -> u64 {
        self.start_time
    }

    /// Returns what is told of it while it lives.
    pub(crate) fn stat(&self) -> Option<Stat> {
        let stat = read_stat(self.pid())?;
        (stat.start_time == self.start_time && !stat.is_over()).then_some(stat)
    }

    /// Tells whether it has not ended.
    pub(crate) fn is_alive(&self) -> bool {
        !self.has_ended_within(Duration::ZERO)
    }

    /// Waits for its end, and tells whether it came.
    pub(crate) fn has_ended_within(&self, wait: Duration) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(fd) = &self.fd {
            return is_readable_within(&[fd.as_fd()], wait);
        }
        let since = std::time::Instant::now();
        while self.stat().is_some() {
            let left = wait.saturating_sub(since.elapsed());
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(LOOK.min(left));
        }
        true
    }

    /// Returns what becomes readable when it ends.
    #[cfg(target_os = "linux")]
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.fd.as_ref().map(AsFd::as_fd)
    }

    /// Returns what becomes readable when it ends; nothing here.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }

    /// Sends it a signal; one that has ended takes none.
    pub(crate) fn send(&self, signal: Signal) -> Result<(), Errno> {
        let sent = self.send_to_it(signal);
        if sent == Err(Errno::SRCH) { Ok(()) } else { sent }
    }

    fn send_to_it(&self, signal: Signal) -> Result<(), Errno> {
        #[cfg(target_os = "linux")]
        if let Some(fd) = &self.fd {
            return rustix::process::pidfd_send_signal(fd, signal);
        }
        match self.stat() {
            Some(_) => rustix::process::kill_process(self.pid, signal),
            None => Ok(()),
        }
    }

    /// Sends a signal to the group that it leads, as long as it lives and leads one; returns whether
    /// it did.
    pub(crate) fn send_to_group(&self, signal: Signal) -> Result<bool, Errno> {
        let leads = self.stat().is_some_and(|stat| stat.group == self.pid());
        if !leads || !self.is_alive() {
            return Ok(false);
        }
        match rustix::process::kill_process_group(self.pid, signal) {
            Err(Errno::SRCH) => Ok(false),
            sent => sent.map(|()| true),
        }
    }
}

/// Waits until something can be read, and tells whether it can.
#[cfg(target_os = "linux")]
pub(crate) fn is_readable_within(fds: &[BorrowedFd<'_>], wait: Duration) -> bool {
    let mut fds: Vec<PollFd<'_>> =
        fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    let until = std::time::Instant::now() + wait;
    loop {
        let left = until.saturating_duration_since(std::time::Instant::now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match poll(&mut fds, Some(&timeout)) {
            Err(Errno::INTR) => {}
            Ok(count) => return count > 0,
            Err(_) => return false,
        }
    }
}
