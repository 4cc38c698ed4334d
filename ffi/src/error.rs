//! Errors as objects: a code, a kind, a message, a hint, and details.

use std::{
    any::Any,
    ffi::{CString, c_char},
    ptr,
};

use procside_rs::{Error, ErrorKind};

use crate::{entry::enter_plain, handles::Table, status::PS_FAILED};

/// Why a call failed. It belongs to whoever got it, who frees it with ps_error_free.
#[repr(C)]
pub struct ps_error {
    private: [u8; 0],
}

/// The errors that callers hold.
static ERRORS: Table<Fault> = Table::new();

/// Why a call failed.
pub(crate) struct Fault {
    code: i32,
    kind: CString,
    message: CString,
    hint: Option<CString>,
    details: CString,
}

impl Fault {
    /// Returns that the call makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Usage, message).into()
    }

    /// Returns that a text makes no sense.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Invalid, message).into()
    }

    /// Returns that something stands in the way.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Conflict, message).into()
    }

    /// Returns that there is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::NotFound, message).into()
    }

    /// Returns that a handle stands for nothing.
    pub(crate) fn no_handle(name: &str, is_null: bool) -> Self {
        let why = if is_null { "is null" } else { "is no open handle of its kind" };
        Self::usage(format!("`{name}` {why}"))
    }

    /// Returns what a panic says: a fault in this library.
    pub(crate) fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = format!("procside has a fault: {}", said.unwrap_or("it panicked"));
        Self {
            code: PS_FAILED,
            kind: text("internal"),
            message: text(&message),
            hint: None,
            details: text("{}"),
        }
    }

    /// Returns the status that goes with it.
    pub(crate) fn code(&self) -> i32 {
        self.code
    }

    /// Keeps it for the caller.
    pub(crate) fn keep(self) -> *mut ps_error {
        ERRORS.keep(self)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let kind = error.kind();
        Self {
            code: i32::from(kind.exit_code()),
            kind: text(kind.as_str()),
            message: text(error.message()),
            hint: error.hint().map(text),
            details: text(&error.details().map_or_else(|| "{}".to_owned(), ToString::to_string)),
        }
    }
}

/// Returns a text as C has it; a NUL in it, which would end it, is left out.
fn text(text: &str) -> CString {
    let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).collect();
    CString::new(bytes).unwrap_or_default()
}

fn of(err: *const ps_error, part: impl FnOnce(&Fault) -> *const c_char) -> *const c_char {
    enter_plain(c"".as_ptr(), || ERRORS.find(err).map(|fault| part(&fault)))
}

/// Returns the status that the call returned; PS_USAGE for what is no error.
#[unsafe(no_mangle)]
pub extern "C" fn ps_error_code(err: *const ps_error) -> i32 {
    enter_plain(crate::PS_USAGE, || ERRORS.find(err).map(|fault| fault.code))
}

/// Returns the kind, a stable word such as "not_found" or "locked", until the error is freed.
///
/// The kinds are those of the command line, and "internal" for a fault in this library.
#[unsafe(no_mangle)]
pub extern "C" fn ps_error_kind(err: *const ps_error) -> *const c_char {
    of(err, |fault| fault.kind.as_ptr())
}

/// Returns what went wrong, in a line for people, until the error is freed.
#[unsafe(no_mangle)]
pub extern "C" fn ps_error_message(err: *const ps_error) -> *const c_char {
    of(err, |fault| fault.message.as_ptr())
}

/// Returns what to do about it, until the error is freed; null when there is no advice.
#[unsafe(no_mangle)]
pub extern "C" fn ps_error_hint(err: *const ps_error) -> *const c_char {
    of(err, |fault| fault.hint.as_ref().map_or(ptr::null(), |hint| hint.as_ptr()))
}

/// Returns facts for programs, a JSON object, until the error is freed.
#[unsafe(no_mangle)]
pub extern "C" fn ps_error_details(err: *const ps_error) -> *const c_char {
    of(err, |fault| fault.details.as_ptr())
}

/// Frees an error; null, and one that was freed, change nothing.
#[unsafe(no_mangle)]
pub extern "C" fn ps_error_free(err: *mut ps_error) {
    enter_plain((), || ERRORS.take(err).map(drop));
}
