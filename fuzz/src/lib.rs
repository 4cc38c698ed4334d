//! What must hold whatever the bytes are: one function for each fuzz target.
//!
//! ```text
//! fuzzer ─► fuzz_targets/NAME.rs ─► NAME(bytes) ─► checks.rs ─► process-core, process-store
//! cargo test ─► procside/tests/it/corpus.rs ─────► checks.rs, with every file of corpus/NAME
//! ```
//!
//! Each function returns when all holds and panics when something does not.
//! It does not look for bytes by itself: that is the fuzzer's work.

mod checks;

/// Reads the bytes as a process file, and writes, reads and edits what they say.
///
/// # Panics
/// When what was read does not come back equal.
pub fn process_yaml(bytes: &[u8]) {
    checks::process_yaml(bytes);
}

/// Reads the bytes as a journal, as it is, with one byte changed, and with every sum made anew.
///
/// # Panics
/// When an event is lost without a word, or comes back another.
pub fn journal(bytes: &[u8]) {
    checks::journal(bytes);
}

/// Lets a project take in the bytes as each file that another program may have left there.
///
/// # Panics
/// When a refusal leaves a trace, or when what was taken in does not stay as it is.
pub fn import(bytes: &[u8]) {
    checks::import(bytes);
}
