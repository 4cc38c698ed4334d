//! The start of a child, with or without somebody who keeps it running.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    process,
};

use process_runtime::children::{ChildProgram, NotStarted, adopted, is_ending, start, this_owner};
use process_store::logs;
use procreg::{
    Certainty, ChildIdentity, Delta, EntryKey, Namespace, ProcessInfo, ProcessMetadata,
    ProcessRegistry, ProcessStatus, RestartState, TaskId,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    list::is_detached,
    open::{Children, now_ms},
    outcome::Child,
    request::Parsed,
};
use crate::error::{Error, ErrorKind};

/// How many names are tried for a task that has none.
const TASK_NUMBER_MAX: u32 = 1_000_000;

/// A child that is about to be started.
pub(super) struct Starting<'a> {
    pub(super) children: &'a Children,
    pub(super) parsed: &'a Parsed,
    pub(super) task: &'a TaskId,
    /// Whether we look after it.
    pub(super) is_owned: bool,
    /// What is remembered of restarts, when it is kept running.
    pub(super) restart: Option<&'a RestartState>,
    /// The child that ended before it.
    pub(super) last: Option<&'a EntryKey>,
}

/// Why a child is not started.
pub(super) enum Refusal {
    /// This is wrong.
    Error(Error),
    /// Somebody asked for its end.
    Unwanted,
}

