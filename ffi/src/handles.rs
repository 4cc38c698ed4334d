//! Handles: numbers that stand for what the library keeps, and are never given twice.

use std::{
    collections::BTreeMap,
    ptr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// How far apart two handles are; they look like addresses, and are none.
const STEP: usize = 16;

/// The next number; one for handles of all kinds, so that none is mistaken for another.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// What handles of one kind stand for.
///
/// Whoever uses a handle holds what it stands for until the call is over, so that closing it
/// meanwhile does no harm.
pub(crate) struct Table<T> {
    entries: RwLock<BTreeMap<usize, Arc<T>>>,
}

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Self { entries: RwLock::new(BTreeMap::new()) }
    }

    /// Keeps a thing and returns its handle.
    pub(crate) fn keep<H>(&self, thing: T) -> *mut H {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(STEP);
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.insert(number, Arc::new(thing));
        ptr::without_provenance_mut(number)
    }

    /// Returns what a handle stands for.
    pub(crate) fn find<H>(&self, handle: *const H) -> Option<Arc<T>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(&handle.addr()).cloned()
    }

    /// Lets go of what a handle stood for; a handle that is none changes nothing.
    pub(crate) fn take<H>(&self, handle: *const H) -> Option<Arc<T>> {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.remove(&handle.addr())
    }
}
