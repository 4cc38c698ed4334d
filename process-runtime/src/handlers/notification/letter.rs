//! What is sent where: a notification made into requests and mails, with its secrets.

#[cfg(any(feature = "email", feature = "http"))]
use std::net::IpAddr;

use serde_json::Value;

#[cfg(feature = "email")]
use super::channels::EmailServer;
#[cfg(feature = "http")]
use super::requests::{Request, slack, telegram, webhook};
use super::{super::secrets::Masker, channels::Channels};

/// The most bytes of a message: what an expression may give.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// The most recipients of a message; more are a mailing list.
const RECIPIENTS_MAX: usize = 100;

/// Something that is sent; its secrets are resolved.
pub(super) enum Letter {
    Log(String),
    #[cfg(feature = "email")]
    Mail(Mail),
    #[cfg(feature = "http")]
    Request(Request),
}

#[cfg(feature = "email")]
pub(super) struct Mail {
    pub(super) server: EmailServer,
    pub(super) recipients: Vec<String>,
    pub(super) subject: String,
    pub(super) text: String,
}

/// Returns all that is to be sent for a notification or notice.
pub(super) fn letters_of(
    key: &str,
    task: &Value,
    channels: &Channels,
    masker: &mut Masker,
) -> Result<Vec<Letter>, String> {
    let recipients = recipients_of(task)?;
    match task["type"].as_str() {
        Some("step") => {
            let (step, status) = (shown(&task["step"]), shown(&task["status"]));
            told(&format!("step `{step}` has ended: {status}"), recipients, channels, masker)
        }
        Some("approval_overdue") => {
            let (step, title) = (shown(&task["step"]), shown(&task["title"]));
            told(
                &format!("approval `{title}` of step `{step}` is late"),
                recipients,
                channels,
                masker,
            )
        }
        _ => notification(key, task, recipients, channels, masker),
    }
}

/// Returns the letters about something that nobody has written a notification for.
fn told(
    message: &str,
    recipients: Vec<String>,
    channels: &Channels,
    masker: &mut Masker,
) -> Result<Vec<Letter>, String> {
    let line = if recipients.is_empty() {
        message.to_owned()
    } else {
        format!("{message} (for {})", recipients.join(", "))
    };
    let mut letters = vec![Letter::Log(line)];
    let addresses: Vec<_> = recipients.into_iter().filter(|to| to.contains('@')).collect();
    if channels.email.is_some() && !addresses.is_empty() {
        letters.extend(mail(message, message, addresses, channels, masker)?);
    }
    Ok(letters)
}

fn notification(
    key: &str,
    task: &Value,
    recipients: Vec<String>,
    channels: &Channels,
    masker: &mut Masker,
) -> Result<Vec<Letter>, String> {
    let message = match &task["message"] {
        Value::Null => return Err("the notification has no `message`".to_owned()),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if message.len() > MESSAGE_BYTES_MAX {
        let length = message.len();
        return Err(format!("the message has {length} bytes, more than {MESSAGE_BYTES_MAX}"));
    }
    match task["channel"].as_str().unwrap_or("log") {
        "log" => Ok(vec![Letter::Log(message)]),
        "webhook" => webhook(key, task, channels, masker),
        "slack" => slack(task, &message, channels, masker),
        "telegram" => telegram(task, &message, recipients, channels, masker),
        "email" => {
            let subject = match &task["subject"] {
                Value::Null => {
                    message.lines().next().unwrap_or_default().chars().take(100).collect()
                }
                subject => shown(subject),
            };
            mail(&subject, &message, recipients, channels, masker)
        }
        other => {
            let shown: String = other.chars().take(80).collect();
            Err(format!("channel `{shown}` is none of log, webhook, slack, email, telegram"))
        }
    }
}

#[cfg(not(feature = "http"))]
fn webhook(_: &str, _: &Value, _: &Channels, _: &mut Masker) -> Result<Vec<Letter>, String> {
    Err(without("webhook", "http"))
}

#[cfg(not(feature = "http"))]
fn slack(_: &Value, _: &str, _: &Channels, _: &mut Masker) -> Result<Vec<Letter>, String> {
    Err(without("slack", "http"))
}

#[cfg(not(feature = "http"))]
fn telegram(
    _: &Value,
    _: &str,
    _: Vec<String>,
    _: &Channels,
    _: &mut Masker,
) -> Result<Vec<Letter>, String> {
    Err(without("telegram", "http"))
}

#[cfg(not(feature = "email"))]
fn mail(
    _: &str,
    _: &str,
    _: Vec<String>,
    _: &Channels,
    _: &mut Masker,
) -> Result<Vec<Letter>, String> {
    Err(without("email", "email"))
}

#[cfg(not(all(feature = "email", feature = "http")))]
fn without(channel: &str, feature: &str) -> String {
    format!("channel `{channel}` is not there: this program was built without `{feature}`")
}

#[cfg(feature = "email")]
fn mail(
    subject: &str,
    message: &str,
    recipients: Vec<String>,
    channels: &Channels,
    masker: &mut Masker,
) -> Result<Vec<Letter>, String> {
    let server = channels.email.as_ref();
    let mut server = server.ok_or("no server is configured for the channel `email`")?.clone();
    if recipients.is_empty() {
        return Err("`recipients` is empty".to_owned());
    }
    server.host = resolved(&server.host, masker)?;
    server.from = resolved(&server.from, masker)?;
    for text in [&mut server.username, &mut server.password].into_iter().flatten() {
        *text = resolved(text, masker)?;
    }
    if let Some(password) = &server.password {
        masker.hide(password);
    }
    let (subject, text) = (subject.to_owned(), message.to_owned());
    Ok(vec![Letter::Mail(Mail { server, recipients, subject, text })])
}

#[cfg(any(feature = "email", feature = "http"))]
pub(super) fn resolved(text: &str, masker: &mut Masker) -> Result<String, String> {
    masker.resolve(text).map_err(|missing| missing.to_string())
}

fn recipients_of(task: &Value) -> Result<Vec<String>, String> {
    let recipients: Vec<String> = match &task["recipients"] {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(shown).collect(),
        one => vec![shown(one)],
    };
    if recipients.len() > RECIPIENTS_MAX {
        return Err(format!("{} recipients are more than {RECIPIENTS_MAX}", recipients.len()));
    }
    Ok(recipients)
}

/// Returns a text as it is, and another value as JSON.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns whether a host is the machine on which this runs, by its name.
#[cfg(any(feature = "email", feature = "http"))]
pub(super) fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
