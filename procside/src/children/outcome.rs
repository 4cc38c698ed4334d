//! What operations on children return, and how `--json` shows it (docs/cli.md).

use procreg::{
    Backoff, Certainty, Exit, OwnerState, ProcessInfo, ProcessStatus, Reason, RestartPolicy,
};
use serde_json::{Map, Value, json};

/// A child, judged by what can be seen of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Child {
    /// What the registry says.
    pub info: ProcessInfo,
    /// What is to be thought of it.
    pub status: ProcessStatus,
    /// Why, for people.
    pub reason: String,
    /// How sure that is: `certain`, `probable` or `unknown`.
    pub certainty: Certainty,
    /// What became of whoever looks after it.
    pub owner: OwnerState,
    /// Whether it lives, or what it started does, and nobody alive looks after it.
    pub is_orphan: bool,
    /// What it has left running, though it has ended itself.
    pub left: Vec<u32>,
}

/// A child that was started or adopted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spawned {
    /// The child.
    pub child: Child,
    /// Whether it ran already, and has an owner again.
    pub is_adopted: bool,
}

/// A child, and what was done about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cleaned {
    /// The child.
    pub child: Child,
    /// Why it was left, or what was done.
    pub reason: String,
}

/// What cleaning did, or would do.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cleaning {
    /// Ended; their entries are removed.
    pub cleaned: Vec<Cleaned>,
    /// Left alone or not to be ended; their entries stay.
    pub failed: Vec<Cleaned>,
    /// Gone before; their entries are removed.
    pub already_gone: Vec<Cleaned>,
    /// Whether this is only what would be done.
    pub is_plan: bool,
}

/// A child that was ended by name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndedChild {
    /// The child as it stands.
    pub child: Child,
    /// What was done about it.
    pub cleaning: Cleaning,
}

impl Child {
    /// Returns a child as JSON: the keys of the registry's format, then what is known beyond.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let info = &self.info;
        let identity = info.identity.as_ref();
        let mut value = Map::new();
        let mut put = |key: &str, what: Value| value.insert(key.to_owned(), what);
        put("pid", info.pid.into());
        put("command", info.command.as_str().into());
        put("args", json!(info.args));
        put("namespace", info.namespace.as_str().into());
        put("taskId", json!(info.task_id.as_ref().map(procreg::TaskId::as_str)));
        put("startTime", info.start_time.into());
        put("status", self.status.as_str().into());
        put("recorded_status", info.status.as_str().into());
        put("reason", self.reason.as_str().into());
        put("certainty", certainty(self.certainty).into());
        put("orphan", self.is_orphan.into());
        put(
            "owner",
            json!(
                identity.and_then(|identity| identity.owner.as_ref()).map(|owner| {
                    json!({"pid": owner.pid, "alive": owner_is_alive(self.owner)})
                })
            ),
        );
        put("run_id", json!(identity.and_then(|identity| identity.run_id.as_deref())));
        put("log", json!(identity.and_then(|identity| identity.log.as_deref())));
        put("exit", json!(info.exit().map(exit_value)));
        put(
            "restart",
            json!(identity.and_then(|identity| identity.restart.as_ref()).map(|state| {
                json!({
                    "policy": state.policy.as_str(),
                    "restarts": state.restarts,
                    "crashes": state.crashes.len(),
                    "gave_up": self.gave_up(),
                })
            })),
        );
        put(
            "limits",
            json!(identity.and_then(|identity| identity.limits.as_ref()).map(|limits| {
                json!({
                    "memory_bytes": limits.memory_bytes,
                    "cpu_s": limits.cpu_s,
                    "files": limits.open_files,
                    "processes": limits.processes,
                })
            })),
        );
        put("left", json!(self.left));
        Value::Object(value)
    }

    /// Tells whether it ended so often that whoever kept it running gave up.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        let identity = self.info.identity.as_ref();
        let Some(state) = identity.and_then(|identity| identity.restart.as_ref()) else {
            return false;
        };
        let is_wanted = match &state.policy {
            RestartPolicy::Always => true,
            RestartPolicy::OnFailure => self.info.exit().is_some_and(|exit| !exit.is_success()),
            RestartPolicy::Never | RestartPolicy::Other(_) => false,
        };
        let crashes = u32::try_from(state.crashes.len()).unwrap_or(u32::MAX);
        is_wanted && self.info.exit().is_some() && crashes >= Backoff::default().crashes_max
    }

    /// Tells whether it lives, as far as anybody can tell.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match &self.status {
            ProcessStatus::Orphaned | ProcessStatus::Running => true,
            ProcessStatus::Other(_) | ProcessStatus::Stale | ProcessStatus::Stopped => false,
        }
    }

    /// Tells whether it has ended and is about to be started again by its owner, who may not have
    /// recorded the end yet.
    #[must_use]
    pub fn is_restarting(&self) -> bool {
        let identity = self.info.identity.as_ref();
        let is_ending = identity.is_some_and(|identity| identity.ending.is_some());
        !self.is_live()
            && self.certainty != Certainty::Unknown
            && self.keeps_running()
            && !is_ending
            && !self.gave_up()
            && owner_is_alive(self.owner) == Some(true)
    }

    /// Tells whether somebody keeps it running, as far as its entry says.
    pub(super) fn keeps_running(&self) -> bool {
        let identity = self.info.identity.as_ref();
        identity.and_then(|identity| identity.restart.as_ref()).is_some_and(|state| {
            match &state.policy {
                RestartPolicy::Always | RestartPolicy::OnFailure => true,
                RestartPolicy::Never | RestartPolicy::Other(_) => false,
            }
        })
    }
}

