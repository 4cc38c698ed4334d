//! Logs of children: where they lie, how they are written, read and kept small.
//!
//! Whoever writes a log holds it open for appending, and is another program; so a log is looked at
//! in passing and made small by whoever comes by (docs/formats/logs.md).

mod keep;
mod name;
mod read;

#[cfg(test)]
mod tests;

pub use keep::{LOG_BYTES_MAX, LOGS_KEPT, claim, give_back, keep_small, open};
pub use name::{log_name, log_path};
pub use read::{LogPosition, LogText, follow, tail};
