//! The handler of `command` steps: a program runs, its standard output is the step's output.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    program::{Program, Programs, Ran, run, take_up},
    reading::output_of,
    secrets::Masker,
};
use crate::handler::{Done, Failed, Handler, Performing, TakenUp, TakingUp, Work};

/// Runs the program of a `command` step.
///
/// JSON on its standard output is the output, anything else becomes `{"text": …}`. An exit code
/// other than 0 fails the attempt, with the last lines of the standard error.
///
/// It gets `PROCSIDE_IDEMPOTENCY_KEY`, `PROCSIDE_PROCESS`, `PROCSIDE_RUN_ID` and
/// `PROCSIDE_CONTEXT_FILE`, beside our own environment and that of the step. Each of its outputs
/// has at most 4 MiB.
#[derive(Clone, Debug)]
pub struct CommandHandler {
    programs: Arc<Programs>,
}

impl CommandHandler {
    /// Returns a handler that runs programs so.
    #[must_use]
    pub fn new(programs: Programs) -> Self {
        Self { programs: Arc::new(programs) }
    }
}

impl Handler for CommandHandler {
    fn perform(&self, work: Work) -> Performing {
        let programs = Arc::clone(&self.programs);
        Box::pin(async move {
            let mut masker = Masker::new(programs.secrets.clone());
            let program = program_of(&work.task, &mut masker)
                .map_err(|error| Failed::new(masker.mask(&error)))?;
            let ran = run(&programs, program, work, &masker).await?;
            result_of(ran, &masker)
        })
    }

    fn take_up(&self, work: Work) -> TakingUp {
        let programs = Arc::clone(&self.programs);
        Box::pin(async move {
            let mut masker = Masker::new(programs.secrets.clone());
            let Ok(program) = program_of(&work.task, &mut masker) else { return TakenUp::Doubt };
            let taken = take_up(&programs, program, work, &masker).await;
            taken.map(|ran| result_of(ran, &masker))
        })
    }
}

fn result_of(ran: Ran, masker: &Masker) -> Result<Done, Failed> {
    match ran.error {
        Some(error) => Err(Failed::new(error)),
        None => Ok(Done { output: output_of(&ran.stdout, masker), cost: None }),
    }
}

fn program_of(task: &Value, masker: &mut Masker) -> Result<Program, String> {
    let mut run = match &task["run"] {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => {
            items.iter().map(|item| text_of(item, "run")).collect::<Result<_, _>>()?
        }
        _ => return Err("`run` is missing".to_owned()),
    };
    if task["shell"] == Value::Bool(true) {
        if run.len() != 1 {
            return Err("`run` is one text where a shell reads it".to_owned());
        }
        run.splice(..0, ["/bin/sh", "-c"].map(str::to_owned));
    }
    let none = Map::new();
    let env = task["env"].as_object().unwrap_or(&none).iter().map(|(name, value)| {
        let value =
            masker.resolve(&text_of(value, name)?).map_err(|missing| missing.to_string())?;
        Ok::<_, String>((name.clone(), value))
    });
    let env = env.collect::<Result<_, _>>()?;
    let stdin = match &task["stdin"] {
        Value::Null => None,
        value => {
            let text = text_of(value, "stdin")?;
            Some(masker.resolve(&text).map_err(|missing| missing.to_string())?)
        }
    };
    let cwd = task["cwd"].as_str().map(str::to_owned);
    Ok(Program { run, env, cwd, stdin, timeout: None })
}

fn text_of(value: &Value, what: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(format!("`{what}` is no text")),
    }
}
