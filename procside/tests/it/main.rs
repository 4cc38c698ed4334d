//! Tests of the facade: examples, crashes, failing disks, counted syncs, golden folders, hostile files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod children;
mod corpus;
mod crash;
mod examples;
mod golden;
mod hosting;
#[cfg(unix)]
mod rust_examples;
mod schedule;
mod start;
mod syncs;
mod world;
