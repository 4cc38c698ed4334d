//! Starting a child, alone or with somebody who keeps it running.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    process::{self, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use procreg::{Delta, Exit, ProcessInfo, ProcessStatus, RestartPolicy};
use serde_json::{Value, json};

use super::{
    open::{Children, now_ms},
    outcome::{Child, Spawned},
    request::{Parsed, SpawnRequest},
    starting::{Named, Refusal, Starting, adoptable, of_task, refuse_if_there},
};
use crate::error::{Error, ErrorKind};

/// How long a program that supervises may take until its child runs: twice what it may wait for a
/// lock, and some more.
const SUPERVISOR_WAIT: Duration = Duration::from_secs(15);

impl Children {
    /// Starts a child, and returns when it runs and that is recorded durably.
    ///
    /// With a restart policy, the program that supervises is started, which looks after the child
    /// from then on; it adopts the child of this task that lives when nobody looks after it.
    /// Without one, see [`SpawnRequest::detached`].
    ///
    /// # Errors
    /// `Conflict` when a child of this task lives, with `details.pid`; `Invalid` for a program that
    /// cannot be started; `Locked`, and whatever the disk says. Nothing runs then.
    pub fn spawn(&self, request: SpawnRequest) -> Result<Spawned, Error> {
        let parsed = request.parse()?;
        if self.dry {
            return self.would_spawn(&parsed);
        }
        if parsed.request.restart != RestartPolicy::Never {
            return self.spawn_supervised(parsed);
        }
        let named = self.named(&parsed)?;
        let started = self.spawn_alone(&parsed, &named);
        if started.is_err() {
            named.give_back();
        }
        started
    }

    fn spawn_alone(&self, parsed: &Parsed, named: &Named) -> Result<Spawned, Error> {
        let is_owned = !parsed.request.detached;
        let starting = Starting {
            children: self,
            parsed,
            task: &named.task,
            is_owned,
            restart: None,
            last: None,
        };
        let log = named.file.try_clone().map_err(|error| {
            Error::new(ErrorKind::Io, format!("cannot use the log of a child: {error}"))
        })?;
        let (info, child) = starting.start(log).map_err(error_of)?;
        let spawned = Spawned { child: Child::of(&info), is_adopted: false };
        self.notice_end(info, child, is_owned);
        Ok(spawned)
    }

    /// Waits for the end of a child beside, and records it when we look after the child.
    fn notice_end(&self, info: ProcessInfo, mut child: process::Child, records: bool) {
        let registry = self.registry.clone();
        let wait = move || {
            let Ok(status) = child.wait() else { return };
            let exit = Exit {
                code: status.code(),
                signal: status.signal(),
                at: now_ms(),
                ..Exit::default()
            };
            if records {
                // Else it is stale, which is true as well.
                let _ = registry.commit(&[Delta::SeenExit(info.key(), exit)], now_ms());
            }
        };
        // Without a thread it ends unseen.
        let _ = thread::Builder::new().name("procside-child-end".to_owned()).spawn(wait);
    }

