//! Tests of the facade: crashes, failing disks, counted syncs, golden folders, hostile files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod corpus;
mod crash;
mod examples;
mod golden;
mod hosting;
mod schedule;
mod start;
mod syncs;
mod world;
