//! What an expression saw, for people: values by their paths, large ones cut.

use std::{io, str};

use serde_json::{Map, Value, to_writer};

use super::{
    Known, Read, Scope,
    limits::SEEN_BYTES_MAX,
    value::{from_amount, instant_text, seconds, to_json, walk},
    work::Work,
};

/// Returns the values of paths; what is undefined is left out.
pub(super) fn seen(reads: &[Read], scope: &dyn Scope) -> Map<String, Value> {
    let value = |read: &Read| Some((read.to_string(), value(read, scope.known(&read.root)?)?));
    reads.iter().filter_map(value).collect()
}

fn value(read: &Read, known: Known<'_>) -> Option<Value> {
    match known {
        Known::Value(value) => walk(&value, &read.path).map(cut_value),
        Known::Cost(_) | Known::Instant(_) | Known::Milliseconds(_) if !read.path.is_empty() => {
            None
        }
        Known::Cost(cost) => Some(Value::from(cost.to_string())),
        Known::Instant(instant) => Some(Value::from(instant_text(instant))),
        Known::Milliseconds(ms) => to_json(&from_amount(seconds(ms), false), &Work::new()).ok(),
    }
}

/// Returns a value, or the beginning of its text if it is large.
fn cut_value(value: &Value) -> Value {
    let start = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => return value.clone(),
        Value::String(text) => text.as_bytes().get(..=SEEN_BYTES_MAX).map(<[u8]>::to_vec),
        Value::Array(_) | Value::Object(_) => {
            let mut start = Start(Vec::new());
            to_writer(&mut start, value).is_err().then_some(start.0)
        }
    };
    let Some(start) = start else { return value.clone() };
    let start = &start[..SEEN_BYTES_MAX.min(start.len())];
    let whole = str::from_utf8(start).map_or_else(|error| error.valid_up_to(), str::len);
    Value::from(format!("{}…", String::from_utf8_lossy(&start[..whole])))
}

/// Takes bytes up to the limit, so that a large value is not written in full.
struct Start(Vec<u8>);

impl io::Write for Start {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = SEEN_BYTES_MAX - self.0.len().min(SEEN_BYTES_MAX);
        self.0.extend_from_slice(&bytes[..bytes.len().min(left)]);
        if bytes.len() > left { Err(io::Error::other("full")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
