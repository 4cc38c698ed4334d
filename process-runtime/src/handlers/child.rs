//! A program while it runs: its pipes are served, its end is seen, and it is ended when it must.
//!
//! | what happens | what is done |
//! |---|---|
//! | it writes, to a pipe or to its context | a sign of life, at most one a second |
//! | it writes more than is kept | it is ended, the attempt fails |
//! | nobody wants it any more | it is ended; what it gives then with exit code 0 still counts |
//! | its time is over | it is ended, the attempt fails |
//! | it ends | its pipes are read to their end, for [`LINGER`] at most; what it left is ended |
//!
//! Ending is TERM to its group, KILL after the grace, and a wait until nobody is left.

use std::{
    io::{self, PipeReader},
    mem,
    os::fd::OwnedFd,
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, ioctl_fionbio},
    process::{WaitId, WaitIdOptions, waitid},
};

use super::{
    context::ContextFile,
    group::{Group, KILLED_WAIT},
    stream::{Input, Output},
};
use crate::handler::{Sign, Signs};

/// The shortest time between two signs of life, and between two looks at the context.
const TICK: Duration = Duration::from_secs(1);

/// How often is looked for an end where the system does not tell of it.
const LOOK: Duration = Duration::from_millis(20);

/// How long what a program left running may go on writing to its pipes.
const LINGER: Duration = Duration::from_millis(500);

/// A program that runs, with all that is needed to serve it.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) child: Child,
    pub(super) group: Group,
    pub(super) stdin: Vec<u8>,
    pub(super) context: ContextFile,
    /// Ends when nobody wants the program any more.
    pub(super) stop: PipeReader,
    pub(super) grace: Duration,
    pub(super) timeout: Option<Duration>,
    pub(super) signs: Signs,
}

/// What became of a program.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) context: ContextFile,
    /// How it ended; nothing when that could not be seen.
    pub(super) status: Option<ExitStatus>,
    /// Why it was ended.
    pub(super) reason: Option<Reason>,
    /// Whether nobody of its group is left.
    pub(super) is_gone: bool,
}

/// Why a program was ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reason {
    Late(Duration),
    Overflow(&'static str),
    Stopped,
}

impl Started {
    /// Serves the program until it and all of its group are gone.
    pub(super) fn serve(mut self) -> io::Result<Ended> {
        let pipes = Pipes::of(&mut self);
        let Self { mut child, group, context, stop, grace, timeout, signs, .. } = self;
        let Pipes { stdin, stdout, stderr } = match pipes {
            Ok(pipes) => pipes,
            Err(error) => {
                // Nobody could see what it does.
                group.kill();
                child.wait()?;
                return Err(error);
            }
        };
        let late =
            timeout.and_then(|timeout| Some((timeout, Instant::now().checked_add(timeout)?)));
        let mut serving = Serving {
            group,
            stdin,
            stdout,
            stderr,
            stop,
            exit: exit_of(group),
            context,
            grace,
            late,
            signs,
            ending: None,
            exited: None,
            is_lost: false,
            looked: Instant::now(),
            said: None,
            is_heard: false,
        };
        while !serving.is_over() {
            serving.wait();
            serving.step();
        }
        Ok(serving.finish(child))
    }
}

struct Pipes {
    stdin: Input,
    stdout: Output,
    stderr: Output,
}

impl Pipes {
    /// Takes the pipes of a program, none of which makes anybody wait any more.
    fn of(started: &mut Started) -> io::Result<Self> {
        let child = &mut started.child;
        ioctl_fionbio(&started.stop, true)?;
        Ok(Self {
            stdin: Input::new(
                child.stdin.take().map(OwnedFd::from),
                mem::take(&mut started.stdin),
            )?,
            stdout: Output::new(child.stdout.take().map(OwnedFd::from))?,
            stderr: Output::new(child.stderr.take().map(OwnedFd::from))?,
        })
    }
}

