//! Values while an expression is evaluated: from JSON, back to JSON, and as text.

use std::{cmp::Ordering, sync::Arc};

use chrono::{DateTime, Utc};
use minijinja::{
    Error, ErrorKind, Value,
    value::{Object, ObjectRepr, ValueKind},
};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::{Map, Number as JsonNumber, Value as Json};

use super::{Known, limits::SHOWN_CHARS_MAX, work::Work};
use crate::time::Timestamp;

/// An exact number: money, or seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) decimal: Decimal,
    pub(super) is_cost: bool,
}

/// A point in time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instant(pub(super) DateTime<Utc>);

impl Object for Amount {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.decimal.is_zero()
    }
}

impl Object for Instant {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// A number of any kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Amount(Amount),
    Float(f64),
    Whole(i128),
}

/// What a value is, for code that treats each kind in its own way.
pub(super) enum View<'a> {
    Bool(bool),
    Instant(DateTime<Utc>),
    List,
    Map,
    Null,
    Number(Number),
    Text(&'a str),
    Undefined,
}

/// Returns what a value is.
pub(super) fn view(value: &Value) -> View<'_> {
    match value.kind() {
        ValueKind::Undefined => View::Undefined,
        ValueKind::None => View::Null,
        ValueKind::Bool => View::Bool(value.is_true()),
        ValueKind::Number => View::Number(number(value)),
        ValueKind::String => View::Text(value.as_str().unwrap_or_default()),
        ValueKind::Map => View::Map,
        ValueKind::Plain => {
            if let Some(amount) = value.downcast_object_ref::<Amount>() {
                View::Number(Number::Amount(*amount))
            } else if let Some(Instant(instant)) = value.downcast_object_ref::<Instant>() {
                View::Instant(*instant)
            } else {
                View::Undefined
            }
        }
        // There are no others; a list is what fails most.
        _ => View::List,
    }
}

fn number(value: &Value) -> Number {
    if value.is_integer() {
        if let Some(whole) = value.as_i64() {
            return Number::Whole(i128::from(whole));
        }
        if let Ok(whole) = i128::try_from(value.clone()) {
            return Number::Whole(whole);
        }
    }
    Number::Float(f64::try_from(value.clone()).unwrap_or(f64::NAN))
}

impl Number {
    /// Returns it as a float, the nearest one.
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Amount(amount) => amount.decimal.to_f64().unwrap_or(f64::NAN),
            Self::Float(float) => float,
            Self::Whole(whole) => whole as f64,
        }
    }

    /// Returns it as an exact decimal, by the digits with which it is written.
    pub(super) fn decimal(self) -> Option<Decimal> {
        match self {
            Self::Amount(amount) => Some(amount.decimal),
            Self::Float(float) => {
                // None if it has more digits than a decimal.
                Decimal::from_str_exact(&float.to_string()).ok()
            }
            Self::Whole(whole) => Decimal::try_from_i128_with_scale(whole, 0).ok(),
        }
    }

    /// Compares two numbers as numbers.
    pub(super) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(&right),
            (Self::Whole(left), Self::Float(right)) => order_mixed(left, right),
            (Self::Float(left), Self::Whole(right)) => {
                order_mixed(right, left).map(Ordering::reverse)
            }
            (Self::Amount(_), _) | (_, Self::Amount(_)) => {
                match (self.decimal(), other.decimal()) {
                    (Some(left), Some(right)) => Some(left.cmp(&right)),
                    _ => self.float().partial_cmp(&other.float()),
                }
            }
        }
    }
}

/// Compares exactly: a large whole number is no float.
fn order_mixed(whole: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // The cast holds at the ends of the range: every value beyond lies on the same side.
    let cut = float.trunc() as i128;
    Some(whole.cmp(&cut).then_with(|| 0.0_f64.total_cmp(&(float - float.trunc() + 0.0))))
}

