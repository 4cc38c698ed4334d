//! Keeping one child running: it is started or adopted, watched, and started again when it ends.
//!
//! ```text
//! registry ─► a child of this task lives, and nobody owns it ─► adopt
//!          ─► none lives ─► start (recorded before it runs)
//! it ends ─► seen within milliseconds ─► recorded ─► what it left is ended
//!         ─► its policy: start again after a while, give up, or leave it ended
//! told to stop, or its entry says that its end is wanted ─► it is ended, and not started again
//! ```

use std::{
    io::PipeReader,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use process_store::{Error, ErrorKind, children::Children, logs};
use procreg::{
    Backoff, ChildIdentity, Delta, EntryKey, Exit, ProcessInfo, ProcessRegistry, ProcessStatus,
    Restart, RestartState,
};

use super::{
    end::end_all,
    handle::Handle,
    seen::this_owner,
    waiting::{Woken, is_stopped_within, wait_by_looking, wait_for},
};

/// How often a log is looked at whether it has grown too long.
const LOG_LOOK: Duration = Duration::from_secs(1);

/// How often is looked, while a restart waits, whether it is still wanted.
const WISH_LOOK: Duration = Duration::from_millis(200);

/// The first pause before what could not be recorded is tried again, and the longest.
const RECORD_PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// A child that is to be kept running.
pub struct Supervision<S> {
    /// Where it is recorded.
    pub registry: Children,
    /// What finds a child to adopt, or starts one.
    pub starter: S,
    /// When to start it again, and when to give up.
    pub backoff: Backoff,
    /// How long it may take to end when it must.
    pub grace: Duration,
    /// What it writes to.
    pub log: PathBuf,
    /// Returns the milliseconds since 1970.
    pub clock: fn() -> u64,
}

/// What finds or starts the child.
pub trait Starter {
    /// Finds a child that lives and has no owner, and makes us its owner; else starts one.
    ///
    /// `last` is the child of this supervision that ended before, and `state` what is remembered of
    /// restarts; nothing is returned when nobody wants it any more.
    ///
    /// # Errors
    /// Why there is none.
    fn start(
        &mut self,
        last: Option<&EntryKey>,
        state: &RestartState,
    ) -> Result<Option<Supervised>, StartFailed>;
}

/// A child that could not be started.
#[derive(Debug)]
pub struct StartFailed {
    /// Why.
    pub why: String,
    /// Whether it makes sense to try again.
    pub may_pass: bool,
}

/// A child that is supervised.
#[derive(Debug)]
pub struct Supervised {
    /// Its entry.
    pub info: ProcessInfo,
    /// What is waited for; nothing of one that was adopted.
    pub child: Option<Child>,
}

/// What a supervision tells while it goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    /// A child was adopted.
    Adopted(u32),
    /// A child could not be started, for this reason.
    CannotStart(String),
    /// A child ended.
    Exited(u32, Exit),
    /// It ended so often that it is left alone.
    GaveUp(u32),
    /// It is started again after so many milliseconds.
    Restarting(u64),
    /// A child was started.
    Started(u32),
    /// Something could not be recorded yet, for this reason.
    Unrecorded(String),
}

/// How a supervision ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SupervisionEnd {
    /// Its child ended, and its policy leaves it so.
    Done,
    /// Its child ended too often.
    GaveUp,
    /// There was nothing to start.
    NotStarted,
    /// Somebody wanted its end.
    Stopped,
}

impl<S: Starter> Supervision<S> {
    /// Keeps the child running until nobody wants it any more; `stop` asks for that when its other
    /// side is dropped.
    pub fn run(
        mut self,
        mut state: RestartState,
        stop: &PipeReader,
        tell: &mut dyn FnMut(Told),
    ) -> SupervisionEnd {
        let mut last: Option<EntryKey> = None;
        loop {
            let now_ms = (self.clock)();
            let supervised = match self.starter.start(last.as_ref(), &state) {
                Ok(Some(supervised)) => supervised,
                Ok(None) => return SupervisionEnd::Stopped,
                Err(failed) => {
                    tell(Told::CannotStart(failed.why));
                    if last.is_none() || !failed.may_pass {
                        return SupervisionEnd::NotStarted;
                    }
                    // As if it had crashed at once.
                    let exit = Exit { at: now_ms, ..Exit::default() };
                    match self.backoff.after_exit(&mut state, now_ms, &exit) {
                        Restart::After(wait)
                            if !self.wait_for_restart(wait, last.as_ref(), stop) =>
                        {
                            return SupervisionEnd::Stopped;
                        }
                        Restart::After(_) => continue,
                        Restart::GiveUp { crashes } => {
                            tell(Told::GaveUp(crashes));
                            return SupervisionEnd::GaveUp;
                        }
                        Restart::No => return SupervisionEnd::Done,
                    }
                }
            };
            let (pid, started_ms) = (supervised.info.pid, supervised.info.start_time);
            tell(match supervised.child {
                Some(_) => Told::Started(pid),
                None => Told::Adopted(pid),
            });
            let key = supervised.info.key();
            let (exit, is_stopped) = self.watch(supervised, stop);
            tell(Told::Exited(pid, exit.clone()));
            let is_wanted = !is_stopped && self.is_wanted(&key);
            let decision = match is_wanted {
                true => self.backoff.after_exit(&mut state, started_ms, &exit),
                false => Restart::No,
            };
            self.record(&key, &exit, &state, tell);
            last = Some(key);
            match decision {
                Restart::No if is_wanted => return SupervisionEnd::Done,
                Restart::No => return SupervisionEnd::Stopped,
                Restart::GiveUp { crashes } => {
                    tell(Told::GaveUp(crashes));
                    return SupervisionEnd::GaveUp;
                }
                Restart::After(wait) => {
                    tell(Told::Restarting(wait));
                    if !self.wait_for_restart(wait, last.as_ref(), stop) {
                        return SupervisionEnd::Stopped;
                    }
                }
            }
        }
    }