/// The exit of a program as something that can be waited for together with its pipes.
#[cfg(target_os = "linux")]
fn exit_of(group: Group) -> Option<OwnedFd> {
    rustix::process::pidfd_open(group.leader(), rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn exit_of(_group: Group) -> Option<OwnedFd> {
    None
}

struct Serving {
    group: Group,
    stdin: Input,
    stdout: Output,
    stderr: Output,
    stop: PipeReader,
    exit: Option<OwnedFd>,
    context: ContextFile,
    grace: Duration,
    late: Option<(Duration, Instant)>,
    signs: Signs,
    ending: Option<Ending>,
    exited: Option<Instant>,
    /// Whether somebody else has taken the exit, so that the number may be anybody's.
    is_lost: bool,
    /// When the context was looked at.
    looked: Instant,
    /// When a sign of life was given.
    said: Option<Instant>,
    /// Whether there was life since.
    is_heard: bool,
}

/// That a program is being ended.
#[derive(Clone, Copy)]
struct Ending {
    reason: Reason,
    kill_at: Instant,
    is_killed: bool,
}

impl Serving {
    /// Returns whether nothing more is to come.
    fn is_over(&self) -> bool {
        if let Some(exited) = self.exited {
            let is_silent = self.stdout.pipe.is_none() && self.stderr.pipe.is_none();
            return is_silent || self.ending.is_some() || exited.elapsed() >= LINGER;
        }
        self.ending.is_some_and(|ending| ending.is_killed && is_past(ending.kill_at + KILLED_WAIT))
    }

    /// Waits until something happens, or something is due.
    fn wait(&self) {
        let now = Instant::now();
        let mut until = self.looked + TICK;
        // What has ended is neither late nor stopped any more.
        let is_running = self.ending.is_none() && self.exited.is_none();
        if let Some((_, late)) = self.late.filter(|_| is_running) {
            until = until.min(late);
        }
        if let Some(ending) = self.ending.filter(|ending| !ending.is_killed) {
            until = until.min(ending.kill_at);
        }
        if let Some(exited) = self.exited {
            until = until.min(exited + LINGER);
        } else if self.exit.is_none() {
            until = until.min(now + LOOK);
        }
        if let Some(said) = self.said.filter(|_| self.is_heard) {
            until = until.min(said + TICK);
        }
        let mut fds = Vec::with_capacity(5);
        let outputs = [&self.stdout, &self.stderr].into_iter().filter_map(|out| out.pipe.as_ref());
        fds.extend(outputs.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        fds.extend(self.stdin.pipe.iter().map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
        if self.exited.is_none() {
            fds.extend(self.exit.iter().map(|exit| PollFd::new(exit, PollFlags::IN)));
        }
        if is_running {
            fds.push(PollFd::new(&self.stop, PollFlags::IN));
        }
        let wait = until.saturating_duration_since(now);
        let timeout = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(1),
            tv_nsec: i64::from(wait.subsec_nanos()),
        };
        if poll(&mut fds, Some(&timeout)).is_err_and(|error| error != Errno::INTR) {
            thread::sleep(LOOK.min(wait));
        }
    }

    /// Takes whatever has happened; nothing here waits.
    fn step(&mut self) {
        self.stdin.write();
        // Before the outputs are read: what a program wrote before its end is then read whole.
        self.look_for_exit();
        self.is_heard |= self.stdout.read();
        self.is_heard |= self.stderr.read();
        self.look_for_reasons();
        if let Some(ending) = &mut self.ending
            && !ending.is_killed
            && is_past(ending.kill_at)
            && self.exited.is_none()
        {
            self.group.kill();
            ending.is_killed = true;
        }
        if is_past(self.looked + TICK) {
            self.looked = Instant::now();
            self.is_heard |= self.context.has_changed();
        }
        if self.is_heard && self.said.is_none_or(|said| is_past(said + TICK)) {
            self.signs.say(Sign::Alive);
            self.said = Some(Instant::now());
            self.is_heard = false;
        }
    }

    /// Looks whether the program has ended, and leaves it waiting: until it is taken, its number
    /// is nobody else's.
    fn look_for_exit(&mut self) {
        if self.exited.is_some() {
            return;
        }
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(self.group.leader()), options) {
            Ok(None) | Err(Errno::INTR) => {}
            Ok(Some(_)) => self.exited = Some(Instant::now()),
            Err(_) => {
                self.exited = Some(Instant::now());
                self.is_lost = true;
            }
        }
    }

    fn look_for_reasons(&mut self) {
        if self.ending.is_some() {
            return;
        }
        let mut byte = [0];
        let reason = if self.stdout.is_over {
            Some(Reason::Overflow("standard output"))
        } else if self.stderr.is_over {
            Some(Reason::Overflow("standard error"))
        } else if self.exited.is_some() {
            None
        } else if rustix::io::read(&self.stop, &mut byte) == Ok(0) {
            Some(Reason::Stopped)
        } else {
            self.late.filter(|(_, late)| is_past(*late)).map(|(timeout, _)| Reason::Late(timeout))
        };
        if let Some(reason) = reason {
            self.ending =
                Some(Ending { reason, kill_at: Instant::now() + self.grace, is_killed: false });
            if self.exited.is_none() {
                self.group.terminate();
            }
        }
    }

    /// Takes the exit, and ends what the program has left.
    fn finish(self, mut child: Child) -> Ended {
        let Self { group, stdout, stderr, stdin, context, ending, exited, is_lost, .. } = self;
        // Whoever still writes hears that nobody reads.
        drop((stdin.pipe, stdout.pipe, stderr.pipe));
        let reason = ending.map(|ending| ending.reason);
        let (status, is_gone) = if exited.is_some() {
            if !is_lost {
                group.terminate();
            }
            let status = child.wait().ok();
            (status, is_lost || group.vanish(self.grace))
        } else {
            // The kernel holds it; it is taken whenever it ends.
            thread::spawn(move || child.wait());
            (None, false)
        };
        Ended { stdout: stdout.bytes, stderr: stderr.bytes, context, status, reason, is_gone }
    }
}

fn is_past(instant: Instant) -> bool {
    Instant::now() >= instant
}
