//! Keeping a child running.

use std::{
    io::PipeReader,
    path::PathBuf,
    process,
    sync::{Arc, Mutex, PoisonError},
};

use process_runtime::children::{
    GRACE, StartFailed, Starter, Supervised, Supervision, SupervisionEnd, Told,
};
use process_store::logs;
use procreg::{Backoff, EntryKey, ProcessInfo, RestartPolicy, RestartState, TaskId};
use serde_json::Value;

use super::{
    open::{Children, ChildrenOptions, now_ms},
    outcome::{Child, Spawned},
    request::{Parsed, SpawnRequest},
    spawn::answer_of,
    starting::{Refusal, Starting},
};
use crate::error::{Error, ErrorKind};

impl Children {
    /// Keeps a child running until its policy leaves it ended, somebody ends it, or the other side of
    /// `stop` is dropped, which ends it.
    ///
    /// The child of this task that lives is adopted when nobody looks after it and it is the same
    /// program. `running` is called once, when the child runs and that is recorded; `tell` with all
    /// that happens.
    ///
    /// # Errors
    /// As [`Children::spawn`], as long as the child has never run.
    pub fn supervise(
        &self,
        request: SpawnRequest,
        stop: &PipeReader,
        running: &mut dyn FnMut(&Spawned),
        tell: &mut dyn FnMut(&Told),
    ) -> Result<SupervisionEnd, Error> {
        let parsed = request.parse()?;
        let named = self.named(&parsed)?;
        let policy = parsed.request.restart.clone();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let supervision = Supervision {
            registry: self.registry.clone(),
            starter: Keeper {
                children: self.clone(),
                parsed,
                task: named.task.clone(),
                log: named.log.clone(),
                seen: seen.clone(),
            },
            backoff: Backoff::default(),
            grace: GRACE,
            log: named.log.clone(),
            clock: now_ms,
        };
        let state = RestartState { policy, ..RestartState::default() };
        let mut is_told = false;
        let end = supervision.run(state, stop, &mut |told| {
            let info = seen.lock().unwrap_or_else(PoisonError::into_inner).info.take();
            if let Some(info) = info.filter(|_| !is_told) {
                is_told = true;
                let is_adopted = matches!(told, Told::Adopted(_));
                running(&Spawned { child: Child::of(&info), is_adopted });
            }
            // What was wrong from the start is told by the error.
            if is_told {
                tell(&told);
            }
        });
        let error = seen.lock().unwrap_or_else(PoisonError::into_inner).error.take();
        match error.filter(|_| !is_told) {
            Some(error) => {
                named.give_back();
                Err(error)
            }
            None => Ok(end),
        }
    }

    /// Does what the program that supervises is there for: reads the request that
    /// [`Children::spawn`] gave it, and keeps the child running in a session of its own.
    ///
    /// `answer` is called once, with the line for whoever asked.
    ///
    /// # Errors
    /// `Invalid` when it is no such request, and as [`Children::supervise`]; they were answered.
    pub fn supervise_request(
        request: &str,
        stop: &PipeReader,
        answer: &mut dyn FnMut(&Value),
        tell: &mut dyn FnMut(&Told),
    ) -> Result<SupervisionEnd, Error> {
        // It fails for the leader of a group, who has a terminal of its own.
        let _ = rustix::process::setsid();
        let supervised = Self::of_request(request).and_then(|(children, request)| {
            children.supervise(request, stop, &mut |spawned| answer(&answer_of(Ok(spawned))), tell)
        });
        if let Err(error) = &supervised {
            answer(&answer_of(Err(error)));
        }
        supervised
    }

    fn of_request(request: &str) -> Result<(Self, SpawnRequest), Error> {
        let refused = || Error::new(ErrorKind::Invalid, "the request to supervise cannot be read");
        let value: Value = serde_json::from_str(request).map_err(|_| refused())?;
        let path = |key: &str| value[key].as_str().map(PathBuf::from);
        let folder = path("folder").ok_or_else(refused)?;
        let options = ChildrenOptions {
            registry: Some(path("registry").ok_or_else(refused)?),
            strict: value["strict"] == true,
            ..ChildrenOptions::default()
        };
        Ok((Self::open(folder, options)?, SpawnRequest::of_value(&value)))
    }
}

/// What the one who starts children lets the others see.
#[derive(Default)]
struct Seen {
    /// The last error.
    error: Option<Error>,
    /// The last child.
    info: Option<ProcessInfo>,
}

/// What finds or starts the child of a supervision.
struct Keeper {
    children: Children,
    parsed: Parsed,
    task: TaskId,
    log: PathBuf,
    seen: Arc<Mutex<Seen>>,
}

impl Keeper {
    fn try_start(
        &self,
        last: Option<&EntryKey>,
        state: &RestartState,
    ) -> Result<(ProcessInfo, Option<process::Child>), Refusal> {
        if last.is_none()
            && let Some(info) = self.children.adopt(&self.parsed, &self.task, state)?
        {
            return Ok((info, None));
        }
        let starting = Starting {
            children: &self.children,
            parsed: &self.parsed,
            task: &self.task,
            is_owned: true,
            restart: (state.policy != RestartPolicy::Never).then_some(state),
            last,
        };
        let log = logs::open(&self.log)?;
        starting.start(log).map(|(info, child)| (info, Some(child)))
    }
}

impl Starter for Keeper {
    fn start(
        &mut self,
        last: Option<&EntryKey>,
        state: &RestartState,
    ) -> Result<Option<Supervised>, StartFailed> {
        let started = self.try_start(last, state);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match started {
            Ok((info, child)) => {
                seen.info = Some(info.clone());
                Ok(Some(Supervised { info, child }))
            }
            Err(Refusal::Unwanted) => Ok(None),
            Err(Refusal::Error(error)) => {
                let failed = StartFailed {
                    why: error.message().to_owned(),
                    // Another one of this task must not be joined by ours.
                    may_pass: error.kind() != ErrorKind::Conflict,
                };
                seen.error = Some(error);
                Err(failed)
            }
        }
    }
}
