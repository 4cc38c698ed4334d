//! Bytes in the place of a process file: see `fuzz::process_yaml`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::process_yaml(bytes));
