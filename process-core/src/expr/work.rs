//! Counts what one evaluation handles, so that none takes long or much memory.

use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::Error;

use super::{
    limits::{ITEM_WORK, OUTPUT_BYTES_MAX, WORK_MAX},
    value::fails,
};

/// How much one evaluation has handled.
#[derive(Debug, Default)]
pub(super) struct Work(AtomicU64);

impl Work {
    /// Starts at nothing.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds an amount, in bytes or items.
    ///
    /// # Errors
    /// When it is too much in all.
    pub(super) fn charge(&self, amount: usize) -> Result<(), Error> {
        let amount = u64::try_from(amount).unwrap_or(WORK_MAX).min(WORK_MAX);
        // No two threads share one evaluation: the atomic only makes the counter shareable.
        let before = self.0.fetch_add(amount, Ordering::Relaxed);
        if before + amount > WORK_MAX {
            return Err(fails("it takes too much work: the values are too large"));
        }
        Ok(())
    }

    /// Adds items of a list or map, each of which takes memory of its own.
    ///
    /// # Errors
    /// When it is too much in all.
    pub(super) fn items(&self, count: usize) -> Result<(), Error> {
        self.charge(count.saturating_mul(ITEM_WORK))
    }

    /// Adds the length of a text that is to be made.
    ///
    /// # Errors
    /// When the text is too long, or all in all is too much.
    pub(super) fn output(&self, bytes: usize) -> Result<(), Error> {
        if bytes > OUTPUT_BYTES_MAX {
            return Err(fails(format!("it makes a text of more than {OUTPUT_BYTES_MAX} bytes")));
        }
        self.charge(bytes)
    }
}