    /// Starts the program that supervises, and waits until its child runs.
    fn spawn_supervised(&self, mut parsed: Parsed) -> Result<Spawned, Error> {
        let Some((program, args)) = self.supervisor.split_first() else {
            let message = "no program is configured that keeps a child running";
            let hint = "call `Children::supervise`, or name a `supervisor` when opening";
            return Err(Error::new(ErrorKind::Invalid, message).with_hint(hint));
        };
        // Found out before the one who would keep it running is started.
        self.refuse_second(&parsed)?;
        let named = self.named(&parsed)?;
        parsed.request.task = Some(named.task.as_str().to_owned());
        let stderr = named.file.try_clone().map_or_else(|_| Stdio::null(), Stdio::from);
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.folder).env_remove("PROCSIDE_RUN_ID");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let spawned = command
            .spawn()
            .map_err(|error| {
                let program = program.to_string_lossy();
                Error::new(ErrorKind::Io, format!("cannot start `{program}`: {error}"))
            })
            .and_then(|supervisor| self.hand_over(&parsed, supervisor));
        match spawned {
            Ok((pid, is_adopted)) => self.find_spawned(&parsed, &named, pid, is_adopted),
            Err(error) => {
                named.give_back();
                Err(error)
            }
        }
    }

    /// Gives a request to the program that supervises; returns the child, and whether it was adopted.
    fn hand_over(
        &self,
        parsed: &Parsed,
        mut supervisor: process::Child,
    ) -> Result<(u32, bool), Error> {
        let mut request = parsed.request.to_value();
        request["registry"] = self.path().to_string_lossy().into();
        request["strict"] = self.strict.into();
        request["folder"] = self.folder.to_string_lossy().into();
        if let Some(mut stdin) = supervisor.stdin.take() {
            // Who does not read it says so by its end.
            let _ = stdin.write_all(request.to_string().as_bytes());
        }
        let answer = supervisor.stdout.take().and_then(first_line);
        let answer = answer.and_then(|line| serde_json::from_str::<Value>(&line).ok());
        let handed = match &answer {
            Some(answer) if answer["ok"] == true => {
                let pid = answer["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
                Ok((pid.unwrap_or(0), answer["adopted"] == true))
            }
            Some(answer) => Err(Error::of_value(&answer["error"])),
            None => {
                // It is ours, and nobody else has its number before it is waited for.
                let _ = supervisor.kill();
                let message = "the program that supervises did not say that its child runs";
                Err(Error::new(ErrorKind::Io, message).with_hint("its log may tell why"))
            }
        };
        let wait = move || supervisor.wait();
        let _ = thread::Builder::new().name("procside-supervisor".to_owned()).spawn(wait);
        handed
    }

    fn find_spawned(
        &self,
        parsed: &Parsed,
        named: &Named,
        pid: u32,
        is_adopted: bool,
    ) -> Result<Spawned, Error> {
        let loaded = self.registry.read()?;
        let mut entries = of_task(&loaded.registry, &parsed.namespace, &named.task);
        let by_pid =
            loaded.registry.get(pid).filter(|info| info.task_id.as_ref() == Some(&named.task));
        // It may have ended, and another one have been started.
        let info = by_pid.or_else(|| entries.next());
        let info = info.ok_or_else(|| {
            let message = format!("`{}` ran, and its entry was removed", named.task);
            Error::new(ErrorKind::Conflict, message)
        })?;
        Ok(Spawned { child: Child::of(info), is_adopted })
    }

    /// Refuses a second child of a task, unless the first one is to be adopted.
    fn refuse_second(&self, parsed: &Parsed) -> Result<(), Error> {
        let Some(task) = &parsed.task else { return Ok(()) };
        let loaded = self.registry.read()?;
        let keeps = parsed.request.restart != RestartPolicy::Never;
        if keeps && adoptable(&loaded.registry, parsed, task).is_some() {
            return Ok(());
        }
        of_task(&loaded.registry, &parsed.namespace, task)
            .try_for_each(|info| refuse_if_there(&Child::of(info), task))
    }

    /// Says what would be started.
    fn would_spawn(&self, parsed: &Parsed) -> Result<Spawned, Error> {
        self.refuse_second(parsed)?;
        let mut command = parsed.request.command.iter().cloned();
        let info = ProcessInfo {
            command: command.next().unwrap_or_default(),
            args: command.collect(),
            namespace: parsed.namespace.clone(),
            task_id: parsed.task.clone(),
            start_time: now_ms(),
            status: ProcessStatus::Stopped,
            ..ProcessInfo::default()
        };
        let mut child = Child::of(&info);
        child.reason = "it would be started".to_owned();
        Ok(Spawned { child, is_adopted: false })
    }
}

/// Returns the answer of a program that supervises, as its parent reads it.
pub(super) fn answer_of(spawned: Result<&Spawned, &Error>) -> Value {
    match spawned {
        Ok(spawned) => {
            json!({"ok": true, "pid": spawned.child.info.pid, "adopted": spawned.is_adopted})
        }
        Err(error) => json!({"ok": false, "error": error.to_value()}),
    }
}

/// Returns the first line that somebody writes; nothing when none comes in time.
fn first_line(out: ChildStdout) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    let read = move || {
        let mut line = String::new();
        let read = BufReader::new(out).read_line(&mut line);
        let _ = sender.send(read.is_ok().then_some(line));
    };
    thread::Builder::new().name("procside-answer".to_owned()).spawn(read).ok()?;
    let line = receiver.recv_timeout(SUPERVISOR_WAIT).ok()??;
    line.ends_with('\n').then_some(line)
}

pub(super) fn error_of(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Error(error) => error,
        Refusal::Unwanted => Error::new(ErrorKind::Conflict, "somebody asked for its end"),
    }
}
