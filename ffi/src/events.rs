//! The feed of events.

use std::{
    ffi::c_char,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use procside_rs::{EventFilter, Events, parse};

use crate::{
    buf::{self, ps_buf},
    entry::{enter, enter_plain},
    error::{Fault, ps_error},
    handles::Table,
    input::{Out, Text},
    project::{Project, ps_project},
};

/// A feed of events. Several threads may share it: each event goes to one of them.
#[repr(C)]
pub struct ps_events {
    private: [u8; 0],
}

/// The feeds that callers hold.
static FEEDS: Table<Mutex<Events>> = Table::new();

/// Opens a feed of events: each is told once, as soon as it is durable, whoever made it happen.
///
/// `process_or_null`, when it is not null, is the process of which events are told. `after` is the
/// number behind which the events of each process are told, 0 for all that there are; a negative one
/// stands for those that happen from here on. The feed is independent of the project's handle.
///
/// # Safety
/// `process_or_null` has `len` bytes; `out` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_events_open(
    project: *mut ps_project,
    process_or_null: *const c_char,
    len: usize,
    after: i64,
    out: *mut *mut ps_events,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let process = unsafe { Text::new(process_or_null, len) };
    // SAFETY: likewise.
    let out = unsafe { Out::new(out) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let out = out.needed("out")?;
        let project = Project::of(project)?;
        let process = parse::optional_process(process.read_if_given("process")?)?;
        let filter = EventFilter { process, after: u64::try_from(after).ok() };
        let events = project.procside.events(filter)?;
        out.put(|| FEEDS.keep(Mutex::new(events)));
        Ok(())
    })
}

/// Gives the next event, waiting for it at most `timeout_ms`: JSON with its `process` and the
/// `event`, or null when none happened in this time.
///
/// # Safety
/// `out` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_events_next(
    events: *mut ps_events,
    timeout_ms: u32,
    out: *mut *mut ps_buf,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let out = unsafe { Out::new(out) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let out = out.needed("out")?;
        let found = FEEDS.find(events);
        let feed = found.ok_or_else(|| Fault::no_handle("events", events.is_null()))?;
        let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
        let next = feed.next(Duration::from_millis(timeout_ms.into()))?;
        let text = next.map(|happened| happened.to_value().to_string());
        out.put(|| text.map_or(std::ptr::null_mut(), buf::keep));
        Ok(())
    })
}

/// Closes a feed; null, and one that was closed, change nothing.
#[unsafe(no_mangle)]
pub extern "C" fn ps_events_close(events: *mut ps_events) {
    enter_plain((), || FEEDS.take(events).map(drop));
}
