//! Tests of what the crate shows to others, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod drive;
mod handlers;
mod recover;
mod sim;
mod world;
