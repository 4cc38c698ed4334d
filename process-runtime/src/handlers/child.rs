//! A program while it runs: what it writes is watched, its end is seen, and it is ended when it
//! must.
//!
//! | what happens | what is done |
//! |---|---|
//! | it writes, to an output or to its context | a sign of life, at most one a second |
//! | it writes more than is kept | it is ended, the attempt fails |
//! | nobody wants it any more | it is ended; what it gives then with exit code 0 still counts |
//! | its time is over | it is ended, the attempt fails |
//! | it ends | what it left in its group has [`LINGER`] to write on, and is ended |
//!
//! Ending is TERM to its group, KILL after the grace, and a wait until nobody is left.

use std::{
    fs, io,
    io::PipeReader,
    os::fd::{AsFd, OwnedFd},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::{Duration, Instant},
};

use process_store::scratch::make_scratch;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, ioctl_fionbio},
    process::{WaitId, WaitIdOptions, waitid},
};

use super::{
    context::ContextFile,
    group::{Group, KILLED_WAIT},
    outputs::Outputs,
};
use crate::{
    children::Handle,
    handler::{Sign, Signs},
};

/// The shortest time between two signs of life, and between two looks at the context.
const TICK: Duration = Duration::from_secs(1);

/// How often is looked at what it writes.
const LOOK: Duration = Duration::from_millis(100);

/// How often is looked for an end where the system does not tell of it.
const LOOK_FOR_END: Duration = Duration::from_millis(10);

/// How long what a program left running may go on writing.
const LINGER: Duration = Duration::from_millis(500);

/// The largest number of a signal.
const SIGNAL_MAX: i32 = 64;

/// A program that runs, with all that is needed to serve it.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) leader: Leader,
    pub(super) group: Group,
    pub(super) outputs: Outputs,
    pub(super) context: ContextFile,
    /// Ends when nobody wants the program any more.
    pub(super) stop: PipeReader,
    /// The file that is made before it is ended because nobody wants it any more.
    pub(super) unwanted: PathBuf,
    pub(super) grace: Duration,
    pub(super) timeout: Option<Duration>,
    pub(super) signs: Signs,
}

/// Whoever leads the group of a program, and is waited for.
#[derive(Debug)]
pub(super) enum Leader {
    /// A child of somebody who is gone, and the file in which its exit is written down.
    Adopted { handle: Handle, exit: PathBuf },
    /// It has ended, with this exit, before anybody here looked.
    Ended(Exit),
    /// A child of ours.
    Own(Child),
}

/// How a program ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Exit {
    Code(i32),
    Signal(i32),
}

/// What became of a program.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) context: ContextFile,
    /// How it ended; nothing when that could not be seen.
    pub(super) exit: Option<Exit>,
    /// Why it was ended.
    pub(super) reason: Option<Reason>,
    /// Whether nobody of its group is left.
    pub(super) is_gone: bool,
}

impl Exit {
    /// Returns the exit that a shell gives: 128 and the number of a signal stand for the signal.
    fn of_code(code: i32) -> Self {
        let signal = code.saturating_sub(128);
        if (1..=SIGNAL_MAX).contains(&signal) { Self::Signal(signal) } else { Self::Code(code) }
    }

    /// Reads the exit that the shell of a program wrote down; nothing when it did not, or not yet.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        text.strip_suffix('\n')?.parse().ok().map(Self::of_code)
    }

    pub(super) fn is_success(self) -> bool {
        self == Self::Code(0)
    }
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
    pub(super) fn serve(self) -> io::Result<Ended> {
        let Self { leader, group, outputs, context, stop, unwanted, grace, timeout, signs } = self;
        if let Err(error) = ioctl_fionbio(&stop, true) {
            // Nobody could stop it.
            group.kill();
            if let Leader::Own(mut child) = leader {
                child.wait()?;
            }
            return Err(error.into());
        }
        let late =
            timeout.and_then(|timeout| Some((timeout, Instant::now().checked_add(timeout)?)));
        let mut serving = Serving {
            end: end_of(&leader, group),
            leader,
            group,
            outputs,
            stop,
            unwanted,
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
        Ok(serving.finish())
    }
}

/// The end of a program of ours as something that can be waited for.
#[cfg(target_os = "linux")]
fn end_of(leader: &Leader, group: Group) -> Option<OwnedFd> {
    let is_own = matches!(leader, Leader::Own(_));
    let end = rustix::process::pidfd_open(group.leader(), rustix::process::PidfdFlags::empty());
    end.ok().filter(|_| is_own)
}

#[cfg(not(target_os = "linux"))]
fn end_of(_leader: &Leader, _group: Group) -> Option<OwnedFd> {
    None
}

