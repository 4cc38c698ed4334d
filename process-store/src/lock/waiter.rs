//! Time and sleep, handed in so that tests need neither.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// What waiting for a lock needs of the world.
pub trait Waiter {
    /// Returns the time since some fixed moment; it never goes back.
    fn elapsed(&self) -> Duration;

    /// Returns the time of day, to compare with the times of files.
    fn now(&self) -> SystemTime;

    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// The real clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct StdWaiter;

impl Waiter for StdWaiter {
    fn elapsed(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}
