//! Filters of lists and maps.

use std::cmp::Ordering;

use minijinja::{Error, Value};

use super::{
    compare::{arrange, order},
    filters::argument,
    limits::OUTPUT_BYTES_MAX,
    operators::{calculate, item},
    predicates::{Predicate, predicate},
    value::{View, entries, fails, is_undefined, items, show, to_text, view},
    work::Work,
};

/// Returns the items of a list, and nothing else's.
fn list_of(value: &Value, work: &Work) -> Result<Vec<Value>, Error> {
    match view(value) {
        View::List => {
            work.items(value.len().unwrap_or_default())?;
            Ok(items(value)?.collect())
        }
        _ => Err(fails(format!("{} is no list", show(value)))),
    }
}

fn entries_of(value: &Value, work: &Work) -> Result<Vec<(Value, Value)>, Error> {
    match view(value) {
        View::Map => {
            work.items(value.len().unwrap_or_default())?;
            entries(value)
        }
        _ => Err(fails(format!("{} is no map", show(value)))),
    }
}

/// Returns a field by a name such as `a.b`, or the value itself without one.
fn attribute(value: &Value, name: Option<&Value>) -> Result<Value, Error> {
    let Some(name) = name else { return Ok(value.clone()) };
    match view(name) {
        View::Text(path) => path.split('.').try_fold(value.clone(), |value, key| {
            let key = key.parse::<i64>().map_or_else(|_| Value::from(key), Value::from);
            item(&value, &key)
        }),
        _ => item(value, name),
    }
}

pub(super) fn length(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    match view(value) {
        View::Text(text) => {
            work.charge(text.len())?;
            Ok(Value::from(text.chars().count()))
        }
        View::List | View::Map => Ok(Value::from(value.len().unwrap_or_default())),
        _ => Err(fails(format!("{} has no length", show(value)))),
    }
}

pub(super) fn join(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let separator = match argument(arguments, 0) {
        None => "",
        Some(value) => {
            value.as_str().ok_or_else(|| fails(format!("{} is no text", show(value))))?
        }
    };
    let mut joined = String::new();
    for (number, item) in list_of(value, work)?.iter().enumerate() {
        if number > 0 {
            joined.push_str(separator);
        }
        joined.push_str(&to_text(&attribute(item, argument(arguments, 1))?, work)?);
        // Checked at every turn: the text never grows far past the limit.
        work.charge(separator.len())?;
        if joined.len() > OUTPUT_BYTES_MAX {
            break;
        }
    }
    work.output(joined.len())?;
    Ok(Value::from(joined))
}

pub(super) fn first(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    end(value, 0, str::chars, work)
}

pub(super) fn last(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    match view(value) {
        View::Text(text) => Ok(text.chars().next_back().map_or(Value::UNDEFINED, Value::from)),
        _ => end(value, -1, str::chars, work),
    }
}

fn end(
    value: &Value,
    index: i64,
    chars: for<'a> fn(&'a str) -> std::str::Chars<'a>,
    work: &Work,
) -> Result<Value, Error> {
    work.charge(1)?;
    match view(value) {
        View::List => item(value, &Value::from(index)),
        View::Text(text) => Ok(chars(text).next().map_or(Value::UNDEFINED, Value::from)),
        _ => Err(fails(format!("{} is no list", show(value)))),
    }
}

pub(super) fn min(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    extreme(value, arguments, Ordering::Less, work)
}

pub(super) fn max(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    extreme(value, arguments, Ordering::Greater, work)
}

fn extreme(
    value: &Value,
    arguments: &[Value],
    wanted: Ordering,
    work: &Work,
) -> Result<Value, Error> {
    let mut found: Option<(Value, Value)> = None;
    for item in list_of(value, work)? {
        let key = attribute(&item, argument(arguments, 0))?;
        let is_better = match &found {
            Some((best, _)) => order(&key, best, work)? == wanted,
            // One item alone must have an order as well.
            None => order(&key, &key, work).map(|_| true)?,
        };
        if is_better {
            found = Some((key, item));
        }
    }
    Ok(found.map_or(Value::UNDEFINED, |(_, item)| item))
}

pub(super) fn sum(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let name = argument(arguments, 0);
    let items = list_of(value, work)?;
    items
        .iter()
        .try_fold(Value::from(0), |total, item| calculate('+', &total, &attribute(item, name)?))
}

pub(super) fn sort(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let is_reversed = argument(arguments, 0).is_some_and(Value::is_true);
    let name = argument(arguments, 1);
    let keyed = list_of(value, work)?.into_iter().map(|item| Ok((attribute(&item, name)?, item)));
    let mut keyed = keyed.collect::<Result<Vec<_>, Error>>()?;
    sort_by(&mut keyed, |a, b| order(a, b, work))?;
    if is_reversed {
        keyed.reverse();
    }
    Ok(Value::from_object(keyed.into_iter().map(|(_, item)| item).collect::<Vec<_>>()))
}

