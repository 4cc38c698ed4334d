//! Handlers in C: functions that perform the steps of a slot, and say what came of it.

use std::{
    cell::Cell,
    collections::BTreeMap,
    ffi::{c_char, c_void},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use procside_rs::{
    Attempt, Desk, attempt_result,
    runtime::{Done, Failed, Sign, Team, drive::Slot},
};

use crate::{
    entry::enter,
    error::{Fault, ps_error},
    input::{Out, OutNumber, Text},
    project::{Project, ps_project},
    status::{PS_LATER, PS_OK},
};

/// Performs an attempt of a step.
///
/// `work` is JSON, `len` bytes with a NUL behind them, until the function returns: `process`, `step`,
/// `visit`, `attempt`, `key` (the same when the same attempt comes again after a crash), `task` (what
/// is to be done), `context` (what the last attempt kept) and `compensation` (whether it undoes).
/// `token` names the attempt to ps_complete and ps_heartbeat.
///
/// Returns PS_OK when it is done: as ps_complete said, else without output. Returns PS_LATER when
/// ps_complete will say it, from any thread. Any other number fails the attempt. It must not throw,
/// jump out, close the project or drive it; every other call is fine.
pub type ps_handler_fn = Option<
    unsafe extern "C" fn(user: *mut c_void, work: *const c_char, len: usize, token: u64) -> i32,
>;

/// Frees what a handler was given as `user`, once, when nobody calls the handler any more.
pub type ps_free_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

thread_local! {
    /// Whether this thread is inside a handler.
    static IN_HANDLER: Cell<bool> = const { Cell::new(false) };
}

/// Tokens of all projects: one that belongs to another is found out.
static NEXT_TOKEN: AtomicU64 = AtomicU64::new(1);

/// Who performs what in a project, and the attempts that are being performed.
#[derive(Default)]
pub(crate) struct Handlers {
    slots: Mutex<BTreeMap<Slot, Arc<Handler>>>,
    attempts: Mutex<BTreeMap<u64, Attempt>>,
}

/// A function of the caller, and what it is called with.
struct Handler {
    perform: unsafe extern "C" fn(*mut c_void, *const c_char, usize, u64) -> i32,
    user: *mut c_void,
    free: ps_free_fn,
}

// SAFETY: whoever sets a handler promises that function and pointer may be used by every thread that
// drives, and be freed by any.
unsafe impl Send for Handler {}
// SAFETY: likewise.
unsafe impl Sync for Handler {}

impl Drop for Handler {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: whoever set the handler promises that its pointer can be freed so, once.
            unsafe { free(self.user) };
        }
    }
}

/// Returns whether this thread is inside a handler.
pub(crate) fn is_in_handler() -> bool {
    IN_HANDLER.get()
}

impl Handlers {
    fn slots(&self) -> MutexGuard<'_, BTreeMap<Slot, Arc<Handler>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, BTreeMap<u64, Attempt>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a team that lays attempts for these handlers on a desk.
    pub(crate) fn team(&self, desk: &Desk) -> Team {
        let slots = self.slots();
        let add = |team: Team, slot: &Slot| team.with(slot.clone(), desk.handler(&name_of(slot)));
        slots.keys().fold(Team::new(), add)
    }

    /// Lets go of attempts of which nobody will hear any more.
    pub(crate) fn forget_attempts(&self) {
        let attempts = std::mem::take(&mut *self.attempts());
        drop(attempts);
    }

    /// Has a handler perform an attempt, on this thread.
    pub(crate) fn perform(&self, attempt: Attempt) {
        let handler = slot_of(attempt.handler()).and_then(|slot| self.slots().get(&slot).cloned());
        let Some(handler) = handler else {
            attempt.finish(Err(Failed::new("there is no handler any more")));
            return;
        };
        let mut work = attempt.to_value().to_string();
        let len = work.len();
        work.push('\0');
        let token = NEXT_TOKEN.fetch_add(1, Ordering::Relaxed);
        {
            let mut attempts = self.attempts();
            // What nobody wants any more is not waited for either.
            attempts.retain(|_, attempt| attempt.is_wanted());
            attempts.insert(token, attempt);
        }
        IN_HANDLER.set(true);
        // SAFETY: whoever set the handler promises that it can be called so; the text lives longer.
        let code = unsafe { (handler.perform)(handler.user, work.as_ptr().cast(), len, token) };
        IN_HANDLER.set(false);
        if code == PS_LATER {
            return;
        }
        let attempt = self.attempts().remove(&token);
        // What the handler has said by ps_complete is over.
        let Some(attempt) = attempt else { return };
        attempt.finish(if code == PS_OK {
            Ok(Done::default())
        } else {
            Err(Failed::new(format!("the handler returned {code}")))
        });
    }
}

