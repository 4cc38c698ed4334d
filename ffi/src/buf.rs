//! Texts that the library gives.

use std::ffi::c_char;

use crate::{entry::enter_plain, handles::Table};

/// A text that the library gave. It belongs to whoever got it, who frees it with ps_buf_free.
#[repr(C)]
pub struct ps_buf {
    private: [u8; 0],
}

/// The texts that callers hold, each with a NUL behind its end.
static BUFS: Table<Box<[u8]>> = Table::new();

/// Keeps a text for the caller.
pub(crate) fn keep(text: String) -> *mut ps_buf {
    let mut bytes = text.into_bytes();
    bytes.push(0);
    BUFS.keep(bytes.into_boxed_slice())
}

/// Returns the bytes of a text, UTF-8 with a NUL behind the end, until it is freed.
///
/// What is no text is empty.
#[unsafe(no_mangle)]
pub extern "C" fn ps_buf_data(buf: *const ps_buf) -> *const c_char {
    enter_plain(c"".as_ptr(), || BUFS.find(buf).map(|bytes| bytes.as_ptr().cast()))
}

/// Returns how many bytes a text has, without the NUL behind its end.
#[unsafe(no_mangle)]
pub extern "C" fn ps_buf_len(buf: *const ps_buf) -> usize {
    enter_plain(0, || BUFS.find(buf).map(|bytes| bytes.len() - 1))
}

/// Frees a text; null, and one that was freed, change nothing.
#[unsafe(no_mangle)]
pub extern "C" fn ps_buf_free(buf: *mut ps_buf) {
    enter_plain((), || BUFS.take(buf).map(drop));
}
