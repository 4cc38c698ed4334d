//! The operators between two values, each checked: nothing is converted in silence (docs/formats/expressions.md).

use minijinja::{Error, Value};
use rust_decimal::Decimal;

use super::{
    compare::{equal, order},
    value::{Amount, Number, View, fails, from_amount, is_undefined, items, show, to_text, view},
    work::Work,
};

/// An operator between two values.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) sign: &'static str,
    /// Its name in the text that is compiled.
    pub(super) name: &'static str,
    pub(super) gives_boolean: bool,
    pub(super) run: fn(&Value, &Value, &Work) -> Result<Value, Error>,
}

/// All of them.
pub(super) const OPERATORS: &[Operator] = &[
    boolean("==", "o_eq", |a, b, work| equal(a, b, work).map(Value::from)),
    boolean("!=", "o_ne", |a, b, work| equal(a, b, work).map(|same| Value::from(!same))),
    boolean("<", "o_lt", |a, b, work| order(a, b, work).map(|order| Value::from(order.is_lt()))),
    boolean("<=", "o_le", |a, b, work| order(a, b, work).map(|order| Value::from(order.is_le()))),
    boolean(">", "o_gt", |a, b, work| order(a, b, work).map(|order| Value::from(order.is_gt()))),
    boolean(">=", "o_ge", |a, b, work| order(a, b, work).map(|order| Value::from(order.is_ge()))),
    boolean("in", "o_in", |a, b, work| contains(b, a, work).map(Value::from)),
    boolean("not in", "o_out", |a, b, work| contains(b, a, work).map(|is| Value::from(!is))),
    other("+", "o_add", add),
    other("-", "o_sub", |a, b, _| calculate('-', a, b)),
    other("*", "o_mul", |a, b, _| calculate('*', a, b)),
    other("/", "o_div", |a, b, _| calculate('/', a, b)),
    other("//", "o_floor", |a, b, _| calculate('f', a, b)),
    other("%", "o_rem", |a, b, _| calculate('%', a, b)),
    other("**", "o_pow", |a, b, _| calculate('^', a, b)),
    other("~", "o_cat", |a, b, work| {
        let (a, b) = (to_text(a, work)?, to_text(b, work)?);
        work.output(a.len() + b.len())?;
        Ok(Value::from(a + &b))
    }),
    other("[]", "o_item", |a, b, _| item(a, b)),
];

const fn boolean(
    sign: &'static str,
    name: &'static str,
    run: fn(&Value, &Value, &Work) -> Result<Value, Error>,
) -> Operator {
    Operator { sign, name, gives_boolean: true, run }
}

const fn other(
    sign: &'static str,
    name: &'static str,
    run: fn(&Value, &Value, &Work) -> Result<Value, Error>,
) -> Operator {
    Operator { sign, name, gives_boolean: false, run }
}

/// Returns the operator with a sign.
pub(super) fn operator(sign: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.sign == sign)
}

