//! Bytes in the place of a document of JSON and its patches: see `fuzz::json_patch`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::json_patch(bytes));
