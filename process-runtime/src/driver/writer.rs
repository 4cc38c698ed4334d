//! The thread that appends: whatever waits becomes durable with one sync.

use std::sync::Arc;

use process_store::{Group, Store};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::shell::Message;

/// About how many groups become durable at once at most.
const BATCH_MAX: usize = 1_024;

pub(super) fn write(
    store: &Arc<dyn Store>,
    mut groups: UnboundedReceiver<Vec<Group>>,
    happenings: &UnboundedSender<Message>,
) {
    while let Some(mut batch) = groups.blocking_recv() {
        while batch.len() < BATCH_MAX
            && let Ok(more) = groups.try_recv()
        {
            batch.extend(more);
        }
        let outcomes = store.append(&batch);
        // Nobody listens only when the driver is gone, and then nobody needs to know.
        let _ = happenings.send(Message::Appended(batch.into_iter().zip(outcomes).collect()));
    }
}
