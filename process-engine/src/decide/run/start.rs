//! Starting a process by its definition.

use process_core::{
    Process,
    definition::{Definition, InputField, InputType},
    event::{JOURNAL_FORMAT, RunFact, Start},
};
use serde_json::{Map, Value};

use crate::{apply::shown_step, flow::Deciding, input::StartRun, rejected::Rejected};

/// A process starts once; what it is given must be what its definition takes.
pub(crate) fn start(deciding: &mut Deciding<'_>, new: StartRun) -> Result<(), Rejected> {
    if deciding.run().is_some() {
        return Err(Rejected::AlreadyStarted);
    }
    let process = match (deciding.execution().process(), new.process) {
        (Some(process), _) if process.is_archived() => return Err(Rejected::Archived),
        (Some(_), Some(_)) => return Err(Rejected::AlreadyCreated),
        (Some(_), None) => None,
        (None, Some(process)) => {
            let process = Process { key: new.key.clone(), ..*process };
            Some(with_steps(process, &new.definition))
        }
        (None, None) => return Err(Rejected::NotCreated),
    };
    let input = checked_input(&new.definition, new.input)?;
    let grace = new.definition.stop_grace.unwrap_or(new.stop_grace);
    let start = Start {
        format: JOURNAL_FORMAT,
        process,
        definition: new.definition.stored_form(),
        input,
        trigger: new.trigger,
        seed: new.seed,
        key: new.key,
        parent: new.parent,
        limit: new.limit,
        stop_grace_ms: u64::try_from(grace.as_millis()).unwrap_or(u64::MAX),
    };
    deciding.prepare(new.definition);
    deciding.emit(RunFact::Started(Box::new(start)));
    Ok(())
}

/// Shows the steps of the definition as those of the process.
fn with_steps(mut process: Process, definition: &Definition) -> Process {
    process.steps = definition.steps.iter().map(shown_step).collect();
    process
}

/// Returns the input with its defaults, as a start would take it.
///
/// # Errors
/// [`Rejected::InvalidInput`] with every reason why it is none of the definition's.
pub fn checked_input(definition: &Definition, input: Value) -> Result<Value, Rejected> {
    let mut given = match input {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => {
            let reason = format!("the input must be a map, not {other}");
            return Err(Rejected::InvalidInput(vec![reason]));
        }
    };
    let mut reasons = Vec::new();
    let mut whole = Map::new();
    for field in &definition.input {
        match given.shift_remove(&field.name).or_else(|| field.default.clone()) {
            Some(value) => {
                if let Some(reason) = mismatch(field, &value) {
                    reasons.push(reason);
                }
                whole.insert(field.name.clone(), value);
            }
            None if field.is_required => {
                reasons.push(format!("input `{}` is missing", field.name));
            }
            None => {}
        }
    }
    // A definition that names no input takes anything.
    if definition.input.is_empty() {
        whole.extend(given);
    } else {
        let known: Vec<&str> = definition.input.iter().map(|field| field.name.as_str()).collect();
        for name in given.keys() {
            reasons.push(format!("input `{name}` is unknown; there is {}", known.join(", ")));
        }
    }
    if reasons.is_empty() { Ok(Value::Object(whole)) } else { Err(Rejected::InvalidInput(reasons)) }
}

fn mismatch(field: &InputField, value: &Value) -> Option<String> {
    let (fits, what) = match field.kind? {
        InputType::Array => (value.is_array(), "a list"),
        InputType::Boolean => (value.is_boolean(), "true or false"),
        InputType::Integer => {
            let is_whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
            (value.is_i64() || value.is_u64() || is_whole, "a whole number")
        }
        InputType::Number => (value.is_number(), "a number"),
        InputType::Object => (value.is_object(), "a map"),
        InputType::String => (value.is_string(), "text"),
    };
    (!fits).then(|| format!("input `{}` must be {what}, not {value}", field.name))
}