/// Makes the error of an operation that cannot be done.
pub(super) fn fails(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// Makes the error of a value that is undefined.
pub(super) fn is_undefined() -> Error {
    Error::from(ErrorKind::UndefinedError)
}

/// Returns a value that is known as one to evaluate with, and takes the work of copying it.
pub(super) fn from_known(known: Known<'_>, path: &[String], work: &Work) -> Result<Value, Error> {
    Ok(match known {
        Known::Value(value) => match walk(&value, path) {
            Some(leaf) => from_json(leaf, work)?,
            None => Value::UNDEFINED,
        },
        Known::Cost(_) | Known::Instant(_) | Known::Milliseconds(_) if !path.is_empty() => {
            Value::UNDEFINED
        }
        Known::Cost(cost) => from_amount(cost.decimal(), true),
        Known::Milliseconds(ms) => from_amount(seconds(ms), false),
        Known::Instant(instant) => Value::from_object(Instant(instant)),
    })
}

/// Returns a length of time as the seconds that expressions see.
pub(super) fn seconds(ms: i64) -> Decimal {
    Decimal::new(ms, 3).normalize()
}

/// Returns an exact number as a value.
pub(super) fn from_amount(decimal: Decimal, is_cost: bool) -> Value {
    Value::from_object(Amount { decimal, is_cost })
}

/// Follows a path; a field of what has no fields is undefined.
pub(super) fn walk<'a>(value: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(value, |value, key| match value {
        Json::Object(map) => map.get(key),
        Json::Array(items) => {
            let index: i64 = key.parse().ok()?;
            let index = if index < 0 { index + i64::try_from(items.len()).ok()? } else { index };
            items.get(usize::try_from(index).ok()?)
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    })
}

