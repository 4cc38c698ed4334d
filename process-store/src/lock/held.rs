//! Which locks this very process holds.
//!
//! The operating system keeps threads apart through the guard; this tells a live lock of another
//! thread from the visible file that an earlier one could not remove.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static HELD: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

/// The number of one lock, unique in this process, and held until it is dropped.
#[derive(Debug)]
pub(super) struct Held(u64);

impl Held {
    pub(super) fn new() -> Held {
        static NONCE: AtomicU64 = AtomicU64::new(1);

        let nonce = NONCE.fetch_add(1, Ordering::Relaxed);
        enter().insert(nonce);
        Held(nonce)
    }

    pub(super) fn nonce(&self) -> u64 {
        self.0
    }

    pub(super) fn is_held(nonce: u64) -> bool {
        enter().contains(&nonce)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        enter().remove(&self.0);
    }
}

fn enter() -> MutexGuard<'static, BTreeSet<u64>> {
    // A set of numbers is whole also after a panic.
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}
