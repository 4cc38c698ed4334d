//! Reading the rules of a step: retry, on_error, foreach, repeat, roles.

use std::time::Duration;

use serde_json::{Map, Value};

use super::context::Context;
use super::keys::{FOREACH, REPEAT, RETRY, ROLES};
use super::model::MAX_VISITS;
use super::read_step::INITIAL_DELAY;
use super::reader::{MapReader, NOTHING};
use super::{Backoff, Foreach, OnError, Repeat, Retry};
use crate::{
    diagnostic::Diagnostic,
    fields::text_of,
    yaml::{Data, Node},
};

/// What `jitter: true` means.
const JITTER: f64 = 0.5;

/// Names that a foreach may not give to its item, for they mean something else in an expression.
const RESERVED: [&str; 18] = [
    "and",
    "else",
    "execution",
    "false",
    "if",
    "in",
    "input",
    "is",
    "item_index",
    "none",
    "not",
    "now",
    "null",
    "or",
    "process",
    "steps",
    "trigger",
    "true",
];

pub(super) fn read_retry(node: &Node, of: &str, context: &mut Context<'_>) -> Option<Retry> {
    let what = format!("`retry` of {of}");
    let mut map = MapReader::new(node, [&RETRY, &NOTHING], what, context)?;
    let max_attempts = map.required("max_attempts", MapReader::whole);
    let jitter = match map.node("jitter").map(|node| &node.data) {
        Some(Data::Bool(jitter)) => Some(if *jitter { JITTER } else { 0.0 }),
        _ => map.number("jitter"),
    };
    let retry = Retry {
        max_attempts: max_attempts.unwrap_or(1),
        initial_delay: map.duration("initial_delay").unwrap_or(INITIAL_DELAY),
        backoff: map.word("backoff", Backoff::parse).unwrap_or_default(),
        multiplier: map.number("multiplier").unwrap_or(2.0),
        max_delay: map.duration("max_delay"),
        jitter: jitter.unwrap_or(0.0),
        extra: map.rest(),
    };
    Some(retry)
}

pub(super) fn read_on_error(map: &mut MapReader<'_, '_, '_>) -> Option<OnError> {
    let node = map.node("on_error")?;
    match &node.data {
        Data::Text(text) => match text.as_str() {
            "fail_process" => Some(OnError::FailProcess),
            "skip_step" => Some(OnError::SkipStep),
            other => {
                let message =
                    format!("`on_error` of {} is {:?}", map.what(), super::values::short(other));
                let hint = "write fail_process, skip_step or {goto: STEP}";
                map.error_with_hint("unknown_word", "on_error", message, hint);
                None
            }
        },
        Data::Map(entries) => {
            for entry in entries.iter().filter(|entry| entry.key != "goto") {
                let message =
                    format!("`on_error` of {} has the unknown key `{}`", map.what(), entry.key);
                let problem = Diagnostic::error("unknown_key", entry.key_place, message);
                let hint = "write fail_process, skip_step or {goto: STEP}";
                map.context.problems.push(problem.with_hint(hint));
            }
            match node.get("goto") {
                Some(goto) => match text_of(goto) {
                    Some(text) => map.parse_id(goto.place, text).map(OnError::Goto),
                    None => {
                        map.wrong_type(goto, "goto", "the id of a step, a text");
                        None
                    }
                },
                None => {
                    if entries.is_empty() {
                        map.error("missing_key", "on_error", "`on_error` has no `goto`");
                    }
                    None
                }
            }
        }
        _ => {
            map.wrong_type(node, "on_error", "fail_process, skip_step or {goto: STEP}, a text");
            None
        }
    }
}

pub(super) fn read_foreach(node: &Node, of: String, context: &mut Context<'_>) -> Option<Foreach> {
    let what = format!("`foreach` of {of}");
    let mut map = MapReader::new(node, [&FOREACH, &NOTHING], what, context)?;
    let items = map.required("in", |map, key| {
        let node = map.node(key)?;
        if matches!(node.data, Data::List(_) | Data::Text(_)) {
            return Some(map.tree(node));
        }
        map.wrong_type(node, key, "a list, or a text with an expression");
        None
    });
    let name = map.text("as");
    if let Some(name) = &name {
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let is_name =
            name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit());
        if RESERVED.contains(&name.to_lowercase().as_str()) {
            let message = format!("`as` of {} is {name:?}, which means something else", map.what());
            map.error("reserved_name", "as", message);
        } else if !is_name {
            let message = format!("`as` of {} is no name: {name:?}", map.what());
            map.error_with_hint("bad_name", "as", message, "letters, digits and _ only");
        }
    }
    let max_parallel = map.whole("max_parallel");
    let wait = map.truth("wait").unwrap_or(true);
    let extra = map.rest();
    Some(Foreach { items: items?, name, max_parallel, wait, extra })
}

pub(super) fn read_repeat(node: &Node, of: &str, context: &mut Context<'_>) -> Option<Repeat> {
    let what = format!("`repeat` of {of}");
    let mut map = MapReader::new(node, [&REPEAT, &NOTHING], what, context)?;
    let until = map.required("until", MapReader::expression);
    let max = map.whole("max").unwrap_or(MAX_VISITS);
    let delay = map.duration("delay").unwrap_or(Duration::ZERO);
    let extra = map.rest();
    Some(Repeat { until: until?, max, delay, extra })
}

/// Who has to do with a step without doing it.
#[derive(Default)]
pub(super) struct Roles {
    pub(super) monitors: Vec<String>,
    pub(super) informed: Vec<String>,
    pub(super) extra: Map<String, Value>,
}

/// Reads who monitors a step, who is informed, and what else stands there.
pub(super) fn read_roles(node: &Node, of: &str, context: &mut Context<'_>) -> Option<Roles> {
    let what = format!("`roles` of {of}");
    let mut map = MapReader::new(node, [&ROLES, &NOTHING], what, context)?;
    Some(Roles {
        monitors: map.texts("monitors"),
        informed: map.texts("informed"),
        extra: map.rest(),
    })
}
