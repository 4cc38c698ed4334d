//! The channels of a configuration: what is set once for all notifications (docs/formats/config.md).

use std::fmt;

/// What notifications need beside what they say themselves.
///
/// `${NAME}` in a text is a secret.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Channels {
    /// Where webhooks go that name no `url`.
    pub webhook_url: Option<String>,
    /// Where messages for Slack go that name no `url`.
    pub slack_url: Option<String>,
    /// The bot by which messages go to Telegram.
    pub telegram: Option<TelegramBot>,
    /// The server by which mail is sent.
    pub email: Option<EmailServer>,
}

/// A bot of Telegram.
#[derive(Clone, Eq, PartialEq)]
pub struct TelegramBot {
    /// Its token.
    pub token: String,
    /// The chat for messages that name none.
    pub chat_id: Option<String>,
    /// The address of the service; that of Telegram when nothing is said.
    pub base_url: Option<String>,
}

/// A server that takes mail.
#[derive(Clone, Eq, PartialEq)]
pub struct EmailServer {
    /// Its name.
    pub host: String,
    /// Its port; that of the encryption when nothing is said: 465, 587 or 25.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    pub tls: EmailTls,
    /// The user's name; nobody signs in when nothing is said.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<String>,
    /// The address from which mail comes.
    pub from: String,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum EmailTls {
    /// From its first byte.
    #[default]
    Always,
    /// Not at all; a password is refused then, unless the server is this machine.
    Never,
    /// From the command STARTTLS on, without which nothing is sent.
    StartTls,
}

impl fmt::Debug for TelegramBot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelegramBot").field("chat_id", &self.chat_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for EmailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut server = f.debug_struct("EmailServer");
        server.field("host", &self.host).field("from", &self.from).finish_non_exhaustive()
    }
}
