//! Which library this is.

use std::ffi::{CStr, c_char};

/// The version of this interface: it grows when a caller that was compiled before would break.
pub const PS_ABI_VERSION: u32 = 1;

/// The version of procside: its first number.
pub const PS_VERSION_MAJOR: u32 = 0;

/// The version of procside: its second number.
pub const PS_VERSION_MINOR: u32 = 1;

/// The version of procside: its third number.
pub const PS_VERSION_PATCH: u32 = 0;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// Returns the version of the interface of the library that is loaded.
///
/// A program is compatible when it equals PS_ABI_VERSION of the header that it was compiled with.
#[unsafe(no_mangle)]
pub extern "C" fn ps_abi_version() -> u32 {
    PS_ABI_VERSION
}

/// Returns the version of procside, such as "0.1.0"; the text is there for good.
#[unsafe(no_mangle)]
pub extern "C" fn ps_version() -> *const c_char {
    VERSION.as_ptr()
}
