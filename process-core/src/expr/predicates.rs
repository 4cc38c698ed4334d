//! The tests: what may stand behind `is`.

use minijinja::{Error, Value};

use super::{
    compare::{equal, order},
    operators::contains,
    value::{Number, View, fails, is_undefined, show, view},
    work::Work,
};

/// A test of a value.
#[derive(Debug)]
pub(super) struct Predicate {
    pub(super) name: &'static str,
    pub(super) takes_argument: bool,
    /// Whether what is undefined can be tested, too.
    pub(super) is_lenient: bool,
    run: fn(&Value, &Value, &Work) -> Result<bool, Error>,
}

/// All of them.
pub(super) const PREDICATES: &[Predicate] = &[
    lenient("defined", |value, _, _| Ok(!value.is_undefined())),
    lenient("undefined", |value, _, _| Ok(value.is_undefined())),
    plain("none", |value, _, _| Ok(matches!(view(value), View::Null))),
    plain("null", |value, _, _| Ok(matches!(view(value), View::Null))),
    plain("number", |value, _, _| Ok(matches!(view(value), View::Number(_)))),
    plain("integer", |value, _, _| Ok(matches!(view(value), View::Number(Number::Whole(_))))),
    plain("float", |value, _, _| Ok(matches!(view(value), View::Number(Number::Float(_))))),
    plain("string", |value, _, _| Ok(matches!(view(value), View::Text(_)))),
    plain("boolean", |value, _, _| Ok(matches!(view(value), View::Bool(_)))),
    plain("true", |value, _, _| Ok(matches!(view(value), View::Bool(true)))),
    plain("false", |value, _, _| Ok(matches!(view(value), View::Bool(false)))),
    plain("mapping", |value, _, _| Ok(matches!(view(value), View::Map))),
    plain("sequence", |value, _, _| Ok(matches!(view(value), View::List))),
    plain("empty", |value, _, _| match view(value) {
        View::Text(text) => Ok(text.is_empty()),
        View::List | View::Map => Ok(value.len() == Some(0)),
        _ => Err(fails(format!("{} has no length", show(value)))),
    }),
    plain("even", |value, _, _| whole(value).map(|value| value % 2 == 0)),
    plain("odd", |value, _, _| whole(value).map(|value| value % 2 != 0)),
    with("divisibleby", |value, by, _| match (whole(value)?, whole(by)?) {
        (_, 0) => Err(fails("division by zero")),
        (value, by) => Ok(value.checked_rem(by).unwrap_or_default() == 0),
    }),
    with("in", |value, of, work| contains(of, value, work)),
    with("containing", contains),
    with("startingwith", |value, start, work| {
        let start = text(start)?;
        work.charge(start.len())?;
        Ok(text(value)?.starts_with(start))
    }),
    with("endingwith", |value, end, work| {
        let end = text(end)?;
        work.charge(end.len())?;
        Ok(text(value)?.ends_with(end))
    }),
    with("eq", equal),
    with("equalto", equal),
    with("ne", |value, other, work| equal(value, other, work).map(|same| !same)),
    with("lt", |value, other, work| order(value, other, work).map(|order| order.is_lt())),
    with("le", |value, other, work| order(value, other, work).map(|order| order.is_le())),
    with("gt", |value, other, work| order(value, other, work).map(|order| order.is_gt())),
    with("ge", |value, other, work| order(value, other, work).map(|order| order.is_ge())),
];

type Run = fn(&Value, &Value, &Work) -> Result<bool, Error>;

const fn plain(name: &'static str, run: Run) -> Predicate {
    Predicate { name, takes_argument: false, is_lenient: false, run }
}

const fn lenient(name: &'static str, run: Run) -> Predicate {
    Predicate { name, takes_argument: false, is_lenient: true, run }
}

const fn with(name: &'static str, run: Run) -> Predicate {
    Predicate { name, takes_argument: true, is_lenient: false, run }
}

/// Returns the test with a name.
pub(super) fn predicate(name: &str) -> Option<&'static Predicate> {
    PREDICATES.iter().find(|test| test.name == name)
}

impl Predicate {
    /// Returns whether a value passes.
    pub(super) fn holds(
        &self,
        value: &Value,
        argument: &Value,
        work: &Work,
    ) -> Result<bool, Error> {
        let is_missing = value.is_undefined() || self.takes_argument && argument.is_undefined();
        if is_missing && !self.is_lenient {
            return Err(is_undefined());
        }
        (self.run)(value, argument, work)
    }
}

fn whole(value: &Value) -> Result<i128, Error> {
    match view(value) {
        View::Number(Number::Whole(value)) => Ok(value),
        _ => Err(fails(format!("{} is no whole number", show(value)))),
    }
}

fn text(value: &Value) -> Result<&str, Error> {
    value.as_str().ok_or_else(|| fails(format!("{} is no text", show(value))))
}
