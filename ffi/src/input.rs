//! What comes in from C, and where answers go, each checked before it is used.

use std::{ffi::c_char, slice, str};

use crate::error::Fault;

/// A text that a caller gave.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    data: *const u8,
    len: usize,
    /// It is the caller's as long as the call lasts.
    call: std::marker::PhantomData<&'a u8>,
}

/// A place for a handle; null when the caller does not want it.
pub(crate) struct Out<T>(*mut *mut T);

/// A place for a number.
pub(crate) struct OutNumber(*mut i32);

impl<'a> Text<'a> {
    /// Takes a text in, without a look at it.
    ///
    /// # Safety
    /// If `data` is not null and `len` at most `isize::MAX`, so many bytes can be read there as long
    /// as `'a` lasts.
    pub(crate) unsafe fn new(data: *const c_char, len: usize) -> Self {
        Self { data: data.cast(), len, call: std::marker::PhantomData }
    }

    /// Returns whether there is none.
    pub(crate) fn is_null(self) -> bool {
        self.data.is_null()
    }

    /// Returns the text.
    ///
    /// A null is empty when its length says so.
    pub(crate) fn read(self, name: &str) -> Result<&'a str, Fault> {
        if self.len == 0 {
            return Ok("");
        }
        if self.is_null() {
            return Err(Fault::usage(format!("`{name}` is null")));
        }
        if isize::try_from(self.len).is_err() {
            return Err(Fault::usage(format!("`{name}` is longer than any text can be")));
        }
        // SAFETY: not null and of a length that is one; the rest was promised to `new`.
        let bytes = unsafe { slice::from_raw_parts(self.data, self.len) };
        str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            Fault::invalid(format!("`{name}` is not UTF-8: byte {at}"))
        })
    }

    /// Returns the text, or nothing for a null.
    pub(crate) fn read_if_given(self, name: &str) -> Result<Option<&'a str>, Fault> {
        if self.is_null() && self.len == 0 { Ok(None) } else { self.read(name).map(Some) }
    }
}

impl<T> Out<T> {
    /// Takes a place in.
    ///
    /// # Safety
    /// If `place` is not null, a pointer can be written there as long as the call lasts.
    pub(crate) unsafe fn new(place: *mut *mut T) -> Self {
        Self(place)
    }

    /// Returns the place, which must be there.
    pub(crate) fn needed(self, name: &str) -> Result<Self, Fault> {
        if self.0.is_null() { Err(Fault::usage(format!("`{name}` is null"))) } else { Ok(self) }
    }

    /// Returns whether the caller wants it.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.0.is_null()
    }

    /// Writes what is made, if the caller wants it.
    pub(crate) fn put(self, make: impl FnOnce() -> *mut T) {
        if self.is_wanted() {
            let made = make();
            // SAFETY: it is not null; the rest was promised to `new`.
            unsafe { self.0.write(made) };
        }
    }
}

impl OutNumber {
    /// Takes a place in.
    ///
    /// # Safety
    /// If `place` is not null, a number can be written there as long as the call lasts.
    pub(crate) unsafe fn new(place: *mut i32) -> Self {
        Self(place)
    }

    /// Returns the place, which must be there.
    pub(crate) fn needed(self, name: &str) -> Result<Self, Fault> {
        if self.0.is_null() { Err(Fault::usage(format!("`{name}` is null"))) } else { Ok(self) }
    }

    /// Writes a number, if the caller wants it.
    pub(crate) fn put(self, number: i32) {
        if !self.0.is_null() {
            // SAFETY: it is not null; the rest was promised to `new`.
            unsafe { self.0.write(number) };
        }
    }
}