impl From<process_store::Error> for Refusal {
    fn from(error: process_store::Error) -> Self {
        Self::Error(error.into())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A task with the log that its children write.
pub(super) struct Named {
    pub(super) task: TaskId,
    pub(super) log: PathBuf,
    pub(super) file: File,
    /// Whether the name was taken for this start, so that it goes when the start fails.
    pub(super) is_claimed: bool,
}

impl Named {
    /// Gives the name back that was taken for a start that failed.
    pub(super) fn give_back(&self) {
        if self.is_claimed {
            logs::give_back(&self.log);
        }
    }
}

impl Children {
    /// Returns the task of a request with its log open; without one, the next that nobody uses.
    pub(super) fn named(&self, parsed: &Parsed) -> Result<Named, Error> {
        // What keeps the registry from being written keeps its logs from being made.
        self.registry.prepare()?;
        let namespace = parsed.namespace.as_str();
        if let Some(task) = &parsed.task {
            let log = self.log_of(namespace, task.as_str());
            let file = logs::open(&log)?;
            return Ok(Named { task: task.clone(), log, file, is_claimed: false });
        }
        let loaded = self.registry.read()?;
        for number in 1..=TASK_NUMBER_MAX {
            let Ok(task) = TaskId::parse(&format!("task-{number}")) else { break };
            let mut entries = loaded.registry.list_by_namespace(&parsed.namespace);
            if entries.any(|info| info.task_id.as_ref() == Some(&task)) {
                continue;
            }
            let log = self.log_of(namespace, task.as_str());
            // Who makes the log has the name.
            if let Some(file) = logs::claim(&log)? {
                return Ok(Named { task, log, file, is_claimed: true });
            }
        }
        let message = format!("{TASK_NUMBER_MAX} tasks of `{namespace}` have no name of their own");
        Err(Error::new(ErrorKind::Conflict, message).with_hint("name this one with `--task`"))
    }

    /// Makes us the owner of the child of a task that lives and that nobody looks after, if there is
    /// one and it is the same program.
    pub(super) fn adopt(
        &self,
        parsed: &Parsed,
        task: &TaskId,
        state: &RestartState,
    ) -> Result<Option<ProcessInfo>, Error> {
        let loaded = self.registry.read()?;
        if adoptable(&loaded.registry, parsed, task).is_none() {
            return Ok(None);
        }
        let mut key = None;
        let committed = self.registry.change(now_ms(), |registry| {
            let Some(info) = adoptable(registry, parsed, task) else { return Ok(Vec::new()) };
            key = Some(info.key());
            Ok::<_, Error>(adopted(info, state))
        })?;
        self.tell(&committed.notices);
        Ok(key.and_then(|key| committed.registry.entry(&key).cloned()))
    }
}

impl Starting<'_> {
    /// Starts the child; nothing of it runs before it is recorded, and nothing at all when another
    /// one of its task lives.
    pub(super) fn start(&self, log: File) -> Result<(ProcessInfo, process::Child), Refusal> {
        let Self { children, parsed, .. } = self;
        // Found out before anything is started.
        let loaded = children.registry.read()?;
        self.room(&loaded.registry)?;
        let request = &parsed.request;
        let run_id = Uuid::now_v7();
        let program = ChildProgram {
            run: request.command.clone(),
            env: request.env.clone(),
            cwd: match &request.cwd {
                Some(cwd) => children.folder.join(cwd),
                None => children.folder.clone(),
            },
            log,
            limits: request.limits.to_limits(),
            run_id,
        };
        let mut recorded = None;
        let started = start(program, |pid, identity| {
            let info = self.entry(pid, identity);
            let committed = children.registry.change(now_ms(), |registry| {
                let mut deltas = self.room(registry)?;
                deltas.push(Delta::Add(info.clone()));
                Ok::<_, Refusal>(deltas)
            })?;
            children.tell(&committed.notices);
            recorded = Some(info);
            Ok::<_, Refusal>(())
        });
        match (started, recorded) {
            (Ok(child), Some(info)) => Ok((info, child)),
            (Err(NotStarted::Unrecorded(refusal)), _) => Err(refusal),
            (Err(NotStarted::Invalid(why)), _) => Err(Error::new(ErrorKind::Invalid, why).into()),
            (Err(NotStarted::System(error)), recorded) => {
                if let Some(info) = recorded {
                    // It was ended at its gate.
                    children.registry.commit(&[Delta::Remove(info.key())], now_ms())?;
                }
                Err(self.cannot_start(&error).into())
            }
            (Ok(_), None) => {
                Err(self.cannot_start(&io::Error::other("it was not recorded")).into())
            }
        }
    }

    fn entry(&self, pid: u32, identity: ChildIdentity) -> ProcessInfo {
        let Self { children, parsed, task, .. } = self;
        let request = &parsed.request;
        let log = children.log_of(parsed.namespace.as_str(), task.as_str());
        let below = children.path().parent().and_then(|folder| log.strip_prefix(folder).ok());
        let log = below.unwrap_or(&log).to_string_lossy().into_owned();
        let (command, args) = request.command.split_first().map_or_else(
            || (String::new(), Vec::new()),
            |(command, args)| (command.clone(), args.to_vec()),
        );
        let metadata = ProcessMetadata {
            command,
            args,
            namespace: parsed.namespace.clone(),
            task_id: Some((*task).clone()),
            start_time: now_ms(),
            parent_pid: Some(process::id()),
            identity: Some(ChildIdentity {
                owner: self.is_owned.then(this_owner),
                log: Some(log),
                restart: self.restart.cloned(),
                limits: request.limits.to_recorded(),
                ..identity
            }),
        };
        ProcessInfo::new(pid, metadata)
    }

    /// Returns the changes that make room for a child of the task, whose others are all over.
    fn room(&self, registry: &ProcessRegistry) -> Result<Vec<Delta>, Refusal> {
        let Self { parsed, task, last, .. } = self;
        let mut room = Vec::new();
        for info in of_task(registry, &parsed.namespace, task) {
            let key = info.key();
            if Some(&key) == *last {
                if is_ending(info) {
                    return Err(Refusal::Unwanted);
                }
            } else {
                refuse_if_there(&Child::of(info), task)?;
            }
            room.push(Delta::Remove(key));
        }
        Ok(room)
    }

    fn cannot_start(&self, error: &io::Error) -> Error {
        let name = self.parsed.request.command.first().map_or("", String::as_str);
        let kind = match error.kind() {
            io::ErrorKind::ArgumentListTooLong | io::ErrorKind::InvalidInput => ErrorKind::Invalid,
            io::ErrorKind::PermissionDenied => ErrorKind::Denied,
            io::ErrorKind::Unsupported => ErrorKind::Invalid,
            _ => ErrorKind::Io,
        };
        Error::new(kind, format!("cannot start `{}`: {error}", name.escape_debug()))
    }
}

/// Refuses a second child of a task while there is one, or nobody can tell whether there is.
pub(super) fn refuse_if_there(child: &Child, task: &TaskId) -> Result<(), Error> {
    let info = &child.info;
    let (pid, namespace) = (info.pid, &info.namespace);
    let (what, hint) = if child.is_live() {
        let hint = format!("`procside kill {pid}` ends it");
        (format!("`{task}` of `{namespace}` runs already, as {pid}"), hint)
    } else if child.status == ProcessStatus::Stale && child.certainty == Certainty::Unknown {
        let hint = "look at it, and remove its entry when it is not";
        (format!("{pid} may be `{task}` of `{namespace}`: {}", child.reason), hint.to_owned())
    } else if child.is_restarting() {
        let hint = format!("`procside kill {task}` ends that");
        (format!("`{task}` of `{namespace}` is kept running, and starts again soon"), hint)
    } else {
        return Ok(());
    };
    let owner = info.identity.as_ref().and_then(|identity| identity.owner.as_ref());
    let details = json!({
        "pid": pid,
        "namespace": namespace.as_str(),
        "taskId": task.as_str(),
        "owner": owner.map(|owner| owner.pid),
    });
    Err(Error::new(ErrorKind::Conflict, what).with_hint(hint).with_details(details))
}

/// Returns the only child of a task that lives, when nobody looks after it and it is this program.
pub(super) fn adoptable<'a>(
    registry: &'a ProcessRegistry,
    parsed: &Parsed,
    task: &TaskId,
) -> Option<&'a ProcessInfo> {
    let mut living =
        of_task(registry, &parsed.namespace, task).filter(|info| Child::of(info).is_live()).fuse();
    let (info, None) = (living.next()?, living.next()) else { return None };
    let is_nobodys = match Child::of(info).status {
        ProcessStatus::Orphaned => true,
        ProcessStatus::Running => is_detached(info),
        ProcessStatus::Other(_) | ProcessStatus::Stale | ProcessStatus::Stopped => false,
    };
    let is_same = parsed
        .request
        .command
        .split_first()
        .is_some_and(|(command, args)| info.command == *command && info.args == args);
    (is_nobodys && is_same && !is_ending(info)).then_some(info)
}

pub(super) fn of_task<'a>(
    registry: &'a ProcessRegistry,
    namespace: &Namespace,
    task: &TaskId,
) -> impl Iterator<Item = &'a ProcessInfo> {
    let entries = registry.list_by_namespace(namespace);
    let task = task.clone();
    entries.filter(move |info| info.task_id.as_ref() == Some(&task))
}

/// Returns a path as people see it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
