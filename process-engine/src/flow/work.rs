//! What a worker or person is given: everything in it is evaluated (rule E0).

use process_core::{
    definition::{Command, Notification, StepKind},
    expr::{Failure, Scope, Text},
};
use serde_json::{Map, Value};

use super::open::plain;

/// As many keys as the work of most steps has, so that its map grows once.
const KEYS: usize = 3;

/// Returns the work of a step that is performed outside; the others have none.
pub(crate) fn work_of(kind: &StepKind, scope: &dyn Scope) -> Result<Value, Failure> {
    let mut work = Map::with_capacity(KEYS);
    work.insert("type".to_owned(), kind.type_name().into());
    match kind {
        StepKind::AgentTask { agent, message, model, temperature } => {
            put(&mut work, "agent", agent.as_ref(), scope)?;
            put(&mut work, "message", message.as_ref(), scope)?;
            put(&mut work, "model", model.as_ref(), scope)?;
            if let Some(temperature) = temperature {
                work.insert("temperature".to_owned(), temperature.clone());
            }
        }
        StepKind::Command(command) => put_command(&mut work, command, scope)?,
        StepKind::Manual { message } => put(&mut work, "message", message.as_ref(), scope)?,
        StepKind::Notification(notification) => put_notification(&mut work, notification, scope)?,
        StepKind::SubProcess(child) => {
            put(&mut work, "process", Some(&child.process), scope)?;
            let mut input = Map::new();
            for (name, tree) in &child.input {
                input.insert(name.clone(), tree.value(scope)?);
            }
            work.insert("input".to_owned(), Value::Object(input));
        }
        StepKind::Approval(_)
        | StepKind::Gateway(_)
        | StepKind::Timer(_)
        | StepKind::WaitFor(_) => {}
    }
    Ok(Value::Object(work))
}

/// Returns what a notification tells.
pub(super) fn notice_of(notification: &Notification, scope: &dyn Scope) -> Result<Value, Failure> {
    let mut work = Map::new();
    work.insert("type".to_owned(), "notification".into());
    put_notification(&mut work, notification, scope)?;
    Ok(Value::Object(work))
}

fn put_command(
    work: &mut Map<String, Value>,
    command: &Command,
    scope: &dyn Scope,
) -> Result<(), Failure> {
    let run = texts(&command.run, scope)?;
    work.insert("run".to_owned(), Value::Array(run));
    if command.shell {
        work.insert("shell".to_owned(), Value::Bool(true));
    }
    if !command.env.is_empty() {
        let mut env = Map::new();
        for (name, text) in &command.env {
            env.insert(name.clone(), text.render_naming_no_secret(scope)?.into());
        }
        work.insert("env".to_owned(), Value::Object(env));
    }
    put(work, "cwd", command.cwd.as_ref(), scope)?;
    put_secretive(work, "stdin", command.stdin.as_ref(), scope)
}

fn put_notification(
    work: &mut Map<String, Value>,
    notification: &Notification,
    scope: &dyn Scope,
) -> Result<(), Failure> {
    work.insert("channel".to_owned(), notification.channel.as_str().into());
    put(work, "message", Some(&notification.message), scope)?;
    if !notification.recipients.is_empty() {
        let mut recipients = Vec::new();
        for text in &notification.recipients {
            match text.value(scope)? {
                Value::Array(several) => recipients.extend(several),
                one => recipients.push(plain(&one).into()),
            }
        }
        work.insert("recipients".to_owned(), Value::Array(recipients));
    }
    put_secretive(work, "url", notification.url.as_ref(), scope)?;
    for (name, tree) in &notification.options {
        let value = if name == "headers" {
            tree.value_naming_no_secret(scope)?
        } else {
            tree.value(scope)?
        };
        work.insert(name.clone(), value);
    }
    Ok(())
}

fn texts(texts: &[Text], scope: &dyn Scope) -> Result<Vec<Value>, Failure> {
    texts.iter().map(|text| text.render(scope).map(Value::from)).collect()
}

fn put(
    work: &mut Map<String, Value>,
    key: &str,
    text: Option<&Text>,
    scope: &dyn Scope,
) -> Result<(), Failure> {
    if let Some(text) = text {
        work.insert(key.to_owned(), text.render(scope)?.into());
    }
    Ok(())
}

/// Puts a text in which `${NAME}` is a secret, when it stands in the definition and only then.
fn put_secretive(
    work: &mut Map<String, Value>,
    key: &str,
    text: Option<&Text>,
    scope: &dyn Scope,
) -> Result<(), Failure> {
    if let Some(text) = text {
        work.insert(key.to_owned(), text.render_naming_no_secret(scope)?.into());
    }
    Ok(())
}
