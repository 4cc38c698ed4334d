//! Bytes in the place of a stream of patches: see `fuzz::patch_stream`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::patch_stream(bytes));
