//! Who holds a lock, told to those who have to wait.

use std::fmt::Write;
use std::path::Path;

use chrono::{DateTime, SecondsFormat};
use serde_json::json;

use super::identity::{Processes, Verdict, judge};
use super::visible::{Content, Sighting};
use crate::error::{Error, ErrorKind};

/// What is known about the holder of a lock.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Holder {
    pid: Option<u32>,
    command: Option<String>,
    since: Option<String>,
    standing: Standing,
}

/// What decides about the advice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
enum Standing {
    /// A program of another kind, or nobody knows who.
    #[default]
    Foreign,
    /// A program of ours that was stopped by a signal.
    OursStopped,
    /// A program of ours that runs.
    OursRunning,
    /// A program of ours that cannot be seen from here.
    OursElsewhere { host: Option<String> },
}

impl Holder {
    /// Reads who holds a lock from its visible file.
    pub(super) fn of(sighting: Option<&Sighting>, processes: &dyn Processes) -> Holder {
        let Some(Sighting { content, modified }) = sighting else {
            return Holder::default();
        };
        let (secs, nanos) = *modified;
        let modified = DateTime::from_timestamp(secs, nanos)
            .map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true));
        match content {
            Content::Foreign { pid } => Holder {
                pid: Some(*pid),
                command: processes.command(*pid),
                since: modified,
                standing: Standing::Foreign,
            },
            Content::Nobody => Holder { since: modified, ..Holder::default() },
            Content::Ours(record) => {
                let identity = record.identity();
                let verdict = judge(&identity, &processes.this(), processes.observe(record.pid));
                let standing = match verdict {
                    Verdict::Unknown => Standing::OursElsewhere { host: record.host.clone() },
                    Verdict::Alive if processes.is_stopped(record.pid) => Standing::OursStopped,
                    Verdict::Alive | Verdict::Dead => Standing::OursRunning,
                };
                Holder {
                    pid: Some(record.pid),
                    command: record.command.clone(),
                    since: Some(record.since.clone()),
                    standing,
                }
            }
        }
    }

    /// Returns the error for whoever waited in vain; `is_ahead` if the file is from the future.
    pub(super) fn locked(&self, target: &Path, visible: &Path, is_ahead: bool) -> Error {
        let message = format!("cannot lock `{}`: {}", target.display(), self.describe());
        let details =
            json!({"holder": {"pid": self.pid, "command": self.command, "since": self.since}});
        Error::new(ErrorKind::Locked, message)
            .at(target)
            .with_details(details)
            .with_hint(self.advice(visible, is_ahead))
    }

    fn describe(&self) -> String {
        let mut text = match self.pid {
            Some(pid) => format!("process {pid} holds the lock"),
            None => "somebody unnamed holds the lock".to_owned(),
        };
        // Writing to a string cannot fail.
        if let Some(command) = &self.command {
            let _ = write!(text, " (`{command}`)");
        }
        if let Some(since) = &self.since {
            let _ = write!(text, " since {since}");
        }
        text
    }

    fn advice(&self, visible: &Path, is_ahead: bool) -> String {
        let pid = self.pid.unwrap_or_default();
        let visible = visible.display();
        match &self.standing {
            Standing::OursRunning => format!("repeat when process {pid} has finished, or end it"),
            Standing::OursStopped => {
                format!("process {pid} is stopped: let it go on with `kill -CONT {pid}`, or end it")
            }
            Standing::OursElsewhere { host } => {
                let host = host.as_deref().unwrap_or("another host");
                format!("it was taken on {host}; if that program has ended, remove `{visible}`")
            }
            Standing::Foreign if is_ahead => {
                format!("its time lies in the future; if nobody uses it, remove `{visible}`")
            }
            Standing::Foreign => {
                "repeat later; a lock of another program is taken over after 30 seconds".to_owned()
            }
        }
    }
}
