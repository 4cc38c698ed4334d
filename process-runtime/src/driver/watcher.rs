//! The thread that notices what other programs append.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use process_store::Store;
use tokio::sync::{mpsc::UnboundedSender, oneshot};

use super::shell::Message;
use crate::drive::Happening;

/// How often it looks: what another program does is noticed this much later.
const PERIOD: Duration = Duration::from_millis(50);

/// How often it looks at the least, and how many times longer than it looks it leaves the store
/// alone, so that a crowd of changes, most of them our own, costs a share only.
const REST: (Duration, u32) = (Duration::from_millis(500), 20);

/// Who waits until the store was looked at.
pub(super) type Looker = oneshot::Sender<()>;

/// Looks from time to time, and at once for whoever asks; ends when nobody can ask any more.
pub(super) fn watch(
    store: &Arc<dyn Store>,
    happenings: &UnboundedSender<Message>,
    asked: &Receiver<Looker>,
) {
    let mut watch = store.watch();
    let mut looker = None;
    loop {
        let start = Instant::now();
        match watch.poll() {
            Ok(standings) => {
                for standing in standings {
                    let happening = Happening::Stands(standing);
                    if happenings.send(Message::Happened(happening)).is_err() {
                        return;
                    }
                }
                if happenings.send(Message::Looked(looker.take())).is_err() {
                    return;
                }
            }
            // The next look tells what this one could not.
            Err(error) => {
                let _ = happenings.send(Message::CannotLook(error));
            }
        }
        let rest = (start.elapsed() * REST.1).clamp(PERIOD, REST.0);
        // Whoever asked for a look that failed is told nothing by dropping its end.
        looker = match asked.recv_timeout(rest) {
            Ok(looker) => Some(looker),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
    }
}
