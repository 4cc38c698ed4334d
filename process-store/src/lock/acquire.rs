//! Taking the lock, and letting go of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::held::Held;
use super::holder::Holder;
use super::identity::{OsProcesses, Processes};
use super::rules::{Rule, is_ahead, rule};
use super::visible::{self, Record, Sighting};
use super::waiter::Waiter;
use crate::disk::Disk;
use crate::error::{Error, ErrorKind};
use crate::replace::{folder_of, name_of, remove_quietly, write_beside};

/// How long to wait in all: longer than any operation of ours, short enough for a person.
const WAIT: Duration = Duration::from_secs(5);

/// The first pause: most operations take about as long.
const DELAY_FIRST: Duration = Duration::from_micros(250);

/// The longest pause for the guard. The guard is not a queue: whoever asks while it is free gets
/// it, so that among busy writers only frequent asking makes it certain to have a turn.
const DELAY_GUARD_MAX: Duration = Duration::from_millis(2);

/// The longest pause for another program's lock, which nobody else of ours waits for.
const DELAY_VISIBLE_MAX: Duration = Duration::from_millis(100);

/// How a lock is to be taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LockOptions {
    /// How long to wait in all.
    pub wait: Duration,
    /// Whether a lock on a network file system is trusted.
    pub allow_network: bool,
}

impl Default for LockOptions {
    /// Returns five seconds, and no network file systems.
    fn default() -> LockOptions {
        LockOptions { wait: WAIT, allow_network: false }
    }
}

/// The lock, held until it is released or dropped.
///
/// If the program ends in any way, the operating system frees the guard, and the next one who
/// asks replaces the visible file.
pub struct Lock<'disk> {
    disk: &'disk dyn Disk,
    visible: PathBuf,
    content: Vec<u8>,
    process_id: u32,
    is_released: bool,
    // Dropped in this order: when the guard is free, nothing of us is left.
    _held: Held,
    _guard: Box<dyn Send>,
}

impl Lock<'_> {
    /// Tells whether the visible file still says that we hold the lock.
    ///
    /// Only a program that breaks the rules, or a person, can have changed it.
    ///
    /// # Errors
    /// Whatever keeps the file from being read.
    pub fn is_intact(&self) -> Result<bool, Error> {
        visible::contains(self.disk, &self.visible, &self.content)
    }

    /// Lets go; dropping does the same, but cannot report an error.
    ///
    /// # Errors
    /// Whatever keeps the visible file from being removed; the guard is free all the same, and
    /// the next holder replaces the file.
    pub fn release(mut self) -> Result<(), Error> {
        self.remove_visible()
    }

    fn remove_visible(&mut self) -> Result<(), Error> {
        // A forked copy must not let go of what the original holds.
        if self.is_released || self.process_id != std::process::id() {
            return Ok(());
        }
        self.is_released = true;
        if self.is_intact()? {
            self.disk.remove_file(&self.visible)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Lock<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Lock").field("visible", &self.visible).finish_non_exhaustive()
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // A visible file that stays behind names a holder that is gone, and is replaced.
        let _ = self.remove_visible();
    }
}

/// Takes the lock of `target`, a file that need not exist; its folder must.
///
/// First the guard `<target>.lock.guard`, then the visible file `<target>.lock`, published
/// complete. A live holder of ours is never robbed, however long it takes.
/// The lock of another kind of program is taken over when its holder is dead or the file is
/// older than 30 seconds.
///
/// # Errors
/// `Locked` after the waiting time, with the holder in [`Error::details`];
/// `NetworkFileSystem` unless it is allowed; `NotRegular` if a link, pipe or folder stands in
/// place of either file; `NotFound` if the folder does not exist.
pub fn acquire<'disk>(
    disk: &'disk dyn Disk,
    target: &Path,
    options: &LockOptions,
    waiter: &dyn Waiter,
) -> Result<Lock<'disk>, Error> {
    acquire_among(disk, target, options, waiter, &OsProcesses)
}

