//! What is to be started.

use std::{path::PathBuf, time::Duration};

use process_core::time::parse_duration;
use process_runtime::children::Limits;
use procreg::{ChildLimits, Namespace, RestartPolicy, TaskId, limits::COMMAND_BYTES_MAX};
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};

/// A program that is to run as a child.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SpawnRequest {
    /// Whose children it belongs to; `default` without one.
    pub namespace: Option<String>,
    /// What it works on; the next free `task-N` without one.
    pub task: Option<String>,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Whether it is started again when it ends.
    pub restart: RestartPolicy,
    /// What it may use.
    pub limits: SpawnLimits,
    /// Variables beside those of our own environment.
    pub env: Vec<(String, String)>,
    /// The folder in which it runs, below the one that was opened; that one without it.
    pub cwd: Option<PathBuf>,
    /// Whether nobody looks after it once it runs: it outlives us by intent, and its end is noticed
    /// by whoever looks. Else this program is its owner and records its end.
    pub detached: bool,
}

/// What a child may use; it holds for the child and for each program that it starts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SpawnLimits {
    /// Bytes of memory that it may map.
    pub memory_bytes: Option<u64>,
    /// How long it may compute; whole seconds, rounded up.
    pub cpu: Option<Duration>,
    /// Files that it may have open.
    pub files: Option<u64>,
    /// Processes that its user may have.
    pub processes: Option<u64>,
}

/// A request whose parts are known to be right.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub(super) namespace: Namespace,
    pub(super) task: Option<TaskId>,
    pub(super) request: SpawnRequest,
}

impl SpawnRequest {
    pub(super) fn parse(self) -> Result<Parsed, Error> {
        let namespace = match &self.namespace {
            Some(namespace) => parse_namespace(namespace)?,
            None => Namespace::default(),
        };
        let task = self.task.as_deref().map(parse_task).transpose()?;
        if self.command.first().is_none_or(String::is_empty) {
            return Err(Error::new(ErrorKind::Invalid, "no program is named"));
        }
        let bytes: usize = self.command.iter().map(String::len).sum();
        if bytes > COMMAND_BYTES_MAX {
            let message = format!(
                "the command is {bytes} bytes long; at most {COMMAND_BYTES_MAX} are recorded"
            );
            let hint = "hand long texts to the program in a file";
            return Err(Error::new(ErrorKind::Invalid, message).with_hint(hint));
        }
        if let RestartPolicy::Other(policy) = &self.restart {
            let message = format!("{:?} is no restart policy", policy.as_ref());
            let hint = "it is one of never, on-failure, always";
            return Err(Error::new(ErrorKind::Invalid, message).with_hint(hint));
        }
        self.limits.check()?;
        Ok(Parsed { namespace, task, request: self })
    }

    /// Returns the request as the program that supervises reads it.
    pub(super) fn to_value(&self) -> Value {
        json!({
            "namespace": self.namespace,
            "task": self.task,
            "command": self.command,
            "restart": self.restart.as_str(),
            "limits": {
                "memory_bytes": self.limits.memory_bytes,
                "cpu_ms": self.limits.cpu.map(|cpu| u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX)),
                "files": self.limits.files,
                "processes": self.limits.processes,
            },
            "env": self.env,
            "cwd": self.cwd.as_ref().map(|cwd| cwd.to_string_lossy()),
        })
    }

    /// Reads a request as [`SpawnRequest::to_value`] wrote it; what it does not understand is left out.
    pub(super) fn of_value(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |value: &Value| -> Vec<Value> { value.as_array().cloned().unwrap_or_default() };
        let limits = &value["limits"];
        Self {
            namespace: text(&value["namespace"]),
            task: text(&value["task"]),
            command: list(&value["command"]).iter().filter_map(text).collect(),
            restart: RestartPolicy::parse(value["restart"].as_str().unwrap_or("never")),
            limits: SpawnLimits {
                memory_bytes: limits["memory_bytes"].as_u64(),
                cpu: limits["cpu_ms"].as_u64().map(Duration::from_millis),
                files: limits["files"].as_u64(),
                processes: limits["processes"].as_u64(),
            },
            env: list(&value["env"])
                .iter()
                .filter_map(|pair| Some((text(&pair[0])?, text(&pair[1])?)))
                .collect(),
            cwd: value["cwd"].as_str().map(PathBuf::from),
            detached: false,
        }
    }
}

impl SpawnLimits {
    /// Reads limits as they are written, each `memory=512M`, `cpu=60s`, `files=256` or
    /// `processes=64`; several may stand in one text, with commas.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut limits = Self::default();
        for text in texts.into_iter().flat_map(|text| text.split(',')) {
            limits.read(text.trim()).ok_or_else(|| {
                Error::new(ErrorKind::Invalid, format!("{text:?} is no limit"))
                    .with_hint("write memory=512M, cpu=60s, files=256 or processes=64")
            })?;
        }
        Ok(limits)
    }

    fn read(&mut self, text: &str) -> Option<()> {
        let (name, value) = text.split_once('=')?;
        match name {
            "cpu" => self.cpu = Some(parse_duration(value)?),
            "files" => self.files = Some(value.parse().ok()?),
            "memory" => self.memory_bytes = Some(parse_bytes(value)?),
            "processes" => self.processes = Some(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }

    fn check(&self) -> Result<(), Error> {
        let zero = |limit: Option<u64>| limit == Some(0);
        let is_zero = zero(self.memory_bytes)
            || zero(self.files)
            || zero(self.processes)
            || self.cpu.is_some_and(|cpu| cpu.is_zero());
        if is_zero {
            return Err(Error::new(ErrorKind::Invalid, "a limit of 0 lets nothing run"));
        }
        Ok(())
    }

    pub(super) fn to_limits(self) -> Limits {
        Limits {
            memory_bytes: self.memory_bytes,
            cpu_time: self.cpu,
            files: self.files,
            processes: self.processes,
        }
    }

    pub(super) fn to_recorded(self) -> Option<ChildLimits> {
        (self != Self::default()).then(|| ChildLimits {
            cpu_s: self.cpu.map(|cpu| cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0)),
            memory_bytes: self.memory_bytes,
            open_files: self.files,
            processes: self.processes,
            ..ChildLimits::default()
        })
    }
}

/// Reads a policy as people write it: `never`, `on-failure` or `always`.
pub(crate) fn parse_restart(text: &str) -> RestartPolicy {
    RestartPolicy::parse(&text.replace('-', "_"))
}

/// Reads a size such as 4096, 512K, 512M or 2G; the letters count in powers of 1024.
fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.strip_suffix("iB").or_else(|| text.strip_suffix('B')).unwrap_or(text);
    let (digits, factor) = match text.chars().last()? {
        'k' | 'K' => (text.get(..text.len() - 1)?, 1_u64 << 10),
        'm' | 'M' => (text.get(..text.len() - 1)?, 1 << 20),
        'g' | 'G' => (text.get(..text.len() - 1)?, 1 << 30),
        't' | 'T' => (text.get(..text.len() - 1)?, 1 << 40),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

pub(super) fn parse_namespace(text: &str) -> Result<Namespace, Error> {
    Namespace::parse(text).map_err(|error| Error::new(ErrorKind::Invalid, error.to_string()))
}

pub(super) fn parse_task(text: &str) -> Result<TaskId, Error> {
    TaskId::parse(text).map_err(|error| Error::new(ErrorKind::Invalid, error.to_string()))
}
