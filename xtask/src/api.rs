//! The public interface of `procside`, one line for each item, so that a change of it is seen.
//!
//! It is read from the sources: everything that is reachable from `procside/src/lib.rs`, through
//! re-exports of our own crates as well. An item is told once, under its shortest path; every other
//! path to it is a line `use A = B`.

mod foreign;
mod krate;
mod listing;
mod resolve;
#[cfg(test)]
mod tests;
mod text;

use std::fs;
use std::io;
use std::path::Path;

use self::{krate::Crates, listing::Listing};

/// Where the listing lies.
pub(crate) const API: &str = "procside/api.txt";

/// The crates whose items can be reached from `procside`.
const CRATES: [&str; 7] = [
    "process-core",
    "process-engine",
    "process-patch",
    "process-runtime",
    "process-store",
    "procreg",
    "procside",
];

/// Writes the listing anew.
///
/// # Errors
/// When a source cannot be read, or the listing not be written.
pub(crate) fn run(root: &Path) -> io::Result<bool> {
    fs::write(root.join(API), listing(root)?.text())?;
    Ok(true)
}

/// Reads the sources, and returns what can be reached.
pub(crate) fn listing(root: &Path) -> io::Result<Listing> {
    let crates = Crates::read(root, &CRATES)?;
    Ok(Listing::of(&crates, "procside"))
}