/// As [`acquire`], with the processes of the machine handed in.
pub(super) fn acquire_among<'disk>(
    disk: &'disk dyn Disk,
    target: &Path,
    options: &LockOptions,
    waiter: &dyn Waiter,
    processes: &dyn Processes,
) -> Result<Lock<'disk>, Error> {
    if !options.allow_network && disk.is_network(folder_of(target))? {
        let message = format!("cannot lock `{}`: it is on a network file system", target.display());
        let error = Error::new(ErrorKind::NetworkFileSystem, message).at(target);
        return Err(
            error.with_hint("locks are not reliable there; move the project to a local disk")
        );
    }
    let name = name_of(target)?;
    let attempt = Attempt {
        disk,
        target,
        visible: target.with_file_name(format!("{name}.lock")),
        guard: target.with_file_name(format!("{name}.lock.guard")),
        waiter,
        processes,
        deadline: waiter.elapsed().saturating_add(options.wait),
    };
    let guard = attempt.take_guard()?;
    let held = Held::new();
    let content = attempt.publish(&held)?;
    Ok(Lock {
        disk,
        visible: attempt.visible,
        content,
        process_id: std::process::id(),
        is_released: false,
        _held: held,
        _guard: guard,
    })
}

struct Attempt<'a, 'disk> {
    disk: &'disk dyn Disk,
    target: &'a Path,
    visible: PathBuf,
    guard: PathBuf,
    waiter: &'a dyn Waiter,
    processes: &'a dyn Processes,
    deadline: Duration,
}

/// How the visible file became ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Placed {
    /// There was none, and nobody else can have made one.
    Linked,
    /// By a rename, over another one or not.
    Renamed,
}

impl Attempt<'_, '_> {
    fn take_guard(&self) -> Result<Box<dyn Send>, Error> {
        let mut delay = DELAY_FIRST;
        loop {
            if let Some(guard) = self.disk.try_lock(&self.guard)? {
                return Ok(guard);
            }
            if !self.pause(&mut delay, DELAY_GUARD_MAX) {
                // Without a name the error still says what it has to.
                let sighting = visible::look(self.disk, &self.visible).ok().flatten();
                return Err(self.locked(sighting.as_ref()));
            }
        }
    }

    /// Makes the visible file ours and returns its content; the guard is held.
    fn publish(&self, held: &Held) -> Result<Vec<u8>, Error> {
        let record = Record::new(self.processes.this(), self.waiter.now(), held.nonce());
        let content = record.render();
        let mut delay = DELAY_FIRST;
        loop {
            let (temporary, _) = write_beside(self.disk, &self.visible, &content, false)?;
            let placed = self.place(&temporary);
            if placed.as_ref().ok() != Some(&Placed::Renamed) {
                remove_quietly(self.disk, &temporary);
            }
            // Two programs that find the same left-over may both replace it; the last one wins.
            if placed? == Placed::Linked || visible::contains(self.disk, &self.visible, &content)? {
                return Ok(content);
            }
            if !self.pause(&mut delay, DELAY_VISIBLE_MAX) {
                return Err(self.locked(visible::look(self.disk, &self.visible)?.as_ref()));
            }
        }
    }

    /// Gives the complete file its visible name as soon as the rules allow it.
    fn place(&self, temporary: &Path) -> Result<Placed, Error> {
        let mut delay = DELAY_FIRST;
        loop {
            let linked = self.disk.hard_link(temporary, &self.visible);
            let error = match linked {
                Ok(()) => return Ok(Placed::Linked),
                Err(error) => error,
            };
            let has_no_links = matches!(error.kind(), ErrorKind::Denied | ErrorKind::Io);
            if !has_no_links && error.kind() != ErrorKind::Conflict {
                return Err(error);
            }
            let sighting = visible::look(self.disk, &self.visible)?;
            let rule = match &sighting {
                Some(sighting) => rule(sighting, self.processes, self.waiter.now()),
                None if has_no_links => Rule::Take,
                None => Rule::Wait,
            };
            if rule == Rule::Take {
                self.disk.rename(temporary, &self.visible)?;
                return Ok(Placed::Renamed);
            }
            if !self.pause(&mut delay, DELAY_VISIBLE_MAX) {
                return Err(self.locked(sighting.as_ref()));
            }
        }
    }

    /// Waits a little, each time longer; false if the time is up.
    fn pause(&self, delay: &mut Duration, delay_max: Duration) -> bool {
        let left = self.deadline.saturating_sub(self.waiter.elapsed());
        if left.is_zero() {
            return false;
        }
        self.waiter.sleep((*delay).min(left));
        *delay = (*delay * 2).min(delay_max);
        true
    }

    fn locked(&self, sighting: Option<&Sighting>) -> Error {
        let holder = Holder::of(sighting, self.processes);
        let now = self.waiter.now();
        let is_ahead = sighting.is_some_and(|sighting| is_ahead(sighting.modified, now));
        holder.locked(self.target, &self.visible, is_ahead)
    }
}
