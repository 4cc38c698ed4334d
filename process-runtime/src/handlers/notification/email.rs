//! Mail: one message, handed to the configured server.

use std::time::Duration;

use lettre::{
    Message, SmtpTransport, Transport,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use super::{
    super::secrets::Masker,
    channels::{EmailServer, EmailTls},
    letter::Mail,
};

/// The longest that the server may be silent.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most characters of the server's answer that an error quotes.
const ANSWER_CHARS_MAX: usize = 300;

/// Sends a mail to all of its recipients at once.
pub(super) fn send(mail: &Mail, masker: &Masker) -> Result<(), String> {
    sent(mail).map_err(|error| masker.mask(&error).into_owned())
}

fn sent(mail: &Mail) -> Result<(), String> {
    let server = &mail.server;
    let mut message = Message::builder()
        .from(mailbox(&server.from, "from")?)
        // A line end in it would end it, which is left to nobody.
        .subject(mail.subject.replace(|at: char| at.is_control(), " "))
        .header(ContentType::TEXT_PLAIN);
    for recipient in &mail.recipients {
        message = message.to(mailbox(recipient, "recipients")?);
    }
    let message = message.body(mail.text.clone());
    let message = message.map_err(|error| format!("cannot write the mail: {error}"))?;
    let transport = transport(server)?;
    let sent = transport.send(&message);
    sent.map(drop).map_err(|error| {
        let shown = plain(&error.to_string());
        let source = std::error::Error::source(&error).map(ToString::to_string);
        // The source is often the very same text.
        let source = source.map(|source| plain(&source)).filter(|source| !shown.contains(source));
        let source = source.map(|source| format!(": {source}")).unwrap_or_default();
        format!("cannot send mail by `{}`: {shown}{source}", server.host)
    })
}

fn transport(server: &EmailServer) -> Result<SmtpTransport, String> {
    let parameters = || {
        TlsParameters::new(server.host.clone())
            .map_err(|error| format!("cannot encrypt to `{}`: {error}", server.host))
    };
    let (tls, port) = match server.tls {
        EmailTls::Always => (Tls::Wrapper(parameters()?), 465),
        EmailTls::Never => (Tls::None, 25),
        EmailTls::StartTls => (Tls::Required(parameters()?), 587),
    };
    let mut transport = SmtpTransport::builder_dangerous(&server.host)
        .port(server.port.unwrap_or(port))
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let Some(username) = &server.username {
        if server.tls == EmailTls::Never && !super::letter::is_this_machine(&server.host) {
            return Err(format!("a password goes to `{}` only encrypted", server.host));
        }
        let password = server.password.clone().unwrap_or_default();
        transport = transport.credentials(Credentials::new(username.clone(), password));
    }
    Ok(transport.build())
}

fn mailbox(address: &str, what: &str) -> Result<Mailbox, String> {
    address.parse().map_err(|error| {
        let shown: String = address.chars().take(80).collect();
        format!("`{}` in `{what}` is no address: {error}", plain(&shown))
    })
}

fn plain(text: &str) -> String {
    let plain = text.chars().map(|at| if at.is_control() { ' ' } else { at });
    plain.take(ANSWER_CHARS_MAX).collect()
}
