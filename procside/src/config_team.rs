//! The agents and channels of a configuration (docs/formats/config.md).

use std::{collections::BTreeMap, time::Duration};

use process_core::time::parse_duration;
use serde_json::{Map, Value};

use crate::config_channels::{Channels, EmailServer, EmailTls, TelegramBot};

/// The most agents of a project.
const AGENTS_MAX: usize = 1_000;

/// An agent that is a program.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Agent {
    /// The program and its arguments; `${NAME}` in them is left as written.
    pub command: Vec<String>,
    /// How it is told its message.
    pub input: AgentInput,
    /// Variables of its environment; `${NAME}` in their values is a secret.
    pub env: Vec<(String, String)>,
    /// The folder in which it runs, below the root of the project; the root when nothing is said.
    pub cwd: Option<String>,
    /// The longest that it may take, whatever the step says.
    pub timeout: Option<Duration>,
    /// How many of its attempts are performed at once, when that is said.
    pub limit: Option<usize>,
}

/// How an agent is told its message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AgentInput {
    /// As the last argument.
    Argument,
    /// On its standard input.
    #[default]
    Stdin,
}

/// Reads the agents of a project.
pub(crate) fn agents(value: &Value) -> Result<BTreeMap<String, Agent>, String> {
    let map = value.as_object().ok_or("`agents` must be a map")?;
    if map.len() > AGENTS_MAX {
        return Err(format!("`agents` holds more than {AGENTS_MAX}"));
    }
    map.iter().map(|(name, value)| Ok((name.clone(), agent(name, value)?))).collect()
}

fn agent(name: &str, value: &Value) -> Result<Agent, String> {
    let what = format!("agents.{name}");
    let map = value.as_object().ok_or_else(|| format!("`{what}` must be a map"))?;
    let mut agent = Agent::default();
    for (key, value) in map {
        let at = format!("{what}.{key}");
        match key.as_str() {
            "command" => agent.command = texts(&at, value)?,
            "input" => {
                agent.input = match value.as_str() {
                    Some("stdin") => AgentInput::Stdin,
                    Some("argument") => AgentInput::Argument,
                    _ => return Err(format!("`{at}` must be stdin or argument")),
                };
            }
            "env" => agent.env = variables(&at, value)?,
            "cwd" => agent.cwd = Some(text(&at, value)?),
            "timeout" => {
                let timeout = value.as_str().and_then(parse_duration);
                agent.timeout =
                    Some(timeout.ok_or_else(|| format!("`{at}` must be a duration such as 5m"))?);
            }
            "limit" => {
                let limit = value.as_u64().filter(|limit| *limit > 0);
                let limit = limit.and_then(|limit| usize::try_from(limit).ok());
                agent.limit = Some(limit.ok_or_else(|| format!("`{at}` must be a number from 1"))?);
            }
            _ => return Err(format!("there is no key `{at}`")),
        }
    }
    if agent.command.first().is_none_or(|program| program.trim().is_empty()) {
        return Err(format!("`{what}.command` must be a list that begins with a program"));
    }
    Ok(agent)
}

/// Reads the channels of a project.
pub(crate) fn channels(value: &Value) -> Result<Channels, String> {
    let map = value.as_object().ok_or("`channels` must be a map")?;
    let mut channels = Channels::default();
    for (name, value) in map {
        let what = format!("channels.{name}");
        let map = value.as_object().ok_or_else(|| format!("`{what}` must be a map"))?;
        match name.as_str() {
            "webhook" => channels.webhook_url = Section::new(&what, map, &["url"])?.take("url")?,
            "slack" => channels.slack_url = Section::new(&what, map, &["url"])?.take("url")?,
            "telegram" => channels.telegram = Some(telegram(&what, map)?),
            "email" => channels.email = Some(email(&what, map)?),
            _ => return Err(format!("there is no channel `{name}`")),
        }
    }
    Ok(channels)
}

fn telegram(what: &str, map: &Map<String, Value>) -> Result<TelegramBot, String> {
    let section = Section::new(what, map, &["token", "chat_id", "url"])?;
    Ok(TelegramBot {
        token: section.need("token")?,
        chat_id: section.take("chat_id")?,
        base_url: section.take("url")?,
    })
}

fn email(what: &str, map: &Map<String, Value>) -> Result<EmailServer, String> {
    let keys = ["host", "port", "tls", "username", "password", "from"];
    let section = Section::new(what, map, &keys)?;
    let port = match map.get("port") {
        None => None,
        Some(port) => {
            let number = port.as_u64().and_then(|port| u16::try_from(port).ok());
            Some(number.ok_or_else(|| format!("`{what}.port` must be a number to 65535"))?)
        }
    };
    let tls = match map.get("tls").map(Value::as_str) {
        None | Some(Some("always")) => EmailTls::Always,
        Some(Some("starttls")) => EmailTls::StartTls,
        Some(Some("never")) => EmailTls::Never,
        Some(_) => return Err(format!("`{what}.tls` must be always, starttls or never")),
    };
    Ok(EmailServer {
        host: section.need("host")?,
        port,
        tls,
        username: section.take("username")?,
        password: section.take("password")?,
        from: section.need("from")?,
    })
}

/// A map of which every key is known.
struct Section<'a> {
    what: &'a str,
    map: &'a Map<String, Value>,
}

impl<'a> Section<'a> {
    fn new(what: &'a str, map: &'a Map<String, Value>, keys: &[&str]) -> Result<Self, String> {
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => Err(format!("there is no key `{what}.{key}`")),
            None => Ok(Self { what, map }),
        }
    }

    fn take(&self, key: &str) -> Result<Option<String>, String> {
        let at = || format!("{}.{key}", self.what);
        self.map.get(key).map(|value| text(&at(), value)).transpose()
    }

    fn need(&self, key: &str) -> Result<String, String> {
        self.take(key)?.ok_or_else(|| format!("`{}.{key}` is missing", self.what))
    }
}

fn text(at: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(format!("`{at}` must be a text"))
        }
    }
}

fn texts(at: &str, value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or_else(|| format!("`{at}` must be a list"))?;
    list.iter().map(|value| text(at, value)).collect()
}

fn variables(at: &str, value: &Value) -> Result<Vec<(String, String)>, String> {
    let map = value.as_object().ok_or_else(|| format!("`{at}` must be a map"))?;
    let one = |(name, value): (&String, &Value)| {
        Ok((name.clone(), text(&format!("{at}.{name}"), value)?))
    };
    map.iter().map(one).collect()
}