/// Sorts by the keys; the first failure to compare ends it.
fn sort_by<T>(
    keyed: &mut [(Value, T)],
    compare: impl Fn(&Value, &Value) -> Result<Ordering, Error>,
) -> Result<(), Error> {
    // First that each has an order with its neighbour: then it is one for all of them.
    for pair in keyed.windows(2) {
        compare(&pair[0].0, &pair[1].0)?;
    }
    let mut failure = None;
    keyed.sort_by(|a, b| match compare(&a.0, &b.0) {
        Ok(ordering) if failure.is_none() => ordering,
        Ok(_) => Ordering::Equal,
        Err(error) => {
            failure.get_or_insert(error);
            Ordering::Equal
        }
    });
    failure.map_or(Ok(()), Err)
}

pub(super) fn reverse(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    if let View::Text(text) = view(value) {
        work.output(text.len())?;
        return Ok(Value::from(text.chars().rev().collect::<String>()));
    }
    let mut items = list_of(value, work)?;
    items.reverse();
    Ok(Value::from_object(items))
}

pub(super) fn unique(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let name = argument(arguments, 0);
    let numbered = list_of(value, work)?.into_iter().enumerate();
    let keyed = numbered.map(|(number, item)| Ok((attribute(&item, name)?, (number, item))));
    let mut keyed = keyed.collect::<Result<Vec<_>, Error>>()?;
    let mut failure = Ok(());
    keyed.sort_by(|a, b| {
        arrange(&a.0, &b.0, work).unwrap_or_else(|error| {
            failure = Err(error);
            Ordering::Equal
        })
    });
    failure?;
    // The sort is stable: the first of the same values is the one that stood first.
    let mut kept: Vec<(usize, Value)> = Vec::new();
    let mut last: Option<Value> = None;
    for (key, numbered) in keyed {
        let is_same = match &last {
            Some(last) => arrange(last, &key, work)?.is_eq(),
            None => false,
        };
        if !is_same {
            kept.push(numbered);
            last = Some(key);
        }
    }
    kept.sort_by_key(|(number, _)| *number);
    Ok(Value::from_object(kept.into_iter().map(|(_, item)| item).collect::<Vec<_>>()))
}

pub(super) fn list(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    match view(value) {
        View::List => Ok(value.clone()),
        View::Map => keys(value, arguments, work),
        View::Text(text) => {
            work.items(text.len())?;
            Ok(Value::from_object(text.chars().map(Value::from).collect::<Vec<_>>()))
        }
        _ => Err(fails(format!("{} is no list", show(value)))),
    }
}

pub(super) fn items_of(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    let pair = |(key, value)| Value::from_object(vec![key, value]);
    Ok(Value::from_object(entries_of(value, work)?.into_iter().map(pair).collect::<Vec<_>>()))
}

pub(super) fn keys(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    let entries = entries_of(value, work)?.into_iter();
    Ok(Value::from_object(entries.map(|(key, _)| key).collect::<Vec<_>>()))
}

pub(super) fn values(value: &Value, _: &[Value], work: &Work) -> Result<Value, Error> {
    let entries = entries_of(value, work)?.into_iter();
    Ok(Value::from_object(entries.map(|(_, value)| value).collect::<Vec<_>>()))
}

pub(super) fn map(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    let name = argument(arguments, 0);
    let field = |entry: &Value| {
        let found = attribute(entry, name)?;
        match argument(arguments, 1) {
            _ if !found.is_undefined() => Ok(found),
            Some(default) => Ok(default.clone()),
            None => Err(is_undefined()),
        }
    };
    let fields = list_of(value, work)?.iter().map(field).collect::<Result<Vec<_>, Error>>()?;
    Ok(Value::from_object(fields))
}

pub(super) fn select(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    chosen(value, None, arguments, true, work)
}

pub(super) fn reject(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    chosen(value, None, arguments, false, work)
}

pub(super) fn selectattr(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    chosen(value, arguments.first(), arguments.get(1..).unwrap_or_default(), true, work)
}

pub(super) fn rejectattr(value: &Value, arguments: &[Value], work: &Work) -> Result<Value, Error> {
    chosen(value, arguments.first(), arguments.get(1..).unwrap_or_default(), false, work)
}

/// Returns the items that pass a test, or those that do not.
fn chosen(
    value: &Value,
    name: Option<&Value>,
    test: &[Value],
    passes: bool,
    work: &Work,
) -> Result<Value, Error> {
    let predicate = argument(test, 0).map(named_test).transpose()?;
    let other = test.get(1).cloned().unwrap_or_else(|| Value::from(()));
    let mut kept = Vec::new();
    for item in list_of(value, work)? {
        let of = attribute(&item, name)?;
        let holds = match predicate {
            Some(predicate) => predicate.holds(&of, &other, work)?,
            None => of.is_true(),
        };
        if holds == passes {
            kept.push(item);
        }
    }
    Ok(Value::from_object(kept))
}

fn named_test(name: &Value) -> Result<&'static Predicate, Error> {
    let sign = match name.as_str() {
        Some("==") => Some("eq"),
        Some("!=") => Some("ne"),
        Some("<") => Some("lt"),
        Some("<=") => Some("le"),
        Some(">") => Some("gt"),
        Some(">=") => Some("ge"),
        other => other,
    };
    let found = sign.and_then(predicate);
    found.ok_or_else(|| fails(format!("{} is no name of a test", show(name))))
}
