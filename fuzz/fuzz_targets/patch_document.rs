//! Bytes in the place of a document and its patches: see `fuzz::patch_document`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::patch_document(bytes));
