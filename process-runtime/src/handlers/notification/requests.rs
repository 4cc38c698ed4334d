//! The requests of webhooks, Slack and Telegram.

use serde_json::{Map, Value, json};

use super::{
    super::secrets::Masker,
    channels::{Channels, TelegramBot},
    letter::{Letter, resolved, shown},
};

/// The most characters of a message that Slack takes whole.
const SLACK_CHARS_MAX: usize = 40_000;

/// The most characters of a message that Telegram takes.
const TELEGRAM_CHARS_MAX: usize = 4_096;

/// Keys of a notification that do not stand in the body of a webhook.
const ENVELOPE: [&str; 6] = ["type", "channel", "url", "headers", "method", "body"];

pub(super) struct Request {
    pub(super) channel: &'static str,
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

pub(super) fn webhook(
    key: &str,
    task: &Value,
    channels: &Channels,
    masker: &mut Masker,
) -> Result<Vec<Letter>, String> {
    let url = url_of(task, channels.webhook_url.as_deref(), "webhook", masker)?;
    let method = match task["method"].as_str().unwrap_or("POST").to_ascii_uppercase().as_str() {
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        _ => return Err("`method` is none of POST, PUT, PATCH".to_owned()),
    };
    let (body, content_type) = match &task["body"] {
        Value::Null => (whole_body(task).to_string(), "application/json"),
        Value::String(text) => (text.clone(), "text/plain; charset=utf-8"),
        value => (value.to_string(), "application/json"),
    };
    let mut headers = vec![
        ("content-type".to_owned(), content_type.to_owned()),
        ("idempotency-key".to_owned(), key.to_owned()),
    ];
    match &task["headers"] {
        Value::Null => {}
        Value::Object(map) => {
            for (name, value) in map {
                let value = resolved(&shown(value), masker)?;
                headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                headers.push((name.clone(), value));
            }
        }
        _ => return Err("`headers` is no map".to_owned()),
    }
    let body = body.into_bytes();
    Ok(vec![Letter::Request(Request { channel: "webhook", method, url, headers, body })])
}

/// Returns the message and all options of a webhook.
fn whole_body(task: &Value) -> Value {
    let options = task.as_object().into_iter().flatten();
    let body = options.filter(|(name, _)| !ENVELOPE.contains(&name.as_str()));
    Value::Object(body.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

pub(super) fn slack(
    task: &Value,
    message: &str,
    channels: &Channels,
    masker: &mut Masker,
) -> Result<Vec<Letter>, String> {
    check_chars(message, SLACK_CHARS_MAX, "Slack")?;
    let url = url_of(task, channels.slack_url.as_deref(), "slack", masker)?;
    Ok(vec![Letter::Request(post("slack", url, &json!({"text": message})))])
}

pub(super) fn telegram(
    task: &Value,
    message: &str,
    recipients: Vec<String>,
    channels: &Channels,
    masker: &mut Masker,
) -> Result<Vec<Letter>, String> {
    check_chars(message, TELEGRAM_CHARS_MAX, "Telegram")?;
    let bot = channels.telegram.as_ref();
    let bot = bot.ok_or("no bot is configured for the channel `telegram`")?;
    let TelegramBot { token, chat_id, base_url } = bot;
    let token = resolved(token, masker)?;
    // It stands in an address, in which these would lead elsewhere.
    if token.is_empty()
        || token.contains(|at: char| !at.is_ascii_alphanumeric() && !":_-".contains(at))
    {
        return Err("the token of the Telegram bot is none".to_owned());
    }
    masker.hide(&token);
    let base_url = resolved(base_url.as_deref().unwrap_or("https://api.telegram.org"), masker)?;
    let url = format!("{}/bot{token}/sendMessage", base_url.trim_end_matches('/'));
    let chats = match (&task["chat_id"], chat_id) {
        (Value::Null, _) if !recipients.is_empty() => recipients,
        (Value::Null, Some(chat_id)) => vec![resolved(chat_id, masker)?],
        (Value::Null, None) => return Err("`chat_id` is missing".to_owned()),
        (chat_id, _) => vec![shown(chat_id)],
    };
    let letter = |chat: &String| {
        Letter::Request(post("telegram", url.clone(), &json!({"chat_id": chat, "text": message})))
    };
    Ok(chats.iter().map(letter).collect())
}

fn post(channel: &'static str, url: String, body: &Value) -> Request {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Request { channel, method: "POST", url, headers, body: body.to_string().into_bytes() }
}

fn url_of(
    task: &Value,
    configured: Option<&str>,
    channel: &str,
    masker: &mut Masker,
) -> Result<String, String> {
    let written = task["url"].as_str().or(configured);
    resolved(written.ok_or_else(|| format!("channel `{channel}` needs a `url`"))?, masker)
}

fn check_chars(message: &str, limit: usize, who: &str) -> Result<(), String> {
    let length = message.chars().count();
    if length > limit {
        return Err(format!("the message has {length} characters, more than the {limit} of {who}"));
    }
    Ok(())
}
