//! The configuration of a project: `.procside.yaml`.

use std::{collections::BTreeMap, path::Path};

use process_core::{Severity, TemplateId, gates::Gate, yaml::Data};
use process_store::{
    files::{CONFIG_BYTES_MAX, Files, Options},
    place::Address,
};
use serde_json::{Map, Value, json};

use crate::{
    config_channels::Channels,
    config_team::{Agent, agents, channels},
    error::{Error, ErrorKind},
    project::Procside,
};

/// How many attempts one driver performs at once when nothing is said.
pub(crate) const CONCURRENCY: usize = 16;

/// The most attempts that one driver performs at once; each may be a program of its own.
pub const CONCURRENCY_MAX: usize = 1_024;

/// What is wrong with a store that is none.
const NO_STORE: &str = "`store` must be `files` or `sqlite:FILE`";

/// What a project sets (docs/formats/config.md).
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The template of processes for which none is named.
    pub template: Option<TemplateId>,
    /// Whether the project may be written on a network file system.
    pub network_file_system: bool,
    /// Gates that matter more or less than usual; `None` turns one off.
    pub gates: BTreeMap<&'static str, Option<Severity>>,
    /// Agents that are programs, by name.
    pub agents: BTreeMap<String, Agent>,
    /// How notifications are sent.
    pub channels: Channels,
    /// How many attempts are performed at once.
    pub concurrency: Option<usize>,
    /// Where processes are kept, when not in files: `sqlite:FILE`.
    pub store: Option<String>,
}

impl Config {
    /// Reads the configuration of a project; keys that it does not know are left alone.
    pub(crate) fn of(files: &Files) -> Result<Self, Error> {
        let mut config = Self::default();
        let Some((node, _)) = files.read_config()? else { return Ok(config) };
        if matches!(node.data, Data::Null) {
            return Ok(config);
        }
        let Value::Object(map) = node.to_json() else {
            return Err(bad(node.place.line, "the configuration must be a map"));
        };
        for (key, value) in &map {
            config.take(key, value).map_err(|reason| {
                let line = node.get(key).map_or(0, |node| node.place.line);
                bad(line, &reason)
            })?;
        }
        Ok(config)
    }

    /// Returns where a project keeps its processes. A configuration that cannot be read says nothing
    /// of it, unless it mentions a store.
    pub(crate) fn address_of(files: &Files) -> Result<Address, process_store::Error> {
        let refused = || {
            let message = format!("cannot read `.procside.yaml`: {NO_STORE}");
            process_store::Error::new(process_store::ErrorKind::Invalid, message)
        };
        let store = match files.read_config() {
            Ok(None) => None,
            Ok(Some((node, _))) => match node.get("store").map(|store| &store.data) {
                None => None,
                Some(Data::Text(text)) => Some(text.clone()),
                Some(_) => return Err(refused()),
            },
            Err(error) => {
                let path = files.layout().config();
                let text = files.disk().read(&path, CONFIG_BYTES_MAX as u64).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                let mentions = text.lines().any(|line| {
                    line.trim_start_matches(['{', ' ', '"', '\'']).starts_with("store")
                });
                return if mentions { Err(error) } else { Ok(Address::Files) };
            }
        };
        match store {
            Some(store) => Address::parse(&store, files.layout().root()).map_err(|_| refused()),
            None => Ok(Address::Files),
        }
    }

    /// Returns how much a gate matters in this project; `None` when it is turned off.
    #[must_use]
    pub fn severity_of(&self, gate: Gate) -> Option<Severity> {
        self.gates.get(gate.as_str()).copied().unwrap_or(Some(gate.severity()))
    }

