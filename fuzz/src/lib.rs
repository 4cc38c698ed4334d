//! What must hold whatever the bytes are: one function for each fuzz target.
//!
//! ```text
//! fuzzer ─► fuzz_targets/NAME.rs ─► NAME(bytes) ─► checks.rs, children.rs, …
//! cargo test ─► tests/it/corpus.rs of a crate ────► the same, with every file of corpus/NAME
//! ```
//!
//! Each function returns when all holds and panics when something does not.
//! It does not look for bytes by itself: that is the fuzzer's work.

mod checks;
mod children;
mod language;
mod patches;
mod run;

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

/// Reads the bytes as a registry of children, and writes, reads and changes what they say.
///
/// # Panics
/// When what was read does not come back with the same meaning.
pub fn children(bytes: &[u8]) {
    children::children(bytes);
}

/// Reads the bytes as a definition, and writes, stores and rewrites what they say.
///
/// # Panics
/// When what was read does not come back equal.
pub fn definition(bytes: &[u8]) {
    language::definition(bytes);
}

/// Reads the bytes as a condition and as a text with expressions, and evaluates them.
///
/// # Panics
/// When what was written of it has another value.
pub fn expression(bytes: &[u8]) {
    language::expression(bytes);
}

/// Takes the bytes as events, one a line, and applies them to several states.
///
/// # Panics
/// When a state cannot be looked at, or a refused input changes it.
pub fn journal_to_state(bytes: &[u8]) {
    run::journal_to_state(bytes);
}

/// Makes a definition and inputs by the bytes, and runs the one with the others.
///
/// # Panics
/// When a refused input changes something, or the events make another state.
pub fn decide(bytes: &[u8]) {
    run::decide(bytes);
}

/// Takes the bytes as a document, behind its length in two bytes, and patches for it.
///
/// # Panics
/// When a refusal changes something, or the inverse does not restore the document to the byte.
pub fn patch_document(bytes: &[u8]) {
    patches::patch_document(bytes);
}

/// Takes the bytes as a stream of patches, cut anywhere.
///
/// # Panics
/// When the cuts make a difference, or something is taken that is no JSON.
pub fn patch_stream(bytes: &[u8]) {
    patches::patch_stream(bytes);
}

/// Makes a document by the bytes, changes it, and undoes and redoes the changes.
///
/// # Panics
/// When the entries make another text, or changes that do not overlap do not commute.
pub fn patch_history(bytes: &[u8]) {
    patches::patch_history(bytes);
}

/// Takes the bytes as a list of a document of JSON and patches for it.
///
/// # Panics
/// When an inverse does not restore the document to the byte.
pub fn json_patch(bytes: &[u8]) {
    patches::json_patch(bytes);
}
