//! The six operations of RFC 6902, read from JSON with a reason for each refusal (P23.1).

use serde_json::{Map, Value, json};

use crate::error::PatchError;
use crate::structured::limits::OPERATIONS_MAX;
use crate::structured::place::Pointer;

/// One operation; paths are JSON pointers, in which `by-id` may stand before the id of an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Puts a value into a list, or under a key of a map.
    Add {
        /// Where.
        path: String,
        /// What.
        value: Value,
    },
    /// Puts a copy of one value elsewhere.
    Copy {
        /// Of what.
        from: String,
        /// Where to.
        path: String,
    },
    /// Takes a value away and puts it elsewhere.
    Move {
        /// Which.
        from: String,
        /// Where to.
        path: String,
    },
    /// Takes a value away.
    Remove {
        /// Which.
        path: String,
    },
    /// Puts a value in the place of another.
    Replace {
        /// Of which.
        path: String,
        /// What.
        value: Value,
    },
    /// Demands that a value is as it is said.
    Test {
        /// Which.
        path: String,
        /// What it is to be.
        value: Value,
    },
}

/// Reads a patch: a list of operations.
///
/// # Errors
/// `invalid_patch` for the first operation that is none, with its index.
pub fn parse(patch: &Value) -> Result<Vec<Operation>, PatchError> {
    let Value::Array(list) = patch else {
        let error = PatchError::invalid("the patch is not a list of operations");
        return Err(error.hint("put the operations into [ ]"));
    };
    if list.len() > OPERATIONS_MAX {
        return Err(PatchError::invalid(format!("the patch has over {OPERATIONS_MAX} operations")));
    }
    let operations = list.iter().enumerate().map(|(index, value)| {
        read(value).map_err(|mut error| {
            error.message = format!("operation {index}: {}", error.message);
            error.index = Some(index);
            error
        })
    });
    operations.collect()
}

fn read(value: &Value) -> Result<Operation, PatchError> {
    let Value::Object(map) = value else {
        return Err(PatchError::invalid("it is not a map"));
    };
    let path = || pointer(map, "path");
    let given = || {
        let value = map.get("value").cloned();
        value.ok_or_else(|| PatchError::invalid("`value` is missing").hint("null is a value too"))
    };
    Ok(match text(map, "op")? {
        "add" => Operation::Add { path: path()?, value: given()? },
        "copy" => Operation::Copy { from: pointer(map, "from")?, path: path()? },
        "move" => Operation::Move { from: pointer(map, "from")?, path: path()? },
        "remove" => Operation::Remove { path: path()? },
        "replace" => Operation::Replace { path: path()?, value: given()? },
        "test" => Operation::Test { path: path()?, value: given()? },
        other => {
            let known = ["add", "copy", "move", "remove", "replace", "test"];
            let error = PatchError::invalid(format!("`{other}` is no operation"));
            let error = error.hint(format!("one of {}", known.join(", ")));
            return Err(error.with_details(json!({ "operations": known })));
        }
    })
}

fn pointer(map: &Map<String, Value>, key: &str) -> Result<String, PatchError> {
    let text = text(map, key)?;
    Pointer::parse(text)?;
    Ok(text.to_owned())
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Result<&'a str, PatchError> {
    match map.get(key) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(PatchError::invalid(format!("`{key}` is not a text"))),
        None => Err(PatchError::invalid(format!("`{key}` is missing"))),
    }
}
