//! Compares values: equality of any two, order of two of one kind (docs/formats/expressions.md).

use std::cmp::Ordering;

use minijinja::{Error, Value};

use super::{
    value::{View, entries, fails, is_undefined, items, show, view},
    work::Work,
};
use crate::time::Timestamp;

/// What one comparison costs, beside the lengths of its texts.
const COMPARE_WORK: usize = 4;

/// Whether two values are the same; values of different kinds are not.
pub(super) fn equal(left: &Value, right: &Value, work: &Work) -> Result<bool, Error> {
    work.charge(COMPARE_WORK)?;
    Ok(match (view(left), view(right)) {
        (View::Undefined, _) | (_, View::Undefined) => return Err(is_undefined()),
        (View::Number(left), View::Number(right)) => left.order(right) == Some(Ordering::Equal),
        (View::Text(left), View::Text(right)) => {
            if left.len() == right.len() {
                work.charge(left.len())?;
            }
            left == right
        }
        (View::Bool(left), View::Bool(right)) => left == right,
        (View::Null, View::Null) => true,
        (View::Instant(left), View::Instant(right)) => left == right,
        (View::Instant(instant), View::Text(text)) | (View::Text(text), View::Instant(instant)) => {
            Timestamp::parse(text).is_some_and(|other| other.instant() == instant)
        }
        (View::List, View::List) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (left, right) in items(left)?.zip(items(right)?) {
                if !equal(&left, &right, work)? {
                    return Ok(false);
                }
            }
            true
        }
        (View::Map, View::Map) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (key, value) in entries(left)? {
                let other = right.get_item(&key)?;
                if other.is_undefined() || !equal(&value, &other, work)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}

/// Returns the order of two values that have one.
pub(super) fn order(left: &Value, right: &Value, work: &Work) -> Result<Ordering, Error> {
    work.charge(COMPARE_WORK)?;
    let ordering = match (view(left), view(right)) {
        (View::Undefined, _) | (_, View::Undefined) => return Err(is_undefined()),
        (View::Number(left), View::Number(right)) => left.order(right),
        (View::Text(left), View::Text(right)) => {
            work.charge(left.len().min(right.len()))?;
            Some(left.cmp(right))
        }
        (View::Instant(left), View::Instant(right)) => Some(left.cmp(&right)),
        (View::Instant(left), View::Text(text)) => {
            Timestamp::parse(text).map(|right| left.cmp(&right.instant()))
        }
        (View::Text(text), View::Instant(right)) => {
            Timestamp::parse(text).map(|left| left.instant().cmp(&right))
        }
        _ => None,
    };
    ordering.ok_or_else(|| fails(format!("cannot compare {} with {}", show(left), show(right))))
}

/// Returns an order of any two values in which the same values are next to each other.
pub(super) fn arrange(left: &Value, right: &Value, work: &Work) -> Result<Ordering, Error> {
    work.charge(COMPARE_WORK)?;
    let rank = |value: &Value| match view(value) {
        View::Undefined => 0,
        View::Null => 1,
        View::Bool(_) => 2,
        View::Number(_) => 3,
        View::Instant(_) => 4,
        View::Text(_) => 5,
        View::List => 6,
        View::Map => 7,
    };
    let ranks = rank(left).cmp(&rank(right));
    if ranks.is_ne() {
        return Ok(ranks);
    }
    match view(left) {
        View::Undefined | View::Null => Ok(Ordering::Equal),
        View::Bool(value) => Ok(value.cmp(&right.is_true())),
        View::Number(_) | View::Instant(_) | View::Text(_) => order(left, right, work),
        View::List => {
            let lengths = left.len().cmp(&right.len());
            let mut pairs = items(left)?.zip(items(right)?);
            pairs.try_fold(lengths, |found, (left, right)| {
                if found.is_ne() { Ok(found) } else { arrange(&left, &right, work) }
            })
        }
        View::Map => {
            let sorted = |map: &Value| {
                let mut entries = entries(map)?;
                entries.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
                Ok::<_, Error>(entries)
            };
            let (left, right) = (sorted(left)?, sorted(right)?);
            let lengths = left.len().cmp(&right.len());
            left.iter().zip(&right).try_fold(lengths, |found, (left, right)| {
                if found.is_ne() {
                    return Ok(found);
                }
                let keys = left.0.as_str().cmp(&right.0.as_str());
                if keys.is_ne() { Ok(keys) } else { arrange(&left.1, &right.1, work) }
            })
        }
    }
}
