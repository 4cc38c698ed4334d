//! Real programs on one file: locks that are fought for, children registries with many writers.
//!
//! `PROCSIDE_TEST_SCALE` (default 1) makes these tests as many times as long.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod document_003;
mod holder;
mod increments;
mod program;
mod stale;
mod writers;