    /// Watches a child to its end, and ends it when that is wanted; returns how it ended, and
    /// whether that was wanted. What it left is ended as well.
    fn watch(&self, mut supervised: Supervised, stop: &PipeReader) -> (Exit, bool) {
        let handle = Handle::open(supervised.info.pid).filter(|handle| {
            let identity = supervised.info.identity.as_ref();
            identity.and_then(|identity| identity.start_time) == Some(handle.start_time())
        });
        let mut looked = Instant::now();
        let mut is_stopped = false;
        while let Some(handle) = &handle {
            match wait_for(handle, stop, LOG_LOOK) {
                Woken::Exited => break,
                Woken::Stopped => {
                    is_stopped = true;
                    break;
                }
                Woken::ByTime => {}
            }
            if looked.elapsed() >= LOG_LOOK {
                looked = Instant::now();
                // A log that cannot be put away grows on.
                let _ = logs::keep_small(&self.log);
            }
        }
        if let (None, Some(child)) = (&handle, &mut supervised.child) {
            is_stopped = wait_by_looking(child, stop, self.grace);
        }
        if is_stopped {
            // Its exit is what counts, whoever is left.
            let _ = end_all(&[&supervised.info], self.grace);
        }
        let at = (self.clock)();
        let exit = match supervised.child.as_mut().map(Child::wait) {
            Some(Ok(status)) => {
                Exit { code: status.code(), signal: status.signal(), at, ..Exit::default() }
            }
            // Nobody but its parent is told how it ended.
            Some(Err(_)) | None => Exit { at, ..Exit::default() },
        };
        let _ = end_all(&[&ended(supervised.info, &exit)], self.grace);
        (exit, is_stopped)
    }

    /// Tells whether nobody has asked for the end of a child; who took its entry away has not.
    fn is_wanted(&self, key: &EntryKey) -> bool {
        match self.registry.read() {
            Ok(loaded) => loaded.registry.entry(key).is_none_or(|info| !is_ending(info)),
            Err(_) => true,
        }
    }

    /// Records an end, however long that takes; a registry that can never be written is left so.
    fn record(
        &self,
        key: &EntryKey,
        exit: &Exit,
        state: &RestartState,
        tell: &mut dyn FnMut(Told),
    ) {
        let (mut pause, pause_max) = RECORD_PAUSE;
        loop {
            let recorded = self.registry.change((self.clock)(), |registry: &ProcessRegistry| {
                Ok::<_, Error>(seen_exit(registry, key, exit, state))
            });
            let Err(error) = recorded else { return };
            tell(Told::Unrecorded(error.message().to_owned()));
            if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotRegular)
                || pause >= pause_max
            {
                return;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(pause_max);
        }
    }

    /// Waits before a restart; returns whether it is still wanted then.
    fn wait_for_restart(&self, wait_ms: u64, last: Option<&EntryKey>, stop: &PipeReader) -> bool {
        let until = Instant::now() + Duration::from_millis(wait_ms);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if is_stopped_within(stop, left.min(WISH_LOOK)) {
                return false;
            }
            if last.is_some_and(|key| !self.is_wanted(key)) {
                return false;
            }
            if Instant::now() >= until {
                return true;
            }
        }
    }
}

/// Tells whether somebody asked for the end of a child, so that it is not started again.
#[must_use]
pub fn is_ending(info: &ProcessInfo) -> bool {
    info.identity.as_ref().is_some_and(|identity| identity.ending.is_some())
}

/// Returns the changes that record an end.
#[must_use]
pub fn seen_exit(
    registry: &ProcessRegistry,
    key: &EntryKey,
    exit: &Exit,
    state: &RestartState,
) -> Vec<Delta> {
    let Some(info) = registry.entry(key) else { return Vec::new() };
    let mut identity: ChildIdentity = info.identity.clone().unwrap_or_default();
    identity.restart = Some(state.clone());
    vec![Delta::SetIdentity(key.clone(), identity), Delta::SeenExit(key.clone(), exit.clone())]
}

/// Returns the changes that make us the owner of a child that lives.
#[must_use]
pub fn adopted(info: &ProcessInfo, state: &RestartState) -> Vec<Delta> {
    let mut identity: ChildIdentity = info.identity.clone().unwrap_or_default();
    identity.owner = Some(this_owner());
    identity.restart = Some(state.clone());
    identity.ending = None;
    vec![
        Delta::SetIdentity(info.key(), identity),
        Delta::UpdateStatus(info.key(), ProcessStatus::Running),
    ]
}

/// Returns an entry that says that its child has ended, so that only what it left is looked for.
fn ended(mut info: ProcessInfo, exit: &Exit) -> ProcessInfo {
    info.identity.get_or_insert_default().exit = Some(exit.clone());
    info
}