    /// Returns the configuration as it takes effect, defaults included.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let gates: Map<String, Value> = Gate::ALL
            .into_iter()
            .map(|gate| {
                let severity = self.severity_of(gate).map_or("off", Severity::as_str);
                (gate.as_str().to_owned(), severity.into())
            })
            .collect();
        json!({
            "template": self.template,
            "network_file_system": self.network_file_system,
            "gates": gates,
            "concurrency": self.concurrency.unwrap_or(CONCURRENCY),
            "store": self.store.as_deref().unwrap_or("files"),
        })
    }

    fn take(&mut self, key: &str, value: &Value) -> Result<(), String> {
        match key {
            "template" => {
                let text = value.as_str().ok_or("`template` must be a template id")?;
                self.template = Some(TemplateId::parse(text).map_err(|error| error.to_string())?);
            }
            "network_file_system" => {
                self.network_file_system =
                    value.as_bool().ok_or("`network_file_system` must be true or false")?;
            }
            "agents" => self.agents = agents(value)?,
            "channels" => self.channels = channels(value)?,
            "concurrency" => {
                let limit = value.as_u64().and_then(|limit| usize::try_from(limit).ok());
                let limit = limit.filter(|limit| (1..=CONCURRENCY_MAX).contains(limit));
                let wrong =
                    || format!("`concurrency` must be a number from 1 to {CONCURRENCY_MAX}");
                self.concurrency = Some(limit.ok_or_else(wrong)?);
            }
            "store" => {
                let store = value.as_str().ok_or(NO_STORE)?;
                Address::parse(store, Path::new("")).map_err(|_| NO_STORE)?;
                self.store = Some(store.to_owned());
            }
            "gates" => {
                let gates = value.as_object().ok_or("`gates` must be a map")?;
                for (name, value) in gates {
                    self.take_gate(name, value)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_gate(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let names = || Gate::ALL.map(Gate::as_str).join(", ");
        let gate = Gate::parse(name)
            .ok_or_else(|| format!("`{name}` is no gate: the gates are {}", names()))?;
        let severity = match value.as_str() {
            Some("error") => Some(Severity::Error),
            Some("warning") => Some(Severity::Warning),
            Some("off") => None,
            Some(_) | None => return Err(format!("`gates.{name}` must be error, warning or off")),
        };
        self.gates.insert(gate.as_str(), severity);
        Ok(())
    }
}

impl Procside {
    /// Returns the configuration as it takes effect.
    ///
    /// # Errors
    /// `Invalid` with the line of what is wrong.
    pub fn config(&self) -> Result<Config, Error> {
        Config::of(self.files())
    }

    /// Sets keys of the configuration, each `KEY=VALUE`; comments and unknown keys stay.
    ///
    /// # Errors
    /// `Invalid` for a key that there is not, or a value that it cannot have.
    pub fn set_config(&self, settings: &[String]) -> Result<Config, Error> {
        // Whoever allows a network file system must be able to say so on one.
        let (_, wanted) = self.with_settings(settings)?;
        let mut project = self.clone();
        project.place.set_options(Options { allow_network: wanted.network_file_system });
        let mut change = project.begin_files()?;
        // Somebody may have set something else before the lock was ours.
        let (root, config) = self.with_settings(settings)?;
        change.write_config(&Value::Object(root))?;
        self.finish_files(change);
        Ok(config)
    }

    /// Returns the configuration file's content with these settings in it, and what it says.
    fn with_settings(&self, settings: &[String]) -> Result<(Map<String, Value>, Config), Error> {
        let mut root = match self.files().read_config()? {
            Some((node, _)) => match node.to_json() {
                Value::Object(map) => map,
                Value::Null => Map::new(),
                _ => return Err(bad(node.place.line, "the configuration must be a map")),
            },
            None => Map::new(),
        };
        for setting in settings {
            let (key, text) = setting.split_once('=').ok_or_else(|| {
                Error::new(ErrorKind::Invalid, format!("{setting:?} is no KEY=VALUE"))
            })?;
            set(&mut root, key.trim(), text.trim())?;
        }
        let mut config = Config::default();
        for (key, value) in &root {
            config.take(key, value).map_err(|reason| Error::new(ErrorKind::Invalid, reason))?;
        }
        Ok((root, config))
    }
}

fn set(root: &mut Map<String, Value>, key: &str, text: &str) -> Result<(), Error> {
    let value = match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::from(text),
    };
    match key.split_once('.') {
        None if matches!(key, "template" | "network_file_system" | "store") => {
            root.insert(key.to_owned(), value);
        }
        None if key == "concurrency" => {
            root.insert(key.to_owned(), text.parse::<u64>().map_or(value, Value::from));
        }
        Some(("gates", gate)) if Gate::parse(gate).is_some() => {
            let gates = root.entry("gates").or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(gates) = gates {
                gates.insert(gate.to_owned(), value);
            }
        }
        _ => {
            let message = format!("there is no setting `{key}`");
            return Err(Error::new(ErrorKind::Invalid, message)
                .with_hint("`procside config` shows every setting"));
        }
    }
    Ok(())
}

fn bad(line: u32, reason: &str) -> Error {
    let place = if line == 0 { String::new() } else { format!("line {line}: ") };
    Error::new(ErrorKind::Invalid, format!("cannot read `.procside.yaml`: {place}{reason}"))
}
