//! Changing fields of a step.

use process_core::{Fact, Step, StepId};
use serde_json::Value;

use crate::{execution::Execution, rejected::Rejected};

/// What has an input of its own and is not changed as a field.
const OWN_INPUT: [&str; 3] = ["id", "status", "claim"];

/// Any field but id, status and claim; `null` takes a field away (RFC 7396).
pub(crate) fn edit_step(
    execution: &Execution,
    id: &StepId,
    changes: Value,
) -> Result<Vec<Fact>, Rejected> {
    let (_, step) = execution.open_step(id)?;
    let Value::Object(map) = &changes else {
        return Err(Rejected::BadEdit(vec!["the changes of a step must be a map".to_owned()]));
    };
    let own: Vec<String> = OWN_INPUT
        .iter()
        .filter(|key| map.contains_key(**key))
        .map(|key| format!("`{key}` of a step is not changed as a field"))
        .collect();
    if !own.is_empty() {
        return Err(Rejected::BadEdit(own));
    }
    let mut value = step.to_value();
    json_patch::merge(&mut value, &changes);
    match Step::from_value(&value) {
        Ok(_) => Ok(vec![Fact::StepEdited { step: id.clone(), changes }]),
        Err(problems) => {
            Err(Rejected::BadEdit(problems.into_iter().map(|problem| problem.message).collect()))
        }
    }
}
