//! Calling an operation by its name.

use process_core::definition::nearest;
use serde_json::{Map, Value};

use super::{
    given::{Given, usage},
    table::{find, table},
};
use crate::{answer::Answered, error::Error, project::Procside};

/// The longest request, in bytes: patches of the largest size that there is, written as JSON.
pub const REQUEST_BYTES_MAX: usize = 128 * 1024 * 1024;

/// What a call came to.
#[derive(Clone, Debug)]
pub struct Called {
    /// The exit code that the command would have.
    pub exit: u8,
    /// The envelope that the command would print with `--json`.
    pub envelope: Value,
    /// What the command would say beside it, for people.
    pub notices: Vec<String>,
    /// Why it failed, if it did.
    pub error: Option<Error>,
}

/// Calls an operation: `{"op": NAME, "args": {NAME: VALUE}}`.
///
/// Names and values are those of the command line ([`table`]); `-` and `_` are the same, a null is
/// an argument that is not given, and paths are relative to the folder of the project. A request
/// that makes no sense fails with kind `usage`. It never panics, whatever the request says.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("procside-call-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// use procside::{Procside, Surroundings, call};
/// use serde_json::json;
///
/// let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
/// let called = call(&project, &json!({"op": "init", "args": {"name": "Move the wiki"}}));
/// assert_eq!(called.exit, 0);
/// assert_eq!(called.envelope["data"]["process"]["id"], "proc-001");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn call(project: &Procside, request: &Value) -> Called {
    let mut notices = Vec::new();
    match perform(project, request, &mut notices) {
        Ok(answered) => {
            let envelope = Answered::envelope(&answered.data);
            let mut all = answered.notices;
            all.extend(notices);
            Called { exit: answered.exit, envelope, notices: all, error: None }
        }
        Err(error) => failed(error, notices),
    }
}

/// Calls an operation as [`call`] does, by the text of the request.
#[must_use]
pub fn call_text(project: &Procside, request: &str) -> Called {
    if request.len() > REQUEST_BYTES_MAX {
        let message = format!("the request is over {REQUEST_BYTES_MAX} bytes");
        return failed(usage(message), Vec::new());
    }
    match serde_json::from_str::<Value>(request) {
        Ok(request) => call(project, &request),
        Err(error) => failed(usage(format!("the request is no JSON: {error}")), Vec::new()),
    }
}

fn failed(error: Error, notices: Vec<String>) -> Called {
    let (exit, envelope) = (error.kind().exit_code(), error.envelope());
    Called { exit, envelope, notices, error: Some(error) }
}

fn perform(
    project: &Procside,
    request: &Value,
    notices: &mut Vec<String>,
) -> Result<Answered, Error> {
    let shape = r#"write {"op": "list", "args": {}}"#;
    let request =
        request.as_object().ok_or_else(|| usage("a request must be an object").with_hint(shape))?;
    if let Some(key) = request.keys().find(|key| !["op", "args"].contains(&key.as_str())) {
        return Err(usage(format!("a request has no key {key:?}")).with_hint(shape));
    }
    let name = request.get("op").and_then(Value::as_str);
    let name = name.ok_or_else(|| usage("a request must name its `op`").with_hint(shape))?;
    let operation = find(name).ok_or_else(|| unknown(name))?;
    let none = Map::new();
    let args = match request.get("args") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(args)) => args,
        Some(_) => return Err(usage("`args` must be an object").with_hint(shape)),
    };
    let given = Given::read(project, operation, args)?;
    let answered = (operation.perform)(&given);
    notices.extend(given.project.take_notices());
    if given.flag("dry-run") {
        notices.push("dry run: nothing was written".to_owned());
    }
    answered
}

fn unknown(name: &str) -> Error {
    let error = usage(format!("there is no operation {name:?}"));
    match nearest(name, table().map(|operation| operation.name)) {
        Some(nearest) => error.with_hint(format!("did you mean `{nearest}`?")),
        None => error.with_hint("the operations are the commands that `procside help` lists"),
    }
}
