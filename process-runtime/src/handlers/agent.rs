//! The handler of `agent_task` steps whose agent is a program.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    program::{Program, Programs, Ran, run, take_up},
    reading::{agent_result, cost_of},
    secrets::Masker,
};
use crate::handler::{Done, Failed, Handler, Performing, TakenUp, TakingUp, Work};

/// How an agent is started, as `.procside.yaml` declares it (docs/formats/config.md).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AgentCommand {
    /// The program and its arguments; `${NAME}` in them is left as written.
    pub command: Vec<String>,
    /// How it is told its message.
    pub input: Told,
    /// Variables of its environment; `${NAME}` in their values is a secret.
    pub env: Vec<(String, String)>,
    /// The folder in which it runs, below the root of the project; the root when nothing is said.
    pub cwd: Option<String>,
    /// The longest that it may take, whatever the step says.
    pub timeout: Option<Duration>,
}

/// How an agent is told its message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Told {
    /// As the last argument.
    Argument,
    /// On its standard input.
    #[default]
    Stdin,
}

/// Asks an agent by running its program.
///
/// The keys `output` and `cost` of a JSON object on its standard output are the result; without
/// `output` all of it is the output, and what is no JSON becomes `{"text": …}`. The digits of a
/// cost are those that the program wrote. A program that fails may name a cost all the same.
///
/// Beside what a command gets it gets `PROCSIDE_MODEL` and `PROCSIDE_TEMPERATURE` where the step
/// names them.
#[derive(Clone, Debug)]
pub struct AgentHandler {
    agent: Arc<AgentCommand>,
    programs: Arc<Programs>,
}

impl AgentHandler {
    /// Returns the handler of one agent.
    #[must_use]
    pub fn new(agent: AgentCommand, programs: Programs) -> Self {
        Self { agent: Arc::new(agent), programs: Arc::new(programs) }
    }
}

impl Handler for AgentHandler {
    fn perform(&self, work: Work) -> Performing {
        let (agent, programs) = (Arc::clone(&self.agent), Arc::clone(&self.programs));
        Box::pin(async move {
            let mut masker = Masker::new(programs.secrets.clone());
            let program = program_of(&agent, &work.task, &mut masker)
                .map_err(|error| Failed::new(masker.mask(&error)))?;
            let ran = run(&programs, program, work, &masker).await?;
            result_of(ran, &masker)
        })
    }

    fn take_up(&self, work: Work) -> TakingUp {
        let (agent, programs) = (Arc::clone(&self.agent), Arc::clone(&self.programs));
        Box::pin(async move {
            let mut masker = Masker::new(programs.secrets.clone());
            let Ok(program) = program_of(&agent, &work.task, &mut masker) else {
                return TakenUp::Doubt;
            };
            let taken = take_up(&programs, program, work, &masker).await;
            taken.map(|ran| result_of(ran, &masker))
        })
    }
}

fn result_of(ran: Ran, masker: &Masker) -> Result<Done, Failed> {
    match ran.error {
        Some(error) => Err(Failed { error, cost: cost_of(&ran.stdout).unwrap_or(None) }),
        None => agent_result(&ran.stdout, masker).map_err(Failed::new),
    }
}

fn program_of(agent: &AgentCommand, task: &Value, masker: &mut Masker) -> Result<Program, String> {
    if agent.command.is_empty() {
        return Err("the agent has no `command`".to_owned());
    }
    let mut env = Vec::with_capacity(agent.env.len() + 2);
    for (name, value) in &agent.env {
        let value = masker.resolve(value).map_err(|missing| missing.to_string())?;
        env.push((name.clone(), value));
    }
    for (name, key) in [("PROCSIDE_MODEL", "model"), ("PROCSIDE_TEMPERATURE", "temperature")] {
        match &task[key] {
            Value::Null => {}
            Value::String(text) => env.push((name.to_owned(), text.clone())),
            value => env.push((name.to_owned(), value.to_string())),
        }
    }
    let message = task["message"].as_str().unwrap_or_default().to_owned();
    let mut run = agent.command.clone();
    let stdin = match agent.input {
        Told::Argument => {
            run.push(message);
            None
        }
        Told::Stdin => Some(message),
    };
    Ok(Program { run, env, cwd: agent.cwd.clone(), stdin, timeout: agent.timeout })
}
