//! The handler of notifications: the log, webhooks, Slack, Telegram and mail.

mod channels;
#[cfg(feature = "email")]
mod email;
#[cfg(feature = "http")]
mod http;
mod letter;
#[cfg(feature = "http")]
mod requests;
#[cfg(any(feature = "email", feature = "http"))]
mod waiting;

use std::{fmt, sync::Arc};

use serde_json::{Value, json};

pub use self::channels::{Channels, EmailServer, EmailTls, TelegramBot};
use self::letter::{Letter, letters_of};
#[cfg(any(feature = "email", feature = "http"))]
use self::waiting::on_thread;
use super::secrets::{Masker, Secrets};
use crate::handler::{Done, Failed, Handler, Performing, Stop, Work};

/// Tells people something, on the channel that a notification names.
///
/// | channel | what is sent |
/// |---|---|
/// | `log` | the message, to the log of whoever drives the process |
/// | `webhook` | JSON with `message` and the options, or `body`, to `url`, with the header `Idempotency-Key` |
/// | `slack` | `{"text": message}` to `url` |
/// | `telegram` | the message to `chat_id`, or to each of the recipients |
/// | `email` | a mail with `subject` to all recipients |
///
/// A request takes 30 s at most and follows no redirects; an answer other than 2xx fails the
/// attempt. The output is `{"channel": …}`, with `status` where there is one.
#[derive(Clone)]
pub struct NotificationHandler {
    channels: Arc<Channels>,
    secrets: Secrets,
    log: Arc<Log>,
}

type Log = dyn Fn(&str) + Send + Sync;

impl fmt::Debug for NotificationHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotificationHandler")
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

impl NotificationHandler {
    /// Returns a handler that tells things on these channels, and writes to this log.
    pub fn new(
        channels: Channels,
        secrets: Secrets,
        log: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self { channels: Arc::new(channels), secrets, log: Arc::new(log) }
    }

    /// Tells a notice: of the end of a process or step, or of an approval that is late.
    ///
    /// What a step's end or a late approval has to say goes to the log, and by mail to those
    /// recipients that are addresses, where mail is configured. `key` tells a repeat from another
    /// notice.
    pub fn tell(&self, key: &str, notice: &Value) -> Performing {
        self.send(key, notice, None)
    }

    fn send(&self, key: &str, task: &Value, stop: Option<Stop>) -> Performing {
        let mut masker = Masker::new(self.secrets.clone());
        let letters = letters_of(key, task, &self.channels, &mut masker);
        let log = Arc::clone(&self.log);
        // Nothing but a request or a mail takes long.
        #[cfg(not(any(feature = "email", feature = "http")))]
        drop(stop);
        Box::pin(async move {
            let letters = letters.map_err(|error| Failed::new(masker.mask(&error)))?;
            let mut output = json!({"channel": "log"});
            for letter in letters {
                output = match letter {
                    Letter::Log(line) => {
                        log(&line);
                        json!({"channel": "log"})
                    }
                    #[cfg(feature = "http")]
                    Letter::Request(request) => {
                        let channel = request.channel;
                        let hidden = masker.clone();
                        let status = on_thread(stop.clone(), move || http::send(&request, &hidden));
                        json!({"channel": channel, "status": status.await?})
                    }
                    #[cfg(feature = "email")]
                    Letter::Mail(mail) => {
                        let hidden = masker.clone();
                        on_thread(stop.clone(), move || email::send(&mail, &hidden)).await?;
                        json!({"channel": "email"})
                    }
                };
            }
            Ok(Done { output, cost: None })
        })
    }
}

impl Handler for NotificationHandler {
    fn perform(&self, work: Work) -> Performing {
        self.send(&work.key, &work.task, Some(work.stop.clone()))
    }
}
