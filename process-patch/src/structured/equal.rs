//! When two values are equal for a `test`.

use serde_json::{Number, Value};

/// Answers what RFC 6902 calls equal: numbers by their value, maps whatever their order.
pub(super) fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => is_equal_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| is_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| right.get(key).is_some_and(|right| is_equal(left, right)))
        }
        _ => left == right,
    }
}

fn is_equal_number(left: &Number, right: &Number) -> bool {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left == right,
        (None, None) => left.as_f64() == right.as_f64(),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Returns the exact value of a number that is whole and not beyond what can be exact.
fn whole(number: &Number) -> Option<i128> {
    if let Some(number) = number.as_i64() {
        return Some(i128::from(number));
    }
    if let Some(number) = number.as_u64() {
        return Some(i128::from(number));
    }
    let float = number.as_f64()?;
    // A double of this size is a whole number that fits; its conversion loses nothing.
    (float.fract() == 0.0 && float.abs() < 1e30).then_some(float as i128)
}
