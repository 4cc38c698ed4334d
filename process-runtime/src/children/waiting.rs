//! Waiting for the end of a child that is supervised, or for being told to stop.

use std::{
    io::PipeReader,
    os::fd::AsFd,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process_group},
};

use super::handle::Handle;

/// How often is looked for an end where the system does not tell of it.
const LOOK: Duration = Duration::from_millis(10);

/// What ended a wait.
pub(super) enum Woken {
    ByTime,
    Exited,
    Stopped,
}

/// Waits for the end of a child, or for being told to stop.
pub(super) fn wait_for(handle: &Handle, stop: &PipeReader, wait: Duration) -> Woken {
    let exit = handle.fd();
    let wait = if exit.is_some() { wait } else { LOOK };
    let mut fds = vec![PollFd::new(stop, PollFlags::IN)];
    fds.extend(exit.map(|exit| PollFd::from_borrowed_fd(exit, PollFlags::IN)));
    let timeout = timespec(wait);
    // An error wakes like time does; what has happened is looked at all the same.
    let _ = poll(&mut fds, Some(&timeout));
    if !handle.is_alive() {
        Woken::Exited
    } else if is_stopped_within(stop, Duration::ZERO) {
        Woken::Stopped
    } else {
        Woken::ByTime
    }
}

/// Waits for a child of ours on a system that shows nothing of it, and ends it when it must; its
/// number is its own until it is waited for.
pub(super) fn wait_by_looking(child: &mut Child, stop: &PipeReader, grace: Duration) -> bool {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let mut stopped: Option<Instant> = None;
    // An end that cannot be looked for shows when it is waited for.
    while let Ok(None) = child.try_wait() {
        match stopped {
            None if is_stopped_within(stop, LOOK) => {
                stopped = Some(Instant::now());
                let _ = group.map(|group| kill_process_group(group, Signal::TERM));
            }
            None => {}
            Some(since) if since.elapsed() >= grace => {
                let _ = group.map(|group| kill_process_group(group, Signal::KILL));
                break;
            }
            Some(_) => thread::sleep(LOOK),
        }
    }
    stopped.is_some()
}

/// Waits for being told to stop.
pub(super) fn is_stopped_within(stop: &PipeReader, wait: Duration) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(stop.as_fd(), PollFlags::IN)];
    poll(&mut fds, Some(&timespec(wait))).is_ok_and(|count| count > 0)
}

fn timespec(wait: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    }
}
