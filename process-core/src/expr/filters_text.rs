//! Filters of texts and numbers.

use minijinja::{Error, Value};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde_json::{Value as Json, from_str, to_string_pretty};

use super::{
    filters::argument,
    operators::calculate,
    value::{Amount, Number, View, fails, from_amount, from_json, show, to_json, to_text, view},
    work::Work,
};

/// How many characters `truncate` leaves when it is not told.
const TRUNCATE_CHARS: usize = 255;

/// The most digits that `round` keeps behind the point; no number has more.
const PRECISION_MAX: usize = 15;

fn text<'a>(value: &'a Value, work: &Work) -> Result<&'a str, Error> {
    let text = value.as_str().ok_or_else(|| fails(format!("{} is no text", show(value))))?;
    work.charge(text.len())?;
    Ok(text)
}

fn made(text: String, work: &Work) -> Result<Value, Error> {
    work.output(text.len())?;
    Ok(Value::from(text))
}

fn amount(arguments: &[Value], number: usize, default: usize) -> Result<usize, Error> {
    let Some(value) = argument(arguments, number) else { return Ok(default) };
    let whole = value.as_usize().filter(|_| value.is_integer());
    whole.ok_or_else(|| fails(format!("{} is no whole number of zero or more", show(value))))
}

pub(super) fn upper(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    made(text(value, work)?.to_uppercase(), work)
}

pub(super) fn lower(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    made(text(value, work)?.to_lowercase(), work)
}

pub(super) fn title(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    let mut titled = String::new();
    let mut begins = true;
    for c in text(value, work)?.chars() {
        if begins {
            titled.extend(c.to_uppercase())
        } else {
            titled.extend(c.to_lowercase())
        }
        begins = c.is_whitespace() || (c.is_ascii_punctuation() && c != '\'');
    }
    made(titled, work)
}

pub(super) fn capitalize(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    let mut chars = text(value, work)?.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    made(first.chain(chars.flat_map(char::to_lowercase)).collect(), work)
}

pub(super) fn trim(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let whole = text(value, work)?;
    let trimmed = match argument(arguments, 0) {
        None => whole.trim(),
        Some(chars) => {
            let chars = text(chars, work)?;
            work.charge(whole.len().saturating_mul(chars.len()))?;
            whole.trim_matches(|c| chars.contains(c))
        }
    };
    Ok(Value::from(trimmed))
}

pub(super) fn replace(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let whole = text(value, work)?;
    let [old, new] = arguments else { return Err(fails("`replace` needs two texts")) };
    let (old, new) = (text(old, work)?, text(new, work)?);
    // The length is known before the text is made.
    let count = whole.matches(old).count();
    work.output(whole.len().saturating_add(count.saturating_mul(new.len())))?;
    Ok(Value::from(whole.replace(old, new)))
}

pub(super) fn split(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let whole = text(value, work)?;
    let parts: Vec<Value> = match argument(arguments, 0) {
        None => whole.split_whitespace().map(Value::from).collect(),
        Some(separator) => match text(separator, work)? {
            "" => return Err(fails("an empty text separates nothing")),
            separator => whole.split(separator).map(Value::from).collect(),
        },
    };
    work.items(parts.len())?;
    Ok(Value::from_object(parts))
}

pub(super) fn truncate(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let whole = text(value, work)?;
    let length = amount(arguments, 0, TRUNCATE_CHARS)?;
    let end = argument(arguments, 1).map_or(Ok("..."), |end| text(end, work))?;
    if whole.chars().count() <= length {
        return Ok(value.clone());
    }
    let kept = length.saturating_sub(end.chars().count());
    let cut: String = whole.chars().take(kept).chain(end.chars()).collect();
    made(cut, work)
}

pub(super) fn string(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    made(to_text(value, work)?, work)
}

pub(super) fn tojson(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let json = to_json(value, work)?;
    let indented = argument(arguments, 0).is_some_and(Value::is_true);
    let text = if indented { to_string_pretty(&json).ok() } else { Some(json.to_string()) };
    made(text.ok_or_else(|| fails("the value cannot be written"))?, work)
}

pub(super) fn fromjson(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    let json: Json = from_str(text(value, work)?)
        .map_err(|error| fails(format!("{} is no JSON: {error}", show(value))))?;
    from_json(&json, work)
}

pub(super) fn int(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let whole = match view(value) {
        View::Number(Number::Whole(_)) => return Ok(value.clone()),
        View::Number(number) => number.decimal().and_then(|decimal| decimal.trunc().to_i64()),
        View::Text(_) => text(value, work)?.trim().parse().ok(),
        View::Bool(value) => Some(i64::from(value)),
        View::Instant(_) | View::List | View::Map | View::Null | View::Undefined => None,
    };
    converted(whole.map(Value::from), value, arguments, "whole number")
}

pub(super) fn float(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let float = match view(value) {
        View::Number(number) => Some(number.float()),
        View::Text(_) => text(value, work)?.trim().parse().ok(),
        View::Bool(value) => Some(f64::from(u8::from(value))),
        View::Instant(_) | View::List | View::Map | View::Null | View::Undefined => None,
    };
    converted(float.filter(|float| float.is_finite()).map(Value::from), value, arguments, "number")
}

fn converted(
    found: Option<Value>,
    value: &Value,
    arguments: &[Value],
    what: &str,
) -> Result<Value, Error> {
    let found = found.or_else(|| arguments.first().cloned());
    found.ok_or_else(|| fails(format!("{} is no {what}", show(value))))
}

pub(super) fn round(value: &Value, arguments: &[Value], _: &Work) -> Result<Value, Error> {
    let precision = amount(arguments, 0, 0)?.min(PRECISION_MAX);
    let View::Number(number) = view(value) else {
        return Err(fails(format!("{} is no number", show(value))));
    };
    let digits = u32::try_from(precision).unwrap_or_default();
    let rounded = |decimal: Decimal| {
        decimal.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
    };
    Ok(match number {
        Number::Whole(_) => value.clone(),
        Number::Amount(Amount { decimal, is_cost }) => from_amount(rounded(decimal), is_cost),
        // A float past the decimals has no digits behind the point.
        Number::Float(float) => match number.decimal().map(|decimal| rounded(decimal).to_f64()) {
            Some(Some(rounded)) => Value::from(rounded),
            _ => Value::from(float),
        },
    })
}

pub(super) fn abs(value: &Value, _: &[Value], _: &Work) -> Result<Value, Error> {
    match view(value) {
        View::Number(number) if number.order(Number::Whole(0)).is_some_and(|o| o.is_lt()) => {
            calculate('-', &Value::from(0), value)
        }
        View::Number(_) => Ok(value.clone()),
        _ => Err(fails(format!("{} is no number", show(value)))),
    }
}