impl Spawned {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({"child": self.child.to_value(), "adopted": self.is_adopted})
    }
}

impl Cleaning {
    /// Tells whether nothing was left alone.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failed.is_empty()
    }

    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let list =
            |children: &[Cleaned]| -> Value { children.iter().map(Cleaned::to_value).collect() };
        json!({
            "cleaned": list(&self.cleaned),
            "failed": list(&self.failed),
            "alreadyGone": list(&self.already_gone),
            "plan": self.is_plan,
        })
    }
}

impl Cleaned {
    fn to_value(&self) -> Value {
        let mut value = self.child.to_value();
        value["reason"] = self.reason.as_str().into();
        value
    }
}

impl EndedChild {
    /// Returns the data of the answer: as that of a cleaning, and the child.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.cleaning.to_value();
        value["child"] = self.child.to_value();
        value
    }
}

/// Says why a child is judged so.
pub(super) fn told(reason: Reason) -> &'static str {
    match reason {
        Reason::Elsewhere => "it was started on another host or in another namespace",
        Reason::Ended => "it has ended, and nobody saw how",
        Reason::ExitSeen => "its end was seen",
        Reason::NumberReused => "its number belongs to another one",
        Reason::OwnerGone => "its owner is gone",
        Reason::OwnerLives => "its owner lives",
        Reason::OwnerUnknown => "nobody looks after it",
        Reason::Rebooted => "the machine was started anew since then",
        Reason::Unverified => {
            "something has its number, and nobody can tell whether it is the child"
        }
        Reason::Unseen => "nobody can tell whether anything has its number",
    }
}

/// Says how a child ended.
pub(super) fn how(exit: &Exit) -> String {
    match (exit.code, exit.signal) {
        (Some(code), _) => format!("it ended with exit code {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => "it was seen to end".to_owned(),
    }
}

pub(super) fn owner_is_alive(owner: OwnerState) -> Option<bool> {
    match owner {
        OwnerState::Alive | OwnerState::This => Some(true),
        OwnerState::Dead => Some(false),
        OwnerState::Unknown => None,
    }
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "certain",
        Certainty::Probable => "probable",
        Certainty::Unknown => "unknown",
    }
}

fn exit_value(exit: &Exit) -> Value {
    json!({"code": exit.code, "signal": exit.signal, "at": exit.at})
}