/// Whether a list, a map or a text holds a value, a key or a text.
pub(super) fn contains(whole: &Value, part: &Value, work: &Work) -> Result<bool, Error> {
    match (view(whole), view(part)) {
        (View::Undefined, _) | (_, View::Undefined) => Err(is_undefined()),
        (View::List, _) => {
            for item in items(whole)? {
                if equal(&item, part, work)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (View::Map, View::Text(key)) => whole.get_attr(key).map(|value| !value.is_undefined()),
        (View::Text(whole), View::Text(part)) => {
            work.charge(whole.len())?;
            Ok(whole.contains(part))
        }
        _ => Err(fails(format!("{} cannot be in {}", show(part), show(whole)))),
    }
}

/// Returns a field of a value; one of what has no fields is undefined.
pub(super) fn item(value: &Value, key: &Value) -> Result<Value, Error> {
    match (view(value), view(key)) {
        (_, View::Undefined) => Err(is_undefined()),
        (View::Map, View::Text(key)) => value.get_attr(key),
        (View::List, View::Number(Number::Whole(index))) => {
            let length = value.len().unwrap_or_default();
            let index = if index < 0 { index + length as i128 } else { index };
            let index = usize::try_from(index).ok().filter(|index| *index < length);
            index.map_or(Ok(Value::UNDEFINED), |index| value.get_item_by_index(index))
        }
        (_, View::Text(_) | View::Number(Number::Whole(_))) => Ok(Value::UNDEFINED),
        _ => Err(fails(format!("{} is neither a key nor an index", show(key)))),
    }
}

fn add(left: &Value, right: &Value, work: &Work) -> Result<Value, Error> {
    match (view(left), view(right)) {
        (View::Text(left), View::Text(right)) => {
            work.output(left.len() + right.len())?;
            Ok(Value::from(format!("{left}{right}")))
        }
        (View::List, View::List) => {
            let length = left.len().unwrap_or_default() + right.len().unwrap_or_default();
            work.items(length)?;
            let all: Vec<Value> = items(left)?.chain(items(right)?).collect();
            Ok(Value::from_object(all))
        }
        _ => calculate('+', left, right),
    }
}

/// Calculates with two numbers; `f` is the division without rest, `^` the power.
pub(super) fn calculate(sign: char, left: &Value, right: &Value) -> Result<Value, Error> {
    let (a, b) = match (view(left), view(right)) {
        (View::Undefined, _) | (_, View::Undefined) => return Err(is_undefined()),
        (View::Number(a), View::Number(b)) => (a, b),
        _ => {
            let name = match sign {
                '+' => "add",
                '-' => "subtract",
                '*' => "multiply",
                '^' => "take powers of",
                _ => "divide",
            };
            let message = format!("cannot {name} {} and {}", show(left), show(right));
            let is_text =
                matches!(view(left), View::Text(_)) || matches!(view(right), View::Text(_));
            let hint = if sign == '+' && is_text { " (`~` joins texts)" } else { "" };
            return Err(fails(message + hint));
        }
    };
    let result = match (a, b) {
        (Number::Whole(a), Number::Whole(b)) => whole(sign, a, b)?,
        (Number::Amount(_), _) | (_, Number::Amount(_)) => exact(sign, a, b)?,
        _ => float(sign, a.float(), b.float())?,
    };
    result.ok_or_else(|| {
        fails(format!("the result of {} and {} is out of range", show(left), show(right)))
    })
}

fn whole(sign: char, a: i128, b: i128) -> Result<Option<Value>, Error> {
    if b == 0 && matches!(sign, '/' | 'f' | '%') {
        return Err(fails("division by zero"));
    }
    // As in Python: the rest has the sign of the divisor.
    let result = match sign {
        '+' => a.checked_add(b),
        '-' => a.checked_sub(b),
        '*' => a.checked_mul(b),
        'f' => a.checked_div_euclid(b).map(|_| floor_div(a, b)),
        '%' => a.checked_rem_euclid(b).map(|_| a - floor_div(a, b) * b),
        '^' if b >= 0 => u32::try_from(b).ok().and_then(|power| a.checked_pow(power)),
        _ => return float(sign, a as f64, b as f64),
    };
    Ok(result.and_then(|result| match (i64::try_from(result), u64::try_from(result)) {
        (Ok(result), _) => Some(Value::from(result)),
        (_, Ok(result)) => Some(Value::from(result)),
        _ => None,
    }))
}

fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

fn exact(sign: char, left: Number, right: Number) -> Result<Option<Value>, Error> {
    let is_cost = [left, right]
        .into_iter()
        .any(|number| matches!(number, Number::Amount(Amount { is_cost: true, .. })));
    let (Some(a), Some(b)) = (left.decimal(), right.decimal()) else { return Ok(None) };
    if b.is_zero() && matches!(sign, '/' | 'f' | '%') {
        return Err(fails("division by zero"));
    }
    let floor = || a.checked_div(b).map(|quotient: Decimal| quotient.floor());
    let result = match sign {
        '+' => a.checked_add(b),
        '-' => a.checked_sub(b),
        '*' => a.checked_mul(b),
        '/' => a.checked_div(b),
        'f' => floor(),
        '%' => floor().and_then(|quotient| a.checked_sub(quotient.checked_mul(b)?)),
        _ => return Err(fails("cannot take powers of a cost or a duration")),
    };
    Ok(result.map(|result| from_amount(result, is_cost)))
}

fn float(sign: char, a: f64, b: f64) -> Result<Option<Value>, Error> {
    if b == 0.0 && matches!(sign, '/' | 'f' | '%') || a == 0.0 && b < 0.0 && sign == '^' {
        return Err(fails("division by zero"));
    }
    let result = match sign {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' => a / b,
        'f' => (a / b).floor(),
        '%' => a - (a / b).floor() * b,
        _ => a.powf(b),
    };
    Ok(result.is_finite().then(|| Value::from(result)))
}
