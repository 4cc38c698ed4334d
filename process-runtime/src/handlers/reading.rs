//! What a program gave: JSON or text, and what it cost.

use std::collections::BTreeMap;

use process_engine::Cost;
use serde_json::{Value, json, value::RawValue};

use super::secrets::Masker;
use crate::handler::Done;

/// The deepest JSON that is taken as such: what files may nest, less what stands around an output.
const NESTING_MAX: usize = 48;

/// The most values in JSON that is taken as such: a fifth of what a file may hold.
const VALUES_MAX: usize = 100_000;

/// The most lines of the standard error that an error quotes.
const ERROR_LINES_MAX: usize = 5;

/// The most characters of the standard error that an error quotes.
const ERROR_CHARS_MAX: usize = 1_000;

/// Returns the value of JSON; nothing for any other text, and for what no file could hold.
pub(super) fn parse_json(text: &str) -> Option<Value> {
    let value = serde_json::from_str(text.trim()).ok()?;
    let mut values = 0;
    fits(&value, NESTING_MAX, &mut values).then_some(value)
}

fn fits(value: &Value, levels: usize, values: &mut usize) -> bool {
    *values += 1;
    if *values > VALUES_MAX {
        return false;
    }
    let below = levels.saturating_sub(1);
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| fits(item, below, values)),
        Value::Object(map) => levels > 0 && map.values().all(|item| fits(item, below, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Returns the output of a program: JSON as it is, other text as `{"text": …}`.
pub(super) fn output_of(stdout: &str, masker: &Masker) -> Value {
    match parse_json(stdout) {
        Some(mut value) => {
            masker.mask_value(&mut value);
            value
        }
        None => json!({"text": masker.mask(without_line_end(stdout))}),
    }
}

/// Returns the result of an agent: the keys `output` and `cost` of an object, or all of it.
///
/// # Errors
/// When the cost is no amount.
pub(super) fn agent_result(stdout: &str, masker: &Masker) -> Result<Done, String> {
    let cost = cost_of(stdout).map_err(|error| masker.mask(&error).into_owned())?;
    let output = match parse_json(stdout) {
        Some(Value::Object(mut map)) if map.contains_key("output") => {
            let mut output = map.remove("output").unwrap_or_default();
            masker.mask_value(&mut output);
            output
        }
        _ => output_of(stdout, masker),
    };
    Ok(Done { output, cost })
}

/// Returns the cost in an object of JSON; its digits are those of the text.
///
/// # Errors
/// When it is no amount.
pub(super) fn cost_of(stdout: &str) -> Result<Option<Cost>, String> {
    let Ok(map) = serde_json::from_str::<BTreeMap<String, &RawValue>>(stdout.trim()) else {
        return Ok(None);
    };
    let Some(raw) = map.get("cost").map(|raw| raw.get()).filter(|raw| *raw != "null") else {
        return Ok(None);
    };
    let cost = match serde_json::from_str::<Value>(raw) {
        Ok(Value::String(text)) => Cost::parse(&text),
        Ok(Value::Number(_)) => Cost::parse(raw),
        // A number too large for a float is none for the parser either.
        Ok(_) | Err(_) => None,
    };
    cost.map(Some).ok_or_else(|| {
        let shown: String = raw.chars().take(80).collect();
        format!("cost `{shown}` is no amount of zero or more with at most 28 digits")
    })
}

/// Returns the last lines that a program wrote to its standard error, for an error.
pub(super) fn last_lines(stderr: &str, masker: &Masker) -> String {
    let masked = masker.mask(stderr);
    let lines = masked.lines().rev().map(str::trim_end).filter(|line| !line.is_empty());
    let mut lines: Vec<&str> = lines.take(ERROR_LINES_MAX).collect();
    lines.reverse();
    let text = lines.join("\n");
    let skipped = text.chars().count().saturating_sub(ERROR_CHARS_MAX);
    let plain = text.chars().skip(skipped).map(|character| match character {
        '\n' => '\n',
        control if control.is_control() => ' ',
        other => other,
    });
    plain.collect()
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests;
