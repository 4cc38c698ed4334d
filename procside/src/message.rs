//! Messages: to a process that is named, or to the one that waits (rule E12).

use process_core::ProcessId;
use process_engine::{Input, NewMessage, Run};
use process_store::{files::Record, place::Waiting};
use serde_json::json;

use crate::{
    error::{Error, ErrorKind},
    outcome::Changed,
    project::Procside,
};

/// The most processes that an error lists.
const LISTED_MAX: usize = 100;

impl Procside {
    /// Brings a message: to the process that is named, else to the one that has waited longest for
    /// its name and key. If none waits, the only process that may wait for the name keeps it.
    ///
    /// A message whose id came before changes nothing, also when the process that got it has ended.
    ///
    /// # Errors
    /// `NotFound` when no process may wait for it; `Conflict` when several may, which `details`
    /// lists, for a process that has ended, and for one whose mailbox is full.
    pub fn message(&self, id: Option<ProcessId>, message: NewMessage) -> Result<Changed, Error> {
        if message.name.trim().is_empty() {
            return Err(Error::new(ErrorKind::Invalid, "a message must have a name"));
        }
        self.again(|| {
            let mut change = self.begin()?;
            let id = match self.chosen_or(id) {
                Some(id) => id,
                None => self.recipient(&message)?,
            };
            let mut record = change.load(id)?;
            let known = record.events.len();
            self.commit(&mut change, &mut record, vec![Input::Message(message.clone())])?;
            Changed::end(change, &record, known)
        })
    }

    /// Finds the process that a message is for; the caller holds the lock.
    fn recipient(&self, message: &NewMessage) -> Result<ProcessId, Error> {
        // One that has ended can only have got the message before.
        let wanted = Waiting::Message { ended: message.id.is_some() };
        let (ids, _) = self.place.waiting(wanted, &self.now())?;
        let mut waiting = None;
        let mut candidates = Vec::new();
        for process in ids {
            let record = match self.place.read_process(process) {
                Ok(record) => record,
                Err(error) => {
                    self.tell([error.to_string()]);
                    continue;
                }
            };
            let Some(run) = record.as_ref().and_then(run_of) else { continue };
            if message.id.as_deref().is_some_and(|id| run.has_received(id)) {
                return Ok(process);
            }
            let since = run.waits_for_message_since(&message.name, message.key.as_deref());
            if let Some(since) = since.filter(|_| run.ending().is_none()) {
                waiting = [waiting, Some((since, process))].into_iter().flatten().min();
            }
            if run.may_wait_for_message(&message.name) && run.ending().is_none() {
                candidates.push(process);
            }
        }
        match (waiting, candidates.as_slice()) {
            (Some((_, id)), _) | (None, &[id]) => Ok(id),
            (None, []) => {
                let text = format!("no process waits for a message `{}`, or will", message.name);
                Err(Error::new(ErrorKind::NotFound, text))
            }
            (None, several) => Err(ambiguous(message, several)),
        }
    }
}

fn run_of(record: &Record) -> Option<&Run> {
    record.execution.run().filter(|_| record.fork.is_none())
}

fn ambiguous(message: &NewMessage, processes: &[ProcessId]) -> Error {
    let mut listed: Vec<String> =
        processes.iter().take(LISTED_MAX).map(ProcessId::to_string).collect();
    let details = json!({"processes": listed});
    if processes.len() > LISTED_MAX {
        listed.push("...".to_owned());
    }
    let text = format!(
        "nobody waits for the message `{}` yet, and several processes may: {}",
        message.name,
        listed.join(", ")
    );
    Error::new(ErrorKind::Conflict, text)
        .with_details(details)
        .with_hint("name the process: `procside message NAME PROCESS`")
}
