//! The one environment in which every expression is compiled: no functions, no templates, no files.

use std::sync::{Arc, LazyLock};

use minijinja::{Environment, Error, State, UndefinedBehavior, Value, value::Object};

use super::{
    filters::FILTERS,
    limits::FUEL,
    operators::{OPERATORS, calculate},
    predicates::PREDICATES,
    value::{View, fails, is_undefined, show, view},
    work::Work,
};

/// Holds what compiled expressions may call: our checked operators, filters and tests.
pub(super) static MACHINE: LazyLock<Environment<'static>> = LazyLock::new(machine);

/// What the names in a compiled text stand for while it is evaluated.
#[derive(Debug)]
pub(super) struct Frame {
    /// `r0`, `r1`, …: the values of its paths.
    pub(super) reads: Vec<Value>,
    /// `k0`, `k1`, …: its literals.
    pub(super) constants: Arc<[Value]>,
    /// `l0`, `l1`, …: the variables of `{% for %}` around it.
    pub(super) locals: Vec<Value>,
    /// What it has handled.
    pub(super) work: Arc<Work>,
}

impl Object for Frame {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let (kind, number) = key.split_at_checked(1)?;
        if kind == "w" {
            return Some(Value::from_dyn_object(Arc::clone(self)));
        }
        let number: usize = number.parse().ok()?;
        match kind {
            "r" => self.reads.get(number),
            "k" => self.constants.get(number),
            "l" => self.locals.get(number),
            _ => None,
        }
        .cloned()
    }
}

fn machine() -> Environment<'static> {
    let mut machine = Environment::empty();
    // Our operators look at what is undefined themselves.
    machine.set_undefined_behavior(UndefinedBehavior::Lenient);
    machine.set_fuel(Some(FUEL));
    for operator in OPERATORS {
        machine.add_filter(operator.name, |state: &State<'_, '_>, left: &Value, right: &Value| {
            with_work(state, |work| (operator.run)(left, right, work))
        });
    }
    for filter in FILTERS {
        let name = format!("f_{}", filter.name);
        machine.add_filter(name, |state: &State<'_, '_>, value: &Value, rest: &[Value]| {
            with_work(state, |work| filter.apply(value, rest, work))
        });
    }
    for test in PREDICATES {
        for holds in [true, false] {
            let name = format!("{}_{}", if holds { "is" } else { "not" }, test.name);
            let run = move |state: &State<'_, '_>, value: &Value, rest: &[Value]| {
                let argument = rest.first().unwrap_or(&Value::UNDEFINED);
                with_work(state, |work| {
                    test.holds(value, argument, work).map(|found| Value::from(found == holds))
                })
            };
            machine.add_filter(name, run);
        }
    }
    machine.add_filter("c_truth", |value: &Value| truth(value).map(Value::from));
    machine.add_filter("c_not", |value: &Value| truth(value).map(|truth| Value::from(!truth)));
    machine.add_filter("t_not", |value: &Value| Value::from(!value.is_true()));
    machine.add_filter("c_test", |value: &Value| match view(value) {
        View::Undefined => Err(is_undefined()),
        _ => truth(value).map(Value::from),
    });
    machine.add_filter("t_test", |value: &Value| match view(value) {
        View::Undefined => Err(is_undefined()),
        _ => Ok(Value::from(value.is_true())),
    });
    machine.add_filter("given", |value: &Value| match view(value) {
        View::Undefined => Err(is_undefined()),
        _ => Ok(value.clone()),
    });
    machine.add_filter("negative", |value: &Value| calculate('-', &Value::from(0), value));
    machine
}

/// Returns an operand of `and`, `or` or `not` in a condition: what is undefined counts as false.
fn truth(value: &Value) -> Result<bool, Error> {
    match view(value) {
        View::Bool(value) => Ok(value),
        View::Undefined => Ok(false),
        _ => Err(fails(format!("{} is neither true nor false", show(value)))),
    }
}

fn with_work<T>(
    state: &State<'_, '_>,
    run: impl FnOnce(&Work) -> Result<T, Error>,
) -> Result<T, Error> {
    let frame = state.lookup("w");
    match frame.as_ref().and_then(|frame| frame.downcast_object_ref::<Frame>()) {
        Some(frame) => run(&frame.work),
        None => run(&Work::new()),
    }
}
