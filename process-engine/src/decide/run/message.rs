//! A message for whoever waits for it (rule E12).

use process_core::event::RunFact;

use super::visit::going;
use crate::{
    decide::text::text, flow::Deciding, input::NewMessage, rejected::Rejected, run::Message,
};

/// The most messages that nobody has taken: more is a sender that nobody listens to.
const MAILBOX_MESSAGES_MAX: usize = 1_000;

/// The most that those messages take, in bytes.
const MAILBOX_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A message waits until somebody takes it; one with an id that came before changes nothing,
/// also behind the end.
pub(crate) fn receive_message(
    deciding: &mut Deciding<'_>,
    message: NewMessage,
) -> Result<(), Rejected> {
    let known = deciding.run().zip(message.id.as_deref());
    if known.is_some_and(|(run, id)| run.has_received(id)) {
        return Ok(());
    }
    let mailbox = &going(deciding)?.mailbox;
    let name = text("the name of a message", message.name)?;
    let number = mailbox.last + 1;
    let (at, key, data) = (deciding.now, message.key.clone(), message.data.clone());
    let kept = Message { at, name: name.clone(), key, data };
    let is_full = mailbox.messages.len() >= MAILBOX_MESSAGES_MAX
        || mailbox.bytes + kept.bytes() > MAILBOX_BYTES_MAX;
    if is_full {
        return Err(Rejected::MailboxFull);
    }
    let NewMessage { key, data, id, .. } = message;
    deciding.emit(RunFact::MessageReceived { number, name, key, data, id });
    Ok(())
}
