//! Bytes in the place of the history of a document: see `fuzz::patch_history`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::patch_history(bytes));
