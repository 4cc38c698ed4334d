//! Any events in any order: see `fuzz::journal_to_state`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::journal_to_state(bytes));
