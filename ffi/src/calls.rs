//! Every operation by its name, and patches of a text that belongs to no project.

use std::ffi::c_char;

use procside_rs::{Called, Error, ErrorKind, PatchRequest, call_text, patch_text};

use crate::{
    buf::{self, ps_buf},
    entry::{enter, enter_with},
    error::{Fault, ps_error},
    input::{Out, Text},
    project::{Project, ps_project},
};

/// Calls an operation: `{"op": COMMAND, "args": {NAME: VALUE}}`, with the commands, options and
/// arguments of the command line. Relative paths are below the folder of the project.
///
/// Returns the exit code of the command, and always gives its `--json` answer in `out`; `err` is set
/// exactly when its `ok` is false. Only a null, a handle that is none, or a fault in this library
/// leave `out` as it is.
///
/// # Safety
/// `request` has `len` bytes; `out` and `err` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_call(
    project: *mut ps_project,
    request: *const c_char,
    len: usize,
    out: *mut *mut ps_buf,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let request = unsafe { Text::new(request, len) };
    // SAFETY: likewise.
    let out = unsafe { Out::new(out) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter_with(err, || {
        let out = out.needed("out")?;
        let project = Project::of(project)?;
        if request.is_null() {
            return Err(Fault::usage("`request` is null"));
        }
        let called = match request.read("request") {
            Ok(request) => call_text(&project.procside, request),
            Err(_) => unreadable(),
        };
        project.tell(called.notices);
        out.put(|| buf::keep(called.envelope.to_string()));
        Ok((i32::from(called.exit), called.error.map(Fault::from)))
    })
}

/// Returns the answer to a request that is no text.
fn unreadable() -> Called {
    let error = Error::new(ErrorKind::Usage, "the request is no UTF-8 text");
    let (exit, envelope) = (error.kind().exit_code(), error.envelope());
    Called { exit, envelope, notices: Vec::new(), error: Some(error) }
}

/// Applies patches, or the inverse of some, to a document that belongs to no project: all or none.
///
/// `out` gets JSON: `document`, `splices`, `hash_before`, `hash_after`, `changed`, `matched_with`,
/// `warnings`. `inverse_or_null`, when it is not null, gets what takes the patches back exactly, in
/// the same form as patches.
///
/// # Safety
/// `document` has `document_len` bytes, `patches` has `patches_len`; the rest can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ps_patch_text(
    document: *const c_char,
    document_len: usize,
    patches: *const c_char,
    patches_len: usize,
    out: *mut *mut ps_buf,
    inverse_or_null: *mut *mut ps_buf,
    err: *mut *mut ps_error,
) -> i32 {
    // SAFETY: the caller promises it.
    let document = unsafe { Text::new(document, document_len) };
    // SAFETY: likewise.
    let patches = unsafe { Text::new(patches, patches_len) };
    // SAFETY: likewise.
    let out = unsafe { Out::new(out) };
    // SAFETY: likewise.
    let inverse = unsafe { Out::new(inverse_or_null) };
    // SAFETY: likewise.
    let err = unsafe { Out::new(err) };
    enter(err, || {
        let out = out.needed("out")?;
        let request = PatchRequest {
            patches: patches.read("patches")?.to_owned(),
            ..PatchRequest::default()
        };
        let patched = patch_text(document.read("document")?, &request)?;
        if inverse.is_wanted() {
            let text = patched.inverse_json()?;
            inverse.put(|| buf::keep(text));
        }
        out.put(|| buf::keep(patched.to_value().to_string()));
        Ok(())
    })
}
