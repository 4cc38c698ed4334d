//! Driving processes: timers, retries, programs and handlers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use procside_rs::{Desk, DriveOptions, Driving, TeamOf, Turn};

use crate::{
    entry::enter,
    error::{Fault, ps_error},
    handlers::is_in_handler,
    input::{Out, OutNumber},
    project::{Project, ps_project},
    status::{PS_DRIVE_IDLE, PS_DRIVE_PROGRESS, PS_DRIVE_TIMEOUT},
};

/// How long it is waited between two looks whether other threads have left.
const LOOK: Duration = Duration::from_millis(1);

/// What drives the processes of a project, and the desk on which it lays attempts for handlers.
pub(crate) struct Engine {
    desk: Desk,
    driving: Driving,
}

impl Engine {
    /// Ends driving at once; threads that wait for something to do go on.
    pub(crate) fn end(self: Arc<Self>) {
        self.desk.close();
    }

    /// Ends driving gently; returns whether all that was performed has ended.
    fn stop(self: Arc<Self>, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        // Attempts are still handed out: what is on the desk is not performed by anybody else.
        let mut engine = self;
        loop {
            match Arc::try_unwrap(engine) {
                Ok(Engine { desk, driving }) => {
                    let left = until.saturating_duration_since(Instant::now());
                    let is_done = driving.shut_down(left);
                    desk.close();
                    return is_done;
                }
                Err(shared) => {
                    shared.desk.close();
                    if Instant::now() >= until {
                        return false;
                    }
                    engine = shared;
                    std::thread::sleep(LOOK);
                }
            }
        }
    }
}

impl Project {
    /// Returns what drives the project; the first one to ask starts it.
    fn running_engine(&self) -> Result<Arc<Engine>, Fault> {
        let mut engine = self.engine();
        if let Some(engine) = engine.as_ref() {
            return Ok(engine.clone());
        }
        let desk = Desk::new();
        let options = DriveOptions {
            team: Some(TeamOf(self.handlers.team(&desk))),
            desk: Some(desk.clone()),
            ..DriveOptions::default()
        };
        let driving = self.procside.drive_all(&options)?;
        let started = Arc::new(Engine { desk, driving });
        *engine = Some(started.clone());
        Ok(started)
    }

    fn drive(&self, patience: Duration) -> Result<i32, Fault> {
        let until = Instant::now() + patience;
        let engine = self.running_engine()?;
        let mut has_looked = false;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match engine.desk.wait(left) {
                Turn::Attempt(attempt) => {
                    self.handlers.perform(*attempt);
                    return Ok(PS_DRIVE_PROGRESS);
                }
                Turn::Happened => return Ok(PS_DRIVE_PROGRESS),
                Turn::Nothing => return Ok(PS_DRIVE_TIMEOUT),
                // What this program has just done counts as well.
                Turn::Quiet if !has_looked => {
                    engine.driving.look();
                    has_looked = true;
                }
                Turn::Over | Turn::Quiet => return Ok(PS_DRIVE_IDLE),
            }
        }
    }
}

/// Drives the processes of a project, until something happened or nothing did in `timeout_ms`.
///
/// The first call begins, and from then on timers, retries, programs and agents go on also between
/// calls; handlers are called here only, at most one in each call. `out` gets PS_DRIVE_IDLE,
/// PS_DRIVE_PROGRESS or PS_DRIVE_TIMEOUT. Call it in a loop, from as many threads as there are to be
/// handlers at once; a handler cannot call it.
///
/// # Safety
/// `out` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_drive(
    project: *mut ps_project,
    timeout_ms: u32,
    out: *mut i32,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let out = unsafe { OutNumber::new(out) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let out = out.needed("out")?;
        let project = Project::of(project)?;
        if is_in_handler() {
            return Err(Fault::conflict("a handler cannot drive"));
        }
        out.put(project.drive(Duration::from_millis(timeout_ms.into()))?);
        Ok(())
    })
}

/// Ends driving: begins nothing any more, and gives what is performed `timeout_ms` to end.
///
/// `out_or_null`, when it is not null, gets 1 if all did, else 0: what did not is performed again, as
/// the same attempt, by the next one who drives. Handlers are not called meanwhile. Handlers can be
/// set again, and the next ps_drive begins anew. Where nothing is driven, it has ended already.
///
/// # Safety
/// `out_or_null` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_drive_stop(
    project: *mut ps_project,
    timeout_ms: u32,
    out_or_null: *mut i32,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let out = unsafe { OutNumber::new(out_or_null) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let project = Project::of(project)?;
        if is_in_handler() {
            return Err(Fault::conflict("a handler cannot end driving"));
        }
        let engine = project.engine().take();
        let patience = Duration::from_millis(timeout_ms.into());
        let is_done = engine.is_none_or(|engine| engine.stop(patience));
        project.handlers.forget_attempts();
        out.put(is_done.into());
        Ok(())
    })
}
