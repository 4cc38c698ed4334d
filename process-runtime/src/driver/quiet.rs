//! Whether anything moves by itself.

use tokio::sync::watch;

/// Says whether nothing moves by itself any more.
///
/// A clone sees the same driver.
#[derive(Clone, Debug)]
pub struct Quiet(pub(super) watch::Receiver<bool>);

impl Quiet {
    /// Returns whether nothing moves by itself: all that is driven has ended, or waits for people,
    /// messages or work that nobody here performs.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until nothing moves by itself, or, with `false`, until something does; returns at once
    /// when that is so, and when the driver is gone.
    pub async fn becomes(&mut self, wanted: bool) {
        // Without a driver nothing changes any more.
        let _ = self.0.wait_for(|is_quiet| *is_quiet == wanted).await;
    }
}