/// Copies a JSON value.
pub(super) fn from_json(value: &Json, work: &Work) -> Result<Value, Error> {
    Ok(match value {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(value) => match (value.as_i64(), value.as_u64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(whole)) => Value::from(whole),
            (None, None) => Value::from(value.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => {
            work.charge(text.len())?;
            Value::from(text.as_str())
        }
        Json::Array(items) => {
            work.items(items.len())?;
            let items = items.iter().map(|item| from_json(item, work));
            Value::from_object(items.collect::<Result<Vec<Value>, Error>>()?)
        }
        Json::Object(map) => {
            work.items(map.len())?;
            let pair = |(key, value): (&String, &Json)| {
                work.charge(key.len())?;
                Ok((Value::from(key.as_str()), from_json(value, work)?))
            };
            let pairs = map.iter().map(pair).collect::<Result<Vec<_>, Error>>()?;
            Value::from_pairs(pairs)
        }
    })
}

/// Returns a value as JSON: money and instants as text, seconds as a number.
pub(super) fn to_json(value: &Value, work: &Work) -> Result<Json, Error> {
    work.charge(1)?;
    Ok(match view(value) {
        View::Undefined => return Err(is_undefined()),
        View::Null => Json::Null,
        View::Bool(value) => Json::Bool(value),
        View::Number(number) => json_number(number),
        View::Instant(instant) => Json::from(instant_text(instant)),
        View::Text(text) => {
            work.charge(text.len())?;
            Json::from(text)
        }
        View::List => {
            let items = items(value)?.map(|item| to_json(&item, work));
            Json::Array(items.collect::<Result<_, _>>()?)
        }
        View::Map => {
            let mut map = Map::new();
            for (key, value) in entries(value)? {
                map.insert(text_of(&key)?, to_json(&value, work)?);
            }
            Json::Object(map)
        }
    })
}

fn json_number(number: Number) -> Json {
    match number {
        Number::Amount(amount) if amount.is_cost => Json::from(amount.decimal.to_string()),
        Number::Amount(amount) => {
            match amount.decimal.is_integer().then(|| amount.decimal.to_i64()) {
                Some(Some(whole)) => Json::from(whole),
                _ => json_number(Number::Float(number.float())),
            }
        }
        Number::Float(float) => JsonNumber::from_f64(float).map_or(Json::Null, Json::Number),
        Number::Whole(whole) => match (i64::try_from(whole), u64::try_from(whole)) {
            (Ok(whole), _) => Json::from(whole),
            (_, Ok(whole)) => Json::from(whole),
            _ => json_number(Number::Float(whole as f64)),
        },
    }
}

/// Returns an instant as it is printed everywhere.
pub(super) fn instant_text(instant: DateTime<Utc>) -> String {
    Timestamp::from_instant(instant).as_str().to_owned()
}

/// Returns a value as it stands in a text: lists, maps and null as JSON.
pub(super) fn to_text(value: &Value, work: &Work) -> Result<String, Error> {
    let text = match view(value) {
        View::Text(text) => text.to_owned(),
        View::Number(Number::Amount(amount)) if !amount.is_cost => {
            amount.decimal.normalize().to_string()
        }
        View::Number(Number::Amount(amount)) => amount.decimal.to_string(),
        View::Instant(instant) => instant_text(instant),
        View::Undefined => return Err(is_undefined()),
        View::Bool(_) | View::List | View::Map | View::Null | View::Number(_) => {
            to_json(value, work)?.to_string()
        }
    };
    work.charge(text.len())?;
    Ok(text)
}

fn text_of(key: &Value) -> Result<String, Error> {
    key.as_str().map(str::to_owned).ok_or_else(|| fails("a key is no text"))
}

/// Returns the items of a list.
pub(super) fn items(list: &Value) -> Result<impl Iterator<Item = Value>, Error> {
    list.try_iter()
}

/// Returns the keys and values of a map.
pub(super) fn entries(map: &Value) -> Result<Vec<(Value, Value)>, Error> {
    map.try_iter()?.map(|key| map.get_item(&key).map(|value| (key, value))).collect()
}

/// Names a value in a message: its kind and, cut, what it is.
pub(super) fn show(value: &Value) -> String {
    let kind = match view(value) {
        View::Undefined => return "something undefined".to_owned(),
        View::Null => return "null".to_owned(),
        View::Bool(_) => "boolean",
        View::Instant(instant) => return format!("instant {}", instant_text(instant)),
        View::List => "list",
        View::Map => "map",
        View::Number(Number::Amount(amount)) if amount.is_cost => {
            return format!("cost {}", amount.decimal);
        }
        View::Number(_) => "number",
        View::Text(_) => "text",
    };
    let mut shown = String::new();
    write_start(value, &mut shown);
    format!("{kind} {}", cut(&shown))
}

/// Writes a value as JSON until it is longer than a message shows.
fn write_start(value: &Value, shown: &mut String) {
    let is_full = |shown: &String| shown.len() > 4 * SHOWN_CHARS_MAX;
    match view(value) {
        View::Text(text) => {
            let start: String = text.chars().take(SHOWN_CHARS_MAX + 1).collect();
            shown.push_str(&Json::from(start).to_string());
        }
        View::List => {
            shown.push('[');
            for (number, item) in items(value).into_iter().flatten().enumerate() {
                if is_full(shown) {
                    return;
                }
                shown.push_str(if number == 0 { "" } else { "," });
                write_start(&item, shown);
            }
            shown.push(']');
        }
        View::Map => {
            shown.push('{');
            for (number, key) in items(value).into_iter().flatten().enumerate() {
                if is_full(shown) {
                    return;
                }
                shown.push_str(if number == 0 { "" } else { "," });
                write_start(&key, shown);
                shown.push(':');
                write_start(&value.get_item(&key).unwrap_or_default(), shown);
            }
            shown.push('}');
        }
        View::Bool(_) | View::Instant(_) | View::Null | View::Number(_) | View::Undefined => {
            let json = to_json(value, &Work::new()).unwrap_or_default();
            shown.push_str(&json.to_string());
        }
    }
}

/// Cuts a text to what a message shows of it.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
