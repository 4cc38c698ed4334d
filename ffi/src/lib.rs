//! procside for C, and for every language that can call C.
//!
//! ```text
//! ps_… ─► entry: nulls, handles, texts checked; a panic caught ─► a call of `procside`
//!      ─► a status; out-parameters on success, an error object else
//! ```
//!
//! Handles are numbers that are never given twice, not addresses: one that was closed, or belongs to
//! something else, is found out and gets a status.
//! The header `include/procside.h` is made from the documentation here by `cargo xtask header`.

#![expect(non_camel_case_types, reason = "these are the names that C sees")]

mod buf;
mod calls;
mod drive;
mod entry;
mod error;
mod events;
mod handlers;
mod handles;
mod input;
mod project;
mod status;
#[cfg(test)]
mod tests;
mod version;

pub use crate::{
    buf::{ps_buf, ps_buf_data, ps_buf_free, ps_buf_len},
    calls::{ps_call, ps_patch_text},
    drive::{ps_drive, ps_drive_stop},
    error::{
        ps_error, ps_error_code, ps_error_details, ps_error_free, ps_error_hint, ps_error_kind,
        ps_error_message,
    },
    events::{ps_events, ps_events_close, ps_events_next, ps_events_open},
    handlers::{ps_complete, ps_free_fn, ps_handler_fn, ps_handler_set, ps_heartbeat},
    project::{ps_project, ps_project_close, ps_project_init, ps_project_notices, ps_project_open},
    status::{
        PS_CONFLICT, PS_DRIVE_IDLE, PS_DRIVE_PROGRESS, PS_DRIVE_TIMEOUT, PS_FAILED, PS_INVALID,
        PS_LATER, PS_LOCKED, PS_NOT_FOUND, PS_OK, PS_USAGE, PS_WAITING,
    },
    version::{
        PS_ABI_VERSION, PS_VERSION_MAJOR, PS_VERSION_MINOR, PS_VERSION_PATCH, ps_abi_version,
        ps_version,
    },
};
