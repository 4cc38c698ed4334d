//! Agents that are programs: how they are told, what they give.

use process_runtime::handlers::{AgentCommand, AgentHandler, Told};
use serde_json::{Value, json};

use super::support::{Tried, attempt, project};

fn ask(script: &str, input: Told, task: Value) -> Tried {
    let (_folder, programs) = project();
    let agent = AgentCommand {
        command: ["sh", "-c", script, "agent"].map(str::to_owned).into(),
        input,
        env: vec![("KEY".to_owned(), "${TOKEN}".to_owned())],
        ..AgentCommand::default()
    };
    attempt(&AgentHandler::new(agent, programs), task)
}

#[test]
fn an_agent_is_told_on_its_standard_input_or_as_its_last_argument() {
    let task = json!({"type": "agent_task", "agent": "writer", "message": "Write; $HOME ${TOKEN}"});
    let expected = json!({"text": "Write; $HOME ${TOKEN}"});
    assert_eq!(ask("cat", Told::Stdin, task.clone()).output(), expected);
    assert_eq!(ask("printf '%s' \"$1\"", Told::Argument, task).output(), expected);
}

#[test]
fn an_agent_knows_the_model_and_temperature_that_it_should_use() {
    let script = "echo \"$PROCSIDE_MODEL|$PROCSIDE_TEMPERATURE|$PROCSIDE_IDEMPOTENCY_KEY|$KEY\"";
    let task = json!({"message": "x", "model": "small", "temperature": 0.20});
    let expected = json!({"text": "small|0.2|proc-001/step/1/1|***"});
    assert_eq!(ask(script, Told::Stdin, task).output(), expected);
    let expected = json!({"text": "||proc-001/step/1/1|***"});
    assert_eq!(ask(script, Told::Stdin, json!({"message": "x"})).output(), expected);
}

#[test]
fn an_agent_gives_an_output_and_its_exact_cost() {
    let script = r#"echo '{"output": {"text": "hi"}, "cost": 0.1000000000000000055, "tokens": 9}'"#;
    let done = ask(script, Told::Stdin, json!({"message": "x"})).result.unwrap();
    assert_eq!(done.output, json!({"text": "hi"}));
    assert_eq!(done.cost.map(|cost| cost.to_string()).as_deref(), Some("0.1000000000000000055"));

    let done = ask("echo '{\"a\": 1}'", Told::Stdin, json!({"message": "x"})).result.unwrap();
    assert_eq!((done.output, done.cost), (json!({"a": 1}), None));
}

#[test]
fn a_cost_that_is_no_amount_fails_the_attempt() {
    let error = ask("echo '{\"cost\": -1}'", Told::Stdin, json!({"message": "x"})).error();
    assert_eq!(error, "cost `-1` is no amount of zero or more with at most 28 digits");
}

#[test]
fn an_agent_that_fails_may_name_what_it_cost() {
    let script = "echo '{\"cost\": \"0.50\"}'; echo over quota >&2; exit 1";
    let failed = ask(script, Told::Stdin, json!({"message": "x"})).result.unwrap_err();
    assert_eq!(failed.error, "`sh` ended with exit code 1: over quota");
    assert_eq!(failed.cost.map(|cost| cost.to_string()).as_deref(), Some("0.50"));
}

#[test]
fn an_agent_without_a_program_is_refused() {
    let (_folder, programs) = project();
    let handler = AgentHandler::new(AgentCommand::default(), programs);
    assert_eq!(attempt(&handler, json!({"message": "x"})).error(), "the agent has no `command`");
}
