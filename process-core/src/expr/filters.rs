//! The filters: what may stand behind `|`; each fails on what it is not made for.

use minijinja::{Error, Value};

use super::{filters_list as list, filters_text as text, value::is_undefined, work::Work};

/// A filter of a value.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [&'static str],
    /// How many of the parameters must be given.
    pub(super) required: usize,
    run: Run,
}

type Run = fn(&Value, &[Value], &Work) -> Result<Value, Error>;

/// All of them.
pub(super) const FILTERS: &[Filter] = &[
    filter("default", &["default_value", "boolean"], 0, default),
    filter("length", &[], 0, list::length),
    filter("upper", &[], 0, text::upper),
    filter("lower", &[], 0, text::lower),
    filter("title", &[], 0, text::title),
    filter("capitalize", &[], 0, text::capitalize),
    filter("trim", &["chars"], 0, text::trim),
    filter("replace", &["old", "new"], 2, text::replace),
    filter("split", &["separator"], 0, text::split),
    filter("truncate", &["length", "end"], 0, text::truncate),
    filter("string", &[], 0, text::string),
    filter("tojson", &["indent"], 0, text::tojson),
    filter("fromjson", &[], 0, text::fromjson),
    filter("int", &["default"], 0, text::int),
    filter("float", &["default"], 0, text::float),
    filter("round", &["precision"], 0, text::round),
    filter("abs", &[], 0, text::abs),
    filter("join", &["separator", "attribute"], 0, list::join),
    filter("first", &[], 0, list::first),
    filter("last", &[], 0, list::last),
    filter("min", &["attribute"], 0, list::min),
    filter("max", &["attribute"], 0, list::max),
    filter("sum", &["attribute"], 0, list::sum),
    filter("sort", &["reverse", "attribute"], 0, list::sort),
    filter("reverse", &[], 0, list::reverse),
    filter("unique", &["attribute"], 0, list::unique),
    filter("list", &[], 0, list::list),
    filter("items", &[], 0, list::items_of),
    filter("keys", &[], 0, list::keys),
    filter("values", &[], 0, list::values),
    filter("map", &["attribute", "default"], 1, list::map),
    filter("select", &["test", "argument"], 0, list::select),
    filter("reject", &["test", "argument"], 0, list::reject),
    filter("selectattr", &["attribute", "test", "argument"], 1, list::selectattr),
    filter("rejectattr", &["attribute", "test", "argument"], 1, list::rejectattr),
];

/// Other names of filters, as Jinja has them.
const ALIASES: [(&str, &str); 2] = [("d", "default"), ("count", "length")];

const fn filter(
    name: &'static str,
    parameters: &'static [&'static str],
    required: usize,
    run: Run,
) -> Filter {
    Filter { name, parameters, required, run }
}

/// Returns the filter with a name.
pub(super) fn filter_named(name: &str) -> Option<&'static Filter> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let name = alias.map_or(name, |(_, name)| name);
    FILTERS.iter().find(|filter| filter.name == name)
}

impl Filter {
    /// Returns the number of a named argument.
    pub(super) fn parameter(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| *parameter == name)
    }

    /// Whether what is undefined may stand before it.
    pub(super) fn is_lenient(&self) -> bool {
        self.name == "default"
    }

    /// Returns what it makes of a value; an argument that is left out is null.
    pub(super) fn apply(
        &self,
        value: &Value,
        arguments: &[Value],
        work: &Work,
    ) -> Result<Value, Error> {
        let is_missing = value.is_undefined() || arguments.iter().any(Value::is_undefined);
        if is_missing && !self.is_lenient() {
            return Err(is_undefined());
        }
        (self.run)(value, arguments, work)
    }
}

/// Returns an argument that is given.
pub(super) fn argument(arguments: &[Value], number: usize) -> Option<&Value> {
    arguments.get(number).filter(|value| !value.is_none())
}

fn default(value: &Value, arguments: &[Value], _: &Work) -> Result<Value, Error> {
    let also_false = argument(arguments, 1).is_some_and(Value::is_true);
    if value.is_undefined() || also_false && !value.is_true() {
        return Ok(arguments.first().cloned().unwrap_or_else(|| Value::from("")));
    }
    Ok(value.clone())
}