/// Returns the slot that a name means: a type of step, or else an agent.
fn slot_of(name: &str) -> Option<Slot> {
    Some(match name {
        "" => return None,
        "agent_task" => Slot::AnyAgent,
        "command" => Slot::Command,
        "manual" => Slot::Manual,
        "notification" => Slot::Notification,
        name => Slot::Agent(name.strip_prefix("agent:").unwrap_or(name).to_owned()),
    })
}

fn name_of(slot: &Slot) -> String {
    match slot {
        Slot::Agent(name) => format!("agent:{name}"),
        Slot::AnyAgent => "agent_task".to_owned(),
        Slot::Command => "command".to_owned(),
        Slot::Manual => "manual".to_owned(),
        Slot::Notification => "notification".to_owned(),
    }
}

/// Has a function perform the steps of a slot: `agent_task` (those of every agent that has no handler
/// of its own), `command`, `notification` or `manual`, or those of an agent by its name, which may be
/// written `agent:NAME`.
///
/// The function is called by threads inside ps_drive only, by each one at a time; several threads may
/// call it at once. `user` is handed to it, and to `free_user` (may be null) when nobody calls it any
/// more: also when this call fails. While the project is driven it is PS_CONFLICT: set handlers
/// before the first ps_drive, or behind ps_drive_stop.
///
/// # Safety
/// `slot` has `len` bytes; `handler` and `free_user` can be called by any thread with `user`; `err`
/// can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_handler_set(
    project: *mut ps_project,
    slot: *const c_char,
    len: usize,
    handler: ps_handler_fn,
    user: *mut c_void,
    free_user: ps_free_fn,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let slot = unsafe { Text::new(slot, len) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        // From here on whatever fails frees `user`.
        let handler = handler.map(|perform| Handler { perform, user, free: free_user });
        let Some(handler) = handler else {
            drop(Handler { perform: nothing, user, free: free_user });
            return Err(Fault::usage("`handler` is null"));
        };
        let project = Project::of(project)?;
        let name = slot.read("slot")?;
        let slot = slot_of(name).ok_or_else(|| Fault::usage("`slot` is empty"))?;
        let engine = project.engine();
        if engine.is_some() {
            let message = "handlers cannot be set while the project is driven";
            return Err(Fault::conflict(message));
        }
        let old = project.handlers.slots().insert(slot, Arc::new(handler));
        // What it frees may call us.
        drop(engine);
        drop(old);
        Ok(())
    })
}

unsafe extern "C" fn nothing(_: *mut c_void, _: *const c_char, _: usize, _: u64) -> i32 {
    PS_OK
}

/// Says what came of an attempt: `{"output": JSON, "cost": "0.25"}`, or `{"error": TEXT, "cost":
/// "0.25"}`; each key may be left out.
///
/// It may be said from any thread, once; PS_NOT_FOUND when the attempt is over, or nobody wants its
/// result any more. When it is durable, the event feed tells.
///
/// # Safety
/// `result` has `len` bytes; `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_complete(
    project: *mut ps_project,
    token: u64,
    result: *const c_char,
    len: usize,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let result = unsafe { Text::new(result, len) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let project = Project::of(project)?;
        let result = attempt_result(result.read("result")?)?;
        let attempt = project.handlers.attempts().remove(&token);
        let attempt = attempt.filter(Attempt::is_wanted).ok_or_else(|| over(token))?;
        attempt.finish(result);
        Ok(())
    })
}

/// Gives a sign of life of an attempt, and learns whether its result is still wanted.
///
/// `context_or_null`, when it is not null, is JSON that the next attempt is to know (at most 1 MiB).
/// `out_or_null`, when it is not null, gets 1 as long as the attempt should go on, 0 when it should
/// stop: what it gives soon after may still count.
///
/// # Safety
/// `context_or_null` has `len` bytes; `out_or_null` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_heartbeat(
    project: *mut ps_project,
    token: u64,
    context_or_null: *const c_char,
    len: usize,
    out_or_null: *mut i32,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let context = unsafe { Text::new(context_or_null, len) };
    // SAFETY: likewise.
    let out = unsafe { OutNumber::new(out_or_null) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let project = Project::of(project)?;
        let context = context.read_if_given("context")?;
        let context = context
            .map(serde_json::from_str)
            .transpose()
            .map_err(|error| Fault::invalid(format!("the context is no JSON: {error}")))?;
        let line = project.handlers.attempts().get(&token).map(Attempt::line);
        let line = line.ok_or_else(|| over(token))?;
        line.signs.say(context.map_or(Sign::Alive, Sign::Context));
        out.put((!line.stop.is_requested()).into());
        Ok(())
    })
}

fn over(token: u64) -> Fault {
    Fault::not_found(format!("no attempt with token {token} is being performed"))
}
