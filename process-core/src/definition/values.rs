//! Durations, ids and texts as people write them, with advice on how to write them right.

use std::time::Duration;

use crate::{
    fields::text_of,
    id::StepId,
    time::{duration_text, parse_duration},
    yaml::{Data, Node},
};

/// The longest text of a definition: what an expression may give is not longer.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// The longest duration, a hundred years: no instant that follows from it is out of range.
pub const DURATION_MAX: Duration = Duration::from_secs(36_500 * 86_400);

/// Returns a duration, or advice on how to write one.
pub(super) fn duration_of(node: &Node) -> Result<Duration, String> {
    match &node.data {
        Data::Text(text) => match parse_duration(text) {
            Some(duration) if duration > DURATION_MAX => Err("at most 36500d".to_owned()),
            Some(duration) => Ok(duration),
            None => Err("write it as 500ms, 90s, 5m, 1h30m or 2d".to_owned()),
        },
        Data::Number(number) => Err(match number.as_u64() {
            Some(seconds) => {
                let text = duration_text(Duration::from_secs(seconds));
                format!("a number has no unit: write `{text}` for seconds")
            }
            None => "write it as 500ms, 90s, 5m, 1h30m or 2d".to_owned(),
        }),
        _ => Err("write it as 500ms, 90s, 5m, 1h30m or 2d".to_owned()),
    }
}

/// Returns the code and the message for a node that is no duration.
pub(super) fn bad_duration(key: &str, what: &str, node: &Node) -> (&'static str, String) {
    match text_of(node) {
        Some(text) if parse_duration(text).is_some() => {
            ("out_of_range", format!("`{key}` of {what} is longer than a hundred years"))
        }
        Some(text) => {
            ("bad_duration", format!("`{key}` of {what} is no duration: {:?}", short(text)))
        }
        None => ("bad_duration", format!("`{key}` of {what} is no duration")),
    }
}

/// Returns the step id that somebody meant who wrote this text.
pub(super) fn right_id(text: &str) -> Option<String> {
    let mut id = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' | '-' => id.push(c),
            _ if id.ends_with('-') => {}
            _ => id.push('-'),
        }
    }
    let id: String = id.trim_matches(['-', '.', '_']).chars().take(64).collect();
    StepId::parse(&id).is_ok().then_some(id)
}

/// Cuts a text that a message quotes.
pub(super) fn short(text: &str) -> String {
    const QUOTED_CHARS_MAX: usize = 60;
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