struct Serving {
    leader: Leader,
    group: Group,
    outputs: Outputs,
    stop: PipeReader,
    unwanted: PathBuf,
    end: Option<OwnedFd>,
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
            let is_alone = self.is_lost || self.ending.is_some() || self.group.has_only_zombies();
            return is_alone || exited.elapsed() >= LINGER;
        }
        self.ending.is_some_and(|ending| ending.is_killed && is_past(ending.kill_at + KILLED_WAIT))
    }

    /// Waits until something happens, or something is due.
    fn wait(&self) {
        let now = Instant::now();
        // What has ended is neither late nor stopped any more.
        let is_running = self.ending.is_none() && self.exited.is_none();
        let end = match &self.leader {
            Leader::Adopted { handle, .. } => handle.fd(),
            Leader::Ended(_) => None,
            Leader::Own(_) => self.end.as_ref().map(AsFd::as_fd),
        };
        let mut until = now + if end.is_none() { LOOK_FOR_END } else { LOOK };
        if let Some((_, late)) = self.late.filter(|_| is_running) {
            until = until.min(late);
        }
        if let Some(ending) = self.ending.filter(|ending| !ending.is_killed) {
            until = until.min(ending.kill_at);
        }
        let mut fds = Vec::with_capacity(2);
        if self.exited.is_none() {
            fds.extend(end.map(|end| PollFd::from_borrowed_fd(end, PollFlags::IN)));
        } else {
            until = until.min(now + LOOK_FOR_END);
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
            thread::sleep(LOOK_FOR_END.min(wait));
        }
    }

    /// Takes whatever has happened; nothing here waits.
    fn step(&mut self) {
        // Before the outputs are looked at: what a program wrote before its end is then seen.
        self.look_for_exit();
        self.is_heard |= self.outputs.stdout.look();
        self.is_heard |= self.outputs.stderr.look();
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

    /// Looks whether the program has ended, and leaves a child of ours waiting: until it is taken,
    /// its number is nobody else's.
    fn look_for_exit(&mut self) {
        if self.exited.is_some() {
            return;
        }
        match &self.leader {
            Leader::Adopted { handle, .. } => {
                if !handle.is_alive() {
                    self.exited = Some(Instant::now());
                    self.is_lost = true;
                }
            }
            Leader::Ended(_) => {
                self.exited = Some(Instant::now());
                self.is_lost = true;
            }
            Leader::Own(_) => {
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
        }
    }

    fn look_for_reasons(&mut self) {
        if self.ending.is_some() {
            return;
        }
        let mut byte = [0];
        let reason = if self.outputs.stdout.is_over() {
            Some(Reason::Overflow("standard output"))
        } else if self.outputs.stderr.is_over() {
            Some(Reason::Overflow("standard error"))
        } else if self.exited.is_some() {
            None
        } else if rustix::io::read(&self.stop, &mut byte) == Ok(0) {
            Some(Reason::Stopped)
        } else {
            self.late.filter(|(_, late)| is_past(*late)).map(|(timeout, _)| Reason::Late(timeout))
        };
        if let Some(reason) = reason {
            if reason == Reason::Stopped {
                // How it ends then is no result, whoever reads it; without the file it would count
                // as a failure, which is no worse than what is known about it.
                let _ = make_scratch(&self.unwanted);
            }
            self.ending =
                Some(Ending { reason, kill_at: Instant::now() + self.grace, is_killed: false });
            if self.exited.is_none() {
                self.group.terminate();
            }
        }
    }

    /// Takes the exit, and ends what the program has left.
    fn finish(self) -> Ended {
        let Self { leader, group, outputs, context, ending, exited, is_lost, grace, .. } = self;
        let reason = ending.map(|ending| ending.reason);
        let (exit, is_gone) = match leader {
            Leader::Own(mut child) if exited.is_some() => {
                if !is_lost {
                    group.terminate();
                }
                let status = child.wait().ok();
                let exit = status.and_then(|status| {
                    let signal = status.signal().map(Exit::Signal);
                    signal.or_else(|| status.code().map(Exit::of_code))
                });
                (exit, is_lost || group.vanish(grace))
            }
            Leader::Own(mut child) => {
                // The kernel holds it; it is taken whenever it ends.
                thread::spawn(move || child.wait());
                (None, false)
            }
            Leader::Adopted { exit, .. } => (Exit::read(&exit), exited.is_some()),
            Leader::Ended(exit) => (Some(exit), true),
        };
        let (stdout, stderr) = (outputs.stdout.read(), outputs.stderr.read());
        Ended { stdout, stderr, context, exit, reason, is_gone }
    }
}

fn is_past(instant: Instant) -> bool {
    Instant::now() >= instant
}
