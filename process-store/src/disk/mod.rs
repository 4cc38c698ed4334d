//! The only door to the file system: a seam, the real disk behind it, and one that fails.

mod fault;
mod os;
pub(crate) mod platform;
mod seam;

#[cfg(test)]
pub(crate) mod tests;

pub use fault::{Counts, Fault, FaultDisk, Survival};
pub use os::OsDisk;
pub use seam::{Disk, DiskFile, Entry, FileKind, Stat};
