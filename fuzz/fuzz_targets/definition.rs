//! Bytes in the place of a definition: see `fuzz::definition`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::definition(bytes));
