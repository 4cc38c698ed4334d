//! Waiting for what blocks a thread, without keeping anybody.

use std::{future, thread};

use tokio::sync::oneshot;

use crate::handler::{Failed, Stop};

/// Does what blocks on a thread of its own, for which nobody has to wait at the end.
pub(super) async fn on_thread<T: Send + 'static>(
    stop: Option<Stop>,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, Failed> {
    let (sender, receiver) = oneshot::channel();
    let run = move || {
        // Nobody may be waiting any more.
        let _ = sender.send(work());
    };
    thread::Builder::new()
        .name("procside-notice".to_owned())
        .spawn(run)
        .map_err(|error| Failed::new(format!("cannot start a thread for a message: {error}")))?;
    let stopped = async {
        match stop {
            Some(mut stop) => stop.requested().await,
            None => future::pending().await,
        }
    };
    let sent = tokio::select! {
        sent = receiver => sent,
        () = stopped => return Err(Failed::new("stopped while the message was sent, which may have arrived")),
    };
    let sent = sent.unwrap_or_else(|_| Err("the thread of a message is gone".to_owned()));
    sent.map_err(Failed::new)
}
