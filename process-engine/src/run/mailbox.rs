//! Messages that nobody has taken (rule E12).

use super::state::{Message, Run};
use crate::decide::text::bytes_of;

/// Ids of messages that are remembered, so that a message that comes again is told from another.
const MESSAGE_IDS_MAX: usize = 10_000;

impl Run {
    pub(super) fn keep_message(&mut self, number: u64, message: Message, id: Option<&String>) {
        let mailbox = &mut self.mailbox;
        mailbox.last = number;
        if let Some(id) = id {
            mailbox.ids.push_back(id.clone());
            if mailbox.ids.len() > MESSAGE_IDS_MAX {
                mailbox.ids.pop_front();
            }
        }
        mailbox.bytes += message.bytes();
        mailbox.by_name.entry(message.name.clone()).or_default().insert(number);
        mailbox.messages.insert(number, message);
    }

    pub(super) fn take_message(&mut self, number: u64) {
        let mailbox = &mut self.mailbox;
        let Some(message) = mailbox.messages.remove(&number) else { return };
        mailbox.bytes = mailbox.bytes.saturating_sub(message.bytes());
        if let Some(numbers) = mailbox.by_name.get_mut(&message.name) {
            numbers.remove(&number);
            if numbers.is_empty() {
                mailbox.by_name.remove(&message.name);
            }
        }
    }
}

impl Message {
    /// Returns about how much room the message takes.
    pub(crate) fn bytes(&self) -> usize {
        let key = self.key.as_ref().map_or(0, String::len);
        self.name.len() + key + bytes_of(&self.data)
    }
}
