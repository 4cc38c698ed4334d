//! Projects: made, opened, closed.

use std::{
    collections::VecDeque,
    ffi::c_char,
    mem,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use procside_rs::{Error, Procside, Surroundings};

use crate::{
    buf::{self, ps_buf},
    drive::Engine,
    entry::{enter, enter_plain},
    error::{Fault, ps_error},
    handlers::{Handlers, is_in_handler},
    handles::Table,
    input::{Out, Text},
};

/// The most notices that are kept for whoever asks; the oldest go first.
const NOTICES_MAX: usize = 1_000;

/// A project that is open. It may be used by several threads at once.
#[repr(C)]
pub struct ps_project {
    private: [u8; 0],
}

/// The projects that callers hold.
static PROJECTS: Table<Project> = Table::new();

/// A project, what drives it, and who performs its steps.
pub(crate) struct Project {
    pub(crate) procside: Procside,
    pub(crate) handlers: Handlers,
    pub(crate) engine: Mutex<Option<Arc<Engine>>>,
    notices: Mutex<VecDeque<String>>,
}

impl Project {
    fn new(procside: Procside) -> Self {
        Self {
            procside,
            handlers: Handlers::default(),
            engine: Mutex::new(None),
            notices: Mutex::new(VecDeque::new()),
        }
    }

    /// Returns the project that a handle stands for.
    pub(crate) fn of(handle: *const ps_project) -> Result<Arc<Self>, Fault> {
        PROJECTS.find(handle).ok_or_else(|| Fault::no_handle("project", handle.is_null()))
    }

    /// Keeps what people should be told.
    pub(crate) fn tell(&self, notices: impl IntoIterator<Item = String>) {
        let mut kept = self.notices();
        kept.extend(notices);
        let over = kept.len().saturating_sub(NOTICES_MAX);
        kept.drain(..over);
    }

    fn notices(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what drives the project, if anything does.
    pub(crate) fn engine(&self) -> MutexGuard<'_, Option<Arc<Engine>>> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_with(
    path: Text<'_>,
    out: Out<ps_project>,
    open: impl FnOnce(&Path, Surroundings) -> Result<Procside, Error>,
) -> Result<(), Fault> {
    let out = out.needed("out")?;
    let path = path.read("path")?;
    if path.is_empty() {
        return Err(Fault::usage("`path` is empty"));
    }
    let project = open(Path::new(path), Surroundings::of_the_user()?)?;
    out.put(|| PROJECTS.keep(Project::new(project)));
    Ok(())
}

/// Makes an empty project in a folder that is there, and opens it; a project that is there stays as
/// it is.
///
/// Whoever makes a project trusts it: its definitions may start programs.
///
/// # Safety
/// `path` has `len` bytes; `out` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_project_init(
    path: *const c_char,
    len: usize,
    out: *mut *mut ps_project,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let path = unsafe { Text::new(path, len) };
    // SAFETY: likewise.
    let out = unsafe { Out::new(out) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || open_with(path, out, |path, surroundings| Procside::create(path, surroundings)))
}

/// Opens the project that a folder belongs to: the nearest one upwards that holds `.ai`.
///
/// # Safety
/// `path` has `len` bytes; `out` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_project_open(
    path: *const c_char,
    len: usize,
    out: *mut *mut ps_project,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let path = unsafe { Text::new(path, len) };
    // SAFETY: likewise.
    let out = unsafe { Out::new(out) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        open_with(path, out, |path, surroundings| Procside::open_with(path, surroundings))
    })
}

/// Closes a project; null, and one that was closed, change nothing.
///
/// Driving ends at once: what is not durable by then is as if it had never been begun, and the next
/// one who drives goes on from there. ps_drive_stop ends it gently. Calls of other threads that are
/// under way end as they would. A handler cannot close a project: the call changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn ps_project_close(project: *mut ps_project) {
    enter_plain((), || {
        if is_in_handler() {
            return None;
        }
        let project = PROJECTS.take(project)?;
        let engine = project.engine().take();
        if let Some(engine) = engine {
            engine.end();
        }
        project.handlers.forget_attempts();
        Some(())
    });
}

/// Gives what people should be told since this was last asked, a JSON list of texts: what was
/// repaired, or could not be taken as it is. At most 1,000 are kept.
///
/// # Safety
/// `out` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_project_notices(
    project: *mut ps_project,
    out: *mut *mut ps_buf,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let out = unsafe { Out::new(out) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let out = out.needed("out")?;
        let project = Project::of(project)?;
        project.tell(project.procside.take_notices());
        let notices: Vec<String> = mem::take(&mut *project.notices()).into();
        out.put(|| buf::keep(serde_json::Value::from(notices).to_string()));
        Ok(())
    })
}
