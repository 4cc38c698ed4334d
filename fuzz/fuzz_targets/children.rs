//! Bytes in the place of a children registry: see `fuzz::children`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::children(bytes));
